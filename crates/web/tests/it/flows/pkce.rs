//! PKCE (RFC 7636): who must use it, what a challenge and a verifier are, what a wrong one costs.

use domain::PkcePolicy;

use crate::support::{Challenge, Consent, stories, with, without};

const CALLBACK: &str = "https://app.example.com/callback";
const PLAYER: &str = "https://player.example.com/cb";
const WRONG: &str = "wrong-wrong-wrong-wrong-wrong-wrong-wrong-wrong";

const WITHOUT_PKCE: Consent<'static> =
    Consent { user: "alice", scope: Some("read"), pkce: false, more: &[] };

fn invalid_grant() -> (u16, String) {
    (400, "invalid_grant".to_owned())
}

stories! {
    // B-04, PK-02, V10.4.6, BA-01, W-48
    async fn a_public_client_needs_pkce(app) {
        for identifier in ["web-player", "cli-tool"] {
            let client = app.client(identifier);
            let redirect_uri = client.redirect_uri();
            let mut browser = app.browser("alice").await;
            let valid = client.request(&Consent::default());
            for request in [
                without(&without(&valid, "code_challenge"), "code_challenge_method"),
                without(&valid, "code_challenge"),
                with(&valid, "code_challenge", ""),
            ] {
                let reply = browser.authorize(&request).await;
                reply.expect_error_at(redirect_uri, "invalid_request");
            }
            browser.authorize(&valid).await.expect_consent();
        }
        assert_eq!(app.code_count().await, 0);
    }

    // B-04, PK-02
    async fn an_account_may_require_pkce_of_every_client(app) {
        let client = app.client("photo-album");
        let code = client.code(&WITHOUT_PKCE).await;
        client.token(&without(&client.claim(&code), "code_verifier")).await.expect(200);
        app.change_account(|account| account.pkce = PkcePolicy::AllClients).await;
        for identifier in ["photo-album", "legacy-sync"] {
            let request = app.client(identifier).request(&WITHOUT_PKCE);
            let reply = app.browser("alice").await.authorize(&request).await;
            reply.expect_error_at(app.client(identifier).redirect_uri(), "invalid_request");
        }
        client.tokens(&Consent::default()).await;
    }

    // PK-03, P-01, V10.4.6, W-48
    async fn only_s256_is_a_method(app) {
        for identifier in ["photo-album", "web-player"] {
            let client = app.client(identifier);
            let mut browser = app.browser("alice").await;
            let valid = client.request(&Consent::default());
            let short = &Challenge::RFC.challenge[1..];
            let padded = format!("{}=", Challenge::RFC.challenge);
            for (name, value) in [
                ("code_challenge_method", ""),
                ("code_challenge_method", "plain"),
                ("code_challenge_method", "s256"),
                ("code_challenge_method", "S512"),
                ("code_challenge_method", "S256 "),
                ("code_challenge", short),
                ("code_challenge", &padded),
                ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM"),
                ("code_challenge", WRONG),
            ] {
                let reply = browser.authorize(&with(&valid, name, value)).await;
                reply.expect_error_at(client.redirect_uri(), "invalid_request");
            }
        }
    }

    // PK-03: what is stored is a hash, so a challenge that is its verifier proves nothing.
    async fn a_challenge_is_not_its_own_verifier(app) {
        let client = app.client("web-player");
        let verifier = Challenge::RFC.verifier;
        let mut browser = app.browser("alice").await;
        let request = with(&client.request(&Consent::default()), "code_challenge", verifier);
        let page = browser.authorize(&request).await.expect_consent();
        let code = browser.allow(&page, &[]).await.expect_code_at(PLAYER);
        assert_eq!(client.redeem(&code).await.error(), invalid_grant());
    }

    // B-05, PK-02, W-58, V10.4.6
    async fn a_challenge_that_was_sent_is_enforced(app) {
        for identifier in ["web-player", "photo-album", "legacy-sync"] {
            let client = app.client(identifier);
            let code = client.code(&Consent::default()).await;
            let claim = client.claim(&code);
            let blank = " ".repeat(43);
            for verifier in ["", " ", &blank, "short"] {
                let reply = client.token(&with(&claim, "code_verifier", verifier)).await;
                assert_eq!(reply.error(), invalid_grant(), "{identifier} {verifier:?}");
            }
            let missing = client.token(&without(&claim, "code_verifier")).await;
            assert_eq!(missing.error(), invalid_grant());
            // What was wrong did not use the code up.
            client.redeem(&code).await.expect(200);
        }
    }

    // B-05, W-58
    async fn a_wrong_verifier_is_refused(app) {
        let client = app.client("web-player");
        let code = client.code(&Consent::default()).await;
        let claim = client.claim(&code);
        for verifier in [
            WRONG,
            Challenge::RFC.challenge,
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXK",
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXkA",
        ] {
            let reply = client.token(&with(&claim, "code_verifier", verifier)).await;
            assert_eq!(reply.error(), invalid_grant(), "{verifier}");
        }
        client.redeem(&code).await.expect(200);
    }

    // B-06, PK-01, W-58
    async fn a_verifier_without_a_challenge_is_a_downgrade(app) {
        for identifier in ["photo-album", "legacy-sync"] {
            let client = app.client(identifier);
            let code = client.code(&WITHOUT_PKCE).await;
            for verifier in [Challenge::RFC.verifier, "x", WRONG] {
                let claim = with(&client.claim(&code), "code_verifier", verifier);
                let reply = client.token(&claim).await;
                assert_eq!(reply.error(), invalid_grant(), "{identifier} {verifier}");
            }
            client.token(&without(&client.claim(&code), "code_verifier")).await.expect(200);
        }
    }

    // B-06, W-60: a verifier may stand in for the secret of kind `unknown`, but not for nothing.
    async fn a_verifier_alone_does_not_redeem_what_has_no_challenge(app) {
        let mut client = app.client("legacy-sync");
        let code = client.code(&WITHOUT_PKCE).await;
        client.secret = None;
        assert_eq!(client.redeem(&code).await.error(), invalid_grant());
    }

    // P-02
    async fn a_verifier_has_43_to_128_unreserved_characters(app) {
        let client = app.client("web-player");
        for (verifier, accepted) in [
            ("~".repeat(42), false),
            ("~".repeat(43), true),
            ("-._~".repeat(32), true),
            ("~".repeat(129), false),
            (format!("{}+", "a".repeat(43)), false),
            (format!("{}%20", "a".repeat(43)), false),
            (format!("{}é", "a".repeat(43)), false),
        ] {
            let challenge = challenge_of(&verifier);
            let mut browser = app.browser("alice").await;
            let request = with(&client.request(&Consent::default()), "code_challenge", &challenge);
            let reply = browser.authorize(&request).await;
            let reply = if reply.status == 200 { browser.allow(&reply, &[]).await } else { reply };
            let code = reply.expect_code_at(PLAYER);
            let reply = client.token(&with(&client.claim(&code), "code_verifier", &verifier)).await;
            assert_eq!(reply.status == 200, accepted, "{verifier}: {}", reply.body);
            if !accepted {
                assert_eq!(reply.error(), invalid_grant());
            }
        }
    }

    // PK-05
    async fn the_fifth_wrong_verifier_uses_the_code_up(app) {
        let client = app.client("web-player");
        for (wrong_count, redeems) in [(4, true), (5, false), (10, false)] {
            let code = client.code(&Consent::default()).await;
            for _ in 0..wrong_count {
                let claim = with(&client.claim(&code), "code_verifier", WRONG);
                assert_eq!(client.token(&claim).await.error(), invalid_grant());
            }
            let reply = client.redeem(&code).await;
            assert_eq!(reply.status == 200, redeems, "after {wrong_count}: {}", reply.body);
        }
    }

    // PK-05: guesses that come at once are counted one by one.
    async fn wrong_verifiers_are_counted_when_they_race(app) {
        let client = app.client("web-player");
        let code = client.code(&Consent::default()).await;
        let wrong = with(&client.claim(&code), "code_verifier", WRONG);
        let guesses = (0..10).map(|_| client.posting("/oauth/tokens", &wrong)).collect();
        for reply in app.race(guesses).await {
            assert_eq!(reply.error(), invalid_grant());
        }
        assert_eq!(client.redeem(&code).await.error(), invalid_grant());
    }

    // PK-05: nobody else can use a code up.
    async fn guesses_of_another_client_cost_the_code_nothing(app) {
        let client = app.client("web-player");
        let code = client.code(&Consent::default()).await;
        for _ in 0..10 {
            let claim = with(&client.claim(&code), "code_verifier", WRONG);
            let reply = app.client("cli-tool").token(&claim).await;
            assert_eq!(reply.error(), invalid_grant());
        }
        client.redeem(&code).await.expect(200);
    }

    // PK-06
    async fn a_challenge_that_comes_twice_is_recorded(app) {
        let action = "incident.pkce_challenge_reused";
        let client = app.client("web-player");
        let first = client.code(&Consent::default()).await;
        assert_eq!(app.events(action).await.len(), 0);
        for count in 1..5 {
            client.code(&Consent::default()).await;
            assert_eq!(app.events(action).await.len(), count);
        }
        let event = app.events(action).await.remove(0);
        let registered = app.registered("web-player").await;
        assert_eq!(event.target, ("client".to_owned(), registered.id.get()));
        assert!(event.details.contains(&app.user("alice").await.id.to_string()));
        // It is a warning: the codes work. Another challenge, user or client is none.
        client.redeem(&first).await.expect(200);
        let other = challenge_of(WRONG);
        let request = with(&client.request(&Consent::default()), "code_challenge", &other);
        app.browser("alice").await.authorize(&request).await.expect_code_at(PLAYER);
        client.code(&Consent { user: "bob", ..Consent::default() }).await;
        app.client("photo-album").code(&Consent::default()).await;
        assert_eq!(app.events(action).await.len(), 4);
    }

    // PK-02
    async fn a_refused_request_leaves_no_code_behind(app) {
        let client = app.client("photo-album");
        client.tokens(&Consent::default()).await;
        let codes_before = app.code_count().await;
        let plain = with(&client.request(&Consent::default()), "code_challenge_method", "plain");
        let reply = app.browser("alice").await.authorize(&plain).await;
        reply.expect_error_at(CALLBACK, "invalid_request");
        assert_eq!(app.code_count().await, codes_before);
    }
}

/// The S256 challenge of any text, be it a verifier or not.
fn challenge_of(verifier: &str) -> String {
    use base64::Engine as _;
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, verifier.as_bytes());
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(hash)
}

//! The code exchange at the token endpoint, the order of its checks, and what replies look like.

use domain::Lifetime;
use serde_json::json;
use store::testing::{self, Hideable};

use crate::support::{ClientActor, Consent, Reply, RequestBuilder, TestApp, stories};

const PATH: &str = "/oauth/tokens";
const READ_AND_CALENDAR: Consent<'_> =
    Consent { user: "alice", scope: Some("read calendar:read"), pkce: true, more: &[] };
const WITHOUT_PKCE: Consent<'_> =
    Consent { user: "alice", scope: Some("read"), pkce: false, more: &[] };

/// Redeems a code with one field given another value, or left out.
async fn redeem_with(
    client: &ClientActor<'_>,
    code: &str,
    (name, value): (&str, Option<&str>),
) -> Reply {
    let mut fields: Vec<_> = client.claim(code).into_iter().filter(|it| it.0 != name).collect();
    fields.extend(value.map(|value| (name, value)));
    client.token(&fields).await
}

fn refused(reply: &Reply, error: &str) {
    let status = if error == "invalid_client" { 401 } else { 400 };
    assert_eq!(reply.error(), (status, error.to_owned()), "{}", reply.body);
    let challenge = (error == "invalid_client").then_some(r#"Basic realm="Consentry""#);
    assert_eq!(reply.header("www-authenticate"), challenge);
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert!(reply.credentials().is_empty(), "{}", reply.body);
}

async fn are_alive(app: &TestApp, tokens: &Reply) -> (bool, bool) {
    let client = app.client("photo-album");
    let access = client.is_active(&tokens.text("access_token")).await;
    (access, client.is_active(&tokens.text("refresh_token")).await)
}

stories! {
    // W-52
    /// A code is redeemed by form, by JSON and with Basic credentials alike.
    async fn a_code_is_redeemed_by_form_by_json_and_with_basic(app) {
        let client = app.client("photo-album");
        let secret = client.secret.expect("it is confidential");
        let code = client.code(&Consent::default()).await;
        client.redeem(&code).await.expect(200);

        let code = client.code(&Consent::default()).await;
        let mut body = json!({"client_id": client.identifier, "client_secret": secret});
        for (name, value) in client.claim(&code) {
            body[name] = value.into();
        }
        app.send(RequestBuilder::post(PATH).json(&body)).await.expect(200);

        let code = client.code(&Consent::default()).await;
        let request = RequestBuilder::post(PATH).basic(client.identifier, secret);
        app.send(request.form(&client.claim(&code))).await.expect(200);
    }

    // W-53, D-08
    /// A public client needs its verifier and nothing else; the defaults are said in full.
    async fn a_public_client_exchanges_a_code_with_its_verifier_alone(app) {
        let client = app.client("web-player");
        let reply = client.tokens(&Consent::default()).await;
        let json = reply.json();
        let keys: Vec<_> = json.as_object().expect("an object").keys().cloned().collect();
        let expected = [
            "access_token",
            "expires_in",
            "refresh_token",
            "refresh_token_expires_in",
            "scope",
            "token_type",
        ];
        assert_eq!(keys, expected);
        assert_eq!(json["token_type"], "bearer");
        assert_eq!(json["scope"], "read");
        assert_eq!(json["expires_in"], 1800);
        assert_eq!(json["refresh_token_expires_in"], 2_592_000);
        assert!(reply.text("access_token").starts_with("cstat_"));
        assert!(reply.text("refresh_token").starts_with("cstrt_"));
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        assert_eq!(reply.header("pragma"), Some("no-cache"));
        assert_eq!(reply.header("retry-after"), None);
        assert_eq!(reply.header("content-type"), Some("application/json; charset=utf-8"));
    }

    // W-54, D-06
    /// The exchange may narrow the scope; an unknown one is dropped, one never requested refused.
    async fn an_exchange_takes_part_of_the_authorized_scope(app) {
        let client = app.client("photo-album");
        let code = client.code(&READ_AND_CALENDAR).await;
        for never_requested in ["read write", "write", "read openid"] {
            let reply = redeem_with(&client, &code, ("scope", Some(never_requested))).await;
            refused(&reply, "invalid_scope");
        }
        let reply = redeem_with(&client, &code, ("scope", Some("read nonsense"))).await;
        assert_eq!(reply.expect(200).text("scope"), "read");

        let code = client.code(&READ_AND_CALENDAR).await;
        let reply = redeem_with(&client, &code, ("scope", Some("calendar:read"))).await;
        assert_eq!(reply.expect(200).text("scope"), "calendar:read");

        let code = client.code(&READ_AND_CALENDAR).await;
        assert_eq!(client.redeem(&code).await.text("scope"), "read calendar:read");

        let code = client.code(&READ_AND_CALENDAR).await;
        refused(&redeem_with(&client, &code, ("scope", Some("nonsense"))).await, "invalid_scope");
    }

    // D-06
    /// A scope that the user unticked is dropped at the exchange, not refused.
    async fn an_unticked_scope_is_dropped_at_the_exchange(app) {
        let client = app.client("photo-album");
        let consent = Consent { scope: Some("write calendar:read"), ..Consent::default() };
        let mut browser = app.browser("alice").await;
        let page = browser.authorize(&client.request(&consent)).await.expect(200);
        let code = browser.allow(&page, &[]).await.parameter("code").expect("a code");
        let asked = Some("write calendar:read");
        let reply = redeem_with(&client, &code, ("scope", asked)).await.expect(200);
        assert_eq!(reply.text("scope"), "write");
        let fields = [
            ("grant_type", "refresh_token"),
            ("refresh_token", &reply.text("refresh_token")),
            ("scope", "write calendar:read"),
        ];
        assert_eq!(client.token(&fields).await.expect(200).text("scope"), "write");
    }

    // W-55, B-14, V10.4.2
    /// A code works once; the second valid request ends what the first one got.
    async fn a_second_valid_exchange_revokes_what_the_first_one_got(app) {
        let client = app.client("photo-album");
        let code = client.code(&Consent::default()).await;
        let tokens = client.redeem(&code).await.expect(200);
        assert_eq!(are_alive(app, &tokens).await, (true, true));
        refused(&client.redeem(&code).await, "invalid_grant");
        assert_eq!(are_alive(app, &tokens).await, (false, false));
        refused(&client.refresh(&tokens.text("refresh_token")).await, "invalid_grant");
        assert_eq!(app.events("incident.code_replayed").await.len(), 1);
    }

    // W-56, D-09
    /// A replay by somebody else, or with wrong values, harms nobody.
    async fn a_replay_without_possession_revokes_nothing(app) {
        let client = app.client("photo-album");
        let code = client.code(&Consent::default()).await;
        let tokens = client.redeem(&code).await.expect(200);
        let wrong = "a".repeat(43);
        for field in [
            ("code_verifier", Some(wrong.as_str())),
            ("code_verifier", None),
            ("redirect_uri", Some("https://app.example.com/b?x=1")),
        ] {
            refused(&redeem_with(&client, &code, field).await, "invalid_grant");
        }
        let thief = app.client("daily-report");
        refused(&thief.token(&client.claim(&code)).await, "invalid_grant");
        refused(&app.client("web-player").token(&client.claim(&code)).await, "invalid_grant");
        assert_eq!(are_alive(app, &tokens).await, (true, true));
        assert!(app.events("incident.code_replayed").await.is_empty());
    }

    // W-57, V10.4.3, D-07
    /// A code lasts for 60 seconds.
    async fn a_code_lasts_for_sixty_seconds(app) {
        let client = app.client("photo-album");
        let code = client.code(&Consent::default()).await;
        app.advance(Lifetime::seconds(60));
        refused(&client.redeem(&code).await, "invalid_grant");
        let code = client.code(&Consent::default()).await;
        app.advance_to_the_end_of(Lifetime::seconds(60));
        client.redeem(&code).await.expect(200);
    }

    // W-57
    /// The redirect URI is the one of the request, byte for byte; it is absent only with PKCE.
    async fn an_exchange_names_the_redirect_uri_of_the_request(app) {
        let client = app.client("photo-album");
        let code = client.code(&Consent::default()).await;
        for other in [
            "https://app.example.com/b?x=1",
            "https://app.example.com/callback/",
            "https://APP.example.com/callback",
            "https://app.example.com:443/callback",
        ] {
            let reply = redeem_with(&client, &code, ("redirect_uri", Some(other))).await;
            refused(&reply, "invalid_grant");
        }
        redeem_with(&client, &code, ("redirect_uri", None)).await.expect(200);

        let code = client.code(&WITHOUT_PKCE).await;
        let fields = [("grant_type", "authorization_code"), ("code", code.as_str())];
        refused(&client.token(&fields).await, "invalid_grant");
        let full = [fields[0], fields[1], ("redirect_uri", client.redirect_uri())];
        client.token(&full).await.expect(200);
    }

    // W-58, B-05, B-06
    /// The verifier belongs to the challenge: neither goes without the other.
    async fn a_verifier_belongs_to_a_challenge(app) {
        for name in ["photo-album", "web-player"] {
            let client = app.client(name);
            let code = client.code(&Consent::default()).await;
            let wrong = "w".repeat(64);
            for verifier in [None, Some(""), Some(wrong.as_str()), Some("too-short")] {
                let reply = redeem_with(&client, &code, ("code_verifier", verifier)).await;
                refused(&reply, "invalid_grant");
            }
            client.redeem(&code).await.expect(200);
        }
        let client = app.client("photo-album");
        let code = client.code(&WITHOUT_PKCE).await;
        refused(&client.redeem(&code).await, "invalid_grant");
        redeem_with(&client, &code, ("code_verifier", None)).await.expect(200);
    }

    // D-10
    /// The fifth wrong verifier uses a code up; failures of other kinds do not count.
    async fn five_wrong_verifiers_use_a_code_up(app) {
        let client = app.client("photo-album");
        let wrong = "w".repeat(43);
        for (failures, then) in [(4, 200), (5, 400)] {
            let code = client.code(&Consent::default()).await;
            for _ in 0..failures {
                let verifier = ("code_verifier", Some(wrong.as_str()));
                refused(&redeem_with(&client, &code, verifier).await, "invalid_grant");
                let scope = ("scope", Some("never-requested write"));
                assert_eq!(redeem_with(&client, &code, scope).await.status, 400);
            }
            client.redeem(&code).await.expect(then);
        }
    }

    // W-59, B-15, V10.4.10
    /// A verifier does not stand in for the secret of a confidential client.
    async fn a_confidential_client_needs_its_secret_beside_the_verifier(app) {
        let client = app.client("photo-album");
        let code = client.code(&Consent::default()).await;
        for secret in [None, Some("wrong-secret-000000000")] {
            let mut fields = vec![("client_id", client.identifier)];
            fields.extend(client.claim(&code));
            fields.extend(secret.map(|secret| ("client_secret", secret)));
            let reply = app.send(RequestBuilder::post(PATH).form(&fields)).await;
            refused(&reply, "invalid_client");
        }
        client.redeem(&code).await.expect(200);
    }

    // W-60
    /// A client of unknown kind brings its secret, or its verifier; a challenge always needs one.
    async fn a_client_of_unknown_kind_brings_secret_or_verifier(app) {
        let with_secret = app.client("legacy-sync");
        let without = app.client("legacy-sync").presenting(None);
        let code = with_secret.code(&WITHOUT_PKCE).await;
        refused(&redeem_with(&without, &code, ("code_verifier", None)).await, "invalid_client");
        refused(&without.redeem(&code).await, "invalid_grant");
        redeem_with(&with_secret, &code, ("code_verifier", None)).await.expect(200);

        let code = with_secret.code(&Consent::default()).await;
        refused(&redeem_with(&with_secret, &code, ("code_verifier", None)).await, "invalid_grant");
        refused(&redeem_with(&without, &code, ("code_verifier", None)).await, "invalid_client");
        let wrong = app.client("legacy-sync").presenting(Some("wrong-secret-000000000"));
        refused(&wrong.redeem(&code).await, "invalid_client");
        without.redeem(&code).await.expect(200);

        let code = with_secret.code(&Consent::default()).await;
        with_secret.redeem(&code).await.expect(200);
    }

    // W-61
    /// The integer id of a client is not its `client_id`.
    async fn the_integer_id_is_no_client_id(app) {
        let client = app.client("photo-album");
        let code = client.code(&Consent::default()).await;
        let id = app.registered("photo-album").await.id.to_string();
        let mut fields = vec![("client_id", id.as_str())];
        fields.push(("client_secret", client.secret.expect("it is confidential")));
        fields.extend(client.claim(&code));
        refused(&app.send(RequestBuilder::post(PATH).form(&fields)).await, "invalid_client");
    }

    /// Each check speaks before the next one: method, query, type, size, parse, grant type, client,
    /// kind, required values, lifetimes, grant, scope (zendesk-wire §6.7).
    async fn the_checks_come_in_their_order(app) {
        let query = "/oauth/tokens?grant_type=password";
        let oversized = "scope=a&scope=b&x=".to_owned() + &"x".repeat(70_000);
        let (form, text) = ("application/x-www-form-urlencoded", "text/plain");
        let sent = [
            (RequestBuilder::get(query).body(text, oversized.as_bytes()), 405, "POST only"),
            (RequestBuilder::post(query).body(text, oversized.as_bytes()), 400, "query"),
            (RequestBuilder::post(PATH).body(text, oversized.as_bytes()), 415, "must be"),
            (RequestBuilder::post(PATH).body(form, oversized.as_bytes()), 413, "too large"),
            (RequestBuilder::post(PATH).body(form, b"scope=a&scope=b"), 400, "scope is repeated"),
            (RequestBuilder::post(PATH).body(form, b"scope=%00"), 400, "NUL"),
            (RequestBuilder::post(PATH).body(form, b"expires_in=1"), 400, "grant_type is missing"),
        ];
        for (request, status, reason) in sent {
            let reply = app.send(request).await;
            assert_eq!(reply.error(), (status, "invalid_request".to_owned()));
            assert!(reply.text("error_description").contains(reason), "{}", reply.body);
        }
        let tokens = app.client("web-player").tokens(&Consent::default()).await;
        let refresh_token = tokens.text("refresh_token");
        let steps = [
            (vec![("grant_type", "foo"), ("expires_in", "1")], "unsupported_grant_type", ""),
            (vec![("grant_type", "client_credentials")], "invalid_client", "failed"),
            (vec![("client_id", "web-player")], "unauthorized_client", ""),
            (vec![("grant_type", "refresh_token")], "invalid_request", "refresh_token is missing"),
            (vec![("refresh_token", "wrong")], "invalid_request", "expires_in"),
            (vec![("expires_in", "300"), ("scope", "write")], "invalid_grant", ""),
            (vec![("refresh_token", refresh_token.as_str())], "invalid_scope", ""),
        ];
        let mut fields = std::collections::BTreeMap::from([("client_id", "nobody")]);
        for (mended, error, reason) in steps {
            fields.extend(mended);
            let all: Vec<_> = fields.iter().map(|(name, value)| (*name, *value)).collect();
            let reply = app.send(RequestBuilder::post(PATH).form(&all)).await;
            refused(&reply, error);
            assert!(reply.text("error_description").contains(reason), "{}", reply.body);
        }
        app.client("web-player").refresh(&refresh_token).await.expect(200);
    }

    // CD-08, D-10
    /// A code or token is the whole text: cut, lengthened or with another letter it is none.
    async fn an_altered_code_or_token_is_none(app) {
        let client = app.client("photo-album");
        let code = client.code(&Consent::default()).await;
        for altered in alterations(&code) {
            refused(&client.redeem(&altered).await, "invalid_grant");
        }
        let tokens = client.redeem(&code).await.expect(200);
        for altered in alterations(&tokens.text("refresh_token")) {
            refused(&client.refresh(&altered).await, "invalid_grant");
            assert!(!client.is_active(&altered).await, "{altered}");
        }
        for altered in alterations(&tokens.text("access_token")) {
            assert!(!client.is_active(&altered).await, "{altered}");
            if altered.trim() != altered {
                continue; // A header's value has no space around it.
            }
            let request = RequestBuilder::get("/api/v2/users/me").bearer(&altered);
            assert_eq!(app.send(request).await.error(), (401, "invalid_token".to_owned()));
        }
        assert_eq!(are_alive(app, &tokens).await, (true, true));
    }

    /// A fault of the database is told as such, with no token; afterwards the code still works.
    async fn a_fault_of_the_database_issues_nothing(app) {
        let client = app.client("photo-album");
        let code = client.code(&Consent::default()).await;
        testing::hide(&app.ctx.store, Hideable::TokenFamilies).await.expect("breaks");
        let reply = client.redeem(&code).await;
        assert_eq!(reply.error(), (503, "temporarily_unavailable".to_owned()));
        assert_eq!(reply.header("retry-after"), Some("1"));
        assert!(reply.credentials().is_empty(), "{}", reply.body);
        testing::bring_back(&app.ctx.store, Hideable::TokenFamilies).await.expect("mends");
        client.redeem(&code).await.expect(200);
    }

    // B-07, B-08, B-25
    /// Whole replies, as they are sent.
    async fn whole_replies(app) {
        let client = app.client("photo-album");
        let code = client.code(&READ_AND_CALENDAR).await;
        let tokens = client.redeem(&code).await;
        insta::assert_snapshot!("code_exchange", tokens.snapshot());
        let refreshed = client.refresh(&tokens.text("refresh_token")).await;
        insta::assert_snapshot!("refresh", refreshed.snapshot());
        let unknown = app.client("nobody").refresh("x").await;
        insta::assert_snapshot!("invalid_client", unknown.snapshot());
        insta::assert_snapshot!("invalid_grant", client.refresh("x").await.snapshot());
        let fields = [("grant_type", "password")];
        insta::assert_snapshot!("unsupported_grant_type", client.token(&fields).await.snapshot());
        insta::assert_snapshot!("method_not_allowed", app.get(PATH).await.snapshot());
        let metadata = app.get("/.well-known/oauth-authorization-server").await;
        insta::assert_snapshot!("metadata", metadata.snapshot());
    }
}

/// Cut, lengthened, with one character changed, in other case.
pub(super) fn alterations(text: &str) -> Vec<String> {
    let cut = [1, 2, 6, 20].map(|count| text[..text.len() - count].to_owned());
    let lengthened = ["A", "=", "==", " ", "\u{e9}", "."].map(|tail| format!("{text}{tail}"));
    let changed = (0..text.len()).map(|place| {
        let other = if &text[place..=place] == "7" { "8" } else { "7" };
        let mut changed = text.to_owned();
        changed.replace_range(place..=place, other);
        changed
    });
    let others =
        [text.to_uppercase(), text.to_lowercase(), format!(" {text}"), text[1..].to_owned()];
    cut.into_iter().chain(lengthened).chain(changed).chain(others).collect()
}

//! An app asks to sign its user out (OpenID Connect RP-Initiated Logout 1.0), with the modules of the OpenID
//! Foundation's plan for it.

use serde_json::{Value, json};

use crate::support::{ORIGIN, RequestBuilder, TestApp, WAY_BACK, stories};

/// Where somebody wants the browser who has no right to it.
const EVIL: &str = "https://evil.example/";

/// A request of the photo album with this hint.
fn request(hint: &str) -> [(&str, &str); 3] {
    [("id_token_hint", hint), ("post_logout_redirect_uri", WAY_BACK), ("state", "x y&z")]
}

/// Where the browser comes back to, with the state.
fn way_back() -> String {
    format!("{WAY_BACK}?state=x+y%26z")
}

async fn prepared(app: &TestApp) {
    app.allow_way_back("photo-album", &[WAY_BACK, "https://app.example.com/bye?x=1"]).await;
}

/// An ID token of the photo album with some claims changed.
async fn changed(app: &TestApp, claims: &Value, edit: impl Fn(&mut Value)) -> String {
    let mut claims = claims.clone();
    edit(&mut claims);
    app.signed("JWT", &claims).await
}

stories! {
    /// An app that proves the session signs its user out without a question, and gets the browser back.
    // O-05; oidcc-rp-initiated-logout, oidcc-rp-initiated-logout-discovery-endpoint-verification
    async fn a_hint_of_this_session_signs_out_without_a_question(app) {
        prepared(app).await;
        let mut browser = app.browser("alice").await;
        let hint = app.id_token_in(&browser, "photo-album").await;
        let mut copy = app.anonymous();
        copy.adopt(&browser);
        let reply = browser.log_out(&request(&hint)).await.expect(303);
        assert_eq!(reply.location(), way_back());
        assert!(reply.header("set-cookie").expect("removed").contains("Max-Age=0"));
        assert!(!copy.is_signed_in().await, "the session has ended at the server");

        // §2: once more is no error, and the app gets its browser back.
        let reply = browser.log_out(&request(&hint)).await.expect(303);
        assert_eq!(reply.location(), way_back());
    }

    /// Without a state there is none, with only a state nothing is proven, and without a URI the page says it.
    // oidcc-rp-initiated-logout-no-state, oidcc-rp-initiated-logout-no-post-logout-redirect-uri
    async fn state_and_way_back_may_be_left_out(app) {
        prepared(app).await;
        let mut browser = app.browser("alice").await;
        let hint = app.id_token_in(&browser, "photo-album").await;
        let reply = browser.log_out(&request(&hint)[..2]).await.expect(303);
        assert_eq!(reply.location(), WAY_BACK);
        let mut browser = app.browser("alice").await;
        let hint = app.id_token_in(&browser, "photo-album").await;
        let reply = browser.log_out(&request(&hint)[..1]).await.expect(303);
        assert_eq!(reply.location(), "/logout");
        assert!(browser.follow(reply).await.expect(200).body.contains("You are signed out"));
        assert!(!browser.is_signed_in().await);
    }

    /// Whoever proves nothing makes nothing happen before the user has said so, and gets no browser then.
    // O-05, RU-11; oidcc-rp-initiated-logout-no-id-token-hint, oidcc-rp-initiated-logout-no-params,
    // oidcc-rp-initiated-logout-only-state, oidcc-rp-initiated-logout-bad-post-logout-redirect-uri,
    // oidcc-rp-initiated-logout-modified-id-token-hint,
    // oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri
    // oidcc-rp-initiated-logout-bad-id-token-hint
    async fn without_proof_the_user_is_asked_and_goes_nowhere(app) {
        prepared(app).await;
        let mut browser = app.browser("alice").await;
        let hint = app.id_token_in(&browser, "photo-album").await;
        let others = app.id_token_in(&browser, "web-player").await;
        let (head, signature) = hint.rsplit_once('.').expect("a signature");
        let reversed: String = signature.chars().rev().collect();
        let modified = format!("{head}.{reversed}");
        let claims = app.id_claims(&browser, "photo-album").await;
        let elsewhere = changed(app, &claims, |it| it["iss"] = json!(EVIL)).await;
        let query_added = format!("{WAY_BACK}?foo=bar");
        let uri = "post_logout_redirect_uri";
        for parameters in [
            vec![],
            vec![("state", "x")],
            request(&hint)[1..].to_vec(),
            vec![("id_token_hint", hint.as_str()), (uri, EVIL)],
            vec![("id_token_hint", hint.as_str()), (uri, &query_added)],
            vec![("id_token_hint", hint.as_str()), (uri, "https://APP.example.com/bye")],
            vec![("id_token_hint", hint.as_str()), (uri, "//evil.example")],
            vec![("id_token_hint", others.as_str()), (uri, WAY_BACK)],
            vec![("id_token_hint", others.as_str()), (uri, EVIL)],
            vec![("client_id", "photo-album"), (uri, EVIL)],
            vec![("client_id", "nobody"), (uri, WAY_BACK)],
            request(&modified).to_vec(),
            // What did not prove itself takes the rest of the request along.
            [&request(&modified)[..], &[("client_id", "photo-album")]].concat(),
            request(&elsewhere).to_vec(),
            vec![("id_token_hint", "x"), (uri, WAY_BACK)],
        ] {
            let page = browser.log_out(&parameters).await.expect(200);
            assert!(page.body.contains("id=\"logout-confirm\""), "{parameters:?}");
            assert!(!page.body.contains("evil.example"), "{parameters:?}");
            assert!(browser.is_signed_in().await, "{parameters:?}");
            let reply = browser.submit(&page, &[]).await.expect(303);
            assert_eq!(reply.location(), "/logout", "{parameters:?}");
            assert!(!browser.is_signed_in().await, "{parameters:?}");
            browser.sign_in("alice").await;
        }
    }

    /// A hint of another user, another session or another kind is worth a question; a client that is known
    /// gets its browser back when the user has said yes.
    // O-05
    async fn a_foreign_hint_asks_and_leads_back_afterwards(app) {
        prepared(app).await;
        let elsewhere = app.browser("alice").await;
        let another_session = app.id_token_in(&elsewhere, "photo-album").await;
        let another_user = app.browser("bob").await;
        let another_user = app.id_token_in(&another_user, "photo-album").await;
        for hint in [&another_session, &another_user] {
            let mut browser = app.browser("alice").await;
            let page = browser.log_out(&request(hint)).await.expect(200);
            assert!(page.body.contains("The photo-album"), "the page says who asks");
            assert!(browser.is_signed_in().await);
            let reply = browser.submit(&page, &[]).await.expect(303);
            assert_eq!(reply.location(), way_back());
            assert!(!browser.is_signed_in().await);
        }
        let mut browser = app.browser("alice").await;
        let named = [&[("client_id", "photo-album")], &request("")[1..]].concat();
        let page = browser.log_out(&named).await.expect(200);
        assert_eq!(browser.submit(&page, &[]).await.expect(303).location(), way_back());

        let mut browser = app.browser("alice").await;
        let claims = app.id_claims(&browser, "photo-album").await;
        for not_one in [
            app.signed("at+jwt", &claims).await,
            app.signed("logout+jwt", &claims).await,
            changed(app, &claims, |it| it["events"] = json!({})).await,
        ] {
            let page = browser.log_out(&request(&not_one)).await.expect(200);
            assert!(page.body.contains("id=\"logout-confirm\""));
        }
        let old = changed(app, &claims, |it| it["exp"] = json!(1)).await;
        // §2: an ID token that has expired is as good.
        assert_eq!(browser.log_out(&request(&old)).await.expect(303).location(), way_back());
    }

    /// Two names of the client that differ are refused, whoever is signed in (§2).
    async fn a_client_id_that_contradicts_the_hint_is_refused(app) {
        prepared(app).await;
        let mut browser = app.browser("alice").await;
        let hint = app.id_token_in(&browser, "photo-album").await;
        let contradicting = [&request(&hint)[..], &[("client_id", "web-player")]].concat();
        browser.log_out(&contradicting).await.expect_error_page("logout_client_mismatch");
        assert!(browser.is_signed_in().await);
        let anonymous = app.anonymous().log_out(&contradicting).await;
        anonymous.expect_error_page("logout_client_mismatch");
        let twice = [("state", "x"), ("state", "x")];
        browser.log_out(&twice).await.expect_error_page("repeated_parameter");
        let long = "x".repeat(4097);
        browser.log_out(&[("state", &long)]).await.expect_error_page("parameter_too_long");

        let agreeing = [&request(&hint)[..], &[("client_id", "photo-album")]].concat();
        assert_eq!(browser.log_out(&agreeing).await.expect(303).location(), way_back());
    }

    /// Where nobody is signed in, only proof leads back; a name leads to a page with a link at most.
    // RU-11
    async fn where_nobody_is_signed_in_only_proof_leads_back(app) {
        prepared(app).await;
        let browser = app.browser("alice").await;
        let hint = app.id_token_in(&browser, "photo-album").await;
        let mut nobody = app.anonymous();
        assert_eq!(nobody.log_out(&request(&hint)).await.expect(303).location(), way_back());
        let named = [&[("client_id", "photo-album")], &request("")[1..]].concat();
        let page = nobody.log_out(&named).await.expect(200);
        assert_eq!(page.header("refresh"), None);
        assert!(page.body.contains("Back to <bdi>The photo-album</bdi>"));
        let unproven = [("client_id", "photo-album"), ("post_logout_redirect_uri", EVIL)];
        let page = nobody.log_out(&unproven).await.expect(200);
        assert!(!page.body.contains("evil.example"));
    }

    /// A POST of the app works although it brings no cookie: it is stored and comes back as a GET, once its
    /// client is known; and it can do no more than a GET could.
    // UI-08
    async fn a_posted_request_comes_back_by_get(app) {
        prepared(app).await;
        let mut browser = app.browser("alice").await;
        let hint = app.id_token_in(&browser, "photo-album").await;
        let post = |fields: &[(&str, &str)]| {
            let request = RequestBuilder::post("/logout").header("sec-fetch-site", "cross-site");
            request.header("origin", "https://app.example.com").form(fields)
        };
        let reply = app.send(post(&request(&hint))).await.expect(303);
        assert!(reply.location().starts_with("/logout?resume="), "{}", reply.location());
        assert!(!reply.location().contains(&hint), "no ID token stands in an address");
        assert!(browser.is_signed_in().await);
        let resumed = reply.location().to_owned();
        assert_eq!(browser.get(&resumed).await.expect(303).location(), way_back());
        assert!(!browser.is_signed_in().await);

        browser.sign_in("alice").await;
        app.advance(app.ctx.policy.posted_request_lifetime);
        let page = browser.get(&resumed).await.expect(200);
        assert!(page.body.contains("id=\"logout-confirm\""), "it has ended");
        for unknown in [&[][..], &[("state", "x")], &[("client_id", "nobody")]] {
            let reply = app.send(post(unknown)).await.expect(303);
            assert_eq!(reply.location(), "/logout", "what proves nothing leaves no row");
        }
        app.send(post(&[("csrf_token", "x")])).await.expect(403);
        let twice = post(&[("state", "x"), ("state", "x")]);
        assert_eq!(app.send(twice).await.status, 400);
        let contradicting = [&request(&hint)[..], &[("client_id", "web-player")]].concat();
        assert_eq!(app.send(post(&contradicting)).await.status, 400);
        let not_utf8 = RequestBuilder::post("/logout")
            .header("origin", ORIGIN.replace("127.0.0.1", "127.0.0.9").as_str())
            .body("application/x-www-form-urlencoded", b"\xff");
        assert_eq!(app.send(not_utf8).await.status, 400);
        assert!(browser.is_signed_in().await);
    }

    /// A hint of the sign-in before is of this session too, where the same user has signed in again.
    async fn a_session_that_goes_on_is_still_the_same_to_apps(app) {
        prepared(app).await;
        let mut browser = app.browser("alice").await;
        let hint = app.id_token_in(&browser, "photo-album").await;
        let client = app.client("photo-album");
        app.advance(domain::Lifetime::seconds(1));
        let consent = crate::support::Consent {
            scope: Some("openid"),
            more: &[("prompt", "login")],
            ..crate::support::Consent::default()
        };
        let reply = browser.authorize(&client.request(&consent)).await;
        let page = browser.follow(reply).await.expect(200);
        let typed = [("username", "alice@example.com"), ("password", "alice in wonderland")];
        browser.submit(&page, &typed).await.expect(303);
        assert_eq!(browser.log_out(&request(&hint)).await.expect(303).location(), way_back());
    }

    /// A suspended app is nobody: it asks in vain, and its address is not gone to.
    async fn a_suspended_app_gets_no_browser_back(app) {
        prepared(app).await;
        let mut browser = app.browser("alice").await;
        let hint = app.id_token_in(&browser, "photo-album").await;
        app.set_client_state("photo-album", domain::ClientState::Suspended).await;
        let page = browser.log_out(&request(&hint)).await.expect(200);
        let reply = browser.submit(&page, &[]).await.expect(303);
        assert_eq!(reply.location(), "/logout");
    }
}

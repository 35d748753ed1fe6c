//! What libraries of OpenID Connect send to the authorization endpoint, and what they get (OpenID Connect
//! Core 1.0 §3.1.2): the modules of the Foundation's plans that are about it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use domain::Lifetime;
use protocol::authentication_context::PASSWORD;
use serde_json::{Value, json};

use crate::support::{
    Browser, Consent, Reply, RequestBuilder, TestApp, password, stories, with, without,
};

const CALLBACK: &str = "https://app.example.com/callback";

/// As most libraries ask for a sign-in.
const OPENID: Consent<'_> = Consent {
    user: "alice",
    scope: Some("openid"),
    pkce: false,
    more: &[("nonce", "n-0S6_WzA2Mj")],
};

/// Signs in as `name` on the page that the reply leads to, and goes on to where it leads.
async fn sign_in_on_the_way(browser: &mut Browser<'_>, reply: &Reply, name: &str) -> Reply {
    let page = browser.get(reply.location()).await.expect(200);
    let email = format!("{name}@example.com");
    let fields = [("username", email.as_str()), ("password", password(name))];
    let signed_in = browser.submit(&page, &fields).await.expect(303);
    browser.get(signed_in.location()).await
}

/// The ID token that a code is good for, and what it says.
async fn redeemed(app: &TestApp, code: &str) -> (String, Value) {
    let claim = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK)];
    let id_token = app.client("photo-album").token(&claim).await.expect(200).text("id_token");
    let claims = claims(&id_token);
    assert_eq!(claims["nonce"], "n-0S6_WzA2Mj");
    (id_token, claims)
}

/// What the ID token says that a code is good for.
async fn told(app: &TestApp, code: &str) -> Value {
    redeemed(app, code).await.1
}

/// The claims of a JWT.
fn claims(jwt: &str) -> Value {
    let part = jwt.split('.').nth(1).expect("a JWT has three parts");
    serde_json::from_slice(&BASE64.decode(part).expect("base64url")).expect("JSON")
}

/// A browser of Alice's, who has allowed the app before; some time has passed since she signed in.
async fn alice(app: &TestApp) -> Browser<'_> {
    app.client("photo-album").code(&OPENID).await;
    let browser = app.browser("alice").await;
    app.advance(Lifetime::seconds(5));
    browser
}

stories! {
    // oidcc-response-type-missing
    async fn a_request_without_a_response_type_gets_an_error(app) {
        let mut browser = alice(app).await;
        let request = without(&app.client("photo-album").request(&OPENID), "response_type");
        browser.authorize(&request).await.expect_error_at(CALLBACK, "invalid_request");
    }

    /// What helps some servers and is nothing to us harms nothing.
    // oidcc-display-page, oidcc-display-popup, oidcc-ui-locales, oidcc-claims-locales,
    // oidcc-ensure-request-with-unknown-parameter-succeeds, oidcc-ensure-request-with-acr-values-succeeds,
    // oidcc-ensure-request-without-nonce-succeeds-for-code-flow,
    // oidcc-ensure-request-with-valid-pkce-succeeds, O-02
    async fn what_is_only_wished_for_harms_nothing(app) {
        let mut browser = alice(app).await;
        let valid = app.client("photo-album").request(&OPENID);
        for (name, value) in [
            ("display", "page"),
            ("display", "popup"),
            ("display", "touch"),
            ("display", "hologram"),
            ("ui_locales", "se"),
            ("ui_locales", "fr-CA fr en"),
            ("ui_locales", "!!"),
            ("claims_locales", "se"),
            ("extra", "foobar"),
            ("acr_values", "1 2"),
            ("acr_values", PASSWORD.acr),
            ("login_hint", "nobody@example.com"),
        ] {
            browser.authorize(&with(&valid, name, value)).await.expect_code_at(CALLBACK);
        }
        browser.authorize(&without(&valid, "nonce")).await.expect_code_at(CALLBACK);
        let pkce = app.client("photo-album").request(&Consent { pkce: true, ..OPENID });
        browser.authorize(&pkce).await.expect_code_at(CALLBACK);
        let page = app.anonymous().get("/login").await.expect(200);
        assert!(page.body.contains("<html lang=\"en\""), "English is what there is");
    }

    // oidcc-prompt-login, O-02, UI-09
    async fn prompt_login_asks_again_and_the_time_moves_on(app) {
        let mut browser = alice(app).await;
        let valid = app.client("photo-album").request(&OPENID);
        let code = browser.authorize(&valid).await.expect_code_at(CALLBACK);
        let first = told(app, &code).await["auth_time"].as_i64().expect("a time");
        let codes = app.code_count().await;
        let reply = browser.authorize(&with(&valid, "prompt", "login")).await;
        reply.expect_sign_in();
        assert_eq!(app.code_count().await, codes, "no code before he has signed in again");
        app.advance(Lifetime::seconds(5));
        let code = sign_in_on_the_way(&mut browser, &reply, "alice").await.expect_code_at(CALLBACK);
        let second = told(app, &code).await["auth_time"].as_i64().expect("a time");
        assert_eq!((second, second - first), (app.ctx.now().as_seconds(), 10));
    }

    // oidcc-prompt-none-not-logged-in
    async fn prompt_none_without_a_session_is_login_required(app) {
        app.client("photo-album").code(&OPENID).await;
        let request = with(&app.client("photo-album").request(&OPENID), "prompt", "none");
        let reply = app.anonymous().authorize(&request).await;
        reply.expect_error_at(CALLBACK, "login_required");
    }

    // oidcc-prompt-none-logged-in, oidcc-id-token-hint
    async fn prompt_none_with_a_session_is_a_code_for_the_same_person(app) {
        let mut browser = alice(app).await;
        let silent = with(&app.client("photo-album").request(&OPENID), "prompt", "none");
        let code = browser.authorize(&silent).await.expect_code_at(CALLBACK);
        let (hint, first) = redeemed(app, &code).await;
        let hinted = with(&silent, "id_token_hint", &hint);
        let code = browser.authorize(&hinted).await.expect_code_at(CALLBACK);
        let (_, second) = redeemed(app, &code).await;
        assert_eq!((&first["sub"], &first["auth_time"]), (&second["sub"], &second["auth_time"]));
    }

    // oidcc-max-age-1, oidcc-max-age-10000, O-02, UI-09
    async fn max_age_asks_whose_sign_in_is_older(app) {
        let mut browser = alice(app).await;
        let valid = app.client("photo-album").request(&OPENID);
        let first = app.ctx.now().as_seconds() - 5;
        let code = browser.authorize(&with(&valid, "max_age", "10000")).await;
        let code = code.expect_code_at(CALLBACK);
        assert_eq!(told(app, &code).await["auth_time"], first);
        let reply = browser.authorize(&with(&valid, "max_age", "1")).await;
        reply.expect_sign_in();
        app.advance(Lifetime::seconds(5));
        let code = sign_in_on_the_way(&mut browser, &reply, "alice").await.expect_code_at(CALLBACK);
        assert_eq!(told(app, &code).await["auth_time"], app.ctx.now().as_seconds());
    }

    /// What a client registered counts where its request is silent.
    // O-02
    async fn the_max_age_of_the_client_counts_where_the_request_has_none(app) {
        let mut browser = alice(app).await;
        let edit = |client: &mut domain::Client| {
            client.metadata.default_max_age = Some(Lifetime::seconds(60));
        };
        app.change_record("photo-album", edit).await;
        let valid = app.client("photo-album").request(&OPENID);
        browser.authorize(&valid).await.expect_code_at(CALLBACK);
        app.advance(Lifetime::seconds(60));
        browser.authorize(&valid).await.expect_sign_in();
        let silent = with(&valid, "prompt", "none");
        browser.authorize(&silent).await.expect_error_at(CALLBACK, "login_required");
        browser.authorize(&with(&valid, "max_age", "3600")).await.expect_code_at(CALLBACK);
    }

    /// What a client calls essential must be met; what it prefers need not.
    // O-02, UI-09
    async fn an_essential_acr_that_nobody_can_meet_is_an_error(app) {
        let mut browser = alice(app).await;
        let password = PASSWORD.acr;
        let asked = |claim: Value| json!({"id_token": {"acr": claim}}).to_string();
        for (claim, is_met) in [
            (json!({"essential": true, "value": "phr"}), false),
            (json!({"essential": true, "values": ["phr", "phrh"]}), false),
            (json!({"essential": true, "values": ["phr", password]}), true),
            (json!({"essential": true, "value": password}), true),
            (json!({"essential": true}), true),
            (json!({"values": ["phr"]}), true),
        ] {
            let claims = asked(claim);
            let asking = with(&app.client("photo-album").request(&OPENID), "claims", &claims);
            for request in [asking.clone(), with(&asking, "prompt", "none")] {
                let reply = browser.authorize(&request).await;
                if is_met {
                    reply.expect_code_at(CALLBACK);
                } else {
                    reply.expect_error_at(CALLBACK, "unmet_authentication_requirements");
                }
            }
        }
    }

    // oidcc-login-hint, UI-03
    async fn login_hint_fills_in_an_address_and_nothing_else(app) {
        let valid = app.client("photo-album").request(&OPENID);
        let long = format!("{}@example.com", "a".repeat(260));
        for (hint, filled) in [
            ("alice@example.com", "alice@example.com"),
            ("\"><script>alert(1)</script>@example.com", ""),
            ("alice", ""),
            ("sub:12", ""),
            (&long, ""),
        ] {
            let mut browser = app.anonymous();
            let reply = browser.authorize(&with(&valid, "login_hint", hint)).await;
            let page = browser.get(reply.location()).await.expect(200);
            let field = format!("name=\"username\" type=\"email\" value=\"{filled}\"");
            assert!(page.body.contains(&field), "{hint}: {}", page.body);
            assert!(!page.body.contains("alert(1)"), "{}", page.body);
        }
        // It does not decide who signs in.
        let mut browser = app.anonymous();
        let reply = browser.authorize(&with(&valid, "login_hint", "bob@example.com")).await;
        let page = sign_in_on_the_way(&mut browser, &reply, "alice").await.expect_consent();
        assert!(page.body.contains("alice@example.com"), "{}", page.body);
    }

    // oidcc-ensure-post-request-succeeds
    async fn a_request_may_be_posted_by_any_site(app) {
        let mut browser = alice(app).await;
        let state = "s".repeat(4096);
        let request = with(&app.client("photo-album").request(&OPENID), "state", &state);
        let request = with(&request, "nonce", &state);
        let post = RequestBuilder::post("/oauth/authorizations/new")
            .header("origin", "https://app.example.com")
            .header("sec-fetch-site", "cross-site")
            .form(&request);
        // The browser sends no cookie with it, and the reply sends it here again, with its cookies.
        let stored = app.send(post).await.expect(303);
        assert_eq!(stored.header("set-cookie"), None);
        let reply = browser.get(stored.location()).await;
        reply.expect_code_at(CALLBACK);
        assert_eq!(reply.parameter("state").as_deref(), Some(state.as_str()));
    }

    // oidcc-ensure-registered-redirect-uri, oidcc-ensure-redirect-uri-in-authorization-request,
    // oidcc-redirect-uri-query-OK, oidcc-redirect-uri-query-mismatch, oidcc-redirect-uri-query-added
    async fn an_address_counts_to_its_last_byte(app) {
        let mut browser = alice(app).await;
        let valid = app.client("photo-album").request(&OPENID);
        for (address, code) in [
            ("https://app.example.com/other", "redirect_uri_mismatch"),
            ("https://app.example.com/callback?foo=bar", "redirect_uri_mismatch"),
            ("https://app.example.com/b?x=2", "redirect_uri_mismatch"),
            ("https://app.example.com/b", "redirect_uri_mismatch"),
            ("", "redirect_uri_missing"),
        ] {
            browser.authorize(&with(&valid, "redirect_uri", address)).await.expect_error_page(code);
        }
        let reply = browser.authorize(&with(&valid, "redirect_uri", "https://app.example.com/b?x=1")).await;
        assert!(reply.location().starts_with("https://app.example.com/b?x=1&code="), "{}", reply.location());
    }

    /// Nothing that was not asked for is shown where nothing may be, whatever else is asked for.
    async fn a_silent_request_never_shows_anything(app) {
        let mut browser = alice(app).await;
        let silent = with(&app.client("photo-album").request(&OPENID), "prompt", "none");
        let hint = app.id_token("bob", "photo-album").await;
        for (more, error) in [
            (&[("max_age", "0")][..], "login_required"),
            (&[("id_token_hint", hint.as_str())], "login_required"),
            (&[("id_token_hint", "x")], "invalid_request"),
            (&[("scope", "openid write")], "consent_required"),
            (&[("response_mode", "fragment")], "invalid_request"),
            (&[("registration", "{}")], "registration_not_supported"),
        ] {
            let mut request = silent.clone();
            for (name, value) in more {
                request = with(&request, name, value);
            }
            browser.authorize(&request).await.expect_error_at(CALLBACK, error);
        }
    }

    // UI-09
    async fn no_code_comes_by_a_way_around_the_sign_in(app) {
        let mut browser = alice(app).await;
        let codes = app.code_count().await;
        let asked = with(&app.client("photo-album").request(&OPENID), "prompt", "login");
        let reply = browser.authorize(&asked).await;
        let handle = reply.expect_sign_in();
        // Going on without having signed in leads to the sign-in again, as often as it is tried.
        for _ in 0..3 {
            let resumed = format!("/oauth/authorizations/new?resume={handle}");
            browser.get(&resumed).await.expect_sign_in();
        }
        // Nor does a session that another sign-in replaced.
        let old = browser.session().expect("a session");
        let page = browser.get(reply.location()).await.expect(200);
        app.advance(Lifetime::seconds(5));
        let fields = [("username", "alice@example.com"), ("password", password("alice"))];
        let signed_in = browser.submit(&page, &fields).await.expect(303);
        let mut thief = app.browser("alice").await;
        thief.replace_session(&old);
        thief.get(signed_in.location()).await.expect_sign_in();
        assert_eq!(app.code_count().await, codes);
        browser.get(signed_in.location()).await.expect_code_at(CALLBACK);
    }

    // RFC 9470 §6: what a resource server needs to know of the sign-in. O-02, V10.3.4
    async fn a_resource_server_learns_how_and_when_somebody_signed_in(app) {
        let client = app.client("photo-album");
        let tokens = client.tokens(&Consent { scope: Some("read"), ..Consent::default() }).await;
        let signed_in_at = app.ctx.now().as_seconds();
        let acr = PASSWORD.acr;
        app.advance(Lifetime::minutes(5));
        let next = client.refresh(&tokens.text("refresh_token")).await.expect(200);
        for tokens in [&tokens, &next] {
            for token in ["access_token", "refresh_token"] {
                let told = client.introspect(&tokens.text(token)).await.json();
                if told["active"] == json!(true) {
                    assert_eq!(told["auth_time"], signed_in_at, "{token}");
                    assert_eq!(told["acr"], acr, "{token}");
                }
            }
        }
        let bare = client.token(&[("grant_type", "client_credentials")]).await.expect(200);
        let told = client.introspect(&bare.text("access_token")).await.json();
        assert!(told.get("acr").is_none() && told.get("auth_time").is_none(), "{told}");
        let more = [("resource", "https://jwt.example.com/")];
        let jwt = client.tokens(&Consent { more: &more, ..Consent::default() }).await;
        let claims = claims(&jwt.text("access_token"));
        assert_eq!(claims["acr"], acr);
        assert_eq!(claims["auth_time"], app.ctx.now().as_seconds());
    }
}

//! Whether the user must sign in first, again, or not at all: `prompt`, `max_age`, and requests
//! that wait.

use domain::Lifetime;

use crate::support::{Browser, Consent, ORIGIN, Reply, RequestBuilder, password, stories, with};

const CALLBACK: &str = "https://app.example.com/callback";

/// Signs in as `name` on the page that the reply leads to, and goes on to where it leads.
async fn sign_in_on_the_way(browser: &mut Browser<'_>, reply: &Reply, name: &str) -> Reply {
    let page = browser.get(reply.location()).await.expect(200);
    let email = format!("{name}@example.com");
    let fields = [("username", email.as_str()), ("password", password(name))];
    let signed_in = browser.submit(&page, &fields).await.expect(303);
    browser.get(signed_in.location()).await
}

stories! {
    // B-03, RU-10
    async fn an_error_goes_to_the_client_only_after_somebody_signed_in(app) {
        let client = app.client("photo-album");
        let valid = client.request(&Consent::default());
        for (name, value, error) in [
            ("scope", "doesnotexist", "invalid_scope"),
            ("response_type", "bad", "unsupported_response_type"),
            ("code_challenge_method", "plain", "invalid_request"),
            ("resource", "https://unknown.example.com/", "invalid_target"),
        ] {
            let mut browser = app.anonymous();
            let request = with(&valid, name, value);
            let reply = browser.authorize(&request).await;
            reply.expect_sign_in();
            let reply = sign_in_on_the_way(&mut browser, &reply, "alice").await;
            reply.expect_error_at(CALLBACK, error);
            browser.authorize(&request).await.expect_error_at(CALLBACK, error);
            // At once where nothing may be shown.
            let silent = with(&request, "prompt", "none");
            app.anonymous().authorize(&silent).await.expect_error_at(CALLBACK, error);
        }
        assert_eq!(app.code_count().await, 0);
    }

    // RU-10
    async fn an_unproven_address_gets_nothing_silent_or_not(app) {
        let client = app.client("photo-album");
        let valid = client.request(&Consent::default());
        let silent = with(&valid, "prompt", "none");
        for (name, value, code) in [
            ("redirect_uri", "https://evil.example/", "redirect_uri_mismatch"),
            ("client_id", "nobody", "unknown_client"),
        ] {
            for request in [&valid, &silent] {
                let reply = app.anonymous().authorize(&with(request, name, value)).await;
                reply.expect_error_page(code);
            }
        }
    }

    async fn a_request_goes_on_after_sign_in(app) {
        let client = app.client("photo-album");
        let mut browser = app.anonymous();
        let reply = browser.authorize(&client.request(&Consent::default())).await;
        reply.expect_sign_in();
        let page = browser.get(reply.location()).await.expect(200);
        assert!(page.body.contains("The photo-album"), "{}", page.body);
        let page = sign_in_on_the_way(&mut browser, &reply, "alice").await.expect_consent();
        let code = browser.allow(&page, &[]).await.expect_code_at(CALLBACK);
        let tokens = client.redeem(&code).await.expect(200);
        let told = client.introspect(&tokens.text("access_token")).await;
        assert_eq!(told.text("username"), "alice@example.com");
    }

    async fn a_request_that_waits_ends_after_ten_minutes(app) {
        let client = app.client("photo-album");
        let mut browser = app.anonymous();
        let reply = browser.authorize(&client.request(&Consent::default())).await;
        let handle = reply.expect_sign_in();
        app.advance(Lifetime::minutes(10));
        browser.get(reply.location()).await.expect_error_page("request_expired");
        let resumed = format!("/oauth/authorizations/new?resume={handle}");
        browser.get(&resumed).await.expect_error_page("request_expired");
        for forged in ["", "x", &handle[..handle.len() - 1]] {
            let resumed = format!("/oauth/authorizations/new?resume={forged}");
            browser.get(&resumed).await.expect_error_page("request_expired");
        }
    }

    // B-18
    async fn a_posted_request_is_answered_without_looking_at_cookies(app) {
        let client = app.client("photo-album");
        client.tokens(&Consent::default()).await;
        let mut browser = app.browser("alice").await;
        let codes_before = app.code_count().await;
        let post = || {
            RequestBuilder::post("/oauth/authorizations/new")
                .header("origin", "https://app.example.com")
                .header("sec-fetch-site", "cross-site")
                .form(&client.request(&Consent::default()))
        };
        for reply in [browser.send(post()).await.expect(303), app.send(post()).await.expect(303)] {
            assert!(reply.location().starts_with("/oauth/authorizations/new?resume="));
            assert_eq!(reply.header("set-cookie"), None);
            assert_eq!(app.code_count().await, codes_before);
        }
        let reply = browser.send(post()).await.expect(303);
        browser.get(reply.location()).await.expect_code_at(CALLBACK);
        let reply = browser.send(post()).await.expect(303);
        app.anonymous().get(reply.location()).await.expect_sign_in();
        app.advance(Lifetime::seconds(60));
        browser.get(reply.location()).await.expect_error_page("request_expired");
    }

    // RU-08
    async fn a_posted_request_is_judged_with_its_query(app) {
        let client = app.client("photo-album");
        client.tokens(&Consent::default()).await;
        let mut browser = app.browser("alice").await;
        let evil = "/oauth/authorizations/new?redirect_uri=https%3A%2F%2Fevil.example%2F";
        let request = RequestBuilder::post(evil).form(&client.request(&Consent::default()));
        browser.send(request).await.expect_error_page("repeated_parameter");
    }

    // RU-10
    async fn a_posted_request_that_nobody_could_answer_is_not_stored(app) {
        let valid = app.client("photo-album").request(&Consent::default());
        for (name, value, code) in [
            ("client_id", "nobody", "unknown_client"),
            ("redirect_uri", "https://evil.example/", "redirect_uri_mismatch"),
            ("redirect_uri", "", "redirect_uri_missing"),
        ] {
            let post = RequestBuilder::post("/oauth/authorizations/new");
            app.send(post.form(&with(&valid, name, value))).await.expect_error_page(code);
        }
        assert_eq!(app.request_count().await, 0);
        let post = RequestBuilder::post("/oauth/authorizations/new");
        app.send(post.form(&valid)).await.expect(303);
        assert_eq!(app.request_count().await, 1);
    }

    async fn prompt_none_shows_nothing(app) {
        let client = app.client("photo-album");
        let silent = with(&client.request(&Consent::default()), "prompt", "none");
        app.anonymous().authorize(&silent).await.expect_error_at(CALLBACK, "login_required");
        let mut browser = app.browser("alice").await;
        browser.authorize(&silent).await.expect_error_at(CALLBACK, "consent_required");
        client.tokens(&Consent::default()).await;
        browser.authorize(&silent).await.expect_code_at(CALLBACK);
        let more = with(&silent, "scope", "read write");
        browser.authorize(&more).await.expect_error_at(CALLBACK, "consent_required");
        app.advance(Lifetime::minutes(6));
        let old = with(&silent, "max_age", "300");
        browser.authorize(&old).await.expect_error_at(CALLBACK, "login_required");
    }

    async fn an_unknown_prompt_or_max_age_is_an_error(app) {
        let client = app.client("photo-album");
        client.tokens(&Consent::default()).await;
        let mut browser = app.browser("alice").await;
        let valid = client.request(&Consent::default());
        for (name, value) in [
            ("prompt", "none login"),
            ("prompt", "consent none"),
            ("prompt", "bad"),
            ("prompt", "login bad"),
            ("prompt", "NONE"),
            ("max_age", "-1"),
            ("max_age", "1.5"),
            ("max_age", "soon"),
            ("max_age", "99999999999999999999"),
        ] {
            let reply = browser.authorize(&with(&valid, name, value)).await;
            reply.expect_error_at(CALLBACK, "invalid_request");
        }
    }

    async fn prompt_login_asks_once_more_and_then_goes_on(app) {
        let client = app.client("photo-album");
        client.tokens(&Consent::default()).await;
        let valid = client.request(&Consent::default());
        for (name, value) in [("prompt", "login"), ("max_age", "0")] {
            let mut browser = app.browser("alice").await;
            app.advance(Lifetime::seconds(5));
            let signed_in_before = browser.session();
            let reply = browser.authorize(&with(&valid, name, value)).await;
            reply.expect_sign_in();
            app.advance(Lifetime::seconds(5));
            let reply = sign_in_on_the_way(&mut browser, &reply, "alice").await;
            let code = reply.expect_code_at(CALLBACK);
            assert_ne!(browser.session(), signed_in_before);
            let tokens = client.redeem(&code).await.expect(200);
            let told = client.introspect(&tokens.text("access_token")).await;
            assert_eq!(told.json()["auth_time"], app.ctx.now().as_seconds(), "{name}={value}");
        }
    }

    async fn max_age_asks_only_whose_sign_in_is_too_old(app) {
        let client = app.client("photo-album");
        client.tokens(&Consent::default()).await;
        let request = with(&client.request(&Consent::default()), "max_age", "300");
        let mut browser = app.browser("alice").await;
        app.advance(Lifetime::seconds(299));
        browser.authorize(&request).await.expect_code_at(CALLBACK);
        app.advance(Lifetime::seconds(1));
        let reply = browser.authorize(&request).await;
        reply.expect_sign_in();
        sign_in_on_the_way(&mut browser, &reply, "alice").await.expect_code_at(CALLBACK);
    }

    async fn another_user_who_signs_in_on_the_way_is_asked_himself(app) {
        let client = app.client("photo-album");
        client.tokens(&Consent::default()).await;
        let mut browser = app.browser("alice").await;
        app.advance(Lifetime::seconds(5));
        let request = with(&client.request(&Consent::default()), "prompt", "login");
        let reply = browser.authorize(&request).await;
        let page = sign_in_on_the_way(&mut browser, &reply, "bob").await.expect_consent();
        assert!(page.body.contains("bob@example.com") && !page.body.contains("alice@example.com"));
        let code = browser.allow(&page, &[]).await.expect_code_at(CALLBACK);
        let tokens = client.redeem(&code).await.expect(200);
        let told = client.introspect(&tokens.text("access_token")).await;
        assert_eq!(told.text("username"), "bob@example.com");
    }

    async fn prompt_consent_always_asks(app) {
        let client = app.client("photo-album");
        client.tokens(&Consent::default()).await;
        let mut browser = app.browser("alice").await;
        let request = with(&client.request(&Consent::default()), "prompt", "consent");
        let page = browser.authorize(&request).await.expect_consent();
        assert!(page.body.contains("You allowed this before."), "{}", page.body);
        browser.allow(&page, &[]).await.expect_code_at(CALLBACK);
        browser.authorize(&request).await.expect_consent();
    }

    async fn not_you_leads_to_sign_in_and_back(app) {
        let client = app.client("photo-album");
        let mut browser = app.browser("alice").await;
        let page = browser.authorize(&client.request(&Consent::default())).await.expect_consent();
        let (_, rest) = page.body.split_once("href=\"/login?request=").expect("the link is there");
        let link = format!("{ORIGIN}/login?request={}", rest.split('"').next().unwrap_or_default());
        let page = browser.get(&link).await.expect(200);
        let fields = [("username", "bob@example.com"), ("password", password("bob"))];
        let reply = browser.submit(&page, &fields).await.expect(303);
        let page = browser.get(reply.location()).await.expect_consent();
        assert!(page.body.contains("bob@example.com"));
    }
}

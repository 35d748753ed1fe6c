//! Answers that the browser posts to the client (OAuth 2.0 Form Post Response Mode).

use scraper::{Html, Selector};

use crate::support::{Consent, ORIGIN, PageForm, Reply, and, stories, with};

const CALLBACK: &str = "https://app.example.com/callback";

/// The form of an answer that goes to this address: its fields in order.
#[track_caller]
fn posted(reply: &Reply, redirect_uri: &str) -> Vec<(String, String)> {
    assert_eq!(reply.status.as_u16(), 200, "{:?} {}", reply.header("location"), reply.body);
    assert_eq!(reply.header("location"), None);
    let forms = PageForm::all(&reply.body);
    assert_eq!(forms.len(), 1, "{}", reply.body);
    assert_eq!(forms[0].action, redirect_uri);
    forms.into_iter().next().expect("it has one").hidden
}

fn field<'f>(fields: &'f [(String, String)], name: &str) -> Option<&'f str> {
    fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

#[track_caller]
fn expect_posted_error(reply: &Reply, error: &str) {
    let fields = posted(reply, CALLBACK);
    let names: Vec<_> = fields.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["error", "error_description", "state", "iss"]);
    assert_eq!(field(&fields, "error"), Some(error));
    assert_eq!(field(&fields, "state"), Some("xyz"));
    assert_eq!(field(&fields, "iss"), Some(ORIGIN));
}

const FORM_POST: Consent<'_> = Consent {
    user: "alice",
    scope: Some("read"),
    pkce: true,
    more: &[("response_mode", "form_post")],
};

stories! {
    // B-17, JW-06
    async fn the_answer_is_a_form_for_the_client(app) {
        let client = app.client("photo-album");
        let mut browser = app.browser("alice").await;
        let page = browser.authorize(&client.request(&FORM_POST)).await.expect_consent();
        for reply in [browser.allow(&page, &[]).await, browser.authorize(&client.request(&FORM_POST)).await] {
            let fields = posted(&reply, CALLBACK);
            let names: Vec<_> = fields.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!(names, ["code", "state", "iss"]);
            assert_eq!(field(&fields, "state"), Some("xyz"));
            assert_eq!(field(&fields, "iss"), Some(ORIGIN));
            let code = field(&fields, "code").expect("a code");
            client.redeem(code).await.expect(200);
        }
    }

    /// The page sends itself by our own script, works without it, and nobody keeps or frames it. Its
    /// policy lets the form go to the client and to wherever that sends the browser next.
    // UI-02, RU-14, V3.4.3
    async fn the_page_needs_no_script_and_leaves_nothing_behind(app) {
        let client = app.client("photo-album");
        client.tokens(&Consent::default()).await;
        let mut browser = app.browser("alice").await;
        let reply = browser.authorize(&client.request(&FORM_POST)).await;
        posted(&reply, CALLBACK);
        for (name, value) in [
            ("cache-control", "no-store"),
            ("referrer-policy", "no-referrer"),
            ("x-frame-options", "DENY"),
            ("x-content-type-options", "nosniff"),
        ] {
            assert_eq!(reply.header(name), Some(value), "{name}");
        }
        let policy = reply.header("content-security-policy").expect("a policy");
        assert!(policy.contains("script-src 'self'") && policy.contains("frame-ancestors 'none'"));
        assert!(!policy.contains("form-action") && !policy.contains("unsafe"), "{policy}");
        let document = Html::parse_document(&reply.body);
        let count = |selector: &str| {
            document.select(&Selector::parse(selector).expect("a selector")).count()
        };
        assert_eq!(count("script:not([src]), style, [style], [onload], [onclick], iframe"), 0);
        assert_eq!(count("form[method=post][data-send] button#response-continue"), 1);
        // No token of ours goes to the client.
        assert_eq!(count("[name=csrf_token]"), 0);
    }

    // B-17, B-24
    async fn errors_are_posted_too(app) {
        let client = app.client("photo-album");
        let mut browser = app.browser("alice").await;
        let valid = client.request(&FORM_POST);
        let silent = with(&valid, "prompt", "none");
        expect_posted_error(&app.anonymous().authorize(&silent).await, "login_required");
        expect_posted_error(&browser.authorize(&silent).await, "consent_required");
        for (name, value, error) in [
            ("response_type", "token", "unsupported_response_type"),
            ("response_type", "", "invalid_request"),
            ("scope", "nonsense", "invalid_scope"),
            ("code_challenge_method", "plain", "invalid_request"),
            ("resource", "https://unknown.example.com/", "invalid_target"),
            ("prompt", "none login", "invalid_request"),
            ("request", "x", "invalid_request_object"),
            ("registration", "{}", "registration_not_supported"),
        ] {
            expect_posted_error(&browser.authorize(&with(&valid, name, value)).await, error);
        }
        let page = browser.authorize(&valid).await.expect_consent();
        expect_posted_error(&browser.deny(&page).await, "access_denied");
        assert_eq!(app.code_count().await, 0);
    }

    // RU-01, RU-10
    async fn nothing_is_posted_to_an_unproven_address(app) {
        let client = app.client("photo-album");
        client.tokens(&Consent::default()).await;
        let mut browser = app.browser("alice").await;
        let valid = client.request(&FORM_POST);
        for (name, value, code) in [
            ("redirect_uri", "https://app.example.com@evil.example/callback", "redirect_uri_mismatch"),
            ("redirect_uri", "javascript:alert(1)", "redirect_uri_mismatch"),
            ("redirect_uri", "", "redirect_uri_missing"),
            ("client_id", "nobody", "unknown_client"),
        ] {
            let reply = browser.authorize(&with(&valid, name, value)).await;
            reply.expect_error_page(code);
            assert!(PageForm::all(&reply.body).is_empty(), "{}", reply.body);
        }
    }

    /// A private scheme takes no body, so there is nothing to post to.
    // RU-05, B-24
    async fn only_a_web_server_can_be_posted_to(app) {
        let client = app.client("cli-tool");
        let mut browser = app.browser("alice").await;
        let valid = client.request(&FORM_POST);
        let private = with(&valid, "redirect_uri", "com.example.tool:/cb");
        let reply = browser.authorize(&private).await;
        reply.expect_error_at("com.example.tool:/cb", "invalid_request");
        let loopback = with(&valid, "redirect_uri", "http://127.0.0.1:51004/cb");
        let page = browser.authorize(&loopback).await.expect_consent();
        posted(&browser.allow(&page, &[]).await, "http://127.0.0.1:51004/cb");
    }

    // UI-03, RU-13
    async fn what_the_request_carries_stays_text(app) {
        let client = app.client("photo-album");
        client.tokens(&Consent::default()).await;
        let mut browser = app.browser("alice").await;
        let long = "s".repeat(4096);
        for state in [
            "\"><script>alert(1)</script>",
            "'\"/><form action=https://evil.example>",
            "{{7*7}}${7*7}<%= 7*7 %>",
            "a\r\nSet-Cookie: x=1",
            "é\u{202e}\u{1f600}",
            &long,
        ] {
            let reply = browser.authorize(&with(&client.request(&FORM_POST), "state", state)).await;
            let fields = posted(&reply, CALLBACK);
            // HTML keeps a line break as one character.
            let told = field(&fields, "state").map(|told| told.replace('\r', ""));
            assert_eq!(told.as_deref(), Some(&*state.replace('\r', "")));
            assert_eq!(fields.len(), 3, "{fields:?}");
            assert!(!reply.body.contains("alert(1)</script>"), "{}", reply.body);
            assert_eq!(reply.header("set-cookie"), None);
        }
    }

    /// The query that a redirect URI has is part of where the form goes.
    async fn the_address_is_posted_to_as_it_was_registered(app) {
        let client = app.client("photo-album");
        client.tokens(&Consent::default()).await;
        let mut browser = app.browser("alice").await;
        let address = "https://app.example.com/b?x=1";
        let request = with(&client.request(&FORM_POST), "redirect_uri", address);
        let fields = posted(&browser.authorize(&request).await, address);
        assert!(field(&fields, "code").is_some());
    }

    // B-18
    async fn a_posted_request_with_a_long_state_and_nonce_is_answered_by_a_form(app) {
        let client = app.client("photo-album");
        client.tokens(&Consent::default()).await;
        let mut browser = app.browser("alice").await;
        let (state, nonce) = ("s".repeat(4096), "n".repeat(1024));
        let more = [("nonce", nonce.as_str())];
        let request = and(&with(&client.request(&FORM_POST), "state", &state), &more);
        let post = crate::support::RequestBuilder::post("/oauth/authorizations/new").form(&request);
        let stored = browser.send(post.header("sec-fetch-site", "cross-site")).await.expect(303);
        let fields = posted(&browser.get(stored.location()).await, CALLBACK);
        assert_eq!(field(&fields, "state"), Some(state.as_str()));
    }
}

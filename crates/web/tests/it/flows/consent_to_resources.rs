//! Resources in an authorization request (RFC 8707), and taking back what was allowed.

use crate::support::{Browser, Consent, ORIGIN, PageForm, Reply, TestApp, and, stories, with};

const CALLBACK: &str = "https://app.example.com/callback";
const API: &str = "https://api.example.com/";
const JWT_API: &str = "https://jwt.example.com/";

async fn ask(app: &TestApp, browser: &mut Browser<'_>, resources: &[&str]) -> Reply {
    let request = app.client("photo-album").request(&Consent::default());
    let resources: Vec<_> = resources.iter().map(|resource| ("resource", *resource)).collect();
    browser.authorize(&and(&request, &resources)).await
}

stories! {
    // V10.7.2
    async fn the_page_names_the_apis_and_the_token_is_for_them(app) {
        let client = app.client("photo-album");
        let mut browser = app.browser("alice").await;
        let page = ask(app, &mut browser, &[API, JWT_API]).await.expect_consent();
        for resource in [API, JWT_API] {
            let named = format!("The app can use this at <strong><bdi>{resource}</bdi></strong>");
            assert!(page.body.contains(&named), "{}", page.body);
        }
        let code = browser.allow(&page, &[]).await.expect_code_at(CALLBACK);
        let tokens = client.token(&with(&client.claim(&code), "resource", API)).await.expect(200);
        let told = client.introspect(&tokens.text("access_token")).await;
        assert_eq!(told.json()["aud"], API);
        let none = ask(app, &mut browser, &[]).await;
        let code = none.expect_code_at(CALLBACK);
        let tokens = client.redeem(&code).await.expect(200);
        let told = client.introspect(&tokens.text("access_token")).await;
        assert_eq!(told.json()["aud"], ORIGIN);
    }

    async fn an_unknown_resource_is_an_invalid_target(app) {
        let mut browser = app.browser("alice").await;
        for resources in [
            &["https://unknown.example.com/"][..],
            &[API, "https://unknown.example.com/"],
            &["https://api.example.com"],
            &["https://api.example.com/#f"],
            &["api"],
        ] {
            let reply = ask(app, &mut browser, resources).await;
            reply.expect_error_at(CALLBACK, "invalid_target");
        }
    }

    // V10.7.1: consent to one API is none to another.
    async fn another_resource_is_asked_about(app) {
        let mut browser = app.browser("alice").await;
        let page = ask(app, &mut browser, &[API]).await.expect_consent();
        browser.allow(&page, &[]).await.expect_code_at(CALLBACK);
        ask(app, &mut browser, &[API]).await.expect_code_at(CALLBACK);
        let page = ask(app, &mut browser, &[API, JWT_API]).await.expect_consent();
        browser.allow(&page, &[]).await.expect_code_at(CALLBACK);
        ask(app, &mut browser, &[JWT_API]).await.expect_code_at(CALLBACK);
    }

    // The token endpoint may narrow, never widen (protocol §3.4).
    async fn the_exchange_cannot_reach_another_resource(app) {
        let client = app.client("photo-album");
        let mut browser = app.browser("alice").await;
        let page = ask(app, &mut browser, &[API]).await.expect_consent();
        let code = browser.allow(&page, &[]).await.expect_code_at(CALLBACK);
        for resource in [JWT_API, "https://unknown.example.com/"] {
            let reply = client.token(&with(&client.claim(&code), "resource", resource)).await;
            assert_eq!(reply.error(), (400, "invalid_target".to_owned()));
        }
        client.redeem(&code).await.expect(200);
    }

    // V10.7.3
    async fn what_was_allowed_can_be_seen_and_taken_back(app) {
        let client = app.client("photo-album");
        let mut browser = app.browser("alice").await;
        let page = ask(app, &mut browser, &[]).await.expect_consent();
        let code = browser.allow(&page, &[]).await.expect_code_at(CALLBACK);
        let tokens = client.redeem(&code).await.expect(200);
        let listed = browser.get("/account/apps").await.expect(200);
        assert!(listed.body.contains("The photo-album") && listed.body.contains("Example Ltd"));
        let forms = PageForm::all(&listed.body);
        let revokes = |form: &&PageForm| {
            form.action.ends_with("/revoke") && form.action != "/account/apps/revoke"
        };
        let forms: Vec<_> = forms.iter().filter(revokes).collect();
        assert_eq!(forms.len(), 1);
        // Nobody else can do it.
        let mut bob = app.browser("bob").await;
        bob.submit_form(forms[0], &[]).await.expect(403);
        assert!(client.is_active(&tokens.text("access_token")).await);
        browser.submit_form(forms[0], &[]).await.expect(303);
        assert!(!client.is_active(&tokens.text("access_token")).await);
        let refreshed = client.refresh(&tokens.text("refresh_token")).await;
        assert_eq!(refreshed.error(), (400, "invalid_grant".to_owned()));
        let listed = browser.get("/account/apps").await.expect(200);
        assert!(!listed.body.contains("The photo-album"));
        // Asked as if for the first time.
        let page = ask(app, &mut browser, &[]).await.expect_consent();
        assert!(!page.body.contains("Already allowed"));
    }
}

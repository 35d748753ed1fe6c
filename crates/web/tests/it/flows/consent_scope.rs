//! Which scopes a consent covers: what was on the page, less what was unticked, for as long as it lasts.

use domain::Lifetime;
use protocol::apply::{self, AccountDeclaration, Declaration, Mode};

use crate::support::{Consent, TestApp, stories};

const CALLBACK: &str = "https://app.example.com/callback";

async fn set_default_scopes(app: &TestApp, scopes: &[&str]) {
    let account = AccountDeclaration {
        slug: "demo".to_owned(),
        default_scopes: Some(scopes.iter().map(|scope| (*scope).to_owned()).collect()),
        ..AccountDeclaration::default()
    };
    let declaration = Declaration { accounts: vec![account], ..Declaration::default() };
    apply::apply(&app.ctx, &declaration, Mode::Apply).await.expect("is valid");
}

stories! {
    // UI-06
    /// The decision is about the scopes that were on the page, whatever the defaults are by then.
    async fn default_scopes_that_were_not_shown_are_not_granted(app) {
        let client = app.client("photo-album");
        let asked = Consent { scope: None, ..Consent::default() };
        let mut browser = app.browser("alice").await;
        let page = browser.authorize(&client.request(&asked)).await.expect(200);
        set_default_scopes(app, &["read", "write"]).await;
        let allowed = browser.allow(&page, &[]).await.expect(303);
        assert!(allowed.location().starts_with(CALLBACK));
        let code = allowed.parameter("code").expect("a code");
        assert_eq!(client.redeem(&code).await.expect(200).text("scope"), "read");
    }

    // V10.7.3
    /// A scope that was allowed once and is unticked later has to be allowed again.
    async fn an_unticked_scope_is_taken_back(app) {
        let client = app.client("photo-album");
        let scope = Some("openid calendar:read");
        let asked = Consent { scope, ..Consent::default() };
        let mut browser = app.browser("alice").await;
        let page = browser.authorize(&client.request(&asked)).await.expect(200);
        browser.allow(&page, &["calendar:read"]).await.expect(303);
        browser.authorize(&client.request(&asked)).await.expect(303);
        let again = Consent { scope, more: &[("prompt", "consent")], ..Consent::default() };
        let page = browser.authorize(&client.request(&again)).await.expect(200);
        browser.allow(&page, &[]).await.expect(303);
        browser.authorize(&client.request(&asked)).await.expect(200);
    }

    // V10.4.8
    /// Consent is remembered for a year; then the user is asked again.
    async fn a_consent_ends_after_a_year(app) {
        let client = app.client("photo-album");
        client.tokens(&Consent::default()).await;
        app.advance(Lifetime::days(364));
        let mut browser = app.browser("alice").await;
        browser.authorize(&client.request(&Consent::default())).await.expect(303);
        app.advance(Lifetime::days(1));
        let mut browser = app.browser("alice").await;
        browser.authorize(&client.request(&Consent::default())).await.expect(200);
    }
}

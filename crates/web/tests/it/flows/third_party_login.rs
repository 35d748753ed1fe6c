//! A sign-in at an app that begins on the page of authorized apps (OpenID Connect Core 1.0 §4).

use domain::ClientState;
use scraper::{Html, Selector};

use crate::support::{Consent, TestApp, stories};

const ADDRESS: &str = "https://app.example.com/in?from=consentry";

async fn says_where(app: &TestApp, address: &str) {
    let address = address.to_owned();
    app.change_record("photo-album", move |client| {
        client.metadata.initiate_login_uri = Some(address.clone());
    })
    .await;
}

/// Where the page of authorized apps opens its only app.
async fn opens(app: &TestApp, name: &str) -> Option<String> {
    let page = app.browser(name).await.get("/account/apps").await.expect(200);
    assert!(page.body.contains("The photo-album"), "{}", page.body);
    let link = Selector::parse("main li a[id^=open-]").expect("a selector");
    let document = Html::parse_document(&page.body);
    let found = document.select(&link).next();
    found.and_then(|link| link.attr("href")).map(str::to_owned)
}

stories! {
    // oidcc-3rd_party-init-login
    async fn an_app_is_opened_where_it_says_that_a_sign_in_begins(app) {
        let client = app.client("photo-album");
        client.tokens(&Consent::default()).await;
        assert_eq!(opens(app, "alice").await, None);
        says_where(app, ADDRESS).await;
        let issuer = "http%3A%2F%2F127.0.0.1%3A8080";
        assert_eq!(opens(app, "alice").await, Some(format!("{ADDRESS}&iss={issuer}")));
        // It then asks like anybody, and the user passes without a word.
        let mut browser = app.browser("alice").await;
        let reply = browser.authorize(&client.request(&Consent::default())).await;
        reply.expect_code_at(client.redirect_uri());
    }

    /// The address is told as a hint only to an app that may know it anyway.
    async fn who_comes_is_told_to_whom_it_may_concern(app) {
        let all = |metadata: &mut domain::ClientDraft| metadata.scopes = None;
        app.change_client("photo-album", all).await.expect("valid");
        says_where(app, ADDRESS).await;
        let consent = Consent { scope: Some("openid email"), ..Consent::default() };
        app.client("photo-album").tokens(&consent).await;
        let url = opens(app, "alice").await.expect("a link");
        assert!(url.ends_with("&login_hint=alice%40example.com"), "{url}");
    }

    // RU-05
    async fn nothing_but_https_is_ever_a_link(app) {
        app.client("photo-album").tokens(&Consent::default()).await;
        for address in [
            "javascript:alert(1)",
            " https://app.example.com/in",
            "http://app.example.com/in",
            "//app.example.com/in",
            "data:text/html,x",
        ] {
            says_where(app, address).await;
            assert_eq!(opens(app, "alice").await, None, "{address}");
        }
        says_where(app, "https://app.example.com/\"><script>alert(1)</script>").await;
        let page = app.browser("alice").await.get("/account/apps").await.expect(200);
        assert!(!page.body.contains("<script>alert"), "{}", page.body);
    }

    async fn an_app_that_is_suspended_is_not_opened(app) {
        app.client("photo-album").tokens(&Consent::default()).await;
        says_where(app, ADDRESS).await;
        app.set_client_state("photo-album", ClientState::Suspended).await;
        assert_eq!(opens(app, "alice").await, None);
    }
}

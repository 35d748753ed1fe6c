//! Choosing who goes on to an app: `prompt=select_account`.

use domain::Lifetime;

use crate::support::{
    Browser, Consent, ORIGIN, PageForm, Reply, RequestBuilder, TestApp, password, stories, with,
};

const CALLBACK: &str = "https://app.example.com/callback";

const CHOOSE: Consent<'_> = Consent {
    user: "alice",
    scope: Some("read"),
    pkce: true,
    more: &[("prompt", "select_account")],
};

/// Opens a request that asks who goes on, some time after the sign-in.
async fn question(app: &TestApp, browser: &mut Browser<'_>) -> Reply {
    app.advance(Lifetime::seconds(5));
    let request = app.client("photo-album").request(&CHOOSE);
    let page = browser.authorize(&request).await.expect(200);
    assert!(page.body.contains("id=\"account-continue\""), "{}", page.body);
    page
}

/// Where somebody else signs in.
fn other_account(page: &Reply) -> String {
    let (_, rest) = page.body.split_once("id=\"account-other\"").expect("the link is there");
    let (_, rest) = rest.split_once("href=\"").expect("it leads somewhere");
    let url = rest.split('"').next().unwrap_or_default();
    format!("{ORIGIN}{}", url.replace("&#38;", "&").replace("&amp;", "&"))
}

async fn username(app: &TestApp, code: &str) -> String {
    let client = app.client("photo-album");
    let token = client.redeem(code).await.expect(200).text("access_token");
    client.introspect(&token).await.text("username")
}

stories! {
    // O-02
    async fn who_is_signed_in_goes_on_with_one_press(app) {
        app.client("photo-album").tokens(&Consent::default()).await;
        let mut browser = app.browser("alice").await;
        let session = browser.session();
        let page = question(app, &mut browser).await;
        assert!(page.body.contains("alice@example.com") && page.body.contains("The photo-album"));
        let reply = browser.submit(&page, &[]).await.expect(303);
        let code = browser.get(reply.location()).await.expect_code_at(CALLBACK);
        assert_eq!(username(app, &code).await, "alice@example.com");
        // He did not sign in again.
        assert_eq!(browser.session(), session);
    }

    async fn somebody_else_signs_in_instead(app) {
        let client = app.client("photo-album");
        for user in ["alice", "bob"] {
            client.tokens(&Consent { user, ..Consent::default() }).await;
        }
        let mut browser = app.browser("alice").await;
        let page = question(app, &mut browser).await;
        let page = browser.get(&other_account(&page)).await.expect(200);
        assert!(page.body.contains("Sign in as the person who should go on."), "{}", page.body);
        let fields = [("username", "bob@example.com"), ("password", password("bob"))];
        let reply = browser.submit(&page, &fields).await.expect(303);
        let code = browser.get(reply.location()).await.expect_code_at(CALLBACK);
        assert_eq!(username(app, &code).await, "bob@example.com");
    }

    async fn a_sign_in_on_the_way_is_a_choice(app) {
        let client = app.client("photo-album");
        client.tokens(&Consent::default()).await;
        let mut browser = app.anonymous();
        let reply = browser.authorize(&client.request(&CHOOSE)).await;
        reply.expect_sign_in();
        app.advance(Lifetime::seconds(5));
        let page = browser.get(reply.location()).await.expect(200);
        let fields = [("username", "alice@example.com"), ("password", password("alice"))];
        let reply = browser.submit(&page, &fields).await.expect(303);
        browser.get(reply.location()).await.expect_code_at(CALLBACK);
    }

    /// What else the request asks for is done too.
    async fn the_choice_is_one_question_of_several(app) {
        let client = app.client("photo-album");
        client.tokens(&Consent::default()).await;
        let mut browser = app.browser("alice").await;
        app.advance(Lifetime::seconds(5));
        let valid = client.request(&Consent::default());
        let both = with(&valid, "prompt", "select_account consent");
        let page = browser.authorize(&both).await.expect(200);
        assert!(page.body.contains("id=\"account-continue\""), "{}", page.body);
        let reply = browser.submit(&page, &[]).await.expect(303);
        let page = browser.get(reply.location()).await.expect_consent();
        browser.allow(&page, &[]).await.expect_code_at(CALLBACK);
        // Who signs in again has chosen.
        let login = with(&valid, "prompt", "login select_account");
        browser.authorize(&login).await.expect_sign_in();
        let old = with(&with(&valid, "prompt", "select_account"), "max_age", "3");
        browser.authorize(&old).await.expect_sign_in();
    }

    async fn where_nothing_may_be_shown_there_is_no_choice(app) {
        let client = app.client("photo-album");
        client.tokens(&Consent::default()).await;
        let mut browser = app.browser("alice").await;
        app.advance(Lifetime::seconds(5));
        for prompt in ["none select_account", "select_account none"] {
            let request = with(&client.request(&Consent::default()), "prompt", prompt);
            browser.authorize(&request).await.expect_error_at(CALLBACK, "invalid_request");
        }
    }

    // UI-01, M-02, N-04
    async fn a_choice_cannot_be_forged(app) {
        app.client("photo-album").tokens(&Consent::default()).await;
        let mut browser = app.browser("alice").await;
        let page = question(app, &mut browser).await;
        let form = PageForm::read(&page.body);
        let token = form.hidden[0].1.clone();
        let mut bob = app.browser("bob").await;
        let bobs = PageForm::read(&question(app, &mut bob).await.body).hidden.remove(0).1;
        let other = PageForm::read(&question(app, &mut browser).await.body).hidden.remove(0).1;
        let codes = app.code_count().await;
        for wrong in ["", "x", &bobs, &other, &token[1..]] {
            let request = RequestBuilder::post(&form.action).header("origin", ORIGIN);
            browser.send(request.form(&[("csrf_token", wrong)])).await.expect(403);
        }
        for (name, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")] {
            let request = RequestBuilder::post(&form.action).header(name, value);
            browser.send(request.form(&[("csrf_token", &token)])).await.expect(403);
        }
        browser.get(&format!("{}?csrf_token={token}", form.action)).await.expect(405);
        // The handle of the question is nobody's choice but the one's who was asked.
        let request = RequestBuilder::post(&form.action).header("origin", ORIGIN);
        bob.send(request.form(&[("csrf_token", &token)])).await.expect(403);
        assert_eq!(app.code_count().await, codes);
        browser.submit(&page, &[]).await.expect(303);
    }

    // UI-01
    async fn a_choice_is_made_once_and_in_time(app) {
        app.client("photo-album").tokens(&Consent::default()).await;
        let mut browser = app.browser("alice").await;
        let page = question(app, &mut browser).await;
        let reply = browser.submit(&page, &[]).await.expect(303);
        browser.submit(&page, &[]).await.expect_error_page("request_expired");
        app.advance(Lifetime::seconds(60));
        browser.get(reply.location()).await.expect_error_page("request_expired");
        let page = question(app, &mut browser).await;
        app.advance(Lifetime::minutes(10));
        browser.submit(&page, &[]).await.expect_error_page("request_expired");
    }
}

//! What a user allowed: he sees it, takes it back, and the tokens are dead.

use crate::support::{Browser, Consent, ORIGIN, PageForm, Reply, RequestBuilder, TestApp, stories};

const PATH: &str = "/account/apps";

/// Presses the button of the form with this action.
async fn press(browser: &mut Browser<'_>, page: &Reply, action: &str) -> Reply {
    let forms = PageForm::all(&page.body);
    let form = forms.iter().find(|form| form.action == action);
    let form = form.unwrap_or_else(|| panic!("no form for {action}"));
    browser.submit_form(form, &[]).await
}

async fn grant_id(app: &TestApp, user: &str, identifier: &str) -> String {
    let (account, user) = (app.account(ORIGIN).await, app.user(user).await);
    let client = app.registered(identifier).await;
    let grant = store::grants::show(&app.ctx.store, account.id, user.id, client.id).await;
    grant.expect("reads").expect("there is a grant").id.to_string()
}

stories! {
    /// Taking access back from one app ends its tokens and no other app's.
    // M-03, V10.4.9, V10.7.3
    async fn a_user_takes_back_what_he_allowed_one_app(app) {
        let (album, report) = (app.client("photo-album"), app.client("daily-report"));
        let first = album.tokens(&Consent::default()).await;
        let second = report.tokens(&Consent::default()).await;
        let mut browser = app.browser("alice").await;
        let page = browser.get(PATH).await.expect(200);
        for shown in ["The photo-album", "The daily-report", "Example Ltd", "<code>photo-album</code>"] {
            assert!(page.body.contains(shown), "{shown}");
        }
        let id = grant_id(app, "alice", "photo-album").await;
        let reply = press(&mut browser, &page, &format!("{PATH}/{id}/revoke")).await.expect(303);
        assert_eq!(reply.location(), "/account/apps?done=one");

        assert!(!album.is_active(&first.text("access_token")).await);
        let refused = album.refresh(&first.text("refresh_token")).await.error();
        assert_eq!(refused, (400, "invalid_grant".to_owned()));
        assert!(report.is_active(&second.text("access_token")).await);
        let page = browser.follow(reply).await.expect(200);
        assert!(page.body.contains("The app no longer has access."));
        assert!(!page.body.contains("The photo-album"));
        assert_eq!(app.events("grant.revoked").await.len(), 1);
    }

    /// Taking everything back ends every app's tokens, and nobody else's.
    // M-03, V10.4.9
    async fn a_user_takes_everything_back(app) {
        let (album, report) = (app.client("photo-album"), app.client("daily-report"));
        let first = album.tokens(&Consent::default()).await;
        let second = report.tokens(&Consent::default()).await;
        let bobs = album.tokens(&Consent { user: "bob", ..Consent::default() }).await;
        let mut browser = app.browser("alice").await;
        let page = browser.get(PATH).await.expect(200);
        let reply = press(&mut browser, &page, "/account/apps/revoke").await.expect(303);
        assert_eq!(reply.location(), "/account/apps?done=all");
        assert!(!album.is_active(&first.text("access_token")).await);
        assert!(!report.is_active(&second.text("access_token")).await);
        assert!(album.is_active(&bobs.text("access_token")).await);
        let page = browser.follow(reply).await.expect(200);
        assert!(page.body.contains("No app has access to your account"));
    }

    /// A grant of somebody else, a made-up one and one taken back before are all not there.
    // M-03
    async fn nobody_takes_back_what_another_allowed(app) {
        let client = app.client("photo-album");
        let tokens = client.tokens(&Consent::default()).await;
        client.tokens(&Consent { user: "bob", ..Consent::default() }).await;
        let id = grant_id(app, "alice", "photo-album").await;
        let mut bob = app.browser("bob").await;
        let page = bob.get(PATH).await.expect(200);
        assert!(!page.body.contains("alice"));
        let forms = PageForm::all(&page.body);
        let own = forms.iter().find(|form| form.action.ends_with("/revoke")).expect("a form");
        for id in [&*id, "0", "-1", "999999999", "x", "9223372036854775808", "1%00", "%FF"] {
            let action = format!("{PATH}/{id}/revoke");
            let form = PageForm { action, hidden: own.hidden.clone() };
            bob.submit_form(&form, &[]).await.expect(404);
        }
        assert!(client.is_active(&tokens.text("access_token")).await);
    }

    /// The buttons are for the signed-in user's own page: no token, another's token or another site
    /// change nothing.
    // V3.5.1–3, M-02
    async fn forged_revocations_change_nothing(app) {
        let client = app.client("photo-album");
        let tokens = client.tokens(&Consent::default()).await;
        let id = grant_id(app, "alice", "photo-album").await;
        let mut browser = app.browser("alice").await;
        let mut bob = app.browser("bob").await;
        let bobs_page = bob.get(PATH).await.expect(200);
        let bobs = PageForm::all(&bobs_page.body).remove(0).hidden.remove(0).1;
        let page = browser.get(PATH).await.expect(200);
        let own = PageForm::all(&page.body);
        let sign_out = own.iter().find(|form| form.action == "/logout").expect("the header's form");
        let others_purpose = sign_out.hidden[0].1.clone();
        let right = own.iter().find(|form| form.action != "/logout").expect("a form").hidden[0].1.clone();
        for action in [format!("{PATH}/{id}/revoke"), format!("{PATH}/revoke")] {
            for token in ["", "x", &bobs, &others_purpose] {
                let request = RequestBuilder::post(&action)
                    .header("origin", ORIGIN)
                    .form(&[("csrf_token", token)]);
                browser.send(request).await.expect(403);
            }
            let request = RequestBuilder::post(&action)
                .header("origin", "https://evil.example")
                .form(&[("csrf_token", &right)]);
            browser.send(request).await.expect(403);
            browser.get(&action).await.expect(405);
            let unsigned = RequestBuilder::post(&action).form(&[("csrf_token", &right)]);
            app.send(unsigned).await.expect(403);
        }
        assert!(client.is_active(&tokens.text("access_token")).await);
    }

    /// After taking it back the app has to ask again.
    // V10.7.1
    async fn consent_is_asked_again_after_it_was_taken_back(app) {
        let client = app.client("photo-album");
        client.tokens(&Consent::default()).await;
        let mut browser = app.browser("alice").await;
        browser.authorize(&client.request(&Consent::default())).await.expect(303);
        let page = browser.get(PATH).await.expect(200);
        press(&mut browser, &page, "/account/apps/revoke").await.expect(303);
        browser.authorize(&client.request(&Consent::default())).await.expect(200);
    }

    /// Who asks for more than before shows the page again, with what is new marked.
    // UI-06, V10.7.1
    async fn more_than_was_allowed_is_asked_for(app) {
        let client = app.client("photo-album");
        client.tokens(&Consent::default()).await;
        let mut browser = app.browser("alice").await;
        for scope in ["read write", "write", "read calendar:read openid"] {
            let more = Consent { scope: Some(scope), ..Consent::default() };
            let page = browser.authorize(&client.request(&more)).await.expect(200);
            assert!(page.body.contains("New since last time"), "{scope}");
            let silent = Consent { more: &[("prompt", "none")], ..more };
            let reply = browser.authorize(&client.request(&silent)).await.expect(303);
            assert_eq!(reply.parameter("error").as_deref(), Some("consent_required"), "{scope}");
        }
        browser.authorize(&client.request(&Consent::default())).await.expect(303);
    }

    /// The list is private, and empty for somebody who allowed nothing.
    async fn the_list_is_the_users_own(app) {
        assert_eq!(app.get(PATH).await.expect(303).location(), "/login");
        app.client("photo-album").tokens(&Consent::default()).await;
        let page = app.browser("bob").await.get(PATH).await.expect(200);
        assert!(page.body.contains("No app has access to your account"));
        let page = app.browser("bob").await.get("/account/apps?after=x&done=evil").await;
        assert!(!page.expect(200).body.contains("evil"));
    }
}

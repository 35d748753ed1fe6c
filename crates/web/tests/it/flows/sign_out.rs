//! Signing out: after a question, at the server, and by nobody else's will.

use crate::support::{Browser, ClientActor, Consent, ORIGIN, RequestBuilder, password, stories};

async fn is_signed_in(browser: &mut Browser<'_>) -> bool {
    browser.get("/account/apps").await.status == 200
}

/// Signs a person in with a browser that is signed in already.
async fn sign_in_over(browser: &mut Browser<'_>, client: &ClientActor<'_>, name: &str) {
    let request = [("prompt", "login")];
    let consent = Consent { scope: Some("openid read"), more: &request, ..Consent::default() };
    let reply = browser.authorize(&client.request(&consent)).await;
    let page = browser.follow(reply).await.expect(200);
    let email = format!("{name}@example.com");
    let typed = [("username", &*email), ("password", password(name))];
    browser.submit(&page, &typed).await.expect(303);
}

stories! {
    /// Signing out asks first, then ends the session at the server: a copy of the cookie is dead too.
    // V7.4.1, V10.6.2
    async fn signing_out_ends_the_session_at_the_server(app) {
        let mut browser = app.browser("alice").await;
        let mut copy = app.anonymous();
        copy.adopt(&browser);
        let page = browser.get("/logout").await.expect(200);
        assert!(page.body.contains("id=\"logout-confirm\""));
        assert!(is_signed_in(&mut browser).await, "the question alone ends nothing");

        let reply = browser.submit(&page, &[]).await.expect(303);
        assert_eq!(reply.location(), "/logout");
        assert!(reply.header("set-cookie").expect("removed").contains("Max-Age=0"));
        assert_eq!(browser.session(), None);
        assert!(!is_signed_in(&mut copy).await);
        let page = browser.follow(reply).await.expect(200);
        assert!(page.body.contains("You are signed out"));
        assert!(!page.body.contains("<form"), "there is nothing left to sign out of");
    }

    /// Every page of a signed-in user has the button, and it works from there.
    // V7.4.4
    async fn every_page_of_a_user_lets_him_sign_out(app) {
        for path in ["/account/apps", "/"] {
            let mut browser = app.browser("alice").await;
            let page = browser.get(path).await.expect(200);
            let forms = crate::support::PageForm::all(&page.body);
            let form = forms.iter().find(|form| form.action == "/logout").expect("the button");
            browser.submit_form(form, &[]).await.expect(303);
            assert!(!is_signed_in(&mut browser).await, "{path}");
        }
    }

    /// One browser signs out; the user's others stay.
    async fn signing_out_ends_this_session_only(app) {
        let (mut here, mut there) = (app.browser("alice").await, app.browser("alice").await);
        let page = here.get("/logout").await.expect(200);
        here.submit(&page, &[]).await.expect(303);
        assert!(is_signed_in(&mut there).await);
    }

    /// A picture, a link, another site's form or a form without its token signs nobody out.
    // UI-08, V10.6.2, V3.5.1–3, M-02
    async fn nobody_else_signs_a_user_out(app) {
        let mut browser = app.browser("alice").await;
        for path in ["/logout", "/logout?confirm=yes", "/logout?id_token_hint=x&state=y"] {
            let image = RequestBuilder::get(path)
                .header("sec-fetch-site", "cross-site")
                .header("sec-fetch-dest", "image");
            browser.send(image).await.expect(200);
        }
        let page = browser.get("/logout").await.expect(200);
        let token = crate::support::PageForm::read(&page.body).hidden.remove(0);
        let fields = [(token.0.as_str(), token.1.as_str())];
        let evil = [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")];
        for (name, value) in evil {
            let request = RequestBuilder::post("/logout").header(name, value).form(&fields);
            browser.send(request).await.expect(403);
        }
        for fields in [&[][..], &[("csrf_token", "")], &[("csrf_token", "x")]] {
            let request = RequestBuilder::post("/logout").header("origin", ORIGIN).form(fields);
            browser.send(request).await.expect(403);
        }
        assert!(is_signed_in(&mut browser).await);
    }

    /// An unregistered or unproven address to go to is not gone to.
    // RU-11, B-02
    async fn signing_out_leads_nowhere_else(app) {
        let query = "post_logout_redirect_uri=https%3A%2F%2Fevil.example%2F&state=x";
        let mut browser = app.browser("alice").await;
        let page = browser.get(&format!("/logout?{query}")).await.expect(200);
        assert!(!page.body.contains("evil.example"));
        let reply = browser.submit(&page, &[]).await.expect(303);
        assert_eq!(reply.location(), "/logout");
        let page = browser.get(&format!("/logout?{query}")).await.expect(200);
        assert!(!page.body.contains("evil.example"));
    }

    /// Apps keep what they were allowed for longer than a session: plain OAuth, and offline access.
    async fn apps_keep_their_access_after_signing_out(app) {
        let client = app.client("photo-album");
        let tokens = client.tokens(&Consent::default()).await;
        let mut browser = app.browser("alice").await;
        let page = browser.get("/logout").await.expect(200);
        browser.submit(&page, &[]).await.expect(303);
        client.refresh(&tokens.text("refresh_token")).await.expect(200);
    }

    /// Somebody else who signs in over a session ends it as signing out does; the same user goes on.
    // B-12, V7.4.1
    async fn signing_in_over_a_session_ends_it(app) {
        let client = app.client("web-player");
        let mut browser = app.browser("alice").await;
        let consent = Consent { scope: Some("openid read"), ..Consent::default() };
        let page = browser.authorize(&client.request(&consent)).await.expect(200);
        let reply = browser.allow(&page, &[]).await.expect(303);
        let tokens = client.redeem(&reply.parameter("code").expect("a code")).await.expect(200);

        let mut again = app.anonymous();
        again.adopt(&browser);
        app.advance(domain::Lifetime::seconds(1));
        sign_in_over(&mut again, &client, "alice").await;
        assert_eq!(app.events("session.ended").await.len(), 1);
        let tokens = client.refresh(&tokens.text("refresh_token")).await.expect(200);

        let page = again.authorize(&client.request(&consent)).await;
        let code = page.parameter("code").expect("a code without a question");
        let newer = client.redeem(&code).await.expect(200);
        app.advance(domain::Lifetime::seconds(1));
        sign_in_over(&mut again, &client, "bob").await;
        assert_eq!(app.events("session.ended").await.len(), 2);
        let refused = client.refresh(&newer.text("refresh_token")).await.error();
        assert_eq!(refused, (400, "invalid_grant".to_owned()));
        // What she got before she signed in again was got in the session that now ended.
        let refused = client.refresh(&tokens.text("refresh_token")).await.error();
        assert_eq!(refused, (400, "invalid_grant".to_owned()));
    }

    /// What was begun in a session and asked for no offline access ends with it.
    // B-12, BA-02
    async fn what_is_not_for_offline_ends_with_the_session(app) {
        let client = app.client("photo-album");
        let mut browser = app.browser("alice").await;
        let mut issued = Vec::new();
        for scope in ["openid offline_access read", "openid read"] {
            let consent = Consent { scope: Some(scope), ..Consent::default() };
            let mut reply = browser.authorize(&client.request(&consent)).await;
            if reply.status == 200 {
                reply = browser.allow(&reply.clone(), &[]).await;
            }
            let code = reply.expect(303).parameter("code").expect("a code");
            issued.push(client.redeem(&code).await.expect(200));
        }
        let [offline, online] = &*issued else { panic!("two were issued") };
        assert!(client.is_active(&online.text("access_token")).await);
        let page = browser.get("/logout").await.expect(200);
        browser.submit(&page, &[]).await.expect(303);
        assert!(!client.is_active(&online.text("access_token")).await);
        if let Some(token) = online.json()["refresh_token"].as_str() {
            let refused = client.refresh(token).await.error();
            assert_eq!(refused, (400, "invalid_grant".to_owned()));
        }
        assert!(client.is_active(&offline.text("access_token")).await);
        client.refresh(&offline.text("refresh_token")).await.expect(200);
    }
}

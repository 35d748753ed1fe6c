//! A browser that a user has signed in with before: what others guess does not lock it out.

use crate::support::{Browser, Reply, RequestBuilder, TestApp, password, stories};

async fn try_sign_in(browser: &mut Browser<'_>, name: &str, password: &str) -> Reply {
    let page = browser.get("/login").await.expect(200);
    let email = format!("{name}@example.com");
    browser.submit(&page, &[("username", &email), ("password", password)]).await
}

async fn sign_out(browser: &mut Browser<'_>) {
    let page = browser.get("/logout").await.expect(200);
    browser.submit(&page, &[]).await.expect(303);
}

/// Fails as often as a window allows.
async fn use_up_attempts(app: &TestApp, browser: &mut Browser<'_>, name: &str) {
    for _ in 0..app.ctx.policy.sign_in_failures_per_window {
        try_sign_in(browser, name, "not the password").await.expect(422);
    }
    try_sign_in(browser, name, password(name)).await.expect(429);
}

stories! {
    /// Guesses from the same address do not lock it out, on any node; it has a count of its own, with
    /// the same limit.
    // DS-06
    async fn a_known_device_is_not_locked_out_by_others(app) {
        let mut known = app.browser("alice").await;
        sign_out(&mut known).await;
        use_up_attempts(app, &mut app.anonymous(), "alice").await;
        try_sign_in(&mut app.anonymous(), "alice", password("alice")).await.expect(429);
        try_sign_in(&mut known, "alice", password("alice")).await.expect(303);
        sign_out(&mut known).await;

        let there = app.another_node().await;
        let mut elsewhere = there.anonymous();
        elsewhere.adopt(&known);
        use_up_attempts(&there, &mut elsewhere, "alice").await;
        try_sign_in(&mut known, "alice", password("alice")).await.expect(429);
    }

    /// It is known for the user who has signed in with it; made-up cookies are known for nobody.
    // DS-06
    async fn a_device_is_known_for_its_user_only(app) {
        let mut bobs = app.browser("bob").await;
        sign_out(&mut bobs).await;
        let mut known = app.browser("alice").await;
        sign_out(&mut known).await;
        use_up_attempts(app, &mut app.anonymous(), "alice").await;
        try_sign_in(&mut bobs, "alice", password("alice")).await.expect(429);

        let cookie = known.device().expect("a device");
        let altered = format!("{}{}", if cookie.starts_with('A') { "B" } else { "A" }, &cookie[1..]);
        for value in [&*altered, &cookie[..cookie.len() - 1], &cookie[..22], "", "x"] {
            known.replace_device(value);
            try_sign_in(&mut known, "alice", password("alice")).await.expect(429);
        }
        known.replace_device(&cookie);
        try_sign_in(&mut known, "alice", password("alice")).await.expect(303);
    }

    /// Signing in again gives no new count, and the cookie opens nothing.
    // DS-06
    async fn a_device_stays_the_same_and_opens_nothing(app) {
        let mut known = app.browser("alice").await;
        let cookie = known.device();
        assert!(cookie.is_some());
        sign_out(&mut known).await;
        known.sign_in("alice").await;
        assert_eq!(known.device(), cookie);
        let mut known = known.without_session();
        assert_eq!(known.get("/account/apps").await.expect(303).location(), "/login");
        let other = app.browser("alice").await;
        assert_ne!(other.device(), cookie, "another browser is another device");
        let as_bearer = RequestBuilder::get("/api/v2/oauth/clients");
        app.send(as_bearer.bearer(&cookie.expect("a device"))).await.expect(401);
    }
}

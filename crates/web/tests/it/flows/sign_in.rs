//! Signing in: who gets in, who does not, and what nobody learns by trying.

use domain::{HandleKind, Lifetime};

use crate::support::{Browser, Consent, Reply, RequestBuilder, TestApp, password, stories};

/// A page that only signed-in people see.
const PRIVATE: &str = "/account/apps";

async fn try_sign_in(browser: &mut Browser<'_>, email: &str, password: &str) -> Reply {
    let page = browser.get("/login").await.expect(200);
    browser.submit(&page, &[("username", email), ("password", password)]).await
}

async fn is_signed_in(browser: &mut Browser<'_>) -> bool {
    let reply = browser.get(PRIVATE).await;
    if reply.status == 200 {
        return true;
    }
    assert_eq!(reply.expect(303).location(), "/login");
    false
}

/// Fails as often as a window allows.
async fn use_up_attempts(app: &TestApp, email: &str) {
    let mut browser = app.anonymous();
    for _ in 0..app.ctx.policy.sign_in_failures_per_window {
        try_sign_in(&mut browser, email, "not the password").await.expect(422);
    }
}

/// What a sign-in attempt costs in statements, the background's left out as well as possible.
async fn statements(app: &TestApp, browser: &mut Browser<'_>, email: &str) -> u64 {
    let page = browser.get("/login").await.expect(200);
    let mut fewest = u64::MAX;
    for _ in 0..4 {
        app.warm().await;
        let before = app.ctx.store.statement_count();
        let fields = [("username", email), ("password", "not the password")];
        browser.submit(&page, &fields).await.expect(422);
        fewest = fewest.min(app.ctx.store.statement_count() - before);
    }
    fewest
}

stories! {
    /// A password opens a session; nothing in the address bar does.
    // N-04, V7.2.3, B-18
    async fn a_password_opens_a_session(app) {
        let mut browser = app.anonymous();
        assert!(!is_signed_in(&mut browser).await);
        let reply = try_sign_in(&mut browser, "alice@example.com", password("alice")).await;
        assert_eq!(reply.expect(303).location(), PRIVATE);
        let session = browser.session().expect("a session cookie");
        // 256 random bits; no word of it in any address.
        assert_eq!(domain::Handle::kind(&session), Some(HandleKind::Session));
        assert!(session.len() > 43, "{session}");
        let page = browser.get(PRIVATE).await.expect(200);
        assert!(!page.body.contains(&session));
        let mut stranger = app.anonymous();
        let guessed = format!("{PRIVATE}?session={session}");
        assert_eq!(stranger.get(&guessed).await.expect(303).location(), "/login");
    }

    /// Addresses are compared without case and spaces around them; passwords are compared exactly.
    // V6.2.8
    async fn only_the_exact_password_opens_a_session(app) {
        for email in ["ALICE@example.COM", " alice@example.com "] {
            let reply = try_sign_in(&mut app.anonymous(), email, password("alice")).await;
            reply.expect(303);
        }
        for wrong in ["Alice in wonderland", "alice in wonderland ", "alice in wonderlan", " "] {
            let mut browser = app.anonymous();
            try_sign_in(&mut browser, "alice@example.com", wrong).await.expect(422);
            assert_eq!(browser.session(), None, "{wrong:?}");
        }
    }

    /// Each account has its own people: the password of one opens nothing at another.
    async fn a_user_of_one_account_cannot_sign_in_at_another(app) {
        let other = crate::support::OTHER_ORIGIN;
        let page = app.send(RequestBuilder::get("/login").at(other)).await.expect(200);
        let cookie = page.header("set-cookie").expect("a visit").split(';').next();
        let form = crate::support::PageForm::read(&page.body);
        let token = form.hidden.iter().find(|(name, _)| name == "csrf_token").expect("a token");
        let fields = [
            ("csrf_token", token.1.as_str()),
            ("username", "alice@example.com"),
            ("password", password("alice")),
        ];
        let request = RequestBuilder::post("/login")
            .at(other)
            .header("origin", other)
            .header("cookie", cookie.expect("a pair"))
            .form(&fields);
        app.send(request).await.expect(422);
    }

    /// Nobody learns who has an account: not from the page, its status, or the work behind it.
    // TN-09, V6.3.8
    async fn an_unknown_user_and_a_wrong_password_look_alike(app) {
        app.suspend_user("bob", true).await;
        let mut browser = app.anonymous();
        let page = browser.get("/login").await.expect(200);
        let mut shown = Vec::new();
        for (email, password) in [
            ("alice@example.com", "not the password"),
            ("nobody@example.com", "not the password"),
            ("bob@example.com", password("bob")),
        ] {
            let fields = [("username", email), ("password", password)];
            let reply = browser.submit(&page, &fields).await.expect(422);
            assert_eq!(reply.header("retry-after"), None);
            let mut headers = reply.headers.clone();
            headers.remove("x-request-id");
            headers.remove("content-length");
            shown.push((headers, reply.body.replace(email, "EMAIL")));
        }
        assert!(shown[0].1.contains("The email or the password is wrong."));
        assert_eq!(shown[0], shown[1]);
        assert_eq!(shown[0], shown[2]);
        let known = statements(app, &mut browser, "admin@example.com").await;
        let unknown = statements(app, &mut browser, "nobody-else@example.com").await;
        assert_eq!(known, unknown);
    }

    /// After ten failures nobody gets in for five minutes, with the right password either; the page
    /// says how long, and the same of people who do not exist.
    // V6.3.1, N-02, TN-09, D-10
    async fn a_throttled_sign_in_says_how_long_to_wait(app) {
        for email in ["alice@example.com", "nobody@example.com"] {
            use_up_attempts(app, email).await;
            let mut browser = app.anonymous();
            let reply = try_sign_in(&mut browser, email, password("alice")).await.expect(429);
            assert_eq!(reply.header("retry-after"), Some("300"));
            assert!(reply.body.contains("Try again in 5 minutes."), "{}", reply.body);
            assert_eq!(browser.session(), None);
        }
        app.advance(Lifetime::seconds(240));
        let reply = try_sign_in(&mut app.anonymous(), "alice@example.com", "x").await.expect(429);
        assert_eq!(reply.header("retry-after"), Some("60"));
        assert!(reply.body.contains("Try again in 1 minute."), "{}", reply.body);
        app.advance(Lifetime::seconds(60));
        let mut browser = app.anonymous();
        browser.sign_in("alice").await;
        assert!(is_signed_in(&mut browser).await);
    }

    /// Another spelling of the address is another try at the same user; another user, or the same
    /// user elsewhere, is not locked out.
    // N-02, V6.3.1
    async fn a_throttle_knows_its_user_in_any_spelling(app) {
        use_up_attempts(app, "alice@example.com").await;
        for spelling in ["Alice@Example.com", " alice@example.com"] {
            try_sign_in(&mut app.anonymous(), spelling, password("alice")).await.expect(429);
        }
        app.anonymous().sign_in("bob").await;
        let mut browser = app.anonymous();
        let page = browser.get("/login").await.expect(200);
        let form = crate::support::PageForm::read(&page.body);
        let hidden = form.hidden.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let typed = [("username", "alice@example.com"), ("password", password("alice"))];
        let fields: Vec<_> = hidden.chain(typed).collect();
        let elsewhere = "192.0.2.7".parse().expect("an address");
        let request = RequestBuilder::post("/login").form(&fields).sent_from(elsewhere);
        browser.send(request).await.expect(303);
    }

    /// A success wipes the slate: nine failures, a success and nine failures lock nobody out.
    async fn a_success_ends_the_count_of_failures(app) {
        for _ in 0..2 {
            let mut browser = app.anonymous();
            for _ in 0..9 {
                try_sign_in(&mut browser, "alice@example.com", "wrong").await.expect(422);
            }
            browser.sign_in("alice").await;
        }
    }

    /// A password that nobody can have is not hashed; empty fields are pointed at.
    // DS-01, V6.2.9
    async fn passwords_beyond_the_limit_are_not_looked_at(app) {
        let mut browser = app.anonymous();
        for (password, status) in [("", 422), (&*"x".repeat(1024), 422), (&*"x".repeat(1025), 400)]
        {
            let reply = try_sign_in(&mut browser, "alice@example.com", password).await;
            reply.expect(status);
        }
        try_sign_in(&mut browser, "", "x").await.expect(422);
        let huge = "x".repeat(1 << 20);
        let reply = try_sign_in(&mut browser, "alice@example.com", &huge).await.expect(413);
        assert!(reply.body.contains("<code>request_too_large</code>"));
        assert_eq!(browser.session(), None);
    }

    /// What no address can be is somebody unknown, not a fault.
    // TN-09
    async fn odd_addresses_are_unknown_users(app) {
        let long = format!("{}@example.com", "a".repeat(50_000));
        for email in ["a'b\"c\\@x", "%00", "\u{202e}@x", "' OR 1=1 --", &long] {
            try_sign_in(&mut app.anonymous(), email, "some password").await.expect(422);
        }
        for (email, password) in [("\0", "x"), ("alice@example.com\0", "x"), ("alice", "\0")] {
            try_sign_in(&mut app.anonymous(), email, password).await.expect(400);
        }
    }

    /// A form has as many fields as a page could have, and not one more.
    // DS-01
    async fn forms_of_too_many_fields_are_refused(app) {
        let mut browser = app.anonymous();
        let page = browser.get("/login").await.expect(200);
        let hidden = crate::support::PageForm::read(&page.body).hidden.len();
        let typed = [("username", "alice@example.com"), ("password", password("alice"))];
        let filled = app.ctx.policy.form_field_limit - hidden - typed.len();
        for (more, status) in [(filled + 1, 400), (filled, 303)] {
            let fields = [vec![("more", "x"); more], typed.to_vec()].concat();
            browser.submit(&page, &fields).await.expect(status);
        }
    }

    /// Every sign-in makes a new session id: one that was planted before is worth nothing after.
    // V7.2.4
    async fn each_sign_in_makes_a_new_session(app) {
        let mut browser = app.browser("alice").await;
        let first = browser.session().expect("a session");
        let mut thief = app.anonymous();
        thief.adopt(&browser);
        assert!(is_signed_in(&mut thief).await);

        app.advance(Lifetime::seconds(1));
        let request = app.client("photo-album").request(&Consent {
            more: &[("prompt", "login")],
            ..Consent::default()
        });
        let reply = browser.authorize(&request).await;
        let page = browser.follow(reply).await.expect(200);
        let fields = [("username", "alice@example.com"), ("password", password("alice"))];
        browser.submit(&page, &fields).await.expect(303);
        assert_ne!(browser.session().expect("a session"), first);
        assert!(is_signed_in(&mut browser).await);
        assert!(!is_signed_in(&mut thief).await, "the session before has ended");
    }

    /// A session that is not used ends after a day; one that is used, after thirty.
    // V7.3.1, V7.3.2, N-03
    async fn sessions_end_when_idle_and_at_last(app) {
        let mut browser = app.browser("alice").await;
        app.advance(Lifetime::hours(24) - Lifetime::seconds(1));
        assert!(is_signed_in(&mut browser).await);
        app.advance(Lifetime::hours(24));
        assert!(!is_signed_in(&mut browser).await, "idle for a day");

        let mut browser = app.browser("alice").await;
        for _ in 0..(30 * 24 / 20 - 1) {
            app.advance(Lifetime::hours(20));
            assert!(is_signed_in(&mut browser).await);
        }
        app.advance(Lifetime::hours(20));
        assert!(!is_signed_in(&mut browser).await, "thirty days old");
    }

    /// An admin's session ends after an idle hour, and after twelve in any case.
    // V7.3.1, V7.3.2, N-03
    async fn sessions_of_admins_end_sooner(app) {
        let mut browser = app.browser("admin").await;
        app.advance(Lifetime::minutes(59));
        assert!(is_signed_in(&mut browser).await);
        app.advance(Lifetime::minutes(60));
        assert!(!is_signed_in(&mut browser).await, "idle for an hour");

        let mut browser = app.browser("admin").await;
        for _ in 0..(12 * 60 / 40 - 1) {
            app.advance(Lifetime::minutes(40));
            assert!(is_signed_in(&mut browser).await);
        }
        app.advance(Lifetime::minutes(40));
        assert!(!is_signed_in(&mut browser).await, "twelve hours old");
    }

    /// A new password ends every session and every refresh token of the user, nobody else's.
    // B-12, V7.4.3
    async fn a_new_password_ends_sessions_and_refresh_tokens(app) {
        let client = app.client("photo-album");
        let tokens = client.tokens(&Consent::default()).await;
        let bobs = client.tokens(&Consent { user: "bob", ..Consent::default() }).await;
        let (mut here, mut there) = (app.browser("alice").await, app.browser("alice").await);
        app.set_password("alice", "down the rabbit hole").await;
        assert!(!is_signed_in(&mut here).await);
        assert!(!is_signed_in(&mut there).await);
        assert!(!client.is_active(&tokens.text("access_token")).await);
        let refused = client.refresh(&tokens.text("refresh_token")).await.error();
        assert_eq!(refused, (400, "invalid_grant".to_owned()));
        client.refresh(&bobs.text("refresh_token")).await.expect(200);

        let mut browser = app.anonymous();
        try_sign_in(&mut browser, "alice@example.com", password("alice")).await.expect(422);
        try_sign_in(&mut browser, "alice@example.com", "down the rabbit hole").await.expect(303);
    }

    /// Suspending somebody ends all of it at once, and it stays ended when the suspension ends.
    // V7.4.2, V7.4.5
    async fn a_suspended_user_is_out_at_once(app) {
        let client = app.client("photo-album");
        let tokens = client.tokens(&Consent::default()).await;
        let mut browser = app.browser("alice").await;
        app.suspend_user("alice", true).await;
        assert!(!is_signed_in(&mut browser).await);
        assert!(!client.is_active(&tokens.text("access_token")).await);
        let reply = try_sign_in(&mut app.anonymous(), "alice@example.com", password("alice")).await;
        reply.expect(422);
        app.suspend_user("alice", false).await;
        assert!(!is_signed_in(&mut browser).await, "the session stays ended");
        assert!(!client.is_active(&tokens.text("access_token")).await);
        browser.sign_in("alice").await;
    }

    /// The sign-in page names the app that somebody is on the way to, and leads back to its request
    /// and nowhere else.
    // RU-11, B-02
    async fn a_sign_in_leads_back_to_the_request_only(app) {
        let mut browser = app.anonymous();
        let client = app.client("photo-album");
        let reply = browser.authorize(&client.request(&Consent::default())).await;
        let page = browser.follow(reply).await.expect(200);
        assert!(page.body.contains("to continue to"), "{}", page.body);
        assert!(page.body.contains("The photo-album"));
        let fields = [("username", "alice@example.com"), ("password", password("alice"))];
        let reply = browser.submit(&page, &fields).await.expect(303);
        assert!(reply.location().starts_with("/oauth/authorizations/new?resume="));

        for elsewhere in ["//evil.example", "/\\evil.example", "https:evil.example", "/%09/evil"] {
            for name in ["return_to", "next", "continue", "request", "redirect_uri"] {
                let mut browser = app.anonymous();
                let reply = browser.get(&format!("/login?{name}={elsewhere}")).await;
                assert_eq!(reply.header("location"), None, "{name}");
                if reply.status == 200 {
                    let reply = browser.submit(&reply, &fields).await.expect(303);
                    assert_eq!(reply.location(), PRIVATE, "{name}={elsewhere}");
                }
            }
        }
    }

    /// Whoever is signed in is not asked again, unless he is on the way somewhere.
    async fn somebody_signed_in_is_not_asked_again(app) {
        let mut browser = app.browser("alice").await;
        assert_eq!(browser.get("/login").await.expect(303).location(), PRIVATE);
        let made_up = browser.get("/login?request=cstar_nothing").await.expect(400);
        assert!(made_up.body.contains("<code>request_expired</code>"));
    }
}

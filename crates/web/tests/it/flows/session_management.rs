//! The frame in which apps watch whether their user's session is the same (OpenID Connect Session Management 1.0), with
//! the modules of the OpenID Foundation's plan for it.

use domain::Lifetime;

use crate::support::{Browser, Challenge, RequestBuilder, SECURE, TestApp, password, stories};

const CALLBACK: &str = "https://watcher.example.com:8443/cb";

/// The hash that the frame computes (§4.2).
fn state_of(browser_state: &str, salt: &str) -> String {
    let text = format!("watcher https://watcher.example.com:8443 {browser_state} {salt}");
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    let hex = digest.as_ref().iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    format!("{hex}.{salt}")
}

/// Asks for a code at the account that is reached by https, and answers the consent page.
async fn authorize(browser: &mut Browser<'_>) -> crate::support::Reply {
    let parameters = [
        ("response_type", "code"),
        ("client_id", "watcher"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid"),
        ("state", "xyz"),
        ("code_challenge", Challenge::RFC.challenge),
        ("code_challenge_method", "S256"),
    ];
    let reply = browser.authorize(&parameters).await;
    if reply.status == 200 { browser.allow(&reply, &[]).await } else { reply }
}

/// The cookie that the frame reads, as the browser is told to keep it.
fn state_cookie(reply: &crate::support::Reply) -> Option<String> {
    let cookies = reply.headers.get_all("set-cookie").iter();
    let cookies = cookies.map(|cookie| cookie.to_str().expect("cookies are ASCII").to_owned());
    cookies.into_iter().find(|cookie| cookie.starts_with("__Host-consentry-state-"))
}

async fn frame(app: &TestApp) -> crate::support::Reply {
    app.send(RequestBuilder::get("/oauth/session").by_https()).await
}

stories! {
    /// What an app got with its code fits the cookie that the frame reads, until the user signs out.
    // oidcc-session-management-rp-initiated-logout
    async fn the_state_fits_until_the_session_ends(app) {
        let watched = app.watched().await;
        let mut browser = watched.anonymous_at(SECURE);
        browser.sign_in("alice").await;
        let reply = authorize(&mut browser).await.expect(303);
        let state = reply.parameter("session_state").expect("a state of the session");
        assert!(!state.contains(' '));
        let cookie = state_cookie(&reply).expect("the frame's cookie");
        assert!(cookie.ends_with("; Path=/; SameSite=None; Secure"), "{cookie}");
        let kept = browser.browser_state().expect("it is kept");
        let (_, salt) = state.split_once('.').expect("a salt");
        assert_eq!(state, state_of(&kept, salt));

        let again = authorize(&mut browser).await.expect(303).parameter("session_state");
        let again = again.expect("a state of the session");
        assert_ne!(again, state, "each has a salt of its own");
        assert_eq!(again, state_of(&kept, again.split_once('.').expect("a salt").1));

        let reply = browser.press_sign_out().await;
        assert!(state_cookie(&reply).expect("removed").contains("Max-Age=0"));
        assert_eq!(browser.browser_state(), None, "so the frame says that it has changed");

        browser.sign_in("alice").await;
        authorize(&mut browser).await.expect(303);
        assert_ne!(browser.browser_state().expect("another"), kept);
        // Whoever signs in anew has another session.
        watched.advance(Lifetime::seconds(1));
        let again = [
            ("prompt", "login"),
            ("response_type", "code"),
            ("client_id", "watcher"),
            ("redirect_uri", CALLBACK),
            ("scope", "openid"),
            ("code_challenge", Challenge::RFC.challenge),
            ("code_challenge_method", "S256"),
        ];
        let page = browser.authorize(&again).await;
        let page = browser.follow(page).await.expect(200);
        let typed = [("username", "alice@example.com"), ("password", password("alice"))];
        let reply = browser.submit(&page, &typed).await.expect(303);
        assert!(state_cookie(&reply).expect("removed").contains("Max-Age=0"));
    }

    /// The frame is the one page that others may frame. It has one script of ours, and nothing else.
    // oidcc-session-management-discovery-endpoint-verification
    async fn the_frame_may_be_framed_and_nothing_else(app) {
        let watched = app.watched().await;
        let page = frame(&watched).await.expect(200);
        assert_eq!(page.header("x-frame-options"), None);
        let policy = page.header("content-security-policy").expect("a policy");
        assert_eq!(policy, "default-src 'none'; script-src 'self'; base-uri 'none'; frame-ancestors *");
        let script = page.body.split('"').find(|it| it.contains("check_session")).expect("a script");
        let script = watched.send(RequestBuilder::get(script).by_https()).await.expect(200);
        assert_eq!(script.header("content-type"), Some("text/javascript; charset=utf-8"));
        assert!(script.body.contains("SHA-256"));
        let well_known = RequestBuilder::get("/.well-known/openid-configuration").by_https();
        let told = watched.send(well_known).await.expect(200).text("check_session_iframe");
        assert_eq!(told, format!("{SECURE}/oauth/session"));

        let login = watched.send(RequestBuilder::get("/login").by_https()).await.expect(200);
        assert_eq!(login.header("x-frame-options"), Some("DENY"));
        watched.get("/oauth/session").await.expect(404);
    }

    /// Nothing of it is there unless the operator wants it.
    async fn it_is_off_unless_it_is_turned_on(app) {
        drop(app.watched().await);
        let proxied = app.behind_proxy().await;
        frame(&proxied).await.expect(404);
        let well_known = RequestBuilder::get("/.well-known/openid-configuration").by_https();
        let told = proxied.send(well_known).await.expect(200).json();
        assert!(told.get("check_session_iframe").is_none());
        let mut browser = proxied.anonymous_at(SECURE);
        browser.sign_in("alice").await;
        let reply = authorize(&mut browser).await.expect(303);
        assert_eq!(reply.parameter("session_state"), None);
        assert_eq!(state_cookie(&reply), None);
    }
}

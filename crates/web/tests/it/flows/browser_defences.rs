//! What keeps browsers and the people before them safe: headers, cookies, forged forms, frames.

use scraper::{Html, Selector};

use crate::support::{
    Browser, Consent, ORIGIN, PageForm, Reply, RequestBuilder, TestApp, password, stories,
};

/// What every route answers with, for anybody.
const PATHS: [&str; 22] = [
    "/",
    "/login",
    "/login?request=x",
    "/logout",
    "/setup/x",
    "/account/apps",
    "/account/apps/revoke",
    "/account/apps/1/revoke",
    "/docs/errors/invalid_grant",
    "/docs/errors/nothing",
    "/assets/app.0123456789abcdef.css",
    "/assets/nothing",
    "/nothing",
    "/oauth/authorizations/new",
    "/oauth/authorizations/x/decision",
    "/oauth/tokens",
    "/oauth/tokens/introspect",
    "/oauth/tokens/revoke",
    "/.well-known/oauth-authorization-server",
    "/.well-known/jwks.json",
    "/api/v2/users/me",
    "/healthz",
];

/// Every page that a person can meet, in all its states.
async fn every_page(app: &TestApp) -> Vec<Reply> {
    let mut pages = Vec::new();
    for name in [None, Some("alice")] {
        let mut browser = match name {
            Some(name) => app.browser(name).await,
            None => app.anonymous(),
        };
        for path in PATHS {
            pages.push(browser.get(path).await);
        }
    }
    app.client("photo-album").tokens(&Consent::default()).await;
    let mut browser = app.browser("alice").await;
    pages.push(browser.get("/account/apps").await.expect(200));
    for identifier in ["cli-tool", "web-player"] {
        let request = app.client(identifier).request(&Consent::default());
        pages.push(browser.authorize(&request).await.expect(200));
    }
    let link = protocol::setup::open_link(&app.ctx).await.expect("a link");
    let page = browser.get(&format!("/setup/{}", link.expose())).await.expect(200);
    pages.push(browser.submit(&page, &[("password", "x")]).await.expect(422));
    pages.push(page);
    let page = app.anonymous().get("/login").await;
    pages.push(app.anonymous().submit(&page, &[("username", "x")]).await.expect(403));
    pages
}

fn is_page(reply: &Reply) -> bool {
    reply.header("content-type").is_some_and(|it| it.starts_with("text/html"))
}

fn select(html: &str, selector: &str) -> Vec<String> {
    let selector = Selector::parse(selector).expect("a selector");
    Html::parse_document(html).select(&selector).map(|found| found.html()).collect()
}

/// The consent page of the command-line tool, which is shown each time.
async fn consent_page(browser: &mut Browser<'_>, app: &TestApp) -> Reply {
    browser.authorize(&app.client("cli-tool").request(&Consent::default())).await.expect(200)
}

stories! {
    /// Every reply, of whatever kind, tells browsers not to guess, frame or leak.
    // B-19, V3.4.4–6, V3.4.3, UI-02, V3.2.1
    async fn every_reply_carries_the_security_headers(app) {
        for reply in every_page(app).await {
            let shown = format!("{} {}", reply.status, reply.body);
            assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{shown}");
            assert_eq!(reply.header("referrer-policy"), Some("no-referrer"), "{shown}");
            assert_eq!(reply.header("x-frame-options"), Some("DENY"), "{shown}");
            let policy = reply.header("content-security-policy").expect("a policy");
            assert!(policy.contains("frame-ancestors 'none'"), "{shown}");
            assert!(policy.contains("default-src 'none'"), "{shown}");
            for hole in ["unsafe-", "*", "http:", "https:"] {
                assert!(!policy.contains(hole), "{policy}");
            }
            assert!(reply.header("cache-control").is_some(), "{shown}");
            for told in ["server", "x-powered-by", "via"] {
                assert_eq!(reply.header(told), None, "{told}");
            }
        }
    }

    /// The policy of pages lets in our own files only; pages on the way to an app may post to it and
    /// be its pop-up, all others may not.
    // V3.4.3, V3.4.8, UI-02, UI-10
    async fn pages_load_our_own_files_only(app) {
        let mut seen = (0, 0);
        let on_the_way = ["Sign in ·", "Allow ", "Sign out?"];
        for page in every_page(app).await.iter().filter(|reply| is_page(reply)) {
            let policy = page.header("content-security-policy").expect("a policy");
            for directive in ["script-src 'self'", "style-src 'self'", "base-uri 'none'"] {
                assert!(policy.contains(directive), "{policy}");
            }
            assert!(page.header("permissions-policy").is_some());
            let title = select(&page.body, "title").remove(0);
            let form_action = policy.contains("form-action 'self'");
            let opener = page.header("cross-origin-opener-policy");
            if on_the_way.iter().any(|part| title.contains(&format!("<title>{part}"))) {
                assert!(!form_action && opener.is_none(), "{title}");
                seen.0 += 1;
            }
            if title.contains("Authorized apps") || title.contains("Set up") {
                assert!(form_action, "{title}");
                assert_eq!(opener, Some("same-origin"), "{title}");
                seen.1 += 1;
            }
        }
        assert!(seen.0 >= 4 && seen.1 >= 2, "{seen:?}");
    }

    /// No page names anything of another site, and none has script or style in it.
    // B-23, V3.4.3
    async fn pages_hold_nothing_foreign_and_nothing_inline(app) {
        for page in every_page(app).await.iter().filter(|reply| is_page(reply)) {
            for resource in ["[src]", "link[href]", "use[href]", "form[action]"] {
                for found in select(&page.body, resource) {
                    let foreign = ["http:", "https:", "\"//", "javascript:"];
                    assert!(!foreign.iter().any(|part| found.contains(part)), "{found}");
                }
            }
            assert_eq!(select(&page.body, "script:not([src])"), Vec::<String>::new());
            assert_eq!(select(&page.body, "style, [style], iframe, object, embed"), Vec::<String>::new());
            let handlers = "[onclick], [onload], [onerror], [onsubmit], [onfocus], [onmouseover]";
            assert_eq!(select(&page.body, handlers), Vec::<String>::new());
        }
    }

    /// Over https cookies are bound to the host and out of reach of scripts, other sites and plain
    /// http, and browsers are told to stay with https.
    // V3.3.1–5, V3.4.1, N-04
    async fn cookies_are_bound_to_the_host_over_https(app) {
        let proxied = app.behind_proxy().await;
        let page = proxied.send(RequestBuilder::get("/login").by_https()).await.expect(200);
        let visit = page.header("set-cookie").expect("a visit").to_owned();
        let form = PageForm::read(&page.body);
        let hidden = form.hidden.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let typed = [("username", "alice@example.com"), ("password", password("alice"))];
        let fields: Vec<_> = hidden.chain(typed).collect();
        let request = RequestBuilder::post("/login")
            .by_https()
            .header("cookie", visit.split(';').next().expect("a pair"))
            .header("origin", crate::support::SECURE)
            .form(&fields);
        let reply = proxied.send(request).await.expect(303);
        let set: Vec<_> = reply.headers.get_all("set-cookie").iter().collect();
        assert_eq!(set.len(), 3, "the session begins, the device is remembered, the visit ends");
        for cookie in set.iter().map(|it| it.to_str().expect("ASCII")).chain([&*visit]) {
            assert!(cookie.starts_with("__Host-consentry-"), "{cookie}");
            for attribute in ["Path=/", "HttpOnly", "SameSite=Lax", "Secure"] {
                assert!(cookie.split("; ").any(|it| it == attribute), "{attribute}: {cookie}");
            }
            assert!(!cookie.contains("Domain="), "{cookie}");
            assert!(cookie.len() < 4096);
        }
        for reply in [&page, &reply] {
            let told = reply.header("strict-transport-security").expect("HSTS");
            assert_eq!(told, "max-age=63072000; includeSubDomains");
        }
    }

    /// Under http, which is for this machine only, cookies have another name and no `Secure`; the name
    /// differs by account, as cookies ignore ports.
    // V3.3.1–5
    async fn cookies_of_plain_http_say_what_they_can(app) {
        let mut browser = app.anonymous();
        let page = browser.get("/login").await.expect(200);
        let fields = [("username", "alice@example.com"), ("password", password("alice"))];
        let reply = browser.submit(&page, &fields).await.expect(303);
        let here = reply.header("set-cookie").expect("a session").to_owned();
        assert!(here.starts_with("consentry-session-"), "{here}");
        assert!(here.contains("HttpOnly; SameSite=Lax") && !here.contains("Secure"), "{here}");
        assert_eq!(reply.header("strict-transport-security"), None);
        let other = RequestBuilder::get("/login").at(crate::support::OTHER_ORIGIN);
        let there = app.send(other).await.header("set-cookie").expect("a visit").to_owned();
        let visit = page.header("set-cookie").expect("a visit");
        assert_ne!(visit.split('=').next(), there.split('=').next());
    }

    /// Somebody else's site, or a form without the right token, allows no app: 403 and no code.
    // UI-01, M-02, V3.5.1–3, N-04
    async fn a_consent_cannot_be_forged(app) {
        let mut browser = app.browser("alice").await;
        let page = consent_page(&mut browser, app).await;
        let form = PageForm::read(&page.body);
        let token = form.hidden[0].1.clone();
        let mut bob = app.browser("bob").await;
        let bobs = PageForm::read(&consent_page(&mut bob, app).await.body).hidden.remove(0).1;
        let other = PageForm::read(&consent_page(&mut browser, app).await.body).hidden.remove(0).1;
        let codes = app.code_count().await;
        for wrong in ["", "x", &bobs, &other, &token[1..]] {
            let fields = [("csrf_token", wrong), ("decision", "allow")];
            let request = RequestBuilder::post(&form.action).header("origin", ORIGIN).form(&fields);
            let reply = browser.send(request).await.expect(403);
            assert!(reply.body.contains("<code>form_expired</code>"));
            assert_eq!(reply.header("location"), None);
        }
        let fields = [("csrf_token", &*token), ("decision", "allow")];
        for (name, value) in [
            ("origin", "https://evil.example"),
            ("origin", "null"),
            ("origin", "http://127.0.0.1:8081"),
            ("origin", "http://127.0.0.1:8080.evil.example"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
        ] {
            let request = RequestBuilder::post(&form.action).header(name, value).form(&fields);
            browser.send(request).await.expect(403);
        }
        // What a browser sends with our own form, as our pages send no referrer: not refused as foreign.
        let ours = RequestBuilder::post(&form.action)
            .header("sec-fetch-site", "same-origin")
            .header("origin", "null")
            .form(&[("csrf_token", &*token), ("decision", "neither")]);
        browser.send(ours).await.expect(400);
        // Both are looked at, whatever the other says.
        let mixed = RequestBuilder::post(&form.action)
            .header("sec-fetch-site", "same-origin")
            .header("origin", "https://evil.example")
            .form(&fields);
        browser.send(mixed).await.expect(403);
        let body = format!("csrf_token={token}&decision=allow");
        for content_type in ["text/plain", "multipart/form-data; boundary=x", "application/json"] {
            let request = RequestBuilder::post(&form.action)
                .header("origin", ORIGIN)
                .body(content_type, body.as_bytes());
            browser.send(request).await.expect(403);
        }
        let get = browser.get(&format!("{}?{body}", form.action)).await.expect(405);
        assert_eq!(get.header("allow"), Some("POST"));
        app.send(RequestBuilder::post(&form.action).form(&fields)).await.expect(403);
        assert_eq!(app.code_count().await, codes);
        assert_eq!(app.grant_count().await, 0);
        browser.allow(&page, &[]).await.expect(303);
    }

    /// The decision belongs to who was asked: another session cannot take it, and it is taken once.
    // UI-01
    async fn a_decision_is_taken_once_and_by_whom_it_was_asked(app) {
        let mut browser = app.browser("alice").await;
        let page = consent_page(&mut browser, app).await;
        browser.submit(&page, &[]).await.expect(400);
        browser.submit(&page, &[("decision", "maybe")]).await.expect(400);
        browser.allow(&page, &[]).await.expect(303);
        let again = browser.allow(&page, &[]).await;
        assert!(again.status == 400 && again.header("location").is_none(), "{}", again.status);
        let again = browser.deny(&page).await;
        assert_eq!(again.status.as_u16(), 400);
    }

    /// Nobody is signed in from another site, nor without having opened the page first.
    // UI-08, M-02
    async fn a_sign_in_cannot_be_forged(app) {
        let typed = [("username", "alice@example.com"), ("password", password("alice"))];
        let mut browser = app.anonymous();
        let page = browser.get("/login").await.expect(200);
        let token = PageForm::read(&page.body).hidden[0].1.clone();
        let stolen = [typed[0], typed[1], ("csrf_token", &token)];
        // The attacker has a token, but not the victim's cookie.
        let mut victim = app.anonymous();
        victim.get("/login").await.expect(200);
        for fields in [&typed[..], &stolen] {
            let request = RequestBuilder::post("/login").header("origin", ORIGIN).form(fields);
            let reply = victim.send(request).await.expect(403);
            assert_eq!(victim.session(), None);
            assert_eq!(reply.header("location"), None);
        }
        for (name, value) in
            [("origin", "https://evil.example"), ("origin", "null"), ("sec-fetch-site", "cross-site")]
        {
            let request = RequestBuilder::post("/login").header(name, value).form(&stolen);
            browser.send(request).await.expect(403);
        }
        assert_eq!(browser.session(), None);
        browser.submit(&page, &typed).await.expect(303);
        assert!(browser.session().is_some());
    }
}

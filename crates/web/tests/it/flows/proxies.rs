//! What a proxy says of its callers: believed of those that are trusted, and of nobody else.

use std::net::IpAddr;

use crate::support::{PageForm, Reply, RequestBuilder, SECURE, TestApp, stories};

const STRANGER: [u8; 4] = [203, 0, 113, 9];

fn stranger() -> IpAddr {
    IpAddr::from(STRANGER)
}

/// A sign-in with a wrong password, by https, from whom the proxy says.
async fn try_sign_in(proxied: &TestApp, told: &str) -> Reply {
    let page = proxied.send(RequestBuilder::get("/login").by_https()).await.expect(200);
    let cookie = page.header("set-cookie").and_then(|it| it.split(';').next()).expect("a visit");
    let form = PageForm::read(&page.body);
    let hidden = form.hidden.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let typed = [("username", "alice@example.com"), ("password", "wrong")];
    let fields: Vec<_> = hidden.chain(typed).collect();
    let request = RequestBuilder::post("/login")
        .by_https()
        .header("x-forwarded-for", told)
        .header("cookie", cookie)
        .form(&fields);
    proxied.send(request).await
}

stories! {
    /// The proxy's word on scheme and host counts; the same words of a stranger do not.
    // B-22, V4.1.3, JW-07
    async fn only_a_trusted_proxy_is_believed(app) {
        let proxied = app.behind_proxy().await;
        let well_known = "/.well-known/oauth-authorization-server";
        let by_proxy = proxied.send(RequestBuilder::get(well_known).by_https()).await.expect(200);
        assert_eq!(by_proxy.text("issuer"), SECURE);
        let named = RequestBuilder::get(well_known)
            .header("x-forwarded-host", "secure.example")
            .header("x-forwarded-proto", "https");
        assert_eq!(proxied.send(named).await.expect(200).text("issuer"), SECURE);

        // The same requests past the proxy, and to a node that trusts nobody.
        let lie = RequestBuilder::get(well_known).by_https().sent_from(stranger());
        proxied.send(lie).await.expect(404);
        app.send(RequestBuilder::get(well_known).by_https()).await.expect(404);
        let lie = RequestBuilder::get(well_known)
            .header("x-forwarded-host", "secure.example")
            .header("x-forwarded-proto", "https")
            .sent_from(stranger());
        let reply = proxied.send(lie).await.expect(200);
        assert_eq!(reply.text("issuer"), crate::support::ORIGIN, "only the Host header counts");
    }

    /// Nothing that a proxy might say opens an account that is not configured.
    // B-22, JW-07
    async fn a_trusted_proxy_invents_no_account(app) {
        let proxied = app.behind_proxy().await;
        for (name, value) in [
            ("x-forwarded-host", "evil.example"),
            ("x-forwarded-host", "secure.example, evil.example"),
            ("x-forwarded-host", "secure.example@evil.example"),
            ("x-forwarded-host", "secure.example/x"),
            ("x-forwarded-host", ""),
            ("x-forwarded-proto", "http"),
            ("forwarded", "host=evil.example"),
            ("forwarded", "host=secure.example;proto=https, host=evil.example"),
        ] {
            let request = RequestBuilder::get("/login").at(SECURE).header(name, value);
            let reply = proxied.send(request).await.expect(404);
            assert_eq!(reply.body, "{}", "{name}: {value}");
        }
        // Other ways of saying the same are not listened to.
        let other = RequestBuilder::get("/login")
            .header("x-real-ip", "192.0.2.1")
            .header("x-client-cert", "MIIB");
        assert!(proxied.send(other).await.expect(200).body.contains("demo Ltd"));
    }

    /// Guesses are counted by the address that the nearest trusted proxy tells: what callers put
    /// before it changes nothing.
    // B-22, V6.3.1
    async fn guesses_are_counted_by_the_callers_address(app) {
        let proxied = app.behind_proxy().await;
        for attempt in 0..10 {
            let invented = format!("198.51.100.{attempt}, 192.0.2.1");
            try_sign_in(&proxied, &invented).await.expect(422);
        }
        try_sign_in(&proxied, "192.0.2.1").await.expect(429);
        try_sign_in(&proxied, "192.0.2.1, 127.0.0.1").await.expect(429);
        try_sign_in(&proxied, "192.0.2.2").await.expect(422);
    }

    /// A host that nobody configured, or two of them, is nobody's: 404 and an empty object.
    // W-02, JW-07
    async fn an_unknown_host_is_nobodys(app) {
        for host in ["http://evil.example", "http://127.0.0.1:8081", "http://127.0.0.1.evil.example"] {
            for path in ["/api/v2/oauth/clients", "/login", "/oauth/tokens", "/nothing"] {
                let reply = app.send(RequestBuilder::get(path).at(host)).await.expect(404);
                assert_eq!(reply.body, "{}");
                assert_eq!(reply.header("cache-control"), Some("no-store"));
            }
        }
        let two = RequestBuilder::get("/login").header("host", "evil.example");
        app.send(two).await.expect(404);
        for (name, value) in [
            ("x-forwarded-host", "evil.example"),
            ("x-forwarded-proto", "https"),
            ("forwarded", "host=evil.example;proto=https"),
            ("x-host", "evil.example"),
        ] {
            let path = "/.well-known/oauth-authorization-server";
            let reply = app.send(RequestBuilder::get(path).header(name, value)).await.expect(200);
            assert!(!reply.snapshot().contains("evil.example"));
            assert_eq!(reply.text("issuer"), crate::support::ORIGIN);
        }
    }
}

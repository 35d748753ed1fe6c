//! Redirect URIs at the authorization endpoint: a registered one, byte for byte, or a page of ours.

use domain::ClientDraft;
use http::Method;

use crate::support::{Challenge, Consent, ORIGIN, RequestBuilder, password, stories, with};

const CALLBACK: &str = "https://app.example.com/callback";

/// What somebody tries in place of `https://app.example/Cb`.
const MUTATIONS: [&str; 58] = [
    // RU-01: another host behind the registered one.
    "https://app.example@evil.example/Cb",
    "https://app.example%40evil.example/Cb",
    "https://app.example%2540evil.example/Cb",
    "https://app.example@app.example@evil.example/Cb",
    "https://user:pass@app.example/Cb",
    "https://@app.example/Cb",
    "https://app.example:443@evil.example/Cb",
    "https://app.example.evil.example/Cb",
    "https://evil.example/https://app.example/Cb",
    "https://evil.example/Cb",
    "https://evil.example?https://app.example/Cb",
    "https://evil.example#https://app.example/Cb",
    "https://evil.example\\@app.example/Cb",
    "http://localhost:8090%25@evil.example/Cb",
    // RU-02: a way out of the path.
    "https://app.example/Cb/..;/evil",
    "https://app.example/Cb/../x",
    "https://app.example/x/../Cb",
    "https://app.example/Cb%2f..%2fx",
    "https://app.example/Cb/./",
    "https://app.example/./Cb",
    "https://app.example/Cb//",
    "https://app.example//Cb",
    "https://app.example/Cb;x",
    "https://app.example/Cb;jsessionid=1",
    "https://app.example/Cb/evil",
    "https://app.example/Cb.evil",
    "https://app.example/Cb%00",
    "https://app.example/Cb%0d%0aSet-Cookie:x=1",
    // RU-12: what a normaliser would call equal.
    "HTTPS://APP.EXAMPLE/Cb",
    "HTTPS://app.example/Cb",
    "https://APP.example/Cb",
    "https://app.example:443/Cb",
    "https://app.example:/Cb",
    "https://app.example:8443/Cb",
    "https://app.example./Cb",
    "https://app.example/Cb/",
    "https://app.example/cb",
    "https://app.example/CB",
    "https://\u{ff41}pp.example/Cb",
    "https://xn--app.example/Cb",
    "https://app.example/%43b",
    "https://%61pp.example/Cb",
    "https://app.example/Cb?",
    "https://app.example/Cb?x=1",
    "https://app.example/Cb&x=1",
    "https://app.example/Cb#",
    "https://app.example/Cb#f",
    "https:/app.example/Cb",
    "https:app.example/Cb",
    "//app.example/Cb",
    "/Cb",
    "app.example/Cb",
    " https://app.example/Cb",
    "https://app.example/Cb ",
    "https://app.example/Cb\t",
    "https://app.example",
    "https://app.example/",
    "http://app.example/Cb",
];

fn exact() -> ClientDraft {
    ClientDraft {
        name: "Exact".to_owned(),
        identifier: "exact".to_owned(),
        kind: Some("public".to_owned()),
        redirect_uris: vec!["https://app.example/Cb".to_owned()],
        ..ClientDraft::default()
    }
}

fn request<'p>(client_id: &'p str, redirect_uri: &'p str) -> Vec<(&'p str, &'p str)> {
    vec![
        ("response_type", "code"),
        ("client_id", client_id),
        ("redirect_uri", redirect_uri),
        ("scope", "read"),
        ("state", "xyz"),
        ("code_challenge", Challenge::RFC.challenge),
        ("code_challenge_method", "S256"),
    ]
}

stories! {
    // B-01, D-01, RU-01, RU-02, RU-12, W-46, V10.4.1, BA-01
    async fn no_mutation_of_a_registered_address_passes(app) {
        app.register(&exact()).await.expect("valid");
        let mut browser = app.browser("alice").await;
        let valid = request("exact", "https://app.example/Cb");
        let page = browser.authorize(&valid).await.expect_consent();
        browser.allow(&page, &[]).await.expect_code_at("https://app.example/Cb");
        // From here on every passing request would bring a code at once.
        browser.authorize(&valid).await.expect_code_at("https://app.example/Cb");
        let codes_before = app.code_count().await;
        for mutation in MUTATIONS {
            let reply = browser.authorize(&with(&valid, "redirect_uri", mutation)).await;
            assert_eq!(reply.status, 400, "{mutation}: {:?}", reply.header("location"));
            assert_eq!(reply.header("location"), None, "{mutation}");
            assert!(!reply.body.contains("evil.example"), "{mutation} is shown");
        }
        assert_eq!(app.code_count().await, codes_before);
    }

    // W-46, V10.4.1
    async fn a_registered_query_is_part_of_the_address_and_is_kept(app) {
        let with_query = "https://app.example.com/b?x=1";
        app.client("photo-album").tokens(&Consent::default()).await;
        let mut browser = app.browser("alice").await;
        let reply = browser.authorize(&request("photo-album", with_query)).await;
        let code = reply.expect_code_at(with_query);
        assert!(reply.location().starts_with(&format!("{with_query}&code={code}&state=xyz&iss=")));
        for other in [
            "https://app.example.com/b",
            "https://app.example.com/b?x=2",
            "https://app.example.com/b?x=1&y=2",
            "https://app.example.com/b?y=2&x=1",
            "https://app.example.com/b?x=%31",
            "https://app.example.com/callback?x=1",
        ] {
            let reply = browser.authorize(&request("photo-album", other)).await;
            reply.expect_error_page("redirect_uri_mismatch");
        }
    }

    // RU-07, P-03, W-47
    async fn on_loopback_only_the_port_may_differ_and_only_for_public_clients(app) {
        let mut browser = app.browser("alice").await;
        for port in ["", ":51004", ":1", ":65535"] {
            let passing = &format!("http://127.0.0.1{port}/cb");
            let page = browser.authorize(&request("cli-tool", passing)).await.expect_consent();
            browser.allow(&page, &[]).await.expect_code_at(&format!("{passing}?code="));
        }
        for refused in [
            "http://127.0.0.1:51004/other",
            "http://127.0.0.1:51004/cb/",
            "http://127.0.0.1:51004/cb?x=1",
            "http://127.0.0.2:1/cb",
            "http://127.1/cb",
            "http://localhost:1/cb",
            "http://[::1]:1/cb",
            "http://127.0.0.1:80@evil/cb",
            "http://127.0.0.1:51004@evil.example/cb",
            "https://127.0.0.1:1/cb",
            "http://127.0.0.1:/cb",
            "http://127.0.0.1:0/cb",
            "http://127.0.0.1:65536/cb",
            "http://127.0.0.1:51004\\@evil.example/cb",
        ] {
            let reply = browser.authorize(&request("cli-tool", refused)).await;
            reply.expect_error_page("redirect_uri_mismatch");
        }
        let web_client = |draft: &mut ClientDraft| {
            draft.redirect_uris = vec!["http://127.0.0.1/cb".to_owned()];
        };
        for confidential in ["photo-album", "legacy-sync"] {
            app.change_client(confidential, web_client).await.expect("valid");
            let other_port = request(confidential, "http://127.0.0.1:51004/cb");
            let reply = browser.authorize(&other_port).await;
            reply.expect_error_page("redirect_uri_mismatch");
            browser.authorize(&request(confidential, "http://127.0.0.1/cb")).await.expect_consent();
        }
    }

    // RU-07, W-47
    async fn localhost_is_compared_with_its_port(app) {
        let mut browser = app.browser("alice").await;
        browser.authorize(&request("cli-tool", "http://localhost:9000/cb")).await.expect_consent();
        for refused in [
            "http://localhost:9001/cb",
            "http://localhost/cb",
            "http://localhost:9000/cb/",
            "http://127.0.0.1:9000/other",
            "http://LOCALHOST:9000/cb",
        ] {
            let reply = browser.authorize(&request("cli-tool", refused)).await;
            reply.expect_error_page("redirect_uri_mismatch");
        }
    }

    // P-04
    async fn a_native_app_needs_no_secret_but_its_exact_private_scheme(app) {
        let mut browser = app.browser("alice").await;
        for refused in [
            "com.example.tool:/cb/",
            "com.example.tool://cb",
            "com.example.tool:/CB",
            "com.example.tool:/cb?x=1",
            "COM.example.tool:/cb",
            "com.example.tool.evil:/cb",
        ] {
            let reply = browser.authorize(&request("cli-tool", refused)).await;
            reply.expect_error_page("redirect_uri_mismatch");
        }
        let valid = request("cli-tool", "com.example.tool:/cb");
        let page = browser.authorize(&valid).await.expect_consent();
        let code = browser.allow(&page, &[]).await.expect_code_at("com.example.tool:/cb");
        let client = app.client("cli-tool");
        assert_eq!(client.secret, None);
        let claim = with(&client.claim(&code), "redirect_uri", "com.example.tool:/cb");
        client.token(&claim).await.expect(200);
    }

    // RU-08
    async fn two_addresses_are_none(app) {
        app.client("photo-album").tokens(&Consent::default()).await;
        let mut browser = app.browser("alice").await;
        let one = request("photo-album", CALLBACK);
        for other in ["https://evil.example/", CALLBACK, ""] {
            let mut twice = one.clone();
            twice.push(("redirect_uri", other));
            browser.authorize(&twice).await.expect_error_page("repeated_parameter");
            twice.reverse();
            browser.authorize(&twice).await.expect_error_page("repeated_parameter");
        }
    }

    // RU-13
    async fn no_value_breaks_out_of_the_header(app) {
        app.client("photo-album").tokens(&Consent::default()).await;
        let mut browser = app.browser("alice").await;
        let valid = request("photo-album", CALLBACK);
        let longest = "s".repeat(4096);
        for state in ["a\r\nSet-Cookie: x=1", "a\nb", "ä\u{202e}&code=evil#?\\\"<>", &longest] {
            let reply = browser.authorize(&with(&valid, "state", state)).await;
            reply.expect_code_at(CALLBACK);
            assert_eq!(reply.parameter("state").as_deref(), Some(state));
            assert_eq!(reply.header("set-cookie"), None);
        }
        let state = "s".repeat(4097);
        let reply = browser.authorize(&with(&valid, "state", &state)).await;
        reply.expect_error_page("parameter_too_long");
        // In bytes, not in characters.
        let state = "ä".repeat(2049);
        let reply = browser.authorize(&with(&valid, "state", &state)).await;
        reply.expect_error_page("parameter_too_long");
        for (name, value) in [
            ("state", "a\0b"),
            ("redirect_uri", "https://app.example.com/callback\0"),
            ("client_id", "photo-album\0"),
        ] {
            let reply = browser.authorize(&with(&valid, name, value)).await;
            reply.expect_error_page("repeated_parameter");
        }
        let state = "s".repeat(64 * 1024);
        let posted = RequestBuilder::post("/oauth/authorizations/new");
        let reply = app.send(posted.form(&with(&valid, "state", &state))).await;
        assert_eq!((reply.status.as_u16(), reply.header("location")), (413, None));
    }

    // RU-14, B-18, B-19, B-23
    async fn nothing_on_the_way_leaks_by_referrer_frame_or_cache(app) {
        let client = app.client("photo-album");
        let valid = client.request(&Consent::default());
        let mut browser = app.anonymous();
        let to_sign_in = browser.authorize(&valid).await;
        let sign_in = browser.get(to_sign_in.location()).await;
        let fields = [("username", "alice@example.com"), ("password", password("alice"))];
        let signed_in = browser.submit(&sign_in, &fields).await;
        let consent = browser.get(signed_in.location()).await.expect_consent();
        let allowed = browser.allow(&consent, &[]).await;
        allowed.expect_code_at(CALLBACK);
        let again = browser.authorize(&valid).await;
        let error = browser.authorize(&with(&valid, "client_id", "nobody")).await;
        let refused = browser.authorize(&with(&valid, "scope", "nonsense")).await;
        let pages = [&sign_in, &consent, &error];
        let redirects = [&to_sign_in, &signed_in, &allowed, &again, &refused];
        for reply in pages.iter().chain(&redirects) {
            assert_eq!(reply.header("referrer-policy"), Some("no-referrer"));
            assert_eq!(reply.header("cache-control"), Some("no-store"));
            assert_eq!(reply.header("x-frame-options"), Some("DENY"));
            assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
            let policy = reply.header("content-security-policy").expect("each reply has a policy");
            assert!(policy.contains("default-src 'none'"), "{policy}");
            assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
            assert!(!policy.contains("unsafe"), "{policy}");
        }
        for redirect in redirects {
            assert_eq!(redirect.status, 303);
            assert!(!redirect.location().contains('#'), "{}", redirect.location());
        }
        for page in pages {
            assert_eq!(elsewhere(&page.body), Vec::<String>::new());
        }
    }

    // RU-11, B-02
    async fn no_parameter_leads_elsewhere(app) {
        let places = [
            "//evil.example", "/\\evil.example", "\\\\evil.example", "https:evil.example",
            "/%09/evil.example", "/\t/evil.example", "https://127.0.0.1:8080@evil.example",
            "https://evil.example", "javascript:alert(1)", "data:text/html,x", "///evil.example",
        ];
        let names = [
            "return_to", "next", "continue", "redirect", "redirect_uri", "redirect_url", "url", "to",
            "request", "resume", "post_logout_redirect_uri", "target_link_uri", "iss", "after",
        ];
        let authorize = "/oauth/authorizations/new";
        let paths = ["/", "/login", "/logout", "/account/apps", "/docs/errors/x", authorize];
        let mut alice = app.browser("alice").await;
        for place in places {
            let value: String = form_urlencoded::byte_serialize(place.as_bytes()).collect();
            for path in paths {
                let all: Vec<_> = names.iter().map(|name| format!("{name}={value}")).collect();
                for query in all.iter().map(String::as_str).chain([all.join("&").as_str()]) {
                    for browser in [&mut alice, &mut app.anonymous()] {
                        let reply = browser.get(&format!("{path}?{query}")).await;
                        if let Some(location) = reply.header("location") {
                            assert!(is_here(location), "{path}?{query} leads to {location}");
                        }
                    }
                }
            }
        }
    }

    // RU-11
    async fn signing_in_or_out_leads_nowhere_else(app) {
        let mut browser = app.anonymous();
        let page = browser.get("/login?return_to=https://evil.example&next=//evil.example").await;
        assert!(!page.body.contains("evil.example"));
        let fields = [
            ("username", "alice@example.com"),
            ("password", password("alice")),
            ("return_to", "https://evil.example"),
            ("continue", "//evil.example"),
            ("next", "/\\evil.example"),
        ];
        let reply = browser.submit(&page, &fields).await.expect(303);
        assert_eq!(reply.location(), "/account/apps");
        let to_evil = "/logout?post_logout_redirect_uri=https://evil.example";
        let page = browser.get(to_evil).await.expect(200);
        assert!(!page.body.contains("evil.example") && page.body.contains("logout-confirm"));
        let fields = [("post_logout_redirect_uri", "https://evil.example")];
        let reply = browser.submit(&page, &fields).await.expect(303);
        assert_eq!(reply.location(), "/logout");
    }

    async fn only_the_owner_is_told_what_is_registered(app) {
        let differing = request("photo-album", "https://app.example.com/Callback");
        for (name, is_told) in [("admin", true), ("alice", false)] {
            let page = app.browser(name).await.authorize(&differing).await;
            page.expect_error_page("redirect_uri_mismatch");
            for uri in ["https://app.example.com/Callback", CALLBACK] {
                assert_eq!(page.body.contains(&format!("<code>{uri}</code>")), is_told, "{name}");
            }
        }
        assert!(!app.anonymous().authorize(&differing).await.body.contains("app.example.com"));
    }

    // RU-10
    async fn an_error_page_takes_part_in_no_method(app) {
        let bad = "/oauth/authorizations/new?client_id=nobody&redirect_uri=https://evil.example/";
        for method in [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::DELETE] {
            let request = RequestBuilder::new(method.clone(), bad)
                .body("application/x-www-form-urlencoded", b"");
            let mut browser = app.anonymous();
            let reply = browser.send(request).await;
            let reply = browser.follow(reply).await;
            assert!(reply.status.is_client_error(), "{method}: {}", reply.status);
            assert_eq!(reply.header("location"), None, "{method}");
        }
    }
}

/// Whether a Location stays on this origin, as every browser reads it.
fn is_here(location: &str) -> bool {
    let path = location.strip_prefix(ORIGIN).unwrap_or(location);
    let second = path.as_bytes().get(1);
    path.starts_with('/') && !matches!(second, Some(b'/' | b'\\' | b'\t' | b'\n' | b'\r'))
}

/// Everything a page would load or lead to at another origin.
fn elsewhere(html: &str) -> Vec<String> {
    let document = scraper::Html::parse_document(html);
    let all = scraper::Selector::parse("*").expect("a valid selector");
    let attributes = ["src", "href", "action", "formaction", "data", "poster", "srcset", "ping"];
    let found = document
        .select(&all)
        .flat_map(|element| attributes.iter().filter_map(move |name| element.value().attr(name)));
    found.filter(|link| !is_here(link) && !link.starts_with('#')).map(str::to_owned).collect()
}

//! What may be registered and what matches, attack by attack.

use proptest::prelude::*;

use super::*;

fn registered(text: &str) -> RedirectUri {
    RedirectUri::parse(text).expect(text)
}

fn assert_refused(cases: &[(&str, RedirectUriRefused)]) {
    for (text, refused) in cases {
        assert_eq!(RedirectUri::parse(text), Err(*refused), "{text}");
    }
}

fn assert_foreign(uri: &str, kind: ClientKind, presented: &[&str]) {
    for text in presented {
        assert!(!registered(uri).matches(text, kind), "{uri} is not {text}");
    }
}

#[test]
fn what_may_be_registered_is_kept_byte_for_byte() {
    for text in [
        "https://app.example/cb",
        "https://App.Example:8443/Cb/?a=b%20c&d=/..",
        "HTTPS://app.example/",
        "https://app.example./~cb;x",
        "https://[2001:db8::1]/cb",
        "http://localhost:9000/",
        "http://127.0.0.1/cb",
        "http://[::1]:51004/cb",
        "com.example.app:/cb",
        "com.example.app://callback",
    ] {
        assert_eq!(registered(text).as_str(), text);
    }
}

// RU-01
#[test]
fn a_user_before_the_host_is_neither_registered_nor_matched() {
    assert_refused(&[
        ("https://app.example@evil.example/cb", RedirectUriRefused::UserInfo),
        ("https://user:pass@app.example/cb", RedirectUriRefused::UserInfo),
        ("https://a@b@app.example/cb", RedirectUriRefused::UserInfo),
        ("https://app.example%40evil.example/cb", RedirectUriRefused::Host),
        ("https://app.example%2540evil.example/cb", RedirectUriRefused::Host),
        ("http://localhost:8090%25@evil.example/cb", RedirectUriRefused::UserInfo),
        ("com.example.app://user@host/cb", RedirectUriRefused::UserInfo),
    ]);
    assert_foreign(
        "https://app.example/cb",
        ClientKind::Public,
        &[
            "https://app.example@evil.example/cb",
            "https://app.example%40evil.example/cb",
            "https://user:pass@app.example/cb",
        ],
    );
}

// RU-02
#[test]
fn no_way_out_of_the_registered_path() {
    let dots = RedirectUriRefused::DotSegment;
    assert_refused(&[
        ("https://app.example/cb/..;/evil", dots),
        ("https://app.example/cb/../x", dots),
        ("https://app.example/cb%2f..%2fx", dots),
        ("https://app.example/cb/%2E%2e/x", dots),
        ("https://app.example/cb/%252e%252e/x", dots),
        ("https://app.example/cb/./", dots),
        ("com.example.app:/../cb", dots),
    ]);
    assert_foreign(
        "https://app.example/cb",
        ClientKind::Confidential,
        &[
            "https://app.example/cb/..;/evil",
            "https://app.example/cb/../x",
            "https://app.example/cb%2f..%2fx",
            "https://app.example/cb/./",
            "https://app.example/cb//",
            "https://app.example/cb;x",
        ],
    );
}

// RU-04
#[test]
fn no_wildcard_is_registered() {
    for text in ["*", "https://*", "https://app.example/*", "regexp=.*", "https://app.example*/cb"]
    {
        assert_eq!(RedirectUri::parse(text), Err(RedirectUriRefused::Character), "{text}");
    }
}

// RU-05
#[test]
fn no_scheme_that_runs_or_reads_is_registered() {
    for text in [
        "jAvAsCrIpT:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        " javascript:alert(1)",
        "java\tscript:alert(1)",
        "view-source:https://app.example/cb",
        "blob:https://app.example/x",
        "file:///etc/passwd",
        "javascript://app.example/%0Aalert(1)",
        "about:blank",
        "intent://app.example/cb",
    ] {
        assert!(RedirectUri::parse(text).is_err(), "{text}");
    }
}

// RU-13: what stands in Content-Security-Policy as an origin must not end its directive.
#[test]
fn a_web_host_is_a_name_or_an_address() {
    for host in ["a;report-uri", "a,b", "a'b", "a(b)", "a&b", "a$b", "a!b", "a=b", "a+b"] {
        let text = format!("https://{host}/cb");
        assert_eq!(RedirectUri::parse(&text), Err(RedirectUriRefused::Host), "{text}");
    }
    for host in ["app.example", "my_app-1.example", "192.0.2.1", "[2001:db8::1]:8443"] {
        let text = format!("https://{host}/cb");
        assert!(RedirectUri::parse(&text).is_ok(), "{text}");
    }
}

// RU-06
#[test]
fn http_is_for_this_machine_only() {
    for text in [
        "http://app.example/cb",
        "http://127.0.0.1.evil.example/cb",
        "http://localhost.evil/cb",
        "http://127.0.0.2/cb",
        "http://127.1/cb",
        "http://0x7f.1/cb",
        "http://2130706433/cb",
        "http://[0:0:0:0:0:0:0:1]/cb",
        "http://[::ffff:127.0.0.1]/cb",
        "HTTP://app.example/cb",
    ] {
        assert_eq!(RedirectUri::parse(text), Err(RedirectUriRefused::PlainHttp), "{text}");
    }
    assert_refused(&[("https://0x7f.1/cb", RedirectUriRefused::Host)]);
}

// RU-07
#[test]
fn only_the_port_of_a_loopback_ip_may_differ_and_only_for_public_clients() {
    let cases = [
        ("http://127.0.0.1/cb", "http://127.0.0.1:51004/cb"),
        ("http://127.0.0.1:8080/cb", "http://127.0.0.1/cb"),
        ("http://[::1]:1/cb?a", "http://[::1]:2/cb?a"),
    ];
    for (uri, presented) in cases {
        assert!(registered(uri).matches(presented, ClientKind::Public), "{uri} {presented}");
        for kind in [ClientKind::Confidential, ClientKind::Unknown] {
            assert_foreign(uri, kind, &[presented]);
            assert!(registered(uri).matches(uri, kind));
        }
    }
    assert_foreign(
        "http://127.0.0.1/cb",
        ClientKind::Public,
        &[
            "http://127.0.0.1:51004/other",
            "http://127.0.0.1:51004/cb?x",
            "http://127.0.0.2:1/cb",
            "http://localhost:1/cb",
            "http://[::1]:1/cb",
            "http://127.0.0.1:80@evil/cb",
            "https://127.0.0.1:1/cb",
            "http://127.0.0.1:/cb",
            "http://127.0.0.1:0/cb",
            "http://127.0.0.1:65536/cb",
            "http://127.0.0.1:+1/cb",
            "http://127.0.0.1.evil/cb",
            "http://127.0.0.1:1#/cb",
        ],
    );
    assert_foreign("http://localhost/cb", ClientKind::Public, &["http://localhost:1/cb"]);
    assert_foreign("https://127.0.0.1/cb", ClientKind::Public, &["https://127.0.0.1:1/cb"]);
}

// RU-12
#[test]
fn nothing_is_normalised_before_comparing() {
    assert_foreign(
        "https://app.example/Cb",
        ClientKind::Public,
        &[
            "HTTPS://APP.EXAMPLE/Cb",
            "https://app.example:443/Cb",
            "https://app.example./Cb",
            "https://app.example/Cb/",
            "https://app.example/cb",
            "https://\u{ff41}pp.example/Cb",
            "https://app.example/%43b",
            "https://app.example/Cb#f",
            "https://app.example/Cb?x=1",
        ],
    );
}

// RU-13
#[test]
fn no_hidden_or_overlong_value_is_registered() {
    let long = format!("https://app.example/{}", "a".repeat(2028));
    let too_long = format!("{long}a");
    assert_eq!(registered(&long).as_str().len(), RedirectUri::LIMIT);
    assert_refused(&[
        (&too_long, RedirectUriRefused::TooLong),
        ("https://app.example/%0d%0aSet-Cookie:x=1", RedirectUriRefused::Encoding),
        ("https://app.example/%00", RedirectUriRefused::Encoding),
        ("https://app.example/%5c", RedirectUriRefused::Encoding),
        ("https://app.example/%", RedirectUriRefused::Encoding),
        ("https://app.example/%+1", RedirectUriRefused::Encoding),
        ("https://app.example/\r\n", RedirectUriRefused::Character),
        ("https://app.example/\0", RedirectUriRefused::Character),
        ("https://app.example\\@evil.example/", RedirectUriRefused::Character),
        ("https://app.example/ä", RedirectUriRefused::Character),
        ("https://app.example/cb#", RedirectUriRefused::Fragment),
    ]);
}

// D-01
#[test]
fn the_complete_uri_is_registered() {
    assert_refused(&[
        ("https://app.example", RedirectUriRefused::NoPath),
        ("https://app.example?x=1", RedirectUriRefused::NoPath),
        ("/cb", RedirectUriRefused::NotAbsolute),
        ("app.example/cb", RedirectUriRefused::NotAbsolute),
        ("//app.example/cb", RedirectUriRefused::NotAbsolute),
        ("https:app.example/cb", RedirectUriRefused::NotAbsolute),
        ("https:/app.example/cb", RedirectUriRefused::NotAbsolute),
        ("", RedirectUriRefused::NotAbsolute),
        ("https:///cb", RedirectUriRefused::Host),
        ("https://:443/cb", RedirectUriRefused::Host),
        ("https://app.example:/cb", RedirectUriRefused::Host),
        ("https://app.example:x/cb", RedirectUriRefused::Host),
        ("https://[::1/cb", RedirectUriRefused::Host),
        ("com.example.app:///cb", RedirectUriRefused::Host),
    ]);
}

// D-02
#[test]
fn a_private_use_scheme_needs_a_dot_or_a_place_in_the_list() {
    assert_refused(&[
        ("myapp:/cb", RedirectUriRefused::Scheme),
        ("vscode://publisher.extension/cb", RedirectUriRefused::Scheme),
    ]);
    let listed = RedirectUri::parse_with("vscode://publisher.extension/cb", &["vscode".into()]);
    let uri = listed.expect("a listed scheme");
    assert!(uri.is_private_scheme() && !uri.is_loopback() && !uri.is_https());
    assert_eq!((uri.scheme(), uri.origin()), ("vscode", None));
}

#[test]
fn a_uri_tells_where_it_leads() {
    let cases = [
        ("https://App.Example/cb", Some("App.Example"), Some("https://app.example"), false),
        ("https://a.example:8443/", Some("a.example"), Some("https://a.example:8443"), false),
        ("http://[::1]:9/cb", Some("[::1]"), Some("http://[::1]:9"), true),
        ("http://localhost:80/cb", Some("localhost"), Some("http://localhost"), true),
        ("com.example.app:/cb", None, None, false),
    ];
    for (text, host, origin, loopback) in cases {
        let uri = registered(text);
        assert_eq!((uri.host(), uri.origin().as_deref()), (host, origin), "{text}");
        assert_eq!(uri.is_loopback(), loopback, "{text}");
    }
}

proptest! {
    #[test]
    fn what_matches_leads_to_the_same_place(
        uri in "http://(127\\.0\\.0\\.1|\\[::1\\]|localhost)(:[1-9][0-9]{0,3})?/[a-c./]{0,3}",
        presented in "https?://(127\\.0\\.0\\.[12]|\\[::1\\]|localhost)(:[0-9]{0,4})?[/@?#][a-c./]{0,3}",
    ) {
        let Ok(uri) = RedirectUri::parse(&uri) else { return Ok(()) };
        for text in [&presented, uri.as_str()] {
            if uri.matches(text, ClientKind::Public) {
                let (ours, theirs) = (Url::parse(uri.as_str())?, Url::parse(text)?);
                prop_assert_eq!(ours.scheme(), theirs.scheme());
                prop_assert_eq!(ours.host_str(), theirs.host_str());
                prop_assert_eq!(ours.path(), theirs.path());
            }
        }
    }

    #[test]
    fn what_is_registered_is_read_alike_by_browsers(text in "(https|http|com\\.x):/{1,2}[a.@:%25/;?0-9]{0,9}[ -~]{0,20}") {
        if let Ok(uri) = RedirectUri::parse(&text) {
            let url = Url::parse(&text)?;
            prop_assert!(url.username().is_empty() && url.fragment().is_none());
            let host = url.host_str().unwrap_or_default();
            prop_assert!(uri.host().unwrap_or_default().eq_ignore_ascii_case(host));
        }
    }
}

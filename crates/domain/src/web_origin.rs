//! Web origins (RFC 6454): which sites' scripts may read what the server answers them.

use url::Url;

use crate::RedirectUri;

/// The origin of a registered redirect URI, or one that was presented and may be that of one.
/// On this machine any port will do (RFC 8252 §7.3), so there it has none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WebOrigin(String);

impl WebOrigin {
    /// The most bytes it may have: the longest host name, a scheme and a port.
    pub const LIMIT: usize = 280;

    /// The origin of a redirect URI; private-use schemes have none.
    pub fn of(redirect_uri: &RedirectUri) -> Option<Self> {
        let origin = redirect_uri.origin().filter(|origin| origin.len() <= Self::LIMIT)?;
        if !redirect_uri.is_loopback() {
            return Some(Self(origin));
        }
        Some(Self(without_port(&origin).to_owned()))
    }

    /// What an `Origin` header names; none: browsers send no such thing for a site, so it is that of
    /// no redirect URI, and nobody need look. `null` is none.
    pub fn parse(presented: &str) -> Option<Self> {
        if presented.len() > Self::LIMIT {
            return None;
        }
        let bare = without_port(presented);
        if is_loopback(bare) {
            return Some(Self(bare.to_owned()));
        }
        let url = Url::parse(presented).ok()?;
        let is_spelled_so = url.origin().ascii_serialization() == presented;
        (matches!(url.scheme(), "https" | "http") && is_spelled_so)
            .then(|| Self(presented.to_owned()))
    }

    /// The origin, spelled as in an `Origin` header.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_loopback(bare: &str) -> bool {
    let host = bare.strip_prefix("http://").or_else(|| bare.strip_prefix("https://"));
    host.is_some_and(|host| matches!(host, "localhost" | "127.0.0.1" | "[::1]"))
}

/// An origin without its port; anything else as it is.
fn without_port(origin: &str) -> &str {
    match origin.rsplit_once(':') {
        Some((host, port)) if is_port(port) && host.contains("://") => host,
        _ => origin,
    }
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|it| it.is_ascii_digit()) && text.parse::<u16>().is_ok_and(|port| port > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a presented origin is that of one of the redirect URIs.
    fn is_one_of(redirect_uris: &[&str], presented: &str) -> bool {
        let registered = redirect_uris
            .iter()
            .filter_map(|uri| WebOrigin::of(&RedirectUri::parse(uri).expect("a redirect URI")));
        WebOrigin::parse(presented).is_some_and(|it| registered.into_iter().any(|own| own == it))
    }

    // HT-02, V3.4.2
    #[test]
    fn only_the_origin_itself_is_contained() {
        let registered = ["https://app.example/cb", "https://PORT.example:8443/cb?x"];
        for yes in ["https://app.example", "https://port.example:8443"] {
            assert!(is_one_of(&registered, yes), "{yes}");
        }
        for no in [
            "",
            "null",
            "*",
            "http://app.example",
            "https://app.example/",
            "https://app.example:444",
            "https://app.example.evil",
            "https://evil.app.example",
            "https://port.example",
            "app.example",
        ] {
            assert!(!is_one_of(&registered, no), "{no}");
        }
    }

    // HT-02
    #[test]
    fn any_port_of_a_registered_loopback_host_is_contained() {
        let registered = ["http://127.0.0.1/cb", "http://[::1]:9/cb", "com.example.app:/cb"];
        for yes in ["http://127.0.0.1", "http://127.0.0.1:51004", "http://[::1]", "http://[::1]:80"]
        {
            assert!(is_one_of(&registered, yes), "{yes}");
        }
        for no in [
            "https://127.0.0.1",
            "http://127.0.0.1:0",
            "http://127.0.0.1:70000",
            "http://127.0.0.1:80:80",
            "http://127.0.0.1:",
            "http://localhost:51004",
            "com.example.app",
            "null",
        ] {
            assert!(!is_one_of(&registered, no), "{no}");
        }
    }

    /// What no browser sends costs no look at the database.
    // HT-02
    #[test]
    fn what_is_no_origin_of_a_site_is_not_looked_for() {
        let long = format!("https://{}.example", "a".repeat(WebOrigin::LIMIT));
        for no in [
            "null",
            "*",
            "",
            " https://app.example",
            "https://app.example ",
            "https://APP.example",
            "https://app.example:443",
            "https://app.example/",
            "https://app.example?x",
            "https://app.example#x",
            "https://me@app.example",
            "https://app.example https://b.example",
            "https://a%2eexample",
            "https://127.1",
            "http://127.0.0.1:",
            "http://127.0.0.1/cb",
            "chrome-extension://abcdef",
            "file://",
            "javascript:alert(1)",
            &long,
        ] {
            assert_eq!(WebOrigin::parse(no), None, "{no}");
        }
    }

    #[test]
    fn the_longest_host_has_an_origin() {
        let host = ["a".repeat(63), "b".repeat(63), "c".repeat(63), "d".repeat(61)].join(".");
        let origin = format!("https://{host}:65535");
        assert!(WebOrigin::parse(&origin).is_some());
        let redirect_uri = RedirectUri::parse(&format!("{origin}/cb")).expect("a redirect URI");
        assert_eq!(WebOrigin::of(&redirect_uri), WebOrigin::parse(&origin));
    }
}

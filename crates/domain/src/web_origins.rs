//! Web origins (RFC 6454): which sites' scripts may read what the server answers them.

use std::collections::HashSet;

use crate::RedirectUri;

/// The origins of registered redirect URIs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebOrigins {
    exact: HashSet<String>,
    /// Scheme and host of this machine, where any port will do (RFC 8252 §7.3).
    loopback: HashSet<String>,
}

impl WebOrigins {
    /// Adds the origin of a redirect URI; private-use schemes have none.
    pub fn add(&mut self, redirect_uri: &RedirectUri) {
        let Some(origin) = redirect_uri.origin() else { return };
        if redirect_uri.is_loopback() {
            self.loopback.insert(without_port(&origin).to_owned());
        } else {
            self.exact.insert(origin);
        }
    }

    /// Whether an `Origin` header names one of them. `null` is none.
    pub fn contains(&self, presented: &str) -> bool {
        self.exact.contains(presented)
            || (!self.loopback.is_empty() && self.loopback.contains(without_port(presented)))
    }
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

    fn origins(redirect_uris: &[&str]) -> WebOrigins {
        let mut origins = WebOrigins::default();
        for uri in redirect_uris {
            origins.add(&RedirectUri::parse(uri).expect("a redirect URI"));
        }
        origins
    }

    // HT-02, V3.4.2
    #[test]
    fn only_the_origin_itself_is_contained() {
        let origins = origins(&["https://app.example/cb", "https://PORT.example:8443/cb?x"]);
        for yes in ["https://app.example", "https://port.example:8443"] {
            assert!(origins.contains(yes), "{yes}");
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
            assert!(!origins.contains(no), "{no}");
        }
    }

    // HT-02
    #[test]
    fn any_port_of_a_registered_loopback_host_is_contained() {
        let origins = origins(&["http://127.0.0.1/cb", "http://[::1]:9/cb", "com.example.app:/cb"]);
        for yes in ["http://127.0.0.1", "http://127.0.0.1:51004", "http://[::1]", "http://[::1]:80"]
        {
            assert!(origins.contains(yes), "{yes}");
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
            assert!(!origins.contains(no), "{no}");
        }
    }
}

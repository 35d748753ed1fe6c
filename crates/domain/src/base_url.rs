//! The base URL of an account: it selects the account, and the first one is the issuer.

use std::fmt;

use url::{Host, Url};

/// `scheme://host[:port]` in the one canonical spelling, without trailing slash.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BaseUrl(String);

impl BaseUrl {
    /// Takes an `https` origin, or an `http` one on a loopback host.
    pub fn parse(text: &str) -> Result<Self, BaseUrlRefused> {
        let url = Url::parse(text).map_err(|_| BaseUrlRefused::Form)?;
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            "http" => return Err(BaseUrlRefused::PlainHttp),
            _ => return Err(BaseUrlRefused::Scheme),
        }
        let canonical = url.origin().ascii_serialization();
        if text == canonical {
            return Ok(Self(canonical));
        }
        Err(BaseUrlRefused::Spelling { canonical })
    }

    /// The URL, without trailing slash: paths are appended to it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `https` or `http`.
    pub fn scheme(&self) -> &str {
        if self.is_https() { "https" } else { "http" }
    }

    /// Whether browsers reach it over TLS.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https:")
    }

    /// What stands in the `Host` header: the host, and the port unless it is the scheme's own.
    pub fn authority(&self) -> &str {
        &self.0[self.scheme().len() + "://".len()..]
    }

    /// The host without port; an IPv6 address keeps its brackets.
    pub fn host(&self) -> &str {
        let authority = self.authority();
        let port = authority.rfind(':').filter(|_| !authority.ends_with(']'));
        &authority[..port.unwrap_or(authority.len())]
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text is no base URL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BaseUrlRefused {
    /// It is no URL.
    #[error("must be a URL such as https://acme.example")]
    Form,
    /// It is neither https nor http.
    #[error("must begin with https://, or with http:// on a loopback host")]
    Scheme,
    /// It is http on a host that is not this machine.
    #[error("must begin with https://: http is for loopback hosts only")]
    PlainHttp,
    /// It has a path, a user, a default port, capital letters or a trailing slash.
    #[error("must be spelled {canonical}")]
    Spelling {
        /// The spelling that is accepted.
        canonical: String,
    },
}

/// RFC 6761 §6.3: every name below `localhost` is this machine.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_is_an_https_or_loopback_origin() {
        let cases = [
            ("https://acme.example", "acme.example", "acme.example"),
            ("https://acme.example:8443", "acme.example:8443", "acme.example"),
            ("http://localhost:8080", "localhost:8080", "localhost"),
            ("http://demo.localhost", "demo.localhost", "demo.localhost"),
            ("http://127.0.0.2:9000", "127.0.0.2:9000", "127.0.0.2"),
            ("http://[::1]:9000", "[::1]:9000", "[::1]"),
            ("http://[::1]", "[::1]", "[::1]"),
        ];
        for (text, authority, host) in cases {
            let url = BaseUrl::parse(text).expect(text);
            assert_eq!((url.as_str(), url.authority(), url.host()), (text, authority, host));
            assert_eq!(url.is_https(), url.scheme() == "https");
        }
    }

    #[test]
    fn anything_else_is_refused_with_what_would_be_right() {
        let spelling = |canonical: &str| BaseUrlRefused::Spelling { canonical: canonical.into() };
        let cases = [
            ("acme.example", BaseUrlRefused::Form),
            ("https://", BaseUrlRefused::Form),
            ("ftp://acme.example", BaseUrlRefused::Scheme),
            ("http://acme.example", BaseUrlRefused::PlainHttp),
            ("http://localhost.evil.example", BaseUrlRefused::PlainHttp),
            ("https://acme.example/", spelling("https://acme.example")),
            ("https://Acme.example", spelling("https://acme.example")),
            ("https://acme.example:443", spelling("https://acme.example")),
            ("https://acme.example/oauth", spelling("https://acme.example")),
            ("https://user@acme.example", spelling("https://acme.example")),
            ("http://127.1", spelling("http://127.0.0.1")),
        ];
        for (text, refused) in cases {
            assert_eq!(BaseUrl::parse(text), Err(refused), "{text}");
        }
    }
}

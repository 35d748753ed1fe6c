//! The base URL of an account: it selects the account, and the first one is the issuer.
//!
//! Where one is given for an account, its first label may be `*`, which stands for the account's slug
//! and is gone before anything is stored (decision 0006).

use std::fmt;
use std::sync::Arc;

use url::{Host, Url};

/// `scheme://host[:port]` in the one canonical spelling, without trailing slash. Copies share it: every
/// request has one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BaseUrl(Arc<str>);

impl BaseUrl {
    /// Takes an `https` origin, or an `http` one on a loopback host.
    pub fn parse(text: &str) -> Result<Self, BaseUrlRefused> {
        // It is allowed in a host by the URL standard, and by no name server.
        if text.contains('*') {
            return Err(BaseUrlRefused::Wildcard);
        }
        let url = Url::parse(text).map_err(|_| BaseUrlRefused::Form)?;
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            "http" => return Err(BaseUrlRefused::PlainHttp),
            _ => return Err(BaseUrlRefused::Scheme),
        }
        let canonical = url.origin().ascii_serialization();
        if text == canonical {
            return Ok(Self(canonical.into()));
        }
        Err(BaseUrlRefused::Spelling { canonical })
    }

    /// Takes a base URL as it is given for the account of this slug: a `*` that is the whole first
    /// label of the host becomes the slug.
    pub fn parse_for(slug: &str, text: &str) -> Result<Self, BaseUrlRefused> {
        if !text.contains('*') {
            return Self::parse(text);
        }
        let Some((scheme, parent)) = text.split_once("://*.") else {
            return Err(BaseUrlRefused::WildcardPlace);
        };
        if text.matches('*').count() > 1 || !is_parent(parent) {
            return Err(BaseUrlRefused::WildcardPlace);
        }
        if !is_label(slug) {
            return Err(BaseUrlRefused::WildcardLabel { slug: slug.to_owned() });
        }
        Self::parse(&format!("{scheme}://{slug}.{parent}"))
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
    /// It has a `*` where one address is due.
    #[error("must be one address: a * may stand in the base URLs of accounts only")]
    Wildcard,
    /// Its `*` is not the whole first label, is not alone, or has no domain behind it.
    #[error("must have its one * as the whole first label of a domain, like https://*.example.com")]
    WildcardPlace,
    /// What the `*` stands for is no label of a domain name.
    #[error("cannot begin with *, because the slug \"{slug}\" is not a label of a domain name")]
    WildcardLabel {
        /// The slug.
        slug: String,
    },
    /// It has a path, a user, a default port, capital letters or a trailing slash.
    #[error("must be spelled {canonical}")]
    Spelling {
        /// The spelling that is accepted.
        canonical: String,
    },
}

/// Whether names may be made below it: a domain that somebody can own, or this machine. A single label
/// like `com` is nobody's.
fn is_parent(authority: &str) -> bool {
    let host = authority.split(':').next().unwrap_or_default();
    host == "localhost" || host.trim_matches('.').contains('.')
}

/// RFC 1035 §2.3.1, with RFC 1123 §2.1: letters, digits and inner hyphens, lower case here.
pub(crate) fn is_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && !text.starts_with('-')
        && !text.ends_with('-')
        && text.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-')
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
            ("https://*.acme.example", BaseUrlRefused::Wildcard),
            ("https://*", BaseUrlRefused::Wildcard),
        ];
        for (text, refused) in cases {
            assert_eq!(BaseUrl::parse(text), Err(refused), "{text}");
        }
    }

    #[test]
    fn a_star_as_the_whole_first_label_is_the_slug() {
        for (slug, text, concrete) in [
            ("acme", "https://*.example.com", "https://acme.example.com"),
            ("acme", "https://*.id.example.com:8443", "https://acme.id.example.com:8443"),
            ("a-1", "http://*.localhost:8080", "http://a-1.localhost:8080"),
            ("7", "http://*.localhost", "http://7.localhost"),
            ("acme", "https://login.example.com", "https://login.example.com"),
            // Without a star the slug does not matter.
            ("-", "https://login.example.com", "https://login.example.com"),
        ] {
            let url = BaseUrl::parse_for(slug, text).expect(text);
            assert_eq!(url.as_str(), concrete, "{text} for {slug}");
        }
        let longest = "a".repeat(63);
        assert!(BaseUrl::parse_for(&longest, "https://*.example.com").is_ok());
    }

    #[test]
    fn a_star_elsewhere_or_below_nothing_is_refused() {
        use BaseUrlRefused::{Form, PlainHttp, Scheme, WildcardPlace};
        let spelling = |canonical: &str| BaseUrlRefused::Spelling { canonical: canonical.into() };
        for (text, refused) in [
            ("https://*", WildcardPlace),
            ("https://*:8443", WildcardPlace),
            ("https://*.", WildcardPlace),
            ("https://*.com", WildcardPlace),
            ("https://*.com.", WildcardPlace),
            ("https://*.com:443", WildcardPlace),
            ("https://*.*.example.com", WildcardPlace),
            ("https://a*.example.com", WildcardPlace),
            ("https://*a.example.com", WildcardPlace),
            ("https://login.*.example.com", WildcardPlace),
            ("https://user@*.example.com", WildcardPlace),
            ("https://*.example.com:*", WildcardPlace),
            ("*.example.com", WildcardPlace),
            ("*", WildcardPlace),
            ("https://*.example.com/", spelling("https://acme.example.com")),
            ("https://*.example.com/a/b", spelling("https://acme.example.com")),
            ("https://*.Example.com", spelling("https://acme.example.com")),
            ("http://*.example.com", PlainHttp),
            ("ftp://*.example.com", Scheme),
            ("https://*.example.com:99999", Form),
            ("https://*.1.2.3.4", Form),
        ] {
            assert_eq!(BaseUrl::parse_for("acme", text), Err(refused), "{text}");
        }
        for slug in ["", "-a", "a-", "A", "a.b", "a_b", "ä", &"a".repeat(64)] {
            let refused = BaseUrlRefused::WildcardLabel { slug: slug.to_owned() };
            let expanded = BaseUrl::parse_for(slug, "https://*.example.com");
            assert_eq!(expanded, Err(refused), "{slug}");
        }
    }
}

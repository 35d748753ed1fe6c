//! Redirect URIs (RFC 6749 §3.1.2): what may be registered, and what equals a registered one.
//!
//! A URI is kept and compared byte for byte (RFC 9700 §4.1.3); nothing is normalised.

use std::fmt;

use percent_encoding::percent_decode_str;
use url::Url;

use crate::ClientKind;

/// A registered redirect URI.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RedirectUri(String);

impl RedirectUri {
    /// The most bytes it may have.
    pub const LIMIT: usize = 2048;

    /// Takes a URI to register: https, http on this machine, or a private-use scheme with a dot.
    pub fn parse(text: &str) -> Result<Self, RedirectUriRefused> {
        Self::parse_with(text, &[])
    }

    /// The same, with private-use schemes that need no dot (RFC 8252 §7.1).
    pub fn parse_with(text: &str, private_schemes: &[String]) -> Result<Self, RedirectUriRefused> {
        if text.len() > Self::LIMIT {
            return Err(RedirectUriRefused::TooLong);
        }
        check_characters(text)?;
        let parts = Parts::split(text).ok_or(RedirectUriRefused::NotAbsolute)?;
        parts.check_scheme(private_schemes)?;
        parts.check_authority()?;
        parts.check_path()?;
        parts.check_second_opinion(text)?;
        Ok(Self(text.to_owned()))
    }

    /// A URI that was accepted before, perhaps by other rules; none: it cannot have been.
    pub fn from_stored(text: &str) -> Option<Self> {
        Parts::split(text).map(|_| Self(text.to_owned()))
    }

    /// The URI, spelled as registered.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a request that presents this URI means this one: the same bytes. The one slack:
    /// a public client may use any port of a loopback IP (RFC 8252 §7.3).
    pub fn matches(&self, presented: &str, kind: ClientKind) -> bool {
        self.0 == presented
            || kind == ClientKind::Public && self.differs_in_loopback_port_only(presented)
    }

    /// The same of an app that registered by itself, all of whose addresses are on the user's machine: `localhost`
    /// may have any port too, as such apps listen wherever there is room (RFC 8252 §8.3 advises against the name).
    pub fn matches_on_localhost(&self, presented: &str) -> bool {
        let own = split_port(&self.0, LOCALHOST);
        own.is_some() && own == split_port(presented, LOCALHOST)
    }

    /// The web origin (RFC 6454), as in an `Origin` header; none for a private-use scheme.
    pub fn origin(&self) -> Option<String> {
        let url = Url::parse(&self.0).ok()?;
        matches!(url.scheme(), "https" | "http").then(|| url.origin().ascii_serialization())
    }

    /// The host without port; none for a private-use scheme without one.
    pub fn host(&self) -> Option<&str> {
        Some(Parts::split(&self.0)?.host_and_port()?.0)
    }

    /// What stands before the first colon.
    pub fn scheme(&self) -> &str {
        self.0.split(':').next().unwrap_or_default()
    }

    /// Whether it leads to the user's own machine.
    pub fn is_loopback(&self) -> bool {
        !self.is_private_scheme() && self.host().is_some_and(is_loopback_host)
    }

    /// Whether an app on the user's device claims it, which any other app may do as well.
    pub fn is_private_scheme(&self) -> bool {
        !self.is_https() && !self.scheme().eq_ignore_ascii_case("http")
    }

    /// Whether TLS proves who answers there.
    pub fn is_https(&self) -> bool {
        self.scheme().eq_ignore_ascii_case("https")
    }

    fn differs_in_loopback_port_only(&self, presented: &str) -> bool {
        let own = LOOPBACK_IPS.iter().find_map(|start| split_port(&self.0, start));
        let theirs = LOOPBACK_IPS.iter().find_map(|start| split_port(presented, start));
        own.is_some() && own == theirs
    }
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a redirect URI cannot be registered. Each reads on from "Redirect URI: ".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RedirectUriRefused {
    /// It has more than 2,048 bytes.
    #[error("must have at most 2048 bytes")]
    TooLong,
    /// It is relative, or no URI at all.
    #[error("must be an absolute URI such as https://app.example/callback")]
    NotAbsolute,
    /// It has a character that no URI has, or a wildcard.
    #[error("must not contain spaces, `*`, `\\` or other characters that no URI has")]
    Character,
    /// It has a broken percent-encoding, or one of a control character or backslash.
    #[error("must not contain broken or hidden characters after `%`")]
    Encoding,
    /// It has a fragment (RFC 6749 §3.1.2).
    #[error("must not contain a fragment (`#`)")]
    Fragment,
    /// It has a user before the host.
    #[error("must not contain a user name (`@` before the host)")]
    UserInfo,
    /// It has no host, or one that browsers read differently.
    #[error("must name its host plainly")]
    Host,
    /// It has no path (RFC 6749 §3.1.2.2: the complete URI is registered).
    #[error("must have a path, at least `/`")]
    NoPath,
    /// It has `.` or `..` as a segment of its path, maybe in disguise.
    #[error("must not contain `.` or `..` as a path segment")]
    DotSegment,
    /// It is http on a host that is not this machine.
    #[error("must begin with https://; http is for localhost, 127.0.0.1 and [::1] only")]
    PlainHttp,
    /// It is neither https nor a private-use scheme.
    #[error("must begin with https://, or with a private-use scheme that contains a dot")]
    Scheme,
}

/// Where any port will do (RFC 8252 §7.3). `localhost` is not among them (§8.3).
const LOOPBACK_IPS: [&str; 2] = ["http://127.0.0.1", "http://[::1]"];

/// The name of this machine; only for apps that registered by themselves.
const LOCALHOST: &str = "http://localhost";

/// The start, and what follows the port, of a URI on that host; none: it is on another host.
fn split_port<'a>(uri: &'a str, start: &'static str) -> Option<(&'static str, &'a str)> {
    let rest = uri.strip_prefix(start)?;
    let Some(after_colon) = rest.strip_prefix(':') else {
        return rest.starts_with(['/', '?']).then_some((start, rest));
    };
    let end = after_colon.find(['/', '?'])?;
    let (port, rest) = after_colon.split_at(end);
    is_port(port).then_some((start, rest))
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|it| it.is_ascii_digit()) && text.parse::<u16>().is_ok_and(|port| port > 0)
}

/// A name as in the DNS, or an address. RFC 3986 §3.2.2 allows more, which means something in headers that name
/// hosts (Content-Security-Policy).
pub(crate) fn is_host(host: &str) -> bool {
    let is_plain = |it: u8| it.is_ascii_alphanumeric() || b"-._".contains(&it);
    host.starts_with('[') || host.bytes().all(is_plain)
}

fn is_loopback_host(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host == "127.0.0.1" || host == "[::1]"
}

/// RFC 3986 §2, without `*`; a percent sign only before two hexadecimal digits.
fn check_characters(text: &str) -> Result<(), RedirectUriRefused> {
    if text.contains('#') {
        return Err(RedirectUriRefused::Fragment);
    }
    let allowed = |it: u8| it.is_ascii_alphanumeric() || b"-._~:/?[]@!$&'()+,;=%".contains(&it);
    if !text.bytes().all(allowed) {
        return Err(RedirectUriRefused::Character);
    }
    let encoded = text.split('%').skip(1);
    let readable = encoded
        .map(|rest| rest.get(..2).and_then(hexadecimal))
        .all(|byte| byte.is_some_and(|byte| !byte.is_ascii_control() && byte != b'\\'));
    readable.then_some(()).ok_or(RedirectUriRefused::Encoding)
}

fn hexadecimal(digits: &str) -> Option<u8> {
    let plain = digits.bytes().all(|it| it.is_ascii_hexdigit());
    plain.then(|| u8::from_str_radix(digits, 16).ok()).flatten()
}

/// A URI in pieces, each exactly as spelled (RFC 3986 appendix B).
struct Parts<'a> {
    scheme: &'a str,
    authority: Option<&'a str>,
    path: &'a str,
}

impl<'a> Parts<'a> {
    fn split(text: &'a str) -> Option<Self> {
        let (scheme, rest) = text.split_once(':')?;
        let mut letters = scheme.bytes();
        let well_formed = letters.next().is_some_and(|it| it.is_ascii_alphabetic())
            && letters.all(|it| it.is_ascii_alphanumeric() || b"+-.".contains(&it));
        if !well_formed || !rest.starts_with('/') {
            return None;
        }
        let hierarchy = rest.split('?').next().unwrap_or_default();
        let Some(after_slashes) = hierarchy.strip_prefix("//") else {
            return Some(Self { scheme, authority: None, path: hierarchy });
        };
        let end = after_slashes.find('/').unwrap_or(after_slashes.len());
        let (authority, path) = after_slashes.split_at(end);
        Some(Self { scheme, authority: Some(authority), path })
    }

    fn is_web(&self) -> bool {
        ["https", "http"].iter().any(|web| self.scheme.eq_ignore_ascii_case(web))
    }

    /// The host, and the port if there is one.
    fn host_and_port(&self) -> Option<(&'a str, Option<&'a str>)> {
        let authority = self.authority?;
        let host_end = if authority.starts_with('[') { authority.find(']')? + 1 } else { 0 };
        let Some(colon) = authority[host_end..].find(':') else { return Some((authority, None)) };
        let (host, port) = authority.split_at(host_end + colon);
        Some((host, Some(&port[1..])))
    }

    fn check_scheme(&self, private: &[String]) -> Result<(), RedirectUriRefused> {
        let private_use = self.scheme.contains('.')
            || private.iter().any(|it| it.eq_ignore_ascii_case(self.scheme));
        (self.is_web() || private_use).then_some(()).ok_or(RedirectUriRefused::Scheme)
    }

    fn check_authority(&self) -> Result<(), RedirectUriRefused> {
        let Some(authority) = self.authority else {
            return if self.is_web() { Err(RedirectUriRefused::NotAbsolute) } else { Ok(()) };
        };
        if authority.contains('@') {
            return Err(RedirectUriRefused::UserInfo);
        }
        let (host, port) = self.host_and_port().ok_or(RedirectUriRefused::Host)?;
        if host.is_empty() || !port.is_none_or(is_port) || (self.is_web() && !is_host(host)) {
            return Err(RedirectUriRefused::Host);
        }
        if self.scheme.eq_ignore_ascii_case("http") && !is_loopback_host(host) {
            return Err(RedirectUriRefused::PlainHttp);
        }
        Ok(())
    }

    fn check_path(&self) -> Result<(), RedirectUriRefused> {
        if self.is_web() && self.path.is_empty() {
            return Err(RedirectUriRefused::NoPath);
        }
        // Servers differ in how often they decode and where parameters (`..;x`) end.
        let path = fully_decoded(self.path);
        let names = path.split(['/', '\\']).map(|segment| segment.split(';').next());
        let dots = names.flatten().any(|name| name == "." || name == "..");
        if dots { Err(RedirectUriRefused::DotSegment) } else { Ok(()) }
    }

    /// What browsers make of it must be what is written: no `127.1`, no `%2e` in a host.
    fn check_second_opinion(&self, text: &str) -> Result<(), RedirectUriRefused> {
        let url = Url::parse(text).map_err(|_| RedirectUriRefused::Host)?;
        let written = self.host_and_port().map(|(host, _)| host);
        let same = |host: &str| written.is_some_and(|own| own.eq_ignore_ascii_case(host));
        if self.is_web() && !url.host_str().is_some_and(same) {
            return Err(RedirectUriRefused::Host);
        }
        Ok(())
    }
}

fn fully_decoded(text: &str) -> String {
    let mut text = text.to_owned();
    loop {
        let decoded = percent_decode_str(&text).decode_utf8_lossy().into_owned();
        if decoded == text {
            return text;
        }
        text = decoded;
    }
}

#[cfg(test)]
mod tests;

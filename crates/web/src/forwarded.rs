//! What proxies tell of a request: `X-Forwarded-For`, `-Proto` and `-Host`, or else `Forwarded`
//! (RFC 7239). Each proxy adds at the end, so only the end is known to come from ours.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use http::header::FORWARDED;
use http::{HeaderMap, HeaderName};

/// What is told, as far as it can be read.
#[derive(Debug, Default)]
pub(crate) struct Forwarded {
    /// Who sent the request to each proxy, the nearest proxy first; none: unreadable or hidden.
    senders: Vec<Option<IpAddr>>,
    /// How the nearest proxy was asked.
    pub(crate) scheme: Option<&'static str>,
    /// Which host it was asked for.
    pub(crate) host: Option<String>,
}

impl Forwarded {
    pub(crate) fn read(headers: &HeaderMap) -> Self {
        // Proxies that know the usual headers alone pass a caller's `Forwarded` on unread.
        let usual = ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"];
        if usual.iter().any(|name| headers.contains_key(*name)) {
            Self::usual(headers)
        } else {
            Self::standard(headers)
        }
    }

    fn standard(headers: &HeaderMap) -> Self {
        let elements: Vec<Element> = from_the_end(headers, FORWARDED, |line| parts(line, b','))
            .into_iter()
            .map(|element| element.and_then(|text| Element::parse(&text)).unwrap_or_default())
            .collect();
        let senders = elements.iter().map(|it| it.sender.as_deref().and_then(address)).collect();
        let nearest = elements.into_iter().next().unwrap_or_default();
        Self { senders, scheme: nearest.scheme.as_deref().and_then(scheme), host: nearest.host }
    }

    fn usual(headers: &HeaderMap) -> Self {
        let list = |name| {
            from_the_end(headers, HeaderName::from_static(name), |line| line.split(',').collect())
        };
        let nearest = |name| list(name).into_iter().next().flatten();
        let senders = list("x-forwarded-for").into_iter();
        Self {
            senders: senders.map(|entry| entry.as_deref().and_then(address)).collect(),
            scheme: nearest("x-forwarded-proto").as_deref().and_then(scheme),
            host: nearest("x-forwarded-host").map(|host| host.to_ascii_lowercase()),
        }
    }

    /// The caller: the nearest sender that is not a trusted proxy itself. Those before it are hearsay,
    /// and so is everything before what cannot be read.
    pub(crate) fn caller(&self, trusts: impl Fn(IpAddr) -> bool) -> Option<IpAddr> {
        let known = self.senders.iter().map_while(|sender| *sender);
        known.into_iter().find(|sender| !trusts(*sender))
    }
}

/// One element of `Forwarded` (RFC 7239 §4).
#[derive(Default)]
struct Element {
    sender: Option<String>,
    scheme: Option<String>,
    host: Option<String>,
}

impl Element {
    fn parse(text: &str) -> Option<Self> {
        let mut element = Self::default();
        for pair in parts(text, b';') {
            let (name, value) = pair.trim().split_once('=')?;
            let value = unquoted(value)?.to_ascii_lowercase();
            let place = match name.to_ascii_lowercase().as_str() {
                "for" => &mut element.sender,
                "proto" => &mut element.scheme,
                "host" => &mut element.host,
                _ => continue,
            };
            // Each may be there once.
            if place.replace(value).is_some() {
                return None;
            }
        }
        Some(element)
    }
}

/// The entries of all lines of a header, the last first; none: unreadable.
fn from_the_end(
    headers: &HeaderMap,
    name: HeaderName,
    split: impl Fn(&str) -> Vec<&str>,
) -> Vec<Option<String>> {
    let lines = headers.get_all(name).iter().rev();
    let entries = lines.flat_map(|line| match line.to_str() {
        Ok(line) => {
            split(line).into_iter().rev().map(|entry| Some(entry.trim().to_owned())).collect()
        }
        Err(_) => vec![None],
    });
    entries.collect()
}

/// The parts between separators that are not quoted.
fn parts(text: &str, separator: u8) -> Vec<&str> {
    let (mut found, mut start) = (Vec::new(), 0);
    let (mut is_quoted, mut is_escaped) = (false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_quoted => is_escaped = true,
            b'"' => is_quoted = !is_quoted,
            _ if byte == separator && !is_quoted => {
                found.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(&text[start..]);
    found
}

/// A token as it is, or what a quoted string says (RFC 9110 §5.6.4).
fn unquoted(value: &str) -> Option<String> {
    let Some(quoted) = value.strip_prefix('"') else {
        return (!value.is_empty() && !value.contains('"')).then(|| value.to_owned());
    };
    let (mut text, mut rest) = (String::new(), quoted.chars());
    loop {
        match rest.next()? {
            '"' => return rest.as_str().is_empty().then_some(text),
            '\\' => text.push(rest.next()?),
            other => text.push(other),
        }
    }
}

/// An address with or without port, IPv6 with or without brackets; `unknown` and made-up names are
/// none (RFC 7239 §6).
fn address(entry: &str) -> Option<IpAddr> {
    let bracketed = entry.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let address = match bracketed {
        Some(bare) => bare.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
        None => entry.parse().or_else(|_| entry.parse().map(|it: SocketAddr| it.ip())).ok(),
    };
    address.map(|address| address.to_canonical())
}

fn scheme(text: &str) -> Option<&'static str> {
    ["https", "http"].into_iter().find(|scheme| text.eq_ignore_ascii_case(scheme))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn forwarded(lines: &[(&'static str, &[u8])]) -> Forwarded {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            let value = HeaderValue::from_bytes(value).expect("a value");
            headers.append(HeaderName::from_static(name), value);
        }
        Forwarded::read(&headers)
    }

    /// The caller, where 10.0.0.0/8 is trusted.
    fn caller(lines: &[(&'static str, &[u8])]) -> Option<String> {
        let trusts = |address| matches!(address, IpAddr::V4(it) if it.octets()[0] == 10);
        forwarded(lines).caller(trusts).map(|address| address.to_string())
    }

    // B-22
    #[test]
    fn the_caller_is_the_nearest_stranger_of_all_lines() {
        const NAME: &str = "x-forwarded-for";
        for (lines, expected) in [
            (&[(NAME, &b"192.0.2.1"[..])][..], Some("192.0.2.1")),
            (&[(NAME, b"6.6.6.6, 192.0.2.1")], Some("192.0.2.1")),
            (&[(NAME, b"6.6.6.6"), (NAME, b"192.0.2.1")], Some("192.0.2.1")),
            (&[(NAME, b"6.6.6.6"), (NAME, b"192.0.2.1"), (NAME, b"10.0.0.2")], Some("192.0.2.1")),
            (&[(NAME, b"192.0.2.1:4711,10.0.0.2:80")], Some("192.0.2.1")),
            (&[(NAME, b"6.6.6.6, [2001:db8::1]:443")], Some("2001:db8::1")),
            (&[(NAME, b"[2001:db8::1]")], Some("2001:db8::1")),
            (&[(NAME, b"2001:db8::1")], Some("2001:db8::1")),
            (&[(NAME, b"192.0.2.1, ::ffff:10.0.0.2")], Some("192.0.2.1")),
            // What cannot be read ends it: nothing before it is known to be true.
            (&[(NAME, b"6.6.6.6, unknown")], None),
            (&[(NAME, b"6.6.6.6, unknown, 10.0.0.2")], None),
            (&[(NAME, b"6.6.6.6,")], None),
            (&[(NAME, b"6.6.6.6"), (NAME, b"\xff")], None),
            (&[(NAME, b"10.0.0.1")], None),
            (&[], None),
        ] {
            assert_eq!(caller(lines).as_deref(), expected, "{lines:?}");
        }
    }

    // B-22
    #[test]
    fn the_standard_header_is_read_where_it_stands_alone() {
        const NAME: &str = "forwarded";
        for (lines, expected) in [
            (&[(NAME, &b"for=192.0.2.1;proto=https"[..])][..], Some("192.0.2.1")),
            // A proxy that sets the usual headers may pass this one on from its caller.
            (&[(NAME, b"for=6.6.6.6"), ("x-forwarded-for", b"192.0.2.1")], Some("192.0.2.1")),
            (&[("x-forwarded-proto", b"https"), (NAME, b"for=6.6.6.6")], None),
            (
                &[(NAME, b"for=6.6.6.6, For=\"[2001:db8::1]:80\" ; by=10.0.0.1")],
                Some("2001:db8::1"),
            ),
            (&[(NAME, b"for=6.6.6.6"), (NAME, b"for=192.0.2.1, for=10.0.0.2")], Some("192.0.2.1")),
            (&[(NAME, b"for=\"192.0\\.2.1:80\"")], Some("192.0.2.1")),
            (&[(NAME, b"for=6.6.6.6, for=unknown")], None),
            (&[(NAME, b"for=6.6.6.6, for=_hidden, for=10.0.0.2")], None),
            (&[(NAME, b"for=6.6.6.6, for=192.0.2.1;for=6.6.6.6")], None),
            // A caller's open quotation mark hides what the proxy added, and is worth nothing.
            (&[(NAME, b"for=6.6.6.6;x=\", for=192.0.2.1")], None),
            (&[(NAME, b"for=6.6.6.6, x=\", for=\"[2001:db8::1]\"")], None),
        ] {
            assert_eq!(caller(lines).as_deref(), expected, "{lines:?}");
        }
    }

    // B-22
    #[test]
    fn scheme_and_host_are_the_nearest_proxys() {
        for lines in [
            &[(
                "forwarded",
                &b"host=evil.example;proto=http, proto=HTTPS;host=\"A.example:81\""[..],
            )][..],
            &[("x-forwarded-proto", b"http, https"), ("x-forwarded-host", b"evil, A.example:81")],
            &[
                ("x-forwarded-proto", b"http"),
                ("x-forwarded-proto", b"https"),
                ("x-forwarded-host", b"evil.example"),
                ("x-forwarded-host", b"a.example:81"),
            ],
        ] {
            let told = forwarded(lines);
            assert_eq!((told.scheme, told.host.as_deref()), (Some("https"), Some("a.example:81")));
        }
        let other = forwarded(&[("forwarded", b"proto=gopher, for=192.0.2.1")]);
        assert_eq!((other.scheme, other.host), (None, None));
    }
}

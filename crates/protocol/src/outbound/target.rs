//! What is to be called: an address that may be asked for, as far as it says so itself.

use std::net::IpAddr;

use reqwest::Url;

use super::addresses::{AllowedNetworks, is_public};
use super::refused::Cause;

/// Which addresses a call may go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// With TLS: every public one, and every allowed one.
    Public,
    /// Without TLS: allowed ones only.
    Allowed,
}

impl Reach {
    /// Whether an address is within reach.
    pub(super) fn covers(self, address: IpAddr, allowed: &AllowedNetworks) -> bool {
        allowed.contain(address) || (self == Self::Public && is_public(address))
    }
}

/// What is to be called.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) url: Url,
    pub(super) reach: Reach,
}

impl Target {
    /// Reads an address; one that names a host by its number is judged at once.
    pub(super) fn parse(url: &str, allowed: &AllowedNetworks) -> Result<Self, Cause> {
        let mut url = Url::parse(url).map_err(|_| Cause::Url)?;
        // What stands behind `#` is not sent (RFC 9110 §7.1).
        url.set_fragment(None);
        let reach = match url.scheme() {
            "https" => Reach::Public,
            "http" => Reach::Allowed,
            _ => return Err(Cause::Url),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Cause::Url);
        }
        let literal = match url.host() {
            Some(url::Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(url::Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            Some(url::Host::Domain(_)) => None,
            None => return Err(Cause::Url),
        };
        if literal.is_some_and(|address| !reach.covers(address, allowed)) {
            return Err(Cause::Address);
        }
        Ok(Self { url, reach })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(url: &str) -> Result<Reach, Cause> {
        let allowed = AllowedNetworks::new(vec!["10.0.0.0/8".parse().expect("a network")]);
        Target::parse(url, &allowed).map(|target| target.reach)
    }

    // SS-02
    #[test]
    fn an_address_by_number_is_judged_however_it_is_written() {
        for url in [
            "https://127.0.0.1/jwks",
            "https://127.1/jwks",
            "https://2130706433/jwks",
            "https://0x7f.0.0.1/jwks",
            "https://0177.0.0.1/jwks",
            "https://[::1]/jwks",
            "https://[::ffff:127.0.0.1]/jwks",
            "https://169.254.169.254/latest/meta-data",
            "http://1.1.1.1/jwks",
        ] {
            assert_eq!(judge(url), Err(Cause::Address), "{url}");
        }
        assert_eq!(judge("https://1.1.1.1/jwks"), Ok(Reach::Public));
        assert_eq!(judge("http://10.1.2.3/jwks"), Ok(Reach::Allowed));
    }

    #[test]
    fn only_http_without_credentials_is_spoken() {
        for url in ["file:///etc/passwd", "gopher://example.com/", "ftp://example.com/", "jwks", ""]
        {
            assert_eq!(judge(url), Err(Cause::Url), "{url}");
        }
        assert_eq!(judge("https://user:secret@example.com/"), Err(Cause::Url));
        assert_eq!(judge("https://example.com/#fragment"), Ok(Reach::Public));
    }
}

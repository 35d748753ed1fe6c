//! Addresses on the web that a client names: its pages, its keys, where it hears of a sign-out.

use url::{Host, Url};

use crate::redirect_uri::is_host;
use crate::{Checked, FaultCode};

/// The most bytes of an address.
const LIMIT: usize = 2048;

/// Takes an address with https, or with http on this machine. Nothing that runs or reads is one, however
/// it is spelled.
pub(super) fn parse(text: &str) -> Checked<String> {
    if text.len() > LIMIT {
        return Err((FaultCode::TooLong, format!("must have at most {LIMIT} bytes")));
    }
    let is_plain = |it: u8| it.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&it);
    if !text.bytes().all(is_plain) {
        return Err(invalid("must not contain spaces or other characters that no URI has"));
    }
    let url = Url::parse(text).map_err(|_| invalid(ABSOLUTE))?;
    // `https:app.example` is an address to browsers only.
    let start = format!("{}://", url.scheme());
    let is_spelled_out = text.get(..start.len()).is_some_and(|it| it.eq_ignore_ascii_case(&start));
    match url.scheme() {
        "https" | "http" if !is_spelled_out => Err(invalid(ABSOLUTE)),
        "https" | "http" if !url.host_str().is_some_and(is_host) => {
            Err(invalid("must name its host plainly"))
        }
        "https" | "http" if !url.username().is_empty() || url.password().is_some() => {
            Err(invalid("must not contain a user name"))
        }
        "https" => Ok(text.to_owned()),
        "http" if is_here(&url) => Ok(text.to_owned()),
        _ => Err(invalid(
            "must begin with https://; http is for localhost, 127.0.0.1 and [::1] only",
        )),
    }
}

const ABSOLUTE: &str = "must be an absolute URI such as https://app.example/page";

fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.octets() == [127, 0, 0, 1],
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn invalid(text: &str) -> (FaultCode, String) {
    (FaultCode::InvalidValue, text.to_owned())
}

//! Cookies: the session's, the form visit's and the device's, named by issuer, as cookies ignore ports.

use domain::{BaseUrl, Secret};
use http::HeaderMap;
use http::header::{COOKIE, HeaderValue};

use crate::origin::Origin;

/// What a cookie is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cookie {
    /// Who is signed in.
    Session,
    /// The visit that a sign-in form belongs to.
    Visit,
    /// Who has signed in with this browser before.
    Device,
    /// What the check-session frame reads (OpenID Connect Session Management 1.0 §4.2).
    BrowserState,
}

/// How long a browser remembers who has signed in with it: browsers keep no cookie for longer.
const DEVICE_SECONDS: u32 = 400 * 24 * 60 * 60;

impl Cookie {
    const fn word(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Visit => "visit",
            Self::Device => "device",
            Self::BrowserState => "state",
        }
    }

    /// Its name. `__Host-` keeps other hosts of the domain from setting it; it needs https.
    fn name(self, issuer: &BaseUrl) -> String {
        let prefix = if issuer.is_https() { "__Host-" } else { "" };
        let mark = crc32fast::hash(issuer.as_str().as_bytes());
        format!("{prefix}consentry-{}-{mark:08x}", self.word())
    }

    /// Its name at this address, for a script that reads it.
    pub(crate) fn name_at(self, origin: &Origin) -> String {
        self.name(&origin.base_url)
    }

    /// Its value in a request.
    pub(crate) fn read(self, headers: &HeaderMap, origin: &Origin) -> Option<String> {
        let name = self.name(&origin.base_url);
        headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|header| header.to_str().ok())
            .flat_map(|header| header.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.to_owned())
    }

    /// The header that sets it for as long as the browser runs; the server knows when it ends. A
    /// device stays the same when the browser is started again.
    pub(crate) fn set(self, origin: &Origin, value: &Secret) -> HeaderValue {
        let more = match self {
            Self::Session | Self::Visit | Self::BrowserState => String::new(),
            Self::Device => format!("; Max-Age={DEVICE_SECONDS}"),
        };
        self.header(origin, value.expose(), &more)
    }

    /// The header that removes it.
    pub(crate) fn remove(self, origin: &Origin) -> HeaderValue {
        self.header(origin, "", "; Max-Age=0")
    }

    fn header(self, origin: &Origin, value: &str, more: &str) -> HeaderValue {
        let name = self.name(&origin.base_url);
        let secure = if origin.base_url.is_https() { "; Secure" } else { "" };
        let reach = match self {
            // A frame of ours in a page of an app reads it by script.
            Self::BrowserState => "SameSite=None",
            Self::Session | Self::Visit | Self::Device => "HttpOnly; SameSite=Lax",
        };
        let text = format!("{name}={value}; Path=/; {reach}{secure}{more}");
        HeaderValue::from_str(&text).expect("handles and names are printable ASCII")
    }
}

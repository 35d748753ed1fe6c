//! Which answers scripts of other origins may read (CORS): everybody the well-known documents,
//! registered origins what a browser client calls. Never the authorization endpoint (RFC 9700
//! §2.6), introspection or a page; never with cookies, and `null` is nobody's origin.

use axum::response::Response;
use domain::{AccountId, WebOrigin};
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD,
    AUTHORIZATION, ORIGIN, VARY,
};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method};

use crate::origin::Origin;
use crate::site::Site;

/// What a script may send.
const REQUEST_HEADERS: &str = "Authorization, Content-Type, DPoP";

/// What a script may read beside the usual headers.
const REPLY_HEADERS: &str = "WWW-Authenticate, DPoP-Nonce, Retry-After";

/// For how many seconds a browser need not ask again.
const MAX_AGE: u32 = 600;

/// With whom the answers of a path are shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sharing {
    /// What everybody may know.
    Everybody,
    /// What everybody may call: whoever registers is not known yet.
    EverybodyToCall,
    /// The origins of registered redirect URIs.
    Registered,
    /// The same, and what may be read as well as sent.
    RegisteredToRead,
    /// The same, and only calls that bring a Bearer token (zendesk-wire §1.8).
    BearerCalls,
}

impl Sharing {
    fn of(path: &str) -> Option<Self> {
        match path {
            "/oauth/tokens" | "/oauth/tokens/revoke" => Some(Self::Registered),
            "/oauth/userinfo" => Some(Self::RegisteredToRead),
            _ if path == "/oauth/register" || path.starts_with("/oauth/register/") => {
                Some(Self::EverybodyToCall)
            }
            _ if path.starts_with("/.well-known/") => Some(Self::Everybody),
            _ if path.starts_with("/api/") => Some(Self::BearerCalls),
            _ => None,
        }
    }

    /// Whether it does not matter who asks.
    const fn is_with_everybody(self) -> bool {
        matches!(self, Self::Everybody | Self::EverybodyToCall)
    }

    const fn methods(self) -> &'static str {
        match self {
            Self::Everybody => "GET",
            Self::Registered => "POST",
            Self::RegisteredToRead => "GET, POST",
            Self::BearerCalls | Self::EverybodyToCall => "GET, POST, PUT, DELETE",
        }
    }

    /// Whether such a request is shared, whoever sends it.
    fn covers(self, headers: &HeaderMap, is_preflight: bool) -> bool {
        is_preflight || self != Self::BearerCalls || brings_bearer(headers)
    }
}

fn brings_bearer(headers: &HeaderMap) -> bool {
    let credentials = headers.get(AUTHORIZATION).map_or(&[][..], HeaderValue::as_bytes);
    credentials.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"bearer "))
}

/// How the answer to one request is shared.
pub(crate) struct Shared {
    sharing: Sharing,
    is_preflight: bool,
    allowed: Option<HeaderValue>,
}

impl Shared {
    /// Judges a request; none: its answer is shared with nobody.
    pub(crate) async fn of(site: &Site, origin: &Origin, parts: &Parts) -> Option<Self> {
        let sharing = Sharing::of(parts.uri.path())?;
        let headers = &parts.headers;
        let is_preflight = parts.method == Method::OPTIONS
            && headers.contains_key(ORIGIN)
            && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        let allowed = match sharing {
            _ if sharing.is_with_everybody() => Some(HeaderValue::from_static("*")),
            _ if sharing.covers(headers, is_preflight) => {
                registered(site, origin.account.id, presented(headers)).await
            }
            _ => None,
        };
        Some(Self { sharing, is_preflight, allowed })
    }

    /// Whether the browser asks before it sends the request itself.
    pub(crate) const fn is_preflight(&self) -> bool {
        self.is_preflight
    }

    /// Says in the answer who may read it.
    pub(crate) fn mark(self, response: &mut Response) {
        let headers = response.headers_mut();
        if !self.sharing.is_with_everybody() {
            headers.append(VARY, HeaderValue::from_static("Origin"));
        }
        if let Some(origin) = self.allowed {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            if self.is_preflight {
                allow(headers, self.sharing);
            } else {
                expose(headers, self.sharing);
            }
        }
    }
}

/// The one `Origin` header.
fn presented(headers: &HeaderMap) -> Option<&HeaderValue> {
    let mut values = headers.get_all(ORIGIN).iter();
    values.next().filter(|_| values.next().is_none())
}

/// The presented origin, if a redirect URI of the account or of a global client has it.
async fn registered(
    site: &Site,
    account_id: AccountId,
    presented: Option<&HeaderValue>,
) -> Option<HeaderValue> {
    let value = presented?;
    let origin = WebOrigin::parse(value.to_str().ok()?)?;
    match site.ctx().store.cache().has_origin(account_id, &origin).await {
        Ok(is_registered) => is_registered.then(|| value.clone()),
        Err(fault) => {
            tracing::warn!(%fault, "whether an origin is registered could not be read");
            None
        }
    }
}

fn allow(headers: &mut HeaderMap, sharing: Sharing) {
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(sharing.methods()));
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(REQUEST_HEADERS));
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from(MAX_AGE));
}

fn expose(headers: &mut HeaderMap, sharing: Sharing) {
    if sharing != Sharing::Everybody {
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(REPLY_HEADERS));
    }
}

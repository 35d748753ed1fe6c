//! Where a request comes from and which account it is for: the `Host` header, exactly.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::{Account, BaseUrl};
use http::header::{CONTENT_TYPE, HOST};
use http::request::Parts;
use http::{HeaderMap, StatusCode};

use crate::forwarded::Forwarded;
use crate::respond;
use crate::security_headers::OverHttps;
use crate::site::Site;
use crate::suspended;

/// The account that a request is for, and how it was reached.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    /// The account.
    pub account: Arc<Account>,
    /// The base URL that was asked: links in replies begin with it.
    pub base_url: BaseUrl,
    /// The caller's address; behind a trusted proxy the one it tells.
    pub source: IpAddr,
}

impl Origin {
    /// Whether the account's issuer was asked: the well-known documents stand there only.
    pub(crate) fn is_issuer(&self) -> bool {
        self.base_url.as_str() == self.account.issuer().as_str()
    }
}

impl<S: Sync> FromRequestParts<S> for Origin {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        parts.extensions.get::<Self>().cloned().ok_or(StatusCode::NOT_FOUND)
    }
}

/// Whether the connection itself is encrypted; set by the listener.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Encrypted(pub(crate) bool);

/// Finds the account of a request, or answers that there is none.
pub(crate) async fn select_account(
    State(site): State<Site>,
    mut request: Request,
    next: Next,
) -> Response {
    let reached = Reached::of(&site, &request);
    let Some(base_url) = reached.base_url() else { return no_account() };
    let account = protocol::accounts::at_base_url(site.ctx(), base_url.as_str()).await;
    match account {
        Ok(Some(account)) => {
            let (source, https) = (reached.source, base_url.is_https());
            let origin = Origin { account, base_url, source };
            let mut response = if let Some(refusal) = suspended::refusal(&origin, &request) {
                refusal
            } else {
                request.extensions_mut().insert(origin);
                next.run(request).await
            };
            if https {
                response.extensions_mut().insert(OverHttps);
            }
            response
        }
        Ok(None) => no_account(),
        Err(fault) => respond::fault(&fault),
    }
}

/// An unknown host answers with an empty object, as at Zendesk.
pub(crate) fn no_account() -> Response {
    (StatusCode::NOT_FOUND, [(CONTENT_TYPE, "application/json; charset=utf-8")], "{}")
        .into_response()
}

/// How a request reached us, as far as it can be believed.
struct Reached {
    source: IpAddr,
    scheme: &'static str,
    host: Option<String>,
}

impl Reached {
    fn of(site: &Site, request: &Request) -> Self {
        let extensions = request.extensions();
        let peer = extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |ConnectInfo(peer)| peer.ip());
        let encrypted = extensions.get::<Encrypted>().is_some_and(|Encrypted(yes)| *yes);
        let direct = Self {
            source: peer.to_canonical(),
            scheme: if encrypted { "https" } else { "http" },
            host: host(request),
        };
        if site.trusts(peer.to_canonical()) {
            direct.told_by_proxy(site, request.headers())
        } else {
            direct
        }
    }

    /// What a trusted proxy tells; from anybody else these headers mean nothing.
    fn told_by_proxy(self, site: &Site, headers: &HeaderMap) -> Self {
        let told = Forwarded::read(headers);
        Self {
            source: told.caller(|address| site.trusts(address)).unwrap_or(self.source),
            scheme: told.scheme.unwrap_or(self.scheme),
            host: told.host.or(self.host),
        }
    }

    fn base_url(&self) -> Option<BaseUrl> {
        let host = self.host.as_deref()?;
        BaseUrl::parse(&format!("{}://{host}", self.scheme)).ok()
    }
}

fn host(request: &Request) -> Option<String> {
    let mut hosts = request.headers().get_all(HOST).iter();
    let header = hosts.next().and_then(|host| host.to_str().ok());
    if hosts.next().is_some() {
        return None;
    }
    // HTTP/2 carries it as the authority of the target.
    let authority = request.uri().authority().map(http::uri::Authority::as_str);
    header.or(authority).map(str::to_ascii_lowercase)
}

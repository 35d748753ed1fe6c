//! Where a request comes from and which account it is for: the `Host` header, exactly.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::response::{IntoResponse, Response};
use domain::{Account, BaseUrl};
use http::header::{CONTENT_TYPE, HOST};
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use store::Fault;

use crate::forwarded::Forwarded;
use crate::site::Site;

/// A name of a host has at most 253 characters (RFC 1035 §2.3.4), a port five digits and a colon.
const LONGEST_AUTHORITY: usize = 253 + 6;

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

/// The connection itself is encrypted; set by the listener.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Encrypted;

/// Why a request has no account.
pub(crate) enum Unselected {
    /// There is none at this host.
    NoAccount,
    /// It could not be looked for.
    Fault(Fault),
}

/// Finds the account that a request is for.
pub(crate) async fn select(site: &Site, parts: &Parts) -> Result<Origin, Unselected> {
    let reached = Reached::of(site, parts);
    let asked = reached.asked().ok_or(Unselected::NoAccount)?;
    let account = protocol::accounts::at_base_url(site.ctx(), &asked).await;
    let account = account.map_err(Unselected::Fault)?.ok_or(Unselected::NoAccount)?;
    // What an account answers at is spelled as it was asked, so that nothing is parsed here.
    let base_url = account.base_urls.iter().find(|known| known.as_str() == asked).cloned();
    let base_url = base_url.ok_or(Unselected::NoAccount)?;
    Ok(Origin { account, base_url, source: reached.source })
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
    fn of(site: &Site, parts: &Parts) -> Self {
        let extensions = &parts.extensions;
        let peer = extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |ConnectInfo(peer)| peer.ip());
        let encrypted = extensions.get::<Encrypted>().is_some();
        let direct = Self {
            source: peer.to_canonical(),
            scheme: if encrypted { "https" } else { "http" },
            host: host(parts),
        };
        if site.trusts(peer.to_canonical()) {
            direct.told_by_proxy(site, &parts.headers)
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

    /// The base URL that was asked, unless its length alone says that it is none.
    fn asked(&self) -> Option<String> {
        let host = self.host.as_deref().filter(|host| host.len() <= LONGEST_AUTHORITY)?;
        let mut asked = String::with_capacity(self.scheme.len() + "://".len() + host.len());
        asked.extend([self.scheme, "://", host]);
        Some(asked)
    }
}

fn host(parts: &Parts) -> Option<String> {
    let mut hosts = parts.headers.get_all(HOST).iter();
    let header = hosts.next().and_then(|host| host.to_str().ok());
    if hosts.next().is_some() {
        return None;
    }
    // HTTP/2 carries it as the authority of the target.
    let authority = parts.uri.authority().map(http::uri::Authority::as_str);
    header.or(authority).map(str::to_ascii_lowercase)
}

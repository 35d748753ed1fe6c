//! One request and its reply in words, every secret shortened before it is kept.

use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Request, StatusCode};
use url::{Position, Url, form_urlencoded};

use super::shortened::shortened;

/// The characters of a body that are shown.
const BODY_SHOWN: usize = 640;

/// What somebody sent, and what came back.
pub(super) struct Exchange {
    /// Who sent it.
    pub(super) who: &'static str,
    /// Method and path.
    pub(super) request: String,
    /// What else was sent, a line each.
    pub(super) sent: Vec<String>,
    /// The status with its name.
    pub(super) status: String,
    /// What else came back, a line each.
    pub(super) received: Vec<String>,
}

impl Exchange {
    /// What was sent, without the reply.
    pub(super) fn new(who: &'static str, request: &Request, status: u16) -> Self {
        let name = StatusCode::from_u16(status).ok().and_then(|it| it.canonical_reason());
        let mut sent = Vec::new();
        sent.extend(authorization(request));
        sent.extend(query(request.url()));
        sent.extend(body(request));
        Self {
            who,
            request: shortened(&format!("{} {}", request.method(), request.url().path())),
            sent,
            status: format!("{status} {}", name.unwrap_or_default()),
            received: Vec::new(),
        }
    }

    /// The same with what came back.
    pub(super) fn with_reply(mut self, text: &str) -> Self {
        let text = shortened(text);
        match text.char_indices().nth(BODY_SHOWN) {
            _ if text.is_empty() => {}
            Some((end, _)) => self.received.push(format!("{} …", &text[..end])),
            None => self.received.push(text),
        }
        self
    }

    /// The same with where it leads.
    pub(super) fn with_location(mut self, url: &Url) -> Self {
        let address = address(url);
        self.received.push(format!("Location: {}", address.join("  ")));
        self
    }
}

/// An address, and its parameters if it has any.
pub(super) fn address(url: &Url) -> Vec<String> {
    let place = shortened(&url[..Position::AfterPath]);
    std::iter::once(place).chain(query(url)).collect()
}

/// Basic as the two halves that it encodes.
fn authorization(request: &Request) -> Option<String> {
    let value = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let basic = value.strip_prefix("Basic ").and_then(|it| BASE64_STANDARD.decode(it).ok());
    let value = match basic.and_then(|bytes| String::from_utf8(bytes).ok()) {
        Some(pair) => format!("Basic {pair}"),
        None => value.to_owned(),
    };
    Some(shortened(&format!("Authorization: {value}")))
}

fn query(url: &Url) -> Option<String> {
    url.query().map(|query| pairs(query.as_bytes()))
}

fn body(request: &Request) -> Option<String> {
    let body = request.body()?.as_bytes()?;
    let content_type = request.headers().get(CONTENT_TYPE)?.to_str().ok()?;
    if content_type == "application/x-www-form-urlencoded" {
        return Some(pairs(body));
    }
    Some(shortened(&String::from_utf8_lossy(body)))
}

/// Form-encoded parameters, decoded. A password is not even begun.
fn pairs(encoded: &[u8]) -> String {
    let pairs = form_urlencoded::parse(encoded).map(|(name, value)| match &*name {
        "password" => "password=…".to_owned(),
        _ => shortened(&format!("{name}={value}")),
    });
    pairs.collect::<Vec<_>>().join("  ")
}

/// What everybody said since it was last told.
#[derive(Clone, Default)]
pub(super) struct Overheard(Arc<Mutex<Vec<Exchange>>>);

impl Overheard {
    /// Notes an exchange.
    pub(super) fn note(&self, exchange: Exchange) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(exchange);
    }

    /// Hands over what was noted.
    pub(super) fn take(&self) -> Vec<Exchange> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A connection for somebody, overheard.
    pub(super) fn connection(&self, who: &'static str, http: &reqwest::Client) -> sdk::Connection {
        let overheard = self.clone();
        sdk::Connection::over(http.clone()).watched(move |exchange| {
            let noted = Exchange::new(who, exchange.request, exchange.status);
            overheard.note(noted.with_reply(exchange.body));
        })
    }
}

//! Request objects (RFC 9101, OpenID Connect Core §6): parameters that the client signed, in the request or where
//! a registered `request_uri` says. What they say stands in place of the query.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
use domain::{Account, AccountId, Client, Timestamp};
use quick_cache::sync::Cache;
use serde_json::{Map, Value};
use wire::{AuthorizationParameters, ErrorCode, RequestObjectRefused};

use crate::client_jwt::{JwtRefused, Kind, SignedClaims, UnverifiedJwt};
use crate::context::Context;
use crate::outbound::{self, Whom};

/// A request object carries what a request carries.
const KIND: Kind = Kind { max_bytes: 64 * 1024, typ: "oauth-authz-req+jwt" };

/// How many documents are remembered; those least used are forgotten first.
const REMEMBERED: usize = 1_000;

/// Why a request object is not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ObjectRefused {
    /// It stands in the request and elsewhere (RFC 9101 §5).
    #[error("request and request_uri exclude each other")]
    Both,
    /// It is not believed.
    #[error("the request object {0}")]
    Jwt(JwtRefused),
    /// What it says is no request.
    #[error("the request object {0}")]
    Parameters(RequestObjectRefused),
    /// There is nothing that could be read. Not even the client is told what is there instead.
    #[error("request_uri is not registered, or what it names could not be read")]
    Reference,
}

impl ObjectRefused {
    /// Its code (RFC 9101 §6.3, §7, OpenID Connect Core §3.1.2.6).
    pub(super) const fn code(self) -> ErrorCode {
        match self {
            Self::Both | Self::Parameters(RequestObjectRefused::Differs) => {
                ErrorCode::InvalidRequest
            }
            Self::Jwt(_) | Self::Parameters(_) => ErrorCode::InvalidRequestObject,
            Self::Reference => ErrorCode::InvalidRequestUri,
        }
    }
}

impl From<JwtRefused> for ObjectRefused {
    fn from(refused: JwtRefused) -> Self {
        Self::Jwt(refused)
    }
}

/// The request objects that were fetched a moment ago.
pub struct RequestObjects {
    fetched: Cache<(AccountId, String), Fetched>,
}

impl Default for RequestObjects {
    fn default() -> Self {
        Self { fetched: Cache::new(REMEMBERED) }
    }
}

#[derive(Clone)]
struct Fetched {
    text: Arc<str>,
    until: Timestamp,
}

/// The parameters with what the client's request object says in their place, if there is one. May fetch:
/// never called while a transaction is open.
pub(super) async fn unpack(
    ctx: &Context,
    account: &Account,
    client: &Client,
    parameters: &AuthorizationParameters,
) -> Result<Option<AuthorizationParameters>, ObjectRefused> {
    let claims = match (&parameters.request, &parameters.request_uri) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => return Err(ObjectRefused::Both),
        (Some(object), None) => verify(ctx, account, client, object).await?,
        (None, Some(request_uri)) => {
            let object = read(ctx, account.id, client, request_uri).await;
            let object = object.ok_or(ObjectRefused::Reference)?;
            // What is no JWT at all may be anybody's document, of which nobody is told anything.
            verify(ctx, account, client, object.trim()).await.map_err(|refused| match refused {
                JwtRefused::Malformed => ObjectRefused::Reference,
                refused => ObjectRefused::Jwt(refused),
            })?
        }
    };
    parameters.superseded_by(&claims).map(Some).map_err(ObjectRefused::Parameters)
}

/// Verifies an object, and that it is one: an assertion of the same client must not pass for a request (RFC
/// 9101 §10.8).
async fn verify(
    ctx: &Context,
    account: &Account,
    client: &Client,
    object: &str,
) -> Result<Map<String, Value>, JwtRefused> {
    let registered = client.metadata.request_object_signing_alg;
    let object = UnverifiedJwt::read(object, &KIND)?;
    let claims = object.verify(ctx, account.id, client, registered).await?;
    judge(ctx, account, client, &claims)?;
    Ok(claims.into_object())
}

fn judge(
    ctx: &Context,
    account: &Account,
    client: &Client,
    claims: &SignedClaims,
) -> Result<(), JwtRefused> {
    let client_id = client.identifier.as_str();
    if claims.has("iss") && claims.text("iss") != Some(client_id) {
        return Err(JwtRefused::Issuer);
    }
    if claims.text("sub") == Some(client_id) {
        return Err(JwtRefused::Subject);
    }
    if claims.has("aud") && !claims.audience()?.contains(&account.issuer().as_str()) {
        return Err(JwtRefused::Audience);
    }
    claims.within_time(ctx.now(), ctx.policy.clock_leeway).map(drop)
}

/// The document that a registered `request_uri` names.
async fn read(
    ctx: &Context,
    account_id: AccountId,
    client: &Client,
    request_uri: &str,
) -> Option<Arc<str>> {
    if !is_registered(client, request_uri) {
        return None;
    }
    let (place, hash) = request_uri.split_once('#').unwrap_or((request_uri, ""));
    let text = fetch(ctx, account_id, client, place).await?;
    (hash.is_empty() || is_hash_of(hash, &text)).then_some(text)
}

/// Registered with a fragment, it is that document and no other; without, the client may add the hash of what
/// stands there now (OpenID Connect Core §6.2).
fn is_registered(client: &Client, request_uri: &str) -> bool {
    let place = request_uri.split_once('#').map_or(request_uri, |(place, _)| place);
    let registered = &client.metadata.request_uris;
    registered.iter().any(|registered| registered == request_uri || registered == place)
}

/// Whether a fragment is the hash of the document; one that is no hash says nothing of it.
fn is_hash_of(fragment: &str, text: &str) -> bool {
    let is_hash = BASE64URL.decode(fragment).is_ok_and(|bytes| bytes.len() == 32);
    !is_hash || BASE64URL.encode(digest(&SHA256, text.as_bytes())) == fragment
}

async fn fetch(
    ctx: &Context,
    account_id: AccountId,
    client: &Client,
    place: &str,
) -> Option<Arc<str>> {
    let key = (account_id, place.to_owned());
    let now = ctx.now();
    let held = ctx.request_objects.fetched.get(&key).filter(|held| held.until > now);
    if let Some(held) = held {
        return Some(held.text);
    }
    let limit = ctx.policy.outbound.document_limit;
    let whom = Whom::of(account_id, Some(client.id));
    let document = outbound::get(ctx, whom, place, limit).await.ok()?;
    let text: Arc<str> = std::str::from_utf8(&document.body).ok()?.into();
    let until = now + ctx.policy.client_jwts.request_object_lifetime;
    ctx.request_objects.fetched.insert(key, Fetched { text: Arc::clone(&text), until });
    Some(text)
}

//! The endpoints: `/token/…`, `/introspect/…` and `/rotate/…`, each for one way to sign or to remember.

use std::sync::{Arc, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State as Shared};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, PRAGMA};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};

use super::client::Form;
use super::jobs::Job;
use super::signing::{Algorithm, LIFETIME};
use super::state::{State, hash, now};

/// Every path.
pub(super) fn routes(state: State) -> Router {
    Router::new()
        .route("/hello", get(async || "Hello, World!"))
        .route("/jwks", get(jwks))
        .route("/token/{kind}", post(token))
        .route("/introspect/{kind}", post(introspect))
        .route("/rotate/{kind}", post(rotate))
        .with_state(Arc::new(state))
}

type Answer = Result<Response, Refused>;

/// An error of RFC 6749 §5.2.
struct Refused(StatusCode, &'static str);

const INVALID_CLIENT: Refused = Refused(StatusCode::UNAUTHORIZED, "invalid_client");
const INVALID_REQUEST: Refused = Refused(StatusCode::BAD_REQUEST, "invalid_request");
const INVALID_GRANT: Refused = Refused(StatusCode::BAD_REQUEST, "invalid_grant");
const UNSUPPORTED: Refused = Refused(StatusCode::BAD_REQUEST, "unsupported_grant_type");

impl axum::response::IntoResponse for Refused {
    fn into_response(self) -> Response {
        let body = format!(r#"{{"error":"{}"}}"#, self.1);
        (self.0, [(CONTENT_TYPE, "application/json")], body).into_response()
    }
}

impl From<anyhow::Error> for Refused {
    fn from(_: anyhow::Error) -> Self {
        Self(StatusCode::INTERNAL_SERVER_ERROR, "server_error")
    }
}

fn answer(body: String) -> Response {
    let headers =
        [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store"), (PRAGMA, "no-cache")];
    (headers, body).into_response()
}

async fn jwks(Shared(state): Shared<Arc<State>>) -> Response {
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "public, max-age=300")];
    (headers, state.jwks.clone()).into_response()
}

/// Client credentials (RFC 6749 §4.4).
async fn token(
    Shared(state): Shared<Arc<State>>,
    Path(kind): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let (identifier, client) = state.clients.authenticate(&headers).ok_or(INVALID_CLIENT)?;
    let form = Form::read(&body).ok_or(INVALID_REQUEST)?;
    if form.grant_type != "client_credentials" {
        return Err(UNSUPPORTED);
    }
    let scope = &form.scope;
    let signed =
        |algorithm| state.signer.token(algorithm, (&identifier, scope), now(), &state.random);
    let token = match kind.as_str() {
        "eddsa" => signed(Algorithm::EdDsa)?,
        "es256" => signed(Algorithm::Es256)?,
        "rs256" => signed(Algorithm::Rs256)?,
        place => opaque(&state, place, client).await?,
    };
    Ok(answer(format!(
        r#"{{"access_token":"{token}","token_type":"Bearer","expires_in":{LIFETIME},"scope":"{scope}"}}"#
    )))
}

async fn opaque(state: &State, place: &str, client: i64) -> Result<String, Refused> {
    let token = state.handle()?;
    let (access, expires_at) = (hash(&token), now() + LIFETIME);
    let job = Job { access, client, expires_at, rotation: None };
    let is_written = match (place, &state.postgres) {
        ("sqlite", _) => state.sqlite.queue.write(job).await,
        ("pg", Some(postgres)) => postgres.inserts.write(job).await,
        _ => {
            let mut memory = state.memory.write().unwrap_or_else(PoisonError::into_inner);
            memory.insert(access, expires_at);
            true
        }
    };
    if is_written { Ok(token) } else { Err(anyhow::anyhow!("no row").into()) }
}

/// Refresh (RFC 6749 §6): the old token is used up, a new pair follows.
async fn rotate(
    Shared(state): Shared<Arc<State>>,
    Path(place): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let (_, client) = state.clients.authenticate(&headers).ok_or(INVALID_CLIENT)?;
    let form = Form::read(&body).ok_or(INVALID_REQUEST)?;
    if form.grant_type != "refresh_token" {
        return Err(UNSUPPORTED);
    }
    let (token, refresh) = (state.handle()?, state.handle()?);
    let rotation = Some((hash(&form.token), hash(&refresh)));
    let job = Job { access: hash(&token), client, expires_at: now() + LIFETIME, rotation };
    let is_written = match (place.as_str(), &state.postgres) {
        ("pg", Some(postgres)) => postgres.rotations.write(job).await,
        _ => state.sqlite.queue.write(job).await,
    };
    if !is_written {
        return Err(INVALID_GRANT);
    }
    Ok(answer(format!(
        r#"{{"access_token":"{token}","token_type":"Bearer","expires_in":{LIFETIME},"refresh_token":"{refresh}","scope":"read"}}"#
    )))
}

/// Introspection (RFC 7662), by one read.
async fn introspect(
    Shared(state): Shared<Arc<State>>,
    Path(place): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let (identifier, _) = state.clients.authenticate(&headers).ok_or(INVALID_CLIENT)?;
    let form = Form::read(&body).ok_or(INVALID_REQUEST)?;
    let token = hash(&form.token);
    let end = match (place.as_str(), &state.postgres) {
        ("sqlite", _) => state.sqlite.read(&token).map_err(anyhow::Error::from)?,
        ("pg", Some(postgres)) => postgres.read(&token).await.map_err(anyhow::Error::from)?,
        _ => state.memory.read().unwrap_or_else(PoisonError::into_inner).get(&token).copied(),
    };
    let Some(end) = end.filter(|end| *end > now()) else {
        return Ok(answer(r#"{"active":false}"#.to_owned()));
    };
    Ok(answer(format!(
        r#"{{"active":true,"client_id":"{identifier}","scope":"read","token_type":"Bearer","iat":{},"exp":{end},"iss":"https://as.bench.test"}}"#,
        end - LIFETIME
    )))
}

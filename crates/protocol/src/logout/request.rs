//! A request at the logout endpoint (OpenID Connect RP-Initiated Logout 1.0 §2, §3): what it proves, and
//! what may be done without asking the user.

use std::sync::Arc;

use domain::{
    Account, Client, ClientState, Handle, HandleKind, LogoutProgress, LogoutRequest, Secret,
};
use store::{Decision, Failure, Fault, settle};
use url::form_urlencoded::Serializer;
use wire::{LogoutParameters, ParametersRefused};

use crate::context::Context;
use crate::expiry::Expiring;
use crate::id_token_hint::{self, IdTokenHint};
use crate::sessions::SignedIn;

/// How many sign-ins that followed one another in one browser a hint may be of.
const LINEAGE_LIMIT: i64 = 100;

/// Why a request is answered by a page of ours, and nothing is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogoutRefused {
    /// A recognised parameter is there twice, or the encoding is broken.
    #[error("A parameter of the request is repeated or malformed.")]
    Malformed,
    /// `state` is too long.
    #[error("The app's own note is too long (state).")]
    StateTooLong,
    /// `client_id` is not the client that the ID token was issued to (§2).
    #[error("The request names another app (client_id) than its ID token (id_token_hint).")]
    ClientMismatch,
}

/// What a request proves.
pub struct Judged {
    /// The client that asks.
    pub client: Option<Arc<Client>>,
    /// Where the browser goes when the user has signed out.
    pub way_back: Option<WayBack>,
    /// What is done about it.
    pub verdict: Verdict,
}

/// What is done about a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The hint is of this session: it ends without a question.
    SignOut,
    /// The user is asked.
    Ask,
    /// Nobody is signed in, and the hint proves who wants the browser back: it goes there.
    GoBack,
    /// Nobody is signed in.
    NobodyThere,
}

/// A registered post-logout redirect URI, and what the client wants back there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WayBack {
    /// The URI, spelled as registered.
    pub uri: String,
    /// The `state` of the request.
    pub state: Option<String>,
}

impl WayBack {
    /// Where the browser goes. A query that the URI has already is kept and extended.
    pub fn url(&self) -> String {
        let Some(state) = &self.state else { return self.uri.clone() };
        let state = Serializer::new(String::new()).append_pair("state", state).finish();
        extended(&self.uri, &state)
    }
}

/// A URI with more in its query.
pub(super) fn extended(uri: &str, query: &str) -> String {
    let joint = match uri.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some(_) => "&",
    };
    format!("{uri}{joint}{query}")
}

/// What `id_token_hint` turned out to be.
enum Hint {
    Absent,
    /// It is not ours, so that nothing else of the request says who asks either.
    Invalid,
    Valid(IdTokenHint),
}

/// Judges a request: first who asks, then where to, then whether the user is asked.
pub async fn judge(
    ctx: &Context,
    account: &Account,
    parameters: &str,
    signed_in: Option<&SignedIn>,
) -> Decision<Judged, LogoutRefused> {
    let parameters =
        LogoutParameters::parse(parameters.as_bytes()).map_err(|refused| malformed(&refused))?;
    let hint = read_hint(ctx, account, &parameters).await?;
    let client = client(ctx, account, &parameters, &hint).await?;
    let way_back = client.as_deref().and_then(|client| way_back(client, &parameters));
    let leads_nowhere = parameters.post_logout_redirect_uri.is_some() && way_back.is_none();
    let verdict = match (signed_in, &hint) {
        (Some(signed_in), Hint::Valid(hint)) if !leads_nowhere => {
            if is_of_session(ctx, hint, signed_in).await? { Verdict::SignOut } else { Verdict::Ask }
        }
        (Some(_), _) => Verdict::Ask,
        // §2: it is no error to sign out where nobody is signed in.
        (None, Hint::Valid(_)) if way_back.is_some() => Verdict::GoBack,
        (None, _) => Verdict::NobodyThere,
    };
    Ok(Judged { client, way_back, verdict })
}

fn malformed(refused: &ParametersRefused) -> Failure<LogoutRefused> {
    Failure::Refused(match refused {
        ParametersRefused::TooLong("state") => LogoutRefused::StateTooLong,
        _ => LogoutRefused::Malformed,
    })
}

async fn read_hint(
    ctx: &Context,
    account: &Account,
    parameters: &LogoutParameters,
) -> Result<Hint, Fault> {
    let Some(presented) = &parameters.id_token_hint else { return Ok(Hint::Absent) };
    let hint = id_token_hint::read(ctx, account, presented).await?;
    Ok(hint.map_or(Hint::Invalid, Hint::Valid))
}

/// The client that asks: the one that the hint was issued to, which `client_id` must name too; or, without
/// a hint, the one that `client_id` names.
async fn client(
    ctx: &Context,
    account: &Account,
    parameters: &LogoutParameters,
    hint: &Hint,
) -> Decision<Option<Arc<Client>>, LogoutRefused> {
    let client_id = parameters.client_id.as_deref();
    let client = match hint {
        Hint::Invalid => None,
        Hint::Valid(hint) => {
            if client_id.is_some_and(|client_id| client_id != hint.client.identifier.as_str()) {
                return Err(Failure::Refused(LogoutRefused::ClientMismatch));
            }
            Some(Arc::clone(&hint.client))
        }
        Hint::Absent => match client_id {
            Some(client_id) => ctx.store.cache().client(account.id, client_id).await?,
            None => None,
        },
    };
    Ok(client.filter(|client| client.state != ClientState::Suspended))
}

/// §3: byte for byte, whatever the kind of client.
fn way_back(client: &Client, parameters: &LogoutParameters) -> Option<WayBack> {
    let uri = parameters.post_logout_redirect_uri.as_deref()?;
    let is_registered = client.post_logout_redirect_uris.iter().any(|it| it.as_str() == uri);
    is_registered.then(|| WayBack { uri: uri.to_owned(), state: parameters.state.clone() })
}

/// Whether an ID token was issued about the signed-in user, in this session or in one that it goes on with.
async fn is_of_session(
    ctx: &Context,
    hint: &IdTokenHint,
    signed_in: &SignedIn,
) -> Result<bool, Fault> {
    let SignedIn { session, user } = signed_in;
    if !hint.is_about(ctx, user) {
        return Ok(false);
    }
    let Some(sid) = &hint.session_identifier else { return Ok(true) };
    let earlier = store::sessions::lineage(&ctx.store, session.lineage_id, LINEAGE_LIMIT).await?;
    let mut sessions = earlier.into_iter().chain([session.id]);
    Ok(sessions.any(|id| ctx.keyring.session_identifier(id) == *sid))
}

/// Stores a request that came by POST, to be answered by a same-site GET: a cross-site POST brings no
/// `SameSite=Lax` cookie. None: it says nothing that would be needed there, and leaves no row.
pub async fn remember_posted(
    ctx: &Context,
    account: &Account,
    parameters: &str,
) -> Decision<Option<Secret>, LogoutRefused> {
    if judge(ctx, account, parameters, None).await?.client.is_none() {
        return Ok(None);
    }
    let parameters = LogoutParameters::parse(parameters.as_bytes())
        .map_err(|refused| malformed(&refused))?
        .to_form();
    let handle = ctx.entropy.handle(&ctx.policy.handle_prefix, HandleKind::LogoutRequest);
    let mut tx = ctx.store.begin().await?;
    let stored = async {
        let request = LogoutRequest {
            id: tx.id()?,
            hash: ctx.keyring.hash(HandleKind::LogoutRequest, handle.expose()),
            account_id: account.id,
            progress: LogoutProgress::Posted { parameters },
            created_at: ctx.now(),
            expires_at: ctx.now() + ctx.policy.posted_request_lifetime,
        };
        store::logout_requests::create(&mut tx, &request).await
    }
    .await;
    settle(tx, stored.map_err(Failure::Fault)).await?;
    ctx.expiry.beside(ctx, Expiring::LogoutRequests);
    Ok(Some(handle))
}

/// How far the request of this handle has come, if it is remembered still.
pub async fn remembered(
    ctx: &Context,
    account: &Account,
    handle: &str,
) -> Result<Option<LogoutProgress>, Fault> {
    if Handle::kind(handle) != Some(HandleKind::LogoutRequest) {
        return Ok(None);
    }
    let hash = ctx.keyring.hash(HandleKind::LogoutRequest, handle);
    let stored = store::logout_requests::show(&ctx.store, account.id, &hash).await?;
    Ok(stored.filter(|request| request.expires_at > ctx.now()).map(|request| request.progress))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_back_keeps_its_query_and_echoes_the_state() {
        for (uri, state, url) in [
            ("https://app.example/", None, "https://app.example/"),
            ("https://app.example/", Some("a b&c"), "https://app.example/?state=a+b%26c"),
            ("https://app.example/?x=1", Some("y"), "https://app.example/?x=1&state=y"),
            ("https://app.example/?", Some("y"), "https://app.example/?state=y"),
        ] {
            let way_back = WayBack { uri: uri.to_owned(), state: state.map(str::to_owned) };
            assert_eq!(way_back.url(), url);
        }
    }
}

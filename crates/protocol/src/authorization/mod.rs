//! The authorization endpoint (RFC 6749 §4.1, OAuth 2.1, RFC 9207): from a request to a code.
//!
//! Until client and redirect URI are proven a refusal is a page ([`PageRefused`]); after that it is
//! a redirect ([`RedirectRefused`]). The types keep the two apart.

mod account_choice;
mod code;
mod consent;
mod expected_user;
mod pending;
mod prompt;
mod proof;
mod request_object;
mod response;
mod validity;

use std::sync::Arc;

use domain::{Account, AuthorizationRequest, Client, EmailAddress, Secret, Timestamp};
use store::Decision;

pub use account_choice::{AccountChoice, choose};
pub use consent::{AskedScope, ConsentPrompt, Decided, Verdict, decide};
pub use pending::{Pending, pending, remember_posted};
pub use proof::{Mismatch, PageRefused, mismatch};
pub use request_object::{ObjectRefused, RequestObjects};
pub use response::{Delivery, PostedResponse, RedirectRefused};

use crate::context::Context;
use crate::sessions::SignedIn;
use crate::subject;
use consent::Consent;
use proof::ProvenRequest;
use response::Watched;
use validity::{Presence, Present, ValidRequest};

/// An authorization request as it came in.
pub struct Arrived {
    /// The form-encoded parameters.
    pub parameters: String,
    /// When it came in first: a sign-in after this satisfies `prompt=login`.
    pub at: Timestamp,
    /// The stored request that it goes on with.
    pub resumed: Option<AuthorizationRequest>,
}

/// What the browser does next.
pub enum Next {
    /// Sign in; the handle names the stored request.
    SignIn(Secret),
    /// Go on as who is signed in, or as somebody else.
    Choose(Box<AccountChoice>),
    /// Allow or deny.
    Ask(Box<ConsentPrompt>),
    /// Go to the client, with a code or an error.
    Deliver(Delivery),
}

/// Decides an authorization request: prove client and redirect URI, judge the rest, sign the user
/// in, ask for consent where it is due, and issue a code (RFC 6749 §4.1.1, §4.1.2).
pub async fn authorize(
    ctx: &Context,
    account: &Account,
    arrived: Arrived,
    signed_in: Option<&SignedIn>,
) -> Decision<Next, PageRefused> {
    let proven = proof::prove(ctx, account, &arrived.parameters).await?;
    let arrived = Arrived { parameters: proven.as_stored(arrived.parameters), ..arrived };
    let judged = validity::judge(ctx, account, &proven).await?;
    let silent =
        judged.as_ref().map_or_else(|refused| refused.silent, |request| request.prompt.is_silent());
    let Some(signed_in) = signed_in else {
        // RFC 9700 §4.11.2: no automatic redirect before somebody signed in, unless asked for.
        if !silent {
            return pending::sign_in(ctx, account, &arrived).await;
        }
        proof::works_for(&proven.client, None)?;
        let reason = judged.err().map_or(RedirectRefused::LoginRequired, |refused| refused.reason);
        return Ok(refuse(account, &proven, reason));
    };
    proof::works_for(&proven.client, Some(signed_in.user.id))?;
    let request = match judged {
        Ok(request) => request,
        Err(refused) => return Ok(refuse(account, &proven, refused.reason)),
    };
    let subject = subject::of(ctx, &proven.client, signed_in.user.id);
    let present = Present { auth_time: signed_in.session.auth_time, subject: &subject };
    match request.presence(&present, arrived.at, ctx.now()) {
        Presence::Fits => {}
        Presence::MustSignIn if !request.prompt.is_silent() => {
            return pending::sign_in(ctx, account, &arrived).await;
        }
        Presence::MustChoose => {
            return account_choice::ask(ctx, account, (&proven, arrived.at), signed_in).await;
        }
        Presence::MustSignIn | Presence::IsSomebodyElse => {
            return Ok(refuse(account, &proven, RedirectRefused::LoginRequired));
        }
    }
    answer(ctx, account, Ready { arrived, proven, request, signed_in }).await
}

/// Sends a refusal to the client.
fn refuse(account: &Account, proven: &ProvenRequest, refused: RedirectRefused) -> Next {
    Next::Deliver(response::error(account, proven, refused))
}

/// A request of a user who is signed in as the request demands.
struct Ready<'a> {
    arrived: Arrived,
    proven: ProvenRequest,
    request: ValidRequest,
    signed_in: &'a SignedIn,
}

async fn answer(ctx: &Context, account: &Account, ready: Ready<'_>) -> Decision<Next, PageRefused> {
    let Ready { arrived, proven, request, signed_in } = ready;
    match consent::look_up(ctx, account, &proven.client, &request, signed_in).await? {
        Consent::Remembered(grant) => {
            let code =
                code::issue_under(ctx, account, &proven, &request, (signed_in, &grant)).await?;
            let watched = Watched { ctx, session: &signed_in.session };
            Ok(Next::Deliver(response::code(account, &proven, &code, &watched)))
        }
        Consent::Due(_) if request.prompt.is_silent() => {
            Ok(refuse(account, &proven, RedirectRefused::ConsentRequired))
        }
        Consent::Due(grant) => {
            let shown = Arrived { parameters: request.as_shown(&proven.parameters), ..arrived };
            let handle = pending::bind(ctx, account, &shown, signed_in).await?;
            let prompt = consent::prompt(ctx, account, (&proven, &request), handle, grant).await?;
            Ok(Next::Ask(Box::new(prompt)))
        }
    }
}

/// What the sign-in page has to know of the request that waits for it.
pub struct Waiting {
    /// The client, to be named there.
    pub client: Arc<Client>,
    /// Who will sign in, as the client thinks (OpenID Connect Core §3.1.2.1, `login_hint`).
    pub login_hint: Option<EmailAddress>,
}

/// Whom a request at the sign-in page is for, and who is expected. People sign in with e-mail addresses
/// here, so a hint that is none is nobody's.
pub async fn waiting(
    ctx: &Context,
    account: &Account,
    request: &AuthorizationRequest,
) -> Decision<Waiting, PageRefused> {
    let proven = proof::prove(ctx, account, &request.parameters).await?;
    let login_hint = proven.parameters.login_hint.as_deref();
    let login_hint = login_hint.and_then(|hint| EmailAddress::parse(hint).ok());
    Ok(Waiting { client: proven.client, login_hint })
}

//! Choosing who goes on: `prompt=select_account` (OpenID Connect Core §3.1.2.1). A browser has one
//! session, so the choice is between its user and somebody else who signs in.

use std::sync::Arc;

use domain::{Account, Client, Secret, Timestamp};
use store::{Decision, Failure};
use wire::AuthorizationParameters;

use super::proof::ProvenRequest;
use super::{Arrived, Next, PageRefused, pending, proof};
use crate::context::Context;
use crate::sessions::SignedIn;

/// What the page shows that lets the user choose.
pub struct AccountChoice {
    /// Names the stored request in the form's action.
    pub handle: Secret,
    /// The app.
    pub client: Arc<Client>,
}

/// Asks who is signed in whether he goes on.
pub(super) async fn ask(
    ctx: &Context,
    account: &Account,
    (proven, at): (&ProvenRequest, Timestamp),
    signed_in: &SignedIn,
) -> Decision<Next, PageRefused> {
    let asking = Arrived { parameters: proven.parameters.to_form(), at, resumed: None };
    let handle = pending::bind(ctx, account, &asking, signed_in).await?;
    let client = Arc::clone(&proven.client);
    Ok(Next::Choose(Box::new(AccountChoice { handle, client })))
}

/// Goes on as who is signed in, once: the handle of the request that is left. Somebody else signs in
/// with the handle of the question, which answers it.
pub async fn choose(
    ctx: &Context,
    account: &Account,
    signed_in: &SignedIn,
    handle: &str,
) -> Decision<Secret, PageRefused> {
    let ended = Failure::Refused(PageRefused::Ended);
    let Some(asked) = pending(ctx, account, handle).await? else { return Err(ended) };
    let user = &signed_in.user;
    if asked.user_id != Some(user.id) || !user.honours(asked.created_at) {
        return Err(ended);
    }
    let proven = proof::prove(ctx, account, &asked.parameters).await?;
    let left = without_choice(proven.parameters).to_form();
    pending::replace(ctx, (&asked, user.id), &left).await
}

/// The same request, less the question that is answered.
fn without_choice(parameters: AuthorizationParameters) -> AuthorizationParameters {
    let left = |prompt: String| {
        let others: Vec<_> = prompt.split(' ').filter(|it| *it != "select_account").collect();
        others.join(" ")
    };
    let prompt = parameters.prompt.map(left).filter(|prompt| !prompt.is_empty());
    AuthorizationParameters { prompt, ..parameters }
}

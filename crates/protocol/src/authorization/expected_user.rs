//! Whom a request is about, where it says so: by `id_token_hint`, or by a value of `sub` in `claims` (OpenID
//! Connect Core 1.0 §3.1.2.1, §5.5.1).

use domain::Account;
use serde_json::Value;
use store::Fault;
use wire::ClaimsRequest;

use super::proof::ProvenRequest;
use super::response::RedirectRefused;
use crate::context::Context;
use crate::id_token_hint;

/// The user whom a request is about; of most requests anybody.
#[derive(Default)]
pub(super) struct ExpectedUser {
    hinted: Option<String>,
    claimed: Vec<Vec<Value>>,
}

impl ExpectedUser {
    /// The same, and whom the claims want.
    pub(super) fn or_claimed(mut self, claims: &ClaimsRequest) -> Self {
        let places = [&claims.id_token, &claims.userinfo].into_iter();
        let subjects = places.filter_map(|claims| claims.get("sub"));
        self.claimed = subjects.map(|claim| claim.values.clone()).collect();
        self
    }

    /// Whether the request can be answered for the user whom the client knows by this `sub`. A code for
    /// another one would tell the client that he is somebody else.
    pub(super) fn may_be(&self, subject: &str) -> bool {
        let value = Value::from(subject);
        let is_hinted = self.hinted.as_deref().is_none_or(|hinted| hinted == subject);
        is_hinted && self.claimed.iter().all(|values| values.is_empty() || values.contains(&value))
    }
}

/// Reads whom a request is about. A hint that is none, or was issued to another client, is an error: to
/// ignore it would be to answer for anybody.
pub(super) async fn read(
    ctx: &Context,
    account: &Account,
    proven: &ProvenRequest,
) -> Result<Result<ExpectedUser, RedirectRefused>, Fault> {
    let Some(presented) = &proven.parameters.id_token_hint else {
        return Ok(Ok(ExpectedUser::default()));
    };
    let hint = id_token_hint::read(ctx, account, presented).await?;
    let hint = hint.filter(|hint| hint.client.id == proven.client.id);
    let expected = |hinted| ExpectedUser { hinted: Some(hinted), ..ExpectedUser::default() };
    Ok(hint.map(|hint| expected(hint.subject)).ok_or(RedirectRefused::HintInvalid))
}

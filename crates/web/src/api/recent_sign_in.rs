//! Calls that ask again who is there: an access token must stem from a recent sign-in (RFC 9470).

use wire::zendesk::ApiError;

use super::guard::{Caller, Guard};
use super::policy::Policy;

/// Whoever `G` admits, if the user signed in lately. Credentials that no sign-in stands behind, API tokens
/// and those of clients themselves, are admitted as ever (decision 0012).
pub(crate) struct Recently<G>(G);

impl<G> Recently<G> {
    /// The other proof, once this one is no longer needed.
    pub(crate) fn into_guard(self) -> G {
        self.0
    }
}

impl<G: Guard> Guard for Recently<G> {
    const POLICY: Policy = Policy { wants_recent_sign_in: true, ..G::POLICY };

    fn admit(caller: Option<Caller>) -> Result<Self, ApiError> {
        let refused = caller.as_ref().and_then(sign_in_too_old);
        // Who may not call at all is not sent to sign in.
        let guard = G::admit(caller)?;
        refused.map_or(Ok(Self(guard)), Err)
    }
}

fn sign_in_too_old(caller: &Caller) -> Option<ApiError> {
    let ctx = caller.site.ctx();
    let max_age = ctx.policy.recent_sign_in;
    let is_recent = caller.granted().signed_in_within(max_age, ctx.now());
    (!is_recent).then(|| ApiError::SignInTooOld { max_age: max_age.as_seconds() })
}

//! The lifetimes a token request asks for, and those it gets.

use domain::{GrantType, Lifetime, Policy};
use wire::PresentedSeconds;

use super::TokenRefused;

/// What was asked for, within range; none: the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct AskedLifetimes {
    pub(super) access: Option<Lifetime>,
    pub(super) refresh: Option<Lifetime>,
}

impl AskedLifetimes {
    /// Judges what was asked for: out of range is refused, never silently clamped.
    pub(super) fn judge(
        policy: &Policy,
        grant_type: GrantType,
        access: Option<&PresentedSeconds>,
        refresh: Option<&PresentedSeconds>,
    ) -> Result<Self, TokenRefused> {
        let refresh = match grant_type {
            GrantType::ClientCredentials => None,
            _ => seconds(refresh).map_err(|()| TokenRefused::RefreshLifetimeInvalid)?,
        };
        let access = seconds(access).map_err(|()| TokenRefused::LifetimeInvalid)?;
        if access.is_some_and(|access| !policy.access_token_lifetime_range.contains(&access)) {
            return Err(TokenRefused::LifetimeInvalid);
        }
        if refresh.is_some_and(|refresh| !policy.refresh_token_lifetime_range.contains(&refresh)) {
            return Err(TokenRefused::RefreshLifetimeInvalid);
        }
        Ok(Self { access, refresh })
    }
}

fn seconds(presented: Option<&PresentedSeconds>) -> Result<Option<Lifetime>, ()> {
    let Some(presented) = presented else { return Ok(None) };
    let whole = presented.whole().filter(|seconds| *seconds <= i64::from(i32::MAX));
    whole.map(|seconds| Some(Lifetime::seconds(seconds))).ok_or(())
}

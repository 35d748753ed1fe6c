//! How a family stands in its row.

use std::borrow::Borrow;

use domain::TokenFamily;

use crate::engine::Value;

/// How many values `CREATE` takes.
const COLUMNS: usize = 16;

/// A family, owned or borrowed, and its lists as their columns hold them.
pub(crate) struct FamilyRow<T> {
    family: T,
    scopes: String,
    requested_scopes: String,
    resources: String,
}

impl<T: Borrow<TokenFamily>> FamilyRow<T> {
    pub(crate) fn of(family: T) -> Self {
        let scopes = family.borrow().scopes.to_string();
        let requested_scopes = family.borrow().requested_scopes.to_string();
        let resources = family.borrow().resources.join(" ");
        Self { family, scopes, requested_scopes, resources }
    }

    pub(crate) fn family(&self) -> &TokenFamily {
        self.family.borrow()
    }

    /// The values of `CREATE`.
    pub(crate) fn values(&self) -> [Value<'_>; COLUMNS] {
        let family = self.family();
        [
            family.id.into(),
            family.account_id.into(),
            family.client_id.into(),
            family.user_id.into(),
            family.grant_id.into(),
            family.session_id.into(),
            family.possession.as_str().into(),
            self.scopes.as_str().into(),
            self.requested_scopes.as_str().into(),
            self.resources.as_str().into(),
            family.claims.as_deref().into(),
            family.generation.into(),
            family.auth_time.into(),
            family.created_at.into(),
            family.expires_at.into(),
            family.revoked_at.into(),
        ]
    }
}

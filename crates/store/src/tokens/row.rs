//! How an issue stands in its row.

use std::borrow::Borrow;

use domain::Token;

use crate::engine::Value;

/// How many values `CREATE` takes.
const COLUMNS: usize = 19;

/// A token, owned or borrowed, and its lists as their columns hold them.
pub(crate) struct TokenRow<T> {
    token: T,
    scopes: String,
    resources: String,
}

impl<T: Borrow<Token>> TokenRow<T> {
    pub(crate) fn of(token: T) -> Self {
        let scopes = token.borrow().scopes.to_string();
        let resources = token.borrow().resources.join(" ");
        Self { token, scopes, resources }
    }

    pub(crate) fn token(&self) -> &Token {
        self.token.borrow()
    }

    /// The values of `CREATE`.
    pub(crate) fn values(&self) -> [Value<'_>; COLUMNS] {
        let token = self.token();
        [
            token.id.into(),
            token.bucket.into(),
            (&token.hash).into(),
            token.refresh_hash.as_ref().into(),
            token.account_id.into(),
            token.client_id.into(),
            token.user_id.into(),
            token.family_id.into(),
            token.generation.into(),
            self.scopes.as_str().into(),
            self.resources.as_str().into(),
            token.hint.as_str().into(),
            token.refresh_hint.as_deref().into(),
            token.created_at.into(),
            token.expires_at.into(),
            token.refresh_expires_at.into(),
            token.used_at.into(),
            token.rotated_at.into(),
            token.revoked_at.into(),
        ]
    }

    /// The same values where there may be no row.
    pub(crate) fn values_of(row: Option<&Self>) -> [Value<'_>; COLUMNS] {
        row.map_or([Value::Null; COLUMNS], Self::values)
    }
}

//! Lists of tokens: which ones, how many, and those at a number in the order of issue.

use domain::{AccountId, ClientId, ExpiryBucket, Timestamp, Token, UserId};

use crate::engine::{Source, Statement, Value};
use crate::{Fault, statements};

statements! {
    OFFSET: "
SELECT t.id, t.bucket, t.hash, t.refresh_hash, t.account_id, t.client_id, t.user_id, t.family_id,
  t.generation, t.scopes, t.resources, t.hint, t.refresh_hint, t.created_at, t.expires_at,
  t.refresh_expires_at, t.used_at, t.rotated_at, t.revoked_at
FROM tokens AS t
JOIN clients AS c ON c.id = t.client_id
JOIN users AS u ON u.id = t.user_id
JOIN accounts AS a ON a.id = t.account_id
LEFT JOIN token_families AS f ON f.id = t.family_id
LEFT JOIN grants AS g ON g.id = f.grant_id
WHERE t.account_id = $1 AND t.rotated_at IS NULL AND t.revoked_at IS NULL
AND t.bucket >= $2 AND (t.expires_at IS NULL OR t.expires_at > $3 OR t.refresh_expires_at > $3)
AND (t.family_id IS NULL OR (f.revoked_at IS NULL AND g.id IS NOT NULL AND g.revoked_at IS NULL))
AND t.created_at > COALESCE(a.not_before, 0) AND t.created_at > COALESCE(c.not_before, 0)
AND t.created_at > COALESCE(u.not_before, 0)
ORDER BY t.created_at, t.id
LIMIT $5 OFFSET $4";
    COUNT: "
SELECT COUNT(*)
FROM tokens AS t
JOIN clients AS c ON c.id = t.client_id
JOIN users AS u ON u.id = t.user_id
JOIN accounts AS a ON a.id = t.account_id
LEFT JOIN token_families AS f ON f.id = t.family_id
LEFT JOIN grants AS g ON g.id = f.grant_id
WHERE t.account_id = $1 AND t.rotated_at IS NULL AND t.revoked_at IS NULL
AND t.bucket >= $2 AND (t.expires_at IS NULL OR t.expires_at > $3 OR t.refresh_expires_at > $3)
AND (t.family_id IS NULL OR (f.revoked_at IS NULL AND g.id IS NOT NULL AND g.revoked_at IS NULL))
AND t.created_at > COALESCE(a.not_before, 0) AND t.created_at > COALESCE(c.not_before, 0)
AND t.created_at > COALESCE(u.not_before, 0)";
    OFFSET_OF_USER: "
SELECT t.id, t.bucket, t.hash, t.refresh_hash, t.account_id, t.client_id, t.user_id, t.family_id,
  t.generation, t.scopes, t.resources, t.hint, t.refresh_hint, t.created_at, t.expires_at,
  t.refresh_expires_at, t.used_at, t.rotated_at, t.revoked_at
FROM tokens AS t
JOIN clients AS c ON c.id = t.client_id
JOIN users AS u ON u.id = t.user_id
JOIN accounts AS a ON a.id = t.account_id
LEFT JOIN token_families AS f ON f.id = t.family_id
LEFT JOIN grants AS g ON g.id = f.grant_id
WHERE t.account_id = $1 AND t.rotated_at IS NULL AND t.revoked_at IS NULL
AND t.bucket >= $2 AND (t.expires_at IS NULL OR t.expires_at > $3 OR t.refresh_expires_at > $3)
AND (t.family_id IS NULL OR (f.revoked_at IS NULL AND g.id IS NOT NULL AND g.revoked_at IS NULL))
AND t.created_at > COALESCE(a.not_before, 0) AND t.created_at > COALESCE(c.not_before, 0)
AND t.created_at > COALESCE(u.not_before, 0)
AND t.user_id = $4 AND t.client_id BETWEEN $5 AND $6
ORDER BY t.created_at, t.id
LIMIT $8 OFFSET $7";
    COUNT_OF_USER: "
SELECT COUNT(*)
FROM tokens AS t
JOIN clients AS c ON c.id = t.client_id
JOIN users AS u ON u.id = t.user_id
JOIN accounts AS a ON a.id = t.account_id
LEFT JOIN token_families AS f ON f.id = t.family_id
LEFT JOIN grants AS g ON g.id = f.grant_id
WHERE t.account_id = $1 AND t.rotated_at IS NULL AND t.revoked_at IS NULL
AND t.bucket >= $2 AND (t.expires_at IS NULL OR t.expires_at > $3 OR t.refresh_expires_at > $3)
AND (t.family_id IS NULL OR (f.revoked_at IS NULL AND g.id IS NOT NULL AND g.revoked_at IS NULL))
AND t.created_at > COALESCE(a.not_before, 0) AND t.created_at > COALESCE(c.not_before, 0)
AND t.created_at > COALESCE(u.not_before, 0)
AND t.user_id = $4 AND t.client_id BETWEEN $5 AND $6";
    OFFSET_OF_CLIENT: "
SELECT t.id, t.bucket, t.hash, t.refresh_hash, t.account_id, t.client_id, t.user_id, t.family_id,
  t.generation, t.scopes, t.resources, t.hint, t.refresh_hint, t.created_at, t.expires_at,
  t.refresh_expires_at, t.used_at, t.rotated_at, t.revoked_at
FROM tokens AS t
JOIN clients AS c ON c.id = t.client_id
JOIN users AS u ON u.id = t.user_id
JOIN accounts AS a ON a.id = t.account_id
LEFT JOIN token_families AS f ON f.id = t.family_id
LEFT JOIN grants AS g ON g.id = f.grant_id
WHERE t.account_id = $1 AND t.rotated_at IS NULL AND t.revoked_at IS NULL
AND t.bucket >= $2 AND (t.expires_at IS NULL OR t.expires_at > $3 OR t.refresh_expires_at > $3)
AND (t.family_id IS NULL OR (f.revoked_at IS NULL AND g.id IS NOT NULL AND g.revoked_at IS NULL))
AND t.created_at > COALESCE(a.not_before, 0) AND t.created_at > COALESCE(c.not_before, 0)
AND t.created_at > COALESCE(u.not_before, 0)
AND t.client_id = $4
ORDER BY t.created_at, t.id
LIMIT $6 OFFSET $5";
    COUNT_OF_CLIENT: "
SELECT COUNT(*)
FROM tokens AS t
JOIN clients AS c ON c.id = t.client_id
JOIN users AS u ON u.id = t.user_id
JOIN accounts AS a ON a.id = t.account_id
LEFT JOIN token_families AS f ON f.id = t.family_id
LEFT JOIN grants AS g ON g.id = f.grant_id
WHERE t.account_id = $1 AND t.rotated_at IS NULL AND t.revoked_at IS NULL
AND t.bucket >= $2 AND (t.expires_at IS NULL OR t.expires_at > $3 OR t.refresh_expires_at > $3)
AND (t.family_id IS NULL OR (f.revoked_at IS NULL AND g.id IS NOT NULL AND g.revoked_at IS NULL))
AND t.created_at > COALESCE(a.not_before, 0) AND t.created_at > COALESCE(c.not_before, 0)
AND t.created_at > COALESCE(u.not_before, 0)
AND t.client_id = $4";
}

/// Which tokens of an account are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenList {
    /// The account.
    pub account_id: AccountId,
    /// Only those that act as this user.
    pub user_id: Option<UserId>,
    /// Only those of this client.
    pub client_id: Option<ClientId>,
    /// Only those whose access or refresh token has not ended at this time.
    pub unexpired_at: Option<Timestamp>,
}

impl TokenList {
    /// One of the statements for an account, a user and a client, and what narrows it. A user has few
    /// tokens, so his are read by an index that does not know the client.
    pub(super) fn narrow(
        &self,
        [of_account, of_user, of_client]: [&'static Statement; 3],
    ) -> (&'static Statement, Vec<Value<'static>>) {
        let mut values = vec![Value::from(self.account_id)];
        values.extend(self.since());
        match (self.user_id, self.client_id) {
            (None, None) => (of_account, values),
            (None, Some(client_id)) => {
                values.push(client_id.into());
                (of_client, values)
            }
            (Some(user_id), client_id) => {
                let least = client_id.map_or(0, ClientId::get);
                let greatest = client_id.map_or(i64::MAX, ClientId::get);
                values.extend([Value::from(user_id), least.into(), greatest.into()]);
                (of_user, values)
            }
        }
    }

    /// The first bucket in which something may not have ended, and the time itself.
    fn since(&self) -> [Value<'static>; 2] {
        match self.unexpired_at {
            Some(at) => [ExpiryBucket::for_expiry(at, Some(at)).into(), at.into()],
            None => [i64::MIN.into(), i64::MIN.into()],
        }
    }
}

/// The tokens of a list after this many, in the order of issue.
pub async fn list(
    source: impl Into<Source<'_>>,
    list: &TokenList,
    skipped: i64,
    limit: i64,
) -> Result<Vec<Token>, Fault> {
    let (statement, mut values) = list.narrow([&OFFSET, &OFFSET_OF_USER, &OFFSET_OF_CLIENT]);
    values.extend([Value::from(skipped), limit.into()]);
    source.into().all(statement, &values).await
}

/// How many tokens a list has.
pub async fn count(source: impl Into<Source<'_>>, list: &TokenList) -> Result<i64, Fault> {
    let (statement, values) = list.narrow([&COUNT, &COUNT_OF_USER, &COUNT_OF_CLIENT]);
    Ok(source.into().optional(statement, &values).await?.unwrap_or(0))
}

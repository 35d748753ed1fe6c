//! Pages of tokens by key, in both directions. An issue is listed while it may come to life again: neither
//! exchanged nor revoked, its family and grant are live, its client and user are there.

use domain::Token;

use super::list::TokenList;
use crate::engine::{Source, Statement, Value};
use crate::page::{Page, Shape, Side};
use crate::{Fault, statements};

statements! {
    AFTER: "
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
AND (t.created_at, t.id) > ($4, $5)
ORDER BY t.created_at, t.id
LIMIT $6";
    BEFORE: "
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
AND (t.created_at, t.id) < ($4, $5)
ORDER BY t.created_at DESC, t.id DESC
LIMIT $6";
    AFTER_ID: "
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
AND t.id > $4
ORDER BY t.id
LIMIT $5";
    BEFORE_ID: "
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
AND t.id < $4
ORDER BY t.id DESC
LIMIT $5";
    AFTER_OF_USER: "
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
AND (t.created_at, t.id) > ($7, $8)
ORDER BY t.created_at, t.id
LIMIT $9";
    BEFORE_OF_USER: "
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
AND (t.created_at, t.id) < ($7, $8)
ORDER BY t.created_at DESC, t.id DESC
LIMIT $9";
    // A sum is in no index: read by the one of the user or client, and sorted.
    AFTER_ID_OF_USER: "
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
AND t.id + 0 > $7
ORDER BY t.id + 0
LIMIT $8";
    BEFORE_ID_OF_USER: "
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
AND t.id + 0 < $7
ORDER BY t.id + 0 DESC
LIMIT $8";
    AFTER_OF_CLIENT: "
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
AND (t.created_at, t.id) > ($5, $6)
ORDER BY t.created_at, t.id
LIMIT $7";
    BEFORE_OF_CLIENT: "
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
AND (t.created_at, t.id) < ($5, $6)
ORDER BY t.created_at DESC, t.id DESC
LIMIT $7";
    AFTER_ID_OF_CLIENT: "
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
AND t.id + 0 > $5
ORDER BY t.id + 0
LIMIT $6";
    BEFORE_ID_OF_CLIENT: "
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
AND t.id + 0 < $5
ORDER BY t.id + 0 DESC
LIMIT $6";
}

/// What tokens can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenSort {
    /// By id.
    Id,
    /// By the time of issue.
    CreatedAt,
}

impl TokenSort {
    /// What places of a list in this order are made of.
    pub const fn shape(self) -> Shape {
        match self {
            Self::Id => Shape::Id,
            Self::CreatedAt => Shape::At,
        }
    }

    /// The statements for an account, a user and a client.
    const fn statements(self, side: Side) -> [&'static Statement; 3] {
        match (self, side) {
            (Self::Id, Side::After) => [&AFTER_ID, &AFTER_ID_OF_USER, &AFTER_ID_OF_CLIENT],
            (Self::Id, Side::Before) => [&BEFORE_ID, &BEFORE_ID_OF_USER, &BEFORE_ID_OF_CLIENT],
            (Self::CreatedAt, Side::After) => [&AFTER, &AFTER_OF_USER, &AFTER_OF_CLIENT],
            (Self::CreatedAt, Side::Before) => [&BEFORE, &BEFORE_OF_USER, &BEFORE_OF_CLIENT],
        }
    }
}

/// A page of a list of tokens; the nearest to its place first.
pub async fn page(
    source: impl Into<Source<'_>>,
    list: &TokenList,
    sort: TokenSort,
    page: &Page,
) -> Result<Vec<Token>, Fault> {
    let (statement, mut values) = list.narrow(sort.statements(page.side));
    values.extend(page.place.values());
    values.push(Value::from(page.limit));
    source.into().all(statement, &values).await
}

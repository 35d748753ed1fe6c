//! Global clients as an account sees them: whether its users have authorised one, whether it is blocked there, and
//! how many tokens of the account it holds. Other accounts' figures are nobody's business.
//!
//! The platform has few global clients, so a page goes along their index and asks for each what the account has
//! to do with it.

use domain::{AccountId, ClientId, ClientIdentifier, ClientKind, GlobalClient, Timestamp};

use crate::columns::Columns;
use crate::engine::{FromRow, Row, Source, Statement, Value};
use crate::page::{Page, Shape, Side};
use crate::{Fault, statements};

statements! {
    AFTER_ID: "
SELECT c.id, c.identifier, c.name, c.company, c.description, c.kind, c.logo_hash, c.created_at,
  (SELECT b.created_at FROM client_blocks AS b WHERE b.account_id = $1 AND b.client_id = c.id),
  (SELECT g.account_id FROM grants AS g
    WHERE g.account_id = $1 AND g.client_id = c.id AND g.revoked_at IS NULL LIMIT 1),
  CASE WHEN CAST($4 AS BIGINT) = 1 THEN (
    SELECT MAX(g.used_at) FROM grants AS g
    WHERE g.account_id = $1 AND g.client_id = c.id AND g.revoked_at IS NULL) END,
  CASE WHEN CAST($4 AS BIGINT) = 1 THEN (
    SELECT MAX(t.used_at) FROM tokens AS t
    WHERE t.account_id = $1 AND t.client_id = c.id
    AND t.rotated_at IS NULL AND t.revoked_at IS NULL) END,
  CASE WHEN CAST($4 AS BIGINT) = 1 THEN (
    SELECT COUNT(*) FROM tokens AS t
    JOIN users AS u ON u.id = t.user_id JOIN accounts AS a ON a.id = t.account_id
    LEFT JOIN token_families AS f ON f.id = t.family_id
    LEFT JOIN grants AS g ON g.id = f.grant_id
    WHERE t.account_id = $1 AND t.client_id = c.id
    AND t.rotated_at IS NULL AND t.revoked_at IS NULL
    AND (t.expires_at IS NULL OR t.expires_at > $5 OR t.refresh_expires_at > $5)
    AND t.created_at > COALESCE(a.not_before, 0) AND t.created_at > COALESCE(c.not_before, 0)
    AND t.created_at > COALESCE(u.not_before, 0)
    AND (t.family_id IS NULL
      OR (f.revoked_at IS NULL AND g.id IS NOT NULL AND g.revoked_at IS NULL))) ELSE 0 END
FROM clients AS c
WHERE c.global_at IS NOT NULL
AND (CAST($2 AS BIGINT) = 1 OR (
  SELECT 1 FROM grants AS g
  WHERE g.account_id = $1 AND g.client_id = c.id AND g.revoked_at IS NULL LIMIT 1) IS NOT NULL)
AND c.id = COALESCE(CAST($3 AS BIGINT), c.id)
AND c.id > $6
ORDER BY c.id
LIMIT $7";
    BEFORE_ID: "
SELECT c.id, c.identifier, c.name, c.company, c.description, c.kind, c.logo_hash, c.created_at,
  (SELECT b.created_at FROM client_blocks AS b WHERE b.account_id = $1 AND b.client_id = c.id),
  (SELECT g.account_id FROM grants AS g
    WHERE g.account_id = $1 AND g.client_id = c.id AND g.revoked_at IS NULL LIMIT 1),
  CASE WHEN CAST($4 AS BIGINT) = 1 THEN (
    SELECT MAX(g.used_at) FROM grants AS g
    WHERE g.account_id = $1 AND g.client_id = c.id AND g.revoked_at IS NULL) END,
  CASE WHEN CAST($4 AS BIGINT) = 1 THEN (
    SELECT MAX(t.used_at) FROM tokens AS t
    WHERE t.account_id = $1 AND t.client_id = c.id
    AND t.rotated_at IS NULL AND t.revoked_at IS NULL) END,
  CASE WHEN CAST($4 AS BIGINT) = 1 THEN (
    SELECT COUNT(*) FROM tokens AS t
    JOIN users AS u ON u.id = t.user_id JOIN accounts AS a ON a.id = t.account_id
    LEFT JOIN token_families AS f ON f.id = t.family_id
    LEFT JOIN grants AS g ON g.id = f.grant_id
    WHERE t.account_id = $1 AND t.client_id = c.id
    AND t.rotated_at IS NULL AND t.revoked_at IS NULL
    AND (t.expires_at IS NULL OR t.expires_at > $5 OR t.refresh_expires_at > $5)
    AND t.created_at > COALESCE(a.not_before, 0) AND t.created_at > COALESCE(c.not_before, 0)
    AND t.created_at > COALESCE(u.not_before, 0)
    AND (t.family_id IS NULL
      OR (f.revoked_at IS NULL AND g.id IS NOT NULL AND g.revoked_at IS NULL))) ELSE 0 END
FROM clients AS c
WHERE c.global_at IS NOT NULL
AND (CAST($2 AS BIGINT) = 1 OR (
  SELECT 1 FROM grants AS g
  WHERE g.account_id = $1 AND g.client_id = c.id AND g.revoked_at IS NULL LIMIT 1) IS NOT NULL)
AND c.id = COALESCE(CAST($3 AS BIGINT), c.id)
AND c.id < $6
ORDER BY c.id DESC
LIMIT $7";
    AFTER_NAME: "
SELECT c.id, c.identifier, c.name, c.company, c.description, c.kind, c.logo_hash, c.created_at,
  (SELECT b.created_at FROM client_blocks AS b WHERE b.account_id = $1 AND b.client_id = c.id),
  (SELECT g.account_id FROM grants AS g
    WHERE g.account_id = $1 AND g.client_id = c.id AND g.revoked_at IS NULL LIMIT 1),
  CASE WHEN CAST($4 AS BIGINT) = 1 THEN (
    SELECT MAX(g.used_at) FROM grants AS g
    WHERE g.account_id = $1 AND g.client_id = c.id AND g.revoked_at IS NULL) END,
  CASE WHEN CAST($4 AS BIGINT) = 1 THEN (
    SELECT MAX(t.used_at) FROM tokens AS t
    WHERE t.account_id = $1 AND t.client_id = c.id
    AND t.rotated_at IS NULL AND t.revoked_at IS NULL) END,
  CASE WHEN CAST($4 AS BIGINT) = 1 THEN (
    SELECT COUNT(*) FROM tokens AS t
    JOIN users AS u ON u.id = t.user_id JOIN accounts AS a ON a.id = t.account_id
    LEFT JOIN token_families AS f ON f.id = t.family_id
    LEFT JOIN grants AS g ON g.id = f.grant_id
    WHERE t.account_id = $1 AND t.client_id = c.id
    AND t.rotated_at IS NULL AND t.revoked_at IS NULL
    AND (t.expires_at IS NULL OR t.expires_at > $5 OR t.refresh_expires_at > $5)
    AND t.created_at > COALESCE(a.not_before, 0) AND t.created_at > COALESCE(c.not_before, 0)
    AND t.created_at > COALESCE(u.not_before, 0)
    AND (t.family_id IS NULL
      OR (f.revoked_at IS NULL AND g.id IS NOT NULL AND g.revoked_at IS NULL))) ELSE 0 END
FROM clients AS c
WHERE c.global_at IS NOT NULL
AND (CAST($2 AS BIGINT) = 1 OR (
  SELECT 1 FROM grants AS g
  WHERE g.account_id = $1 AND g.client_id = c.id AND g.revoked_at IS NULL LIMIT 1) IS NOT NULL)
AND c.id = COALESCE(CAST($3 AS BIGINT), c.id)
AND (c.name, c.id) > ($6, $7)
ORDER BY c.name, c.id
LIMIT $8";
    BEFORE_NAME: "
SELECT c.id, c.identifier, c.name, c.company, c.description, c.kind, c.logo_hash, c.created_at,
  (SELECT b.created_at FROM client_blocks AS b WHERE b.account_id = $1 AND b.client_id = c.id),
  (SELECT g.account_id FROM grants AS g
    WHERE g.account_id = $1 AND g.client_id = c.id AND g.revoked_at IS NULL LIMIT 1),
  CASE WHEN CAST($4 AS BIGINT) = 1 THEN (
    SELECT MAX(g.used_at) FROM grants AS g
    WHERE g.account_id = $1 AND g.client_id = c.id AND g.revoked_at IS NULL) END,
  CASE WHEN CAST($4 AS BIGINT) = 1 THEN (
    SELECT MAX(t.used_at) FROM tokens AS t
    WHERE t.account_id = $1 AND t.client_id = c.id
    AND t.rotated_at IS NULL AND t.revoked_at IS NULL) END,
  CASE WHEN CAST($4 AS BIGINT) = 1 THEN (
    SELECT COUNT(*) FROM tokens AS t
    JOIN users AS u ON u.id = t.user_id JOIN accounts AS a ON a.id = t.account_id
    LEFT JOIN token_families AS f ON f.id = t.family_id
    LEFT JOIN grants AS g ON g.id = f.grant_id
    WHERE t.account_id = $1 AND t.client_id = c.id
    AND t.rotated_at IS NULL AND t.revoked_at IS NULL
    AND (t.expires_at IS NULL OR t.expires_at > $5 OR t.refresh_expires_at > $5)
    AND t.created_at > COALESCE(a.not_before, 0) AND t.created_at > COALESCE(c.not_before, 0)
    AND t.created_at > COALESCE(u.not_before, 0)
    AND (t.family_id IS NULL
      OR (f.revoked_at IS NULL AND g.id IS NOT NULL AND g.revoked_at IS NULL))) ELSE 0 END
FROM clients AS c
WHERE c.global_at IS NOT NULL
AND (CAST($2 AS BIGINT) = 1 OR (
  SELECT 1 FROM grants AS g
  WHERE g.account_id = $1 AND g.client_id = c.id AND g.revoked_at IS NULL LIMIT 1) IS NOT NULL)
AND c.id = COALESCE(CAST($3 AS BIGINT), c.id)
AND (c.name, c.id) < ($6, $7)
ORDER BY c.name DESC, c.id DESC
LIMIT $8";
    AFTER_CREATED_AT: "
SELECT c.id, c.identifier, c.name, c.company, c.description, c.kind, c.logo_hash, c.created_at,
  (SELECT b.created_at FROM client_blocks AS b WHERE b.account_id = $1 AND b.client_id = c.id),
  (SELECT g.account_id FROM grants AS g
    WHERE g.account_id = $1 AND g.client_id = c.id AND g.revoked_at IS NULL LIMIT 1),
  CASE WHEN CAST($4 AS BIGINT) = 1 THEN (
    SELECT MAX(g.used_at) FROM grants AS g
    WHERE g.account_id = $1 AND g.client_id = c.id AND g.revoked_at IS NULL) END,
  CASE WHEN CAST($4 AS BIGINT) = 1 THEN (
    SELECT MAX(t.used_at) FROM tokens AS t
    WHERE t.account_id = $1 AND t.client_id = c.id
    AND t.rotated_at IS NULL AND t.revoked_at IS NULL) END,
  CASE WHEN CAST($4 AS BIGINT) = 1 THEN (
    SELECT COUNT(*) FROM tokens AS t
    JOIN users AS u ON u.id = t.user_id JOIN accounts AS a ON a.id = t.account_id
    LEFT JOIN token_families AS f ON f.id = t.family_id
    LEFT JOIN grants AS g ON g.id = f.grant_id
    WHERE t.account_id = $1 AND t.client_id = c.id
    AND t.rotated_at IS NULL AND t.revoked_at IS NULL
    AND (t.expires_at IS NULL OR t.expires_at > $5 OR t.refresh_expires_at > $5)
    AND t.created_at > COALESCE(a.not_before, 0) AND t.created_at > COALESCE(c.not_before, 0)
    AND t.created_at > COALESCE(u.not_before, 0)
    AND (t.family_id IS NULL
      OR (f.revoked_at IS NULL AND g.id IS NOT NULL AND g.revoked_at IS NULL))) ELSE 0 END
FROM clients AS c
WHERE c.global_at IS NOT NULL
AND (CAST($2 AS BIGINT) = 1 OR (
  SELECT 1 FROM grants AS g
  WHERE g.account_id = $1 AND g.client_id = c.id AND g.revoked_at IS NULL LIMIT 1) IS NOT NULL)
AND c.id = COALESCE(CAST($3 AS BIGINT), c.id)
AND (c.created_at, c.id) > ($6, $7)
ORDER BY c.created_at, c.id
LIMIT $8";
    BEFORE_CREATED_AT: "
SELECT c.id, c.identifier, c.name, c.company, c.description, c.kind, c.logo_hash, c.created_at,
  (SELECT b.created_at FROM client_blocks AS b WHERE b.account_id = $1 AND b.client_id = c.id),
  (SELECT g.account_id FROM grants AS g
    WHERE g.account_id = $1 AND g.client_id = c.id AND g.revoked_at IS NULL LIMIT 1),
  CASE WHEN CAST($4 AS BIGINT) = 1 THEN (
    SELECT MAX(g.used_at) FROM grants AS g
    WHERE g.account_id = $1 AND g.client_id = c.id AND g.revoked_at IS NULL) END,
  CASE WHEN CAST($4 AS BIGINT) = 1 THEN (
    SELECT MAX(t.used_at) FROM tokens AS t
    WHERE t.account_id = $1 AND t.client_id = c.id
    AND t.rotated_at IS NULL AND t.revoked_at IS NULL) END,
  CASE WHEN CAST($4 AS BIGINT) = 1 THEN (
    SELECT COUNT(*) FROM tokens AS t
    JOIN users AS u ON u.id = t.user_id JOIN accounts AS a ON a.id = t.account_id
    LEFT JOIN token_families AS f ON f.id = t.family_id
    LEFT JOIN grants AS g ON g.id = f.grant_id
    WHERE t.account_id = $1 AND t.client_id = c.id
    AND t.rotated_at IS NULL AND t.revoked_at IS NULL
    AND (t.expires_at IS NULL OR t.expires_at > $5 OR t.refresh_expires_at > $5)
    AND t.created_at > COALESCE(a.not_before, 0) AND t.created_at > COALESCE(c.not_before, 0)
    AND t.created_at > COALESCE(u.not_before, 0)
    AND (t.family_id IS NULL
      OR (f.revoked_at IS NULL AND g.id IS NOT NULL AND g.revoked_at IS NULL))) ELSE 0 END
FROM clients AS c
WHERE c.global_at IS NOT NULL
AND (CAST($2 AS BIGINT) = 1 OR (
  SELECT 1 FROM grants AS g
  WHERE g.account_id = $1 AND g.client_id = c.id AND g.revoked_at IS NULL LIMIT 1) IS NOT NULL)
AND c.id = COALESCE(CAST($3 AS BIGINT), c.id)
AND (c.created_at, c.id) < ($6, $7)
ORDER BY c.created_at DESC, c.id DESC
LIMIT $8";
    OFFSET: "
SELECT c.id, c.identifier, c.name, c.company, c.description, c.kind, c.logo_hash, c.created_at,
  (SELECT b.created_at FROM client_blocks AS b WHERE b.account_id = $1 AND b.client_id = c.id),
  (SELECT g.account_id FROM grants AS g
    WHERE g.account_id = $1 AND g.client_id = c.id AND g.revoked_at IS NULL LIMIT 1),
  CASE WHEN CAST($4 AS BIGINT) = 1 THEN (
    SELECT MAX(g.used_at) FROM grants AS g
    WHERE g.account_id = $1 AND g.client_id = c.id AND g.revoked_at IS NULL) END,
  CASE WHEN CAST($4 AS BIGINT) = 1 THEN (
    SELECT MAX(t.used_at) FROM tokens AS t
    WHERE t.account_id = $1 AND t.client_id = c.id
    AND t.rotated_at IS NULL AND t.revoked_at IS NULL) END,
  CASE WHEN CAST($4 AS BIGINT) = 1 THEN (
    SELECT COUNT(*) FROM tokens AS t
    JOIN users AS u ON u.id = t.user_id JOIN accounts AS a ON a.id = t.account_id
    LEFT JOIN token_families AS f ON f.id = t.family_id
    LEFT JOIN grants AS g ON g.id = f.grant_id
    WHERE t.account_id = $1 AND t.client_id = c.id
    AND t.rotated_at IS NULL AND t.revoked_at IS NULL
    AND (t.expires_at IS NULL OR t.expires_at > $5 OR t.refresh_expires_at > $5)
    AND t.created_at > COALESCE(a.not_before, 0) AND t.created_at > COALESCE(c.not_before, 0)
    AND t.created_at > COALESCE(u.not_before, 0)
    AND (t.family_id IS NULL
      OR (f.revoked_at IS NULL AND g.id IS NOT NULL AND g.revoked_at IS NULL))) ELSE 0 END
FROM clients AS c
WHERE c.global_at IS NOT NULL
AND (CAST($2 AS BIGINT) = 1 OR (
  SELECT 1 FROM grants AS g
  WHERE g.account_id = $1 AND g.client_id = c.id AND g.revoked_at IS NULL LIMIT 1) IS NOT NULL)
AND c.id = COALESCE(CAST($3 AS BIGINT), c.id)
AND c.created_at >= 0
ORDER BY c.created_at, c.id
LIMIT $7 OFFSET $6";
    COUNT: "
SELECT COUNT(*)
FROM clients AS c
WHERE c.global_at IS NOT NULL AND c.id > 0
AND (CAST($2 AS BIGINT) = 1 OR (
  SELECT 1 FROM grants AS g
  WHERE g.account_id = $1 AND g.client_id = c.id AND g.revoked_at IS NULL LIMIT 1) IS NOT NULL)
AND c.id = COALESCE(CAST($3 AS BIGINT), c.id)";
}

/// Which global clients are listed, for which account.
#[derive(Clone, Copy, Debug)]
pub struct GlobalClients {
    /// The account.
    pub account_id: AccountId,
    /// Whether those are listed too that nobody there has authorised.
    pub every: bool,
    /// This one alone.
    pub only: Option<ClientId>,
    /// Which tokens are counted.
    pub tokens: CountedTokens,
}

/// Which tokens of the account are counted. Those that were revoked or exchanged never are.
#[derive(Clone, Copy, Debug)]
pub enum CountedTokens {
    /// None: nobody asks.
    None,
    /// Those of which the access or the refresh token is good at this moment.
    Live(Timestamp),
    /// Those that have ended too, as long as they are kept.
    Every,
}

impl GlobalClients {
    fn values(self) -> Vec<Value<'static>> {
        let mut values = self.filter();
        let (is_counted, at) = match self.tokens {
            CountedTokens::None => (0, 0),
            CountedTokens::Live(at) => (1, at.as_millis()),
            CountedTokens::Every => (1, i64::MIN),
        };
        values.extend([Value::from(is_counted), at.into()]);
        values
    }

    fn filter(self) -> Vec<Value<'static>> {
        vec![self.account_id.into(), i64::from(self.every).into(), self.only.into()]
    }
}

/// What global clients can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GlobalClientSort {
    /// By id.
    Id,
    /// By name, bytewise.
    Name,
    /// By the time of making.
    CreatedAt,
}

impl GlobalClientSort {
    /// What places of a list in this order are made of.
    pub const fn shape(self) -> Shape {
        match self {
            Self::Id => Shape::Id,
            Self::Name => Shape::Text,
            Self::CreatedAt => Shape::At,
        }
    }

    const fn statement(self, side: Side) -> &'static Statement {
        match (self, side) {
            (Self::Id, Side::After) => &AFTER_ID,
            (Self::Id, Side::Before) => &BEFORE_ID,
            (Self::Name, Side::After) => &AFTER_NAME,
            (Self::Name, Side::Before) => &BEFORE_NAME,
            (Self::CreatedAt, Side::After) => &AFTER_CREATED_AT,
            (Self::CreatedAt, Side::Before) => &BEFORE_CREATED_AT,
        }
    }
}

/// A page of global clients, the nearest to its place first.
pub async fn page(
    source: impl Into<Source<'_>>,
    wanted: GlobalClients,
    sort: GlobalClientSort,
    page: &Page,
) -> Result<Vec<GlobalClient>, Fault> {
    let mut values: Vec<Value<'_>> = wanted.values();
    values.extend(page.place.values());
    values.push(page.limit.into());
    source.into().all(sort.statement(page.side), &values).await
}

/// Global clients in the order of their making: after this many, at most `limit`.
pub async fn list(
    source: impl Into<Source<'_>>,
    wanted: GlobalClients,
    skipped: i64,
    limit: i64,
) -> Result<Vec<GlobalClient>, Fault> {
    let mut values = wanted.values();
    values.extend([Value::from(skipped), limit.into()]);
    source.into().all(&OFFSET, &values).await
}

/// How many global clients a list has.
pub async fn count(source: impl Into<Source<'_>>, wanted: GlobalClients) -> Result<i64, Fault> {
    Ok(source.into().optional(&COUNT, &wanted.filter()).await?.unwrap_or(0))
}

impl FromRow for GlobalClient {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(Self {
            id: columns.take()?,
            identifier: columns.parsed(|it| ClientIdentifier::parse(it).ok())?,
            name: columns.take()?,
            company: columns.take()?,
            description: columns.take()?,
            kind: columns.parsed(ClientKind::parse)?,
            logo: columns.take()?,
            created_at: columns.take()?,
            blocked_at: columns.take()?,
            is_authorized: columns.take::<Option<i64>>()?.is_some(),
            last_used_at: {
                let granted: Option<Timestamp> = columns.take()?;
                granted.max(columns.take()?)
            },
            tokens_count: columns.take()?,
        })
    }
}

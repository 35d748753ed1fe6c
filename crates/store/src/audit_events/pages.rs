//! Pages of an account's audit events, by key in both directions or by number. They are read along an
//! index of the order; what filters leave out on the way is passed over.

use domain::{AccountId, AuditEventId, Timestamp};

use super::RecordedEvent;
use crate::engine::{Source, Value};
use crate::page::{Page, Place, Shape, Side};
use crate::{Fault, Store, statements};

statements! {
    AFTER_ID: "
SELECT id, account_id, occurred_at, actor_kind, actor_id, on_behalf_of, action, target_kind,
  target_id, details
FROM audit_events
WHERE account_id = $1
AND id > $2
AND occurred_at >= $3 AND occurred_at < $4
AND (CAST($5 AS BIGINT) IS NULL OR actor_id = $5 OR on_behalf_of = $5)
AND (CAST($6 AS TEXT) IS NULL OR action = $6)
AND (CAST($7 AS TEXT) IS NULL OR target_kind = $7)
AND (CAST($8 AS BIGINT) IS NULL OR target_id = $8)
ORDER BY id
LIMIT $9";
    BEFORE_ID: "
SELECT id, account_id, occurred_at, actor_kind, actor_id, on_behalf_of, action, target_kind,
  target_id, details
FROM audit_events
WHERE account_id = $1
AND id < $2
AND occurred_at >= $3 AND occurred_at < $4
AND (CAST($5 AS BIGINT) IS NULL OR actor_id = $5 OR on_behalf_of = $5)
AND (CAST($6 AS TEXT) IS NULL OR action = $6)
AND (CAST($7 AS TEXT) IS NULL OR target_kind = $7)
AND (CAST($8 AS BIGINT) IS NULL OR target_id = $8)
ORDER BY id DESC
LIMIT $9";
    AFTER_TIME: "
SELECT id, account_id, occurred_at, actor_kind, actor_id, on_behalf_of, action, target_kind,
  target_id, details
FROM audit_events
WHERE account_id = $1
AND (occurred_at, id) > ($2, $3)
AND occurred_at >= $4 AND occurred_at < $5
AND (CAST($6 AS BIGINT) IS NULL OR actor_id = $6 OR on_behalf_of = $6)
AND (CAST($7 AS TEXT) IS NULL OR action = $7)
AND (CAST($8 AS TEXT) IS NULL OR target_kind = $8)
AND (CAST($9 AS BIGINT) IS NULL OR target_id = $9)
ORDER BY occurred_at, id
LIMIT $10";
    BEFORE_TIME: "
SELECT id, account_id, occurred_at, actor_kind, actor_id, on_behalf_of, action, target_kind,
  target_id, details
FROM audit_events
WHERE account_id = $1
AND (occurred_at, id) < ($2, $3)
AND occurred_at >= $4 AND occurred_at < $5
AND (CAST($6 AS BIGINT) IS NULL OR actor_id = $6 OR on_behalf_of = $6)
AND (CAST($7 AS TEXT) IS NULL OR action = $7)
AND (CAST($8 AS TEXT) IS NULL OR target_kind = $8)
AND (CAST($9 AS BIGINT) IS NULL OR target_id = $9)
ORDER BY occurred_at DESC, id DESC
LIMIT $10";
    OFFSET: "
SELECT id, account_id, occurred_at, actor_kind, actor_id, on_behalf_of, action, target_kind,
  target_id, details
FROM audit_events
WHERE account_id = $1
AND occurred_at >= $2 AND occurred_at < $3
AND (CAST($4 AS BIGINT) IS NULL OR actor_id = $4 OR on_behalf_of = $4)
AND (CAST($5 AS TEXT) IS NULL OR action = $5)
AND (CAST($6 AS TEXT) IS NULL OR target_kind = $6)
AND (CAST($7 AS BIGINT) IS NULL OR target_id = $7)
ORDER BY occurred_at, id
LIMIT $9 OFFSET $8";
    COUNT: "
SELECT COUNT(*)
FROM audit_events
WHERE account_id = $1
AND occurred_at >= $2 AND occurred_at < $3
AND (CAST($4 AS BIGINT) IS NULL OR actor_id = $4 OR on_behalf_of = $4)
AND (CAST($5 AS TEXT) IS NULL OR action = $5)
AND (CAST($6 AS TEXT) IS NULL OR target_kind = $6)
AND (CAST($7 AS BIGINT) IS NULL OR target_id = $7)";
    SHOW: "
SELECT id, account_id, occurred_at, actor_kind, actor_id, on_behalf_of, action, target_kind,
  target_id, details
FROM audit_events
WHERE account_id = $1 AND id = $2";
}

/// What audit events can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventSort {
    /// By id.
    Id,
    /// By the time that they tell of.
    Time,
}

impl EventSort {
    /// What places of a list in this order are made of.
    pub const fn shape(self) -> Shape {
        match self {
            Self::Id => Shape::Id,
            Self::Time => Shape::At,
        }
    }

    /// The place of an event in this order.
    pub const fn place(self, event: &RecordedEvent) -> Place {
        match self {
            Self::Id => Place::Id(event.id.get()),
            Self::Time => Place::At(event.occurred_at, event.id.get()),
        }
    }
}

/// Which events a list has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Only what this user or client did, or what was done in this user's name.
    pub actor_id: Option<i64>,
    /// Only this action.
    pub action: Option<String>,
    /// Only what was done to things of this kind.
    pub target_kind: Option<String>,
    /// Only what was done to the thing with this id.
    pub target_id: Option<i64>,
    /// Only what happened then or later.
    pub since: Option<Timestamp>,
    /// Only what happened earlier.
    pub until: Option<Timestamp>,
}

impl EventFilter {
    /// As the statements number them: from `since` to `target_id`.
    fn values(&self) -> [Value<'_>; 6] {
        let first = Timestamp::from_millis(i64::MIN);
        let last = Timestamp::from_millis(i64::MAX);
        [
            self.since.unwrap_or(first).into(),
            self.until.unwrap_or(last).into(),
            self.actor_id.into(),
            self.action.as_deref().into(),
            self.target_kind.as_deref().into(),
            self.target_id.into(),
        ]
    }
}

/// A page of the account's events, the nearest to its place first.
pub async fn page(
    store: &Store,
    account_id: AccountId,
    filter: &EventFilter,
    sort: EventSort,
    page: &Page,
) -> Result<Vec<RecordedEvent>, Fault> {
    let statement = match (sort, page.side) {
        (EventSort::Id, Side::After) => &AFTER_ID,
        (EventSort::Id, Side::Before) => &BEFORE_ID,
        (EventSort::Time, Side::After) => &AFTER_TIME,
        (EventSort::Time, Side::Before) => &BEFORE_TIME,
    };
    let mut values: Vec<Value<'_>> = vec![account_id.into()];
    values.extend(page.place.values());
    values.extend(filter.values());
    values.push(page.limit.into());
    Source::from(store).all(statement, &values).await
}

/// The account's events after this many, oldest first.
pub async fn by_number(
    store: &Store,
    account_id: AccountId,
    filter: &EventFilter,
    skipped: i64,
    limit: i64,
) -> Result<Vec<RecordedEvent>, Fault> {
    let mut values: Vec<Value<'_>> = vec![account_id.into()];
    values.extend(filter.values());
    values.extend([Value::from(skipped), Value::from(limit)]);
    Source::from(store).all(&OFFSET, &values).await
}

/// How many events there are.
pub async fn count(
    store: &Store,
    account_id: AccountId,
    filter: &EventFilter,
) -> Result<i64, Fault> {
    let mut values: Vec<Value<'_>> = vec![account_id.into()];
    values.extend(filter.values());
    Ok(Source::from(store).optional(&COUNT, &values).await?.unwrap_or(0))
}

/// The event of this account with this id.
pub async fn show(
    store: &Store,
    account_id: AccountId,
    id: AuditEventId,
) -> Result<Option<RecordedEvent>, Fault> {
    Source::from(store).optional(&SHOW, &[account_id.into(), id.into()]).await
}

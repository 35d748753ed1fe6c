//! Audit events, each written in the unit of work of the change it tells of. They are never
//! changed.

mod pages;

use domain::{AccountId, Actor, AuditEvent, AuditEventId, Id, Timestamp, UserId};

pub(crate) use self::pages::ALL as PAGES_ALL;
pub use self::pages::{EventFilter, EventSort, by_number, count, page, show};
use crate::columns::Columns;
use crate::engine::{FromRow, Row, Source};
use crate::{Fault, Transaction, statements};

statements! {
    CREATE: "
INSERT INTO audit_events
  (id, account_id, occurred_at, actor_kind, actor_id, on_behalf_of, action, target_kind, target_id,
   details)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    LIST: "
SELECT id, account_id, occurred_at, actor_kind, actor_id, on_behalf_of, action, target_kind,
  target_id, details
FROM audit_events
WHERE account_id = $1 AND id > $2
ORDER BY id
LIMIT $3";
}

/// An audit event as it was stored: what its action and target are called may be from another
/// version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedEvent {
    /// Its id.
    pub id: AuditEventId,
    /// The account it happened in.
    pub account_id: AccountId,
    /// When.
    pub occurred_at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What: a noun and a past participle.
    pub action: String,
    /// The noun and id of what it was done to.
    pub target: (String, i64),
    /// Facts a reader needs, as the text of a JSON object.
    pub details: String,
}

/// Records an event.
pub async fn create(tx: &mut Transaction, event: &AuditEvent) -> Result<(), Fault> {
    let (target_kind, target_id) = event.target;
    let values = [
        event.id.into(),
        event.account_id.into(),
        event.occurred_at.into(),
        event.actor.kind().into(),
        event.actor.id().into(),
        event.actor.on_behalf_of().into(),
        event.action.into(),
        target_kind.into(),
        target_id.into(),
        event.details.as_str().into(),
    ];
    tx.write(&CREATE, &values).await
}

/// The events of an account after this one, oldest first.
pub async fn list(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    after: Option<AuditEventId>,
    limit: i64,
) -> Result<Vec<RecordedEvent>, Fault> {
    let after = after.map_or(0, AuditEventId::get);
    source.into().all(&LIST, &[account_id.into(), after.into(), limit.into()]).await
}

impl FromRow for RecordedEvent {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(Self {
            id: columns.take()?,
            account_id: columns.take()?,
            occurred_at: columns.take()?,
            actor: actor(&columns.take::<String>()?, columns.take()?, columns.take()?)?,
            action: columns.take()?,
            target: (columns.take()?, columns.take()?),
            details: columns.take()?,
        })
    }
}

/// The actor of this kind with this id, and the user in whose name he acted.
fn actor(kind: &str, id: Option<i64>, on_behalf_of: Option<UserId>) -> Result<Actor, Fault> {
    match (kind, id, on_behalf_of) {
        ("user", Some(id), None) => Ok(Actor::User(Id::new(id))),
        ("user", Some(id), Some(user)) => Ok(Actor::OnBehalf { caller: Id::new(id), user }),
        ("client", Some(id), None) => Ok(Actor::Client(Id::new(id))),
        ("operator", None, None) => Ok(Actor::Operator),
        ("system", None, None) => Ok(Actor::System),
        _ => Err(Fault::Corrupt(format!("an audit event names the actor {kind:?}"))),
    }
}

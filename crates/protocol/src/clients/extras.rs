//! What an admin changes of a client beside its registration: whether it works, and whose it is.

use domain::{
    Account, Actor, Client, ClientDraft, ClientFault, ClientField, ClientId, ClientState,
    FaultCode, User, UserId,
};
use serde_json::{Value, json};
use store::{Decision, Failure, Transaction, settle};

use super::{ClientRefused, own, promotion, sector, validate, write_update};
use crate::context::Context;

/// A client as its admin wants it, unchecked.
#[derive(Clone, Debug)]
pub struct ExtrasDraft {
    /// Its registration.
    pub draft: ClientDraft,
    /// Whom it belongs to.
    pub owner: UserId,
    /// The name of its state; none: the present one.
    pub state: Option<String>,
}

/// Changes a client of the account to what the draft says; judged as a whole, like a new one.
pub async fn update_extras(
    ctx: &Context,
    account: &Account,
    actor: Actor,
    id: ClientId,
    edit: impl Fn(&mut ExtrasDraft),
) -> Decision<Client, ClientRefused> {
    let wanted_of = |before: &Client| {
        let (draft, owner) = (ClientDraft::of(before), before.user_id);
        let mut wanted = ExtrasDraft { draft, owner, state: None };
        edit(&mut wanted);
        wanted
    };
    store::retry(|| async {
        sector::look_up(ctx, account, id, |before| wanted_of(before).draft).await?;
        let mut tx = ctx.store.begin().await?;
        let decision = async {
            let stored = store::clients::show(&mut tx, account.id, id).await?;
            let before = own(ctx, account, stored).await?;
            let wanted = wanted_of(&before);
            let after = judged(ctx, &mut tx, account, actor, (&before, &wanted)).await?;
            promotion::take_back(ctx, &mut tx, actor, (account.id, id)).await?;
            write_update(ctx, &mut tx, actor, (&before, after)).await
        }
        .await;
        settle(tx, decision).await
    })
    .await
}

/// The client as it is wanted, or everything that is wrong with it.
async fn judged(
    ctx: &Context,
    tx: &mut Transaction,
    account: &Account,
    actor: Actor,
    (before, wanted): (&Client, &ExtrasDraft),
) -> Decision<Client, ClientRefused> {
    let mut after = before.clone();
    let mut faults = Vec::new();
    match validate(ctx, account, &wanted.draft, Some(before.id)).await {
        Ok(registration) => registration.apply_to(&mut after),
        Err(Failure::Refused(ClientRefused::Invalid(found))) => faults = found,
        Err(failure) => return Err(failure),
    }
    let is_readable = |field| !wanted.draft.unreadable.contains(&field);
    if let Some(name) = &wanted.state {
        match state(before.state, name) {
            Ok(state) => after.state = state,
            Err(fault) => faults.push(fault),
        }
    }
    if wanted.owner != before.user_id && is_readable(ClientField::Owner) {
        // Taken first: whoever gets a client cannot be deleted meanwhile.
        let owner = if store::users::take(tx, account.id, wanted.owner).await? {
            store::users::show(&mut *tx, account.id, wanted.owner).await?
        } else {
            None
        };
        match owner.filter(|owner| may_own(owner, actor)) {
            Some(owner) => after.user_id = owner.id,
            None => faults.push(no_owner()),
        }
    }
    for field in [ClientField::State, ClientField::Owner] {
        if !is_readable(field) {
            let text = "is not of the right type";
            faults.push(ClientFault::new(field, FaultCode::InvalidValue, text));
        }
    }
    if faults.is_empty() {
        Ok(after)
    } else {
        Err(Failure::Refused(ClientRefused::Invalid(faults)))
    }
}

/// The state of this name. A client in review is not let out of it here.
fn state(before: ClientState, name: &str) -> Result<ClientState, ClientFault> {
    let fault =
        |text: &str| Err(ClientFault::new(ClientField::State, FaultCode::InvalidValue, text));
    match (before, ClientState::parse(name)) {
        (ClientState::Draft | ClientState::Pending, _) if name != before.as_str() => {
            fault("must not be changed before the client is reviewed")
        }
        (_, Some(state @ (ClientState::Active | ClientState::Suspended))) => Ok(state),
        (_, Some(state)) if state == before => Ok(state),
        _ => fault("must be active or suspended"),
    }
}

/// An admin may be given a client: its client credentials act as him. One who runs the platform can
/// only take it himself, or a token would be his without his doing.
fn may_own(owner: &User, actor: Actor) -> bool {
    let is_admin = owner.role == domain::Role::Admin && owner.suspended_at.is_none();
    is_admin && (owner.operator_at.is_none() || actor == Actor::User(owner.id))
}

fn no_owner() -> ClientFault {
    let text = "must be an admin of this account, and an operator only by himself";
    ClientFault::new(ClientField::Owner, FaultCode::InvalidValue, text)
}

/// What a reader of the audit log needs of a change.
pub(super) fn facts(before: &Client, after: &Client) -> Value {
    let mut facts = json!({"identifier": after.identifier.as_str()});
    if before.state != after.state {
        facts["state"] = json!(after.state.as_str());
    }
    if before.user_id != after.user_id {
        facts["user_id"] = json!(after.user_id.get());
    }
    if before.resource_server_at.is_some() != after.resource_server_at.is_some() {
        facts["resource_server"] = json!(after.resource_server_at.is_some());
    }
    facts
}

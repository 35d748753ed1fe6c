//! What the operator alone changes of a client: its owner, whether it works in every account, and what of a
//! global client nobody else may change.

use domain::{
    Account, Actor, Client, ClientDraft, ClientFault, ClientField, ClientId, FaultCode, Timestamp,
    UserId,
};
use store::{Decision, Failure, Transaction, settle};

use super::sector::{self, Sector};
use super::{ClientRefused, erase, promotion, require_owner, validate, write_update};
use crate::context::Context;

/// A client as the operator wants it.
#[derive(Clone, Debug)]
pub struct OperatorDraft {
    /// What its owner could change too.
    pub draft: ClientDraft,
    /// Whom it belongs to.
    pub owner: UserId,
    /// Since when it works in every account.
    pub global_at: Option<Timestamp>,
}

impl OperatorDraft {
    /// A client as it is.
    pub fn of(client: &Client) -> Self {
        let draft = ClientDraft::of(client);
        Self { draft, owner: client.user_id, global_at: client.global_at }
    }
}

/// Changes a client of this account, a global one too. It becomes global only while no account has
/// its identifier.
pub async fn update_as_operator(
    ctx: &Context,
    account: &Account,
    id: ClientId,
    edit: impl Fn(&mut OperatorDraft),
) -> Decision<Client, ClientRefused> {
    let wanted = |before: &Client| {
        let mut wanted = OperatorDraft::of(before);
        edit(&mut wanted);
        wanted.draft
    };
    store::retry(|| async {
        let sector = sector::look_up(ctx, account, id, wanted).await?;
        let mut tx = ctx.store.begin().await?;
        let decision = rewrite(ctx, &mut tx, account, id, (&edit, &sector)).await;
        settle(tx, decision).await
    })
    .await
}

/// The same as part of another change.
pub(super) async fn rewrite(
    ctx: &Context,
    tx: &mut Transaction,
    account: &Account,
    id: ClientId,
    (edit, sector): (&impl Fn(&mut OperatorDraft), &Sector),
) -> Decision<Client, ClientRefused> {
    let before = store::clients::show(&mut *tx, account.id, id).await?;
    let before = before.ok_or(Failure::Refused(ClientRefused::Unknown))?;
    let mut wanted = OperatorDraft::of(&before);
    edit(&mut wanted);
    let registration = validate(ctx, account, &wanted.draft, Some(id)).await?;
    sector.require(&before, &registration)?;
    let mut after = before.clone();
    registration.apply_to(&mut after);
    after.user_id = wanted.owner;
    after.global_at = wanted.global_at;
    let names_itself_anew = before.identifier != after.identifier || before.global_at.is_none();
    if after.global_at.is_some() && names_itself_anew {
        let fits = ctx.policy.global_client_prefix.require(&after.identifier);
        fits.map_err(|fault| Failure::Refused(ClientRefused::Invalid(vec![fault])))?;
    }
    require_owner(tx, &after).await?;
    let written = write_update(ctx, tx, Actor::Operator, (&before, after)).await;
    let after = written.map_err(|failure| failure.map_refused(|it| elsewhere(&before, it)))?;
    promotion::follow(ctx, tx, (&before, &after)).await?;
    Ok(after)
}

/// The account itself was asked for the identifier, so whoever has it is another one.
fn elsewhere(before: &Client, refused: ClientRefused) -> ClientRefused {
    match refused {
        ClientRefused::Invalid(_) if before.global_at.is_none() => {
            let text = "is in use in another account, in this or another case; \
                change it, or have that client deleted";
            let (field, code) = (ClientField::Identifier, FaultCode::DuplicateValue);
            ClientRefused::Invalid(vec![ClientFault::new(field, code, text)])
        }
        refused => refused,
    }
}

/// Deletes a client, a global one too: its codes, tokens and grants die with it in every account.
pub async fn delete_as_operator(ctx: &Context, client: &Client) -> Decision<(), ClientRefused> {
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = erase(ctx, &mut tx, Actor::Operator, client).await;
        settle(tx, decision).await
    })
    .await
}

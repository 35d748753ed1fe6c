//! The secrets a client has: listed, changed, ended. What has ended is gone for everybody.
//!
//! Whoever calls has found the client first, as the account's own or as the operator.

use domain::{
    Actor, Client, ClientSecret, ClientSecretId, RecordFault, RecordedSecret, SecretDraft,
    SecretTerms, Timestamp,
};
use serde_json::json;
use store::{Decision, Failure, Fault, Transaction, settle};

use crate::audit::Change;
use crate::context::Context;

/// Why a client's secrets were not changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretRefused {
    /// What is wrong, all of it.
    Invalid(Vec<RecordFault>),
    /// The client has no such secret, or is gone itself.
    Unknown,
}

/// The live secrets of a client, oldest first.
pub async fn list_secrets(ctx: &Context, client: &Client) -> Result<Vec<RecordedSecret>, Fault> {
    store::client_secrets::list(&ctx.store, client.account_id, client.id, ctx.now()).await
}

/// A live secret of this client.
pub async fn show_secret(
    ctx: &Context,
    client: &Client,
    id: ClientSecretId,
) -> Decision<RecordedSecret, SecretRefused> {
    let (account_id, now) = (client.account_id, ctx.now());
    let shown = store::client_secrets::show(&ctx.store, account_id, client.id, id, now).await?;
    shown.ok_or(Failure::Refused(SecretRefused::Unknown))
}

/// Changes the label and the end of a secret to what the draft says.
pub async fn update_secret(
    ctx: &Context,
    actor: Actor,
    client: &Client,
    id: ClientSecretId,
    edit: impl Fn(&mut SecretDraft),
) -> Decision<RecordedSecret, SecretRefused> {
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = async {
            hold(&mut tx, client).await?;
            let (account_id, now) = (client.account_id, ctx.now());
            let stored =
                store::client_secrets::show(&mut tx, account_id, client.id, id, now).await?;
            let before = stored.ok_or(Failure::Refused(SecretRefused::Unknown))?;
            let mut draft = SecretDraft::of(&before.secret);
            edit(&mut draft);
            let SecretTerms { label, expires_at, .. } = terms(ctx, &draft)?;
            let secret = ClientSecret { label, expires_at, ..before.secret };
            let after = RecordedSecret { secret, ..before };
            if !store::client_secrets::update(&mut tx, &after, now).await? {
                return Err(Failure::Refused(SecretRefused::Unknown));
            }
            let facts = json!({
                "secret_id": id.get(),
                "label": after.secret.label,
                "expires_at": after.secret.expires_at.map(Timestamp::as_seconds),
            });
            let change =
                Change::new(actor, "client.secret_updated", "client", client.id).with(facts);
            record(ctx, &mut tx, client, change).await?;
            Ok(after)
        }
        .await;
        settle(tx, decision).await
    })
    .await
}

/// Ends a secret at once, the last one too: then nothing authenticates until there is a new one.
pub async fn end_secret(
    ctx: &Context,
    actor: Actor,
    client: &Client,
    id: ClientSecretId,
) -> Decision<(), SecretRefused> {
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = async {
            hold(&mut tx, client).await?;
            let (account_id, now) = (client.account_id, ctx.now());
            if !store::client_secrets::delete(&mut tx, account_id, client.id, id, now).await? {
                return Err(Failure::Refused(SecretRefused::Unknown));
            }
            let change = Change::new(actor, "client.secret_ended", "client", client.id)
                .with(json!({"secret_id": id.get()}));
            record(ctx, &mut tx, client, change).await?;
            Ok(())
        }
        .await;
        settle(tx, decision).await
    })
    .await
}

/// Takes the client's row, so that whoever else is at its secrets waits.
pub(super) async fn hold(tx: &mut Transaction, found: &Client) -> Decision<(), SecretRefused> {
    super::hold(tx, found).await.map_err(|failure| failure.map_refused(|_| SecretRefused::Unknown))
}

/// Records a change of a client's secrets.
pub(super) async fn record(
    ctx: &Context,
    tx: &mut Transaction,
    client: &Client,
    change: Change,
) -> Result<(), Fault> {
    store::clients::touch(tx, client.account_id, client.id, ctx.now()).await?;
    ctx.audit(tx, client.account_id, change).await
}

/// What the draft says, judged now.
pub(super) fn terms(ctx: &Context, draft: &SecretDraft) -> Decision<SecretTerms, SecretRefused> {
    let judged = draft.validate(ctx.now(), ctx.policy.client_secret_lifetime_limit);
    judged.map_err(|faults| Failure::Refused(SecretRefused::Invalid(faults)))
}

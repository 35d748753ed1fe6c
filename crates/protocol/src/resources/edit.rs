//! Resources as admins keep them: made and changed from drafts, deleted.

use domain::{
    AccountId, Actor, FaultCode, RecordFault, Resource, ResourceDraft, ResourceId, ResourceTerms,
    ScopeCatalogue, Surroundings, Timestamp,
};
use store::{Decision, Failure, Fault, Transaction, settle};

use super::{NewResource, ResourceRefused, audit, rewrite, write};
use crate::audit::Change;
use crate::context::Context;

/// Why a resource was not shown, made, changed or deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditRefused {
    /// What is wrong, all of it.
    Invalid(Vec<RecordFault>),
    /// The account has no such resource.
    Unknown,
}

impl From<ResourceRefused> for EditRefused {
    fn from(refused: ResourceRefused) -> Self {
        let ResourceRefused::IdentifierTaken = refused;
        let text = "is already in use";
        Self::Invalid(vec![RecordFault::new("identifier", FaultCode::DuplicateValue, text)])
    }
}

/// The resources of an account, oldest first.
pub async fn list(ctx: &Context, account_id: AccountId) -> Result<Vec<Resource>, Fault> {
    store::resources::list(&ctx.store, account_id).await
}

/// The resource with this id.
pub async fn show(
    ctx: &Context,
    account_id: AccountId,
    id: ResourceId,
) -> Decision<Resource, EditRefused> {
    let found = store::resources::show(&ctx.store, account_id, id).await?;
    found.ok_or(Failure::Refused(EditRefused::Unknown))
}

/// Makes a resource of a draft.
pub async fn create_drafted(
    ctx: &Context,
    actor: Actor,
    account_id: AccountId,
    draft: &ResourceDraft,
) -> Decision<Resource, EditRefused> {
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = async {
            store::accounts::take(&mut tx, account_id).await?;
            let terms = judge(ctx, &mut tx, account_id, draft, None).await?;
            require_room(ctx, &mut tx, account_id).await?;
            let new = NewResource {
                account_id,
                identifier: terms.identifier,
                name: terms.name,
                scopes: terms.scopes,
                access_token_format: terms.access_token_format,
                signing_algorithm: terms.signing_algorithm,
                introspection_clients: terms.introspection_clients,
                access_token_lifetime: terms.access_token_lifetime,
            };
            let written = write(ctx, &mut tx, actor, &new).await;
            written.map_err(|failure| failure.map_refused(EditRefused::from))
        }
        .await;
        settle(tx, decision).await
    })
    .await
}

/// Changes a resource to what the draft says.
pub async fn update_drafted(
    ctx: &Context,
    actor: Actor,
    (account_id, id): (AccountId, ResourceId),
    edit: impl Fn(&mut ResourceDraft),
) -> Decision<Resource, EditRefused> {
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = async {
            let before = held(&mut tx, account_id, id).await?;
            let mut draft = ResourceDraft::of(&before);
            edit(&mut draft);
            let terms = judge(ctx, &mut tx, account_id, &draft, Some(&before)).await?;
            let after = changed(&before, terms, ctx.now());
            let written = rewrite(ctx, &mut tx, actor, &after).await;
            written.map_err(|failure| failure.map_refused(EditRefused::from))?;
            Ok(after)
        }
        .await;
        settle(tx, decision).await
    })
    .await
}

fn changed(before: &Resource, terms: ResourceTerms, now: Timestamp) -> Resource {
    Resource {
        identifier: terms.identifier,
        name: terms.name,
        scopes: terms.scopes,
        access_token_format: terms.access_token_format,
        signing_algorithm: terms.signing_algorithm,
        introspection_clients: terms.introspection_clients,
        access_token_lifetime: terms.access_token_lifetime,
        updated_at: now,
        ..*before
    }
}

/// Deletes a resource: nothing can be asked for it from then on.
pub async fn delete(
    ctx: &Context,
    actor: Actor,
    account_id: AccountId,
    id: ResourceId,
) -> Decision<(), EditRefused> {
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = async {
            let resource = held(&mut tx, account_id, id).await?;
            store::resources::delete(&mut tx, account_id, id).await?;
            let change = Change::new(actor, "resource.deleted", "resource", id);
            audit(ctx, &mut tx, change, &resource).await?;
            Ok(())
        }
        .await;
        settle(tx, decision).await
    })
    .await
}

/// The resource, which nobody else changes meanwhile by the API.
async fn held(
    tx: &mut Transaction,
    account_id: AccountId,
    id: ResourceId,
) -> Decision<Resource, EditRefused> {
    store::accounts::take(tx, account_id).await?;
    let found = store::resources::show(tx, account_id, id).await?;
    found.ok_or(Failure::Refused(EditRefused::Unknown))
}

async fn judge(
    ctx: &Context,
    tx: &mut Transaction,
    account_id: AccountId,
    draft: &ResourceDraft,
    stored: Option<&Resource>,
) -> Decision<ResourceTerms, EditRefused> {
    let holder = store::resources::by_identifier(&mut *tx, account_id, &draft.identifier).await?;
    let is_taken = holder.is_some_and(|holder| stored.is_none_or(|it| it.id != holder.id));
    let catalogue = ScopeCatalogue::new(store::scopes::list(&mut *tx, account_id).await?);
    let clients = clients(tx, account_id, draft).await?;
    let lifetimes = &ctx.policy.access_token_lifetime_range;
    let beside =
        Surroundings { stored, is_taken, catalogue: &catalogue, clients: &clients, lifetimes };
    draft.validate(&beside).map_err(|faults| Failure::Refused(EditRefused::Invalid(faults)))
}

/// Those of the named clients that there are, as they spell themselves: a few, each looked for by its
/// unique identifier.
async fn clients(
    tx: &mut Transaction,
    account_id: AccountId,
    draft: &ResourceDraft,
) -> Result<Vec<String>, Fault> {
    let mut found = Vec::new();
    for name in draft.introspection_clients.iter().take(ResourceDraft::CLIENT_LIMIT) {
        let folded = name.to_ascii_lowercase();
        let client = store::clients::by_identifier(&mut *tx, account_id, &folded).await?;
        found.extend(client.map(|client| client.identifier.as_str().to_owned()));
    }
    Ok(found)
}

async fn require_room(
    ctx: &Context,
    tx: &mut Transaction,
    account_id: AccountId,
) -> Decision<(), EditRefused> {
    let (count, limit) =
        (store::resources::list(tx, account_id).await?.len(), ctx.policy.resource_limit);
    if i64::try_from(count).is_ok_and(|count| count < limit) {
        return Ok(());
    }
    let text = format!("the account has {limit} resources already; delete one first");
    let fault = RecordFault::new("base", FaultCode::TooLong, &text);
    Err(Failure::Refused(EditRefused::Invalid(vec![fault])))
}

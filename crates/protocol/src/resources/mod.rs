//! Resources (RFC 8707): their life, which indicators are known, and what tokens for them look like.

mod edit;

use domain::{AccessTokenFormat, AccountId, Actor, Lifetime, Resource, ScopeSet, SigningAlgorithm};
use serde_json::json;
use store::{Decision, Failure, Transaction, settle};

pub use self::edit::{EditRefused, create_drafted, delete, list, show, update_drafted};
use crate::audit::Change;
use crate::context::Context;

/// What is said of a new resource.
#[derive(Clone, Debug)]
pub struct NewResource {
    /// The account it belongs to.
    pub account_id: AccountId,
    /// The resource indicator (RFC 8707 §2).
    pub identifier: String,
    /// What people call it.
    pub name: String,
    /// The scopes that mean something there; empty: all.
    pub scopes: ScopeSet,
    /// What its access tokens look like.
    pub access_token_format: AccessTokenFormat,
    /// What signs its JWT access tokens.
    pub signing_algorithm: SigningAlgorithm,
    /// The identifiers of the clients that may introspect every token for it.
    pub introspection_clients: Vec<String>,
    /// How long its access tokens last; none: the default.
    pub access_token_lifetime: Option<Lifetime>,
}

/// Why a resource was not made or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResourceRefused {
    /// The account has a resource with that identifier.
    #[error("the resource identifier is already in use")]
    IdentifierTaken,
}

/// Makes a resource.
pub async fn create(
    ctx: &Context,
    actor: Actor,
    new: NewResource,
) -> Decision<Resource, ResourceRefused> {
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = write(ctx, &mut tx, actor, &new).await;
        settle(tx, decision).await
    })
    .await
}

async fn write(
    ctx: &Context,
    tx: &mut Transaction,
    actor: Actor,
    new: &NewResource,
) -> Decision<Resource, ResourceRefused> {
    let now = ctx.now();
    let resource = Resource {
        id: tx.id()?,
        account_id: new.account_id,
        identifier: new.identifier.clone(),
        name: new.name.clone(),
        scopes: new.scopes.clone(),
        access_token_format: new.access_token_format,
        signing_algorithm: new.signing_algorithm,
        introspection_clients: new.introspection_clients.clone(),
        access_token_lifetime: new.access_token_lifetime,
        created_at: now,
        updated_at: now,
    };
    if !store::resources::create(tx, &resource).await? {
        return Err(Failure::Refused(ResourceRefused::IdentifierTaken));
    }
    audit(ctx, tx, Change::new(actor, "resource.created", "resource", resource.id), &resource)
        .await?;
    Ok(resource)
}

/// Changes a resource to what is given.
pub async fn update(
    ctx: &Context,
    actor: Actor,
    resource: Resource,
) -> Decision<(), ResourceRefused> {
    let resource = Resource { updated_at: ctx.now(), ..resource };
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = rewrite(ctx, &mut tx, actor, &resource).await;
        settle(tx, decision).await
    })
    .await
}

async fn rewrite(
    ctx: &Context,
    tx: &mut Transaction,
    actor: Actor,
    resource: &Resource,
) -> Decision<(), ResourceRefused> {
    if !store::resources::update(tx, resource).await? {
        return Err(Failure::Refused(ResourceRefused::IdentifierTaken));
    }
    audit(ctx, tx, Change::new(actor, "resource.updated", "resource", resource.id), resource)
        .await?;
    Ok(())
}

async fn audit(
    ctx: &Context,
    tx: &mut Transaction,
    change: Change,
    resource: &Resource,
) -> Result<(), store::Fault> {
    let facts = json!({
        "identifier": resource.identifier,
        "introspection_clients": resource.introspection_clients,
    });
    ctx.audit(tx, resource.account_id, change.with(facts)).await
}

/// The presented indicators, if every one of them is a known resource.
pub(crate) fn known(resources: &[Resource], presented: &[String]) -> Option<Vec<String>> {
    each_once(presented, |name| resources.iter().any(|resource| resource.identifier == *name))
}

/// What access tokens for these resources look like.
pub(crate) struct TokenShape {
    /// What signs them; none: they are handles.
    pub(crate) signed_with: Option<SigningAlgorithm>,
    /// The shortest lifetime that one of the resources sets.
    pub(crate) lifetime: Option<Lifetime>,
}

/// The shape of tokens for the named resources: a JWT if all of them take JWTs, since a handle is
/// understood by whoever introspects.
pub(crate) fn token_shape(resources: &[Resource], named: &[String]) -> TokenShape {
    let mut chosen = resources.iter().filter(|resource| named.contains(&resource.identifier));
    let lifetime = chosen.clone().filter_map(|resource| resource.access_token_lifetime).min();
    let first = chosen.clone().next();
    let all_jwt = chosen.all(|resource| resource.access_token_format == AccessTokenFormat::Jwt);
    let signed_with = first.filter(|_| all_jwt).map(|resource| resource.signing_algorithm);
    TokenShape { signed_with, lifetime }
}

/// The resources of a token under an authorization: all of them, or the part that is named; none if
/// one was not authorized (RFC 8707 §2.2). Without any at authorization nothing may be named later.
pub(crate) fn narrowed(authorized: &[String], named: &[String]) -> Option<Vec<String>> {
    if named.is_empty() {
        return Some(authorized.to_vec());
    }
    each_once(named, |name| authorized.contains(name))
}

fn each_once(named: &[String], is_known: impl Fn(&String) -> bool) -> Option<Vec<String>> {
    let mut found: Vec<String> = Vec::with_capacity(named.len());
    for name in named {
        if !is_known(name) {
            return None;
        }
        if !found.contains(name) {
            found.push(name.clone());
        }
    }
    Some(found)
}

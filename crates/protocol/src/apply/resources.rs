//! The resources of a declaration.

use domain::{
    AccessTokenFormat, AccountId, Actor, Resource, ScopeName, ScopeSet, SigningAlgorithm,
};
use store::Fault;

use super::scene::{Differences, Scene};
use super::{ResourceDeclaration, noted, scopes};
use crate::resources::{self, NewResource};

/// Goes through the resources; the clients are there by now.
pub(super) async fn apply(scene: &mut Scene<'_>) -> Result<(), Fault> {
    for (index, declared) in scene.declaration.resources.iter().enumerate() {
        let path = format!("resources[{index}]");
        if !scene.knows_account(&path, &declared.account) {
            continue;
        }
        check_scopes(scene, &path, declared);
        check_lifetime(scene, &path, declared);
        check_clients(scene, &path, declared).await?;
        let account_id = scene.account_id(&declared.account);
        let stored = match account_id {
            Some(id) => {
                let store = &scene.ctx.store;
                store::resources::by_identifier(store, id, &declared.identifier).await?
            }
            None => None,
        };
        match stored {
            Some(stored) => update(scene, &path, declared, stored).await?,
            None => create(scene, &path, declared, account_id).await?,
        }
    }
    Ok(())
}

fn check_scopes(scene: &mut Scene<'_>, path: &str, declared: &ResourceDeclaration) {
    for (index, name) in declared.scopes.iter().flatten().enumerate() {
        let Ok(parsed) = ScopeName::parse(name) else { continue };
        let catalogue = scene.catalogue(&declared.account);
        if catalogue.is_some_and(|catalogue| catalogue.find(&parsed).is_none()) {
            scene.fault(format!("{path}.scopes[{index}]"), scopes::unknown(name));
        }
    }
}

fn check_lifetime(scene: &mut Scene<'_>, path: &str, declared: &ResourceDeclaration) {
    let range = &scene.ctx.policy.access_token_lifetime_range;
    if declared.access_token_lifetime.is_some_and(|lifetime| !range.contains(&lifetime)) {
        let (least, most) = (range.start().as_seconds(), range.end().as_seconds());
        let message = format!("is out of range; use {least}s to {most}s");
        scene.fault(format!("{path}.access_token_lifetime"), message);
    }
}

/// Whoever may introspect every token is named exactly.
async fn check_clients(
    scene: &mut Scene<'_>,
    path: &str,
    declared: &ResourceDeclaration,
) -> Result<(), Fault> {
    for (index, identifier) in declared.introspection_clients.iter().flatten().enumerate() {
        let is_declared =
            scene.declaration.clients.iter().any(|client| {
                client.account == declared.account && client.identifier == *identifier
            });
        let is_stored = match scene.account_id(&declared.account) {
            Some(id) if !is_declared => {
                let folded = identifier.to_ascii_lowercase();
                store::clients::by_identifier(&scene.ctx.store, id, &folded).await?.is_some()
            }
            _ => false,
        };
        if !is_declared && !is_stored {
            let message =
                format!("there is no client \"{identifier}\"; declare it under [[clients]]");
            scene.fault(format!("{path}.introspection_clients[{index}]"), message);
        }
    }
    Ok(())
}

async fn create(
    scene: &mut Scene<'_>,
    path: &str,
    declared: &ResourceDeclaration,
    account_id: Option<AccountId>,
) -> Result<(), Fault> {
    if let Some(account_id) = account_id.filter(|_| scene.is_applied()) {
        let new = NewResource {
            account_id,
            identifier: declared.identifier.clone(),
            name: declared.name.clone().unwrap_or_else(|| declared.identifier.clone()),
            scopes: scope_set(declared).unwrap_or_default(),
            access_token_format: declared.access_token_format.unwrap_or(AccessTokenFormat::Opaque),
            signing_algorithm: declared.signing_algorithm.unwrap_or(SigningAlgorithm::Rs256),
            introspection_clients: declared.introspection_clients.clone().unwrap_or_default(),
            access_token_lifetime: declared.access_token_lifetime,
        };
        let made = resources::create(scene.ctx, Actor::Operator, new).await;
        if noted(scene, path, made)?.is_none() {
            return Ok(());
        }
    }
    scene.created("resource", &declared.account, &declared.identifier, None);
    Ok(())
}

async fn update(
    scene: &mut Scene<'_>,
    path: &str,
    declared: &ResourceDeclaration,
    mut stored: Resource,
) -> Result<(), Fault> {
    let mut differences = Differences::default();
    let lifetime = declared.access_token_lifetime.map(Some);
    let clients = declared.introspection_clients.clone();
    differences.set("name", &mut stored.name, declared.name.clone());
    differences.set("scopes", &mut stored.scopes, scope_set(declared));
    let format = declared.access_token_format;
    differences.set("access_token_format", &mut stored.access_token_format, format);
    let algorithm = declared.signing_algorithm;
    differences.set("signing_algorithm", &mut stored.signing_algorithm, algorithm);
    differences.set("introspection_clients", &mut stored.introspection_clients, clients);
    differences.set("access_token_lifetime", &mut stored.access_token_lifetime, lifetime);
    if scene.is_applied() && !differences.is_empty() {
        let done = resources::update(scene.ctx, Actor::Operator, stored).await;
        noted(scene, path, done)?;
    }
    scene.updated("resource", &declared.account, &declared.identifier, differences);
    Ok(())
}

fn scope_set(declared: &ResourceDeclaration) -> Option<ScopeSet> {
    let names = declared.scopes.as_ref()?;
    Some(names.iter().filter_map(|name| ScopeName::parse(name).ok()).collect())
}

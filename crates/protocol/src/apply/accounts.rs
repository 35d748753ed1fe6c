//! The accounts of a declaration.

use domain::{Account, Actor, BaseUrl, ConsentPolicy, PkcePolicy};
use store::Fault;

use super::scene::{Differences, Scene};
use super::{AccountDeclaration, noted};
use crate::accounts::{self, NewAccount};

/// Goes through the accounts.
pub(super) async fn apply(scene: &mut Scene<'_>) -> Result<(), Fault> {
    for (index, declared) in scene.declaration.accounts.iter().enumerate() {
        let path = format!("accounts[{index}]");
        check_base_urls(scene, &path, declared).await?;
        match scene.stored(&declared.slug).cloned() {
            Some(stored) => update(scene, &path, declared, stored).await?,
            None => create(scene, &path, declared).await?,
        }
    }
    Ok(())
}

/// A base URL selects one account.
async fn check_base_urls(
    scene: &mut Scene<'_>,
    path: &str,
    declared: &AccountDeclaration,
) -> Result<(), Fault> {
    for (index, url) in declared.base_urls.iter().flatten().enumerate() {
        let holder = store::accounts::by_base_url(&scene.ctx.store, url).await?;
        if let Some(holder) = holder.filter(|holder| holder.slug != declared.slug) {
            let message = format!("\"{url}\" selects the account \"{}\" already", holder.slug);
            scene.fault(format!("{path}.base_urls[{index}]"), message);
        }
    }
    Ok(())
}

async fn create(
    scene: &mut Scene<'_>,
    path: &str,
    declared: &AccountDeclaration,
) -> Result<(), Fault> {
    let Some(base_urls) = base_urls(declared) else {
        let message = "is missing; say where the account answers, like [\"{origin}\"]";
        scene.fault(format!("{path}.base_urls"), message);
        return Ok(());
    };
    if scene.is_applied() {
        let new = NewAccount {
            slug: declared.slug.clone(),
            name: declared.name.clone().unwrap_or_else(|| declared.slug.clone()),
            base_urls,
            consent: declared.consent.unwrap_or(ConsentPolicy::Remember),
            pkce: declared.pkce.unwrap_or(PkcePolicy::PublicClients),
            refresh_grace: declared.refresh_grace,
        };
        let made = accounts::create(scene.ctx, Actor::Operator, new).await;
        let Some(account) = noted(scene, path, made)? else { return Ok(()) };
        scene.put_account(account);
    }
    scene.created("account", &declared.slug, &declared.slug, None);
    Ok(())
}

async fn update(
    scene: &mut Scene<'_>,
    path: &str,
    declared: &AccountDeclaration,
    mut account: Account,
) -> Result<(), Fault> {
    let mut differences = Differences::default();
    differences.set("name", &mut account.name, declared.name.clone());
    differences.set("base_urls", &mut account.base_urls, base_urls(declared));
    differences.set("consent", &mut account.consent, declared.consent);
    differences.set("pkce", &mut account.pkce, declared.pkce);
    differences.set("refresh_grace", &mut account.refresh_grace, declared.refresh_grace);
    if scene.is_applied() && !differences.is_empty() {
        let done = accounts::update(scene.ctx, Actor::Operator, &account).await;
        noted(scene, path, done)?;
    }
    scene.updated("account", &declared.slug, &declared.slug, differences);
    scene.put_account(account);
    Ok(())
}

/// The base URLs, each of which was found to be one before.
fn base_urls(declared: &AccountDeclaration) -> Option<Vec<BaseUrl>> {
    let urls = declared.base_urls.as_ref()?;
    Some(urls.iter().filter_map(|url| BaseUrl::parse(url).ok()).collect())
}

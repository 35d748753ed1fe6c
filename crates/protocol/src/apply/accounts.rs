//! The accounts of a declaration.

use domain::{Account, AccountDraft, Actor, BaseUrl};
use store::Fault;

use super::scene::{Differences, Scene};
use super::{AccountDeclaration, noted};
use crate::accounts;

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
    for (index, url) in base_urls(declared).iter().flatten().enumerate() {
        let holder = store::accounts::by_base_url(&scene.ctx.store, url.as_str()).await?;
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
    if declared.base_urls.is_none() {
        let message = "is missing; say where the account answers, like [\"{origin}\"]";
        scene.fault(format!("{path}.base_urls"), message);
        return Ok(());
    }
    if scene.is_applied() {
        let mut draft = AccountDraft { slug: declared.slug.clone(), ..AccountDraft::default() };
        fill(&mut draft, declared);
        let made = accounts::create(scene.ctx, Actor::Operator, &draft).await;
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
    let differences = differences(&mut account, declared);
    if scene.is_applied() && !differences.is_empty() {
        let edit = |draft: &mut AccountDraft| fill(draft, declared);
        let done = accounts::update(scene.ctx, Actor::Operator, account.id, edit).await;
        noted(scene, path, done)?;
    }
    scene.updated("account", &declared.slug, &declared.slug, differences);
    scene.put_account(account);
    Ok(())
}

/// Makes the account what is declared, and says what that changes.
fn differences(account: &mut Account, declared: &AccountDeclaration) -> Differences {
    let mut differences = Differences::default();
    differences.set("name", &mut account.name, declared.name.clone());
    differences.set("base_urls", &mut account.base_urls, base_urls(declared));
    differences.set("consent", &mut account.consent, declared.consent);
    differences.set("pkce", &mut account.pkce, declared.pkce);
    differences.set("refresh_grace", &mut account.refresh_grace, declared.refresh_grace);
    differences.set("api_tokens", &mut account.api_tokens, declared.api_tokens);
    differences.set("token_expiry", &mut account.token_expiry, declared.token_expiry);
    let volume = declared.api_requests_per_minute.map(|number| u32::try_from(number).ok());
    differences.set("api_requests_per_minute", &mut account.api_requests_per_minute, volume);
    differences.set("registration", &mut account.registration, declared.registration);
    differences
}

/// Puts what is declared into a draft; the rest of it stays.
fn fill(draft: &mut AccountDraft, declared: &AccountDeclaration) {
    fn put<T>(place: &mut Option<T>, declared: Option<T>) {
        if declared.is_some() {
            *place = declared;
        }
    }
    if let Some(urls) = &declared.base_urls {
        draft.base_urls.clone_from(urls);
    }
    put(&mut draft.name, declared.name.clone());
    put(&mut draft.consent, declared.consent.map(|it| it.as_str().to_owned()));
    put(&mut draft.pkce, declared.pkce.map(|it| it.as_str().to_owned()));
    put(&mut draft.refresh_grace, declared.refresh_grace);
    put(&mut draft.api_tokens, declared.api_tokens.map(|it| it.as_str().to_owned()));
    put(&mut draft.token_expiry, declared.token_expiry.map(|it| it.as_str().to_owned()));
    put(&mut draft.api_requests_per_minute, declared.api_requests_per_minute);
    put(&mut draft.registration, declared.registration.map(|it| it.as_str().to_owned()));
}

/// The base URLs, each of which was found to be one before.
fn base_urls(declared: &AccountDeclaration) -> Option<Vec<BaseUrl>> {
    let urls = declared.base_urls.as_ref()?;
    Some(urls.iter().filter_map(|url| BaseUrl::parse_for(&declared.slug, url).ok()).collect())
}

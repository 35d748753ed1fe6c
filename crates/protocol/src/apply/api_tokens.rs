//! The API tokens of a declaration.

use domain::{Actor, EmailAddress, User};
use store::Fault;

use super::scene::{Differences, Scene};
use super::{ApiTokenDeclaration, noted};
use crate::api_tokens::{self, NewApiToken};

/// Goes through the API tokens. One that is there stays as it is, revoked or not.
pub(super) async fn apply(scene: &mut Scene<'_>) -> Result<(), Fault> {
    for (index, declared) in scene.declaration.api_tokens.iter().enumerate() {
        let path = format!("api_tokens[{index}]");
        if !scene.knows_account(&path, &declared.account) {
            continue;
        }
        let user = stored_user(scene, &declared.account, &declared.user).await?;
        if user.is_none() && !is_declared_user(scene, &declared.account, &declared.user) {
            let message = format!(
                "there is no user \"{}\" in this account; declare it under [[users]]",
                declared.user
            );
            scene.fault(format!("{path}.user"), message);
            continue;
        }
        one(scene, &path, declared, user).await?;
    }
    Ok(())
}

async fn one(
    scene: &mut Scene<'_>,
    path: &str,
    declared: &ApiTokenDeclaration,
    user: Option<User>,
) -> Result<(), Fault> {
    let name = format!("{} of {}", declared.label, declared.user);
    let mut made_token = None;
    if let Some(user) = user {
        let (account_id, user_id) = (user.account_id, user.id);
        let store = &scene.ctx.store;
        let label = &declared.label;
        if store::api_tokens::by_label(store, account_id, user_id, label).await?.is_some() {
            scene.updated("api_token", &declared.account, &name, Differences::default());
            return Ok(());
        }
        if scene.is_applied() {
            let (label, token) = (declared.label.clone(), declared.token.clone());
            let new = NewApiToken { account_id, user_id, label, token };
            let made = api_tokens::create(scene.ctx, Actor::Operator, new).await;
            let Some((_, token)) = noted(scene, path, made)? else { return Ok(()) };
            made_token = declared.token.is_none().then_some(token);
        }
    }
    scene.created("api_token", &declared.account, &name, made_token);
    Ok(())
}

/// The user with this address, if the account and the user are there.
pub(super) async fn stored_user(
    scene: &Scene<'_>,
    account: &str,
    email: &str,
) -> Result<Option<User>, Fault> {
    match (scene.account_id(account), EmailAddress::parse(email)) {
        (Some(id), Ok(email)) => {
            store::users::by_email(&scene.ctx.store, id, &email.folded()).await
        }
        _ => Ok(None),
    }
}

/// Whether the declaration makes a user with this address.
pub(super) fn is_declared_user(scene: &Scene<'_>, account: &str, email: &str) -> bool {
    let mut users = scene.declaration.users.iter();
    users.any(|user| user.account == account && user.email.eq_ignore_ascii_case(email))
}

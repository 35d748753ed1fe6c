//! The users of a declaration.

use domain::{AccountId, Actor, EmailAddress, Role, User};
use serde_json::Value;
use store::Fault;

use super::scene::{Differences, Scene};
use super::{UserDeclaration, noted};
use crate::users::{self, NewUser};

/// Goes through the users.
pub(super) async fn apply(scene: &mut Scene<'_>) -> Result<(), Fault> {
    for (index, declared) in scene.declaration.users.iter().enumerate() {
        let path = format!("users[{index}]");
        if !scene.knows_account(&path, &declared.account) {
            continue;
        }
        if declared.operator == Some(true) && !scene.is_home(&declared.account) {
            let home = scene.home();
            let message = format!("operators belong to the first account, \"{home}\"");
            scene.fault(format!("{path}.operator"), message);
        }
        let Ok(email) = EmailAddress::parse(&declared.email) else { continue };
        let account_id = scene.account_id(&declared.account);
        let stored = match account_id {
            Some(id) => store::users::by_email(&scene.ctx.store, id, &email.folded()).await?,
            None => None,
        };
        match (stored, account_id) {
            (Some(stored), _) => update(scene, &path, declared, stored).await?,
            (None, account_id) => create(scene, &path, declared, (email, account_id)).await?,
        }
    }
    Ok(())
}

async fn create(
    scene: &mut Scene<'_>,
    path: &str,
    declared: &UserDeclaration,
    (email, account_id): (EmailAddress, Option<AccountId>),
) -> Result<(), Fault> {
    let made_password = match &declared.password {
        None if scene.is_applied() => Some(users::make_password(scene.ctx)),
        _ => None,
    };
    if let Some(account_id) = account_id.filter(|_| scene.is_applied()) {
        let (before_at, _) = declared.email.split_once('@').unwrap_or_default();
        let new = NewUser {
            account_id,
            email,
            name: declared.name.clone().unwrap_or_else(|| before_at.to_owned()),
            role: declared.role.unwrap_or(Role::EndUser),
            operator_at: declared.operator.filter(|operator| *operator).map(|_| scene.now()),
            permissions: declared.permissions.clone().unwrap_or_default(),
            password: declared.password.clone().or_else(|| made_password.clone()),
            claims: declared.claims.clone().unwrap_or_else(|| "{}".to_owned()),
        };
        let made = users::create(scene.ctx, Actor::Operator, new).await;
        if noted(scene, path, made)?.is_none() {
            return Ok(());
        }
    }
    scene.created("user", &declared.account, &declared.email, made_password);
    Ok(())
}

async fn update(
    scene: &mut Scene<'_>,
    path: &str,
    declared: &UserDeclaration,
    mut user: User,
) -> Result<(), Fault> {
    let mut differences = Differences::default();
    differences.set("name", &mut user.name, declared.name.clone());
    differences.set("role", &mut user.role, declared.role);
    differences.set("permissions", &mut user.permissions, declared.permissions.clone());
    let claims = declared.claims.clone().filter(|claims| !same_json(claims, &user.claims));
    differences.set("claims", &mut user.claims, claims);
    if declared.operator.is_some_and(|operator| operator != user.operator_at.is_some()) {
        let now = scene.now();
        user.operator_at = declared.operator.filter(|operator| *operator).map(|_| now);
        differences.note("operator");
    }
    if scene.is_applied() && !differences.is_empty() {
        let done = users::update(scene.ctx, Actor::Operator, user).await;
        noted(scene, path, done)?;
    }
    scene.updated("user", &declared.account, &declared.email, differences);
    Ok(())
}

fn same_json(one: &str, other: &str) -> bool {
    let value = |text: &str| serde_json::from_str::<Value>(text).ok();
    value(one) == value(other)
}

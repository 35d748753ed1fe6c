//! The life of users.
//!
//! What stands here is the operator's, and for whoever declares users in files; what admins do
//! through the administration API, with the rules for it, is in `edit`.

mod edit;
mod ending;
mod password;

use domain::{AccountId, Actor, EmailAddress, Role, Secret, Timestamp, User, UserId};
use serde_json::json;
use store::{Decision, Failure, Transaction, settle};

pub use self::edit::{EditRefused, Editor, change_password, create_drafted, edit};
pub use self::ending::{delete, suspend};
pub(crate) use self::password::hash_password;
pub use self::password::{PASSWORD_MIN_CHARACTERS, check_password, make_password, set_password};
use crate::audit::Change;
use crate::context::Context;
use crate::passwords::{PASSWORD_MAX_BYTES, PasswordsBusy};

/// What is said of a new user.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// The account it belongs to.
    pub account_id: AccountId,
    /// The address to sign in with.
    pub email: EmailAddress,
    /// The full name.
    pub name: String,
    /// What the user may do.
    pub role: Role,
    /// Whether the user runs the platform; only in the home account.
    pub operator_at: Option<Timestamp>,
    /// Single permissions beside the role.
    pub permissions: Vec<String>,
    /// The password; none: cannot sign in by password yet.
    pub password: Option<Secret>,
    /// OpenID Connect standard claims, as the text of a JSON object.
    pub claims: String,
}

/// Why a user was not made or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UserRefused {
    /// Another user of the account has the address.
    #[error("the e-mail address is already in use")]
    EmailTaken,
    /// There is no such user.
    #[error("there is no such user")]
    Unknown,
    /// The password is too short.
    #[error("the password is too short: use at least {PASSWORD_MIN_CHARACTERS} characters")]
    PasswordTooShort,
    /// The password is too long.
    #[error("the password is too long: use at most {PASSWORD_MAX_BYTES} bytes")]
    PasswordTooLong,
    /// The password is among the first ones that are guessed.
    #[error("the password is too common: use one that is harder to guess")]
    PasswordCommon,
    /// Too many passwords are being hashed.
    #[error("too many passwords are being set at once: try again in a moment")]
    Busy,
}

impl From<PasswordsBusy> for UserRefused {
    fn from(_: PasswordsBusy) -> Self {
        Self::Busy
    }
}

/// Makes a user.
pub async fn create(ctx: &Context, actor: Actor, new: NewUser) -> Decision<User, UserRefused> {
    let password_hash = hash_password(ctx, new.password.clone()).await?;
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = write(ctx, &mut tx, actor, &new, password_hash.clone()).await;
        settle(tx, decision).await
    })
    .await
}

/// Writes a new user.
pub(crate) async fn write(
    ctx: &Context,
    tx: &mut Transaction,
    actor: Actor,
    new: &NewUser,
    password_hash: Option<String>,
) -> Decision<User, UserRefused> {
    let user = record(ctx.now(), tx.id()?, new, password_hash);
    store_new(ctx, tx, actor, user).await
}

async fn store_new(
    ctx: &Context,
    tx: &mut Transaction,
    actor: Actor,
    user: User,
) -> Decision<User, UserRefused> {
    if !store::users::create(tx, &user).await? {
        return Err(Failure::Refused(UserRefused::EmailTaken));
    }
    let change = Change::new(actor, "user.created", "user", user.id).with(json!({
        "email": user.email.as_str(),
        "role": user.role.as_str(),
        "operator": user.operator_at.is_some(),
    }));
    ctx.audit(tx, user.account_id, change).await?;
    Ok(user)
}

fn record(now: Timestamp, id: UserId, new: &NewUser, password_hash: Option<String>) -> User {
    User {
        id,
        account_id: new.account_id,
        email: new.email.clone(),
        name: new.name.clone(),
        role: new.role,
        operator_at: new.operator_at,
        permissions: new.permissions.clone(),
        password_hash,
        claims: new.claims.clone(),
        created_at: now,
        updated_at: now,
        last_login_at: None,
        suspended_at: None,
        not_before: None,
    }
}

/// Changes a user to what is given; password and suspension stay.
pub async fn update(ctx: &Context, actor: Actor, user: User) -> Decision<(), UserRefused> {
    let user = User { updated_at: ctx.now(), ..user };
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = rewrite(ctx, &mut tx, actor, &user).await;
        settle(tx, decision).await
    })
    .await
}

async fn rewrite(
    ctx: &Context,
    tx: &mut Transaction,
    actor: Actor,
    user: &User,
) -> Decision<(), UserRefused> {
    // Whoever suspends him meanwhile waits here, or was waited for.
    store::accounts::take(tx, user.account_id).await?;
    let stored = store::users::show(&mut *tx, user.account_id, user.id).await?;
    let stored = stored.ok_or(Failure::Refused(UserRefused::Unknown))?;
    let user = &User { suspended_at: stored.suspended_at, ..user.clone() };
    if !store::users::update(tx, user).await? {
        return Err(Failure::Refused(UserRefused::EmailTaken));
    }
    let change = Change::new(actor, "user.updated", "user", user.id).with(json!({
        "email": user.email.as_str(),
        "role": user.role.as_str(),
        "operator": user.operator_at.is_some(),
    }));
    ctx.audit(tx, user.account_id, change).await?;
    Ok(())
}

/// The user of this account with this id.
pub async fn show(ctx: &Context, account_id: AccountId, id: UserId) -> Decision<User, UserRefused> {
    let user = store::users::show(&ctx.store, account_id, id).await?;
    user.ok_or(Failure::Refused(UserRefused::Unknown))
}

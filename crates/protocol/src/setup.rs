//! The first start: an account without anybody gets a one-time link for its first admin.

use domain::{Account, Actor, EmailAddress, HandleKind, Role, Secret, Timestamp, User};
use store::{Decision, Failure, Fault, Transaction, settle};

use crate::accounts;
use crate::audit::Change;
use crate::context::Context;
use crate::users::{self, NewUser, UserRefused};

/// Where the open link is remembered: when it ends (8 bytes), then its hash.
const FACT: &str = "set_up_link";

/// What the first admin typed.
pub struct FirstAdmin {
    /// The address to sign in with.
    pub email: EmailAddress,
    /// The full name.
    pub name: String,
    /// The password.
    pub password: Secret,
}

/// Why the first admin was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetUpRefused {
    /// The link is not the one that was printed, was used, or has ended.
    LinkEnded,
    /// What was typed.
    User(UserRefused),
}

/// Opens a set-up link; an earlier one ends. Returns the handle that goes into its URL.
pub async fn open_link(ctx: &Context) -> Result<Secret, Fault> {
    let handle = ctx.entropy.handle(&ctx.policy.handle_prefix, HandleKind::SetUpLink);
    let ends_at = ctx.now() + ctx.policy.set_up_link_lifetime;
    let hash = ctx.keyring.hash(HandleKind::SetUpLink, handle.expose());
    let fact = [&ends_at.as_millis().to_be_bytes()[..], hash.as_bytes()].concat();
    let mut tx = ctx.store.begin().await?;
    let written = store::installation::set(&mut tx, FACT, &fact).await;
    let settled: Decision<(), std::convert::Infallible> =
        settle(tx, written.map_err(Into::into)).await;
    settled.map_err(Failure::into_fault)?;
    Ok(handle)
}

/// Whether the link is open, at this account: the first one, since it makes an operator.
pub async fn is_open(ctx: &Context, account: &Account, presented: &str) -> Result<bool, Fault> {
    if accounts::home(ctx).await?.is_none_or(|home| home.id != account.id) {
        return Ok(false);
    }
    let fact = store::installation::get(&ctx.store, FACT).await?;
    Ok(fact.is_some_and(|fact| fits(ctx, &fact, presented)))
}

fn fits(ctx: &Context, fact: &[u8], presented: &str) -> bool {
    use subtle::ConstantTimeEq as _;
    let Some((ends_at, hash)) = fact.split_first_chunk::<8>() else { return false };
    let ends_at = Timestamp::from_millis(i64::from_be_bytes(*ends_at));
    let presented = ctx.keyring.hash(HandleKind::SetUpLink, presented);
    ends_at > ctx.now() && presented.as_bytes()[..].ct_eq(hash).into()
}

/// Makes the first admin, who is an operator too, and closes the link.
pub async fn create_first_admin(
    ctx: &Context,
    account: &Account,
    presented: &str,
    admin: FirstAdmin,
) -> Decision<User, SetUpRefused> {
    if !is_open(ctx, account, presented).await? {
        return Err(Failure::Refused(SetUpRefused::LinkEnded));
    }
    users::check_password(&admin.password)
        .map_err(|refused| Failure::Refused(SetUpRefused::User(refused)))?;
    let new = NewUser {
        account_id: account.id,
        email: admin.email,
        name: admin.name,
        role: Role::Admin,
        operator_at: Some(ctx.now()),
        permissions: Vec::new(),
        password: Some(admin.password),
        claims: "{}".to_owned(),
    };
    let password_hash = users::hash_password(ctx, new.password.clone())
        .await
        .map_err(|failure| failure.map_refused(SetUpRefused::User))?;
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = use_link(ctx, &mut tx, &new, password_hash.clone()).await;
        settle(tx, decision).await
    })
    .await
}

/// Checks first, then closes the link, then makes the user: all or nothing.
async fn use_link(
    ctx: &Context,
    tx: &mut Transaction,
    new: &NewUser,
    password_hash: Option<String>,
) -> Decision<User, SetUpRefused> {
    let taken = store::users::by_email(&mut *tx, new.account_id, &new.email.folded()).await?;
    if taken.is_some() {
        return Err(Failure::Refused(SetUpRefused::User(UserRefused::EmailTaken)));
    }
    if !store::installation::take(tx, FACT).await? {
        return Err(Failure::Refused(SetUpRefused::LinkEnded));
    }
    let change = Change::new(Actor::System, "set_up_link.used", "account", new.account_id);
    ctx.audit(tx, new.account_id, change).await?;
    users::write(ctx, tx, Actor::System, new, password_hash)
        .await
        .map_err(|failure| failure.map_refused(SetUpRefused::User))
}

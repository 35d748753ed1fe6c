//! Sessions: signing in with a password, staying signed in, signing out.

use std::net::IpAddr;
use std::sync::Arc;

use domain::{
    Account, Actor, HandleKind, Lifetime, Secret, Session, SessionId, Timestamp, User, UserId,
};
use serde_json::json;
use store::{Decision, Failure, Fault, Transaction, settle};

use crate::audit::Change;
use crate::context::Context;
use crate::guesses::{Credential, GuessSource, Guessed, Throttled};
use crate::known_device;
use crate::passwords::{PASSWORD_MAX_BYTES, PasswordsBusy};

/// How stale `last_seen_at` may be.
const SEEN_EVERY: Lifetime = Lifetime::minutes(1);

/// What somebody typed to sign in.
pub struct PresentedPassword {
    /// The e-mail address as typed.
    pub email: String,
    /// The password as typed.
    pub password: Secret,
    /// Where from.
    pub source: IpAddr,
    /// The browser's cookie that says who has signed in with it before.
    pub device: Option<String>,
}

/// Why nobody was signed in. It does not say whether the user exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInRefused {
    /// The address and password do not fit together.
    WrongPassword,
    /// Too many failures; try again after this.
    Throttled(Lifetime),
    /// The hashing threads are busy; try again after this.
    Busy(Lifetime),
}

impl From<Throttled> for SignInRefused {
    fn from(Throttled(retry_after): Throttled) -> Self {
        Self::Throttled(retry_after)
    }
}

impl From<PasswordsBusy> for SignInRefused {
    fn from(_: PasswordsBusy) -> Self {
        Self::Busy(PasswordsBusy::RETRY_AFTER)
    }
}

/// A signed-in browser: the session and whose it is.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The session.
    pub session: Session,
    /// Whose it is.
    pub user: Arc<User>,
}

/// What a browser keeps after a sign-in: the values of its cookies.
#[derive(Clone, Debug)]
pub struct SignInCookies {
    /// The session's: always a new one, so that a session cannot be fixed beforehand.
    pub session: Secret,
    /// The device's.
    pub device: Secret,
}

/// Signs in with a password.
pub async fn sign_in(
    ctx: &Context,
    account: &Account,
    presented: PresentedPassword,
    previous: Option<&Session>,
) -> Decision<SignInCookies, SignInRefused> {
    let device = presented.device.clone();
    let user = verify_password(ctx, account, presented).await?;
    let session = begin(ctx, account, &user, previous).await?;
    let device = known_device::remember(ctx, account, &user.email, (&session, device.as_deref()));
    Ok(SignInCookies { session, device })
}

async fn verify_password(
    ctx: &Context,
    account: &Account,
    presented: PresentedPassword,
) -> Decision<User, SignInRefused> {
    let refuse = |refused: SignInRefused| Failure::Refused(refused);
    let folded = presented.email.trim().to_lowercase();
    let throttled = |failure: Failure<Throttled>| failure.map_refused(SignInRefused::from);
    let source = source(ctx, account, &folded, &presented);
    let guessed = Guessed::new(ctx, account.id, Credential::Password, &folded, source);
    guessed.check(ctx).await.map_err(throttled)?;
    if presented.password.expose().len() > PASSWORD_MAX_BYTES {
        return Err(refuse(SignInRefused::WrongPassword));
    }
    let user = store::users::by_email(&ctx.store, account.id, &folded).await?;
    let stored = user.as_ref().and_then(|user| user.password_hash.clone());
    let fits = ctx.passwords.verify(presented.password, stored).await;
    match (fits.map_err(|busy| refuse(busy.into()))?, user) {
        (true, Some(user)) if user.is_active() && account.is_active() => {
            // Again, as others may have guessed meanwhile: a right guess beyond the limit is none.
            let failures = guessed.check(ctx).await.map_err(throttled)?;
            guessed.succeeded(ctx, failures).await?;
            Ok(user)
        }
        _ => {
            metrics::counter!("consentry_sign_in_failures_total").increment(1);
            guessed.failed(ctx).await.map_err(throttled)?;
            Err(refuse(SignInRefused::WrongPassword))
        }
    }
}

/// A browser that this user has signed in with has a count of its own, so that nobody at the same
/// address uses it up.
fn source(
    ctx: &Context,
    account: &Account,
    folded_email: &str,
    presented: &PresentedPassword,
) -> GuessSource {
    presented
        .device
        .as_deref()
        .and_then(|cookie| known_device::recognise(ctx, account, folded_email, cookie))
        .map_or(GuessSource::Address(presented.source), GuessSource::Device)
}

/// Begins a session for a user who has proved who he is. A session that the browser had before ends;
/// if it was another user's, so do the refresh tokens that signing out would end.
pub async fn begin(
    ctx: &Context,
    account: &Account,
    user: &User,
    previous: Option<&Session>,
) -> Decision<Secret, SignInRefused> {
    let begun = store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = async {
            let (cookie, session) = new_session(ctx, account, user, tx.id()?);
            let session = Session { lineage_id: lineage(&session, previous), ..session };
            // Who suspends him or changes his password waits here and then ends the session, or was
            // waited for.
            if !store::users::signed_in(&mut tx, user, session.auth_time).await? {
                return Err(Failure::Refused(SignInRefused::WrongPassword));
            }
            if let Some(previous) = previous {
                let apps = if previous.user_id == user.id { Apps::Kept } else { Apps::End };
                end(ctx, &mut tx, previous, user.id, apps).await?;
            }
            store::sessions::create(&mut tx, &session).await?;
            let change =
                Change::new(Actor::User(user.id), "session.created", "session", session.id)
                    .with(json!({"user_id": user.id.get()}));
            ctx.audit(&mut tx, account.id, change).await?;
            Ok(cookie)
        }
        .await;
        settle(tx, decision).await
    })
    .await;
    ctx.logouts.wake();
    begun
}

fn new_session(ctx: &Context, account: &Account, user: &User, id: SessionId) -> (Secret, Session) {
    let cookie = ctx.entropy.handle(&ctx.policy.handle_prefix, HandleKind::Session);
    let now = ctx.now();
    let (_, absolute_lifetime) = ctx.policy.session_lifetimes(user.role);
    let session = Session {
        id,
        hash: ctx.keyring.hash(HandleKind::Session, cookie.expose()),
        lineage_id: id,
        account_id: account.id,
        user_id: user.id,
        auth_time: now,
        created_at: now,
        last_seen_at: now,
        expires_at: now + absolute_lifetime,
        ended_at: None,
    };
    (cookie, session)
}

/// The same user goes on: whoever got tokens in the session before hears of the end of this one.
fn lineage(session: &Session, previous: Option<&Session>) -> SessionId {
    previous
        .filter(|previous| previous.user_id == session.user_id)
        .map_or(session.id, |previous| previous.lineage_id)
}

/// The session of this cookie, if it still lives and its user is active.
pub async fn resume(
    ctx: &Context,
    account: &Account,
    cookie: &str,
) -> Result<Option<SignedIn>, Fault> {
    if domain::Handle::kind(cookie) != Some(HandleKind::Session) {
        return Ok(None);
    }
    let hash = ctx.keyring.hash(HandleKind::Session, cookie);
    let Some(session) = store::sessions::by_hash(&ctx.store, account.id, &hash).await? else {
        return Ok(None);
    };
    let Some(user) = ctx.store.cache().user(account.id, session.user_id).await? else {
        return Ok(None);
    };
    let now = ctx.now();
    let begun_at = session.created_at;
    if !account.honours(begun_at) || !user.honours(begun_at) || !is_live(ctx, &session, &user, now)
    {
        return Ok(None);
    }
    if now.since(session.last_seen_at) >= SEEN_EVERY {
        seen(ctx, &session, now).await?;
    }
    Ok(Some(SignedIn { session, user }))
}

fn is_live(ctx: &Context, session: &Session, user: &User, now: Timestamp) -> bool {
    let (idle_lifetime, _) = ctx.policy.session_lifetimes(user.role);
    session.ended_at.is_none()
        && session.expires_at > now
        && now.since(session.last_seen_at) < idle_lifetime
}

async fn seen(ctx: &Context, session: &Session, now: Timestamp) -> Result<(), Fault> {
    let mut tx = ctx.store.begin().await?;
    let decision = store::sessions::seen(&mut tx, session.id, now).await;
    let settled: Decision<(), std::convert::Infallible> =
        settle(tx, decision.map_err(Into::into)).await;
    settled.map_err(Failure::into_fault)
}

/// Signs out: the session ends, and with it the refresh tokens begun in it that were not asked for
/// to outlive it (`protocol` decision: grants with `openid` and without `offline_access`).
pub(crate) async fn sign_out(
    ctx: &Context,
    tx: &mut Transaction,
    signed_in: &SignedIn,
) -> Result<(), Fault> {
    end(ctx, tx, &signed_in.session, signed_in.user.id, Apps::End).await
}

/// What becomes of the refresh tokens that were not asked for to outlive their session.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Apps {
    /// They end with it.
    End,
    /// The same user goes on, so they do too.
    Kept,
}

async fn end(
    ctx: &Context,
    tx: &mut Transaction,
    session: &Session,
    by: UserId,
    apps: Apps,
) -> Result<(), Fault> {
    let now = ctx.now();
    if !store::sessions::end(&mut *tx, session.account_id, session.id, now).await? {
        return Ok(());
    }
    if apps == Apps::End {
        store::token_families::revoke_for_session(&mut *tx, session.lineage_id, now).await?;
        store::logout_deliveries::enqueue_for_session(&mut *tx, session.lineage_id, now).await?;
    }
    let change = Change::new(Actor::User(by), "session.ended", "session", session.id);
    ctx.audit(tx, session.account_id, change).await
}

/// Ends every session of a user, and every token family of his; his apps hear of it. For the
/// transaction of what makes it necessary, which is what is audited.
pub(crate) async fn end_all(tx: &mut Transaction, user: &User, at: Timestamp) -> Result<(), Fault> {
    let User { id, account_id, .. } = *user;
    store::sessions::end_all_for_user(tx, account_id, id, at).await?;
    store::token_families::revoke_for_user(tx, account_id, id, at).await?;
    store::logout_deliveries::enqueue_for_user(tx, account_id, id, at).await
}

//! What admins do with users, and how far they may go: nobody gets more rights by it than he has.

use domain::{
    Account, Actor, EmailAddress, FaultCode, RecordFault, Role, Secret, Timestamp, User, UserDraft,
    UserId, UserRegistration,
};
use serde_json::json;
use store::{Decision, Failure, Fault, Source, Transaction, settle};

use super::{NewUser, UserRefused, ending, password, record};
use crate::audit::Change;
use crate::context::Context;

/// What is said of the one who decides for the account and cannot go.
pub(super) const LAST_ADMIN: &str = "is the last active admin of the account";

/// Who changes users, and how far he may go.
#[derive(Clone, Copy, Debug)]
pub struct Editor {
    /// Who acts.
    pub actor: Actor,
    /// Which user that is; none: the operator at the command line.
    pub user_id: Option<UserId>,
    /// Whether he runs the platform.
    pub is_operator: bool,
    /// Whether he has all rights of his role; an access token with fewer scopes has not.
    pub has_full_rights: bool,
}

impl Editor {
    /// The operator at the command line, who may do everything: he can always make another admin.
    pub const COMMAND_LINE: Self =
        Self { actor: Actor::Operator, user_id: None, is_operator: true, has_full_rights: true };

    pub(super) fn is_himself(self, id: UserId) -> bool {
        self.user_id == Some(id)
    }

    /// An account's admin must not become an operator by taking over one.
    pub(super) fn require_power_over(self, user: &User) -> Result<(), Failure<EditRefused>> {
        if user.operator_at.is_some() && !self.is_operator {
            return Err(Failure::Refused(EditRefused::NotAllowed));
        }
        Ok(())
    }

    /// What comes to an admin's rights is for those who have all of them.
    fn require_full_rights(self) -> Result<(), Failure<EditRefused>> {
        if self.has_full_rights {
            Ok(())
        } else {
            Err(Failure::Refused(EditRefused::RightsMissing))
        }
    }
}

/// Why users stay as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditRefused {
    /// What is wrong, all of it.
    Invalid(Vec<RecordFault>),
    /// There is no such user in this account.
    Unknown,
    /// Operators are changed by operators.
    NotAllowed,
    /// The access token has not all rights of an admin, and they were to be given.
    RightsMissing,
    /// Too many passwords are being hashed.
    Busy,
}

impl From<UserRefused> for EditRefused {
    fn from(refused: UserRefused) -> Self {
        let (field, code) = match refused {
            UserRefused::Unknown => return Self::Unknown,
            UserRefused::Busy => return Self::Busy,
            UserRefused::EmailTaken => ("email", FaultCode::DuplicateValue),
            UserRefused::PasswordTooLong => ("password", FaultCode::TooLong),
            UserRefused::PasswordTooShort | UserRefused::PasswordCommon => {
                ("password", FaultCode::InvalidValue)
            }
        };
        Self::Invalid(vec![fault(field, code, words(refused))])
    }
}

/// What is wrong, reading on from the field's name.
const fn words(refused: UserRefused) -> &'static str {
    match refused {
        UserRefused::EmailTaken => "is already in use",
        UserRefused::PasswordTooLong => "must have at most 1024 bytes",
        UserRefused::PasswordTooShort => "must have at least 8 characters",
        UserRefused::PasswordCommon => "is too common",
        UserRefused::Unknown | UserRefused::Busy => "cannot be changed now",
    }
}

pub(super) fn fault(field: &'static str, code: FaultCode, text: &str) -> RecordFault {
    RecordFault::new(field, code, text)
}

/// Makes a user of a draft. Without a password he cannot sign in by one.
pub async fn create_drafted(
    ctx: &Context,
    account: &Account,
    editor: Editor,
    draft: &UserDraft,
    new_password: Option<Secret>,
) -> Decision<User, EditRefused> {
    let checked = draft.validate();
    let mut faults = checked.as_ref().err().cloned().unwrap_or_default();
    if let Some(password) = &new_password
        && let Err(refused) = password::check_password(password)
    {
        faults.extend(faults_of(refused));
    }
    faults.extend(operator_fault(ctx, account, editor, draft.is_operator).await?);
    faults.extend(address_fault(&ctx.store, account, draft, None).await?);
    let registration = match checked {
        Ok(registration) if faults.is_empty() => registration,
        _ => return Err(Failure::Refused(EditRefused::Invalid(faults))),
    };
    if registration.role == Role::Admin || draft.is_operator {
        editor.require_full_rights()?;
    }
    let new = drafted(account, draft, registration, ctx.now());
    let hash = password::hash_password(ctx, new_password)
        .await
        .map_err(|failure| failure.map_refused(EditRefused::from))?;
    let suspended_at = draft.is_suspended.then(|| ctx.now());
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let user = User { suspended_at, ..record(ctx.now(), tx.id()?, &new, hash.clone()) };
        let decision = super::store_new(ctx, &mut tx, editor.actor, user).await;
        settle(tx, decision.map_err(|failure| failure.map_refused(EditRefused::from))).await
    })
    .await
}

/// An address that another user has is a fault among the others; what is written decides.
async fn address_fault(
    source: impl Into<Source<'_>>,
    account: &Account,
    draft: &UserDraft,
    own_id: Option<UserId>,
) -> Result<Vec<RecordFault>, Fault> {
    let Ok(email) = EmailAddress::parse(&draft.email) else { return Ok(Vec::new()) };
    let holder = store::users::by_email(source, account.id, &email.folded()).await?;
    let is_taken = holder.is_some_and(|holder| Some(holder.id) != own_id);
    Ok(if is_taken { faults_of(UserRefused::EmailTaken) } else { Vec::new() })
}

fn faults_of(refused: UserRefused) -> Vec<RecordFault> {
    match refused.into() {
        EditRefused::Invalid(faults) => faults,
        _ => Vec::new(),
    }
}

fn drafted(
    account: &Account,
    draft: &UserDraft,
    registration: UserRegistration,
    now: Timestamp,
) -> NewUser {
    NewUser {
        account_id: account.id,
        email: registration.email,
        name: registration.name,
        role: registration.role,
        operator_at: draft.is_operator.then_some(now),
        permissions: registration.permissions,
        password: None,
        claims: registration.claims,
    }
}

/// Whether an operator would be made by somebody who may not, or elsewhere than at home.
async fn operator_fault(
    ctx: &Context,
    account: &Account,
    editor: Editor,
    is_wanted: bool,
) -> Decision<Vec<RecordFault>, EditRefused> {
    let is_home = crate::accounts::home(ctx).await?.is_some_and(|home| home.id == account.id);
    if !is_wanted || (editor.is_operator && is_home) {
        return Ok(Vec::new());
    }
    let text = "may be set by operators only, and on users of the first account";
    Ok(vec![fault("operator", FaultCode::InvalidValue, text)])
}

/// Changes what `edit` changes; the rest of the user stays. A suspension ends everything of his.
pub async fn edit(
    ctx: &Context,
    account: &Account,
    editor: Editor,
    id: UserId,
    edit: impl Fn(&mut UserDraft),
) -> Decision<User, EditRefused> {
    let editing = Editing { ctx, account, editor };
    let done = store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = editing.carry_out(&mut tx, id, &edit).await;
        settle(tx, decision).await
    })
    .await;
    ctx.logouts.wake();
    done
}

struct Editing<'a> {
    ctx: &'a Context,
    account: &'a Account,
    editor: Editor,
}

impl Editing<'_> {
    async fn carry_out(
        &self,
        tx: &mut Transaction,
        id: UserId,
        edit: &impl Fn(&mut UserDraft),
    ) -> Decision<User, EditRefused> {
        // Who changes users of the account comes one after another: so somebody stays its admin.
        store::accounts::take(tx, self.account.id).await?;
        let before = store::users::show(&mut *tx, self.account.id, id).await?;
        let before = before.ok_or(Failure::Refused(EditRefused::Unknown))?;
        self.editor.require_power_over(&before)?;
        let mut draft = UserDraft::of(&before);
        edit(&mut draft);
        let after = self.judge(tx, &before, &draft).await?;
        if after == before {
            return Ok(before);
        }
        if before.operator_at.is_some() || gains_power(&before, &after) {
            self.editor.require_full_rights()?;
        }
        let after = User { updated_at: self.ctx.now(), ..after };
        if !store::users::update(tx, &after).await? {
            return Err(Failure::Refused(UserRefused::EmailTaken.into()));
        }
        self.record(tx, &before, &after).await?;
        Ok(after)
    }

    /// The user as he would be, or all that is wrong with it.
    async fn judge(
        &self,
        tx: &mut Transaction,
        before: &User,
        draft: &UserDraft,
    ) -> Decision<User, EditRefused> {
        let checked = draft.validate();
        let mut faults = checked.as_ref().err().cloned().unwrap_or_default();
        let mut after = before.clone();
        if let Ok(registration) = checked {
            registration.apply_to(&mut after);
        }
        if draft.is_operator != before.operator_at.is_some() {
            let changed = operator_fault(self.ctx, self.account, self.editor, true);
            faults.extend(changed.await?);
            after.operator_at = draft.is_operator.then(|| self.ctx.now());
        }
        if draft.is_suspended == before.is_active() {
            after.suspended_at = draft.is_suspended.then(|| self.ctx.now());
        }
        faults.extend(address_fault(&mut *tx, self.account, draft, Some(before.id)).await?);
        faults.extend(self.leaving_faults(tx, before, &after).await?);
        if faults.is_empty() {
            Ok(after)
        } else {
            Err(Failure::Refused(EditRefused::Invalid(faults)))
        }
    }

    /// Nobody locks himself out, and the last active admin stays one.
    async fn leaving_faults(
        &self,
        tx: &mut Transaction,
        before: &User,
        after: &User,
    ) -> Decision<Vec<RecordFault>, EditRefused> {
        let mut faults = Vec::new();
        let is_suspended_now = before.is_active() && !after.is_active();
        let is_demoted = before.role == Role::Admin && after.role != Role::Admin;
        let invalid = FaultCode::InvalidValue;
        if is_suspended_now && self.editor.is_himself(before.id) {
            faults.push(fault("suspended", invalid, "you cannot suspend yourself"));
        }
        if !is_suspended_now && !is_demoted {
            return Ok(faults);
        }
        if is_last_admin(tx, self.editor, before).await? {
            let field = if is_demoted { "role" } else { "suspended" };
            faults.push(fault(field, invalid, LAST_ADMIN));
        }
        Ok(faults)
    }

    /// One event for what was changed, and one for a suspension or its end.
    async fn record(
        &self,
        tx: &mut Transaction,
        before: &User,
        after: &User,
    ) -> Decision<(), EditRefused> {
        let changed = changed(before, after);
        if !changed.is_empty() {
            let details = json!({
                "email": after.email.as_str(), "role": after.role.as_str(), "changed": changed,
            });
            let change = Change::new(self.editor.actor, "user.updated", "user", after.id);
            self.ctx.audit(tx, after.account_id, change.with(details)).await?;
        }
        if before.is_active() != after.is_active() {
            let key = (after.account_id, after.id);
            store::users::suspend(tx, key, after.suspended_at, self.ctx.now()).await?;
            ending::suspended(self.ctx, tx, self.editor.actor, after).await?;
        }
        Ok(())
    }
}

/// The names of the fields that differ, but for the suspension.
fn changed(before: &User, after: &User) -> Vec<&'static str> {
    let fields = [
        ("email", before.email != after.email),
        ("name", before.name != after.name),
        ("role", before.role != after.role),
        ("permissions", before.permissions != after.permissions),
        ("claims", before.claims != after.claims),
        ("operator", before.operator_at != after.operator_at),
    ];
    fields.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}

/// Whether the account would be without an active admin, if it had not this one. Asked with the
/// account's row taken. The operator at the command line may do it all the same.
pub(super) async fn is_last_admin(
    tx: &mut Transaction,
    editor: Editor,
    user: &User,
) -> Decision<bool, EditRefused> {
    if editor.user_id.is_none() || user.role != Role::Admin || !user.is_active() {
        return Ok(false);
    }
    Ok(!store::users::has_another_active_admin(tx, user.account_id, user.id).await?)
}

/// Whether somebody may do more than users of an account may: what gives this comes to all of it.
fn has_power(user: &User) -> bool {
    user.role == Role::Admin || user.operator_at.is_some()
}

/// Whether a change makes an admin or an operator, or lets one act again.
fn gains_power(before: &User, after: &User) -> bool {
    let becomes_admin = before.role != Role::Admin && after.role == Role::Admin;
    let becomes_operator = before.operator_at.is_none() && after.operator_at.is_some();
    let is_back = !before.is_active() && after.is_active() && has_power(after);
    becomes_admin || becomes_operator || is_back
}

/// Sets a user's password; his sessions and refresh tokens end with the old one.
pub async fn change_password(
    ctx: &Context,
    account: &Account,
    editor: Editor,
    id: UserId,
    password: Secret,
) -> Decision<(), EditRefused> {
    let told = |failure: Failure<UserRefused>| failure.map_refused(EditRefused::from);
    let hash = password::hash(ctx, password).await.map_err(told)?;
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = async {
            store::accounts::take(&mut tx, account.id).await?;
            let user = store::users::show(&mut tx, account.id, id).await?;
            let user = user.ok_or(Failure::Refused(EditRefused::Unknown))?;
            editor.require_power_over(&user)?;
            if has_power(&user) {
                editor.require_full_rights()?;
            }
            password::write(ctx, &mut tx, editor.actor, &user, &hash).await.map_err(told)
        }
        .await;
        settle(tx, decision).await
    })
    .await
}

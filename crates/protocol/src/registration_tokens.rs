//! Initial access tokens (RFC 7591 §1.2): made and told once; shown and revoked.

use domain::{
    Account, Actor, FaultCode, HandleKind, RecordFault, RegistrationToken, RegistrationTokenDraft,
    RegistrationTokenId, RegistrationTokenTerms, Role, Secret, Timestamp, UserId,
};
use serde_json::json;
use store::{Decision, Failure, Transaction, settle};

use crate::audit::Change;
use crate::context::Context;

/// The characters of a token that are kept to be shown.
const HINT_LENGTH: usize = 9;

/// Why an initial access token was not made or revoked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistrationTokenRefused {
    /// There is no such token.
    #[error("there is no such registration token")]
    Unknown,
    /// Whom the clients would belong to is no active admin.
    #[error("clients belong to an active admin, and this user is none")]
    MakerUnfit,
    /// These things are wrong with it.
    #[error("{}", lines(.0))]
    Invalid(Vec<RecordFault>),
}

fn lines(faults: &[RecordFault]) -> String {
    faults.iter().map(|fault| fault.message.as_str()).collect::<Vec<_>>().join("\n")
}

/// Makes an initial access token and tells it. What registers with it belongs to its maker.
pub async fn create(
    ctx: &Context,
    account: &Account,
    (actor, maker): (Actor, UserId),
    draft: &RegistrationTokenDraft,
) -> Decision<(RegistrationToken, Secret), RegistrationTokenRefused> {
    let refused = |refused| Failure::Refused(refused);
    let limit = ctx.policy.self_registration.token_lifetime_limit;
    let terms = draft.validate(ctx.now(), limit);
    let terms = terms.map_err(|faults| refused(RegistrationTokenRefused::Invalid(faults)))?;
    let kind = HandleKind::InitialAccessToken;
    let secret = ctx.entropy.handle(&ctx.policy.handle_prefix, kind);
    let made = store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let new = NewToken { account, actor, maker, terms: &terms, secret: &secret };
        let decision = new.write(ctx, &mut tx).await;
        settle(tx, decision).await
    })
    .await?;
    Ok((made, secret))
}

struct NewToken<'a> {
    account: &'a Account,
    actor: Actor,
    maker: UserId,
    terms: &'a RegistrationTokenTerms,
    secret: &'a Secret,
}

impl NewToken<'_> {
    /// The account's row is taken, so that two at once leave no more than there may be; and the maker's, so
    /// that whoever suspends him waits, or was waited for.
    async fn write(
        &self,
        ctx: &Context,
        tx: &mut Transaction,
    ) -> Decision<RegistrationToken, RegistrationTokenRefused> {
        let account_id = self.account.id;
        store::accounts::take(tx, account_id).await?;
        store::users::take(tx, account_id, self.maker).await?;
        let maker = store::users::show(&mut *tx, account_id, self.maker).await?;
        if !maker.is_some_and(|maker| maker.role == Role::Admin && maker.is_active()) {
            return Err(Failure::Refused(RegistrationTokenRefused::MakerUnfit));
        }
        let limit = ctx.policy.self_registration.token_limit;
        if store::registration_tokens::count(&mut *tx, account_id).await? >= limit {
            let text = format!("the account has {limit} registration tokens; revoke one first");
            let fault = RecordFault::new("base", FaultCode::TooLong, &text);
            return Err(Failure::Refused(RegistrationTokenRefused::Invalid(vec![fault])));
        }
        let token = self.record(ctx, tx.id()?);
        store::registration_tokens::create(tx, &token).await?;
        let noun = "registration_token";
        let change = Change::new(self.actor, "registration_token.created", noun, token.id)
            .with(facts(&token));
        ctx.audit(tx, account_id, change).await?;
        Ok(token)
    }

    fn record(&self, ctx: &Context, id: RegistrationTokenId) -> RegistrationToken {
        RegistrationToken {
            id,
            account_id: self.account.id,
            user_id: self.maker,
            label: self.terms.label.clone(),
            hash: ctx.keyring.hash(HandleKind::InitialAccessToken, self.secret.expose()),
            hint: self.secret.hint(HINT_LENGTH),
            use_limit: self.terms.use_limit,
            use_count: 0,
            created_at: ctx.now(),
            expires_at: self.terms.expires_at,
            used_at: None,
            revoked_at: None,
        }
    }
}

fn facts(token: &RegistrationToken) -> serde_json::Value {
    json!({
        "label": token.label,
        "user_id": token.user_id.get(),
        "use_limit": token.use_limit,
        "expires_at": token.expires_at.map(Timestamp::as_seconds),
    })
}

/// The account's initial access token with this id, if it was not revoked.
pub async fn show(
    ctx: &Context,
    account: &Account,
    id: RegistrationTokenId,
) -> Decision<RegistrationToken, RegistrationTokenRefused> {
    let token = store::registration_tokens::show(&ctx.store, account.id, id).await?;
    token.ok_or(Failure::Refused(RegistrationTokenRefused::Unknown))
}

/// Revokes an initial access token, once. The clients that it registered stay.
pub async fn revoke(
    ctx: &Context,
    actor: Actor,
    token: &RegistrationToken,
) -> Decision<(), RegistrationTokenRefused> {
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = async {
            let RegistrationToken { id, account_id, .. } = *token;
            let now = ctx.now();
            if !store::registration_tokens::revoke(&mut tx, account_id, id, now).await? {
                return Err(Failure::Refused(RegistrationTokenRefused::Unknown));
            }
            let noun = "registration_token";
            let change = Change::new(actor, "registration_token.revoked", noun, id)
                .with(json!({"label": token.label}));
            ctx.audit(&mut tx, account_id, change).await?;
            Ok(())
        }
        .await;
        settle(tx, decision).await
    })
    .await
}

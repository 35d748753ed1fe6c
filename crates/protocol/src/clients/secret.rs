//! A new client secret: made or imported, told once, kept as a keyed hash.

use domain::{
    Account, Actor, Client, ClientId, ClientSecret, ClientSecretId, FaultCode, HandleKind,
    RecordFault, RecordedSecret, Secret, SecretDraft, SecretTerms, Timestamp,
};
use serde_json::json;
use store::{Decision, Failure, Fault, Transaction, settle};

use super::secrets::{SecretRefused, hold, record, terms};
use super::{ClientRefused, ClientWithSecret, show};
use crate::audit::Change;
use crate::context::Context;

/// The characters of a secret that are kept to be shown.
const HINT_LENGTH: usize = 9;

/// A secret that is not stored yet.
pub(crate) struct NewSecret {
    pub(crate) value: Secret,
    terms: SecretTerms,
}

impl NewSecret {
    pub(crate) fn make(ctx: &Context, imported: Option<Secret>) -> Self {
        let fresh = || ctx.entropy.handle(&ctx.policy.handle_prefix, HandleKind::ClientSecret);
        let terms = SecretTerms { label: None, expires_at: None, others_end_at: None };
        Self { value: imported.unwrap_or_else(fresh), terms }
    }

    /// Stores it as the first secret of a client.
    pub(super) async fn store_first(
        &self,
        ctx: &Context,
        tx: &mut Transaction,
        client: &Client,
        actor: Actor,
    ) -> Result<ClientSecret, Fault> {
        let recorded = self.record(ctx, tx.id()?, client, actor);
        if store::client_secrets::create(tx, &recorded, ctx.policy.client_secret_limit).await? {
            return Ok(recorded.secret);
        }
        Err(Fault::Conflict("client_secret_limit".to_owned()))
    }

    /// What is kept: its hash and its first characters.
    fn record(
        &self,
        ctx: &Context,
        id: ClientSecretId,
        client: &Client,
        actor: Actor,
    ) -> RecordedSecret {
        let secret = ClientSecret {
            id,
            hash: ctx.keyring.hash(HandleKind::ClientSecret, self.value.expose()),
            hint: self.value.hint(HINT_LENGTH),
            label: self.terms.label.clone(),
            created_at: ctx.now(),
            expires_at: self.terms.expires_at,
        };
        let created_by = match actor {
            Actor::User(id) => Some(id),
            _ => None,
        };
        RecordedSecret {
            secret,
            account_id: client.account_id,
            client_id: client.id,
            created_by,
            used_at: None,
        }
    }
}

/// A secret that was added to a client, which is told once.
pub struct AddedSecret {
    /// What is recorded of it.
    pub recorded: RecordedSecret,
    /// The secret.
    pub secret: Secret,
}

/// Adds a secret beside those a client has, so that it can be rolled out before the old ones end;
/// an end can be set to those with it.
pub async fn add_secret(
    ctx: &Context,
    actor: Actor,
    client: &Client,
    draft: &SecretDraft,
) -> Decision<AddedSecret, SecretRefused> {
    let terms = terms(ctx, draft)?;
    let secret = NewSecret { terms, ..NewSecret::make(ctx, None) };
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = secret.add(ctx, &mut tx, actor, client).await;
        settle(tx, decision).await
    })
    .await
}

impl NewSecret {
    async fn add(
        &self,
        ctx: &Context,
        tx: &mut Transaction,
        actor: Actor,
        client: &Client,
    ) -> Decision<AddedSecret, SecretRefused> {
        hold(tx, client).await?;
        let recorded = self.record(ctx, tx.id()?, client, actor);
        if !store::client_secrets::create(tx, &recorded, self.room(ctx)).await? {
            return Err(Failure::Refused(too_many(ctx.policy.client_secret_limit)));
        }
        if let Some(at) = self.terms.others_end_at {
            store::client_secrets::end_others(tx, &recorded, at).await?;
        }
        store::client_secrets::delete_ended(tx, client.id, ctx.now()).await?;
        let facts = json!({
            "secret_id": recorded.secret.id.get(),
            "label": recorded.secret.label,
            "expires_at": recorded.secret.expires_at.map(Timestamp::as_seconds),
            "others_expire_at": self.terms.others_end_at.map(Timestamp::as_seconds),
        });
        let change = Change::new(actor, "client.secret_added", "client", client.id).with(facts);
        record(ctx, tx, client, change).await?;
        Ok(AddedSecret { recorded, secret: self.value.clone() })
    }

    /// How many other secrets may be live: any number, if they end now.
    fn room(&self, ctx: &Context) -> i64 {
        let all_end_now = self.terms.others_end_at.is_some_and(|at| at <= ctx.now());
        if all_end_now { i64::MAX } else { ctx.policy.client_secret_limit }
    }
}

fn too_many(limit: i64) -> SecretRefused {
    let text = format!("has {limit} secrets already; end one of them first");
    SecretRefused::Invalid(vec![RecordFault::new("base", FaultCode::TooLong, &text)])
}

/// Replaces every secret of a client by a new one; the old ones end at once, live tokens stay.
pub async fn generate_secret(
    ctx: &Context,
    account: &Account,
    actor: Actor,
    id: ClientId,
) -> Decision<ClientWithSecret, ClientRefused> {
    let client = show(ctx, account, id).await?;
    replace_secrets(ctx, actor, &client).await
}

/// The same by the operator, of a global client too: it acts on all accounts at once.
pub async fn generate_secret_as_operator(
    ctx: &Context,
    client: &Client,
) -> Decision<ClientWithSecret, ClientRefused> {
    replace_secrets(ctx, Actor::Operator, client).await
}

async fn replace_secrets(
    ctx: &Context,
    actor: Actor,
    client: &Client,
) -> Decision<ClientWithSecret, ClientRefused> {
    let secret = NewSecret::make(ctx, None);
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = async {
            let mut client = client.clone();
            super::hold(&mut tx, &client).await?;
            let touched =
                store::clients::touch(&mut tx, client.account_id, client.id, ctx.now()).await?;
            client.updated_at = touched.ok_or(Failure::Refused(ClientRefused::Unknown))?;
            store::client_secrets::delete_all(&mut tx, client.id).await?;
            client.secrets = vec![secret.store_first(ctx, &mut tx, &client, actor).await?];
            let change = Change::new(actor, "client.secret_generated", "client", client.id);
            ctx.audit(&mut tx, client.account_id, change).await?;
            Ok(ClientWithSecret { client, secret: secret.value.clone() })
        }
        .await;
        settle(tx, decision).await
    })
    .await
}

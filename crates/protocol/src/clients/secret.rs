//! Client secrets: made, imported, replaced. Told once, kept as a keyed hash.

use domain::{Account, Actor, Client, ClientId, ClientSecret, HandleKind, Secret};
use store::{Decision, Failure, Fault, Transaction, settle};

use super::{ClientRefused, ClientWithSecret, show};
use crate::audit::Change;
use crate::context::Context;

/// The characters of a secret that are kept to be shown.
const HINT_LENGTH: usize = 9;

/// A secret that is not stored yet.
pub(super) struct NewSecret {
    pub(super) value: Secret,
}

impl NewSecret {
    pub(super) fn make(ctx: &Context, imported: Option<Secret>) -> Self {
        let fresh = || ctx.entropy.handle(&ctx.policy.handle_prefix, HandleKind::ClientSecret);
        Self { value: imported.unwrap_or_else(fresh) }
    }

    /// Stores its hash and its first characters.
    pub(super) async fn store(
        &self,
        ctx: &Context,
        tx: &mut Transaction,
        client: &Client,
        actor: Actor,
    ) -> Result<ClientSecret, Fault> {
        let secret = ClientSecret {
            id: tx.id()?,
            hash: ctx.keyring.hash(HandleKind::ClientSecret, self.value.expose()),
            hint: self.value.expose().chars().take(HINT_LENGTH).collect(),
            label: None,
            created_at: ctx.now(),
            expires_at: None,
        };
        let created_by = match actor {
            Actor::User(id) => Some(id),
            _ => None,
        };
        store::client_secrets::create(tx, client.account_id, client.id, &secret, created_by)
            .await?;
        Ok(secret)
    }
}

/// Replaces every secret of a client by a new one; the old ones end at once, live tokens stay.
pub async fn generate_secret(
    ctx: &Context,
    account: &Account,
    actor: Actor,
    id: ClientId,
) -> Decision<ClientWithSecret, ClientRefused> {
    let client = show(ctx, account, id).await?;
    new_secret(ctx, actor, &client, Others::End).await
}

/// The same by the operator, of a global client too: it acts on all accounts at once.
pub async fn generate_secret_as_operator(
    ctx: &Context,
    client: &Client,
) -> Decision<ClientWithSecret, ClientRefused> {
    new_secret(ctx, Actor::Operator, client, Others::End).await
}

/// Adds a secret beside those a client has, so that it can be rolled out before the old one ends.
pub async fn add_secret(
    ctx: &Context,
    account: &Account,
    actor: Actor,
    id: ClientId,
) -> Decision<ClientWithSecret, ClientRefused> {
    let client = show(ctx, account, id).await?;
    new_secret(ctx, actor, &client, Others::Stay).await
}

/// What becomes of a client's other secrets.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Others {
    End,
    Stay,
}

async fn new_secret(
    ctx: &Context,
    actor: Actor,
    client: &Client,
    others: Others,
) -> Decision<ClientWithSecret, ClientRefused> {
    let secret = NewSecret::make(ctx, None);
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = async {
            let mut client = client.clone();
            // Whoever else is at the secrets of this client waits here.
            let touched =
                store::clients::touch(&mut tx, client.account_id, client.id, ctx.now()).await?;
            client.updated_at = touched.ok_or(Failure::Refused(ClientRefused::Unknown))?;
            if others == Others::End {
                store::client_secrets::delete_all(&mut tx, client.id).await?;
                client.secrets.clear();
            }
            client.secrets.push(secret.store(ctx, &mut tx, &client, actor).await?);
            let change = Change::new(actor, "client.secret_generated", "client", client.id);
            ctx.audit(&mut tx, client.account_id, change).await?;
            Ok(ClientWithSecret { client, secret: secret.value.clone() })
        }
        .await;
        settle(tx, decision).await
    })
    .await
}

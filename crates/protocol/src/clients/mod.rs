//! The life of clients: created, changed, given a new secret, deleted.
//!
//! Pages, the administration API, the command line and applied files all come through here.

mod block;
mod extras;
mod logo;
mod operator;
pub mod promotion;
mod secret;
mod secrets;
pub(crate) mod sector;

use std::sync::Arc;

use domain::{
    Account, Actor, Client, ClientDraft, ClientFault, ClientField, ClientId, ClientIdentifier,
    ClientMetadata, ClientRegistration, ClientState, FaultCode, Lifetime, MetadataMember, Secret,
    Timestamp, UserId,
};
use serde_json::json;
use store::clients::ClientUpdate;
use store::{Decision, Failure, Fault, Transaction, settle};
use wire::ClientJwks;

pub use block::{block, unblock};
pub use extras::{ExtrasDraft, update_extras};
pub use logo::{LogoRefused, remove_logo, set_logo};
pub use operator::{OperatorDraft, delete_as_operator, update_as_operator};
pub(crate) use secret::NewSecret;
pub use secret::{AddedSecret, add_secret, generate_secret, generate_secret_as_operator};
pub use secrets::{SecretRefused, end_secret, list_secrets, show_secret, update_secret};

use crate::audit::Change;
use crate::context::Context;

/// Why a client was not made or changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientRefused {
    /// What is wrong, all of it.
    Invalid(Vec<ClientFault>),
    /// There is no such client in this account.
    Unknown,
    /// The client is a global one that the account has authorised: not the account's to change.
    Global,
    /// There is no such user whom it could belong to.
    OwnerUnknown,
}

/// A client and its new secret, which is told once.
pub struct ClientWithSecret {
    /// The client.
    pub client: Client,
    /// The secret.
    pub secret: Secret,
}

/// Who makes a client, and whose it is.
#[derive(Clone, Copy, Debug)]
pub struct Maker {
    /// Who acts.
    pub actor: Actor,
    /// Whom the client belongs to: client credentials act as him.
    pub owner: UserId,
}

/// Makes a client with a secret: a given one is imported, else one is made.
pub async fn create(
    ctx: &Context,
    account: &Account,
    maker: Maker,
    draft: &ClientDraft,
    imported: Option<Secret>,
) -> Decision<ClientWithSecret, ClientRefused> {
    let registration = validate(ctx, account, draft, None).await?;
    sector::prove(ctx, account, None, &registration).await?;
    let secret = NewSecret::make(ctx, imported);
    let new =
        NewClient { account, maker, registration, secret: Some(&secret), registered_at: None };
    let client = store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = new.write(ctx, &mut tx).await;
        settle(tx, decision).await
    })
    .await?;
    Ok(ClientWithSecret { client, secret: secret.value.clone() })
}

/// A client that was judged and is not stored yet.
pub(crate) struct NewClient<'a> {
    pub(crate) account: &'a Account,
    pub(crate) maker: Maker,
    pub(crate) registration: ClientRegistration,
    /// What it authenticates with; none: it needs none.
    pub(crate) secret: Option<&'a NewSecret>,
    /// Since when it is its own: it registers itself.
    pub(crate) registered_at: Option<Timestamp>,
}

impl NewClient<'_> {
    pub(crate) async fn write(
        &self,
        ctx: &Context,
        tx: &mut Transaction,
    ) -> Decision<Client, ClientRefused> {
        let mut client = self.blank(ctx, tx.id()?);
        self.registration.clone().apply_to(&mut client);
        require_owner(tx, &client).await?;
        if !store::clients::create(tx, &client).await? {
            return Err(taken());
        }
        let actor = self.registered_at.map_or(self.maker.actor, |_| Actor::Client(client.id));
        if let Some(secret) = self.secret {
            client.secrets.push(secret.store_first(ctx, tx, &client, actor).await?);
        }
        let change = Change::new(actor, "client.created", "client", client.id)
            .with(json!({"identifier": client.identifier.as_str(), "kind": client.kind.as_str()}));
        ctx.audit(tx, self.account.id, change).await?;
        Ok(client)
    }

    fn blank(&self, ctx: &Context, id: ClientId) -> Client {
        Client {
            id,
            account_id: self.account.id,
            identifier: self.registration.identifier.clone(),
            name: String::new(),
            company: None,
            description: None,
            kind: self.registration.kind,
            grant_types: None,
            scopes: None,
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            authentication_method: self.registration.authentication_method,
            user_id: self.maker.owner,
            state: ClientState::Active,
            global_at: None,
            logo: None,
            resource_server_at: None,
            metadata: ClientMetadata::default(),
            registered_at: self.registered_at,
            secrets: Vec::new(),
            created_at: ctx.now(),
            updated_at: ctx.now(),
            not_before: None,
        }
    }
}

fn taken() -> Failure<ClientRefused> {
    Failure::Refused(ClientRefused::Invalid(vec![ClientFault::duplicate_identifier()]))
}

/// Judges the resulting record, and says everything that is wrong with it together.
pub(crate) async fn validate(
    ctx: &Context,
    account: &Account,
    draft: &ClientDraft,
    own: Option<ClientId>,
) -> Decision<ClientRegistration, ClientRefused> {
    let catalogue = ctx.store.cache().catalogue(account.id).await?;
    let judged = draft.validate(&catalogue, &ctx.policy.private_schemes).and_then(with_usable_keys);
    // What is no identifier is nobody's, and may hold what no database takes.
    let other = match ClientIdentifier::parse(&draft.identifier) {
        Ok(identifier) => {
            store::clients::by_identifier(&ctx.store, account.id, &identifier.folded()).await?
        }
        Err(_) => None,
    };
    let is_taken = other.is_some_and(|other| Some(other.id) != own);
    match (judged, is_taken) {
        (Ok(registration), false) => Ok(registration),
        (judged, is_taken) => {
            let mut faults = judged.err().unwrap_or_default();
            if is_taken {
                faults.push(ClientFault::duplicate_identifier());
            }
            Err(Failure::Refused(ClientRefused::Invalid(faults)))
        }
    }
}

/// Keys that could not be verified with are no keys: who registers them would learn it at his first assertion.
fn with_usable_keys(
    registration: ClientRegistration,
) -> Result<ClientRegistration, Vec<ClientFault>> {
    let jwks = registration.metadata.jwks.as_deref().map(|text| ClientJwks::parse(text.as_bytes()));
    match jwks {
        Some(Err(refused)) => {
            let field = ClientField::Metadata(MetadataMember::Jwks);
            Err(vec![ClientFault::new(field, FaultCode::InvalidValue, &refused.to_string())])
        }
        Some(Ok(_)) | None => Ok(registration),
    }
}

/// The account's own client with this id.
pub async fn show(
    ctx: &Context,
    account: &Account,
    id: ClientId,
) -> Decision<Client, ClientRefused> {
    let client = store::clients::show(&ctx.store, account.id, id).await?;
    own(ctx, account, client).await
}

/// The client, if it is the account's own.
async fn own(
    ctx: &Context,
    account: &Account,
    client: Option<Client>,
) -> Decision<Client, ClientRefused> {
    let client = client.ok_or(Failure::Refused(ClientRefused::Unknown))?;
    if client.global_at.is_none() {
        return Ok(client);
    }
    // A global client that nobody here has authorised does not exist for the account.
    let is_authorized = store::grants::has_client(&ctx.store, account.id, client.id).await?;
    let refused = if is_authorized { ClientRefused::Global } else { ClientRefused::Unknown };
    Err(Failure::Refused(refused))
}

/// Takes the client's row, so that whoever else changes it waits. One that was promoted since it was
/// found is the account's no longer.
async fn hold(tx: &mut Transaction, found: &Client) -> Decision<(), ClientRefused> {
    if store::clients::hold(tx, found.account_id, found.id).await? {
        let held = store::clients::show(tx, found.account_id, found.id).await?;
        if held.is_some_and(|held| held.global_at == found.global_at) {
            return Ok(());
        }
    }
    Err(Failure::Refused(ClientRefused::Unknown))
}

/// Changes a client to what the draft says; judged as a whole, like a new one.
pub async fn update(
    ctx: &Context,
    account: &Account,
    actor: Actor,
    id: ClientId,
    edit: impl Fn(&mut ClientDraft),
) -> Decision<Client, ClientRefused> {
    let wanted = |before: &Client| {
        let mut draft = ClientDraft::of(before);
        edit(&mut draft);
        draft
    };
    store::retry(|| async {
        let sector = sector::look_up(ctx, account, id, &wanted).await?;
        let mut tx = ctx.store.begin().await?;
        let decision = async {
            let stored = store::clients::show(&mut tx, account.id, id).await?;
            let before = own(ctx, account, stored).await?;
            let registration = validate(ctx, account, &wanted(&before), Some(id)).await?;
            sector.require(&before, &registration)?;
            let mut after = before.clone();
            registration.apply_to(&mut after);
            promotion::take_back(ctx, &mut tx, actor, (account.id, id)).await?;
            write_update(ctx, &mut tx, actor, (&before, after)).await
        }
        .await;
        settle(tx, decision).await
    })
    .await
}

/// Whoever gets a client cannot be deleted meanwhile.
async fn require_owner(tx: &mut Transaction, client: &Client) -> Decision<(), ClientRefused> {
    if store::users::take(tx, client.account_id, client.user_id).await? {
        return Ok(());
    }
    Err(Failure::Refused(ClientRefused::OwnerUnknown))
}

/// Writes what was made of a client, as long as it is still what was read. The time of the change
/// tells one version from the next, so it moves on even where the clock has not.
pub(crate) async fn write_update(
    ctx: &Context,
    tx: &mut Transaction,
    actor: Actor,
    (before, mut after): (&Client, Client),
) -> Decision<Client, ClientRefused> {
    after.updated_at = ctx.now().max(before.updated_at + Lifetime::millis(1));
    match store::clients::update(tx, &after, before.updated_at).await? {
        ClientUpdate::Written => {}
        ClientUpdate::Taken => return Err(taken()),
        ClientUpdate::Gone => return Err(Failure::Refused(ClientRefused::Unknown)),
        ClientUpdate::Stale => {
            let message = "the client was changed at the same time".to_owned();
            return Err(Fault::Retryable(message).into());
        }
    }
    let given_up = before.identifier.folded();
    if given_up != after.identifier.folded() {
        store::clients::leave_identifier(tx, &given_up).await?;
    }
    // Codes in flight were sent to the old name or address.
    if before.identifier != after.identifier || before.redirect_uris != after.redirect_uris {
        store::authorization_codes::invalidate_for_client(
            tx,
            after.account_id,
            after.id,
            ctx.now(),
        )
        .await?;
    }
    let change = Change::new(actor, "client.updated", "client", after.id)
        .with(extras::facts(before, &after));
    ctx.audit(tx, after.account_id, change).await?;
    Ok(after)
}

/// Deletes a client: its codes, tokens and grants die with it.
pub async fn delete(
    ctx: &Context,
    account: &Account,
    actor: Actor,
    id: ClientId,
) -> Decision<(), ClientRefused> {
    show(ctx, account, id).await?;
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = async {
            // Whoever is promoting the client is waited for, so that no global client is deleted here.
            store::clients::touch(&mut tx, account.id, id, ctx.now()).await?;
            let stored = store::clients::show(&mut tx, account.id, id).await?;
            let client = own(ctx, account, stored).await?;
            erase(ctx, &mut tx, actor, &client).await
        }
        .await;
        settle(tx, decision).await
    })
    .await
}

pub(crate) async fn erase(
    ctx: &Context,
    tx: &mut Transaction,
    actor: Actor,
    client: &Client,
) -> Decision<(), ClientRefused> {
    if !store::clients::delete(tx, client.account_id, client.id).await? {
        return Err(Failure::Refused(ClientRefused::Unknown));
    }
    let change = Change::new(actor, "client.deleted", "client", client.id)
        .with(json!({"identifier": client.identifier.as_str()}));
    Ok(ctx.audit(tx, client.account_id, change).await?)
}

/// The client that this identifier names at the account, own or global, from memory.
pub async fn by_identifier(
    ctx: &Context,
    account: &Account,
    identifier: &str,
) -> Result<Option<Arc<Client>>, Fault> {
    ctx.store.cache().client(account.id, identifier).await
}

//! A client looks after its own registration (RFC 7592): it reads, replaces and deletes it, and raises
//! itself to nothing. Identifier, kind, scopes and state are the account's to decide.

use domain::{
    Account, Actor, Client, ClientAuthenticationMethod, ClientDraft, ClientKind, ClientState,
    HandleKind, RegistrationFault, RegistrationRequest,
};
use store::{Decision, Failure, Fault, settle};

use super::refused::{self, RegistrationRefused};
use crate::clients::{self, promotion, sector};
use crate::context::Context;

/// The client of this identifier, if the token is its own (RFC 7592 §2.1).
pub async fn show(
    ctx: &Context,
    account: &Account,
    (identifier, presented): (&str, Option<&str>),
) -> Decision<Client, RegistrationRefused> {
    let refused = |refused| Failure::Refused(refused);
    let presented = presented.ok_or(refused(RegistrationRefused::TokenMissing))?;
    let client = owner_of(ctx, account, presented).await?;
    // Another client's token is as good as none, and a client that is gone has none.
    let client = client.filter(|client| client.identifier.as_str() == identifier);
    let client = client.ok_or(refused(RegistrationRefused::TokenInvalid))?;
    require_own(&client)?;
    Ok(client)
}

async fn owner_of(
    ctx: &Context,
    account: &Account,
    presented: &str,
) -> Result<Option<Client>, Fault> {
    let hash = ctx.keyring.hash(HandleKind::RegistrationAccessToken, presented);
    let found = store::client_registrations::by_hash(&ctx.store, account.id, &hash).await?;
    let Some(registration) = found else { return Ok(None) };
    store::clients::show(&ctx.store, account.id, registration.client_id).await
}

/// One that was suspended, or works in every account by now, is in others' hands.
fn require_own(client: &Client) -> Result<(), Failure<RegistrationRefused>> {
    if client.state == ClientState::Suspended || client.global_at.is_some() {
        return Err(Failure::Refused(RegistrationRefused::Forbidden));
    }
    Ok(())
}

/// Replaces what a client says of itself: what is not said becomes a default (RFC 7592 §2.2).
pub async fn update(
    ctx: &Context,
    account: &Account,
    (identifier, presented): (&str, Option<&str>),
    request: &RegistrationRequest,
) -> Decision<Client, RegistrationRefused> {
    let client = show(ctx, account, (identifier, presented)).await?;
    refused::require_no_statement(request)?;
    let mut faults = request.faults();
    faults.extend(own_faults(ctx, &client, request));
    let wanted = |before: &Client| {
        let mut draft = ClientDraft::of(before);
        request.put_into(&mut draft);
        draft
    };
    let judged = clients::validate(ctx, account, &wanted(&client), Some(client.id)).await;
    let judged = refused::beside(judged, &mut faults)?;
    if judged.is_none() || !faults.is_empty() {
        return Err(Failure::Refused(RegistrationRefused::Invalid(faults)));
    }
    let id = client.id;
    store::retry(|| async {
        let sector = sector::look_up(ctx, account, id, wanted).await;
        let sector = sector.map_err(RegistrationRefused::of_client)?;
        let mut tx = ctx.store.begin().await?;
        let decision = async {
            let before = store::clients::show(&mut tx, account.id, id).await?;
            let before = before.ok_or(Failure::Refused(RegistrationRefused::TokenInvalid))?;
            require_own(&before)?;
            let registration = clients::validate(ctx, account, &wanted(&before), Some(id)).await;
            let registration = registration.map_err(RegistrationRefused::of_client)?;
            sector.require(&before, &registration)?;
            let mut after = before.clone();
            registration.apply_to(&mut after);
            let actor = Actor::Client(id);
            promotion::take_back(ctx, &mut tx, actor, (account.id, id)).await?;
            let written = clients::write_update(ctx, &mut tx, actor, (&before, after)).await;
            written.map_err(RegistrationRefused::of_client)
        }
        .await;
        settle(tx, decision).await
    })
    .await
}

/// What is wrong with a change beside what would be wrong with a registration (RFC 7592 §2.2).
fn own_faults(
    ctx: &Context,
    client: &Client,
    request: &RegistrationRequest,
) -> Vec<RegistrationFault> {
    let mut faults = Vec::new();
    if request.client_id.as_deref() != Some(client.identifier.as_str()) {
        let text = "must be the identifier of the client";
        faults.push(RegistrationFault::new("client_id", text));
    }
    if let Some(secret) = &request.client_secret {
        let hash = ctx.keyring.hash(HandleKind::ClientSecret, secret.expose());
        let is_own = |own: &domain::ClientSecret| own.hash == hash && own.is_live(ctx.now());
        if !client.secrets.iter().any(is_own) {
            let text = "must be the present secret, or left out";
            faults.push(RegistrationFault::new("client_secret", text));
        }
    }
    let is_public = client.kind == ClientKind::Public;
    let has_secret = client.secrets.iter().any(|secret| secret.is_live(ctx.now()));
    let wants_secret = !matches!(
        request.method(),
        Some(ClientAuthenticationMethod::PrivateKeyJwt | ClientAuthenticationMethod::None)
    );
    if !is_public && wants_secret && !has_secret {
        let text = "must stay private_key_jwt: there is no secret, and a change makes none";
        faults.push(RegistrationFault::new("token_endpoint_auth_method", text));
    }
    let wants_public = request.method() == Some(ClientAuthenticationMethod::None);
    if is_public != wants_public && request.method().is_some() {
        let text = if is_public { "must stay none" } else { "must not become none" };
        faults.push(RegistrationFault::new("token_endpoint_auth_method", text));
    }
    faults
}

/// Deletes a client: its codes, tokens and grants die with it (RFC 7592 §2.3).
pub async fn delete(
    ctx: &Context,
    account: &Account,
    (identifier, presented): (&str, Option<&str>),
) -> Decision<(), RegistrationRefused> {
    let id = show(ctx, account, (identifier, presented)).await?.id;
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = async {
            // Whoever is promoting or suspending the client is waited for.
            store::clients::touch(&mut tx, account.id, id, ctx.now()).await?;
            let client = store::clients::show(&mut tx, account.id, id).await?;
            let client = client.ok_or(Failure::Refused(RegistrationRefused::TokenInvalid))?;
            require_own(&client)?;
            let erased = clients::erase(ctx, &mut tx, Actor::Client(id), &client).await;
            erased.map_err(RegistrationRefused::of_client)
        }
        .await;
        settle(tx, decision).await
    })
    .await
}

//! Dynamic client registration (RFC 7591): a client is made by itself, not by anybody of the account.

mod ending;
mod management;
mod refused;

use std::fmt::Write as _;
use std::net::IpAddr;

use domain::{
    Account, Actor, Client, ClientAuthenticationMethod, ClientDraft, ClientRegistration,
    HandleKind, RegistrationFault, RegistrationPolicy, RegistrationRequest, RegistrationToken,
    RegistrationTokenId, Role, ScopeSet, Secret, SelfRegistration, User, UserId,
};
use store::{Decision, Failure, Fault, Transaction, settle};

use crate::clients::{self, Maker, NewClient, NewSecret, sector};
use crate::context::Context;
use crate::guesses::{Credential, GuessSource, Guessed};

pub use ending::{end_unused, keep_ending};
pub use management::{delete, show, update};
pub use refused::RegistrationRefused;

/// Bytes of randomness in an identifier.
const IDENTIFIER_BYTES: usize = 16;

/// A client that was registered, with what is told of it once.
pub struct Registered {
    /// The client.
    pub client: Client,
    /// Its secret; none: it authenticates without one.
    pub secret: Option<Secret>,
    /// What it proves itself with when it changes its registration.
    pub registration_access_token: Secret,
}

/// Registers a client (RFC 7591 §3.1). First whether anybody may, then what is asked for.
pub async fn register(
    ctx: &Context,
    account: &Account,
    (presented, source): (Option<&str>, IpAddr),
    request: &RegistrationRequest,
) -> Decision<Registered, RegistrationRefused> {
    let permission = permission(ctx, account, presented).await?;
    let counted =
        Guessed::new(ctx, account.id, Credential::Registration, "", GuessSource::Address(source));
    let is_anonymous = permission.token.is_none();
    if is_anonymous {
        counted.check(ctx).await.map_err(|it| it.map_refused(RegistrationRefused::Throttled))?;
    }
    let registration = judge(ctx, account, request).await?;
    if is_anonymous {
        counted.failed(ctx).await.map_err(|it| it.map_refused(RegistrationRefused::Throttled))?;
    }
    let proven = sector::prove(ctx, account, None, &registration).await;
    proven.map_err(RegistrationRefused::of_client)?;
    let new = NewRegistration::make(ctx, account, permission, registration);
    let client = store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = new.write(ctx, &mut tx).await;
        settle(tx, decision).await
    })
    .await?;
    let secret = new.secret.map(|secret| secret.value);
    Ok(Registered { client, secret, registration_access_token: new.access_token })
}

/// Why a client may be registered, and whose it becomes.
struct Permission {
    owner: UserId,
    token: Option<RegistrationTokenId>,
}

/// Whoever presents a token is judged by it, whatever the account allows to others.
async fn permission(
    ctx: &Context,
    account: &Account,
    presented: Option<&str>,
) -> Decision<Permission, RegistrationRefused> {
    let refused = |refused| Err(Failure::Refused(refused));
    match (account.registration, presented) {
        (RegistrationPolicy::Off, _) => refused(RegistrationRefused::Off),
        (RegistrationPolicy::Token, None) => refused(RegistrationRefused::TokenMissing),
        (RegistrationPolicy::Open, None) => {
            let admin = store::users::first_admin(&ctx.store, account.id).await?;
            let admin = admin.ok_or(Failure::Refused(RegistrationRefused::Off))?;
            Ok(Permission { owner: admin.id, token: None })
        }
        (_, Some(presented)) => {
            let token = live_token(ctx, account, presented).await?;
            let token = token.ok_or(Failure::Refused(RegistrationRefused::TokenInvalid))?;
            Ok(Permission { owner: token.user_id, token: Some(token.id) })
        }
    }
}

/// The initial access token, as long as it and whoever made it may still register clients.
async fn live_token(
    ctx: &Context,
    account: &Account,
    presented: &str,
) -> Result<Option<RegistrationToken>, Fault> {
    let hash = ctx.keyring.hash(HandleKind::InitialAccessToken, presented);
    let token = store::registration_tokens::by_hash(&ctx.store, account.id, &hash).await?;
    let Some(token) = token.filter(|token| token.is_live(ctx.now())) else { return Ok(None) };
    let maker = store::users::show(&ctx.store, account.id, token.user_id).await?;
    Ok(maker.filter(may_own_clients).map(|_| token))
}

fn may_own_clients(user: &User) -> bool {
    user.role == Role::Admin && user.is_active()
}

/// What is asked for as a new client, or everything that is wrong with it.
async fn judge(
    ctx: &Context,
    account: &Account,
    request: &RegistrationRequest,
) -> Decision<ClientRegistration, RegistrationRefused> {
    refused::require_no_statement(request)?;
    let mut faults = request.faults();
    let named = request.scope.as_deref().map(ScopeSet::parse);
    if let Some(Err(_)) = &named {
        faults.push(RegistrationFault::new("scope", "must be names separated by spaces"));
    }
    let named = named.and_then(Result::ok);
    let scopes = scopes(ctx, account, named).await?;
    let mut draft = ClientDraft {
        identifier: new_identifier(ctx),
        kind: Some(request.kind().as_str().to_owned()),
        scopes: Some(scopes.to_vec()),
        ..ClientDraft::default()
    };
    request.put_into(&mut draft);
    match refused::beside(clients::validate(ctx, account, &draft, None).await, &mut faults)? {
        Some(registration) if faults.is_empty() => Ok(registration),
        _ => Err(Failure::Refused(RegistrationRefused::Invalid(faults))),
    }
}

fn new_identifier(ctx: &Context) -> String {
    let random = ctx.entropy.bytes();
    random[..IDENTIFIER_BYTES].iter().fold("app-".to_owned(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What a client that registers may ask its users for at most: what it names of the account's default scopes
/// and those of OpenID Connect. Others are an admin's to give (RFC 7591 §2: the server may choose).
async fn scopes(
    ctx: &Context,
    account: &Account,
    named: Option<ScopeSet>,
) -> Result<ScopeSet, Fault> {
    let catalogue = ctx.store.cache().catalogue(account.id).await?;
    let ceiling = catalogue.registrable();
    let within = |named: ScopeSet| -> ScopeSet {
        named.iter().filter(|it| ceiling.contains(it)).cloned().collect()
    };
    Ok(named.map(within).filter(|within| !within.is_empty()).unwrap_or(ceiling))
}

/// A registration that was judged and is not stored yet.
struct NewRegistration<'a> {
    account: &'a Account,
    permission: Permission,
    registration: ClientRegistration,
    secret: Option<NewSecret>,
    access_token: Secret,
}

impl<'a> NewRegistration<'a> {
    fn make(
        ctx: &Context,
        account: &'a Account,
        permission: Permission,
        registration: ClientRegistration,
    ) -> Self {
        let has_secret = !matches!(
            registration.authentication_method,
            ClientAuthenticationMethod::None | ClientAuthenticationMethod::PrivateKeyJwt
        );
        let secret = has_secret.then(|| NewSecret::make(ctx, None));
        let kind = HandleKind::RegistrationAccessToken;
        let access_token = ctx.entropy.handle(&ctx.policy.handle_prefix, kind);
        Self { account, permission, registration, secret, access_token }
    }

    /// The token is used up, and the place among the account's clients taken, in the unit of work that makes
    /// the client.
    async fn write(
        &self,
        ctx: &Context,
        tx: &mut Transaction,
    ) -> Decision<Client, RegistrationRefused> {
        store::accounts::take(tx, self.account.id).await?;
        let (account_id, token) = (self.account.id, self.permission.token);
        let count = store::client_registrations::count(&mut *tx, account_id, token).await?;
        if count >= ctx.policy.self_registration.client_limit {
            return Err(Failure::Refused(RegistrationRefused::Full));
        }
        if let Some(id) = self.permission.token {
            let now = ctx.now();
            if !store::registration_tokens::spend(tx, self.account.id, id, now).await? {
                return Err(Failure::Refused(RegistrationRefused::TokenInvalid));
            }
        }
        let new = NewClient {
            account: self.account,
            maker: Maker { actor: Actor::System, owner: self.permission.owner },
            registration: self.registration.clone(),
            secret: self.secret.as_ref(),
            registered_at: Some(ctx.now()),
        };
        let client = new.write(ctx, tx).await.map_err(RegistrationRefused::of_client)?;
        store::client_registrations::create(tx, &self.record(ctx, &client)).await?;
        Ok(client)
    }

    fn record(&self, ctx: &Context, client: &Client) -> SelfRegistration {
        let kind = HandleKind::RegistrationAccessToken;
        SelfRegistration {
            client_id: client.id,
            account_id: client.account_id,
            hash: ctx.keyring.hash(kind, self.access_token.expose()),
            registration_token_id: self.permission.token,
            created_at: ctx.now(),
            ends_at: ctx.now() + ctx.policy.self_registration.client_idle_lifetime,
        }
    }
}

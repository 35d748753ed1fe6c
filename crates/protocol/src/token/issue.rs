//! The one place where tokens are minted, whatever the grant type.
//!
//! Whether account, client and user are alive is checked here once, so that no grant type can
//! forget it.

use std::sync::Arc;

use domain::{
    Account, Client, ExpiryBucket, GrantType, HandleKind, Lifetime, ScopeSet, Secret, SessionId,
    SigningAlgorithm, Timestamp, Token, TokenExpiryPolicy, TokenFamilyId, TokenId, User, UserId,
};
use store::Fault;
use wire::{AccessTokenClaims, Audience, TokenResponse, TokenType};

use super::lifetimes::AskedLifetimes;
use crate::access_token_jwt::{self, Alone};
use crate::authentication_context::PASSWORD;
use crate::context::Context;
use crate::id_token::{self, SignIn};
use crate::resources::{self, TokenShape};
use crate::{bearer, signing, subject};

/// The characters of an access or refresh token that are kept to be shown.
const HINT_LENGTH: usize = 10;

/// What every grant type comes to.
pub(super) struct TokenGrant {
    pub(super) client: Arc<Client>,
    pub(super) user_id: UserId,
    /// When what is exchanged for them was issued.
    pub(super) proven_at: Timestamp,
    pub(super) scopes: ScopeSet,
    pub(super) resources: Vec<String>,
    pub(super) lifetimes: AskedLifetimes,
    /// None: the client acts for itself.
    pub(super) descent: Option<Descent>,
}

/// The place in a family.
pub(super) struct Descent {
    pub(super) family_id: TokenFamilyId,
    pub(super) generation: i64,
    pub(super) auth_time: Timestamp,
    /// The session that it was begun in.
    pub(super) session_id: Option<SessionId>,
    /// The `nonce` of the request, at code exchange.
    pub(super) nonce: Option<String>,
    /// The claims that were asked for one by one, as they are stored.
    pub(super) claims: Option<String>,
    /// When the family ends, whatever is refreshed.
    pub(super) ends_at: Timestamp,
}

/// Tokens that are made but not yet stored.
pub(super) struct Minted {
    pub(super) response: TokenResponse,
    /// What to store; none for a JWT that stands alone.
    pub(super) record: Option<Token>,
    expiry: Expiry,
}

impl Minted {
    /// When the family that begins with it ends: what nobody can refresh is over with its access token.
    pub(super) fn family_ends_at(&self, at_the_latest: Timestamp) -> Timestamp {
        match self.expiry.refresh {
            Some(_) => at_the_latest,
            None => self.expiry.access.unwrap_or(Timestamp::NEVER),
        }
    }
}

/// Mints the tokens of a grant; none if its client or user is no longer alive, or has marked what is
/// exchanged dead.
pub(super) async fn mint(
    ctx: &Context,
    account: &Account,
    grant: TokenGrant,
) -> Result<Option<Minted>, Fault> {
    let held_by = (grant.client.id, grant.user_id);
    let holders = bearer::holders(ctx, account, held_by, grant.proven_at).await?;
    let Some((_, user)) = holders else { return Ok(None) };
    let known = ctx.store.cache().resources(account.id).await?;
    let shape = resources::token_shape(&known, &grant.resources);
    let now = ctx.now();
    let expiry = if never_ends(account, &grant, &shape) {
        Expiry::NEVER
    } else {
        Expiry::of(ctx, &grant, shape.lifetime, now)
    };
    let bucket = ExpiryBucket::for_expiry(now, expiry.last());
    let minting = Minting { ctx, account, grant: &grant, expiry, bucket, now };
    let mut minted = match shape.signed_with {
        None => minting.with_handle(),
        Some(algorithm) => minting.with_jwt(algorithm).await?,
    };
    minted.response.id_token = minting.id_token(&user, &minted.response.access_token).await?;
    Ok(Some(minted))
}

/// The legacy switch (Zendesk wire §6.6, §8): what was asked for without a lifetime does not end. A JWT
/// always does (RFC 9068 §2.2), and so does what somebody has given a lifetime.
fn never_ends(account: &Account, grant: &TokenGrant, shape: &TokenShape) -> bool {
    account.token_expiry == TokenExpiryPolicy::Legacy
        && grant.lifetimes.access.is_none()
        && grant.descent.as_ref().is_none_or(|descent| descent.generation == 1)
        && grant.client.global_at.is_none()
        && shape.lifetime.is_none()
        && shape.signed_with.is_none()
}

/// When the tokens end.
#[derive(Clone, Copy)]
struct Expiry {
    access: Option<Timestamp>,
    refresh: Option<Timestamp>,
}

impl Expiry {
    /// Of what does not end, which nobody refreshes.
    const NEVER: Self = Self { access: None, refresh: None };

    fn of(
        ctx: &Context,
        grant: &TokenGrant,
        of_resource: Option<Lifetime>,
        now: Timestamp,
    ) -> Self {
        let lifetime =
            grant.lifetimes.access.or(of_resource).unwrap_or(ctx.policy.access_token_lifetime);
        let Some(descent) = &grant.descent else {
            return Self { access: Some(now + lifetime), refresh: None };
        };
        let idle = grant.lifetimes.refresh.unwrap_or(ctx.policy.refresh_token_lifetime);
        Self {
            access: Some((now + lifetime).min(descent.ends_at)),
            refresh: gets_refresh_token(grant).then(|| (now + idle).min(descent.ends_at)),
        }
    }

    fn last(self) -> Option<Timestamp> {
        self.access.max(self.refresh)
    }
}

/// Plain OAuth clients always get one; an OpenID Connect client asks for `offline_access`.
fn gets_refresh_token(grant: &TokenGrant) -> bool {
    let openid_client = grant.client.scopes.as_ref().is_some_and(|ceiling| ceiling.names("openid"));
    grant.client.allows_grant_type(GrantType::RefreshToken)
        && (!grant.scopes.names("openid") || grant.scopes.names("offline_access") || !openid_client)
}

struct Minting<'a> {
    ctx: &'a Context,
    account: &'a Account,
    grant: &'a TokenGrant,
    expiry: Expiry,
    bucket: ExpiryBucket,
    now: Timestamp,
}

impl Minting<'_> {
    /// Opaque: the database explains it.
    fn with_handle(&self) -> Minted {
        let access_token = self.handle(HandleKind::AccessToken);
        let hash = self.ctx.keyring.hash(HandleKind::AccessToken, access_token.expose());
        let refresh_token = self.refresh_token();
        let record = self.record(hash, hint(&access_token), refresh_token.as_ref());
        self.minted(access_token, refresh_token, Some(record))
    }

    /// RFC 9068. With a refresh token there is a row, found by the `jti`; alone there is none.
    async fn with_jwt(&self, algorithm: SigningAlgorithm) -> Result<Minted, Fault> {
        let refresh_token = self.refresh_token();
        let jti = self.jti(refresh_token.is_some());
        let access_token = Secret::new(self.sign(algorithm, jti.expose()).await?);
        let record = refresh_token.as_ref().map(|refresh_token| {
            let hash = self.ctx.keyring.jti_hash(jti.expose());
            self.record(hash, hint(&jti), Some(refresh_token))
        });
        Ok(self.minted(access_token, refresh_token, record))
    }

    fn minted(
        &self,
        access_token: Secret,
        refresh_token: Option<Secret>,
        record: Option<Token>,
    ) -> Minted {
        let response = self.response(access_token, refresh_token);
        Minted { response, record, expiry: self.expiry }
    }

    fn handle(&self, kind: HandleKind) -> Secret {
        self.ctx.entropy.expiring_handle(&self.ctx.policy.handle_prefix, kind, self.bucket)
    }

    fn refresh_token(&self) -> Option<Secret> {
        self.expiry.refresh.map(|_| self.handle(HandleKind::RefreshToken))
    }

    fn jti(&self, has_row: bool) -> Secret {
        let handle = self.handle(HandleKind::AccessToken);
        if has_row {
            return handle;
        }
        // Not a handle, so that nobody looks for a row.
        let random = handle.expose().rsplit('_').next().unwrap_or_default();
        let family_id = self.grant.descent.as_ref().map(|descent| descent.family_id);
        Secret::new(Alone { client_id: self.grant.client.id, family_id }.jti(random))
    }

    async fn sign(&self, algorithm: SigningAlgorithm, jti: &str) -> Result<String, Fault> {
        let issuer = self.account.issuer().as_str();
        let subject = match &self.grant.descent {
            Some(_) => subject::of(self.ctx, &self.grant.client, self.grant.user_id),
            None => self.grant.client.identifier.as_str().to_owned(),
        };
        let mut recipients = self.grant.resources.clone();
        if self.grant.scopes.names("openid") || recipients.is_empty() {
            recipients.push(issuer.to_owned());
        }
        let scope = self.grant.scopes.to_string();
        let expires_at = self.expiry.access.expect("only what is no JWT may never end");
        let claims = AccessTokenClaims {
            iss: issuer,
            aud: &Audience::from(recipients),
            sub: &subject,
            client_id: self.grant.client.identifier.as_str(),
            scope: Some(&scope),
            iat: self.now.as_seconds(),
            exp: expires_at.as_seconds(),
            jti,
            auth_time: self.grant.descent.as_ref().map(|descent| descent.auth_time.as_seconds()),
            acr: self.grant.descent.as_ref().map(|_| PASSWORD.acr),
        };
        signing::sign(self.ctx, self.account.id, algorithm, access_token_jwt::TYP, &claims).await
    }

    /// With `openid`, if a user signed in for it (OpenID Connect Core 1.0 §3.1.3.3, §12.2).
    async fn id_token(&self, user: &User, access_token: &Secret) -> Result<Option<Secret>, Fault> {
        let Some(descent) = &self.grant.descent else { return Ok(None) };
        if !self.grant.scopes.names("openid") {
            return Ok(None);
        }
        let sign_in = SignIn {
            client: &self.grant.client,
            user,
            auth_time: descent.auth_time,
            session_id: descent.session_id,
            nonce: descent.nonce.as_deref(),
            requested_claims: descent.claims.as_deref(),
            access_token: access_token.expose(),
        };
        let id_token = id_token::mint(self.ctx, self.account, &sign_in).await?;
        Ok(Some(Secret::new(id_token)))
    }

    fn response(&self, access_token: Secret, refresh_token: Option<Secret>) -> TokenResponse {
        let seconds_until = |at: Timestamp| at.since(self.now).as_seconds();
        TokenResponse {
            access_token,
            token_type: TokenType::Bearer,
            scope: self.grant.scopes.to_string(),
            expires_in: self.expiry.access.map(seconds_until),
            refresh_token,
            refresh_token_expires_in: self.expiry.refresh.map(seconds_until),
            id_token: None,
        }
    }

    fn record(
        &self,
        hash: domain::SecretHash,
        hint: String,
        refresh_token: Option<&Secret>,
    ) -> Token {
        let keyring = &self.ctx.keyring;
        let hash_refresh = |token: &Secret| keyring.hash(HandleKind::RefreshToken, token.expose());
        Token {
            id: TokenId::new(0),
            bucket: self.bucket,
            hash,
            refresh_hash: refresh_token.map(hash_refresh),
            account_id: self.account.id,
            client_id: self.grant.client.id,
            user_id: self.grant.user_id,
            family_id: self.grant.descent.as_ref().map(|descent| descent.family_id),
            generation: self.grant.descent.as_ref().map_or(1, |descent| descent.generation),
            scopes: self.grant.scopes.clone(),
            resources: self.grant.resources.clone(),
            hint,
            refresh_hint: refresh_token.map(self::hint),
            created_at: self.now,
            expires_at: self.expiry.access,
            refresh_expires_at: self.expiry.refresh,
            used_at: None,
            rotated_at: None,
            revoked_at: None,
        }
    }
}

fn hint(token: &Secret) -> String {
    token.expose().chars().take(HINT_LENGTH).collect()
}

/// Stores what was minted, under a new id, and returns it as stored.
pub(super) async fn store_record(
    tx: &mut store::Transaction,
    record: Option<&Token>,
) -> Result<Option<Token>, Fault> {
    let Some(record) = record else { return Ok(None) };
    let token = Token { id: tx.id()?, ..record.clone() };
    store::tokens::create(tx, &token).await?;
    Ok(Some(token))
}

/// What is to be stored of what was minted, under a new id.
pub(super) async fn record(ctx: &Context, minted: &Minted) -> Result<Option<Token>, Fault> {
    let Some(record) = &minted.record else { return Ok(None) };
    let id = ctx.store.reserve_id().await?;
    Ok(Some(Token { id, ..record.clone() }))
}

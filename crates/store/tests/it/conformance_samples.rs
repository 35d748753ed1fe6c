//! Samples: one entity of each kind with every optional column set, and one with all of them unset.

use domain::{
    Account, AccountId, ApiToken, ApiTokenPolicy, AuthorizationCode, AuthorizationRequest, BaseUrl,
    CodeChallenge, ConsentPolicy, EmailAddress, ExpiryBucket, Grant, Id, Lifetime, PkcePolicy,
    Possession, RegistrationPolicy, Role, ScopeSet, SecretHash, Session, Timestamp, Token,
    TokenExpiryPolicy, TokenFamily, User,
};

use store::{Fault, Store, Transaction};

pub(crate) use crate::conformance_client_samples::*;

/// The greatest id that JavaScript keeps exact.
pub(crate) const GREATEST_ID: i64 = (1 << 53) - 1;
/// Some moment of the year 2026.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_772_000_000_123);
/// Text in several scripts, with a quote, a backslash and a line break.
pub(crate) const UNICODE: &str = "Zoë's \"café\" \\ 日本\n🦀";

/// Runs one unit of work that cannot be refused; again, if a busy machine gave it up: nothing was done.
macro_rules! unit {
    ($store:expr, |$tx:ident| $body:expr) => {{
        let began = std::time::Instant::now();
        loop {
            let mut tx = $crate::support::begin(&$store).await;
            let done = {
                let $tx = &mut tx;
                $body.await
            };
            let decision: store::Decision<_, ()> = done.map_err(store::Failure::Fault);
            match store::settle(tx, decision).await {
                Ok(done) => break done,
                Err(store::Failure::Fault(store::Fault::Unavailable(_)))
                    if began.elapsed() < $crate::support::PATIENCE => {}
                Err(failure) => panic!("the unit of work is not committed: {failure:?}"),
            }
        }
    }};
}
pub(crate) use unit;

/// Thirty-two bytes made from an id, zero and high bytes among them.
pub(crate) fn hash_of(id: i64) -> SecretHash {
    let mut bytes = [0xFF; 32];
    bytes[8..16].copy_from_slice(&id.to_be_bytes());
    bytes[31] = 0;
    SecretHash::from_bytes(bytes)
}

/// The scopes with these names.
pub(crate) fn scopes(names: &str) -> ScopeSet {
    ScopeSet::parse(names).expect("the names are scopes")
}

/// The moment this many seconds after [`NOW`].
pub(crate) fn after(seconds: i64) -> Timestamp {
    NOW + Lifetime::seconds(seconds)
}

/// An id that nothing else has.
pub(crate) async fn fresh_id<T>(store: &Store) -> Id<T> {
    store.begin().await.expect("a unit of work begins").id().expect("ids are in hand")
}

/// An account that is stored.
pub(crate) async fn an_account(store: &Store) -> Account {
    let account = bare_account(fresh_id(store).await);
    assert!(unit!(store, |tx| store::accounts::create(tx, &account)));
    account
}

pub(crate) fn bare_account(id: AccountId) -> Account {
    Account {
        id,
        slug: format!("account-{id}"),
        name: UNICODE.to_owned(),
        base_urls: vec![base_url(&format!("https://a{id}.example"))],
        consent: ConsentPolicy::Remember,
        pkce: PkcePolicy::PublicClients,
        refresh_grace: Lifetime::seconds(30),
        api_tokens: ApiTokenPolicy::Allowed,
        token_expiry: TokenExpiryPolicy::Always,
        api_requests_per_minute: None,
        registration: RegistrationPolicy::Token,
        created_at: NOW,
        updated_at: NOW,
        suspended_at: None,
        not_before: None,
    }
}

pub(crate) fn base_url(text: &str) -> BaseUrl {
    BaseUrl::parse(text).expect("a base URL")
}

pub(crate) fn bare_user(id: i64, account_id: AccountId) -> User {
    User {
        id: Id::new(id),
        account_id,
        email: EmailAddress::parse(&format!("user-{id}@example.com")).expect("an address"),
        name: String::new(),
        role: Role::EndUser,
        operator_at: None,
        permissions: Vec::new(),
        password_hash: None,
        claims: "{}".to_owned(),
        created_at: NOW,
        updated_at: NOW,
        last_login_at: None,
        suspended_at: None,
        not_before: None,
    }
}

pub(crate) fn bare_grant(id: i64, account_id: AccountId) -> Grant {
    Grant {
        id: Id::new(id),
        account_id,
        user_id: Id::new(id),
        client_id: Id::new(id),
        scopes: ScopeSet::default(),
        resources: Vec::new(),
        created_at: NOW,
        updated_at: NOW,
        used_at: None,
        revoked_at: None,
    }
}

pub(crate) fn bare_code(id: i64, account_id: AccountId) -> AuthorizationCode {
    AuthorizationCode {
        id: Id::new(id),
        bucket: ExpiryBucket::for_expiry(NOW, Some(after(60))),
        hash: hash_of(id),
        account_id,
        client_id: Id::new(id),
        user_id: Id::new(2),
        grant_id: Id::new(3),
        session_id: Id::new(4),
        redirect_uri: "https://app.example.com/callback".to_owned(),
        code_challenge: None,
        scopes: ScopeSet::default(),
        requested_scopes: ScopeSet::default(),
        resources: Vec::new(),
        nonce: None,
        claims: None,
        auth_time: NOW,
        created_at: NOW,
        expires_at: after(60),
        failed_attempts: 0,
        redeemed_at: None,
        family_id: None,
    }
}

pub(crate) fn code_challenge() -> CodeChallenge {
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    CodeChallenge::parse(challenge, Some("S256")).expect("a challenge")
}

pub(crate) fn bare_family(id: i64, grant: &Grant) -> TokenFamily {
    TokenFamily {
        id: Id::new(id),
        account_id: grant.account_id,
        client_id: grant.client_id,
        user_id: grant.user_id,
        grant_id: grant.id,
        session_id: None,
        possession: Possession::CodeVerifier,
        scopes: ScopeSet::default(),
        requested_scopes: ScopeSet::default(),
        resources: Vec::new(),
        claims: None,
        generation: 1,
        auth_time: NOW,
        created_at: NOW,
        expires_at: after(3600),
        revoked_at: None,
    }
}

pub(crate) fn bare_token(id: i64, account_id: AccountId) -> Token {
    Token {
        id: Id::new(id),
        bucket: ExpiryBucket::NEVER,
        hash: hash_of(id),
        refresh_hash: None,
        account_id,
        client_id: Id::new(id),
        user_id: Id::new(2),
        family_id: None,
        generation: 1,
        scopes: ScopeSet::default(),
        resources: Vec::new(),
        hint: "cstat_abcd".to_owned(),
        refresh_hint: None,
        created_at: NOW,
        expires_at: None,
        refresh_expires_at: None,
        used_at: None,
        rotated_at: None,
        revoked_at: None,
    }
}

/// A token of a family, with a refresh token of this generation.
pub(crate) fn family_token(id: i64, family: &TokenFamily, generation: i64) -> Token {
    Token {
        bucket: ExpiryBucket::for_expiry(NOW, Some(after(1800))),
        refresh_hash: Some(hash_of(-id)),
        client_id: family.client_id,
        user_id: family.user_id,
        family_id: Some(family.id),
        generation,
        refresh_hint: Some("cstrt_abcd".to_owned()),
        expires_at: Some(after(600)),
        refresh_expires_at: Some(after(1800)),
        ..bare_token(id, family.account_id)
    }
}

/// A request that nobody was shown yet.
pub(crate) fn a_request(id: i64, account_id: AccountId) -> AuthorizationRequest {
    AuthorizationRequest {
        id: Id::new(id),
        hash: hash_of(id),
        account_id,
        parameters: "client_id=demo&state=%C3%AB%22".to_owned(),
        user_id: None,
        created_at: NOW,
        expires_at: after(600),
        decided_at: None,
    }
}

pub(crate) fn bare_session(id: i64, account_id: AccountId) -> Session {
    Session {
        id: Id::new(id),
        hash: hash_of(id),
        lineage_id: Id::new(id),
        account_id,
        user_id: Id::new(7),
        auth_time: NOW,
        created_at: NOW,
        last_seen_at: NOW,
        expires_at: after(60),
        ended_at: None,
    }
}

pub(crate) fn bare_api_token(id: i64, account_id: AccountId) -> ApiToken {
    ApiToken {
        id: Id::new(id),
        account_id,
        user_id: Id::new(7),
        label: UNICODE.to_owned(),
        hash: hash_of(id),
        hint: "cstpt_abc".to_owned(),
        created_at: NOW,
        used_at: None,
        revoked_at: None,
    }
}

/// An open code with the live grant and session that it stands under, all stored.
pub(crate) async fn a_redeemable_code(store: &Store) -> (AuthorizationCode, Grant, Session) {
    let account = an_account(store).await;
    let [code_id, grant_id, session_id] = fresh_ids(store).await;
    let grant = bare_grant(grant_id, account.id);
    let session = bare_session(session_id, account.id);
    let code = AuthorizationCode {
        grant_id: grant.id,
        session_id: session.id,
        ..bare_code(code_id, account.id)
    };
    unit!(store, |tx| store_code(tx, &code, &grant, &session));
    (code, grant, session)
}

async fn store_code(
    tx: &mut Transaction,
    code: &AuthorizationCode,
    grant: &Grant,
    session: &Session,
) -> Result<(), Fault> {
    store::grants::create(tx, grant).await?;
    store::sessions::create(tx, session).await?;
    store::authorization_codes::create(tx, code).await
}

/// A live grant, a family under it and its first token, all stored.
pub(crate) async fn a_family(store: &Store) -> (Grant, TokenFamily, Token) {
    let account = an_account(store).await;
    let [grant_id, family_id, token_id] = fresh_ids(store).await;
    let grant = bare_grant(grant_id, account.id);
    let family = bare_family(family_id, &grant);
    let token = family_token(token_id, &family, 1);
    unit!(store, |tx| store_family(tx, &grant, &family, &token));
    (grant, family, token)
}

async fn store_family(
    tx: &mut Transaction,
    grant: &Grant,
    family: &TokenFamily,
    token: &Token,
) -> Result<(), Fault> {
    store::grants::create(tx, grant).await?;
    store::token_families::create(tx, family).await?;
    store::tokens::create(tx, token).await
}

/// Several ids that nothing else has.
pub(crate) async fn fresh_ids<const N: usize>(store: &Store) -> [i64; N] {
    let mut tx = store.begin().await.expect("a unit of work begins");
    std::array::from_fn(|_| tx.id::<()>().expect("ids are in hand").get())
}

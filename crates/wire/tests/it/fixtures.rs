//! One of each entity, with the values of the golden files.

use domain::{
    BaseUrl, Client, ClientAuthenticationMethod, ClientIdentifier, ClientKind, ClientMetadata,
    ClientSecret, ClientState, EmailAddress, ExpiryBucket, Id, RedirectUri, Role, ScopeSet,
    SecretHash, Timestamp, Token, User,
};

pub(crate) fn base_url() -> BaseUrl {
    BaseUrl::parse("https://acme.example").expect("a base URL")
}

pub(crate) fn at(text: &str) -> Timestamp {
    let moment: jiff::Timestamp = text.parse().expect("a date");
    Timestamp::from_millis(moment.as_millisecond())
}

pub(crate) fn scopes(text: &str) -> ScopeSet {
    ScopeSet::parse(text).expect("scopes")
}

pub(crate) fn client() -> Client {
    let redirect_uri = RedirectUri::parse("https://reports.acme.example/oauth/cb");
    Client {
        id: Id::new(4_302_177),
        account_id: Id::new(1),
        identifier: ClientIdentifier::parse("acme-reporting").expect("an identifier"),
        name: "Acme Reporting".to_owned(),
        company: Some("Acme Ltd".to_owned()),
        description: None,
        kind: ClientKind::Confidential,
        grant_types: None,
        scopes: Some(scopes("read tickets:write")),
        redirect_uris: vec![redirect_uri.expect("a redirect URI")],
        post_logout_redirect_uris: Vec::new(),
        authentication_method: ClientAuthenticationMethod::Any,
        user_id: Id::new(88120),
        state: ClientState::Active,
        global_at: None,
        logo: None,
        resource_server_at: None,
        metadata: ClientMetadata::default(),
        registered_at: None,
        secrets: vec![ClientSecret {
            id: Id::new(1),
            hash: SecretHash::from_bytes([0; 32]),
            hint: "cstcs_7Hq".to_owned(),
            label: None,
            created_at: at("2026-05-04T09:30:00Z"),
            expires_at: None,
        }],
        created_at: at("2026-05-04T09:30:00Z"),
        updated_at: at("2026-05-06T11:02:00Z"),
        not_before: None,
    }
}

pub(crate) fn token() -> Token {
    Token {
        id: Id::new(7_719_034),
        bucket: ExpiryBucket::NEVER,
        hash: SecretHash::from_bytes([0; 32]),
        refresh_hash: None,
        account_id: Id::new(1),
        client_id: Id::new(4_302_177),
        user_id: Id::new(88120),
        family_id: None,
        generation: 1,
        scopes: scopes("read"),
        resources: Vec::new(),
        hint: "cstat_Qm8r".to_owned(),
        refresh_hint: Some("cstrt_Zk4y".to_owned()),
        created_at: at("2026-05-04T09:31:00Z"),
        expires_at: Some(at("2026-05-04T10:01:00Z")),
        refresh_expires_at: Some(at("2026-06-03T09:31:00Z")),
        used_at: None,
        rotated_at: None,
        revoked_at: None,
    }
}

pub(crate) fn user() -> User {
    User {
        id: Id::new(88120),
        account_id: Id::new(1),
        email: EmailAddress::parse("mira@acme.example").expect("an address"),
        name: "Mira Holt".to_owned(),
        role: Role::Admin,
        operator_at: None,
        permissions: Vec::new(),
        password_hash: None,
        claims: "{}".to_owned(),
        created_at: at("2025-11-02T14:00:00Z"),
        updated_at: at("2026-04-30T07:12:00Z"),
        last_login_at: None,
        suspended_at: None,
        not_before: None,
    }
}

//! Samples of clients and their secrets.

use domain::{
    AccountId, Client, ClientAuthenticationMethod, ClientIdentifier, ClientKind, ClientMetadata,
    ClientSecret, ClientState, GrantType, Id, RecordedSecret, RedirectUri,
};

use crate::conformance_client_metadata::full_metadata;
use crate::conformance_samples::{GREATEST_ID, NOW, UNICODE, after, hash_of, scopes};

pub(crate) fn bare_client(id: i64, account_id: AccountId) -> Client {
    Client {
        id: Id::new(id),
        account_id,
        identifier: identifier(&format!("client-{id}")),
        name: "Bare".to_owned(),
        company: None,
        description: None,
        kind: ClientKind::Unknown,
        grant_types: None,
        scopes: None,
        redirect_uris: Vec::new(),
        post_logout_redirect_uris: Vec::new(),
        authentication_method: ClientAuthenticationMethod::None,
        user_id: Id::new(1),
        state: ClientState::Draft,
        global_at: None,
        logo: None,
        resource_server_at: None,
        metadata: ClientMetadata::default(),
        registered_at: None,
        secrets: Vec::new(),
        created_at: NOW,
        updated_at: NOW,
        not_before: None,
    }
}

pub(crate) fn full_client(id: i64, account_id: AccountId) -> Client {
    Client {
        identifier: identifier(&format!("Full_Client.{id}~")),
        name: UNICODE.to_owned(),
        company: Some(UNICODE.to_owned()),
        description: Some(UNICODE.to_owned()),
        kind: ClientKind::Confidential,
        grant_types: Some(GrantType::ALL.to_vec()),
        scopes: Some(scopes("openid read tickets:write")),
        redirect_uris: vec![
            redirect_uri("https://app.example.com/callback?tenant=1"),
            redirect_uri("http://127.0.0.1:9801/callback"),
        ],
        post_logout_redirect_uris: vec![redirect_uri("https://app.example.com/out")],
        authentication_method: ClientAuthenticationMethod::Any,
        user_id: Id::new(GREATEST_ID),
        state: ClientState::Active,
        metadata: full_metadata(),
        updated_at: after(5),
        ..bare_client(id, account_id)
    }
}

pub(crate) fn identifier(text: &str) -> ClientIdentifier {
    ClientIdentifier::parse(text).expect("an identifier")
}

pub(crate) fn redirect_uri(text: &str) -> RedirectUri {
    RedirectUri::parse(text).expect("a redirect URI")
}

pub(crate) fn bare_secret(id: i64) -> ClientSecret {
    ClientSecret {
        id: Id::new(id),
        hash: hash_of(id),
        hint: "cstcs_abc".to_owned(),
        label: None,
        created_at: NOW,
        expires_at: None,
    }
}

/// What is kept of a secret of this client.
pub(crate) fn recorded_secret(client: &Client, secret: ClientSecret) -> RecordedSecret {
    RecordedSecret {
        secret,
        account_id: client.account_id,
        client_id: client.id,
        created_by: Some(Id::new(GREATEST_ID)),
        used_at: None,
    }
}

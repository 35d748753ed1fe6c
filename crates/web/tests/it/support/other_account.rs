//! The second account, furnished like the first where a story asks for it: the same names, addresses
//! and identifiers with other secrets, so that only the account tells them apart.

use domain::{AccessTokenFormat, ClientKind, Role, Secret, SigningAlgorithm};
use protocol::apply::{
    AccountDeclaration, ApiTokenDeclaration, ClientDeclaration, Declaration, ResourceDeclaration,
    UserDeclaration,
};

use super::{ClientActor, OTHER_ORIGIN, TestApp, cast};

/// The secret of the second account's `photo-album`.
const OTHER_SECRET: &str = "other-album-secret-000000";

/// The API token of the second account's admin.
pub(crate) const OTHER_ADMIN_API_TOKEN: &str = "other-api-token-000000";

impl TestApp {
    /// Gives the second account people, an app, an API and an API token.
    pub(crate) async fn furnish_other_account(&self) {
        let declaration = Declaration {
            accounts: vec![AccountDeclaration {
                slug: "other".to_owned(),
                default_scopes: Some(vec!["read".to_owned()]),
                ..AccountDeclaration::default()
            }],
            users: ["alice", "admin"].map(user).into(),
            resources: vec![ResourceDeclaration {
                account: "other".to_owned(),
                identifier: "https://jwt.example.com/".to_owned(),
                name: Some("An API".to_owned()),
                access_token_format: Some(AccessTokenFormat::Jwt),
                signing_algorithm: Some(SigningAlgorithm::EdDsa),
                introspection_clients: Some(vec!["photo-album".to_owned()]),
                ..ResourceDeclaration::default()
            }],
            clients: vec![photo_album()],
            api_tokens: vec![ApiTokenDeclaration {
                account: "other".to_owned(),
                user: "admin@example.com".to_owned(),
                label: "scripts".to_owned(),
                token: Some(Secret::new(OTHER_ADMIN_API_TOKEN)),
            }],
            ..Declaration::default()
        };
        self.declare(&declaration).await;
    }

    /// The second account's `photo-album`.
    pub(crate) fn other_album(&self) -> ClientActor<'_> {
        self.client("photo-album").at(OTHER_ORIGIN).presenting(Some(OTHER_SECRET))
    }
}

fn user(name: &str) -> UserDeclaration {
    UserDeclaration {
        account: "other".to_owned(),
        email: format!("{name}@example.com"),
        password: Some(Secret::new(cast::password(name))),
        name: Some(name.to_owned()),
        role: Some(if name == "admin" { Role::Admin } else { Role::EndUser }),
        ..UserDeclaration::default()
    }
}

fn photo_album() -> ClientDeclaration {
    ClientDeclaration {
        account: "other".to_owned(),
        identifier: "photo-album".to_owned(),
        name: Some("The other photo-album".to_owned()),
        owner: Some("admin@example.com".to_owned()),
        kind: Some(ClientKind::Confidential),
        secret: Some(Secret::new(OTHER_SECRET)),
        redirect_uris: Some(vec!["https://app.example.com/callback".to_owned()]),
        ..ClientDeclaration::default()
    }
}

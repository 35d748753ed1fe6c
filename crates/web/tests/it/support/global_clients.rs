//! A client that works in every account, and who decides about it.

use domain::{ClientKind, Role, Secret};
use protocol::apply::{ApiTokenDeclaration, ClientDeclaration, Declaration, UserDeclaration};
use protocol::clients::promotion;

use super::{ORIGIN, RequestBuilder, TestApp, cast};

/// The identifier of the client.
pub(crate) const PARCEL_DESK: &str = "zdg-parcel-desk";

/// The API token of the other account's admin.
const OTHER_API_TOKEN: &str = "other-api-token-000000";

impl RequestBuilder {
    /// A call of the other account by its admin's API token.
    pub(crate) fn by_other_admin(self) -> Self {
        self.at(cast::OTHER_ORIGIN).basic("admin@example.com/token", OTHER_API_TOKEN)
    }
}

impl TestApp {
    /// Adds the client, of the home account alone as yet, and gives both admins a say: the home
    /// account's is an operator, the other's has an API token.
    pub(crate) async fn add_parcel_desk(&self) {
        let client = ClientDeclaration {
            description: Some("Shipping labels".to_owned()),
            company: Some("Parcel Co".to_owned()),
            ..of_admin(PARCEL_DESK)
        };
        let operator = UserDeclaration {
            account: "demo".to_owned(),
            email: "admin@example.com".to_owned(),
            role: Some(Role::Admin),
            operator: Some(true),
            ..UserDeclaration::default()
        };
        let api_token = ApiTokenDeclaration {
            account: "other".to_owned(),
            user: "admin@example.com".to_owned(),
            label: "scripts".to_owned(),
            token: Some(Secret::new(OTHER_API_TOKEN)),
        };
        self.declare(&Declaration {
            clients: vec![client],
            users: vec![operator],
            api_tokens: vec![api_token],
            ..Declaration::default()
        })
        .await;
    }

    /// Makes a client of the home account work everywhere; returns its id.
    pub(crate) async fn promote(&self, identifier: &str) -> i64 {
        let (account, id) = (self.account(ORIGIN).await, self.registered(identifier).await.id);
        let promoted = promotion::promote(&self.ctx, &account, id).await;
        promoted.expect("nothing speaks against it").id.get()
    }

    /// The client, working everywhere; returns its id.
    pub(crate) async fn add_global_parcel_desk(&self) -> i64 {
        self.add_parcel_desk().await;
        self.promote(PARCEL_DESK).await
    }
}

/// A confidential client of the home account's admin, with nothing that could be left out.
pub(crate) fn of_admin(identifier: &str) -> ClientDeclaration {
    ClientDeclaration {
        account: "demo".to_owned(),
        identifier: identifier.to_owned(),
        name: Some("Parcel Desk".to_owned()),
        owner: Some("admin@example.com".to_owned()),
        kind: Some(ClientKind::Confidential),
        secret: cast::secret(PARCEL_DESK).map(Secret::new),
        redirect_uris: Some(vec!["https://parcel.example.com/cb".to_owned()]),
        ..ClientDeclaration::default()
    }
}

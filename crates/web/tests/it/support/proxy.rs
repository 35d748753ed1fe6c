//! The same product behind a proxy on this machine that speaks https to the world.

use std::cell::Cell;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};

use domain::{ClientKind, Policy, Role, Secret, SessionManagement};
use ipnet::IpNet;
use protocol::apply::{AccountDeclaration, ClientDeclaration, Declaration, UserDeclaration};
use web::Site;

use super::{RequestBuilder, TestApp, cast};

/// An account that is reached by https.
pub(crate) const SECURE: &str = "https://secure.example";

impl TestApp {
    /// A node that believes what a proxy on this machine tells it, and the account [`SECURE`], where
    /// alice is too.
    pub(crate) async fn behind_proxy(&self) -> Self {
        let account = AccountDeclaration {
            slug: "secure".to_owned(),
            base_urls: Some(vec![SECURE.to_owned()]),
            ..AccountDeclaration::default()
        };
        let alice = UserDeclaration {
            account: "secure".to_owned(),
            email: "alice@example.com".to_owned(),
            password: Some(Secret::new(cast::password("alice"))),
            name: Some("Alice".to_owned()),
            role: Some(Role::EndUser),
            ..UserDeclaration::default()
        };
        let (accounts, users) = (vec![account], vec![alice]);
        self.declare(&Declaration { accounts, users, ..Declaration::default() }).await;
        let proxy = IpNet::from(IpAddr::V4(Ipv4Addr::LOCALHOST));
        Self {
            router: web::routes(Site::new(Arc::clone(&self.ctx), vec![proxy])),
            ctx: Arc::clone(&self.ctx),
            issued: Mutex::default(),
            checked: Cell::new(true),
            _watch: self.ctx.store.watch(),
            database: Arc::clone(&self.database),
        }
    }
}

impl TestApp {
    /// The same on a node where apps may watch sessions, as one of them does.
    pub(crate) async fn watched(&self) -> Self {
        drop(self.behind_proxy().await);
        let watcher = ClientDeclaration {
            account: "secure".to_owned(),
            identifier: "watcher".to_owned(),
            name: Some("The watcher".to_owned()),
            owner: Some("alice@example.com".to_owned()),
            kind: Some(ClientKind::Public),
            redirect_uris: Some(vec!["https://watcher.example.com:8443/cb".to_owned()]),
            ..ClientDeclaration::default()
        };
        self.declare(&Declaration { clients: vec![watcher], ..Declaration::default() }).await;
        let on = |policy: &mut Policy| policy.logout.session_management = SessionManagement::On;
        let mut node = self.another_node_under(on).await;
        let proxy = IpNet::from(IpAddr::V4(Ipv4Addr::LOCALHOST));
        node.router = web::routes(Site::new(Arc::clone(&node.ctx), vec![proxy]));
        node
    }
}

impl RequestBuilder {
    /// As the proxy passes on what came by https.
    pub(crate) fn by_https(self) -> Self {
        self.at(SECURE).header("x-forwarded-proto", "https")
    }
}

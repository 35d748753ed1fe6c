//! One harness for all stories: a product with a fixed clock, seeded randomness and a database of its
//! own, reached through the router.

mod actors;
mod api;
mod cast;
mod global_clients;
mod id_tokens;
mod keys;
mod logout;
mod nodes;
mod other_account;
mod parameters;
mod proxy;
mod registration;
mod reply;
mod signing;
mod state;

use std::cell::Cell;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::ConnectInfo;
use domain::{Account, Handle, Lifetime, Policy, SigningAlgorithm, Timestamp};
use http::{Method, Request};
use protocol::{Clock, Context, Entropy, KeyMaker, Keyring, MasterKey, Outbound, Passwords};
use serde_json::{Map, Value};
use store::testing::{self, TestDatabase};
use store::{Store, Watch};
use tower::ServiceExt as _;
use web::{Edge, Site};

pub(crate) use actors::{Browser, Challenge, ClientActor, Consent, PageForm};
pub(crate) use api::{CLIENTS, TOKENS};
pub(crate) use cast::{ADMIN_API_TOKEN, ORIGIN, OTHER_ORIGIN, password};
pub(crate) use global_clients::{PARCEL_DESK, of_admin};
pub(crate) use keys::{JWKS, Verifier, kid_of};
pub(crate) use logout::{RelyingParty, WAY_BACK};
pub(crate) use other_account::OTHER_ADMIN_API_TOKEN;
pub(crate) use parameters::{and, with, without};
pub(crate) use proxy::SECURE;
pub(crate) use registration::{REGISTER, serve_json};
pub(crate) use reply::Reply;
pub(crate) use signing::{Elsewhere, signed, signed_as, unsigned, with_assertion};

/// When every story begins: 2026-05-04T09:30:00Z.
pub(crate) const START: Timestamp = Timestamp::from_millis(1_777_887_000_000);

/// Tells each story twice, on SQLite and on PostgreSQL, and checks afterwards what must always hold.
macro_rules! stories {
    ($($(#[$meta:meta])* async fn $name:ident($app:ident) $body:block)+) => {
        $(
            $(#[$meta])*
            async fn $name($app: &$crate::support::TestApp) $body

            mod $name {
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn sqlite() {
                    let app = $crate::support::TestApp::on_sqlite().await;
                    super::$name(&app).await;
                    app.check_invariants().await;
                }

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                #[cfg_attr(
                    not(postgres_available),
                    ignore = "needs PostgreSQL: set CONSENTRY_TEST_POSTGRES"
                )]
                async fn postgres() {
                    let app = $crate::support::TestApp::on_postgres().await;
                    super::$name(&app).await;
                    app.check_invariants().await;
                }
            }
        )+
    };
}
pub(crate) use stories;

/// A whole product, with the cast of `cast.rs`.
pub(crate) struct TestApp {
    pub(crate) ctx: Arc<Context>,
    router: Edge,
    /// Every credential that was given out, to be searched for in the database.
    issued: Mutex<Vec<String>>,
    checked: Cell<bool>,
    _watch: Watch,
    database: Arc<TestDatabase>,
}

impl TestApp {
    pub(crate) async fn on_sqlite() -> Self {
        Self::new(TestDatabase::sqlite()).await
    }

    pub(crate) async fn on_postgres() -> Self {
        Self::new(TestDatabase::postgres().await).await
    }

    async fn new(database: TestDatabase) -> Self {
        let store = Store::open(&database.options).await.expect("opens");
        store.migrate().await.expect("migrates");
        let watch = store.watch();
        let ctx = Arc::new(context(store));
        cast::assemble(&ctx).await;
        let router = web::routes(Site::new(Arc::clone(&ctx), Vec::new()));
        Self {
            ctx,
            router,
            issued: Mutex::default(),
            checked: Cell::new(false),
            _watch: watch,
            database: Arc::new(database),
        }
    }

    /// Whether statements go over a network.
    pub(crate) fn is_on_postgres(&self) -> bool {
        matches!(self.database.options.database, store::Database::Postgres { .. })
    }

    /// Moves the clock on.
    pub(crate) fn advance(&self, by: Lifetime) {
        self.ctx.clock.advance(by);
    }

    /// The account of this base URL.
    pub(crate) async fn account(&self, base_url: &str) -> Arc<Account> {
        let found = protocol::accounts::at_base_url(&self.ctx, base_url).await;
        found.expect("the store answers").expect("the account is in the cast")
    }

    /// A browser that nobody has signed in with.
    pub(crate) fn anonymous(&self) -> Browser<'_> {
        Browser::new(self)
    }

    /// The same at another account.
    pub(crate) fn anonymous_at(&self, origin: &'static str) -> Browser<'_> {
        Browser::new(self).at(origin)
    }

    /// A browser at this account that a person of the cast has signed in with.
    pub(crate) async fn browser_at(&self, origin: &'static str, name: &str) -> Browser<'_> {
        let mut browser = Browser::new(self).at(origin);
        browser.sign_in(name).await;
        browser
    }

    /// A browser that this person of the cast has signed in with.
    pub(crate) async fn browser(&self, name: &str) -> Browser<'_> {
        let mut browser = Browser::new(self);
        browser.sign_in(name).await;
        browser
    }

    /// A client of the cast.
    pub(crate) fn client(&self, identifier: &'static str) -> ClientActor<'_> {
        ClientActor::new(self, identifier)
    }

    /// Sends a request to the home account.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Reply {
        let response = self.router.clone().oneshot(request.build()).await.expect("never fails");
        let reply = Reply::read(response).await;
        self.remember(&reply);
        reply
    }

    /// What answers, apart from this harness.
    pub(crate) fn edge(&self) -> Edge {
        self.router.clone()
    }

    fn remember(&self, reply: &Reply) {
        let mut issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        issued.extend(reply.credentials());
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(RequestBuilder::new(Method::GET, path)).await
    }

    /// Skips the invariants where a test fills tables past every flow.
    pub(crate) fn forgo_invariants(&self) {
        self.checked.set(true);
    }

    /// What must always hold: no credential stands in any table, and every change has its audit row.
    pub(crate) async fn check_invariants(&self) {
        self.checked.set(true);
        let contents = testing::contents(&self.ctx.store).await.expect("reads");
        let issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for credential in issued.iter().map(String::as_str).chain(cast::SECRETS) {
            let leak = contents.iter().find(|text| text.contains(credential));
            assert!(leak.is_none(), "{credential} is stored in clear: {leak:?}");
        }
        let unaudited = testing::unaudited(&self.ctx.store).await.expect("reads");
        assert!(unaudited.is_empty(), "changes without an audit row: {unaudited:?}");
        self.check_audit_log().await;
    }

    /// The details of every event are an object, and nothing in it could be a credential.
    async fn check_audit_log(&self) {
        let store = &self.ctx.store;
        for account in store::accounts::list(store, None, 100).await.expect("reads") {
            let events = store::audit_events::list(store, account.id, None, 10_000).await;
            for event in events.expect("reads") {
                let details: Map<String, Value> =
                    serde_json::from_str(&event.details).expect("details are an object");
                let texts = event.details.split('"');
                let told = texts.filter(|text| Handle::kind(text).is_some()).count();
                assert_eq!(told, 0, "{} tells a credential: {details:?}", event.action);
            }
        }
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert!(self.checked.get(), "the invariants were not checked: use `stories!`");
        }
    }
}

fn context(store: Store) -> Context {
    let keyring = Keyring::new(&MasterKey::new([42; 32]));
    let clock = Clock::fixed(START);
    let key = |algorithm, der: &[u8]| (algorithm, der.to_vec());
    let mut policy = Policy::default();
    // What a busy machine is slow to fetch from itself is no attack.
    policy.outbound.deadline = Lifetime::seconds(60);
    Context {
        policy,
        passwords: Passwords::cheap(),
        // Stories serve keys and callbacks on loopback.
        outbound: Outbound::new(vec!["127.0.0.1/32".parse().expect("a network")]),
        key_maker: KeyMaker::Fixture(vec![
            key(SigningAlgorithm::Rs256, include_bytes!("keys/rs256.der")),
            key(SigningAlgorithm::Ps256, include_bytes!("keys/ps256.der")),
            key(SigningAlgorithm::Es256, include_bytes!("keys/es256.der")),
            key(SigningAlgorithm::EdDsa, include_bytes!("keys/eddsa.der")),
        ]),
        ..Context::new(store, clock, Entropy::seeded("story"), keyring)
    }
}

/// A request in the making.
#[derive(Clone)]
pub(crate) struct RequestBuilder {
    method: Method,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    origin: &'static str,
    source: Option<IpAddr>,
}

impl RequestBuilder {
    pub(crate) fn new(method: Method, path: &str) -> Self {
        let path =
            [ORIGIN, OTHER_ORIGIN].iter().find_map(|it| path.strip_prefix(it)).unwrap_or(path);
        let path = path.to_owned();
        let origin = ORIGIN;
        Self { method, path, headers: Vec::new(), body: Vec::new(), origin, source: None }
    }

    pub(crate) fn get(path: &str) -> Self {
        Self::new(Method::GET, path)
    }

    pub(crate) fn post(path: &str) -> Self {
        Self::new(Method::POST, path)
    }

    /// Another account's origin.
    pub(crate) fn at(mut self, origin: &'static str) -> Self {
        self.origin = origin;
        self
    }

    /// Sent from this address; otherwise from loopback.
    pub(crate) fn sent_from(mut self, source: IpAddr) -> Self {
        self.source = Some(source);
        self
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn form(self, fields: &[(&str, &str)]) -> Self {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.body("application/x-www-form-urlencoded", body.as_bytes())
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string().as_bytes())
    }

    pub(crate) fn body(mut self, content_type: &str, body: &[u8]) -> Self {
        self.body = body.to_vec();
        self.header("content-type", content_type)
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// HTTP Basic.
    pub(crate) fn basic(self, name: &str, secret: &str) -> Self {
        use base64::Engine as _;
        let pair = base64::engine::general_purpose::STANDARD.encode(format!("{name}:{secret}"));
        self.header("authorization", &format!("Basic {pair}"))
    }

    pub(crate) fn build(self) -> Request<axum::body::Body> {
        let host = self.origin.split_once("://").expect("an origin has a scheme").1;
        let mut request = Request::builder().method(self.method).uri(self.path);
        request = request.header("host", host);
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        if let Some(source) = self.source {
            request = request.extension(ConnectInfo(SocketAddr::new(source, 50_000)));
        }
        request.body(self.body.into()).expect("the story builds valid requests")
    }
}

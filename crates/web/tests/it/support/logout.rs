//! Signing out in stories: what clients register for it, the ID tokens they hold, and a client on loopback that
//! receives logout tokens.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_lc_rs::signature::Ed25519KeyPair;
use axum::Router;
use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use domain::{Client, ClientMetadata, Lifetime};
use http::StatusCode;
use jsonwebtoken::{DecodingKey, Header, Validation};
use protocol::sessions::SignedIn;
use serde_json::{Value, json};
use store::clients::ClientUpdate;
use store::{Decision, settle};
use tokio::task::JoinHandle;

use super::{Browser, ClientActor, Consent, ORIGIN, Reply, TestApp};

/// Where the photo album wants the browser back.
pub(crate) const WAY_BACK: &str = "https://app.example.com/bye";

/// How long a story waits for what happens beside it.
const PATIENCE: Duration = Duration::from_secs(30);

impl TestApp {
    /// Registers where the browser may go back to.
    pub(crate) async fn allow_way_back(&self, identifier: &str, uris: &[&str]) {
        let uris: Vec<String> = uris.iter().map(|uri| (*uri).to_owned()).collect();
        let edit = |draft: &mut domain::ClientDraft| {
            draft.post_logout_redirect_uris.clone_from(&uris);
        };
        self.change_client(identifier, edit).await.expect("the URIs are good");
    }

    /// Gives a client other metadata.
    pub(crate) async fn set_metadata(&self, identifier: &str, metadata: ClientMetadata) {
        let before = self.registered(identifier).await;
        let updated_at = self.ctx.now().max(before.updated_at + Lifetime::millis(1));
        let client = Client { metadata, updated_at, ..Client::clone(&before) };
        let mut tx = self.ctx.store.begin().await.expect("begins");
        let updated = store::clients::update(&mut tx, &client, before.updated_at).await;
        let settled: Decision<_, ()> = settle(tx, updated.map_err(Into::into)).await;
        assert_eq!(settled.expect("commits"), ClientUpdate::Written);
    }

    /// Who is signed in with a browser.
    pub(crate) async fn signed_in(&self, browser: &Browser<'_>) -> SignedIn {
        let account = self.account(ORIGIN).await;
        let cookie = browser.session().expect("somebody is signed in");
        let resumed = protocol::sessions::resume(&self.ctx, &account, &cookie).await;
        resumed.expect("reads").expect("the session lives")
    }

    /// The `sid` of a browser's session.
    pub(crate) async fn sid(&self, browser: &Browser<'_>) -> String {
        self.ctx.keyring.session_identifier(self.signed_in(browser).await.session.id)
    }

    /// The claims of the ID token that a client got in a browser's session.
    pub(crate) async fn id_claims(&self, browser: &Browser<'_>, identifier: &str) -> Value {
        let now = self.ctx.now();
        json!({
            "iss": ORIGIN,
            "sub": self.signed_in(browser).await.user.id.to_string(),
            "aud": identifier,
            "iat": now.as_seconds(),
            "exp": (now + Lifetime::minutes(5)).as_seconds(),
            "sid": self.sid(browser).await,
        })
    }

    /// The ID token that a client got in a browser's session.
    pub(crate) async fn id_token_in(&self, browser: &Browser<'_>, identifier: &str) -> String {
        let claims = self.id_claims(browser, identifier).await;
        self.signed("JWT", &claims).await
    }

    /// Whatever claims, signed with the account's key.
    pub(crate) async fn signed(&self, typ: &str, claims: &Value) -> String {
        let jwks = self.get("/.well-known/jwks.json").await.json();
        let keys = jwks["keys"].as_array().expect("keys");
        let key = keys.iter().find(|key| key["alg"] == "EdDSA").expect("a key for EdDSA");
        let header = json!({"alg": "EdDSA", "typ": typ, "kid": key["kid"]});
        let encode = |part: &Value| BASE64.encode(part.to_string());
        let signed = format!("{}.{}", encode(&header), encode(claims));
        let pkcs8 = include_bytes!("keys/eddsa.der");
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8).expect("a fixture key");
        let signature = BASE64.encode(pair.sign(signed.as_bytes()));
        format!("{signed}.{signature}")
    }

    /// What a logout token says, once it is proven with the published keys.
    pub(crate) async fn verified(&self, token: &str) -> (Header, Value) {
        let header = jsonwebtoken::decode_header(token).expect("a header");
        let jwks = self.get("/.well-known/jwks.json").await.json();
        let keys = jwks["keys"].as_array().expect("keys");
        let key = keys.iter().find(|key| key["kid"] == json!(header.kid)).expect("a known key");
        let jwk = serde_json::from_value(key.clone()).expect("a JWK");
        let mut validation = Validation::new(header.alg);
        // The stories have their own clock.
        validation.validate_exp = false;
        validation.validate_aud = false;
        let key = DecodingKey::from_jwk(&jwk).expect("a key");
        let decoded = jsonwebtoken::decode::<Value>(token, &key, &validation);
        (header, decoded.expect("the signature is right").claims)
    }

    /// Delivers what is due now, as the server does beside its requests.
    pub(crate) async fn deliver_logouts(&self) {
        protocol::logout::start_due(&self.ctx).await.expect("the outbox can be read");
        self.settled().await;
    }
}

impl ClientActor<'_> {
    /// Gets tokens in this browser's session.
    pub(crate) async fn tokens_in(&self, browser: &mut Browser<'_>, scope: &str) -> Reply {
        let consent = Consent { scope: Some(scope), ..Consent::default() };
        let mut reply = browser.authorize(&self.request(&consent)).await;
        if reply.status == 200 {
            reply = browser.allow(&reply.clone(), &[]).await;
        }
        let code = reply.expect(303).parameter("code").expect("a code");
        self.redeem(&code).await.expect(200)
    }
}

impl Browser<'_> {
    /// Opens a logout request.
    pub(crate) async fn log_out(&mut self, parameters: &[(&str, &str)]) -> Reply {
        let query =
            form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        self.get(&format!("/logout?{query}")).await
    }

    /// Whether somebody is signed in.
    pub(crate) async fn is_signed_in(&mut self) -> bool {
        self.get("/account/apps").await.status == 200
    }

    /// Signs out by the button.
    pub(crate) async fn press_sign_out(&mut self) -> Reply {
        let page = self.get("/logout").await.expect(200);
        self.submit(&page, &[]).await.expect(303)
    }
}

/// What was received, and what is answered next.
#[derive(Default)]
struct Inbox {
    received: Vec<String>,
    answers: VecDeque<u16>,
}

/// A client on loopback that receives logout tokens.
pub(crate) struct RelyingParty {
    uri: String,
    inbox: Arc<Mutex<Inbox>>,
    serving: JoinHandle<()>,
}

impl RelyingParty {
    /// One that answers with these statuses, and then with 200.
    pub(crate) async fn answering(answers: &[u16]) -> Self {
        let answers = answers.iter().copied().collect();
        let inbox = Arc::new(Mutex::new(Inbox { answers, ..Inbox::default() }));
        let router = Router::new()
            .route("/back", axum::routing::post(receive))
            .with_state(Arc::clone(&inbox));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let uri = format!("http://{}/back?keep=1", listener.local_addr().expect("it has one"));
        let serving = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("it serves");
        });
        Self { uri, inbox, serving }
    }

    /// What it registers, beside the rest.
    pub(crate) fn metadata(&self) -> ClientMetadata {
        ClientMetadata {
            backchannel_logout_uri: Some(self.uri.clone()),
            backchannel_logout_session_required: true,
            ..ClientMetadata::default()
        }
    }

    /// The logout tokens so far.
    pub(crate) fn received(&self) -> Vec<String> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner).received.clone()
    }

    /// Waits until so many logout tokens have come.
    pub(crate) async fn wait_for(&self, count: usize) -> Vec<String> {
        let waiting = async {
            while self.received().len() < count {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.expect("the logout tokens arrive");
        self.received()
    }
}

impl Drop for RelyingParty {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn receive(State(inbox): State<Arc<Mutex<Inbox>>>, body: String) -> StatusCode {
    let mut fields = form_urlencoded::parse(body.as_bytes());
    let token = fields.find(|(name, _)| name == "logout_token").expect("a logout token").1;
    let mut inbox = inbox.lock().unwrap_or_else(PoisonError::into_inner);
    inbox.received.push(token.into_owned());
    let status = inbox.answers.pop_front().unwrap_or(200);
    StatusCode::from_u16(status).expect("a status")
}

//! Clients that sign: with the fixture keys, whose public halves stand in the server's own JWKS.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use domain::{Client, ClientAuthenticationMethod, Lifetime};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::{Value, json};
use store::clients::ClientUpdate;
use store::{Decision, settle};

use super::{ORIGIN, RequestBuilder, TestApp};

/// The `client_assertion_type` of RFC 7523 §2.2.
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The private key of this algorithm.
fn key(algorithm: Algorithm) -> EncodingKey {
    // PKCS #8 begins with 26 bytes that say RSA; the library wants what comes behind them.
    match algorithm {
        Algorithm::RS256 => EncodingKey::from_rsa_der(&include_bytes!("keys/rs256.der")[26..]),
        Algorithm::PS256 => EncodingKey::from_rsa_der(&include_bytes!("keys/ps256.der")[26..]),
        Algorithm::ES256 => EncodingKey::from_ec_der(include_bytes!("keys/es256.der")),
        Algorithm::EdDSA => EncodingKey::from_ed_der(include_bytes!("keys/eddsa.der")),
        // Whoever takes a public key for a secret.
        _ => EncodingKey::from_secret(b"-----BEGIN PUBLIC KEY-----"),
    }
}

/// Two parts of a JWT, not signed yet.
pub(crate) fn unsigned(header: &Value, claims: &Value) -> String {
    let encoded = |json: &Value| BASE64URL.encode(json.to_string());
    format!("{}.{}", encoded(header), encoded(claims))
}

/// A JWT with this header, signed with the fixture key of this algorithm, whatever the header says.
pub(crate) fn signed_as(algorithm: Algorithm, header: &Value, claims: &Value) -> String {
    let input = unsigned(header, claims);
    let signature = crypto::sign(input.as_bytes(), &key(algorithm), algorithm).expect("signs");
    format!("{input}.{signature}")
}

/// A JWT as the client libraries make it.
pub(crate) fn signed(algorithm: Algorithm, claims: &Value) -> String {
    signed_as(algorithm, &json!({"alg": format!("{algorithm:?}"), "typ": "JWT"}), claims)
}

impl TestApp {
    /// The public halves of the fixture keys.
    pub(crate) async fn fixture_jwks(&self) -> String {
        self.get("/.well-known/jwks.json").await.expect(200).body
    }

    /// Makes a client one that signs, with the fixture keys.
    pub(crate) async fn lets_sign(&self, identifier: &str) {
        let jwks = self.fixture_jwks().await;
        self.rewrite_client(identifier, |client| {
            client.authentication_method = ClientAuthenticationMethod::PrivateKeyJwt;
            client.metadata.jwks = Some(jwks.clone());
        })
        .await;
    }

    /// Changes a client past every rule.
    pub(crate) async fn rewrite_client(&self, identifier: &str, edit: impl Fn(&mut Client)) {
        let before = self.registered(identifier).await;
        let mut client = Client::clone(&before);
        edit(&mut client);
        client.updated_at = self.ctx.now().max(before.updated_at + Lifetime::millis(1));
        let mut tx = self.ctx.store.begin().await.expect("begins");
        let updated = store::clients::update(&mut tx, &client, before.updated_at).await;
        let settled: Decision<_, ()> = settle(tx, updated.map_err(Into::into)).await;
        assert_eq!(settled.expect("commits"), ClientUpdate::Written);
    }

    /// The claims of a good assertion; each call has a `jti` of its own.
    pub(crate) fn assertion_claims(&self, identifier: &str) -> Value {
        let (now, jti) = (self.ctx.now().as_seconds(), self.ctx.entropy.bytes());
        json!({
            "iss": identifier, "sub": identifier, "aud": ORIGIN,
            "jti": BASE64URL.encode(jti), "iat": now, "exp": now + 60,
        })
    }
}

/// A call by which a client proves itself with an assertion, to be sent later.
pub(crate) fn with_assertion(
    path: &str,
    assertion: &str,
    fields: &[(&str, &str)],
) -> RequestBuilder {
    let proof = [("client_assertion_type", JWT_BEARER), ("client_assertion", assertion)];
    let all: Vec<_> = proof.into_iter().chain(fields.iter().copied()).collect();
    RequestBuilder::post(path).form(&all)
}

/// A server of somebody else on loopback: what it serves can change, and it counts who asks.
pub(crate) struct Elsewhere {
    port: u16,
    served: Arc<std::sync::Mutex<Served>>,
    gate: Arc<tokio::sync::Mutex<()>>,
    serving: tokio::task::JoinHandle<()>,
}

#[derive(Default)]
struct Served {
    body: String,
    requests: usize,
}

impl Elsewhere {
    /// Serves this at every path.
    pub(crate) async fn serving(body: &str) -> Self {
        let served = Arc::new(std::sync::Mutex::new(Served { body: body.to_owned(), requests: 0 }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let gate = Arc::<tokio::sync::Mutex<()>>::default();
        let (shared, shared_gate) = (Arc::clone(&served), Arc::clone(&gate));
        let answer = move || {
            let (served, gate) = (Arc::clone(&shared), Arc::clone(&shared_gate));
            async move {
                served.lock().expect("nobody panics here").requests += 1;
                let _open = gate.lock().await;
                served.lock().expect("nobody panics here").body.clone()
            }
        };
        let router = axum::Router::new().fallback(answer);
        let serving = tokio::spawn(async move {
            let make = router.into_make_service();
            axum::serve(listener, make).await.expect("it serves until it is dropped");
        });
        Self { port, served, gate, serving }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Serves something else from now on.
    pub(crate) fn serve(&self, body: &str) {
        body.clone_into(&mut self.served.lock().expect("nobody panics here").body);
    }

    /// Answers nobody until what this returns is dropped.
    pub(crate) async fn hold(&self) -> tokio::sync::OwnedMutexGuard<()> {
        Arc::clone(&self.gate).lock_owned().await
    }

    /// Waits until it was asked so often.
    pub(crate) async fn asked(&self, count: usize) {
        let waiting = async {
            while self.requests() < count {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), waiting).await.expect("it is asked");
    }

    /// How often it was asked.
    pub(crate) fn requests(&self) -> usize {
        self.served.lock().expect("nobody panics here").requests
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

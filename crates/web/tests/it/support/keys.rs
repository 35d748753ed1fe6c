//! Signing keys in stories: who verifies with them, and how their lives go on.

use std::sync::Arc;

use domain::{
    AccessTokenFormat, Actor, KeyState, Lifetime, SigningAlgorithm, SigningKey, Timestamp,
};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{DecodingKey, Header, Validation};
use protocol::apply::{Declaration, ResourceDeclaration};
use protocol::keys::{self, Retirement, Rotation};
use serde_json::Value;

use super::{ORIGIN, RequestBuilder, TestApp};

/// Where the keys are.
pub(crate) const JWKS: &str = "/.well-known/jwks.json";

/// An API with tokens of this algorithm.
const fn api(algorithm: SigningAlgorithm) -> &'static str {
    match algorithm {
        SigningAlgorithm::Rs256 => "https://rs.example.com/",
        SigningAlgorithm::Ps256 => "https://ps.example.com/",
        SigningAlgorithm::Es256 => "https://es.example.com/",
        SigningAlgorithm::EdDsa => "https://ed.example.com/",
    }
}

impl TestApp {
    /// Declares the API of each algorithm; its tokens last so long.
    pub(crate) async fn declare_apis(&self, lifetime: Lifetime) {
        let resources = SigningAlgorithm::ALL.map(|algorithm| ResourceDeclaration {
            account: "demo".to_owned(),
            identifier: api(algorithm).to_owned(),
            access_token_format: Some(AccessTokenFormat::Jwt),
            signing_algorithm: Some(algorithm),
            access_token_lifetime: Some(lifetime),
            introspection_clients: Some(vec!["api-server".to_owned()]),
            ..ResourceDeclaration::default()
        });
        self.declare(&Declaration { resources: resources.into(), ..Declaration::default() }).await;
    }

    /// A request for a token of an API.
    pub(crate) fn token_for(&self, algorithm: SigningAlgorithm) -> RequestBuilder {
        let fields = [("grant_type", "client_credentials"), ("resource", api(algorithm))];
        self.client("photo-album").posting("/oauth/tokens", &fields)
    }

    /// A token of an API.
    pub(crate) async fn signed_token(&self, algorithm: SigningAlgorithm) -> String {
        self.send(self.token_for(algorithm)).await.expect(200).text("access_token")
    }

    /// Begins a rotation.
    pub(crate) async fn rotate_keys(&self, algorithms: &[SigningAlgorithm]) -> Rotation {
        let account = self.account(ORIGIN).await;
        let rotated = keys::rotate(&self.ctx, Actor::Operator, account.id, algorithms).await;
        rotated.expect("keys are made")
    }

    /// Takes the steps that are due, as every node does every few seconds.
    pub(crate) async fn turn_keys(&self) {
        keys::turn(&self.ctx).await.expect("reads");
    }

    /// Retires the key of this name in an emergency.
    pub(crate) async fn retire_key(&self, kid: &str) -> Retirement {
        let key = self.key(kid).await;
        let retired = keys::retire(&self.ctx, Actor::Operator, key.account_id, key.id).await;
        retired.expect("it is there")
    }

    /// The home account's key of this name, as it is stored.
    pub(crate) async fn key(&self, kid: &str) -> SigningKey {
        let account = self.account(ORIGIN).await;
        let key = store::signing_keys::by_kid(&self.ctx.store, account.id, kid).await;
        key.expect("reads").expect("there is such a key")
    }

    /// The home account's current key of an algorithm, as it is stored.
    pub(crate) async fn current_key(&self, algorithm: SigningAlgorithm) -> SigningKey {
        let account = self.account(ORIGIN).await;
        let keys = store::signing_keys::list(&self.ctx.store, account.id).await.expect("reads");
        let mut keys = keys.into_iter();
        let is_it = |key: &SigningKey| key.algorithm == algorithm && key.state == KeyState::Current;
        keys.find(is_it).expect("one is current")
    }

    /// The names of the published keys of an algorithm, in their order.
    pub(crate) async fn published(&self, algorithm: SigningAlgorithm) -> Vec<String> {
        let jwks = self.get(JWKS).await.expect(200).json();
        let keys = jwks["keys"].as_array().expect("a list").iter();
        keys.filter(|key| key["alg"] == algorithm.as_str())
            .map(|key| key["kid"].as_str().expect("a name").to_owned())
            .collect()
    }
}

/// The name of the key that a token says it was signed with.
pub(crate) fn kid_of(token: &str) -> String {
    jsonwebtoken::decode_header(token).expect("a header").kid.expect("it names its key")
}

/// An API that keeps the JWKS as long as it may (RFC 9111 §4.2), and looks at it no sooner again.
pub(crate) struct Verifier {
    keys: Arc<JwkSet>,
    fresh_until: Timestamp,
}

impl Verifier {
    /// One that has just read the JWKS.
    pub(crate) async fn new(app: &TestApp) -> Self {
        let reply = app.get(JWKS).await.expect(200);
        let caching = reply.header("cache-control").expect("it may be kept").to_owned();
        let max_age = caching.split("max-age=").nth(1).expect("a max-age");
        let max_age = max_age.parse().expect("seconds");
        let keys = serde_json::from_str(&reply.body).expect("a key set");
        Self { keys: Arc::new(keys), fresh_until: app.ctx.now() + Lifetime::seconds(max_age) }
    }

    /// Verifies a token with what it keeps, or has to read anew: its header and claims.
    pub(crate) async fn verify(&mut self, app: &TestApp, token: &str) -> (Header, Value) {
        if app.ctx.now() >= self.fresh_until {
            *self = Self::new(app).await;
        }
        let header = jsonwebtoken::decode_header(token).expect("a header");
        let kid = header.kid.as_deref().expect("a kid");
        let key = self.keys.find(kid).expect("whoever keeps the keys knows this one");
        let mut validation = Validation::new(header.alg);
        // The story's clock is not the machine's.
        validation.validate_exp = false;
        validation.validate_aud = false;
        let key = DecodingKey::from_jwk(key).expect("a public key");
        let decoded = jsonwebtoken::decode::<Value>(token, &key, &validation);
        (header, decoded.expect("the signature fits").claims)
    }
}

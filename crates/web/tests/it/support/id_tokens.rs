//! ID tokens that come back: signed by the keys of the cast, with whatever claims a story likes.

use domain::{Account, SigningAlgorithm};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::{ORIGIN, TestApp};

impl TestApp {
    /// The claims of an ID token that this client got about this person just now.
    pub(crate) async fn id_token_claims(&self, name: &str, identifier: &str) -> Value {
        let now = self.ctx.now().as_seconds();
        let subject = self.user(name).await.id.to_string();
        json!({
            "iss": ORIGIN, "sub": subject, "aud": identifier, "iat": now, "exp": now + 300,
            "auth_time": now,
        })
    }

    /// An ID token that this client got about this person just now.
    pub(crate) async fn id_token(&self, name: &str, identifier: &str) -> String {
        let claims = self.id_token_claims(name, identifier).await;
        self.sign("JWT", &claims).await
    }

    /// Signs claims with the home account's `EdDSA` key, as this type of JWT.
    pub(crate) async fn sign(&self, typ: &str, claims: &Value) -> String {
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(typ.to_owned());
        header.kid = Some(kid(self, &*self.account(ORIGIN).await).await);
        let key = EncodingKey::from_ed_der(include_bytes!("keys/eddsa.der"));
        jsonwebtoken::encode(&header, claims, &key).expect("signs")
    }
}

async fn kid(app: &TestApp, account: &Account) -> String {
    let keys = app.ctx.store.cache().signing_keys(account.id).await.expect("reads");
    let key = keys.iter().find(|key| key.algorithm == SigningAlgorithm::EdDsa);
    key.expect("the account has one").kid.clone()
}

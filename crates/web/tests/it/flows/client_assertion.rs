//! Client assertions (RFC 7523): the server takes none yet, so none may open anything, however it is
//! signed, addressed or dressed up.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use crate::support::{ORIGIN, Reply, RequestBuilder, TestApp, stories};

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Fixture keys of the server itself: whoever signs with them signs as well as can be.
const ED_KEY: &[u8] = include_bytes!("../support/keys/eddsa.der");
const EC_KEY: &[u8] = include_bytes!("../support/keys/es256.der");

fn claims(app: &TestApp) -> Value {
    let now = app.ctx.now().as_seconds();
    json!({
        "iss": "photo-album", "sub": "photo-album", "aud": ORIGIN,
        "jti": "once", "iat": now, "exp": now + 60,
    })
}

fn with(mut json: Value, name: &str, value: Value) -> Value {
    json[name] = value;
    json
}

fn unsigned(header: &Value, claims: &Value, signature: &str) -> String {
    let encoded = |json: &Value| BASE64.encode(json.to_string());
    format!("{}.{}.{signature}", encoded(header), encoded(claims))
}

fn signed(algorithm: Algorithm, claims: &Value) -> String {
    let key = match algorithm {
        Algorithm::HS256 => EncodingKey::from_secret(ED_KEY),
        Algorithm::ES256 => EncodingKey::from_ec_der(EC_KEY),
        _ => EncodingKey::from_ed_der(ED_KEY),
    };
    jsonwebtoken::encode(&Header::new(algorithm), claims, &key).expect("it is signed")
}

/// Asks for a token, each time from another address, so that nobody is held back.
async fn present(app: &TestApp, assertion: &str, attempt: usize) -> Reply {
    let last = u8::try_from(attempt + 1).expect("few attempts");
    let request = RequestBuilder::post("/oauth/tokens").sent_from(IpAddr::from([10, 0, 0, last]));
    app.send(request.form(&[
        ("grant_type", "client_credentials"),
        ("scope", "read"),
        ("client_id", "photo-album"),
        ("client_assertion_type", JWT_BEARER),
        ("client_assertion", assertion),
    ]))
    .await
}

async fn none_is_let_in(app: &TestApp, assertions: &[String]) {
    let wrong_secret = app.send(RequestBuilder::post("/oauth/tokens").form(&[
        ("grant_type", "client_credentials"),
        ("client_id", "photo-album"),
        ("client_secret", "wrong"),
    ]));
    let wrong_secret = wrong_secret.await;
    for (attempt, assertion) in assertions.iter().enumerate() {
        let reply = present(app, assertion, attempt).await;
        assert_eq!(reply.error(), (401, "invalid_client".to_owned()), "{assertion}");
        assert_eq!(reply.body, wrong_secret.body, "it is told no more than with a wrong secret");
    }
}

stories! {
    /// Nor is a good one used twice, nor one for another audience or time.
    // CA-03
    async fn no_replayed_or_misdirected_assertion_opens_anything(app) {
        let now = app.ctx.now().as_seconds();
        let good = claims(app);
        let once = signed(Algorithm::EdDSA, &good);
        let mut assertions = vec![once.clone(), once];
        for (name, value) in [
            ("aud", json!("https://elsewhere.example.com")),
            ("aud", json!([ORIGIN, "https://elsewhere.example.com"])),
            ("exp", json!(now + 86_400)),
            ("iat", json!(now + 70)),
            ("nbf", json!(now + 60)),
            ("exp", Value::Null),
            ("jti", Value::Null),
        ] {
            assertions.push(signed(Algorithm::EdDSA, &with(good.clone(), name, value)));
        }
        none_is_let_in(app, &assertions).await;
    }

    /// No header chooses the algorithm or the key.
    // CA-04
    async fn no_algorithm_or_key_of_the_callers_choice_opens_anything(app) {
        let claims = claims(app);
        let mut assertions = vec![
            unsigned(&json!({"alg": "none"}), &claims, ""),
            signed(Algorithm::HS256, &claims),
            signed(Algorithm::ES256, &claims),
        ];
        let signature = signed(Algorithm::EdDSA, &claims);
        let signature = signature.rsplit('.').next().expect("a signature");
        for (name, value) in [
            ("jku", json!("http://127.0.0.1:1/jwks.json")),
            ("x5u", json!("http://127.0.0.1:1/chain.pem")),
            ("jwk", json!({"kty": "oct", "k": "AAAA"})),
            ("kid", json!("../../../dev/null")),
            ("kid", json!("' OR 1=1 --")),
        ] {
            let header = with(json!({"alg": "EdDSA"}), name, value);
            assertions.push(unsigned(&header, &claims, signature));
        }
        none_is_let_in(app, &assertions).await;
    }

    /// Without a signature, or with headers that change its meaning, it is nothing.
    // CA-05
    async fn no_unsigned_or_redefined_assertion_opens_anything(app) {
        let claims = claims(app);
        let plain = json!({"alg": "EdDSA"});
        let whole = unsigned(&plain, &claims, "");
        let assertions = [
            whole.trim_end_matches('.').to_owned(),
            whole,
            unsigned(&json!({"alg": "EdDSA", "crit": ["exotic"], "exotic": true}), &claims, "AAAA"),
            unsigned(&json!({"alg": "EdDSA", "crit": ["b64"], "b64": false}), &claims, "AAAA"),
            String::from("e30.e30.e30"),
        ];
        none_is_let_in(app, &assertions).await;
    }
}

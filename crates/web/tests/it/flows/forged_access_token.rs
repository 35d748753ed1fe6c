//! Forged JWT access tokens: altered, signed otherwise, or another kind of JWT.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::access_token_jwt::{CONSENT, revoke};
use crate::support::{OTHER_ORIGIN, RequestBuilder, TestApp, stories};

/// The parts of a token: header, claims and signature.
fn parts(token: &str) -> [String; 3] {
    let parts: Vec<_> = token.split('.').map(str::to_owned).collect();
    parts.try_into().expect("three parts")
}

fn encoded(json: &Value) -> String {
    BASE64.encode(json.to_string())
}

fn decoded(part: &str) -> Value {
    serde_json::from_slice(&BASE64.decode(part).expect("base64url")).expect("JSON")
}

stories! {
    /// A token that was altered, signed otherwise, or is another kind of JWT is none.
    async fn a_forged_token_is_none(app) {
        let client = app.client("photo-album");
        let token = client.tokens(&CONSENT).await.text("access_token");
        let [header, claims, signature] = parts(&token);
        let mut forged = vec![
            format!("{header}.{claims}."),
            format!("{header}.{claims}.{}", &signature[..signature.len() - 2]),
            format!("{header}.{claims}.{signature}.{signature}"),
            format!("{}.{claims}.{signature}", encoded(&json!({"alg": "none", "typ": "at+jwt"}))),
        ];
        for (name, value) in [
            ("sub", json!(app.user("admin").await.id.to_string())),
            ("scope", json!("read write")),
            ("exp", json!(9_999_999_999_i64)),
            ("iss", json!(OTHER_ORIGIN)),
        ] {
            let mut changed = decoded(&claims);
            changed[name] = value;
            forged.push(format!("{header}.{}.{signature}", encoded(&changed)));
        }
        for (name, value) in [
            ("alg", json!("HS256")),
            ("alg", json!("none")),
            ("typ", json!("JWT")),
            ("typ", Value::Null),
            ("kid", json!("../../etc/passwd")),
            ("kid", json!("' OR 1=1 --")),
            ("kid", Value::Null),
            ("jku", json!("https://evil.example.com/jwks.json")),
        ] {
            let mut changed = decoded(&header);
            changed[name] = value;
            forged.push(format!("{}.{claims}.{signature}", encoded(&changed)));
        }
        forged.push(signed_with_the_public_key(app, &header, &claims).await);
        for forgery in &forged {
            assert!(!client.is_active(forgery).await, "{forgery}");
            let me = RequestBuilder::get("/api/v2/users/me").bearer(forgery);
            assert_eq!(app.send(me).await.error(), (401, "invalid_token".to_owned()));
            assert_eq!(revoke(&client, forgery).await, (200, String::new()));
        }
        let jti = decoded(&claims)["jti"].as_str().expect("a text").to_owned();
        assert!(!client.is_active(&jti).await, "the name of a token is no token");
        assert_eq!(revoke(&client, &jti).await, (200, String::new()));
        assert!(client.is_active(&token).await);
    }
}

/// The old confusion: HS256 under the text of the public key.
async fn signed_with_the_public_key(app: &TestApp, header: &str, claims: &str) -> String {
    let keys = app.get("/.well-known/jwks.json").await.json();
    let kid = decoded(header)["kid"].clone();
    let keys = keys["keys"].as_array().expect("a list");
    let key = keys.iter().find(|key| key["kid"] == kid).expect("it is published");
    let secret = EncodingKey::from_secret(key["x"].as_str().expect("a text").as_bytes());
    let mut header = Header::new(Algorithm::HS256);
    header.typ = Some("at+jwt".to_owned());
    header.kid = kid.as_str().map(str::to_owned);
    jsonwebtoken::encode(&header, &decoded(claims), &secret).expect("signs")
}

//! JWTs that clients sign (RFC 7515, RFC 7519), read as RFC 8725 advises: compact, of known algorithms, with
//! a key that the client registered. What the JWT itself says of keys is not looked at.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
use domain::{AccountId, Client, Lifetime, SigningAlgorithm, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde_json::{Map, Value};
use wire::{ClientKey, PublicKey, read_object};

use crate::client_keys;
use crate::context::Context;

/// Why a JWT of a client is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwtRefused {
    /// It is longer than anybody needs.
    #[error("is too long")]
    TooLong,
    /// It is no compact JWS of a JSON header and JSON claims.
    #[error("is not a compact JWS with JSON claims")]
    Malformed,
    /// `alg` is `none`, or there is no signature.
    #[error("is not signed")]
    Unsigned,
    /// The algorithm is none of ours, or not the one that the client registered.
    #[error("is signed with an algorithm that is not supported or not registered")]
    Algorithm,
    /// It demands to be understood in a way that we do not know (RFC 7515 §4.1.11).
    #[error("has a critical header parameter that is not understood")]
    Critical,
    /// It is a JWT of another kind (RFC 8725 §3.11).
    #[error("is a JWT of another type")]
    Type,
    /// The client has no such key.
    #[error("names no key of this client that fits its algorithm")]
    KeyUnknown,
    /// The signature is wrong.
    #[error("has a wrong signature")]
    Signature,
    /// `iss` is not the client.
    #[error("has an iss that is not the client_id")]
    Issuer,
    /// `sub` is not what its kind demands.
    #[error("has a wrong sub")]
    Subject,
    /// It is meant for somebody else.
    #[error("has an aud that is not this server")]
    Audience,
    /// It does not say when it ends.
    #[error("has no exp")]
    ExpiryMissing,
    /// It has ended.
    #[error("has expired")]
    Expired,
    /// It begins later, or is said to come from the future.
    #[error("is not valid yet")]
    NotYetValid,
    /// It lasts longer than it may.
    #[error("lasts too long")]
    TooLongLived,
    /// It has no number of its own.
    #[error("has no jti")]
    IdMissing,
    /// It was used before.
    #[error("was used before")]
    Replayed,
}

/// What a kind of JWT must look like.
pub(crate) struct Kind {
    /// The most bytes of it.
    pub(crate) max_bytes: usize,
    /// Its `typ`, without `application/`; `JWT` and none are taken too.
    pub(crate) typ: &'static str,
}

/// A JWT as presented; nothing in it is true yet.
pub(crate) struct UnverifiedJwt<'a> {
    signing_input: &'a str,
    signature: &'a str,
    algorithm: SigningAlgorithm,
    kid: Option<String>,
    claims: Map<String, Value>,
}

/// What a client said and signed.
pub(crate) struct SignedClaims(Map<String, Value>);

impl<'a> UnverifiedJwt<'a> {
    /// Reads a JWT of this kind.
    pub(crate) fn read(presented: &'a str, wanted: &Kind) -> Result<Self, JwtRefused> {
        if presented.len() > wanted.max_bytes {
            return Err(JwtRefused::TooLong);
        }
        let (signing_input, signature) = presented.rsplit_once('.').ok_or(JwtRefused::Malformed)?;
        let (header, payload) = signing_input.split_once('.').ok_or(JwtRefused::Malformed)?;
        let header = object(header)?;
        let algorithm = algorithm(&header)?;
        if signature.is_empty() {
            return Err(JwtRefused::Unsigned);
        }
        if header.contains_key("crit") || header.contains_key("b64") {
            return Err(JwtRefused::Critical);
        }
        require_type(&header, wanted.typ)?;
        let kid = text(&header, "kid")?.map(str::to_owned);
        Ok(Self { signing_input, signature, algorithm, kid, claims: object(payload)? })
    }

    /// A claim, to find out whose keys to ask.
    pub(crate) fn unverified(&self, name: &str) -> Option<&str> {
        self.claims.get(name)?.as_str()
    }

    /// Verifies the signature with the client's own key, by the algorithm that it registered, if any.
    pub(crate) async fn verify(
        self,
        ctx: &Context,
        account_id: AccountId,
        client: &Client,
        registered: Option<SigningAlgorithm>,
    ) -> Result<SignedClaims, JwtRefused> {
        if registered.is_some_and(|registered| registered != self.algorithm) {
            return Err(JwtRefused::Algorithm);
        }
        let named = client_keys::Named { kid: self.kid.as_deref(), algorithm: self.algorithm };
        let key = client_keys::find(ctx, account_id, client, named).await;
        let key = key.ok_or(JwtRefused::KeyUnknown)?;
        if self.is_signed_by(&key) {
            Ok(SignedClaims(self.claims))
        } else {
            Err(JwtRefused::Signature)
        }
    }

    fn is_signed_by(&self, key: &ClientKey) -> bool {
        let key = match &key.public_key {
            PublicKey::Rsa { n, e } => DecodingKey::from_rsa_components(n, e),
            PublicKey::Ec { x, y, .. } => DecodingKey::from_ec_components(x, y),
            PublicKey::Okp { x, .. } => DecodingKey::from_ed_components(x),
        };
        let algorithm = match self.algorithm {
            SigningAlgorithm::Rs256 => Algorithm::RS256,
            SigningAlgorithm::Ps256 => Algorithm::PS256,
            SigningAlgorithm::Es256 => Algorithm::ES256,
            SigningAlgorithm::EdDsa => Algorithm::EdDSA,
        };
        let signed = self.signing_input.as_bytes();
        key.and_then(|key| crypto::verify(self.signature, signed, &key, algorithm)).unwrap_or(false)
    }
}

impl SignedClaims {
    /// Whether a claim is there, whatever it is.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// A claim that is text; none: it is absent or something else.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// The recipients; a lone one may stand without its array (RFC 7519 §4.1.3).
    pub(crate) fn audience(&self) -> Result<Vec<&str>, JwtRefused> {
        match self.0.get("aud") {
            None => Ok(Vec::new()),
            Some(Value::String(one)) => Ok(vec![one]),
            Some(Value::Array(several)) => {
                let texts = several.iter().map(Value::as_str).collect::<Option<_>>();
                texts.ok_or(JwtRefused::Audience)
            }
            Some(_) => Err(JwtRefused::Audience),
        }
    }

    /// When it ends, if now is within its time (RFC 7519 §4.1.4 to §4.1.6). Clocks of others may differ from
    /// ours by the leeway.
    pub(crate) fn within_time(
        &self,
        now: Timestamp,
        leeway: Lifetime,
    ) -> Result<Option<Timestamp>, JwtRefused> {
        for name in ["nbf", "iat"] {
            if self.moment(name)?.is_some_and(|moment| moment > now + leeway) {
                return Err(JwtRefused::NotYetValid);
            }
        }
        let expires_at = self.moment("exp")?;
        if expires_at.is_some_and(|expires_at| expires_at + leeway <= now) {
            return Err(JwtRefused::Expired);
        }
        Ok(expires_at)
    }

    /// A claim that is a moment, in seconds that may have fractions (RFC 7519 §2, `NumericDate`).
    pub(crate) fn moment(&self, name: &str) -> Result<Option<Timestamp>, JwtRefused> {
        let Some(presented) = self.0.get(name) else { return Ok(None) };
        let seconds = presented.as_f64().filter(|seconds| (0.0..LAST_SECOND).contains(seconds));
        let seconds = seconds.ok_or(JwtRefused::Malformed)?;
        #[expect(clippy::cast_possible_truncation, reason = "it is far below 2^53")]
        let millis = (seconds * 1000.0) as i64;
        Ok(Some(Timestamp::from_millis(millis)))
    }

    /// Everything that was said.
    pub(crate) fn into_object(self) -> Map<String, Value> {
        self.0
    }
}

/// A moment after this one is a mistake (the year 9999).
const LAST_SECOND: f64 = 253_402_300_800.0;

/// Shows the names only: claims may be about people.
impl fmt::Debug for SignedClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

/// A part that is a JSON object without repeated members (RFC 7515 §4, RFC 7519 §4).
fn object(encoded: &str) -> Result<Map<String, Value>, JwtRefused> {
    let bytes = BASE64URL.decode(encoded).map_err(|_| JwtRefused::Malformed)?;
    if bytes.is_empty() {
        return Err(JwtRefused::Malformed);
    }
    read_object(&bytes).map_err(|_| JwtRefused::Malformed)
}

fn text<'a>(object: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, JwtRefused> {
    match object.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(JwtRefused::Malformed),
    }
}

/// One of ours; the names are compared exactly (RFC 7515 §4.1.1).
fn algorithm(header: &Map<String, Value>) -> Result<SigningAlgorithm, JwtRefused> {
    match text(header, "alg")?.ok_or(JwtRefused::Malformed)? {
        "none" => Err(JwtRefused::Unsigned),
        name => SigningAlgorithm::parse(name).ok_or(JwtRefused::Algorithm),
    }
}

/// Types are media types without regard to case (RFC 7515 §4.1.9).
fn require_type(header: &Map<String, Value>, typ: &str) -> Result<(), JwtRefused> {
    let Some(presented) = text(header, "typ")? else { return Ok(()) };
    let presented = presented.to_ascii_lowercase();
    let presented = presented.strip_prefix("application/").unwrap_or(&presented);
    if presented == "jwt" || presented == typ { Ok(()) } else { Err(JwtRefused::Type) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const KIND: Kind = Kind { max_bytes: 400, typ: "client-authentication+jwt" };

    fn jws(header: &str, payload: &str, signature: &str) -> String {
        format!("{}.{}.{signature}", BASE64URL.encode(header), BASE64URL.encode(payload))
    }

    fn read(presented: &str) -> Result<Option<String>, JwtRefused> {
        UnverifiedJwt::read(presented, &KIND).map(|jwt| jwt.kid)
    }

    fn claims(claims: Value) -> SignedClaims {
        let Value::Object(claims) = claims else { panic!("claims are an object") };
        SignedClaims(claims)
    }

    // CA-04, CA-05, V9.1.1, V9.1.2, V9.2.2
    #[test]
    fn only_a_signed_compact_jws_of_a_known_algorithm_is_read() {
        let good = r#"{"alg":"ES256","typ":"JWT","kid":"a"}"#;
        assert_eq!(read(&jws(good, "{}", "AAAA")), Ok(Some("a".to_owned())));
        for (header, payload, signature, refused) in [
            (good, "{}", "", JwtRefused::Unsigned),
            (r#"{"alg":"none"}"#, "{}", "", JwtRefused::Unsigned),
            (r#"{"alg":"none"}"#, "{}", "AAAA", JwtRefused::Unsigned),
            (r#"{"alg":"NONE"}"#, "{}", "AAAA", JwtRefused::Algorithm),
            (r#"{"alg":"HS256"}"#, "{}", "AAAA", JwtRefused::Algorithm),
            (r#"{"alg":"RS384"}"#, "{}", "AAAA", JwtRefused::Algorithm),
            (r#"{"alg":"es256"}"#, "{}", "AAAA", JwtRefused::Algorithm),
            (r#"{"alg":["ES256"]}"#, "{}", "AAAA", JwtRefused::Malformed),
            (r#"{"alg":"none","alg":"ES256"}"#, "{}", "AAAA", JwtRefused::Malformed),
            (r#"{"typ":"JWT"}"#, "{}", "AAAA", JwtRefused::Malformed),
            (r#"{"alg":"ES256","kid":1}"#, "{}", "AAAA", JwtRefused::Malformed),
            (r#"{"alg":"ES256","crit":["exp"]}"#, "{}", "AAAA", JwtRefused::Critical),
            (r#"{"alg":"ES256","crit":[]}"#, "{}", "AAAA", JwtRefused::Critical),
            (r#"{"alg":"ES256","b64":false}"#, "{}", "AAAA", JwtRefused::Critical),
            (r#"{"alg":"ES256","typ":"at+jwt"}"#, "{}", "AAAA", JwtRefused::Type),
            (r#"{"alg":"ES256","typ":"dpop+jwt"}"#, "{}", "AAAA", JwtRefused::Type),
            (good, "[]", "AAAA", JwtRefused::Malformed),
            (good, "", "AAAA", JwtRefused::Malformed),
            (good, r#"{"iss":"a","iss":"b"}"#, "AAAA", JwtRefused::Malformed),
            (good, r#"{"a":1e400}"#, "AAAA", JwtRefused::Malformed),
            ("", "{}", "AAAA", JwtRefused::Malformed),
        ] {
            assert_eq!(read(&jws(header, payload, signature)), Err(refused), "{header} {payload}");
        }
        for text in ["", ".", "..", "...", "a.b.c", "e30.e30.e30.e30.e30", "e30=.e30.AAAA"] {
            assert_eq!(read(text), Err(JwtRefused::Malformed), "{text}");
        }
        assert_eq!(read(&"a".repeat(401)), Err(JwtRefused::TooLong));
    }

    #[test]
    fn its_own_type_is_taken_however_it_is_written() {
        for typ in ["jwt", "JWT", "application/jwt", "Client-Authentication+JWT"] {
            let header = json!({"alg": "EdDSA", "typ": typ}).to_string();
            assert_eq!(read(&jws(&header, "{}", "AAAA")), Ok(None), "{typ}");
        }
    }

    // CA-03, F-06, V9.2.1
    #[test]
    fn clocks_may_differ_by_the_leeway_and_no_more() {
        let (now, leeway) = (Timestamp::from_millis(1_000_000), Lifetime::seconds(10));
        let judge = |json: Value| claims(json).within_time(now, leeway);
        for (name, offset, expected) in [
            ("nbf", 8, None),
            ("nbf", 10, None),
            ("nbf", 11, Some(JwtRefused::NotYetValid)),
            ("iat", 8, None),
            ("iat", 61, Some(JwtRefused::NotYetValid)),
            ("exp", -9, None),
            ("exp", -10, Some(JwtRefused::Expired)),
        ] {
            assert_eq!(judge(json!({name: 1000 + offset})).err(), expected, "{name} {offset}");
        }
        assert_eq!(judge(json!({})), Ok(None));
        assert_eq!(judge(json!({"exp": 2000.5})), Ok(Some(Timestamp::from_millis(2_000_500))));
        for odd in [json!("1000"), json!(null), json!(-1), json!(1e300), json!([1000])] {
            for name in ["exp", "nbf", "iat"] {
                assert_eq!(judge(json!({name: odd})), Err(JwtRefused::Malformed), "{name} {odd}");
            }
        }
    }

    #[test]
    fn an_audience_is_a_text_or_an_array_of_texts() {
        let audience = |json: Value| claims(json!({"aud": json})).audience().map(|it| it.join(" "));
        assert_eq!(audience(json!("a")), Ok("a".to_owned()));
        assert_eq!(audience(json!(["a", "b"])), Ok("a b".to_owned()));
        assert_eq!(audience(json!(["a", 1])), Err(JwtRefused::Audience));
        assert_eq!(audience(json!({"a": "b"})), Err(JwtRefused::Audience));
        assert_eq!(claims(json!({})).audience(), Ok(Vec::new()));
    }
}

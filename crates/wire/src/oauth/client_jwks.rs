//! The public keys of a client, as it registers or serves them (RFC 7517 §5): only what can verify its
//! signatures is kept, and a set that gives something away is refused.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
use domain::SigningAlgorithm;
use serde_json::{Map, Value};

use super::PublicKey;
use crate::json::{JsonRefused, read_object};

/// How many keys a set may have.
const MAX_KEYS: usize = 100;

/// The sizes of an RSA modulus in bytes: below, it can be broken (NIST SP 800-131A §3); above, it costs
/// us more to verify than anybody needs.
const RSA_BYTES: std::ops::RangeInclusive<usize> = 256..=1024;

/// The bytes of a coordinate of P-256, and of a key of Ed25519.
const POINT_BYTES: usize = 32;

/// The members of private and symmetric keys (RFC 7518 §6).
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// The keys of a client that can verify what it signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientJwks {
    keys: Vec<ClientKey>,
}

/// A key of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientKey {
    /// What it is called in headers.
    pub kid: Option<String>,
    /// The key itself.
    pub public_key: PublicKey,
    /// The one algorithm it is for; none: every one that its type allows.
    pub algorithm: Option<SigningAlgorithm>,
}

/// Why a set of keys is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwksRefused {
    /// It cannot be read.
    #[error(transparent)]
    Json(#[from] JsonRefused),
    /// It is no set.
    #[error("a JWK Set is an object with an array `keys`")]
    NotASet,
    /// It has more keys than anybody needs.
    #[error("a JWK Set has at most 100 keys")]
    TooMany,
    /// What stands there is no key.
    #[error("keys[{0}] is not an object with a text `kty`")]
    NotAKey(usize),
    /// It would give a secret away.
    #[error("keys[{0}] is private or symmetric: only public keys belong here")]
    Private(usize),
    /// Members are missing or malformed.
    #[error("keys[{0}] is not a valid public key of its type")]
    Malformed(usize),
    /// It is too small.
    #[error("keys[{0}] is weak: an RSA key has 2,048 to 8,192 bits")]
    Weak(usize),
    /// Its name is taken.
    #[error("keys[{0}] has the `kid` of another key")]
    Repeated(usize),
}

impl ClientJwks {
    /// Reads a set. Keys of types, curves, algorithms or uses that verify nothing here are passed over
    /// (RFC 7517 §5); everything else must be right.
    pub fn parse(text: &[u8]) -> Result<Self, JwksRefused> {
        let mut set = read_object(text)?;
        let Some(Value::Array(presented)) = set.remove("keys") else {
            return Err(JwksRefused::NotASet);
        };
        if presented.len() > MAX_KEYS {
            return Err(JwksRefused::TooMany);
        }
        let mut keys: Vec<ClientKey> = Vec::new();
        for (index, key) in presented.into_iter().enumerate() {
            let Some(key) = ClientKey::read(index, key)? else { continue };
            if keys.iter().any(|other| other.kid.is_some() && other.kid == key.kid) {
                return Err(JwksRefused::Repeated(index));
            }
            keys.push(key);
        }
        Ok(Self { keys })
    }

    /// Whether nothing can be verified with it.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The key that verifies what is signed with this algorithm: the one of this name, or without a name
    /// the only one that fits (OpenID Connect Core §10.1).
    pub fn find(&self, kid: Option<&str>, algorithm: SigningAlgorithm) -> Option<&ClientKey> {
        let mut fitting = self.keys.iter().filter(|key| {
            key.fits(algorithm) && kid.is_none_or(|kid| key.kid.as_deref() == Some(kid))
        });
        let found = fitting.next();
        if fitting.next().is_some() { None } else { found }
    }
}

impl ClientKey {
    /// Whether signatures by this algorithm can be its own.
    pub fn fits(&self, algorithm: SigningAlgorithm) -> bool {
        let is_of_type = match (&self.public_key, algorithm) {
            (PublicKey::Rsa { .. }, SigningAlgorithm::Rs256 | SigningAlgorithm::Ps256)
            | (PublicKey::Ec { .. }, SigningAlgorithm::Es256)
            | (PublicKey::Okp { .. }, SigningAlgorithm::EdDsa) => true,
            (PublicKey::Rsa { .. } | PublicKey::Ec { .. } | PublicKey::Okp { .. }, _) => false,
        };
        is_of_type && self.algorithm.is_none_or(|own| own == algorithm)
    }

    fn read(index: usize, key: Value) -> Result<Option<Self>, JwksRefused> {
        let Value::Object(key) = key else { return Err(JwksRefused::NotAKey(index)) };
        let Some(Value::String(key_type)) = key.get("kty") else {
            return Err(JwksRefused::NotAKey(index));
        };
        if key_type == "oct" || PRIVATE_MEMBERS.iter().any(|member| key.contains_key(*member)) {
            return Err(JwksRefused::Private(index));
        }
        let curve = key.get("crv").and_then(Value::as_str);
        if !matches!(
            (key_type.as_str(), curve),
            ("RSA", _) | ("EC", Some("P-256")) | ("OKP", Some("Ed25519"))
        ) {
            return Ok(None);
        }
        let algorithm = match text(index, &key, "alg")? {
            Some(name) => match SigningAlgorithm::parse(&name) {
                None => return Ok(None),
                known => known,
            },
            None => None,
        };
        if !verifies(index, &key)? {
            return Ok(None);
        }
        let kid = text(index, &key, "kid")?;
        let public_key = serde_json::from_value(Value::Object(key))
            .map_err(|_| JwksRefused::Malformed(index))?;
        require_strength(index, &public_key)?;
        Ok(Some(Self { kid, public_key, algorithm }))
    }
}

/// A text member, which may be absent.
fn text(index: usize, key: &Map<String, Value>, name: &str) -> Result<Option<String>, JwksRefused> {
    match key.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(JwksRefused::Malformed(index)),
    }
}

/// Whether a key may be used to verify (RFC 7517 §4.2, §4.3).
fn verifies(index: usize, key: &Map<String, Value>) -> Result<bool, JwksRefused> {
    let may_sign = text(index, key, "use")?.is_none_or(|purpose| purpose == "sig");
    let may_verify = match key.get("key_ops") {
        None => true,
        Some(Value::Array(operations)) => operations.iter().any(|it| it == "verify"),
        Some(_) => return Err(JwksRefused::Malformed(index)),
    };
    Ok(may_sign && may_verify)
}

fn require_strength(index: usize, key: &PublicKey) -> Result<(), JwksRefused> {
    let decoded = |text: &str| BASE64URL.decode(text).map_err(|_| JwksRefused::Malformed(index));
    let is_point = |text: &str| decoded(text).map(|bytes| bytes.len() == POINT_BYTES);
    let is_right = match key {
        PublicKey::Rsa { n, e } => {
            let (modulus, exponent) = (decoded(n)?, decoded(e)?);
            let length = modulus.iter().skip_while(|byte| **byte == 0).count();
            if !RSA_BYTES.contains(&length) {
                return Err(JwksRefused::Weak(index));
            }
            // An even exponent is none, and with 1 every message is its own signature.
            exponent.last().is_some_and(|last| last % 2 == 1) && exponent != [1]
        }
        PublicKey::Ec { x, y, .. } => is_point(x)? && is_point(y)?,
        PublicKey::Okp { x, .. } => is_point(x)?,
    };
    if is_right { Ok(()) } else { Err(JwksRefused::Malformed(index)) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rsa(bytes: usize) -> Value {
        json!({"kty": "RSA", "n": BASE64URL.encode(vec![0xc5; bytes]), "e": "AQAB"})
    }

    fn ec() -> Value {
        let coordinate = BASE64URL.encode([7; 32]);
        json!({"kty": "EC", "crv": "P-256", "x": coordinate, "y": coordinate})
    }

    fn ed() -> Value {
        json!({"kty": "OKP", "crv": "Ed25519", "x": BASE64URL.encode([7; 32])})
    }

    fn with(mut key: Value, name: &str, value: impl Into<Value>) -> Value {
        key[name] = value.into();
        key
    }

    fn parse(keys: impl IntoIterator<Item = Value>) -> Result<ClientJwks, JwksRefused> {
        let keys: Vec<_> = keys.into_iter().collect();
        ClientJwks::parse(json!({"keys": keys, "comment": "ours"}).to_string().as_bytes())
    }

    // SS-03
    #[test]
    fn what_is_no_set_of_public_keys_is_refused() {
        for text in ["", "{}", "{\"keys\":{}}", "{\"keys\":null}"] {
            assert_eq!(ClientJwks::parse(text.as_bytes()), Err(JwksRefused::NotASet), "{text}");
        }
        let deep = format!("{{\"keys\":{}{}}}", "[".repeat(2000), "]".repeat(2000));
        assert_eq!(ClientJwks::parse(deep.as_bytes()), Err(JsonRefused::TooDeep.into()));
        let twice = "{\"keys\":[],\"keys\":[]}";
        assert_eq!(ClientJwks::parse(twice.as_bytes()), Err(JsonRefused::RepeatedKey.into()));
        assert_eq!(parse((0..101).map(|_| ed())), Err(JwksRefused::TooMany));
        assert_eq!(parse([ed(), json!("key")]), Err(JwksRefused::NotAKey(1)));
        assert_eq!(parse([json!({"kid": "a"})]), Err(JwksRefused::NotAKey(0)));
    }

    // CA-04
    #[test]
    fn secrets_and_weak_keys_are_refused() {
        assert_eq!(parse([json!({"kty": "oct", "k": "AAAA"})]), Err(JwksRefused::Private(0)));
        for (key, member) in [(rsa(256), "d"), (rsa(256), "p"), (ec(), "d"), (ed(), "d")] {
            assert_eq!(parse([with(key, member, "AAAA")]), Err(JwksRefused::Private(0)));
        }
        assert_eq!(parse([rsa(128)]), Err(JwksRefused::Weak(0)));
        assert_eq!(parse([rsa(255)]), Err(JwksRefused::Weak(0)));
        assert_eq!(parse([rsa(1025)]), Err(JwksRefused::Weak(0)));
        let padded = BASE64URL.encode([vec![0; 200], vec![0xc5; 128]].concat());
        assert_eq!(parse([with(rsa(256), "n", padded)]), Err(JwksRefused::Weak(0)));
        for key in [
            with(rsa(256), "e", "AQ"),
            with(rsa(256), "e", "AAAC"),
            with(rsa(256), "e", ""),
            with(rsa(256), "n", "+/=="),
            with(ec(), "x", "AAAA"),
            with(ed(), "x", BASE64URL.encode([7; 31])),
            with(ed(), "kid", 7),
            with(ed(), "alg", 7),
            with(ed(), "use", 7),
            with(ed(), "key_ops", "verify"),
        ] {
            assert_eq!(parse([key.clone()]), Err(JwksRefused::Malformed(0)), "{key}");
        }
    }

    // V9.1.3
    #[test]
    fn a_key_verifies_what_its_type_use_and_algorithm_allow() {
        for (key, verified) in [
            (rsa(256), vec![SigningAlgorithm::Rs256, SigningAlgorithm::Ps256]),
            (with(rsa(256), "alg", "PS256"), vec![SigningAlgorithm::Ps256]),
            (with(rsa(256), "use", "sig"), vec![SigningAlgorithm::Rs256, SigningAlgorithm::Ps256]),
            (ec(), vec![SigningAlgorithm::Es256]),
            (ed(), vec![SigningAlgorithm::EdDsa]),
            (with(ed(), "alg", "ES256"), vec![]),
            (with(rsa(256), "alg", "RSA-OAEP"), vec![]),
            (with(rsa(256), "use", "enc"), vec![]),
            (with(ed(), "key_ops", json!(["sign"])), vec![]),
            (with(ed(), "key_ops", json!(["verify"])), vec![SigningAlgorithm::EdDsa]),
            (with(ec(), "crv", "P-521"), vec![]),
            (with(ed(), "crv", "X25519"), vec![]),
            (json!({"kty": "AKP", "pub": "AAAA"}), vec![]),
        ] {
            let jwks = parse([key.clone()]).expect("is taken");
            for algorithm in SigningAlgorithm::ALL {
                let is_found = jwks.find(None, algorithm).is_some();
                assert_eq!(is_found, verified.contains(&algorithm), "{algorithm:?} {key}");
            }
        }
    }

    // CA-04
    #[test]
    fn a_key_is_found_by_its_exact_name() {
        let jwks = parse([with(ed(), "kid", "a"), with(ed(), "kid", "b"), ec()]).expect("is taken");
        let found = |kid, algorithm| jwks.find(kid, algorithm).and_then(|key| key.kid.clone());
        assert_eq!(found(Some("b"), SigningAlgorithm::EdDsa).as_deref(), Some("b"));
        for kid in ["A", "a ", "", "c", "../a", "a' OR '1'='1"] {
            assert_eq!(found(Some(kid), SigningAlgorithm::EdDsa), None, "{kid}");
        }
        // Two could be meant, and nobody guesses; one is the only one.
        assert_eq!(jwks.find(None, SigningAlgorithm::EdDsa), None);
        assert!(jwks.find(None, SigningAlgorithm::Es256).is_some());
        let twice = [with(ed(), "kid", "a"), with(ec(), "kid", "a")];
        assert_eq!(parse(twice), Err(JwksRefused::Repeated(1)));
    }
}

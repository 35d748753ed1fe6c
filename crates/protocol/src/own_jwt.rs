//! JWTs that we signed and that come back: whether the signature is ours (RFC 7515 §5.2, RFC 8725 §3).
//!
//! What the claims mean, and until when, is judged by whoever asks.

use domain::{Account, SigningAlgorithm, SigningKey};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use store::Fault;

use crate::context::Context;
use crate::signing;

/// The longest JWT that is looked at, in bytes.
const MAX_BYTES: usize = 32 * 1024;

/// Which of the account's keys may have signed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignedBy {
    /// Those that others can verify with now.
    PublishedKeys,
    /// Retired ones too, but none that was revoked.
    AnyKey,
}

impl SignedBy {
    fn trusts(self, key: &SigningKey) -> bool {
        match self {
            Self::PublishedKeys => key.vouches_for_access_tokens(),
            Self::AnyKey => key.vouches_for_hints(),
        }
    }
}

/// The `aud` of a JWT: one text or a list (RFC 7519 §4.1.3).
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum PresentedAudience {
    One(String),
    Several(Vec<String>),
}

impl From<PresentedAudience> for Vec<String> {
    fn from(audience: PresentedAudience) -> Self {
        match audience {
            PresentedAudience::One(one) => vec![one],
            PresentedAudience::Several(several) => several,
        }
    }
}

/// The claims of a JWT of a right type that one of the account's keys signed. The key is chosen by `kid`
/// among the account's own, and the algorithm by the key, never by the token.
pub(crate) async fn open<Claims: DeserializeOwned>(
    ctx: &Context,
    account: &Account,
    presented: &str,
    signed_by: SignedBy,
    is_type: impl Fn(Option<&str>) -> bool,
) -> Result<Option<Claims>, Fault> {
    if presented.len() > MAX_BYTES {
        return Ok(None);
    }
    let Ok(header) = jsonwebtoken::decode_header(presented) else { return Ok(None) };
    let Some(kid) = header.kid.filter(|_| is_type(header.typ.as_deref())) else { return Ok(None) };
    let key = match signed_by {
        SignedBy::PublishedKeys => signing::key_in_use(ctx, account.id, &kid).await?,
        // Boxed, so that access tokens do not carry its state about.
        SignedBy::AnyKey => Box::pin(signing::key_of(ctx, account.id, &kid)).await?,
    };
    let key = key.filter(|key| signed_by.trusts(key));
    Ok(key.and_then(|key| decode(presented, &key)))
}

fn decode<Claims: DeserializeOwned>(presented: &str, key: &SigningKey) -> Option<Claims> {
    let jwk = serde_json::from_str(&key.public_jwk).ok()?;
    let decoding_key = DecodingKey::from_jwk(&jwk).ok()?;
    let mut validation = Validation::new(match key.algorithm {
        SigningAlgorithm::Rs256 => Algorithm::RS256,
        SigningAlgorithm::Ps256 => Algorithm::PS256,
        SigningAlgorithm::Es256 => Algorithm::ES256,
        SigningAlgorithm::EdDsa => Algorithm::EdDSA,
    });
    // The library reads the machine's clock; time and audience are judged by ours.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    jsonwebtoken::decode(presented, &decoding_key, &validation).ok().map(|decoded| decoded.claims)
}

//! ID tokens (OpenID Connect Core 1.0 §2, §3.1.3.6): who signed in, when and how, told to one client.

use aws_lc_rs::digest::{SHA256, SHA512, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use domain::{Account, Client, SessionId, SigningAlgorithm, Timestamp, User};
use store::Fault;
use wire::IdTokenClaims;

use crate::context::Context;
use crate::{authentication_context, requested_claims, signing, subject};

/// The `typ` of ID tokens: an access token has another one, so that neither passes for the other.
pub(crate) const TYP: &str = "JWT";

/// What an ID token tells of.
pub(crate) struct SignIn<'a> {
    pub(crate) client: &'a Client,
    pub(crate) user: &'a User,
    pub(crate) auth_time: Timestamp,
    pub(crate) session_id: Option<SessionId>,
    /// Of the request that a code was issued for; a refresh has none (§12.2).
    pub(crate) nonce: Option<&'a str>,
    /// The claims that were asked for one by one, as they are stored.
    pub(crate) requested_claims: Option<&'a str>,
    /// The access token that it comes with.
    pub(crate) access_token: &'a str,
}

/// Mints the ID token of a sign-in, signed as the client wants it.
pub(crate) async fn mint(
    ctx: &Context,
    account: &Account,
    sign_in: &SignIn<'_>,
) -> Result<String, Fault> {
    let SignIn { client, user, .. } = sign_in;
    let algorithm = client.metadata.id_token_signed_response_alg;
    let sid = sign_in.session_id.map(|id| ctx.keyring.session_identifier(id));
    let context = authentication_context::PASSWORD;
    let now = ctx.now();
    let claims = IdTokenClaims {
        iss: account.issuer().as_str(),
        sub: &subject::of(ctx, client, user.id),
        aud: client.identifier.as_str(),
        exp: (now + ctx.policy.id_token_lifetime).as_seconds(),
        iat: now.as_seconds(),
        auth_time: sign_in.auth_time.as_seconds(),
        nonce: sign_in.nonce,
        at_hash: &access_token_hash(algorithm, sign_in.access_token),
        acr: context.acr,
        amr: context.amr,
        sid: sid.as_deref(),
        of_user: &requested_claims::in_id_token(client, user, sign_in.requested_claims),
    };
    signing::sign(ctx, account.id, algorithm, TYP, &claims).await
}

/// The left half of the hash that the algorithm uses (§3.1.3.6); Ed25519 hashes with SHA-512.
fn access_token_hash(algorithm: SigningAlgorithm, access_token: &str) -> String {
    let hash = match algorithm {
        SigningAlgorithm::Rs256 | SigningAlgorithm::Ps256 | SigningAlgorithm::Es256 => &SHA256,
        SigningAlgorithm::EdDsa => &SHA512,
    };
    let whole = digest(hash, access_token.as_bytes());
    let whole = whole.as_ref();
    BASE64URL.encode(&whole[..whole.len() / 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    // O-03: the example of OpenID Connect Core 1.0, appendix A.3.
    #[test]
    fn the_hash_is_the_left_half() {
        let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
        for algorithm in [SigningAlgorithm::Rs256, SigningAlgorithm::Ps256, SigningAlgorithm::Es256]
        {
            assert_eq!(access_token_hash(algorithm, token), "77QmUPtjPfzWtF2AnpK9RQ");
        }
        assert_eq!(access_token_hash(SigningAlgorithm::EdDsa, token).len(), 43);
    }
}

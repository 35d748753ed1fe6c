//! The authorization response: what a redirect carries back (RFC 6749 §4.1.2, RFC 9207).

use domain::Secret;
use form_urlencoded::Serializer;

use super::OauthError;

/// What the client learns at its redirect URI.
#[derive(Clone, Debug)]
pub struct AuthorizationResponse {
    /// The code, or why there is none.
    pub outcome: Result<Secret, OauthError>,
    /// The `state` of the request, unchanged.
    pub state: Option<String>,
    /// The issuer (RFC 9207 §2).
    pub iss: String,
    /// What the client watches the session by (OpenID Connect Session Management 1.0 §2).
    pub session_state: Option<String>,
}

impl AuthorizationResponse {
    /// The parameters, in the order `code` or `error`, `error_description`, `state`, `iss`,
    /// `session_state`.
    pub fn pairs(&self) -> Vec<(&'static str, &str)> {
        let mut pairs = Vec::with_capacity(5);
        match &self.outcome {
            Ok(code) => pairs.push(("code", code.expose())),
            Err(refused) => {
                pairs.push(("error", refused.error.as_str()));
                pairs.push(("error_description", refused.error_description.as_ref()));
            }
        }
        pairs.extend(self.state.as_deref().map(|state| ("state", state)));
        pairs.push(("iss", &self.iss));
        pairs.extend(self.session_state.as_deref().map(|it| ("session_state", it)));
        pairs
    }

    /// The parameters, form-encoded.
    pub fn to_query(&self) -> String {
        Serializer::new(String::new()).extend_pairs(self.pairs()).finish()
    }
}

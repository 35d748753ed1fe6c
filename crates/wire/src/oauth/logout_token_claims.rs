//! The claims of a logout token (OpenID Connect Back-Channel Logout 1.0 §2.4).

use serde::{Serialize, Serializer};

/// What says that a JWT is a logout token.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// The payload of a logout token; its header says `logout+jwt`. It never has a `nonce`, so that no
/// client takes it for an ID token. Moments are whole seconds.
#[derive(Clone, Debug, Serialize)]
pub struct LogoutTokenClaims<'a> {
    /// The issuer.
    pub iss: &'a str,
    /// Who signed out, as the client knows him.
    pub sub: &'a str,
    /// The client's identifier.
    pub aud: &'a str,
    /// When it was issued.
    pub iat: i64,
    /// When it ends.
    pub exp: i64,
    /// Its own name.
    pub jti: &'a str,
    /// What has happened.
    pub events: LogoutEvent,
    /// The session that ended, as the client knows it.
    pub sid: &'a str,
}

/// The one event of a logout token: its name with an empty object.
#[derive(Clone, Copy, Debug)]
pub struct LogoutEvent;

impl Serialize for LogoutEvent {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map([(EVENT, Empty {})])
    }
}

#[derive(Serialize)]
struct Empty {}

//! Introspection (RFC 7662 §2).

use domain::Secret;
use serde::ser::{SerializeStruct, Serializer};
use serde::{Deserialize, Serialize};

use super::{Audience, BodyCredentials, RevocationRequest, TokenType};
use crate::{BodyFormat, ParametersRefused};

/// Which token is asked about, as presented.
#[derive(Clone, Debug)]
pub struct IntrospectionRequest {
    /// The token; without it: `invalid_request`, after client authentication.
    pub token: Option<Secret>,
    /// What kind the caller thinks it is; not needed to find it.
    pub token_type_hint: Option<String>,
    /// What the body says of the client.
    pub credentials: BodyCredentials,
}

impl IntrospectionRequest {
    /// Reads a body. The refusal is an `invalid_request`.
    pub fn parse(format: BodyFormat, body: &[u8]) -> Result<Self, ParametersRefused> {
        // RFC 7662 §2.1 has the very parameters of RFC 7009 §2.1.
        let RevocationRequest { token, token_type_hint, credentials } =
            RevocationRequest::parse(format, body)?;
        Ok(Self { token, token_type_hint, credentials })
    }
}

/// What the caller may know.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Shape")]
pub enum IntrospectionResponse {
    /// `{"active":false}`, whatever the reason.
    Inactive,
    /// The token is good, and the caller may know for what.
    Active(Box<ActiveToken>),
}

/// What is told about a good token (RFC 7662 §2.2). Moments are whole seconds.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ActiveToken {
    /// The scopes, separated by spaces.
    pub scope: String,
    /// The identifier of the client it was issued to.
    pub client_id: String,
    /// What people call the user.
    #[serde(default)]
    pub username: Option<String>,
    /// How it is used; none for a refresh token.
    #[serde(default)]
    pub token_type: Option<TokenType>,
    /// When it ends; none: it does not.
    #[serde(default)]
    pub exp: Option<i64>,
    /// When it was issued.
    pub iat: i64,
    /// The user, or the client itself with client credentials.
    pub sub: String,
    /// Whom it is for.
    pub aud: Audience,
    /// The issuer.
    pub iss: String,
    /// Its own name.
    #[serde(default)]
    pub jti: Option<String>,
    /// When the user signed in.
    #[serde(default)]
    pub auth_time: Option<i64>,
    /// How the user signed in (RFC 9470 §6.2).
    #[serde(default)]
    pub acr: Option<String>,
}

impl Serialize for IntrospectionResponse {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut members = to.serialize_struct("IntrospectionResponse", 13)?;
        match self {
            Self::Inactive => members.serialize_field("active", &false)?,
            Self::Active(token) => {
                members.serialize_field("active", &true)?;
                token.serialize_members(&mut members)?;
            }
        }
        members.end()
    }
}

/// A response as it is read: members stand beside `active`.
#[derive(Deserialize)]
struct Shape {
    active: bool,
    #[serde(flatten)]
    token: Option<ActiveToken>,
}

impl TryFrom<Shape> for IntrospectionResponse {
    type Error = &'static str;

    fn try_from(shape: Shape) -> Result<Self, Self::Error> {
        match (shape.active, shape.token) {
            (false, _) => Ok(Self::Inactive),
            (true, Some(token)) => Ok(Self::Active(Box::new(token))),
            (true, None) => Err("an active token lacks a member"),
        }
    }
}

impl ActiveToken {
    fn serialize_members<S: SerializeStruct>(&self, members: &mut S) -> Result<(), S::Error> {
        members.serialize_field("scope", &self.scope)?;
        members.serialize_field("client_id", &self.client_id)?;
        optional(members, "username", self.username.as_ref())?;
        optional(members, "token_type", self.token_type.as_ref())?;
        optional(members, "exp", self.exp.as_ref())?;
        members.serialize_field("iat", &self.iat)?;
        members.serialize_field("sub", &self.sub)?;
        members.serialize_field("aud", &self.aud)?;
        members.serialize_field("iss", &self.iss)?;
        optional(members, "jti", self.jti.as_ref())?;
        optional(members, "auth_time", self.auth_time.as_ref())?;
        optional(members, "acr", self.acr.as_ref())
    }
}

fn optional<S: SerializeStruct, T: Serialize>(
    members: &mut S,
    name: &'static str,
    value: Option<&T>,
) -> Result<(), S::Error> {
    match value {
        Some(value) => members.serialize_field(name, value),
        None => members.skip_field(name),
    }
}

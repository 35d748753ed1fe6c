//! The revocation request (RFC 7009 §2.1). Its success has no body.

use domain::Secret;

use super::BodyCredentials;
use crate::{BodyFormat, ParameterNames, Parameters, ParametersRefused};

static NAMES: ParameterNames = ParameterNames::new(
    &[
        "token",
        "token_type_hint",
        "client_id",
        "client_secret",
        "client_assertion",
        "client_assertion_type",
    ],
    &[],
);

/// Which token is to be revoked, as presented.
#[derive(Clone, Debug)]
pub struct RevocationRequest {
    /// The token; without it: `invalid_request`, after client authentication.
    pub token: Option<Secret>,
    /// What kind the caller thinks it is; not needed to find it.
    pub token_type_hint: Option<String>,
    /// What the body says of the client.
    pub credentials: BodyCredentials,
}

impl RevocationRequest {
    /// Reads a body. The refusal is an `invalid_request`.
    pub fn parse(format: BodyFormat, body: &[u8]) -> Result<Self, ParametersRefused> {
        let mut presented = Parameters::read(format, body, &NAMES)?;
        Ok(Self {
            token: presented.take("token").map(Secret::new),
            token_type_hint: presented.take("token_type_hint"),
            credentials: BodyCredentials::take(&mut presented),
        })
    }
}

//! A client's OpenID Connect metadata in our own API, with the names of the specifications.

use std::collections::BTreeMap;

use domain::{ClientMetadata, Lifetime, SigningAlgorithm};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a client says of itself beyond OAuth 2.0. All keys are always present.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClientMetadataObject {
    /// `web` or `native`.
    pub application_type: String,
    /// Ways to reach those who are responsible for it.
    pub contacts: Vec<String>,
    /// Its home page.
    pub client_uri: Option<String>,
    /// Its logo, elsewhere.
    pub logo_uri: Option<String>,
    /// How it uses people's data.
    pub policy_uri: Option<String>,
    /// Its terms of service.
    pub tos_uri: Option<String>,
    /// Its public keys, a JWK Set.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub jwks: Option<Value>,
    /// Where its public keys are.
    pub jwks_uri: Option<String>,
    /// What its pairwise subjects are derived from.
    pub sector_identifier_uri: Option<String>,
    /// `public` or `pairwise`.
    pub subject_type: String,
    /// What its ID tokens are signed with.
    pub id_token_signed_response_alg: String,
    /// What its userinfo replies are signed with; null: they are plain JSON.
    pub userinfo_signed_response_alg: Option<String>,
    /// What its request objects must be signed with; null: any algorithm.
    pub request_object_signing_alg: Option<String>,
    /// What its assertions must be signed with; null: any algorithm.
    pub token_endpoint_auth_signing_alg: Option<String>,
    /// How many seconds old a sign-in may be, where the request does not say.
    pub default_max_age: Option<i64>,
    /// Whether it insists on `auth_time`.
    pub require_auth_time: bool,
    /// How users should sign in, where the request does not say.
    pub default_acr_values: Vec<String>,
    /// Where somebody else begins a sign-in at it.
    pub initiate_login_uri: Option<String>,
    /// Where its request objects may be.
    pub request_uris: Vec<String>,
    /// Where it hears of a sign-out from the server.
    pub backchannel_logout_uri: Option<String>,
    /// Whether it insists on `sid` there.
    pub backchannel_logout_session_required: bool,
    /// Where it hears of a sign-out from the browser.
    pub frontchannel_logout_uri: Option<String>,
    /// Whether it insists on `iss` and `sid` there.
    pub frontchannel_logout_session_required: bool,
    /// Which software it is.
    pub software_id: Option<String>,
    /// Which version of it.
    pub software_version: Option<String>,
    /// Texts and addresses in other languages, by names such as `client_name#de`.
    pub localized: BTreeMap<String, String>,
}

impl From<&ClientMetadata> for ClientMetadataObject {
    fn from(metadata: &ClientMetadata) -> Self {
        let name = |it: SigningAlgorithm| it.as_str().to_owned();
        let it = metadata.clone();
        Self {
            application_type: it.application_type.as_str().to_owned(),
            contacts: it.contacts,
            client_uri: it.client_uri,
            logo_uri: it.logo_uri,
            policy_uri: it.policy_uri,
            tos_uri: it.tos_uri,
            jwks: it.jwks.and_then(|keys| serde_json::from_str(&keys).ok()),
            jwks_uri: it.jwks_uri,
            sector_identifier_uri: it.sector_identifier_uri,
            subject_type: it.subject_type.as_str().to_owned(),
            id_token_signed_response_alg: name(it.id_token_signed_response_alg),
            userinfo_signed_response_alg: it.userinfo_signed_response_alg.map(name),
            request_object_signing_alg: it.request_object_signing_alg.map(name),
            token_endpoint_auth_signing_alg: it.token_endpoint_auth_signing_alg.map(name),
            default_max_age: it.default_max_age.map(Lifetime::as_seconds),
            require_auth_time: it.require_auth_time,
            default_acr_values: it.default_acr_values,
            initiate_login_uri: it.initiate_login_uri,
            request_uris: it.request_uris,
            backchannel_logout_uri: it.backchannel_logout_uri,
            backchannel_logout_session_required: it.backchannel_logout_session_required,
            frontchannel_logout_uri: it.frontchannel_logout_uri,
            frontchannel_logout_session_required: it.frontchannel_logout_session_required,
            software_id: it.software_id,
            software_version: it.software_version,
            localized: it.localized.into_iter().collect(),
        }
    }
}

//! What clients send and are told when they register. These are descriptions: `wire` reads and writes them.

use utoipa::{IntoResponses, ToSchema};
use wire::OauthError;
use wire::admin::ClientMetadataObject;

/// What a client asks for (RFC 7591 §2); every member but `redirect_uris` may be left out, and unknown ones are
/// ignored. A change sends all of it again, with `client_id` (RFC 7592 §2.2).
#[derive(ToSchema)]
#[expect(dead_code, reason = "a description of what wire::registration_request reads")]
pub(crate) struct ClientRegistrationBody {
    /// The identifier, when a registration is changed.
    client_id: Option<String>,
    /// Where codes may be sent.
    redirect_uris: Vec<String>,
    /// What people call it; also with a language tag, as `client_name#de`.
    client_name: Option<String>,
    /// `["code"]`.
    response_types: Option<Vec<String>>,
    /// `authorization_code`, and `refresh_token` beside it.
    grant_types: Option<Vec<String>>,
    /// Names separated by spaces.
    scope: Option<String>,
    /// `client_secret_basic`, `client_secret_post`, `private_key_jwt` or `none`.
    token_endpoint_auth_method: Option<String>,
    /// Where a signed-out browser may be sent.
    post_logout_redirect_uris: Option<Vec<String>>,
    /// The rest.
    #[serde(flatten)]
    metadata: Option<ClientMetadataObject>,
}

/// Every value in force (RFC 7591 §3.2.1). What has none is absent.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a description of what wire::ClientInformation writes")]
pub(crate) struct ClientInformationReply {
    /// The identifier.
    client_id: String,
    /// When it registered.
    client_id_issued_at: i64,
    /// The secret: in the reply that makes it, and never again.
    client_secret: Option<String>,
    /// When the secret ends; 0: it does not.
    client_secret_expires_at: Option<i64>,
    /// What it proves itself with when it changes its registration.
    registration_access_token: String,
    /// Where its registration is.
    registration_client_uri: String,
    /// The rest.
    #[serde(flatten)]
    registered: ClientRegistrationBody,
}

/// Why a registration is refused.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "a description of the refusals of crate::oauth::client_registration")]
pub(crate) enum RegistrationRefusals {
    /// `invalid_redirect_uri`, `invalid_client_metadata`, `invalid_software_statement` or
    /// `unapproved_software_statement`: everything that is wrong with it.
    #[response(status = 400)]
    Invalid(OauthError),
    /// The token is missing or not good, or its client is gone, as `WWW-Authenticate` says; without a token there is no body.
    #[response(status = 401)]
    Unauthorized,
    /// Nobody may register here, or the client was suspended.
    #[response(status = 403)]
    Forbidden(OauthError),
    /// The body is no JSON.
    #[response(status = 415)]
    MediaType(OauthError),
    /// Too many were registered from this address; `Retry-After` says when to try again.
    #[response(status = 429)]
    Throttled(OauthError),
    /// A fault that passes.
    #[response(status = 503)]
    Unavailable(OauthError),
}

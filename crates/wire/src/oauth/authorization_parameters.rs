//! The authorization request (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.1, RFC 7636, RFC 8707).

use std::fmt;

use form_urlencoded::Serializer;

use crate::{ParameterNames, Parameters, ParametersRefused, PresentedSeconds};

/// How long a `state` may be (zendesk-wire §5).
const MAX_STATE_BYTES: usize = 4096;

pub(super) static NAMES: ParameterNames = ParameterNames::new(
    &[
        "response_type",
        "client_id",
        "redirect_uri",
        "scope",
        "state",
        "code_challenge",
        "code_challenge_method",
        "nonce",
        "prompt",
        "max_age",
        "id_token_hint",
        "login_hint",
        "ui_locales",
        "acr_values",
        "display",
        "response_mode",
        "resource",
        "request",
        "request_uri",
        "registration",
        "claims",
    ],
    &["resource"],
);

/// Every recognised parameter as presented; nothing is judged but repetition and size.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct AuthorizationParameters {
    /// RFC 6749 §4.1.1.
    pub response_type: Option<String>,
    /// RFC 6749 §4.1.1.
    pub client_id: Option<String>,
    /// RFC 6749 §3.1.2, byte for byte.
    pub redirect_uri: Option<String>,
    /// RFC 6749 §3.3.
    pub scope: Option<String>,
    /// RFC 6749 §4.1.1; at most 4,096 bytes.
    pub state: Option<String>,
    /// RFC 7636 §4.3.
    pub code_challenge: Option<String>,
    /// RFC 7636 §4.3.
    pub code_challenge_method: Option<String>,
    /// OpenID Connect Core §3.1.2.1.
    pub nonce: Option<String>,
    /// OpenID Connect Core §3.1.2.1.
    pub prompt: Option<String>,
    /// OpenID Connect Core §3.1.2.1.
    pub max_age: Option<PresentedSeconds>,
    /// OpenID Connect Core §3.1.2.1.
    pub id_token_hint: Option<String>,
    /// OpenID Connect Core §3.1.2.1.
    pub login_hint: Option<String>,
    /// OpenID Connect Core §3.1.2.1.
    pub ui_locales: Option<String>,
    /// OpenID Connect Core §3.1.2.1.
    pub acr_values: Option<String>,
    /// OpenID Connect Core §3.1.2.1.
    pub display: Option<String>,
    /// OAuth 2.0 Multiple Response Type Encoding Practices §2.1.
    pub response_mode: Option<String>,
    /// RFC 8707 §2; may be sent several times.
    pub resources: Vec<String>,
    /// RFC 9101 §5.
    pub request: Option<String>,
    /// RFC 9101 §5, RFC 9126 §4.
    pub request_uri: Option<String>,
    /// OpenID Connect Core §7.2.1.
    pub registration: Option<String>,
    /// OpenID Connect Core §5.5.
    pub claims: Option<String>,
}

impl AuthorizationParameters {
    /// Reads a query, a form body, or what [`to_form`](Self::to_form) wrote. A refusal is shown on
    /// our own page and never redirected (RFC 6749 §4.1.2.1).
    pub fn parse(form: &[u8]) -> Result<Self, ParametersRefused> {
        let parameters = Self::from_parameters(Parameters::from_form(form, &NAMES)?);
        match &parameters.state {
            Some(state) if state.len() > MAX_STATE_BYTES => {
                Err(ParametersRefused::TooLong("state"))
            }
            _ => Ok(parameters),
        }
    }

    /// The parameters as a form, to be stored or sent on.
    pub fn to_form(&self) -> String {
        let present = self.pairs().into_iter().filter_map(|(name, value)| Some((name, value?)));
        let resources = self.resources.iter().map(|resource| ("resource", resource.as_str()));
        Serializer::new(String::new()).extend_pairs(present.chain(resources)).finish()
    }

    fn from_parameters(mut presented: Parameters) -> Self {
        Self {
            response_type: presented.take("response_type"),
            client_id: presented.take("client_id"),
            redirect_uri: presented.take("redirect_uri"),
            scope: presented.take("scope"),
            state: presented.take("state"),
            code_challenge: presented.take("code_challenge"),
            code_challenge_method: presented.take("code_challenge_method"),
            nonce: presented.take("nonce"),
            prompt: presented.take("prompt"),
            max_age: presented.take_seconds("max_age"),
            id_token_hint: presented.take("id_token_hint"),
            login_hint: presented.take("login_hint"),
            ui_locales: presented.take("ui_locales"),
            acr_values: presented.take("acr_values"),
            display: presented.take("display"),
            response_mode: presented.take("response_mode"),
            resources: presented.take_all("resource"),
            request: presented.take("request"),
            request_uri: presented.take("request_uri"),
            registration: presented.take("registration"),
            claims: presented.take("claims"),
        }
    }

    /// The parameters that occur once at most.
    pub(super) fn pairs(&self) -> [(&'static str, Option<&str>); 20] {
        [
            ("response_type", self.response_type.as_deref()),
            ("client_id", self.client_id.as_deref()),
            ("redirect_uri", self.redirect_uri.as_deref()),
            ("scope", self.scope.as_deref()),
            ("state", self.state.as_deref()),
            ("code_challenge", self.code_challenge.as_deref()),
            ("code_challenge_method", self.code_challenge_method.as_deref()),
            ("nonce", self.nonce.as_deref()),
            ("prompt", self.prompt.as_deref()),
            ("max_age", self.max_age.as_ref().map(PresentedSeconds::as_str)),
            ("id_token_hint", self.id_token_hint.as_deref()),
            ("login_hint", self.login_hint.as_deref()),
            ("ui_locales", self.ui_locales.as_deref()),
            ("acr_values", self.acr_values.as_deref()),
            ("display", self.display.as_deref()),
            ("response_mode", self.response_mode.as_deref()),
            ("request", self.request.as_deref()),
            ("request_uri", self.request_uri.as_deref()),
            ("registration", self.registration.as_deref()),
            ("claims", self.claims.as_deref()),
        ]
    }
}

/// Shows the names only: hints and states are nothing for a log.
impl fmt::Debug for AuthorizationParameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let present = self.pairs().into_iter().filter(|(_, value)| value.is_some());
        let resources = self.resources.iter().map(|_| "resource");
        f.debug_list().entries(present.map(|(name, _)| name).chain(resources)).finish()
    }
}

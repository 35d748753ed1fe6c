//! The logout request (OpenID Connect RP-Initiated Logout 1.0 §2).

use std::fmt;

use form_urlencoded::Serializer;

use crate::{ParameterNames, Parameters, ParametersRefused};

/// How long a `state` may be, as at the authorization endpoint.
const MAX_STATE_BYTES: usize = 4096;

static NAMES: ParameterNames = ParameterNames::new(
    &[
        "id_token_hint",
        "logout_hint",
        "client_id",
        "post_logout_redirect_uri",
        "state",
        "ui_locales",
    ],
    &[],
);

/// Every recognised parameter as presented; nothing is judged but repetition and size.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct LogoutParameters {
    /// An ID token that was issued to the client.
    pub id_token_hint: Option<String>,
    /// Who is about to sign out, as the client knows him.
    pub logout_hint: Option<String>,
    /// The client.
    pub client_id: Option<String>,
    /// Where the browser is to go afterwards, byte for byte.
    pub post_logout_redirect_uri: Option<String>,
    /// What it brings along there; at most 4,096 bytes.
    pub state: Option<String>,
    /// The languages that the user prefers.
    pub ui_locales: Option<String>,
}

impl LogoutParameters {
    /// Reads a query, a form body, or what [`to_form`](Self::to_form) wrote.
    pub fn parse(form: &[u8]) -> Result<Self, ParametersRefused> {
        let mut presented = Parameters::from_form(form, &NAMES)?;
        let state = presented.take("state");
        if state.as_ref().is_some_and(|state| state.len() > MAX_STATE_BYTES) {
            return Err(ParametersRefused::TooLong("state"));
        }
        Ok(Self {
            id_token_hint: presented.take("id_token_hint"),
            logout_hint: presented.take("logout_hint"),
            client_id: presented.take("client_id"),
            post_logout_redirect_uri: presented.take("post_logout_redirect_uri"),
            state,
            ui_locales: presented.take("ui_locales"),
        })
    }

    /// The parameters as a form, to be stored.
    pub fn to_form(&self) -> String {
        Serializer::new(String::new()).extend_pairs(self.pairs()).finish()
    }

    fn pairs(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("id_token_hint", self.id_token_hint.as_deref()),
            ("logout_hint", self.logout_hint.as_deref()),
            ("client_id", self.client_id.as_deref()),
            ("post_logout_redirect_uri", self.post_logout_redirect_uri.as_deref()),
            ("state", self.state.as_deref()),
            ("ui_locales", self.ui_locales.as_deref()),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
    }
}

/// Shows the names only: hints are nothing for a log.
impl fmt::Debug for LogoutParameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.pairs().map(|(name, _)| name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_is_read_and_written_as_it_was() {
        let form = "id_token_hint=a.b.c&logout_hint=alice&client_id=app&post_logout_redirect_uri=https%3A%2F%2Fapp.example%2F&state=%C3%AB+x&ui_locales=de";
        let read = LogoutParameters::parse(form.as_bytes()).expect("it is well formed");
        assert_eq!(read.state.as_deref(), Some("ë x"));
        assert_eq!(read.to_form(), form);
        assert!(!format!("{read:?}").contains("alice"));
        let none = LogoutParameters::parse(b"state=&x=1&x=2").expect("it is well formed");
        assert_eq!(none, LogoutParameters::default());
    }

    // RFC 6749 §3.1, as at every endpoint.
    #[test]
    fn what_is_repeated_or_too_long_is_refused() {
        for (form, refused) in [
            ("state=a&state=b".to_owned(), ParametersRefused::Repeated("state")),
            ("client_id=a&client_id=a".to_owned(), ParametersRefused::Repeated("client_id")),
            (format!("state={}", "x".repeat(4097)), ParametersRefused::TooLong("state")),
        ] {
            assert_eq!(LogoutParameters::parse(form.as_bytes()), Err(refused));
        }
    }
}

//! An access token as a protected resource is sent it (RFC 6750 §2): in the header or in a form, once.

use domain::Secret;

use crate::{ParameterNames, Parameters, ParametersRefused};

static NAMES: ParameterNames = ParameterNames::new(&["access_token"], &[]);

/// What a request brings.
#[derive(Clone, Copy, Debug, Default)]
pub struct BearerToken<'r> {
    /// The query without its question mark.
    pub query: &'r str,
    /// The form body; empty where there is none.
    pub form: &'r [u8],
}

/// Why the request brings no token that can be looked at: `invalid_request` (RFC 6750 §3.1).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BearerTokenRefused {
    /// More than one way, or one way twice.
    #[error("the access token is sent more than once")]
    Several,
    /// RFC 6750 §2.3 is not for new services: URLs are kept and logged.
    #[error("the access token belongs in the Authorization header or the body, not the query")]
    InQuery,
    /// The form is not one.
    #[error(transparent)]
    Form(#[from] ParametersRefused),
}

impl BearerToken<'_> {
    /// Reads the token; none: no way was used. `authorization` has the values of all such headers.
    pub fn read<'h>(
        self,
        authorization: impl IntoIterator<Item = &'h [u8]>,
    ) -> Result<Option<Secret>, BearerTokenRefused> {
        let mut headers = authorization.into_iter();
        let in_header = headers.next().and_then(bearer);
        let in_form = Parameters::from_form(self.form, &NAMES)?.take("access_token");
        let in_query = Parameters::from_form(self.query.as_bytes(), &NAMES)?.take("access_token");
        let ways =
            [in_header.is_some(), in_form.is_some(), in_query.is_some(), headers.next().is_some()];
        if ways.into_iter().filter(|used| *used).count() > 1 {
            return Err(BearerTokenRefused::Several);
        }
        if in_query.is_some() {
            return Err(BearerTokenRefused::InQuery);
        }
        Ok(in_header.or_else(|| in_form.map(Secret::new)))
    }
}

/// A token that is no text is nobody's, and fails like any other.
fn bearer(header: &[u8]) -> Option<Secret> {
    let (scheme, token) = header.split_at_checked(7)?;
    let token = String::from_utf8_lossy(token.trim_ascii());
    scheme.eq_ignore_ascii_case(b"bearer ").then(|| Secret::new(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(
        header: &[&str],
        form: &str,
        query: &str,
    ) -> Result<Option<String>, BearerTokenRefused> {
        let presented = BearerToken { query, form: form.as_bytes() };
        let token = presented.read(header.iter().map(|header| header.as_bytes()))?;
        Ok(token.map(|token| token.expose().to_owned()))
    }

    #[test]
    fn a_token_is_taken_from_one_place() {
        let token = Ok(Some("abc".to_owned()));
        assert_eq!(read(&["Bearer abc"], "", ""), token);
        assert_eq!(read(&["bearer  abc"], "x=y", "x=y"), token);
        assert_eq!(read(&[], "access_token=abc", ""), token);
        for none in [&[][..], &["Basic YTpi"], &["Bearer"], &["DPoP abc"]] {
            assert_eq!(read(none, "", ""), Ok(None), "{none:?}");
        }
        assert_eq!(read(&["Basic YTpi"], "access_token=", ""), Ok(None));
    }

    #[test]
    fn two_places_are_refused() {
        let several = Err(BearerTokenRefused::Several);
        assert_eq!(read(&["Bearer a"], "access_token=a", ""), several);
        assert_eq!(read(&["Bearer a"], "", "access_token=a"), several);
        assert_eq!(read(&["Bearer a", "Bearer a"], "", ""), several);
        assert_eq!(read(&[], "", "access_token=a"), Err(BearerTokenRefused::InQuery));
        let repeated = Err(ParametersRefused::Repeated("access_token").into());
        assert_eq!(read(&[], "access_token=a&access_token=b", ""), repeated);
    }
}

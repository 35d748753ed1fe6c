//! What stories about the authorization endpoint do again and again: change one parameter, and look
//! where the browser is sent.

use super::{ORIGIN, Reply};

/// Parameters of a request, in the order sent.
pub(crate) type Pairs<'p> = Vec<(&'p str, &'p str)>;

/// The same parameters with this one set to another value; the empty value counts as absent.
pub(crate) fn with<'p>(pairs: &[(&'p str, &'p str)], name: &'p str, value: &'p str) -> Pairs<'p> {
    let mut changed = without(pairs, name);
    changed.push((name, value));
    changed
}

/// The same parameters without this one.
pub(crate) fn without<'p>(pairs: &[(&'p str, &'p str)], name: &str) -> Pairs<'p> {
    pairs.iter().copied().filter(|(key, _)| *key != name).collect()
}

/// The same parameters and these.
pub(crate) fn and<'p>(pairs: &[(&'p str, &'p str)], more: &[(&'p str, &'p str)]) -> Pairs<'p> {
    pairs.iter().chain(more).copied().collect()
}

impl Reply {
    /// It is an error page of ours with this code, and leads nowhere.
    #[track_caller]
    pub(crate) fn expect_error_page(&self, code: &str) {
        assert_eq!(self.status.as_u16(), 400, "{:?} {}", self.header("location"), self.body);
        assert_eq!(self.header("location"), None);
        assert_eq!(self.header("content-type"), Some("text/html; charset=utf-8"));
        assert!(self.body.contains(&format!("<code>{code}</code>")), "not {code}: {}", self.body);
    }

    /// It sends the browser to this redirect URI with this error, and without a code. Every such
    /// reply names the issuer and returns the state that the stories send.
    // B-17, B-18
    #[track_caller]
    pub(crate) fn expect_error_at(&self, redirect_uri: &str, error: &str) {
        assert_eq!(self.status.as_u16(), 303, "{}", self.body);
        assert!(self.location().starts_with(redirect_uri), "{}", self.location());
        let rest = &self.location()[redirect_uri.len()..];
        assert!(rest.starts_with(['?', '&', '#']), "{}", self.location());
        assert_eq!(self.parameter("error").as_deref(), Some(error), "{}", self.location());
        assert_eq!(self.parameter("code"), None);
        assert_eq!(self.parameter("iss").as_deref(), Some(ORIGIN));
        assert_eq!(self.parameter("state").as_deref(), Some("xyz"));
    }

    /// The code that it sends to this redirect URI.
    #[track_caller]
    pub(crate) fn expect_code_at(&self, redirect_uri: &str) -> String {
        assert_eq!(self.status.as_u16(), 303, "{}", self.body);
        assert!(self.location().starts_with(redirect_uri), "{}", self.location());
        assert_eq!(self.parameter("iss").as_deref(), Some(ORIGIN));
        assert_eq!(self.parameter("error"), None);
        self.parameter("code").unwrap_or_else(|| panic!("no code in {}", self.location()))
    }

    /// It sends the browser to the sign-in page; the handle of the stored request.
    #[track_caller]
    pub(crate) fn expect_sign_in(&self) -> String {
        assert_eq!(self.status.as_u16(), 303, "{}", self.body);
        assert!(self.location().starts_with("/login?request="), "{}", self.location());
        self.parameter("request").expect("the request has a handle")
    }

    /// It is the consent page.
    #[track_caller]
    pub(crate) fn expect_consent(self) -> Self {
        assert_eq!(self.status.as_u16(), 200, "{:?} {}", self.header("location"), self.body);
        assert!(self.body.contains("id=\"consent-approve\""), "{}", self.body);
        self
    }
}

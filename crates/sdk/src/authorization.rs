//! The way over the user's browser: the authorization request (RFC 6749 §4.1.1, RFC 7636) and the
//! check of what comes back (RFC 6749 §4.1.2, RFC 9207).

use std::borrow::Cow;

use domain::{CodeChallenge, CodeVerifier, Secret};
use serde::{Deserialize, Serialize};
use url::{Url, form_urlencoded};
use wire::{ErrorCode, ServerMetadata};

use crate::error::Error;

/// What an app asks a user for.
///
/// ```no_run
/// use consentry_sdk::Authorization;
///
/// let ask = Authorization::new("https://photos.example/callback")
///     .scope("read calendar:read")
///     .resource("https://api.example.com/");
/// ```
#[derive(Clone, Debug)]
pub struct Authorization {
    redirect_uri: String,
    more: Vec<(&'static str, String)>,
}

impl Authorization {
    /// Asks for the account's default scopes. The redirect URI is one that is registered.
    ///
    /// ```no_run
    /// let ask = consentry_sdk::Authorization::new("https://photos.example/callback");
    /// ```
    pub fn new(redirect_uri: impl Into<String>) -> Self {
        Self { redirect_uri: redirect_uri.into(), more: Vec::new() }
    }

    /// Asks for these scopes, separated by spaces.
    ///
    /// ```no_run
    /// # use consentry_sdk::Authorization;
    /// let ask = Authorization::new("https://photos.example/callback").scope("read write");
    /// ```
    #[must_use]
    pub fn scope(self, scope: impl Into<String>) -> Self {
        self.with("scope", scope.into())
    }

    /// Asks for tokens for this API (RFC 8707 §2); may be said several times.
    ///
    /// ```no_run
    /// # use consentry_sdk::Authorization;
    /// let ask = Authorization::new("https://photos.example/callback")
    ///     .resource("https://api.example.com/");
    /// ```
    #[must_use]
    pub fn resource(self, resource: impl Into<String>) -> Self {
        self.with("resource", resource.into())
    }

    fn with(mut self, name: &'static str, value: String) -> Self {
        self.more.push((name, value));
        self
    }

    /// The URL for the browser, with a fresh `state` and PKCE verifier.
    pub(crate) fn begin(
        &self,
        metadata: &ServerMetadata,
        client_id: &str,
    ) -> Result<(Url, PendingAuthorization), Error> {
        let pending = PendingAuthorization {
            state: random()?,
            code_verifier: random()?,
            redirect_uri: self.redirect_uri.clone(),
            issuer: metadata.issuer.clone(),
        };
        let mut url = Url::parse(&metadata.authorization_endpoint).map_err(|_| Error::Endpoint)?;
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", client_id)
            .append_pair("redirect_uri", &self.redirect_uri)
            .extend_pairs(&self.more)
            .append_pair("state", pending.state.expose())
            .append_pair("code_challenge", &pending.code_challenge())
            .append_pair("code_challenge_method", "S256");
        Ok((url, pending))
    }
}

/// 256 random bits in hexadecimal: a `state`, and a verifier of 64 unreserved characters.
#[expect(
    clippy::disallowed_methods,
    reason = "an application has no server's context: it asks the operating system"
)]
fn random() -> Result<Secret, Error> {
    use std::fmt::Write as _;
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|_| Error::Randomness)?;
    let mut text = String::with_capacity(64);
    for byte in bytes {
        write!(text, "{byte:02x}").expect("a String takes any text");
    }
    Ok(Secret::new(text))
}

/// An authorization that a browser is under way with. Keep it in the browser's session: it can be
/// serialized, and holds secrets.
///
/// ```no_run
/// use consentry_sdk::{App, Authorization, PendingAuthorization};
///
/// # fn example(app: App, redirected_to: &str) -> Result<(), Box<dyn std::error::Error>> {
/// let (url, pending) = app.begin(&Authorization::new("https://photos.example/callback"))?;
/// let kept = serde_json::to_string(&pending)?;
/// // … the browser goes to `url` and comes back:
/// let pending: PendingAuthorization = serde_json::from_str(&kept)?;
/// let code = pending.check(redirected_to)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(from = "Kept", into = "Kept")]
pub struct PendingAuthorization {
    state: Secret,
    code_verifier: Secret,
    redirect_uri: String,
    issuer: String,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    state: String,
    code_verifier: String,
    redirect_uri: String,
    issuer: String,
}

impl From<Kept> for PendingAuthorization {
    fn from(kept: Kept) -> Self {
        let Kept { state, code_verifier, redirect_uri, issuer } = kept;
        let (state, code_verifier) = (Secret::new(state), Secret::new(code_verifier));
        Self { state, code_verifier, redirect_uri, issuer }
    }
}

impl From<PendingAuthorization> for Kept {
    fn from(pending: PendingAuthorization) -> Self {
        Self {
            state: pending.state.expose().to_owned(),
            code_verifier: pending.code_verifier.expose().to_owned(),
            redirect_uri: pending.redirect_uri,
            issuer: pending.issuer,
        }
    }
}

impl PendingAuthorization {
    fn code_challenge(&self) -> String {
        let verifier = CodeVerifier::parse(self.code_verifier.expose());
        let verifier = verifier.expect("64 hexadecimal characters are a verifier");
        CodeChallenge::of(&verifier).as_str().to_owned()
    }

    /// Checks where the browser came back to: the whole URL, or its query alone. Only an answer to
    /// this very request, by the issuer that was asked, gives a code.
    ///
    /// ```no_run
    /// # use consentry_sdk::{PendingAuthorization, RedirectRefused};
    /// # fn example(pending: PendingAuthorization) {
    /// match pending.check("code=cstac_…&state=…&iss=https%3A%2F%2Facme.example") {
    ///     Ok(code) => println!("redeem it now"),
    ///     Err(RedirectRefused::Refused { code, .. }) => println!("{}", code.as_str()),
    ///     Err(refused) => println!("not for us: {refused}"),
    /// }
    /// # }
    /// ```
    pub fn check(&self, redirected_to: &str) -> Result<AuthorizedCode, RedirectRefused> {
        let answer = Answer::read(redirected_to)?;
        let state = answer.state.map(|state| Secret::new(state.into_owned()));
        if !state.is_some_and(|state| state.ct_eq(&self.state)) {
            return Err(RedirectRefused::StateDiffers);
        }
        // RFC 9207 §2.4: before anything else of the answer is believed.
        match answer.iss {
            None => return Err(RedirectRefused::IssuerMissing),
            Some(iss) if iss != self.issuer => return Err(RedirectRefused::IssuerDiffers),
            Some(_) => {}
        }
        if let Some(error) = answer.error {
            return Err(refused(&error, answer.error_description));
        }
        let code = answer.code.ok_or(RedirectRefused::CodeMissing)?;
        Ok(AuthorizedCode {
            code: Secret::new(code.into_owned()),
            code_verifier: self.code_verifier.clone(),
            redirect_uri: self.redirect_uri.clone(),
        })
    }
}

/// A code, and all that redeeming it takes.
#[derive(Clone, Debug)]
pub struct AuthorizedCode {
    /// The code; it works once, for a minute.
    pub code: Secret,
    /// The verifier of the request (RFC 7636 §4.1).
    pub code_verifier: Secret,
    /// The redirect URI of the request.
    pub redirect_uri: String,
}

/// Why there is no code at the redirect URI.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RedirectRefused {
    /// The user or the server said no (RFC 6749 §4.1.2.1).
    #[error("{}{}", code.as_str(), description.as_ref().map(|it| format!(": {it}")).unwrap_or_default())]
    Refused {
        /// What software reads.
        code: ErrorCode,
        /// What a developer reads.
        description: Option<String>,
    },
    /// The `state` is missing or another one: not an answer to this request (RFC 6749 §10.12).
    #[error("the state is missing or not that of the request")]
    StateDiffers,
    /// There is no `iss`, although the server always says it (RFC 9207 §2.4).
    #[error("the issuer is missing")]
    IssuerMissing,
    /// Somebody else answers than was asked: a mix-up (RFC 9207 §2.4).
    #[error("the answer is from another issuer")]
    IssuerDiffers,
    /// A parameter is there twice (RFC 6749 §3.1).
    #[error("a parameter is repeated")]
    Repeated,
    /// There is neither a code nor an error that OAuth knows.
    #[error("the code is missing")]
    CodeMissing,
}

fn refused(error: &str, description: Option<Cow<'_, str>>) -> RedirectRefused {
    let code = serde_json::from_value(error.into());
    code.map_or(RedirectRefused::CodeMissing, |code| RedirectRefused::Refused {
        code,
        description: description.map(Cow::into_owned),
    })
}

/// The parameters of a redirect; none of them is believed yet.
#[derive(Default)]
struct Answer<'a> {
    code: Option<Cow<'a, str>>,
    state: Option<Cow<'a, str>>,
    iss: Option<Cow<'a, str>>,
    error: Option<Cow<'a, str>>,
    error_description: Option<Cow<'a, str>>,
}

impl<'a> Answer<'a> {
    fn read(redirected_to: &'a str) -> Result<Self, RedirectRefused> {
        let query = redirected_to.split_once('?').map_or(redirected_to, |(_, query)| query);
        let query = query.split('#').next().unwrap_or_default();
        let mut answer = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let place = match &*name {
                "code" => &mut answer.code,
                "state" => &mut answer.state,
                "iss" => &mut answer.iss,
                "error" => &mut answer.error,
                "error_description" => &mut answer.error_description,
                _ => continue,
            };
            if place.replace(value).is_some() {
                return Err(RedirectRefused::Repeated);
            }
        }
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use domain::BaseUrl;

    use super::*;

    const CALLBACK: &str = "https://photos.example/callback";

    fn begin(ask: &Authorization) -> (Url, PendingAuthorization) {
        let issuer = BaseUrl::parse("https://acme.example").expect("an origin");
        ask.begin(&ServerMetadata::new(&issuer, Vec::new()), "photo-album").expect("a URL")
    }

    fn pending(state: &str) -> PendingAuthorization {
        let (_, mut pending) = begin(&Authorization::new(CALLBACK));
        pending.state = Secret::new(state);
        pending
    }

    #[test]
    fn the_url_says_everything_that_was_asked() {
        let ask = Authorization::new(CALLBACK).scope("read a:b").resource("https://x.example/");
        let (url, pending) = begin(&ask);
        let pairs: Vec<_> = url.query_pairs().into_owned().collect();
        let expected = [
            ("response_type", "code"),
            ("client_id", "photo-album"),
            ("redirect_uri", CALLBACK),
            ("scope", "read a:b"),
            ("resource", "https://x.example/"),
            ("state", pending.state.expose()),
            ("code_challenge", &pending.code_challenge()),
            ("code_challenge_method", "S256"),
        ];
        assert_eq!(pairs, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert!(url.as_str().starts_with("https://acme.example/oauth/authorizations/new?"));
    }

    #[test]
    fn state_and_verifier_are_new_each_time() {
        let ((_, one), (_, two)) = (pending_pair(), pending_pair());
        assert!(!one.state.ct_eq(&two.state));
        assert!(!one.code_verifier.ct_eq(&two.code_verifier));
        assert!(!one.code_verifier.ct_eq(&one.state));
    }

    fn pending_pair() -> (Url, PendingAuthorization) {
        begin(&Authorization::new(CALLBACK))
    }

    #[test]
    fn the_answer_to_this_request_gives_its_code() {
        let pending = pending("s1");
        let query = "code=c1&state=s1&iss=https%3A%2F%2Facme.example&unknown=1&unknown=2";
        for came_back in [query.to_owned(), format!("{CALLBACK}?{query}#"), format!("/cb?{query}")]
        {
            let code = pending.check(&came_back).expect("a code");
            assert_eq!((code.code.expose(), code.redirect_uri.as_str()), ("c1", CALLBACK));
            assert!(code.code_verifier.ct_eq(&pending.code_verifier));
        }
    }

    #[test]
    fn any_other_answer_is_refused() {
        let iss = "iss=https%3A%2F%2Facme.example";
        let denied = RedirectRefused::Refused {
            code: ErrorCode::AccessDenied,
            description: Some("no".to_owned()),
        };
        for (query, refused) in [
            (format!("code=c1&{iss}"), RedirectRefused::StateDiffers),
            (format!("code=c1&state=s2&{iss}"), RedirectRefused::StateDiffers),
            ("code=c1&state=s1".to_owned(), RedirectRefused::IssuerMissing),
            (
                "code=c1&state=s1&iss=https://evil.example".to_owned(),
                RedirectRefused::IssuerDiffers,
            ),
            (format!("code=c1&code=c2&state=s1&{iss}"), RedirectRefused::Repeated),
            (format!("state=s1&{iss}"), RedirectRefused::CodeMissing),
            (format!("error=odd&state=s1&{iss}"), RedirectRefused::CodeMissing),
            (format!("error=access_denied&error_description=no&state=s1&{iss}"), denied),
            ("error=access_denied&state=s1".to_owned(), RedirectRefused::IssuerMissing),
        ] {
            assert_eq!(pending("s1").check(&query).err(), Some(refused), "{query}");
        }
    }

    #[test]
    fn what_is_kept_in_a_session_comes_back_whole() {
        let pending = pending("s1");
        let kept = serde_json::to_string(&pending).expect("plain texts");
        let back: PendingAuthorization = serde_json::from_str(&kept).expect("what was written");
        assert!(back.state.ct_eq(&pending.state));
        assert!(back.code_verifier.ct_eq(&pending.code_verifier));
        assert_eq!((back.redirect_uri, back.issuer), (pending.redirect_uri, pending.issuer));
    }

    #[test]
    fn neither_state_nor_verifier_prints() {
        let printed = format!("{:?}", pending("s1"));
        assert!(printed.contains("[redacted]") && !printed.contains("s1"), "{printed}");
    }
}

//! How a user signed in, in the words of ID tokens: `acr` and `amr` (OpenID Connect Core 1.0 §2).

/// What is told of a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuthenticationContext {
    /// The class that it meets.
    pub acr: &'static str,
    /// The methods that were used (RFC 8176).
    pub amr: &'static [&'static str],
}

/// A password, sent over an encrypted connection.
pub const PASSWORD: AuthenticationContext = AuthenticationContext {
    acr: "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
    amr: &["pwd"],
};

/// The classes that a sign-in can meet, the strongest first.
pub const ACR_VALUES_SUPPORTED: [&str; 1] = [PASSWORD.acr];

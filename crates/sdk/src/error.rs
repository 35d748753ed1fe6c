//! Why a call to an OAuth endpoint did not succeed.

use std::fmt;

use domain::BaseUrlRefused;
use serde::Deserialize;
use wire::ErrorCode;

use crate::connection::{ConnectionFailed, Reply};

/// Why a call did not succeed.
///
/// ```no_run
/// use consentry_sdk::{App, Error, ErrorCode, Secret};
///
/// # async fn example(app: App, refresh_token: Secret) {
/// match app.refresh(&refresh_token).await {
///     Ok(tokens) => println!("good for {:?} seconds", tokens.expires_in),
///     Err(Error::Refused(refusal)) if refusal.code == ErrorCode::InvalidGrant => {
///         println!("the user has to sign in again");
///     }
///     Err(error) => println!("try later: {error}"),
/// }
/// # }
/// ```
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The server said no, and why.
    #[error(transparent)]
    Refused(Refusal),
    /// There is no answer that means anything.
    #[error(transparent)]
    Connection(#[from] ConnectionFailed),
    /// The issuer is no address of a Consentry account.
    #[error("the issuer {0}")]
    Issuer(#[from] BaseUrlRefused),
    /// The server says that it is another issuer than the one asked (RFC 8414 §3.3).
    #[error("the metadata are those of {told}, not of {asked}")]
    IssuerDiffers {
        /// Who was asked.
        asked: String,
        /// Who answered.
        told: String,
    },
    /// The authorization endpoint of the metadata is no URL.
    #[error("the authorization endpoint of the metadata is no URL")]
    Endpoint,
    /// The operating system gives no random bytes.
    #[error("the operating system gives no random bytes")]
    Randomness,
}

impl Error {
    /// The RFC's code, where the server said no.
    ///
    /// ```no_run
    /// # fn example(error: consentry_sdk::Error) {
    /// if error.code() == Some(consentry_sdk::ErrorCode::InvalidClient) {
    ///     println!("check the secret");
    /// }
    /// # }
    /// ```
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Refused(refusal) => Some(refusal.code),
            _ => None,
        }
    }
}

/// What the server said (RFC 6749 §5.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What software reads.
    pub code: ErrorCode,
    /// What a developer reads.
    pub description: Option<String>,
    /// The HTTP status.
    pub status: u16,
    /// After how many seconds to try again, if trying again helps.
    pub retry_after: Option<u64>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.as_str())?;
        self.description.iter().try_for_each(|description| write!(f, ": {description}"))
    }
}

impl std::error::Error for Refusal {}

#[derive(Deserialize)]
struct Body {
    error: ErrorCode,
    error_description: Option<String>,
}

/// The refusal that a reply is.
pub(crate) fn refused(reply: &Reply) -> Error {
    match reply.message::<Body>() {
        Ok(Body { error, error_description }) => Error::Refused(Refusal {
            code: error,
            description: error_description,
            status: reply.status,
            retry_after: reply.retry_after,
        }),
        Err(failed) => failed.into(),
    }
}

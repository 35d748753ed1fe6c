//! Why a registration is refused, and what is said of it (RFC 7591 §3.2.2, RFC 7592, RFC 6750 §3.1).

use domain::{RegistrationFault, RegistrationRequest};
use store::{Decision, Failure};
use wire::{ErrorCode, OauthError};

use crate::clients::ClientRefused;
use crate::guesses::Throttled;

/// Why a client was not registered, shown, changed or deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegistrationRefused {
    /// The account takes no registrations.
    Off,
    /// No token was presented.
    TokenMissing,
    /// The token is not good here, or its client is gone.
    TokenInvalid,
    /// The client was suspended, or is everybody's: it decides about itself no more.
    Forbidden,
    /// The account has as many such clients as it may.
    Full,
    /// Too many were registered from this address.
    Throttled(Throttled),
    /// What is sent as a software statement is none.
    StatementInvalid,
    /// Nobody's software statements are believed.
    StatementUnapproved,
    /// These things are wrong with it.
    Invalid(Vec<RegistrationFault>),
}

impl RegistrationRefused {
    /// What the client is told.
    pub fn error(&self) -> OauthError {
        let (code, text) = match self {
            Self::Off => (ErrorCode::AccessDenied, "nobody may register a client here"),
            Self::TokenMissing | Self::TokenInvalid => {
                (ErrorCode::InvalidToken, "the token is not good for this registration")
            }
            Self::Forbidden => (ErrorCode::AccessDenied, "the client may not do this any more"),
            Self::Full => (
                ErrorCode::AccessDenied,
                "as many clients have registered here as may; an admin can remove some",
            ),
            Self::Throttled(_) => (
                ErrorCode::TemporarilyUnavailable,
                "too many clients were registered from this address; try again later",
            ),
            Self::StatementInvalid => {
                (ErrorCode::InvalidSoftwareStatement, "the software statement is no signed JWT")
            }
            Self::StatementUnapproved => (
                ErrorCode::UnapprovedSoftwareStatement,
                "software statements are not accepted here; register without one",
            ),
            Self::Invalid(faults) => return invalid(faults),
        };
        OauthError::new(code, text)
    }

    /// What becomes of a refusal of the client's own rules.
    pub(super) fn of_client(failure: Failure<ClientRefused>) -> Failure<Self> {
        failure.map_refused(|refused| match refused {
            ClientRefused::Invalid(faults) => {
                Self::Invalid(faults.iter().map(RegistrationFault::from).collect())
            }
            ClientRefused::Unknown => Self::TokenInvalid,
            ClientRefused::Global => Self::Forbidden,
            ClientRefused::OwnerUnknown => Self::Off,
        })
    }
}

/// Every fault in one description. RFC 7591 has one code for redirect URIs, and one for the rest.
fn invalid(faults: &[RegistrationFault]) -> OauthError {
    let code = if faults.iter().any(RegistrationFault::is_of_redirect_uris) {
        ErrorCode::InvalidRedirectUri
    } else {
        ErrorCode::InvalidClientMetadata
    };
    let lines: Vec<_> = faults.iter().map(|it| format!("{} {}", it.member, it.text)).collect();
    OauthError::new(code, lines.join("; "))
}

/// A statement would have to be believed before anything else is looked at (RFC 7591 §3.1.1).
pub(super) fn require_no_statement(
    request: &RegistrationRequest,
) -> Result<(), Failure<RegistrationRefused>> {
    let is_part = |part: &str| {
        let is_letter = |it: u8| it.is_ascii_alphanumeric() || b"-_".contains(&it);
        !part.is_empty() && part.bytes().all(is_letter)
    };
    match &request.software_statement {
        _ if request.unreadable.contains(&"software_statement") => {
            Err(Failure::Refused(RegistrationRefused::StatementInvalid))
        }
        None => Ok(()),
        Some(jwt) if jwt.split('.').count() == 3 && jwt.split('.').all(is_part) => {
            Err(Failure::Refused(RegistrationRefused::StatementUnapproved))
        }
        Some(_) => Err(Failure::Refused(RegistrationRefused::StatementInvalid)),
    }
}

/// What was judged, with its faults beside those of the request. A member is told of once.
pub(super) fn beside<T>(
    judged: Decision<T, ClientRefused>,
    faults: &mut Vec<RegistrationFault>,
) -> Result<Option<T>, Failure<RegistrationRefused>> {
    match judged {
        Ok(judged) => Ok(Some(judged)),
        Err(Failure::Refused(ClientRefused::Invalid(found))) => {
            let found = found.iter().map(RegistrationFault::from);
            let new = found.filter(|it| !faults.iter().any(|own| own.member == it.member));
            let new: Vec<_> = new.collect();
            faults.extend(new);
            Ok(None)
        }
        Err(failure) => Err(RegistrationRefused::of_client(failure)),
    }
}

//! Errors under `/api/v2/`: four envelopes, because clients parse each (zendesk-wire §1).

use std::collections::BTreeMap;

use domain::{ClientFault, RecordFault};
use serde::Serialize;
use serde::ser::Serializer;

use super::{PagingRefused, TokenFiltersRefused};
use crate::JsonRefused;

/// Everything that `/api/v2/` answers but a success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApiError {
    /// 401: no credentials, a wrong API token, or a password.
    NotAuthenticated,
    /// 401: the access token is not good (RFC 6750 §3.1).
    InvalidToken,
    /// 401: the user must sign in anew for this (RFC 9470 §3); at most so many seconds ago. Our own API only.
    SignInTooOld {
        /// How old the sign-in may be.
        max_age: i64,
    },
    /// 400: broken JSON, a repeated key, a bad query value; with what is wrong.
    InvalidRequest(String),
    /// 400: the paging is refused.
    Paging(PagingRefused),
    /// 403: the caller's role does not allow it.
    RoleForbidden,
    /// 403: the access token has none of these scopes, the specific one first.
    MissingScopes(&'static [&'static str]),
    /// 403: the access token would give away scopes that it does not have.
    ScopesNotHeld(Vec<String>),
    /// 404: no such route.
    InvalidEndpoint,
    /// 404: no such record, as far as the caller may know.
    RecordNotFound,
    /// 405.
    MethodNotAllowed,
    /// 413.
    PayloadTooLarge,
    /// 415.
    UnsupportedMediaType,
    /// 415, where a picture is expected.
    PictureExpected,
    /// 422: every fault of the request together.
    RecordInvalid(Vec<FieldFault>),
    /// 429.
    TooManyRequests,
    /// 500.
    InternalError,
    /// 503.
    ServiceUnavailable,
}

/// One fault of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldFault {
    /// The key; `base` for the whole record.
    pub field: &'static str,
    /// What, for people; begins with the field's name and a colon.
    pub description: String,
    /// What, for programs.
    pub error: &'static str,
}

impl From<ClientFault> for FieldFault {
    fn from(fault: ClientFault) -> Self {
        let ClientFault { field, code, message } = fault;
        Self { field: field.as_str(), description: message, error: code.as_str() }
    }
}

impl From<RecordFault> for FieldFault {
    fn from(fault: RecordFault) -> Self {
        let RecordFault { field, code, message } = fault;
        Self { field, description: message, error: code.as_str() }
    }
}

impl From<Vec<RecordFault>> for ApiError {
    fn from(faults: Vec<RecordFault>) -> Self {
        Self::RecordInvalid(faults.into_iter().map(FieldFault::from).collect())
    }
}

impl From<Vec<ClientFault>> for ApiError {
    fn from(faults: Vec<ClientFault>) -> Self {
        Self::RecordInvalid(faults.into_iter().map(FieldFault::from).collect())
    }
}

impl From<JsonRefused> for ApiError {
    fn from(refused: JsonRefused) -> Self {
        Self::InvalidRequest(refused.to_string())
    }
}

impl From<TokenFiltersRefused> for ApiError {
    fn from(refused: TokenFiltersRefused) -> Self {
        Self::InvalidRequest(refused.to_string())
    }
}

impl From<PagingRefused> for ApiError {
    fn from(refused: PagingRefused) -> Self {
        match refused {
            PagingRefused::Query(query) => Self::InvalidRequest(query.to_string()),
            paging => Self::Paging(paging),
        }
    }
}

impl ApiError {
    /// The HTTP status.
    pub const fn status(&self) -> u16 {
        match self {
            Self::InvalidRequest(_) | Self::Paging(_) => 400,
            Self::NotAuthenticated | Self::InvalidToken | Self::SignInTooOld { .. } => 401,
            Self::RoleForbidden | Self::MissingScopes(_) | Self::ScopesNotHeld(_) => 403,
            Self::InvalidEndpoint | Self::RecordNotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::PayloadTooLarge => 413,
            Self::UnsupportedMediaType | Self::PictureExpected => 415,
            Self::RecordInvalid(_) => 422,
            Self::TooManyRequests => 429,
            Self::InternalError => 500,
            Self::ServiceUnavailable => 503,
        }
    }

    fn envelope(&self) -> Envelope<'_> {
        match self {
            Self::NotAuthenticated => Envelope::Bare { error: "Couldn't authenticate you" },
            Self::InvalidToken => Envelope::Token {
                error: "invalid_token",
                error_description: "The access token is unknown, expired or revoked.",
            },
            Self::SignInTooOld { .. } => Envelope::Token {
                error: "insufficient_user_authentication",
                error_description: "This needs a more recent sign-in.",
            },
            Self::RoleForbidden => Envelope::Titled { error: Titled::ROLE },
            Self::Paging(refused) => Envelope::Several { errors: [Coded::new(refused)] },
            Self::RecordInvalid(faults) => Envelope::Record {
                error: "RecordInvalid",
                description: "Record validation errors",
                details: details(faults),
            },
            described => {
                let (error, description) = described.description();
                Envelope::Described { error, description }
            }
        }
    }

    /// The name and text of the errors that have just these.
    fn description(&self) -> (&'static str, String) {
        let (error, text) = match self {
            Self::InvalidRequest(fault) => return ("InvalidRequest", fault.clone()),
            Self::MissingScopes(scopes) => {
                return ("Forbidden", missing_scopes(&scopes.join(", ")));
            }
            Self::ScopesNotHeld(scopes) => {
                return ("Forbidden", missing_scopes(&scopes.join(", ")));
            }
            Self::InvalidEndpoint => ("InvalidEndpoint", "Not found"),
            Self::RecordNotFound => ("RecordNotFound", "Not found"),
            Self::MethodNotAllowed => {
                ("MethodNotAllowed", "This path does not answer to this method.")
            }
            Self::PayloadTooLarge => ("PayloadTooLarge", "The body is larger than 1 MiB."),
            Self::UnsupportedMediaType => {
                ("UnsupportedMediaType", "The body must be application/json.")
            }
            Self::PictureExpected => {
                ("UnsupportedMediaType", "The body must be image/png, image/jpeg or image/webp.")
            }
            Self::TooManyRequests => {
                ("TooManyRequests", "Try again after the time that Retry-After says.")
            }
            Self::ServiceUnavailable => {
                ("ServiceUnavailable", "Try again after the time that Retry-After says.")
            }
            _ => ("InternalError", "Something went wrong on our side."),
        };
        (error, text.to_owned())
    }
}

/// The text that clients compare: alternatives joined by comma and space (zendesk-wire §7).
fn missing_scopes(scopes: &str) -> String {
    format!("You are missing the following required scopes: {scopes}")
}

fn details(faults: &[FieldFault]) -> BTreeMap<&'static str, Vec<Detail<'_>>> {
    let mut details: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for FieldFault { field, description, error } in faults {
        details.entry(*field).or_default().push(Detail { description, error });
    }
    details
}

impl Serialize for ApiError {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.envelope().serialize(to)
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum Envelope<'e> {
    Bare {
        error: &'static str,
    },
    Token {
        error: &'static str,
        error_description: &'static str,
    },
    Described {
        error: &'static str,
        description: String,
    },
    Titled {
        error: Titled,
    },
    Several {
        errors: [Coded; 1],
    },
    Record {
        error: &'static str,
        description: &'static str,
        details: BTreeMap<&'static str, Vec<Detail<'e>>>,
    },
}

#[derive(Serialize)]
struct Titled {
    title: &'static str,
    message: &'static str,
}

impl Titled {
    const ROLE: Self =
        Self { title: "Forbidden", message: "Your role does not permit this action." };
}

#[derive(Serialize)]
struct Coded {
    code: &'static str,
    title: &'static str,
    detail: String,
}

impl Coded {
    fn new(refused: &PagingRefused) -> Self {
        let (code, title) = match refused {
            PagingRefused::Depth => ("InvalidPaginationDepth", "Paging too deep"),
            PagingRefused::Parameter(_) | PagingRefused::Query(_) => {
                ("InvalidPaginationParameter", "Bad paging parameter")
            }
        };
        Self { code, title, detail: refused.to_string() }
    }
}

#[derive(Serialize)]
struct Detail<'e> {
    description: &'e str,
    error: &'e str,
}

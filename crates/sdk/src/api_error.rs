//! Why a call to the administration API did not succeed (zendesk-wire §1).

use domain::BaseUrlRefused;
use serde_json::Value;

use crate::connection::{ConnectionFailed, Reply};

/// Why a call to the administration API did not succeed.
///
/// ```no_run
/// use consentry_sdk::{Api, ApiError, ClientFields};
///
/// # async fn example(api: Api) {
/// let fields = ClientFields::new().name("Photo Album").identifier("photo-album");
/// match api.clients().create(&fields).await {
///     Ok(app) => println!("made as {}", app.id),
///     Err(ApiError::Invalid(faults)) => {
///         for fault in faults {
///             println!("{} ({} of {})", fault.description, fault.error, fault.field);
///         }
///     }
///     Err(error) => println!("{error}"),
/// }
/// # }
/// ```
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// 401: no credentials, or a wrong API token.
    #[error("the caller is not authenticated")]
    NotAuthenticated,
    /// 401 `invalid_token` (RFC 6750 §3.1): the access token is unknown, expired or revoked.
    #[error("the access token is unknown, expired or revoked")]
    InvalidToken,
    /// 403: the caller's role or scopes do not allow it.
    #[error("{0}")]
    Forbidden(String),
    /// 404: no such record, as far as the caller may know.
    #[error("there is no such record")]
    NotFound,
    /// 422: the record would not be valid, with everything that is wrong.
    #[error("{}", sentences(.0))]
    Invalid(Vec<FieldFault>),
    /// 429 or 503: try again later.
    #[error("the server asks to try again later")]
    TryLater {
        /// After how many seconds.
        retry_after: Option<u64>,
    },
    /// Another refusal.
    #[error("{message} (status {status})")]
    Other {
        /// The HTTP status.
        status: u16,
        /// What the server says.
        message: String,
    },
    /// There is no answer that means anything.
    #[error(transparent)]
    Connection(#[from] ConnectionFailed),
    /// The base URL is no address of a Consentry account.
    #[error("the base URL {0}")]
    BaseUrl(#[from] BaseUrlRefused),
}

/// One thing that is wrong with a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldFault {
    /// The key; `base` for the whole record.
    pub field: String,
    /// What, for people.
    pub description: String,
    /// What, for programs: `BlankValue`, `DuplicateValue`, `InvalidValue` or `TooLong`.
    pub error: String,
}

fn sentences(faults: &[FieldFault]) -> String {
    faults.iter().map(|fault| fault.description.as_str()).collect::<Vec<_>>().join("; ")
}

impl ApiError {
    /// The error that a reply is.
    pub(crate) fn of(reply: &Reply) -> Self {
        let Ok(body) = serde_json::from_str::<Value>(&reply.body) else {
            return reply.not_understood().into();
        };
        match reply.status {
            401 if body["error"] == "invalid_token" => Self::InvalidToken,
            401 => Self::NotAuthenticated,
            403 => Self::Forbidden(message(&body)),
            404 => Self::NotFound,
            422 => Self::Invalid(faults(&body)),
            429 | 503 => Self::TryLater { retry_after: reply.retry_after },
            status => Self::Other { status, message: message(&body) },
        }
    }
}

/// The sentence of an envelope, whichever of the four it is.
fn message(body: &Value) -> String {
    let sentences = [
        &body["error"]["message"],
        &body["description"],
        &body["errors"][0]["detail"],
        &body["error"],
    ];
    sentences.iter().find_map(|sentence| sentence.as_str()).unwrap_or("refused").to_owned()
}

fn faults(body: &Value) -> Vec<FieldFault> {
    let details = body["details"].as_object().into_iter().flatten();
    let of_field = |(field, faults): (&String, &Value)| {
        let fault = |fault: &Value| FieldFault {
            field: field.clone(),
            description: text(&fault["description"]),
            error: text(&fault["error"]),
        };
        faults.as_array().into_iter().flatten().map(fault).collect::<Vec<_>>()
    };
    details.flat_map(of_field).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(status: u16, body: &str) -> ApiError {
        ApiError::of(&Reply { status, retry_after: Some(7), body: body.to_owned() })
    }

    #[test]
    fn every_envelope_is_understood() {
        let paging = r#"{"errors":[{"code":"C","title":"T","detail":"page[size] is odd"}]}"#;
        for (status, body, sentence) in [
            (401, r#"{"error":"Couldn't authenticate you"}"#, "the caller is not authenticated"),
            (
                401,
                r#"{"error":"invalid_token"}"#,
                "the access token is unknown, expired or revoked",
            ),
            (403, r#"{"error":{"title":"Forbidden","message":"No."}}"#, "No."),
            (403, r#"{"error":"Forbidden","description":"Scopes."}"#, "Scopes."),
            (
                404,
                r#"{"error":"RecordNotFound","description":"Not found"}"#,
                "there is no such record",
            ),
            (400, paging, "page[size] is odd (status 400)"),
            (503, r#"{"error":"ServiceUnavailable"}"#, "the server asks to try again later"),
            (418, "{}", "refused (status 418)"),
            (500, "<h1>", "the reply with status 500 cannot be understood"),
        ] {
            assert_eq!(error(status, body).to_string(), sentence);
        }
    }

    #[test]
    fn every_fault_of_a_record_is_told() {
        let body = r#"{"error":"RecordInvalid","details":{
            "identifier":[{"description":"Identifier: is already in use","error":"DuplicateValue"}],
            "name":[{"description":"Name: must not be blank","error":"BlankValue"}]}}"#;
        let ApiError::Invalid(faults) = error(422, body) else { panic!("a 422 is invalid") };
        let told: Vec<_> = faults.iter().map(|it| (it.field.as_str(), it.error.as_str())).collect();
        assert_eq!(told, [("identifier", "DuplicateValue"), ("name", "BlankValue")]);
        let sentence = "Identifier: is already in use; Name: must not be blank";
        assert_eq!(ApiError::Invalid(faults).to_string(), sentence);
    }

    #[test]
    fn a_wait_is_told() {
        assert!(matches!(error(429, "{}"), ApiError::TryLater { retry_after: Some(7) }));
    }
}

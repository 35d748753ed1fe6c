//! No parser panics, whatever it is fed, and what is written is read back the same.

use proptest::prelude::*;
use wire::zendesk::{ApiCredentials, ClientRequest, Paging};
use wire::{
    AuthorizationParameters, BodyCredentials, BodyFormat, IntrospectionRequest, OauthError,
    PresentedCredentials, TokenRequest, read_object,
};

/// Bytes that are nearly a form or JSON text, or nothing of the kind.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop_oneof![
        Just("grant_type"),
        Just("scope"),
        Just("client"),
        Just("page[size]"),
        Just("="),
        Just("&"),
        Just("%"),
        Just("%e2"),
        Just("{"),
        Just("}"),
        Just("["),
        Just("]"),
        Just("\""),
        Just("\\ud800"),
        Just(":"),
        Just(","),
        Just("1e400"),
        Just("null"),
        Just("€"),
    ];
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..200),
        proptest::collection::vec(pieces, 0..60).prop_map(|pieces| pieces.concat().into_bytes()),
    ]
}

proptest! {
    #[test]
    fn no_body_makes_a_parser_panic(body in body()) {
        for format in [BodyFormat::Form, BodyFormat::Json] {
            let _ = TokenRequest::parse(format, &body).map_err(OauthError::from);
            let _ = IntrospectionRequest::parse(format, &body);
        }
        let _ = read_object(&body);
        let _ = ClientRequest::parse(&body);
        let _ = Paging::parse(&body, &["id"]);
    }

    #[test]
    fn no_header_makes_a_parser_panic(header in body(), basic in any::<bool>()) {
        let header = if basic { [b"Basic ", header.as_slice()].concat() } else { header };
        let _ = PresentedCredentials::read([header.as_slice()], BodyCredentials::default());
        let _ = ApiCredentials::read([header.as_slice()]);
    }

    #[test]
    fn an_authorization_request_is_read_back_as_it_was_written(body in body()) {
        if let Ok(parameters) = AuthorizationParameters::parse(&body) {
            let again = AuthorizationParameters::parse(parameters.to_form().as_bytes());
            prop_assert_eq!(again, Ok(parameters));
        }
    }

    #[test]
    fn any_state_survives(state in "[^\\x00]{0,200}") {
        let parameters = AuthorizationParameters {
            state: Some(state.clone()).filter(|state| !state.is_empty()),
            resources: vec!["urn:a".to_owned()],
            ..AuthorizationParameters::default()
        };
        let again = AuthorizationParameters::parse(parameters.to_form().as_bytes());
        prop_assert_eq!(again, Ok(parameters));
    }

    #[test]
    fn any_json_is_read_as_serde_reads_it(text in "[a-z\\\\\"€\\x01]{0,20}", number in any::<i64>()) {
        let value = serde_json::json!({"a": text, "b": [number, null], "c": {"a": number}});
        let read = read_object(value.to_string().as_bytes());
        prop_assert_eq!(read.map(serde_json::Value::Object), Ok(value));
    }
}

//! What is asked of the tokens API: which tokens, and which token to make (zendesk-wire §4).

use domain::{ClientId, TokenDraft};
use wire::zendesk::{ApiError, NewTokenRequest, Patch, TokenFilters, TokenQuery};

use crate::assert_golden;

fn filters(query: &str) -> Result<TokenFilters, String> {
    let filters = TokenQuery::parse(query.as_bytes()).and_then(|query| query.filters());
    filters.map_err(|refused| refused.to_string())
}

#[test]
fn filters_are_read_and_repeated() {
    let all = TokenFilters { all: true, ..TokenFilters::default() };
    let of_client = TokenFilters { client_id: Some(7), ..TokenFilters::default() };
    let table = [
        ("", TokenFilters::default(), ""),
        ("all=false&page%5Bsize%5D=1&x=1&x=2&client_id=", TokenFilters::default(), ""),
        ("all=true", all, "all=true"),
        ("client_id=7", of_client, "client_id=7"),
        (
            "include_expired=true&global_client_id=0009&client_id=99999999999999999999&all=true",
            TokenFilters {
                client_id: Some(i64::MAX),
                global_client_id: Some(9),
                include_expired: true,
                ..all
            },
            "all=true&client_id=9223372036854775807&global_client_id=9&include_expired=true",
        ),
    ];
    for (query, expected, repeated) in table {
        let read = filters(query).expect(query);
        assert_eq!(read, expected, "{query}");
        let pairs = read.pairs().into_iter().map(|(name, value)| format!("{name}={value}"));
        assert_eq!(pairs.collect::<Vec<_>>().join("&"), repeated);
        assert_eq!(filters(repeated), Ok(expected), "what is repeated is read the same");
    }
}

#[test]
fn a_bad_filter_is_refused() {
    for (query, reason) in [
        ("all=yes", "all must be true or false"),
        ("all=true&include_expired=1", "include_expired must be true or false"),
        ("include_expired=true", "include_expired=true needs all=true"),
        ("client_id=acme", "client_id must be the id of a client, which is an integer"),
        ("client_id=-1", "client_id must be the id of a client, which is an integer"),
        ("client_id=1.0", "client_id must be the id of a client, which is an integer"),
        (
            "global_client_id=%2B1",
            "global_client_id must be the id of a client, which is an integer",
        ),
        ("client_id=1&client_id=1", "the parameter client_id is repeated"),
        ("all=true&all=true", "the parameter all is repeated"),
        ("client_id=%zz", "the parameters are not correctly encoded"),
    ] {
        assert_eq!(filters(query), Err(reason.to_owned()), "{query}");
    }
}

#[test]
fn who_may_ask_is_known_before_the_filters_are_judged() {
    let query = TokenQuery::parse(b"all=true&client_id=acme").expect("it is read");
    assert!(query.all);
    let refused = query.filters().expect_err("it is no id");
    assert!(matches!(ApiError::from(refused), ApiError::InvalidRequest(_)));
}

#[test]
fn a_request_is_written_as_it_is_read() {
    let golden = include_str!("golden/zendesk/token_request.json");
    let request = NewTokenRequest::parse(golden.as_bytes()).expect("it is JSON");
    assert_golden(&request, golden);
    let draft = TokenDraft {
        client_id: Some(ClientId::new(4_302_177)),
        scopes: Some(vec!["read".to_owned(), "write".to_owned()]),
        expires_in: Some(3600),
        unreadable: Vec::new(),
    };
    assert_eq!(request.into_draft(), draft);
}

#[test]
fn null_is_absent_and_another_type_is_noted() {
    for body in ["", "{}", r#"{"token":{"client_id":null,"scopes":null,"id":1,"user_id":2}}"#] {
        let request = NewTokenRequest::parse(body.as_bytes()).expect("it is JSON");
        assert_eq!(request.into_draft(), TokenDraft::default(), "{body}");
    }
    let body = br#"{"token":{"client_id":"acme","scopes":"read","expires_in":"600"}}"#;
    let request = NewTokenRequest::parse(body).expect("it is JSON");
    assert_eq!(request.client_id, Patch::Absent);
    assert_eq!(request.into_draft().unreadable, ["client_id", "scopes", "expires_in"]);
}

// W-36
#[test]
fn scopes_that_are_not_held_are_told_in_the_literal_text() {
    let error = ApiError::ScopesNotHeld(vec!["write".to_owned(), "users:read".to_owned()]);
    assert_eq!(error.status(), 403);
    let body = String::from_utf8(wire::to_bytes(&error)).expect("JSON is UTF-8");
    let text = "You are missing the following required scopes: write, users:read";
    assert_eq!(body, format!(r#"{{"error":"Forbidden","description":"{text}"}}"#));
}

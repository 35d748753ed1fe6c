//! The `Authorization` header of an `/api/v2/` call (zendesk-wire §1, W-76).

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use wire::zendesk::ApiCredentials;

fn read(header: &str) -> ApiCredentials {
    ApiCredentials::read([header.as_bytes()])
}

fn basic(pair: &str) -> ApiCredentials {
    read(&format!("Basic {}", BASE64_STANDARD.encode(pair)))
}

#[test]
fn no_header_and_unknown_schemes_are_absent() {
    assert!(matches!(ApiCredentials::read([]), ApiCredentials::Absent));
    for header in ["", "Digest x", "Token x", "Bearerx"] {
        assert!(matches!(read(header), ApiCredentials::Absent), "{header}");
    }
}

#[test]
fn a_bearer_token_is_taken_as_it_stands() {
    for header in ["Bearer cstat_x", "bearer cstat_x", "BEARER  cstat_x"] {
        let credentials = read(header);
        let is_token =
            matches!(&credentials, ApiCredentials::Bearer(token) if token.expose() == "cstat_x");
        assert!(is_token, "{header}: {credentials:?}");
    }
    assert!(matches!(ApiCredentials::read([&b"Bearer \xff"[..]]), ApiCredentials::Bearer(_)));
}

#[test]
fn an_api_token_stands_where_a_password_would() {
    let credentials = basic("mira@acme.example/token:cstpt_x:y+%41");
    let ApiCredentials::ApiToken { email, token } = credentials else { panic!("{credentials:?}") };
    assert_eq!(email, "mira@acme.example");
    assert_eq!(token.expose(), "cstpt_x:y+%41");
}

#[test]
fn a_password_is_not_looked_at() {
    assert!(matches!(basic("mira@acme.example:hunter2"), ApiCredentials::Password));
    assert!(matches!(basic("mira@acme.example/TOKEN:x"), ApiCredentials::Password));
    assert!(matches!(basic(":"), ApiCredentials::Password));
}

#[test]
fn what_cannot_be_read_is_malformed() {
    for header in ["Basic", "Basic !!!", "Basic bm8tY29sb24=", "Basic //8=", "Basic OgA="] {
        assert!(matches!(read(header), ApiCredentials::Malformed), "{header}");
    }
    let twice = ApiCredentials::read([&b"Bearer a"[..], &b"Bearer a"[..]]);
    assert!(matches!(twice, ApiCredentials::Malformed));
}

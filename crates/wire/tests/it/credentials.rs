//! Client credentials as presented: CA-01, CA-08, D-05.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use domain::Secret;
use wire::{BodyCredentials, CredentialsRefused, ErrorCode, OauthError, PresentedCredentials};

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

fn basic(pair: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(pair))
}

fn read(
    header: Option<&str>,
    body: BodyCredentials,
) -> Result<PresentedCredentials, CredentialsRefused> {
    PresentedCredentials::read(header.map(str::as_bytes), body)
}

fn from_header(header: &str) -> Result<PresentedCredentials, CredentialsRefused> {
    read(Some(header), BodyCredentials::default())
}

fn body(client_id: Option<&str>, client_secret: Option<&str>) -> BodyCredentials {
    BodyCredentials {
        client_id: client_id.map(str::to_owned),
        client_secret: client_secret.map(Secret::new),
        ..BodyCredentials::default()
    }
}

fn assertion(client_id: Option<&str>, assertion_type: Option<&str>) -> BodyCredentials {
    BodyCredentials {
        client_assertion: Some(Secret::new("e30.e30.sig")),
        client_assertion_type: assertion_type.map(str::to_owned),
        ..body(client_id, None)
    }
}

fn secrets(credentials: &PresentedCredentials) -> Vec<&str> {
    credentials.secrets().map(Secret::expose).collect()
}

#[test]
fn basic_credentials_are_form_decoded_and_the_raw_form_is_kept() {
    let table: [(&str, &str, &[&str]); 5] = [
        ("demo-web:s3cret", "demo-web", &["s3cret"]),
        ("demo%2Dweb:s3cret", "demo-web", &["s3cret"]),
        ("demo-web:a%2Bb+c", "demo-web", &["a+b c", "a%2Bb+c"]),
        ("demo-web:a:b", "demo-web", &["a:b"]),
        ("demo-web:%C3%A9", "demo-web", &["é", "%C3%A9"]),
    ];
    for (pair, client_id, expected) in table {
        let credentials = from_header(&basic(pair)).expect(pair);
        assert_eq!(credentials.client_id(), Some(client_id), "{pair}");
        assert_eq!(secrets(&credentials), expected, "{pair}");
    }
}

#[test]
fn the_scheme_may_be_written_in_any_case() {
    for scheme in ["basic", "BASIC", "bAsIc", "Basic "] {
        let header = basic("demo:s3cret").replacen("Basic", scheme, 1);
        let credentials = from_header(&header).expect(scheme);
        assert_eq!(secrets(&credentials), ["s3cret"], "{scheme}");
    }
}

#[test]
fn ca_08_loosely_decoded_basic_is_refused() {
    let strict = BASE64_STANDARD.encode("demo:s3cret!");
    let broken = [
        "Basic".to_owned(),
        "Basic ".to_owned(),
        "Basic !!!".to_owned(),
        format!("Basic {strict}="),
        format!("Basic {strict} {strict}"),
        format!("Basic {}", BASE64_STANDARD.encode("demo:s3c").trim_end_matches('=')),
        format!("Basic {}", BASE64_STANDARD.encode("demo:~~~\u{3f}").replace('/', "_")),
        "Basic ZGVtbzpzM2NyZXR=".to_owned(),
        format!("Basic {}", BASE64_STANDARD.encode(b"demo:\xff")),
        basic("no-colon"),
        basic(""),
        basic(":"),
        basic(":s3cret"),
        basic("demo:s3cret\0"),
        basic("de\0mo:s3cret"),
        basic("demo:s3cret%00"),
        basic("demo%0A:s3cret"),
        basic("demo:s3c\u{7f}ret"),
        basic("demo:100%"),
        basic("demo:%zz"),
        basic("demo:%ff"),
        basic("de%mo:s3cret"),
    ];
    for header in broken {
        let refused = from_header(&header).expect_err(&header);
        assert_eq!(refused, CredentialsRefused::MalformedBasic, "{header}");
        assert_eq!(OauthError::from(refused).error, ErrorCode::InvalidClient);
    }
}

#[test]
fn ca_08_two_authorization_headers_are_a_failed_authentication() {
    let one = basic("demo:s3cret");
    for second in [one.as_str(), "Bearer x", ""] {
        let headers = [one.as_bytes(), second.as_bytes()];
        let refused = PresentedCredentials::read(headers, BodyCredentials::default());
        let refused = refused.expect_err("a refusal");
        assert_eq!(refused, CredentialsRefused::RepeatedHeader);
        assert_eq!(refused.error_code().status(), 401);
    }
}

#[test]
fn another_scheme_is_ignored() {
    for header in ["Bearer abc", "Digest username=x", "Basically ZGVtbzpz", "Negotiate", ""] {
        let credentials = read(Some(header), body(Some("demo"), Some("s3cret"))).expect(header);
        assert!(matches!(credentials, PresentedCredentials::Post { .. }), "{header}");
    }
}

#[test]
fn a_body_names_the_client_and_may_prove_it() {
    let named = read(None, body(Some("demo"), None)).expect("a client");
    assert!(
        matches!(&named, PresentedCredentials::Identified { client_id } if client_id == "demo")
    );
    assert!(secrets(&named).is_empty());
    let proved = read(None, body(Some("demo"), Some("s3cret"))).expect("a client");
    assert_eq!(secrets(&proved), ["s3cret"]);
    let signed = read(None, assertion(None, Some(JWT_BEARER))).expect("a client");
    assert!(matches!(signed, PresentedCredentials::Assertion { client_id: None, .. }));
}

#[test]
fn ca_01_an_empty_secret_proves_nothing() {
    let credentials = from_header(&basic("demo:")).expect("a client");
    assert!(matches!(credentials, PresentedCredentials::Identified { .. }));
}

#[test]
fn nobody_is_no_client() {
    for secret in [None, Some("s3cret")] {
        let refused = read(None, body(None, secret)).expect_err("a refusal");
        assert_eq!(refused, CredentialsRefused::Missing);
        assert_eq!(refused.error_code(), ErrorCode::InvalidClient);
    }
}

#[test]
fn an_assertion_needs_its_type() {
    let lonely_type = BodyCredentials {
        client_assertion_type: Some(JWT_BEARER.to_owned()),
        ..body(Some("demo"), None)
    };
    let saml = Some("urn:ietf:params:oauth:client-assertion-type:saml2-bearer");
    for body in [lonely_type, assertion(Some("demo"), None), assertion(Some("demo"), saml)] {
        let refused = read(None, body).expect_err("a refusal");
        assert_eq!(refused, CredentialsRefused::AssertionType);
    }
}

#[test]
fn two_methods_in_one_request_conflict() {
    let header = basic("demo:s3cret");
    let both = BodyCredentials {
        client_secret: Some(Secret::new("s3cret")),
        ..assertion(Some("demo"), Some(JWT_BEARER))
    };
    let conflicts = [
        (Some(header.as_str()), body(None, Some("s3cret"))),
        (Some(header.as_str()), body(Some("demo"), Some("s3cret"))),
        (Some(header.as_str()), assertion(None, Some(JWT_BEARER))),
        (None, both),
    ];
    for (header, body) in conflicts {
        let refused = read(header, body).expect_err("a conflict");
        assert_eq!(refused, CredentialsRefused::TwoMethods);
        assert_eq!(OauthError::from(refused).error, ErrorCode::InvalidRequest);
    }
}

#[test]
fn header_and_body_must_name_one_client() {
    let header = basic("demo:s3cret");
    assert!(read(Some(&header), body(Some("demo"), None)).is_ok());
    for other in ["other", "Demo", "demo "] {
        let refused = read(Some(&header), body(Some(other), None)).expect_err(other);
        assert_eq!(refused, CredentialsRefused::DifferingClients, "{other}");
        assert_eq!(refused.error_code(), ErrorCode::InvalidRequest);
    }
}

#[test]
fn credentials_do_not_print() {
    let credentials = from_header(&basic("demo:hid%64en")).expect("a client");
    let printed = format!("{credentials:?}");
    assert!(!printed.contains("hid"), "{printed}");
}

//! The requests of the token, introspection and revocation endpoints: W-52, W-64, W-70, W-71.

use domain::{GrantType, Secret};
use wire::{
    BodyFormat, ErrorCode, GrantRequest, IntrospectionRequest, OauthError, ParametersRefused,
    PresentedSeconds, RevocationRequest, TokenRequest,
};

fn form(body: &str) -> Result<TokenRequest, ParametersRefused> {
    TokenRequest::parse(BodyFormat::Form, body.as_bytes())
}

fn json(body: &str) -> Result<TokenRequest, ParametersRefused> {
    TokenRequest::parse(BodyFormat::Json, body.as_bytes())
}

#[test]
fn w_52_form_and_json_say_the_same() {
    let form = form(
        "grant_type=authorization_code&code=cstac_x&redirect_uri=https%3A%2F%2Fa.example%2Fcb\
        &code_verifier=v&client_id=demo&client_secret=s&scope=read+write&expires_in=1800\
        &refresh_token_expires_in=604800&resource=urn:a&resource=urn:b",
    );
    let json = json(
        r#"{"grant_type":"authorization_code","code":"cstac_x","code_verifier":"v",
        "redirect_uri":"https://a.example/cb","client_id":"demo","client_secret":"s",
        "scope":"read write","expires_in":1800,"refresh_token_expires_in":"604800",
        "resource":["urn:a","urn:b"]}"#,
    );
    for request in [form.expect("a form"), json.expect("an object")] {
        assert_eq!(request.grant_type(), Some(GrantType::AuthorizationCode));
        let GrantRequest::AuthorizationCode(claim) = &request.grant else {
            panic!("{:?}", request.grant)
        };
        assert_eq!(claim.code.as_ref().map(Secret::expose), Some("cstac_x"));
        assert_eq!(claim.redirect_uri.as_deref(), Some("https://a.example/cb"));
        assert_eq!(claim.code_verifier.as_ref().map(Secret::expose), Some("v"));
        assert_eq!(request.credentials.client_id.as_deref(), Some("demo"));
        assert_eq!(request.credentials.client_secret.as_ref().map(Secret::expose), Some("s"));
        assert_eq!(request.scope.as_deref(), Some("read write"));
        assert_eq!(request.resources, ["urn:a", "urn:b"]);
        let whole = |seconds: Option<PresentedSeconds>| seconds.and_then(|it| it.whole());
        assert_eq!(whole(request.expires_in), Some(1800));
        assert_eq!(whole(request.refresh_token_expires_in), Some(604_800));
    }
}

#[test]
fn w_64_a_refresh_ignores_unknown_keys() {
    let request = json(
        r#"{"grant_type":"refresh_token","refresh_token":"cstrt_x","client_id":"demo",
        "scopes":["read"],"scopes":"write"}"#,
    );
    let request = request.expect("an object");
    assert_eq!(request.scope, None);
    let GrantRequest::RefreshToken { refresh_token } = request.grant else {
        panic!("another grant type")
    };
    assert_eq!(refresh_token.as_ref().map(Secret::expose), Some("cstrt_x"));
}

#[test]
fn w_70_the_grant_type_is_looked_at_first() {
    for grant_type in ["password", "foo", "Client_Credentials", "implicit"] {
        let request = form(&format!("grant_type={grant_type}&code=x")).expect(grant_type);
        assert!(matches!(request.grant, GrantRequest::Unsupported), "{grant_type}");
        assert_eq!(request.grant_type(), None);
    }
    for body in ["", "grant_type=", "code=x", "GRANT_TYPE=client_credentials"] {
        let refused = form(body).expect_err(body);
        assert_eq!(refused, ParametersRefused::Missing("grant_type"), "{body}");
        assert_eq!(OauthError::from(refused).error, ErrorCode::InvalidRequest);
    }
}

#[test]
fn w_71_each_recognised_field_may_be_sent_once() {
    for name in [
        "grant_type",
        "code",
        "redirect_uri",
        "code_verifier",
        "refresh_token",
        "scope",
        "expires_in",
        "refresh_token_expires_in",
        "client_id",
        "client_secret",
        "client_assertion",
        "client_assertion_type",
    ] {
        let refused = form(&format!("grant_type=x&{name}=1&{name}=1")).expect_err(name);
        assert_eq!(refused, ParametersRefused::Repeated(name));
        let refused = json(&format!(r#"{{"{name}":"1","{name}":"1"}}"#)).expect_err(name);
        assert_eq!(refused, ParametersRefused::Repeated(name));
    }
}

#[test]
fn required_values_may_be_absent_until_the_client_is_known() {
    let request = form("grant_type=authorization_code").expect("a form");
    let GrantRequest::AuthorizationCode(claim) = request.grant else {
        panic!("another grant type")
    };
    assert!(claim.code.is_none() && claim.redirect_uri.is_none() && claim.code_verifier.is_none());
    let request = form("grant_type=refresh_token&refresh_token=").expect("a form");
    assert!(matches!(request.grant, GrantRequest::RefreshToken { refresh_token: None }));
    let request = form("grant_type=client_credentials").expect("a form");
    assert!(matches!(request.grant, GrantRequest::ClientCredentials));
}

#[test]
fn a_token_request_does_not_print_its_secrets() {
    let body = "grant_type=authorization_code&code=hidden&code_verifier=hidden&client_secret=hidden\
        &client_assertion=hidden";
    let printed = format!("{:?}", form(body).expect("a form"));
    assert!(!printed.contains("hidden"), "{printed}");
}

#[test]
fn introspection_and_revocation_name_a_token() {
    let body = b"token=cstat_x&token_type_hint=access_token&client_id=demo&client_secret=s";
    let asked = IntrospectionRequest::parse(BodyFormat::Form, body).expect("a form");
    assert_eq!(asked.token.as_ref().map(Secret::expose), Some("cstat_x"));
    assert_eq!(asked.token_type_hint.as_deref(), Some("access_token"));
    assert_eq!(asked.credentials.client_id.as_deref(), Some("demo"));
    let body = br#"{"token":"cstat_x","client_id":"demo"}"#;
    let revoked = RevocationRequest::parse(BodyFormat::Json, body).expect("an object");
    assert_eq!(revoked.token.as_ref().map(Secret::expose), Some("cstat_x"));
    let nothing = RevocationRequest::parse(BodyFormat::Form, b"token=").expect("a form");
    assert!(nothing.token.is_none());
    let twice = IntrospectionRequest::parse(BodyFormat::Form, b"token=a&token=b");
    assert_eq!(twice.expect_err("a refusal"), ParametersRefused::Repeated("token"));
}

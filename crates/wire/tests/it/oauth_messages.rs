//! The replies of the OAuth endpoints, pinned byte for byte.

use domain::{Secret, SigningAlgorithm};
use wire::{
    AccessTokenClaims, ActiveToken, Audience, AuthorizationResponse, ErrorCode, IdTokenClaims,
    IntrospectionResponse, Jwk, Jwks, LogoutEvent, LogoutTokenClaims, OauthError, PublicKey,
    ServerMetadata, TokenResponse, TokenType,
};

use crate::fixtures::base_url;
use crate::{assert_golden, assert_round_trip};

const API: &str = "https://api.acme.example/";
const ACR: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport";
const ISSUER: &str = "https://acme.example";

fn token_response() -> TokenResponse {
    TokenResponse {
        access_token: Secret::new("cstat_Qm8rT2vXz5LkN0pYd7HcWb3JfUa9SgEi4RoVtBxKw1"),
        token_type: TokenType::Bearer,
        scope: "read write".to_owned(),
        expires_in: Some(1800),
        refresh_token: Some(Secret::new("cstrt_Zk4yP9wLb2NdXq6HtVc0JmFu8SaGe1RiToBxKv5Ms3")),
        refresh_token_expires_in: Some(2_592_000),
        id_token: None,
    }
}

#[test]
fn a_token_response_has_tokens_scope_and_lifetimes() {
    let golden = include_str!("golden/oauth/token_response.json");
    assert_golden(&token_response(), golden);
    assert_round_trip::<TokenResponse>(golden);
}

#[test]
fn an_id_token_stands_beside_the_tokens() {
    let id_token = Some(Secret::new("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln"));
    let response = TokenResponse { id_token, ..token_response() };
    let golden = include_str!("golden/oauth/token_response_openid.json");
    assert_golden(&response, golden);
    assert_round_trip::<TokenResponse>(golden);
}

#[test]
fn an_id_token_has_the_claims_of_openid_connect() {
    let of_user = serde_json::Map::new();
    let claims = IdTokenClaims {
        iss: ISSUER,
        sub: "88120",
        aud: "photo-album",
        exp: 1_777_887_600,
        iat: 1_777_887_000,
        auth_time: 1_777_886_000,
        nonce: Some("n-0S6_WzA2Mj"),
        at_hash: "77QmUPtjPfzWtF2AnpK9RQ",
        acr: "urn:example:password",
        amr: &["pwd"],
        sid: Some("08a5019c17e1"),
        of_user: &of_user,
    };
    assert_golden(&claims, include_str!("golden/oauth/id_token_claims.json"));
    let mut of_user = of_user.clone();
    of_user.insert("email".to_owned(), "mira@acme.example".into());
    let refreshed = IdTokenClaims { nonce: None, sid: None, of_user: &of_user, ..claims };
    let golden = include_str!("golden/oauth/id_token_claims_refreshed.json");
    assert_golden(&refreshed, golden);
}

#[test]
fn client_credentials_have_no_refresh_token() {
    let response = TokenResponse {
        scope: "read".to_owned(),
        refresh_token: None,
        refresh_token_expires_in: None,
        ..token_response()
    };
    let golden = include_str!("golden/oauth/token_response_client_credentials.json");
    assert_golden(&response, golden);
    assert_round_trip::<TokenResponse>(golden);
}

#[test]
fn a_token_that_never_ends_has_no_lifetime() {
    let response = TokenResponse {
        scope: "read".to_owned(),
        expires_in: None,
        refresh_token: None,
        refresh_token_expires_in: None,
        ..token_response()
    };
    assert_golden(&response, include_str!("golden/oauth/token_response_legacy.json"));
}

#[test]
fn a_token_response_does_not_print_its_tokens() {
    let printed = format!("{:?}", token_response());
    assert!(!printed.contains("cstat_") && !printed.contains("cstrt_"), "{printed}");
}

fn active_token() -> ActiveToken {
    ActiveToken {
        scope: "read write".to_owned(),
        client_id: "acme-reporting".to_owned(),
        username: Some("mira@acme.example".to_owned()),
        token_type: Some(TokenType::Bearer),
        exp: Some(1_777_888_860),
        iat: 1_777_887_060,
        sub: "88120".to_owned(),
        aud: Audience::from(vec![API.to_owned()]),
        iss: ISSUER.to_owned(),
        jti: Some("7719034".to_owned()),
        auth_time: Some(1_777_887_000),
        acr: Some(ACR.to_owned()),
    }
}

#[test]
fn an_inactive_token_reveals_nothing() {
    let golden = include_str!("golden/oauth/introspection_inactive.json");
    assert_golden(&IntrospectionResponse::Inactive, golden);
}

#[test]
fn an_active_access_token_is_described() {
    let response = IntrospectionResponse::Active(Box::new(active_token()));
    assert_golden(&response, include_str!("golden/oauth/introspection_access_token.json"));
}

#[test]
fn a_refresh_token_has_no_type_and_no_absent_member_is_null() {
    let token = ActiveToken {
        scope: "read".to_owned(),
        username: None,
        token_type: None,
        exp: None,
        sub: "acme-reporting".to_owned(),
        aud: Audience::from(vec![API.to_owned(), ISSUER.to_owned()]),
        jti: None,
        auth_time: None,
        acr: None,
        ..active_token()
    };
    let response = IntrospectionResponse::Active(Box::new(token));
    assert_golden(&response, include_str!("golden/oauth/introspection_refresh_token.json"));
}

#[test]
fn introspection_responses_are_read_back() {
    let read = |golden| serde_json::from_str::<IntrospectionResponse>(golden).expect("a response");
    let inactive = read(include_str!("golden/oauth/introspection_inactive.json"));
    assert_eq!(inactive, IntrospectionResponse::Inactive);
    let active = read(include_str!("golden/oauth/introspection_access_token.json"));
    assert_eq!(active, IntrospectionResponse::Active(Box::new(active_token())));
}

#[test]
fn an_error_has_a_code_and_a_reason() {
    let reason = "the authorization code is unknown, expired or used";
    let golden = include_str!("golden/oauth/error.json");
    assert_golden(&OauthError::new(ErrorCode::InvalidGrant, reason), golden);
    assert_round_trip::<OauthError>(golden);
}

#[test]
fn the_status_follows_from_the_code() {
    let table = [
        (ErrorCode::InvalidRequest, 400),
        (ErrorCode::InvalidClient, 401),
        (ErrorCode::InvalidGrant, 400),
        (ErrorCode::UnauthorizedClient, 400),
        (ErrorCode::UnsupportedGrantType, 400),
        (ErrorCode::InvalidScope, 400),
        (ErrorCode::InvalidTarget, 400),
        (ErrorCode::InvalidToken, 401),
        (ErrorCode::InsufficientScope, 403),
        (ErrorCode::ServerError, 500),
        (ErrorCode::TemporarilyUnavailable, 503),
    ];
    for (code, status) in table {
        assert_eq!(code.status(), status, "{}", code.as_str());
    }
}

#[test]
fn the_metadata_say_what_is_built_and_nothing_else() {
    let metadata = ServerMetadata::new(&base_url(), vec!["openid".to_owned(), "read".to_owned()]);
    let golden = include_str!("golden/oauth/server_metadata.json");
    assert_golden(&metadata, golden);
    assert!(!golden.contains("null"));
    let more = metadata.with_registration().with_session_iframe().with_acr_values(&["1", "2"]);
    let registration = more.registration_endpoint.as_deref();
    assert_eq!(registration, Some("https://acme.example/oauth/register"));
    let iframe = more.openid.check_session_iframe.as_deref();
    assert_eq!(iframe, Some("https://acme.example/oauth/session"));
    assert_eq!(more.openid.acr_values_supported, ["1", "2"]);
}

#[test]
fn public_keys_have_their_members_by_type() {
    let rsa = PublicKey::Rsa { n: "sXch".to_owned(), e: "AQAB".to_owned() };
    let [crv, x, y] = ["P-256", "f83O", "x_FE"].map(str::to_owned);
    let ec = PublicKey::Ec { crv, x, y };
    let okp = PublicKey::Okp { crv: "Ed25519".to_owned(), x: "11qY".to_owned() };
    let keys = vec![
        Jwk::new("k1", SigningAlgorithm::Rs256, rsa),
        Jwk::new("k2", SigningAlgorithm::Es256, ec),
        Jwk::new("k3", SigningAlgorithm::EdDsa, okp),
    ];
    let golden = include_str!("golden/oauth/jwks.json");
    assert_golden(&Jwks { keys }, golden);
    assert_round_trip::<Jwks>(golden);
}

#[test]
fn a_jwt_access_token_has_the_claims_of_rfc_9068() {
    let aud = Audience::from(vec![API.to_owned()]);
    let claims = AccessTokenClaims {
        iss: ISSUER,
        aud: &aud,
        sub: "88120",
        client_id: "acme-reporting",
        scope: Some("read write"),
        iat: 1_777_887_060,
        exp: 1_777_888_860,
        jti: "Zk4yP9",
        auth_time: Some(1_777_887_000),
        acr: Some(ACR),
    };
    assert_golden(&claims, include_str!("golden/oauth/access_token_claims.json"));
    let aud = Audience::from(vec![API.to_owned(), ISSUER.to_owned()]);
    let own = AccessTokenClaims {
        aud: &aud,
        sub: "acme-reporting",
        scope: None,
        auth_time: None,
        acr: None,
        ..claims
    };
    let golden = include_str!("golden/oauth/access_token_claims_client_credentials.json");
    assert_golden(&own, golden);
}

// O-06
#[test]
fn a_logout_token_has_the_claims_of_back_channel_logout() {
    let claims = LogoutTokenClaims {
        iss: ISSUER,
        sub: "88120",
        aud: "acme-reporting",
        iat: 1_777_887_060,
        exp: 1_777_887_180,
        jti: "Zk4yP9",
        events: LogoutEvent,
        sid: "Qm8rT2",
    };
    assert_golden(&claims, include_str!("golden/oauth/logout_token_claims.json"));
}

#[test]
fn an_authorization_response_carries_state_and_issuer() {
    let granted = AuthorizationResponse {
        outcome: Ok(Secret::new("cstac_5tN8bVx")),
        state: Some("x&y z€".to_owned()),
        iss: ISSUER.to_owned(),
        session_state: None,
    };
    let golden = include_str!("golden/oauth/authorization_response_code.txt");
    assert_eq!(granted.to_query(), golden.trim_end());
    let denied = AuthorizationResponse {
        outcome: Err(OauthError::new(ErrorCode::AccessDenied, "the user denied the request")),
        state: None,
        iss: ISSUER.to_owned(),
        session_state: None,
    };
    let golden = include_str!("golden/oauth/authorization_response_error.txt");
    assert_eq!(denied.to_query(), golden.trim_end());
}

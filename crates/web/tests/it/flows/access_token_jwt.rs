//! JWT access tokens: what they say, that others can verify them, and how they end.

use domain::{AccessTokenFormat, ClientDraft, ClientState, Lifetime, SigningAlgorithm};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use protocol::apply::{Declaration, ResourceDeclaration};
use protocol::authentication_context::PASSWORD;
use serde_json::{Value, json};

use crate::support::{
    ClientActor, Consent, ORIGIN, OTHER_ORIGIN, RequestBuilder, TestApp, stories,
};

const JWT_API: &str = "https://jwt.example.com/";
pub(super) const CONSENT: Consent<'_> =
    Consent { user: "alice", scope: Some("read"), pkce: true, more: &[("resource", JWT_API)] };
const CREDENTIALS: [(&str, &str); 2] =
    [("grant_type", "client_credentials"), ("resource", JWT_API)];

/// Verifies a token as an API does, with nothing but the published keys: its header and claims.
pub(super) async fn verify(app: &TestApp, token: &str) -> (Header, Value) {
    let keys: JwkSet =
        serde_json::from_str(&app.get("/.well-known/jwks.json").await.body).expect("a key set");
    let header = jsonwebtoken::decode_header(token).expect("a header");
    let key = keys.find(header.kid.as_deref().expect("a kid")).expect("its key is published");
    let mut validation = Validation::new(header.alg);
    // The story's clock is not the machine's.
    validation.validate_exp = false;
    validation.validate_aud = false;
    let key = DecodingKey::from_jwk(key).expect("a public key");
    let decoded =
        jsonwebtoken::decode::<Value>(token, &key, &validation).expect("the signature fits");
    (header, decoded.claims)
}

async fn bare(client: &ClientActor<'_>) -> String {
    client.token(&CREDENTIALS).await.expect(200).text("access_token")
}

pub(super) async fn revoke(client: &ClientActor<'_>, token: &str) -> (u16, String) {
    let reply = client.post("/oauth/tokens/revoke", &[("token", token)]).await;
    (reply.status.as_u16(), reply.body)
}

stories! {
    // B-13, O-07
    /// An API verifies a token with the published keys alone.
    async fn an_api_verifies_a_token_with_the_published_keys(app) {
        let client = app.client("photo-album");
        let tokens = client.tokens(&CONSENT).await;
        let (header, claims) = verify(app, &tokens.text("access_token")).await;
        assert_eq!(header.typ.as_deref(), Some("at+jwt"));
        assert_eq!(header.alg, Algorithm::EdDSA);
        assert!(header.jwk.is_none() && header.jku.is_none() && header.x5u.is_none());
        let now = app.ctx.now().as_seconds();
        let jti = claims["jti"].as_str().expect("a text").to_owned();
        let expected = json!({
            "iss": ORIGIN, "aud": JWT_API, "sub": app.user("alice").await.id.to_string(),
            "client_id": "photo-album", "scope": "read", "iat": now, "exp": now + 1800,
            "auth_time": now, "acr": PASSWORD.acr, "jti": jti,
        });
        assert_eq!(claims, expected);
        let next = client.refresh(&tokens.text("refresh_token")).await.expect(200);
        let (_, next) = verify(app, &next.text("access_token")).await;
        assert_ne!(next["jti"], claims["jti"]);
    }

    // O-07
    /// The published keys are public halves, one for each algorithm, RSA first.
    async fn the_published_keys_hold_nothing_private(app) {
        let reply = app.get("/.well-known/jwks.json").await.expect(200);
        let keys = reply.json()["keys"].as_array().expect("a list").clone();
        let algorithms: Vec<_> = keys.iter().map(|key| key["alg"].as_str().expect("alg")).collect();
        assert_eq!(algorithms[0], "RS256");
        let mut sorted = algorithms.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, ["ES256", "EdDSA", "PS256", "RS256"]);
        for key in &keys {
            assert_eq!(key["use"], "sig");
            assert!(key["kid"].is_string());
            for private in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
                assert!(key.get(private).is_none(), "{private} of {key}");
            }
        }
        insta::assert_snapshot!("jwks", reply.snapshot());
    }

    /// Each algorithm that a resource may choose signs tokens that verify.
    async fn every_algorithm_signs(app) {
        for (name, algorithm, expected) in [
            ("rs", SigningAlgorithm::Rs256, Algorithm::RS256),
            ("ps", SigningAlgorithm::Ps256, Algorithm::PS256),
            ("es", SigningAlgorithm::Es256, Algorithm::ES256),
            ("ed", SigningAlgorithm::EdDsa, Algorithm::EdDSA),
        ] {
            let identifier = format!("https://{name}.example.com/");
            let resource = ResourceDeclaration {
                account: "demo".to_owned(),
                identifier: identifier.clone(),
                name: Some(name.to_owned()),
                access_token_format: Some(AccessTokenFormat::Jwt),
                signing_algorithm: Some(algorithm),
                access_token_lifetime: Some(Lifetime::minutes(7)),
                ..ResourceDeclaration::default()
            };
            app.declare(&Declaration { resources: vec![resource], ..Declaration::default() }).await;
            let fields = [CREDENTIALS[0], ("resource", identifier.as_str())];
            let reply = app.client("photo-album").token(&fields).await.expect(200);
            assert_eq!(reply.json()["expires_in"], 420);
            let (header, claims) = verify(app, &reply.text("access_token")).await;
            assert_eq!(header.alg, expected);
            assert_eq!(claims["aud"], identifier);
            assert!(app.client("photo-album").is_active(&reply.text("access_token")).await);
        }
    }

    /// With `openid` the issuer is an audience too, and our own API takes the token.
    async fn openid_adds_the_issuer_to_the_audience(app) {
        let client = app.client("photo-album");
        let me = |token: String| app.send(RequestBuilder::get("/api/v2/users/me").bearer(&token));
        let plain = client.tokens(&CONSENT).await.text("access_token");
        assert_eq!(me(plain).await.error(), (401, "invalid_token".to_owned()));
        let scope = Some("openid offline_access read");
        let tokens = client.tokens(&Consent { scope, ..CONSENT }).await;
        let (_, claims) = verify(app, &tokens.text("access_token")).await;
        assert_eq!(claims["aud"], json!([JWT_API, ORIGIN]));
        assert_eq!(me(tokens.text("access_token")).await.status, 200);
    }

    // RT-11
    /// Client credentials: the client is the subject, and nothing is stored.
    async fn client_credentials_make_the_client_the_subject(app) {
        let reply = app.client("photo-album").token(&CREDENTIALS).await.expect(200);
        assert!(reply.json().get("refresh_token").is_none());
        let (_, claims) = verify(app, &reply.text("access_token")).await;
        assert_eq!(claims["sub"], "photo-album");
        assert_eq!(claims["client_id"], "photo-album");
        assert_eq!((claims.get("auth_time"), claims.get("acr")), (None, None));
        assert!(claims["jti"].as_str().is_some_and(|jti| jti.len() > 40));
    }

    // M-05, B-13
    /// Introspection tells its own client and clients of its API what it says; others nothing.
    async fn introspection_tells_what_the_token_says(app) {
        let token = app.client("photo-album").tokens(&CONSENT).await.text("access_token");
        let (_, claims) = verify(app, &token).await;
        let own = app.client("photo-album").introspect(&token).await.json();
        for name in ["iss", "aud", "sub", "client_id", "scope", "iat", "exp", "auth_time", "acr", "jti"] {
            assert_eq!(own[name], claims[name], "{name}");
        }
        assert_eq!(own["active"], true);
        assert_eq!(own["username"], "alice@example.com");
        assert_eq!(own["token_type"], "bearer");
        assert_eq!(app.client("api-server").introspect(&token).await.json(), own);
        let stranger = app.client("daily-report").introspect(&token).await;
        assert_eq!(stranger.json(), json!({"active": false}));
        let elsewhere = RequestBuilder::get("/api/v2/users/me").at(OTHER_ORIGIN).bearer(&token);
        assert_eq!(app.send(elsewhere).await.error(), (401, "invalid_token".to_owned()));
    }

    // O-02
    /// The time of the sign-in stays through refreshes; an old token works until its own expiry.
    async fn a_refresh_keeps_the_sign_in_and_the_old_token(app) {
        let client = app.client("photo-album");
        let first = client.tokens(&CONSENT).await;
        app.advance(Lifetime::minutes(20));
        let second = client.refresh(&first.text("refresh_token")).await.expect(200);
        let (_, before) = verify(app, &first.text("access_token")).await;
        let (_, after) = verify(app, &second.text("access_token")).await;
        assert_eq!(after["auth_time"], before["auth_time"]);
        assert_eq!(after["iat"], before["iat"].as_i64().expect("a number") + 1200);
        app.advance_to_the_end_of(Lifetime::minutes(10));
        assert!(client.is_active(&first.text("access_token")).await);
        app.advance(Lifetime::millis(1));
        assert!(!client.is_active(&first.text("access_token")).await);
        assert!(client.is_active(&second.text("access_token")).await);
    }

    // M-04
    /// Revoking any token of the family ends its JWTs at introspection, old and new.
    async fn a_revoked_family_is_inactive(app) {
        let client = app.client("photo-album");
        for revoked in ["access_token", "refresh_token"] {
            let first = client.tokens(&CONSENT).await;
            let second = client.refresh(&first.text("refresh_token")).await.expect(200);
            assert_eq!(revoke(&client, &first.text(revoked)).await, (200, String::new()));
            for tokens in [&first, &second] {
                assert!(!client.is_active(&tokens.text("access_token")).await);
            }
            let reply = client.refresh(&second.text("refresh_token")).await;
            assert_eq!(reply.error(), (400, "invalid_grant".to_owned()));
        }
    }

    // M-03
    /// What the user takes back is inactive, with a refresh token beside it or without.
    async fn a_revoked_grant_is_inactive(app) {
        let tokens = app.client("photo-album").tokens(&CONSENT).await;
        let alone = app.client("one-shot").tokens(&CONSENT).await;
        assert!(alone.json().get("refresh_token").is_none());
        let tokens = [tokens.text("access_token"), alone.text("access_token")];
        for token in &tokens {
            assert!(app.client("api-server").is_active(token).await);
        }
        let (account, alice) = (app.account(ORIGIN).await, app.user("alice").await);
        let revoked = protocol::grants::revoke_all(&app.ctx, &account, &alice).await;
        assert_eq!(revoked.expect("commits"), 2);
        for token in &tokens {
            assert!(!app.client("api-server").is_active(token).await);
        }
    }

    // TN-12, M-04
    /// A token that stands alone is ended by the deny list, it alone and by its own client only.
    async fn a_token_that_stands_alone_ends_by_the_deny_list(app) {
        let (client, thief) = (app.client("photo-album"), app.client("daily-report"));
        let (one, other) = (bare(&client).await, bare(&client).await);
        let refused = revoke(&thief, &one).await;
        assert_eq!(refused.0, 400);
        assert!(refused.1.contains("invalid_grant"));
        assert!(client.is_active(&one).await);
        for _ in 0..2 {
            assert_eq!(revoke(&client, &one).await, (200, String::new()));
        }
        assert!(!client.is_active(&one).await);
        assert!(!app.client("api-server").is_active(&one).await);
        assert!(client.is_active(&other).await);
        assert_eq!(revoke(&thief, &one).await, (200, String::new()), "it is none of anybody now");
        let restarted = app.another_node().await;
        assert!(!restarted.client("photo-album").is_active(&one).await);
        assert_eq!(app.events("token.revoked").await.len(), 1);
    }

    // M-04
    /// A client that may not refresh revokes what it got for a code.
    async fn a_token_of_a_code_without_refresh_ends_with_its_family(app) {
        let client = app.client("one-shot");
        let token = client.tokens(&CONSENT).await.text("access_token");
        assert!(app.client("api-server").is_active(&token).await);
        assert_eq!(revoke(&client, &token).await, (200, String::new()));
        assert!(!app.client("api-server").is_active(&token).await);
        assert_eq!(revoke(&app.client("daily-report"), &token).await, (200, String::new()));
    }

    // RT-04
    /// Seeing the successor in use ends the grace window, though it is a JWT.
    async fn using_the_successor_ends_the_window(app) {
        let client = app.client("photo-album");
        let first = client.tokens(&CONSENT).await;
        let refresh_token = first.text("refresh_token");
        let second = client.refresh(&refresh_token).await.expect(200);
        assert!(client.is_active(&first.text("access_token")).await);
        app.settled().await;
        assert_eq!(client.refresh(&refresh_token).await.expect(200).body, second.body);
        assert!(client.is_active(&second.text("access_token")).await);
        app.settled().await;
        let replay = client.refresh(&refresh_token).await;
        assert_eq!(replay.error(), (400, "invalid_grant".to_owned()));
        assert!(!client.is_active(&second.text("access_token")).await);
    }

    // TN-13
    /// A client that takes the identifier of a deleted one gets nothing of its tokens.
    async fn a_token_is_its_clients_by_id_not_by_identifier(app) {
        let client = app.client("photo-album");
        let token = client.token(&CREDENTIALS).await.expect(200).text("access_token");
        assert!(client.is_active(&token).await);
        app.change_client("photo-album", |draft: &mut ClientDraft| {
            "renamed".clone_into(&mut draft.identifier);
        })
        .await
        .expect("valid");
        let told = app.client("api-server").introspect(&token).await.json();
        assert_eq!(told["client_id"], "renamed", "live tokens stay: {told}");
        app.delete_client("renamed").await;
        let heir = ClientDraft {
            name: "The heir".to_owned(),
            identifier: "renamed".to_owned(),
            kind: Some("confidential".to_owned()),
            ..ClientDraft::default()
        };
        assert!(app.register(&heir).await.is_ok());
        assert!(!app.client("api-server").is_active(&token).await);
    }

    /// With its user or client suspended, a token is inactive, and stays so when that has ended.
    // JW-10
    async fn a_suspended_user_or_client_makes_it_inactive(app) {
        let server = app.client("api-server");
        let of_alice = app.client("photo-album").tokens(&CONSENT).await.text("access_token");
        let of_album = bare(&app.client("photo-album")).await;
        app.set_client_state("photo-album", ClientState::Suspended).await;
        for token in [&of_alice, &of_album] {
            assert!(!server.is_active(token).await);
        }
        app.set_client_state("photo-album", ClientState::Active).await;
        app.advance(Lifetime::seconds(1));
        for token in [&of_alice, &of_album] {
            assert!(!server.is_active(token).await);
        }
        let of_alice = app.client("photo-album").tokens(&CONSENT).await.text("access_token");
        let of_album = bare(&app.client("photo-album")).await;
        assert!(server.is_active(&of_alice).await);
        app.suspend_user("alice", true).await;
        assert!(!server.is_active(&of_alice).await);
        assert!(server.is_active(&of_album).await);
    }

    /// For an API that takes handles beside one that takes JWTs, the token is a handle.
    async fn resources_of_both_kinds_get_a_handle(app) {
        let client = app.client("photo-album");
        let fields = [CREDENTIALS[0], CREDENTIALS[1], ("resource", "https://api.example.com/")];
        let reply = client.token(&fields).await.expect(200);
        assert!(reply.text("access_token").starts_with("cstat_"));
        let told = client.introspect(&reply.text("access_token")).await.json();
        assert_eq!(told["aud"], json!([JWT_API, "https://api.example.com/"]));
    }

    /// Whole replies, as they are sent: EdDSA signatures repeat.
    async fn whole_replies(app) {
        let client = app.client("photo-album");
        insta::assert_snapshot!("code_exchange", client.tokens(&CONSENT).await.snapshot());
        insta::assert_snapshot!("client_credentials", client.token(&CREDENTIALS).await.snapshot());
    }
}

//! ID tokens (OpenID Connect Core 1.0 §2, §3.1.3, §12): what they say, that an app can verify them,
//! and what they are no good for.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use domain::{Lifetime, Role, Secret, SigningAlgorithm};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use protocol::apply::{Declaration, UserDeclaration};
use serde_json::{Value, json};

use super::access_token_jwt::{self, verify};
use crate::support::{Consent, ORIGIN, Reply, RequestBuilder, TestApp, stories};

/// What an app asks for that wants to know who signs in, and to go on while he is away.
const SIGN_IN: Consent<'_> = Consent {
    user: "alice",
    scope: Some("openid offline_access"),
    pkce: true,
    more: &[("nonce", "n-0S6_WzA2Mj")],
};

/// The payload of an ID token, verified as an app does: signature, issuer and audience.
async fn verified(app: &TestApp, id_token: &str, audience: &str, algorithm: Algorithm) -> Value {
    let keys: JwkSet =
        serde_json::from_str(&app.get("/.well-known/jwks.json").await.body).expect("a key set");
    let header = jsonwebtoken::decode_header(id_token).expect("a header");
    assert_eq!((header.typ.as_deref(), header.alg), (Some("JWT"), algorithm));
    assert!(header.jwk.is_none() && header.jku.is_none() && header.x5u.is_none());
    let key = keys.find(header.kid.as_deref().expect("a kid")).expect("its key is published");
    let mut validation = Validation::new(algorithm);
    // The story's clock is not the machine's.
    validation.validate_exp = false;
    validation.set_audience(&[audience]);
    validation.set_issuer(&[ORIGIN]);
    validation.set_required_spec_claims(&["iss", "sub", "aud", "exp", "iat"]);
    let key = DecodingKey::from_jwk(key).expect("a public key");
    let decoded = jsonwebtoken::decode::<Value>(id_token, &key, &validation);
    decoded.expect("the ID token is good").claims
}

/// The payload of the ID token in a reply to photo-album.
async fn payload(app: &TestApp, reply: &Reply) -> Value {
    verified(app, &reply.text("id_token"), "photo-album", Algorithm::RS256).await
}

fn access_token_hash(algorithm: Algorithm, access_token: &str) -> String {
    let hash = match algorithm {
        Algorithm::EdDSA => &aws_lc_rs::digest::SHA512,
        _ => &aws_lc_rs::digest::SHA256,
    };
    let digest = aws_lc_rs::digest::digest(hash, access_token.as_bytes());
    BASE64URL.encode(&digest.as_ref()[..digest.as_ref().len() / 2])
}

stories! {
    // O-03, oidcc-server
    /// An ID token says who signed in, where, when and how, and is for the app alone.
    async fn an_id_token_tells_of_the_sign_in(app) {
        let tokens = app.client("photo-album").tokens(&SIGN_IN).await;
        let claims = payload(app, &tokens).await;
        let now = app.ctx.now().as_seconds();
        let sid = claims["sid"].as_str().expect("a text").to_owned();
        let expected = json!({
            "iss": ORIGIN, "sub": app.user("alice").await.id.to_string(), "aud": "photo-album",
            "exp": now + 600, "iat": now, "auth_time": now, "nonce": "n-0S6_WzA2Mj",
            "at_hash": access_token_hash(Algorithm::RS256, &tokens.text("access_token")),
            "acr": "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
            "amr": ["pwd"], "sid": sid,
        });
        assert_eq!(claims, expected);
        assert_eq!(sid.len(), 22);
    }

    // O-03, oidcc-idtoken-signature, oidcc-idtoken-rs256
    /// Each algorithm signs ID tokens that verify, with the hash that goes with it.
    async fn every_algorithm_signs_id_tokens(app) {
        for (algorithm, expected) in [
            (SigningAlgorithm::Rs256, Algorithm::RS256),
            (SigningAlgorithm::Ps256, Algorithm::PS256),
            (SigningAlgorithm::Es256, Algorithm::ES256),
            (SigningAlgorithm::EdDsa, Algorithm::EdDSA),
        ] {
            app.change_record("photo-album", |client| {
                client.metadata.id_token_signed_response_alg = algorithm;
            }).await;
            let tokens = app.client("photo-album").tokens(&SIGN_IN).await;
            let claims = verified(app, &tokens.text("id_token"), "photo-album", expected).await;
            assert_eq!(claims["at_hash"], access_token_hash(expected, &tokens.text("access_token")));
        }
    }

    // O-03
    /// Beside a JWT access token the hash is of that.
    async fn the_hash_binds_a_jwt_access_token_too(app) {
        let more = [("resource", "https://jwt.example.com/")];
        let tokens = app.client("photo-album").tokens(&Consent { more: &more, ..SIGN_IN }).await;
        let access_token = tokens.text("access_token");
        assert!(access_token.starts_with("ey"), "{access_token}");
        let claims = payload(app, &tokens).await;
        assert_eq!(claims["at_hash"], access_token_hash(Algorithm::RS256, &access_token));
        assert_eq!(claims["aud"], "photo-album");
    }

    // O-01, oidcc-alternate-happy-flow, oidcc-ensure-request-without-nonce-succeeds-for-code-flow
    /// The nonce comes back as it was sent, however long; without one there is none.
    async fn a_nonce_comes_back_unchanged(app) {
        let long = "Zoë + 100% &=?#".repeat(130);
        for nonce in ["1", &"n".repeat(64), &long] {
            let more = [("nonce", nonce)];
            let tokens = app.client("photo-album").tokens(&Consent { more: &more, ..SIGN_IN }).await;
            assert_eq!(payload(app, &tokens).await["nonce"], nonce);
        }
        let tokens = app.client("photo-album").tokens(&Consent { more: &[], ..SIGN_IN }).await;
        assert_eq!(payload(app, &tokens).await.get("nonce"), None);
    }

    // O-02, O-03, oidcc-refresh-token
    /// After a refresh it is the same user of the same sign-in, at another time and without a nonce.
    async fn a_refresh_tells_of_the_same_sign_in(app) {
        let client = app.client("photo-album");
        let first = client.tokens(&SIGN_IN).await;
        let told = payload(app, &first).await;
        app.advance(Lifetime::minutes(20));
        let second = client.refresh(&first.text("refresh_token")).await.expect(200);
        let again = payload(app, &second).await;
        for name in ["iss", "sub", "aud", "auth_time", "acr", "amr", "sid"] {
            assert_eq!(again[name], told[name], "{name}");
        }
        assert_eq!(again["iat"], app.ctx.now().as_seconds());
        assert_eq!(again["exp"], app.ctx.now().as_seconds() + 600);
        assert_eq!(again.get("nonce"), None);
        let hash = access_token_hash(Algorithm::RS256, &second.text("access_token"));
        assert_eq!(again["at_hash"], hash);
        let thief = app.client("daily-report").refresh(&second.text("refresh_token")).await;
        assert_eq!(thief.error(), (400, "invalid_grant".to_owned()));
        // A repetition in the grace window gives the same answer.
        let repeated = client.refresh(&first.text("refresh_token")).await.expect(200);
        assert_eq!(repeated.text("id_token"), second.text("id_token"));
    }

    /// Without `openid` there is no ID token: not by code, by refresh, or for the app itself.
    async fn only_openid_gives_an_id_token(app) {
        let client = app.client("photo-album");
        let plain = client.tokens(&Consent::default()).await;
        assert_eq!(plain.json().get("id_token"), None);
        let next = client.refresh(&plain.text("refresh_token")).await.expect(200);
        assert_eq!(next.json().get("id_token"), None);
        let fields = [("grant_type", "client_credentials"), ("scope", "openid read")];
        assert_eq!(client.token(&fields).await.expect(200).json().get("id_token"), None);
        let consent = Consent { scope: Some("openid offline_access read"), ..SIGN_IN };
        let tokens = client.tokens(&consent).await;
        let refresh_token = tokens.text("refresh_token");
        let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh_token.as_str()),
            ("scope", "read")];
        assert_eq!(client.token(&fields).await.expect(200).json().get("id_token"), None);
    }

    /// An OpenID client gets a refresh token with `offline_access` only; others get one anyway.
    async fn an_openid_client_asks_to_stay(app) {
        let client = app.client("photo-album");
        for (scope, stays) in [("openid", false), ("openid offline_access", true), ("read", true)] {
            let tokens = client.tokens(&Consent { scope: Some(scope), ..SIGN_IN }).await;
            assert_eq!(tokens.json().get("refresh_token").is_some(), stays, "{scope}");
        }
        // It has no ceiling, so it is no OpenID client by its scopes.
        let consent = Consent { scope: Some("openid"), ..SIGN_IN };
        let other = app.client("daily-report").tokens(&consent).await;
        assert!(other.json().get("refresh_token").is_some());
    }

    // O-03
    /// Who is deleted and comes back is somebody else.
    async fn a_recreated_user_has_another_sub(app) {
        let client = app.client("photo-album");
        let before = payload(app, &client.tokens(&SIGN_IN).await).await;
        let account = app.account(ORIGIN).await;
        let editor = protocol::users::Editor::COMMAND_LINE;
        let id = app.user("alice").await.id;
        protocol::users::delete(&app.ctx, &account, editor, id).await.expect("she is there");
        let alice = UserDeclaration {
            account: "demo".to_owned(),
            email: "alice@example.com".to_owned(),
            password: Some(Secret::new("alice in wonderland")),
            role: Some(Role::EndUser),
            ..UserDeclaration::default()
        };
        app.declare(&Declaration { users: vec![alice], ..Declaration::default() }).await;
        let after = payload(app, &client.tokens(&SIGN_IN).await).await;
        assert_ne!(after["sub"], before["sub"]);
    }

    // X-07, JW-10
    /// An ID token opens nothing: it is no access token anywhere.
    async fn an_id_token_is_no_access_token(app) {
        let client = app.client("photo-album");
        let tokens = client.tokens(&Consent { user: "admin", ..SIGN_IN }).await;
        let id_token = tokens.text("id_token");
        assert!(!client.is_active(&id_token).await);
        for path in ["/api/v2/users/me", "/oauth/userinfo"] {
            let reply = app.send(RequestBuilder::get(path).bearer(&id_token)).await;
            assert_eq!(reply.error(), (401, "invalid_token".to_owned()), "{path}");
        }
        assert_eq!(access_token_jwt::revoke(&client, &id_token).await.0, 200);
        assert!(client.is_active(&tokens.text("access_token")).await);
        // Nor is it a grant.
        assert_eq!(client.refresh(&id_token).await.error(), (400, "invalid_grant".to_owned()));
        let fields = [("grant_type", "authorization_code"), ("code", id_token.as_str()),
            ("redirect_uri", client.redirect_uri())];
        assert_eq!(client.token(&fields).await.error(), (400, "invalid_grant".to_owned()));
    }

    //
    /// The header says what a token is: an access token's type is another than an ID token's.
    async fn types_tell_tokens_apart(app) {
        let more = [("resource", "https://jwt.example.com/")];
        let tokens = app.client("photo-album").tokens(&Consent { more: &more, ..SIGN_IN }).await;
        let (access, _) = verify(app, &tokens.text("access_token")).await;
        let (id, _) = verify(app, &tokens.text("id_token")).await;
        assert_eq!(access.typ.as_deref(), Some("at+jwt"));
        assert_eq!(id.typ.as_deref(), Some("JWT"));
    }

    // X-07, JW-12
    /// Nothing else that is signed passes for an ID token that comes back as a hint.
    async fn only_an_id_token_is_a_hint(app) {
        app.change_record("daily-report", |client| {
            client.metadata.userinfo_signed_response_alg = Some(SigningAlgorithm::Rs256);
        }).await;
        let client = app.client("daily-report");
        let more = [("resource", "https://jwt.example.com/")];
        let tokens = client.tokens(&Consent { more: &more, ..SIGN_IN }).await;
        let access_token = tokens.text("access_token");
        let userinfo = RequestBuilder::get("/oauth/userinfo").bearer(&access_token);
        let userinfo = app.send(userinfo).await.expect(200).body;
        let mut browser = app.browser("alice").await;
        for hint in [&access_token, &userinfo] {
            assert!(hint.starts_with("ey"), "{hint}");
            let more = [("prompt", "none"), ("id_token_hint", hint.as_str())];
            let request = client.request(&Consent { more: &more, ..SIGN_IN });
            let reply = browser.authorize(&request).await;
            reply.expect_error_at(client.redirect_uri(), "invalid_request");
        }
        let id_token = tokens.text("id_token");
        let more = [("prompt", "none"), ("id_token_hint", id_token.as_str())];
        let request = client.request(&Consent { more: &more, ..SIGN_IN });
        browser.authorize(&request).await.expect_code_at(client.redirect_uri());
    }

    /// Another sign-in is another session, and the same one stays itself for every app.
    async fn the_session_has_a_name_that_stays(app) {
        let mut browser = app.browser("alice").await;
        let client = app.client("photo-album");
        let mut names = Vec::new();
        for _ in 0..2 {
            let reply = browser.authorize(&client.request(&SIGN_IN)).await;
            let reply = if reply.status.is_redirection() { reply } else {
                browser.allow(&reply, &[]).await
            };
            let code = reply.parameter("code").expect("a code");
            let claims = payload(app, &client.redeem(&code).await.expect(200)).await;
            names.push(claims["sid"].clone());
        }
        assert_eq!(names[0], names[1]);
        let other = payload(app, &client.tokens(&SIGN_IN).await).await;
        assert_ne!(other["sid"], names[0]);
    }
}

//! Revocation: who may end a token, and what ends with it.

use serde_json::json;
use store::testing::{self, Hideable};

use crate::support::{ClientActor, Consent, Reply, RequestBuilder, TestApp, stories};

const PATH: &str = "/oauth/tokens/revoke";

/// A revocation that succeeded says nothing.
fn done(reply: &Reply) {
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.body, "");
    assert_eq!(reply.header("content-type"), None);
    assert_eq!(reply.header("cache-control"), Some("no-store"));
}

async fn revoke(client: &ClientActor<'_>, token: &str) -> Reply {
    client.post(PATH, &[("token", token)]).await
}

async fn works(app: &TestApp, access_token: &str) -> bool {
    let me = RequestBuilder::get("/api/v2/users/me").bearer(access_token);
    app.send(me).await.status == 200
}

async fn assert_ended(app: &TestApp, client: &ClientActor<'_>, tokens: &Reply) {
    assert!(!works(app, &tokens.text("access_token")).await);
    let reply = client.refresh(&tokens.text("refresh_token")).await;
    assert_eq!(reply.error(), (400, "invalid_grant".to_owned()));
}

stories! {
    // M-04
    /// Either token of a pair ends both, with a right, a wrong or an unknown hint.
    async fn any_token_of_a_family_ends_the_family(app) {
        let client = app.client("photo-album");
        for presented in ["access_token", "refresh_token"] {
            for hint in ["", "access_token", "refresh_token", "something_else"] {
                let tokens = client.tokens(&Consent::default()).await;
                let other = client.tokens(&Consent::default()).await;
                let token = tokens.text(presented);
                let fields = [("token", token.as_str()), ("token_type_hint", hint)];
                done(&client.post(PATH, &fields).await);
                assert_ended(app, &client, &tokens).await;
                done(&client.post(PATH, &fields).await);
                assert!(works(app, &other.text("access_token")).await, "another family lives on");
            }
        }
        assert_eq!(app.events("token_family.revoked").await.len(), 8);
    }

    // M-04
    /// A token that was exchanged long ago ends its successors.
    async fn a_rotated_token_ends_its_successors(app) {
        let client = app.client("photo-album");
        for presented in ["access_token", "refresh_token"] {
            let first = client.tokens(&Consent::default()).await;
            let second = client.refresh(&first.text("refresh_token")).await.expect(200);
            let third = client.refresh(&second.text("refresh_token")).await.expect(200);
            app.advance(domain::Lifetime::minutes(10));
            done(&revoke(&client, &first.text(presented)).await);
            assert_ended(app, &client, &third).await;
        }
    }

    // M-04
    /// What is no token is revoked already.
    async fn an_unknown_token_is_a_success(app) {
        let client = app.client("photo-album");
        let code = client.code(&Consent::default()).await;
        for unknown in
            ["x", "cstat_0", "cstrt_0", "ey.ey.ey", "\u{1f980}", &"a".repeat(60_000), &code]
        {
            done(&revoke(&client, unknown).await);
        }
        client.redeem(&code).await.expect(200);
        let missing = client.post(PATH, &[("token_type_hint", "access_token")]).await;
        assert_eq!(missing.error(), (400, "invalid_request".to_owned()));
        let twice = client.post(PATH, &[("token", "x"), ("token", "y")]).await;
        assert_eq!(twice.error(), (400, "invalid_request".to_owned()));
        assert!(app.events("token_family.revoked").await.is_empty());
    }

    // TN-12
    /// A token of another client stays as it is; an ended one is none of anybody.
    async fn another_clients_token_is_not_revoked(app) {
        let client = app.client("photo-album");
        let tokens = client.tokens(&Consent::default()).await;
        for thief in ["daily-report", "web-player", "cli-tool", "api-server", "legacy-sync"] {
            for presented in ["access_token", "refresh_token"] {
                for hint in ["access_token", "refresh_token"] {
                    let token = tokens.text(presented);
                    let fields = [("token", token.as_str()), ("token_type_hint", hint)];
                    let reply = app.client(thief).post(PATH, &fields).await;
                    assert_eq!(reply.error(), (400, "invalid_grant".to_owned()), "{thief}");
                }
            }
        }
        assert!(works(app, &tokens.text("access_token")).await);
        done(&revoke(&client, &tokens.text("refresh_token")).await);
        done(&revoke(&app.client("daily-report"), &tokens.text("refresh_token")).await);
        done(&revoke(&app.client("daily-report"), &tokens.text("access_token")).await);
    }

    // TN-12, P-04
    /// A public client revokes its own tokens by its name alone.
    async fn a_public_client_revokes_its_own_tokens(app) {
        for name in ["web-player", "cli-tool"] {
            let client = app.client(name);
            let tokens = client.tokens(&Consent::default()).await;
            let fields = [
                ("token", tokens.text("refresh_token")),
                ("token_type_hint", "access_token".into()),
            ];
            let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
            done(&client.post(PATH, &fields).await);
            assert_ended(app, &client, &tokens).await;
        }
        let code_only = app.client("one-shot").tokens(&Consent::default()).await;
        done(&revoke(&app.client("one-shot"), &code_only.text("access_token")).await);
        assert!(!works(app, &code_only.text("access_token")).await);
    }

    // TN-12, V10.4.10, CA-01
    /// Who does not prove itself revokes nothing.
    async fn a_client_that_fails_to_authenticate_revokes_nothing(app) {
        let client = app.client("photo-album");
        let tokens = client.tokens(&Consent::default()).await;
        let token = tokens.text("access_token");
        for secret in [None, Some(""), Some("wrong-secret-000000000")] {
            let reply = revoke(&app.client("photo-album").presenting(secret), &token).await;
            assert_eq!(reply.error(), (401, "invalid_client".to_owned()));
            assert_eq!(reply.header("www-authenticate"), Some(r#"Basic realm="Consentry""#));
        }
        let nobody = RequestBuilder::post(PATH).form(&[("token", token.as_str())]);
        assert_eq!(app.send(nobody).await.error(), (401, "invalid_client".to_owned()));
        assert!(works(app, &token).await);
        let body = json!({
            "token": token, "client_id": "photo-album",
            "client_secret": "photo-album-secret-000000",
        });
        done(&app.send(RequestBuilder::post(PATH).json(&body)).await);
        assert_ended(app, &client, &tokens).await;
    }

    // TN-12, V10.4.10
    /// A client of unknown kind revokes without its secret only what it got without it.
    async fn a_client_of_unknown_kind_revokes_as_it_exchanged(app) {
        let with_secret = app.client("legacy-sync");
        let without = app.client("legacy-sync").presenting(None);
        let tokens = with_secret.tokens(&Consent::default()).await;
        for presented in ["access_token", "refresh_token"] {
            let reply = revoke(&without, &tokens.text(presented)).await;
            assert_eq!(reply.error(), (401, "invalid_client".to_owned()));
        }
        assert!(works(app, &tokens.text("access_token")).await);
        done(&revoke(&with_secret, &tokens.text("access_token")).await);
        let code = with_secret.code(&Consent::default()).await;
        let tokens = without.redeem(&code).await.expect(200);
        done(&revoke(&without, &tokens.text("access_token")).await);
        assert_ended(app, &without, &tokens).await;
    }

    // M-04
    /// A token of client credentials stands alone, and ends alone.
    async fn a_token_of_client_credentials_ends_alone(app) {
        let client = app.client("photo-album");
        let ask = || client.token(&[("grant_type", "client_credentials")]);
        let (one, other) = (ask().await.text("access_token"), ask().await.text("access_token"));
        let thief = revoke(&app.client("daily-report"), &one).await;
        assert_eq!(thief.error(), (400, "invalid_grant".to_owned()));
        done(&revoke(&client, &one).await);
        assert!(!client.is_active(&one).await);
        assert!(!works(app, &one).await);
        assert!(client.is_active(&other).await);
        done(&revoke(&app.client("daily-report"), &one).await);
        assert_eq!(app.events("token.revoked").await.len(), 1);
    }

    // RT-12, M-04
    /// A revocation that was not stored is not reported as done.
    async fn a_revocation_that_was_not_stored_is_a_fault(app) {
        let client = app.client("photo-album");
        let tokens = client.tokens(&Consent::default()).await;
        let store = &app.ctx.store;
        for broken in [Hideable::AuditEvents, Hideable::TokenFamilies] {
            for presented in ["access_token", "refresh_token"] {
                testing::hide(store, broken).await.expect("breaks");
                let reply = revoke(&client, &tokens.text(presented)).await;
                assert_eq!(reply.error(), (503, "temporarily_unavailable".to_owned()));
                assert_eq!(reply.header("retry-after"), Some("1"));
                testing::bring_back(store, broken).await.expect("mends");
            }
        }
        assert!(works(app, &tokens.text("access_token")).await);
        assert!(app.events("token_family.revoked").await.is_empty());
        client.refresh(&tokens.text("refresh_token")).await.expect(200);
    }

    // M-04, M-06
    /// The endpoint takes POST with a form or JSON only.
    async fn revocation_takes_post_only(app) {
        for (request, status) in [
            (RequestBuilder::get(PATH), 405),
            (RequestBuilder::post(&format!("{PATH}?token=x")).form(&[]), 400),
            (RequestBuilder::post(PATH).body("text/plain", b"token=x"), 415),
        ] {
            let reply = app.send(request).await;
            assert_eq!(reply.error(), (status, "invalid_request".to_owned()));
        }
    }

    /// Whole replies, as they are sent.
    async fn whole_replies(app) {
        let client = app.client("photo-album");
        let token = client.tokens(&Consent::default()).await.text("access_token");
        let thief = revoke(&app.client("daily-report"), &token).await;
        insta::assert_snapshot!("not_yours", thief.snapshot());
        insta::assert_snapshot!("revoked", revoke(&client, &token).await.snapshot());
    }
}

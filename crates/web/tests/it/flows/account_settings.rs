//! What an account sets for itself: API tokens, the expiry of tokens, the volume of API calls, and where it
//! answers.

use domain::{AccountDraft, Actor, ApiTokenPolicy, Lifetime, TokenExpiryPolicy};
use http::Method;
use protocol::accounts;
use serde_json::Value;

use crate::support::{
    CLIENTS, Consent, OTHER_ADMIN_API_TOKEN, OTHER_ORIGIN, PARCEL_DESK, Reply, RequestBuilder,
    TestApp, stories,
};

const CREDENTIALS: [(&str, &str); 2] = [("grant_type", "client_credentials"), ("scope", "read")];

async fn legacy(app: &TestApp) {
    app.change_account(|account| account.token_expiry = TokenExpiryPolicy::Legacy).await;
}

/// A token without an end: no lifetime and no refresh token in the reply.
#[track_caller]
fn never_ends(reply: &Reply) -> String {
    let json = reply.json();
    let keys: Vec<_> = json.as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["access_token", "scope", "token_type"]);
    reply.text("access_token")
}

async fn by_api_token(app: &TestApp, origin: &'static str, token: &str) -> Reply {
    let call = RequestBuilder::new(Method::GET, CLIENTS).at(origin);
    app.send(call.basic("admin@example.com/token", token)).await
}

stories! {
    /// Zendesk wire §1.4: switched off, an API token is like a wrong one, and no guess.
    async fn an_account_may_refuse_api_tokens(app) {
        app.furnish_other_account().await;
        app.change_account(|account| account.api_tokens = ApiTokenPolicy::Refused).await;
        for _ in 0..25 {
            let refused = app.admin_get(CLIENTS).await;
            assert_eq!(refused.error(), (401, "Couldn't authenticate you".to_owned()));
        }
        by_api_token(app, OTHER_ORIGIN, OTHER_ADMIN_API_TOKEN).await.expect(200);
        let bearer = app.bearer_of("admin", "read").await;
        app.send(RequestBuilder::get(CLIENTS).bearer(&bearer)).await.expect(200);
        app.change_account(|account| account.api_tokens = ApiTokenPolicy::Allowed).await;
        app.admin_get(CLIENTS).await.expect(200);
    }

    /// Zendesk wire §6.6: what is asked for without a lifetime does not end, until it is revoked.
    async fn a_legacy_account_gives_tokens_that_do_not_end(app) {
        legacy(app).await;
        let client = app.client("daily-report");
        let of_user = never_ends(&client.tokens(&Consent::default()).await);
        let of_client = never_ends(&client.token(&CREDENTIALS).await.expect(200));
        app.advance(Lifetime::days(1000));
        for token in [&of_user, &of_client] {
            let told = client.introspect(token).await.json();
            assert_eq!((&told["active"], &told["exp"]), (&Value::Bool(true), &Value::Null));
        }
        app.send(RequestBuilder::get("/api/v2/users/me").bearer(&of_client)).await.expect(200);
        for token in [&of_user, &of_client] {
            client.post("/oauth/tokens/revoke", &[("token", token)]).await.expect(200);
            assert!(!client.is_active(token).await);
        }
    }

    /// Who asks for a lifetime gets it, with a refresh token, and so does whoever refreshes.
    async fn a_lifetime_that_is_asked_for_counts_in_a_legacy_account(app) {
        legacy(app).await;
        let client = app.client("daily-report");
        let code = client.code(&Consent::default()).await;
        let claim = [&client.claim(&code)[..], &[("expires_in", "600")]].concat();
        let tokens = client.token(&claim).await.expect(200);
        assert_eq!(tokens.json()["expires_in"], 600);
        let renewed = client.refresh(&tokens.text("refresh_token")).await.expect(200);
        assert_eq!(renewed.json()["expires_in"], 1800);
        client.refresh(&renewed.text("refresh_token")).await.expect(200);
        // RFC 9068 §2.2: a JWT has an end.
        let more = &[("resource", "https://jwt.example.com/")];
        let jwt = client.tokens(&Consent { more, ..Consent::default() }).await;
        assert_eq!(jwt.json()["expires_in"], 1800);
    }

    /// Zendesk wire §8, no. 4.
    // W-75
    async fn tokens_of_global_clients_end_in_a_legacy_account(app) {
        legacy(app).await;
        app.add_global_parcel_desk().await;
        let client = app.client(PARCEL_DESK);
        let tokens = client.tokens(&Consent::default()).await;
        assert_eq!(tokens.json()["expires_in"], 1800);
        client.refresh(&tokens.text("refresh_token")).await.expect(200);
    }

    /// Zendesk wire §1.8: the volume is each account's own.
    async fn an_account_may_have_another_volume(app) {
        app.furnish_other_account().await;
        app.change_account(|account| account.api_requests_per_minute = Some(2)).await;
        for left in ["1", "0"] {
            let reply = app.admin_get(CLIENTS).await.expect(200);
            assert_eq!(reply.header("x-rate-limit"), Some("2"));
            assert_eq!(reply.header("x-rate-limit-remaining"), Some(left));
        }
        let refused = app.admin_get(CLIENTS).await.expect(429);
        assert!(refused.header("retry-after").is_some());
        let there = by_api_token(app, OTHER_ORIGIN, OTHER_ADMIN_API_TOKEN).await.expect(200);
        assert_eq!(there.header("x-rate-limit"), Some("700"));
    }

    /// Decision 0006: a wildcard is a way of writing; no `Host` header makes an account of it.
    async fn a_wildcard_answers_for_its_slug_alone(app) {
        let draft = AccountDraft {
            slug: "acme".to_owned(),
            base_urls: vec!["http://*.localhost:8080".to_owned()],
            ..AccountDraft::default()
        };
        let made = accounts::create(&app.ctx, Actor::Operator, &draft).await.expect("is made");
        assert_eq!(made.issuer().as_str(), "http://acme.localhost:8080");
        let path = "/.well-known/oauth-authorization-server";
        let metadata = app.send(RequestBuilder::get(path).at("http://acme.localhost:8080")).await;
        assert_eq!(metadata.expect(200).json()["issuer"], "http://acme.localhost:8080");
        for host in ["http://zenith.localhost:8080", "http://*.localhost:8080", "http://localhost:8080"] {
            let reply = app.send(RequestBuilder::get(path).at(host)).await;
            assert_eq!((reply.status.as_u16(), reply.body.as_str()), (404, "{}"), "{host}");
        }
        let moved = |draft: &mut AccountDraft| {
            "ignored".clone_into(&mut draft.slug);
            draft.base_urls = vec!["http://*.id.localhost:8080".to_owned()];
        };
        let moved = accounts::update(&app.ctx, Actor::Operator, made.id, moved).await;
        let moved = moved.expect("is changed");
        assert_eq!(moved.issuer().as_str(), "http://acme.id.localhost:8080", "the slug stays");
        app.send(RequestBuilder::get(path).at("http://acme.localhost:8080")).await.expect(404);
    }

    /// Changes that are made at once lose nothing of one another.
    async fn accounts_lose_no_change_when_several_are_made_at_once(app) {
        let id = app.account(OTHER_ORIGIN).await.id;
        let name = |draft: &mut AccountDraft| draft.name = Some("Renamed".to_owned());
        let volume = |draft: &mut AccountDraft| draft.api_requests_per_minute = Some(9);
        let (renamed, limited) = tokio::join!(
            accounts::update(&app.ctx, Actor::Operator, id, name),
            accounts::update(&app.ctx, Actor::Operator, id, volume),
        );
        assert!(renamed.is_ok() && limited.is_ok());
        let account = store::accounts::show(&app.ctx.store, id).await;
        let account = account.expect("reads").expect("is there");
        assert_eq!((account.name.as_str(), account.api_requests_per_minute), ("Renamed", Some(9)));
    }
}

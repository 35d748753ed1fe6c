//! What a refresh token is bound to: its client, its account, its scope and its resources.

use domain::{AccessTokenFormat, ClientDraft, ClientKind, ClientState, Secret};
use protocol::apply::{ClientDeclaration, Declaration, ResourceDeclaration, UserDeclaration};
use serde_json::{Value, json};

use crate::support::{ClientActor, Consent, OTHER_ORIGIN, Reply, RequestBuilder, TestApp, stories};

const PATH: &str = "/oauth/tokens";
const API: &str = "https://api.example.com/";
const MAIL: &str = "https://mail.example.com/";

fn refused(reply: &Reply, error: &str) {
    let status = if error == "invalid_client" { 401 } else { 400 };
    assert_eq!(reply.error(), (status, error.to_owned()), "{}", reply.body);
    assert!(reply.credentials().is_empty(), "{}", reply.body);
}

/// Refreshes with more fields than the token.
async fn refresh_with(client: &ClientActor<'_>, token: &str, more: &[(&str, &str)]) -> Reply {
    let fields = [("grant_type", "refresh_token"), ("refresh_token", token)];
    client.token(&[&fields, more].concat()).await
}

async fn audience(client: &ClientActor<'_>, tokens: &Reply) -> Value {
    client.introspect(&tokens.text("access_token")).await.json()["aud"].clone()
}

async fn with_second_resource(app: &TestApp) {
    let resource = ResourceDeclaration {
        account: "demo".to_owned(),
        identifier: MAIL.to_owned(),
        name: Some("Mail".to_owned()),
        access_token_format: Some(AccessTokenFormat::Opaque),
        ..ResourceDeclaration::default()
    };
    app.declare(&Declaration { resources: vec![resource], ..Declaration::default() }).await;
}

/// In the other account, a client with the same identifier and secret as `photo-album`.
async fn with_namesake_elsewhere(app: &TestApp) {
    let client = ClientDeclaration {
        account: "other".to_owned(),
        identifier: "photo-album".to_owned(),
        name: Some("Another album".to_owned()),
        owner: Some("admin@example.com".to_owned()),
        kind: Some(ClientKind::Confidential),
        secret: Some(Secret::new("photo-album-secret-000000")),
        redirect_uris: Some(vec!["https://app.example.com/callback".to_owned()]),
        ..ClientDeclaration::default()
    };
    let alice = UserDeclaration {
        account: "other".to_owned(),
        email: "alice@example.com".to_owned(),
        password: Some(Secret::new("alice in wonderland")),
        name: Some("alice".to_owned()),
        ..UserDeclaration::default()
    };
    let (clients, users) = (vec![client], vec![alice]);
    app.declare(&Declaration { clients, users, ..Declaration::default() }).await;
}

stories! {
    // RT-05, W-66, M-07, B-15
    /// A confidential client refreshes with its own secret only; a failed attempt uses nothing up.
    async fn a_refresh_needs_the_secret_of_its_own_client(app) {
        let client = app.client("photo-album");
        let tokens = client.tokens(&Consent::default()).await;
        let refresh_token = tokens.text("refresh_token");
        for secret in
            [None, Some(""), Some("wrong-secret-000000000"), Some("api-server-secret-0000000")]
        {
            let guess = app.client("photo-album").presenting(secret);
            refused(&guess.refresh(&refresh_token).await, "invalid_client");
        }
        let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh_token.as_str())];
        let nobody = app.send(RequestBuilder::post(PATH).form(&fields)).await;
        refused(&nobody, "invalid_client");
        for other in ["daily-report", "web-player", "cli-tool", "legacy-sync"] {
            refused(&app.client(other).refresh(&refresh_token).await, "invalid_grant");
        }
        for not_allowed in ["api-server", "one-shot"] {
            let reply = app.client(not_allowed).refresh(&refresh_token).await;
            assert!(["invalid_grant", "unauthorized_client"].contains(&&*reply.error().1));
        }
        client.refresh(&refresh_token).await.expect(200);
    }

    // RT-05, CA-09
    /// The secret that was replaced refreshes nothing any more; the token lives on.
    async fn a_replaced_secret_refreshes_nothing(app) {
        let client = app.client("photo-album");
        let refresh_token = client.tokens(&Consent::default()).await.text("refresh_token");
        let (account, id) =
            (app.account(crate::support::ORIGIN).await, app.registered("photo-album").await.id);
        let actor = domain::Actor::Operator;
        let replaced = protocol::clients::generate_secret(&app.ctx, &account, actor, id).await;
        let secret = replaced.expect("the client is there").secret;
        refused(&client.refresh(&refresh_token).await, "invalid_client");
        let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh_token.as_str())];
        let request = RequestBuilder::post(PATH).basic("photo-album", secret.expose());
        app.send(request.form(&fields)).await.expect(200);
    }

    /// A client of unknown kind refreshes without its secret only what it got without it.
    async fn a_client_of_unknown_kind_refreshes_as_it_exchanged(app) {
        let with_secret = app.client("legacy-sync");
        let without = app.client("legacy-sync").presenting(None);
        let tokens = with_secret.tokens(&Consent::default()).await.text("refresh_token");
        refused(&without.refresh(&tokens).await, "invalid_client");
        with_secret.refresh(&tokens).await.expect(200);

        let code = with_secret.code(&Consent::default()).await;
        let tokens = without.redeem(&code).await.expect(200).text("refresh_token");
        let wrong = app.client("legacy-sync").presenting(Some("wrong-secret-000000000"));
        refused(&wrong.refresh(&tokens).await, "invalid_client");
        let next = without.refresh(&tokens).await.expect(200).text("refresh_token");
        with_secret.refresh(&next).await.expect(200);
    }

    // RT-06, W-67, B-11, D-06
    /// A refresh may narrow the scope and return to all of it, and never goes beyond.
    async fn a_refresh_narrows_the_scope_and_may_return_to_all_of_it(app) {
        let client = app.client("photo-album");
        let consent = Consent { scope: Some("read calendar:read"), ..Consent::default() };
        let mut token = client.tokens(&consent).await.text("refresh_token");
        for beyond in ["read write", "write", "admin", "openid", "read\t", "users:write"] {
            refused(&refresh_with(&client, &token, &[("scope", beyond)]).await, "invalid_scope");
        }
        for (asked, granted) in [
            (Some("calendar:read"), "calendar:read"),
            (Some("read nonsense"), "read"),
            (None, "read calendar:read"),
            (Some("read calendar:read"), "read calendar:read"),
            (Some("tickets:read"), "tickets:read"),
        ] {
            let more: Vec<_> = asked.into_iter().map(|scope| ("scope", scope)).collect();
            let reply = refresh_with(&client, &token, &more).await.expect(200);
            assert_eq!(reply.text("scope"), granted, "{asked:?}");
            let told = client.introspect(&reply.text("access_token")).await;
            assert_eq!(told.text("scope"), granted);
            token = reply.text("refresh_token");
        }
    }

    // RT-06
    /// What the client may no longer ask for is dropped at the next refresh.
    async fn a_lowered_ceiling_counts_at_the_next_refresh(app) {
        let client = app.client("photo-album");
        let consent = Consent { scope: Some("read write"), ..Consent::default() };
        let tokens = client.tokens(&consent).await;
        let lower = |draft: &mut ClientDraft| draft.scopes = Some(vec!["read".to_owned()]);
        let changed = app.change_client("photo-album", lower).await;
        changed.expect("valid scopes");
        let token = tokens.text("refresh_token");
        refused(&refresh_with(&client, &token, &[("scope", "write")]).await, "invalid_scope");
        let reply = refresh_with(&client, &token, &[("scope", "read write")]).await.expect(200);
        assert_eq!(reply.text("scope"), "read");
        let changed = app.change_client("photo-album", |draft| draft.scopes = Some(vec![])).await;
        changed.expect("valid scopes");
        refused(&client.refresh(&reply.text("refresh_token")).await, "invalid_scope");
    }

    // RT-06, B-11, B-13
    /// A refresh may narrow the resources and return to all of them, and never goes beyond.
    async fn a_refresh_narrows_the_resources_and_never_widens_them(app) {
        with_second_resource(app).await;
        let client = app.client("photo-album");
        let both = [("resource", API), ("resource", MAIL)];
        let code = client.code(&Consent { more: &both, ..Consent::default() }).await;
        let unknown = [("resource", "https://evil.example.com/")];
        let claim = client.claim(&code);
        let reply = client.token(&[&claim[..], &unknown[..]].concat()).await;
        refused(&reply, "invalid_target");
        let tokens = client.redeem(&code).await.expect(200);
        assert_eq!(audience(&client, &tokens).await, json!([API, MAIL]));
        let token = tokens.text("refresh_token");
        let jwt = "https://jwt.example.com/";
        for beyond in [jwt, unknown[0].1, "https://api.example.com", "urn:x"] {
            for more in [vec![("resource", beyond)], vec![("resource", MAIL), ("resource", beyond)]]
            {
                refused(&refresh_with(&client, &token, &more).await, "invalid_target");
            }
        }
        let narrowed = refresh_with(&client, &token, &[("resource", MAIL)]).await.expect(200);
        assert_eq!(audience(&client, &narrowed).await, json!(MAIL));
        let all_again = client.refresh(&narrowed.text("refresh_token")).await.expect(200);
        assert_eq!(audience(&client, &all_again).await, json!([API, MAIL]));
    }

    // RT-06, B-11
    /// A token without a resource is for the issuer; a later request names none.
    async fn a_grant_without_resources_gets_none_later(app) {
        let client = app.client("photo-album");
        let tokens = client.tokens(&Consent::default()).await;
        assert_eq!(audience(&client, &tokens).await, json!(crate::support::ORIGIN));
        let token = tokens.text("refresh_token");
        refused(&refresh_with(&client, &token, &[("resource", API)]).await, "invalid_target");
        client.refresh(&token).await.expect(200);
    }

    /// A suspended client has ended everywhere; what it had stays dead when it is active again.
    // JW-10
    async fn a_suspended_client_ends_everything(app) {
        for name in ["photo-album", "web-player"] {
            let client = app.client(name);
            let tokens = client.tokens(&Consent::default()).await;
            let (access_token, refresh_token) =
                (tokens.text("access_token"), tokens.text("refresh_token"));
            app.set_client_state(name, ClientState::Suspended).await;
            refused(&client.refresh(&refresh_token).await, "invalid_client");
            let me = || app.send(RequestBuilder::get("/api/v2/users/me").bearer(&access_token));
            assert_eq!(me().await.error(), (401, "invalid_token".to_owned()));
            let fields = [("token", access_token.as_str())];
            let reply = client.post("/oauth/tokens/introspect", &fields).await;
            refused(&reply, "invalid_client");
            app.set_client_state(name, ClientState::Active).await;
            app.advance(domain::Lifetime::seconds(1));
            assert_eq!(me().await.error(), (401, "invalid_token".to_owned()));
            refused(&client.refresh(&refresh_token).await, "invalid_grant");
        }
    }

    // W-30
    /// With a client go its codes and tokens.
    async fn a_deleted_client_takes_its_tokens_along(app) {
        let client = app.client("photo-album");
        let tokens = client.tokens(&Consent::default()).await;
        let code = client.code(&Consent::default()).await;
        app.delete_client("photo-album").await;
        let me = RequestBuilder::get("/api/v2/users/me").bearer(&tokens.text("access_token"));
        assert_eq!(app.send(me).await.error(), (401, "invalid_token".to_owned()));
        refused(&client.refresh(&tokens.text("refresh_token")).await, "invalid_client");
        refused(&client.redeem(&code).await, "invalid_client");
        let other = app.client("daily-report");
        refused(&other.refresh(&tokens.text("refresh_token")).await, "invalid_grant");
    }

    // W-75, M-07
    /// A token of one account is worth nothing at another, even to a client of the same name.
    async fn a_token_is_worth_nothing_at_another_account(app) {
        with_namesake_elsewhere(app).await;
        let client = app.client("photo-album");
        let tokens = client.tokens(&Consent::default()).await;
        let code = client.code(&Consent::default()).await;
        let elsewhere = |path: &str, fields: &[(&str, &str)]| {
            app.send(client.posting(path, fields).at(OTHER_ORIGIN))
        };
        let (access, refresh) = (tokens.text("access_token"), tokens.text("refresh_token"));
        let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
        refused(&elsewhere(PATH, &fields).await, "invalid_grant");
        refused(&elsewhere(PATH, &client.claim(&code)).await, "invalid_grant");
        for token in [&access, &refresh] {
            let told = elsewhere("/oauth/tokens/introspect", &[("token", token)]).await.expect(200);
            assert_eq!(told.json(), json!({"active": false}));
            elsewhere("/oauth/tokens/revoke", &[("token", token)]).await.expect(200);
        }
        let me = RequestBuilder::get("/api/v2/users/me").at(OTHER_ORIGIN).bearer(&access);
        assert_eq!(app.send(me).await.error(), (401, "invalid_token".to_owned()));
        let report = app.client("daily-report");
        let reply = app.send(report.posting(PATH, &fields).at(OTHER_ORIGIN)).await;
        refused(&reply, "invalid_client");
        assert!(client.is_active(&access).await);
        client.redeem(&code).await.expect(200);
        client.refresh(&refresh).await.expect(200);
    }
}

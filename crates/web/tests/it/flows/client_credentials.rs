//! The client credentials grant: confidential clients acting for themselves.

use domain::{ClientKind, GrantType, Secret};
use protocol::apply::{ClientDeclaration, Declaration};
use serde_json::json;

use crate::support::{Consent, OTHER_ORIGIN, Reply, RequestBuilder, TestApp, stories};

const PATH: &str = "/oauth/tokens";
const SECRET: &str = "client-of-a-story-0000";
const GRANT: (&str, &str) = ("grant_type", "client_credentials");

fn refused(reply: &Reply, error: &str) {
    assert_eq!(reply.error(), (400, error.to_owned()), "{}", reply.body);
    assert!(reply.credentials().is_empty(), "{}", reply.body);
}

/// Adds a confidential client with these allowed scopes.
async fn add_client(app: &TestApp, account: &str, scopes: Option<&[&str]>) {
    let client = ClientDeclaration {
        account: account.to_owned(),
        identifier: "robot".to_owned(),
        name: Some("Robot".to_owned()),
        owner: Some("admin@example.com".to_owned()),
        kind: Some(ClientKind::Confidential),
        secret: Some(Secret::new(SECRET)),
        scopes: scopes.map(|scopes| scopes.iter().map(|scope| (*scope).to_owned()).collect()),
        ..ClientDeclaration::default()
    };
    app.declare(&Declaration { clients: vec![client], ..Declaration::default() }).await;
}

async fn ask(app: &TestApp, origin: &'static str, scope: Option<&str>) -> Reply {
    let mut fields = vec![GRANT, ("client_id", "robot"), ("client_secret", SECRET)];
    fields.extend(scope.map(|scope| ("scope", scope)));
    app.send(RequestBuilder::post(PATH).at(origin).form(&fields)).await
}

async fn as_other_kinds(app: &TestApp, fields: &[(&str, &str)]) {
    for name in ["web-player", "cli-tool", "one-shot", "legacy-sync"] {
        refused(&app.client(name).token(fields).await, "unauthorized_client");
    }
}

stories! {
    // W-68, D-08, RT-11
    /// A confidential client gets an access token, no refresh token, and acts as its owner.
    async fn a_confidential_client_acts_as_its_owner(app) {
        let reply = app.client("photo-album").token(&[GRANT, ("scope", "read write")]).await;
        let json = reply.clone().expect(200).json();
        let keys: Vec<_> = json.as_object().expect("an object").keys().cloned().collect();
        assert_eq!(keys, ["access_token", "expires_in", "scope", "token_type"]);
        assert_eq!(json["expires_in"], 1800);
        assert_eq!(json["scope"], "read write");
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        let me = RequestBuilder::get("/api/v2/users/me").bearer(&reply.text("access_token"));
        let me = app.send(me).await.expect(200).json();
        assert_eq!(me["user"]["email"], "admin@example.com");
        assert_eq!(me["user"]["role"], "admin");
    }

    // W-69, GR-02, D-13, V10.4.4
    /// Public clients, and those of unknown kind, have no client credentials, secret or not.
    async fn other_kinds_have_no_client_credentials(app) {
        as_other_kinds(app, &[GRANT, ("scope", "read")]).await;
        as_other_kinds(app, &[GRANT, ("expires_in", "1"), ("scope", "\"")]).await;
        let without = app.client("legacy-sync").presenting(None).token(&[GRANT]).await;
        assert_eq!(without.error(), (401, "invalid_client".to_owned()));
    }

    // GR-02, V10.4.4
    /// A client uses the grant types it was given and no others.
    async fn a_client_uses_its_own_grant_types_only(app) {
        let client = ClientDeclaration {
            account: "demo".to_owned(),
            identifier: "robot".to_owned(),
            name: Some("Robot".to_owned()),
            owner: Some("admin@example.com".to_owned()),
            kind: Some(ClientKind::Confidential),
            secret: Some(Secret::new(SECRET)),
            grant_types: Some(vec![GrantType::ClientCredentials]),
            redirect_uris: Some(vec!["https://robot.example.com/cb".to_owned()]),
            ..ClientDeclaration::default()
        };
        app.declare(&Declaration { clients: vec![client], ..Declaration::default() }).await;
        ask(app, crate::support::ORIGIN, None).await.expect(200);
        for grant_type in ["authorization_code", "refresh_token"] {
            let fields = [
                ("grant_type", grant_type),
                ("client_id", "robot"),
                ("client_secret", SECRET),
                ("code", "x"),
                ("refresh_token", "x"),
            ];
            let reply = app.send(RequestBuilder::post(PATH).form(&fields)).await;
            refused(&reply, "unauthorized_client");
        }
        let one_shot = app.client("one-shot");
        refused(&one_shot.refresh("x").await, "unauthorized_client");
        one_shot.tokens(&Consent::default()).await;
    }

    // W-69, D-06
    /// Without a scope the account's defaults apply, cut to the ceiling.
    async fn without_a_scope_the_defaults_apply(app) {
        let reply = app.client("photo-album").token(&[GRANT]).await.expect(200);
        assert_eq!(reply.text("scope"), "read");
        let reply = app.client("api-server").token(&[GRANT]).await.expect(200);
        assert_eq!(reply.text("scope"), "read");
        add_client(app, "demo", Some(&["write", "tickets:read"])).await;
        let reply = ask(app, crate::support::ORIGIN, None).await.expect(200);
        assert_eq!(reply.text("scope"), "tickets:read");
        add_client(app, "other", None).await;
        refused(&ask(app, OTHER_ORIGIN, None).await, "invalid_scope");
        ask(app, OTHER_ORIGIN, Some("read")).await.expect(200);
    }

    // W-69
    /// What is asked for lies within the ceiling; what nobody knows is dropped.
    async fn a_scope_beyond_the_ceiling_is_refused(app) {
        let client = app.client("photo-album");
        for beyond in ["read impersonate", "users:write email", "impersonate", "email"] {
            refused(&client.token(&[GRANT, ("scope", beyond)]).await, "invalid_scope");
        }
        let reply = client.token(&[GRANT, ("scope", "tickets:read admin")]).await.expect(200);
        assert_eq!(reply.text("scope"), "tickets:read");
    }

    // GR-03
    /// A client without any scope gets none: an empty list is not all of them.
    async fn a_client_without_scopes_gets_nothing(app) {
        add_client(app, "demo", Some(&[])).await;
        for scope in [None, Some("admin"), Some("read"), Some("openid"), Some("")] {
            refused(&ask(app, crate::support::ORIGIN, scope).await, "invalid_scope");
        }
    }

    // GR-03
    /// Without a ceiling a client gets what it asks for, never everything.
    async fn no_ceiling_is_not_everything(app) {
        let client = app.client("api-server");
        refused(&client.token(&[GRANT, ("scope", "admin")]).await, "invalid_scope");
        let reply = client.token(&[GRANT, ("scope", "tickets:read")]).await.expect(200);
        assert_eq!(reply.text("scope"), "tickets:read");
        let told = client.introspect(&reply.text("access_token")).await;
        assert_eq!(told.text("scope"), "tickets:read");
    }

    /// The lifetime of a refresh token is not looked at, as there is none.
    async fn the_lifetime_of_no_refresh_token_is_ignored(app) {
        let client = app.client("photo-album");
        let fields = [GRANT, ("refresh_token_expires_in", "x"), ("expires_in", "172800")];
        assert_eq!(client.token(&fields).await.expect(200).json()["expires_in"], 172_800);
        refused(&client.token(&[GRANT, ("expires_in", "299")]).await, "invalid_request");
    }

    // B-13
    /// A resource that is known becomes the audience; an unknown one is refused.
    async fn a_known_resource_becomes_the_audience(app) {
        let client = app.client("photo-album");
        let api = ("resource", "https://api.example.com/");
        let reply = client.token(&[GRANT, api]).await.expect(200);
        let told = client.introspect(&reply.text("access_token")).await.json();
        assert_eq!(told["aud"], json!("https://api.example.com/"));
        assert_eq!(told["sub"], "photo-album");
        let elsewhere = RequestBuilder::get("/api/v2/users/me").bearer(&reply.text("access_token"));
        assert_eq!(app.send(elsewhere).await.error(), (401, "invalid_token".to_owned()));
        for unknown in ["https://evil.example.com/", "https://api.example.com", "\"", "http://x#y"]
        {
            let reply = client.token(&[GRANT, api, ("resource", unknown)]).await;
            refused(&reply, "invalid_target");
        }
    }

    /// A client whose owner is suspended acts as nobody; what it has ends with him, for good.
    // JW-10
    async fn a_suspended_owner_ends_his_clients_tokens(app) {
        let client = app.client("photo-album");
        let token = client.token(&[GRANT]).await.expect(200).text("access_token");
        app.suspend_user("admin", true).await;
        refused(&client.token(&[GRANT]).await, "unauthorized_client");
        assert!(!client.is_active(&token).await);
        app.suspend_user("admin", false).await;
        app.advance(domain::Lifetime::seconds(1));
        assert!(!client.is_active(&token).await);
        client.token(&[GRANT]).await.expect(200);
    }
}

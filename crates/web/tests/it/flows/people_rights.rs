//! How far admins may go with people: the last admin, oneself, operators, passwords.

use domain::{Actor, Role, User};
use http::Method;
use serde_json::{Value, json};

use crate::support::{OTHER_ORIGIN, Reply, RequestBuilder, TestApp, stories};

const USERS: &str = "/api/v1/users";

/// How often two who race each other are let loose.
const ROUNDS: usize = 20;

async fn path_of(app: &TestApp, name: &str) -> String {
    format!("{USERS}/{}", app.user(name).await.id)
}

async fn put(app: &TestApp, name: &str, fields: Value) -> Reply {
    app.admin_put(&path_of(app, name).await, &json!({"user": fields})).await
}

/// Changes a person behind the API.
async fn change(app: &TestApp, name: &str, edit: impl FnOnce(&mut User)) {
    let mut user = app.user(name).await;
    edit(&mut user);
    let changed = protocol::users::update(&app.ctx, Actor::Operator, user).await;
    changed.expect("the story changes him to something valid");
}

/// How many admins may act.
async fn active_admins(app: &TestApp) -> usize {
    let mut count = 0;
    for name in ["admin", "bob"] {
        let user = app.user(name).await;
        count += usize::from(user.role == Role::Admin && user.is_active());
    }
    count
}

stories! {
    /// An account keeps an active admin, and nobody locks himself out. Who is no admin any more has an
    /// admin's rights no more, from the next call on.
    // V8.3.1–2
    async fn the_last_admin_stays(app) {
        let path = path_of(app, "admin").await;
        let faults = put(app, "admin", json!({"role": "agent"})).await.faults();
        assert_eq!(faults, ["role InvalidValue"]);
        let both = put(app, "admin", json!({"suspended": true, "role": "agent"})).await.faults();
        assert_eq!(both, ["role InvalidValue", "suspended InvalidValue"]);
        assert_eq!(app.admin_delete(&path).await.faults(), ["base InvalidValue", "base InvalidValue"]);
        put(app, "bob", json!({"role": "admin"})).await.expect_api(200);
        let himself = put(app, "admin", json!({"suspended": true})).await.faults();
        assert_eq!(himself, ["suspended InvalidValue"]);
        put(app, "bob", json!({"suspended": true})).await.expect_api(200);
        let alone = put(app, "admin", json!({"role": "end-user"})).await.faults();
        assert_eq!(alone, ["role InvalidValue"], "a suspended admin decides nothing");
        put(app, "bob", json!({"suspended": false})).await.expect_api(200);
        put(app, "admin", json!({"role": "end-user"})).await.expect_api(200);
        app.admin_get(USERS).await.expect(403);
    }

    /// Two admins who demote, suspend or delete each other at once do not leave the account alone.
    // V15.4.2
    async fn two_admins_cannot_both_go(app) {
        put(app, "bob", json!({"role": "admin"})).await.expect_api(200);
        let (admin, bob) = (path_of(app, "admin").await, path_of(app, "bob").await);
        let new = json!({"api_token": {"label": "bob's"}});
        let bearer = app.bearer_of("bob", "read write").await;
        let made = app.send(RequestBuilder::post("/api/v1/api_tokens").bearer(&bearer).json(&new)).await;
        let token = made.json()["api_token"]["full_token"].as_str().expect("a token").to_owned();
        for round in 0..ROUNDS {
            let body = if round % 2 == 0 { json!({"role": "agent"}) } else { json!({"role": "end-user"}) };
            let body = json!({"user": body});
            let by_admin = RequestBuilder::by_admin(Method::PUT, &bob).json(&body);
            let by_bob = RequestBuilder::new(Method::PUT, &admin).basic("bob@example.com/token", &token);
            let replies = app.race(vec![by_admin, by_bob.json(&body)]).await;
            assert!(active_admins(app).await >= 1, "{:?}", replies.iter().map(|it| it.status).collect::<Vec<_>>());
            for name in ["admin", "bob"] {
                change(app, name, |user| user.role = Role::Admin).await;
            }
        }
    }

    /// An account's admin does not become an operator, neither by his own doing nor by taking over one.
    async fn only_operators_change_operators(app) {
        for name in ["admin", "bob"] {
            assert_eq!(put(app, name, json!({"operator": true})).await.faults(), ["operator InvalidValue"]);
        }
        put(app, "bob", json!({"operator": false, "name": "Bob"})).await.expect_api(200);
        change(app, "bob", |user| user.operator_at = Some(app.ctx.now())).await;
        let path = path_of(app, "bob").await;
        let password = json!({"user": {"password": "mine from now on"}});
        for reply in [
            put(app, "bob", json!({"email": "mine@example.com"})).await,
            put(app, "bob", json!({"suspended": true})).await,
            app.admin_put(&format!("{path}/password"), &password).await,
            app.admin_delete(&path).await,
        ] {
            assert_eq!(reply.expect(403).json()["error"]["title"], "Forbidden");
        }
        change(app, "admin", |user| user.operator_at = Some(app.ctx.now())).await;
        put(app, "alice", json!({"operator": true})).await.expect_api(200);
        put(app, "bob", json!({"operator": false})).await.expect_api(200);
        assert_eq!(app.user("bob").await.operator_at, None);
    }

    /// Nobody becomes an operator by what belongs to one: his client's own token, a token of his with
    /// fewer scopes, or acting for him.
    // TN-07
    async fn nobody_borrows_an_operators_power(app) {
        for name in ["admin", "alice"] {
            change(app, name, |user| user.operator_at = Some(app.ctx.now())).await;
        }
        let alice = path_of(app, "alice").await;
        let requests = "/api/v1/global_client_requests";
        app.admin_get(requests).await.expect(200);
        let grant = [("grant_type", "client_credentials"), ("scope", "read write")];
        let of_client = app.client("photo-album").token(&grant).await.text("access_token");
        app.send(RequestBuilder::get(requests).bearer(&of_client)).await.expect(403);
        let promote = json!({"user": {"operator": true}});
        let by = |token: &str| RequestBuilder::new(Method::PUT, &alice).bearer(token).json(&promote);
        app.send(by(&of_client)).await.expect(403);
        let narrow = app.bearer_of("admin", "users:write").await;
        let new = json!({"user": {
            "email": "new@example.com", "name": "New", "operator": true, "password": "mine from now on",
        }});
        for request in [
            RequestBuilder::post(USERS).bearer(&narrow).json(&new),
            RequestBuilder::new(Method::PUT, &format!("{alice}/password"))
                .bearer(&narrow)
                .json(&json!({"user": {"password": "mine from now on"}})),
        ] {
            let reply = app.send(request).await;
            assert_eq!(reply.error(), (403, "Forbidden".to_owned()), "{}", reply.body);
        }
        let acting = app.bearer_of("admin", "impersonate read write").await;
        let request = RequestBuilder::get(requests).bearer(&acting);
        app.send(request.header("x-on-behalf-of", "alice@example.com")).await.expect(403);
    }

    /// Operators are at home in the first account only.
    async fn other_accounts_have_no_operators(app) {
        let account = app.account(OTHER_ORIGIN).await;
        let admin = store::users::by_email(&app.ctx.store, account.id, "admin@example.com").await;
        let admin = admin.expect("reads").expect("he is in the cast");
        let editor = protocol::users::Editor {
            actor: Actor::User(admin.id),
            user_id: Some(admin.id),
            is_operator: true,
            has_full_rights: true,
        };
        let edit = |draft: &mut domain::UserDraft| draft.is_operator = true;
        let edited = protocol::users::edit(&app.ctx, &account, editor, admin.id, edit).await;
        assert!(edited.is_err(), "{edited:?}");
    }

    /// A password that an admin sets keeps the rules, and ends sessions and refresh tokens.
    // V6.2.1
    async fn an_admin_sets_a_password(app) {
        let path = format!("{}/password", path_of(app, "alice").await);
        for (password, fault) in [
            (json!("short"), "password InvalidValue"),
            (json!("password1"), "password InvalidValue"),
            (json!("x".repeat(1025)), "password TooLong"),
            (json!(""), "password BlankValue"),
            (Value::Null, "password BlankValue"),
            (json!(12_345_678), "password InvalidValue"),
        ] {
            let body = json!({"user": {"password": password}});
            assert_eq!(app.admin_put(&path, &body).await.faults(), [fault]);
        }
        let client = app.client("photo-album");
        let tokens = client.tokens(&crate::support::Consent::default()).await;
        let mut browser = app.browser("alice").await;
        let body = json!({"user": {"password": "a walrus and a carpenter"}});
        app.admin_put(&path, &body).await.expect_api(200);
        browser.get("/account/apps").await.expect(303);
        client.refresh(&tokens.text("refresh_token")).await.expect(400);
        let mut browser = app.anonymous();
        let page = browser.get("/login").await.expect(200);
        let fields = |password| [("username", "alice@example.com"), ("password", password)];
        browser.submit(&page, &fields("alice in wonderland")).await.expect(422);
        browser.submit(&page, &fields("a walrus and a carpenter")).await.expect(303);
        let event = app.events("user.password_set").await.pop().expect("it is audited");
        assert_eq!(event.actor, Actor::User(app.user("admin").await.id));
    }

    /// Who was made without a password signs in with none.
    async fn without_a_password_nobody_signs_in(app) {
        let body = json!({"user": {"email": "eve@example.com", "name": "Eve"}});
        app.admin_post(USERS, &body).await.expect_api(201);
        let mut browser = app.anonymous();
        let page = browser.get("/login").await.expect(200);
        for password in ["", "eve", "alice in wonderland"] {
            let fields = [("username", "eve@example.com"), ("password", password)];
            assert!(browser.submit(&page, &fields).await.status.as_u16() >= 400);
        }
    }
}

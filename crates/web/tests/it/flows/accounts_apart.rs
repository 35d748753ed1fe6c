//! Two accounts with the same names in them: nothing of one counts, shows or can be told at the other.

use std::collections::BTreeSet;

use domain::ClientDraft;
use http::Method;
use serde_json::json;

use crate::support::{
    ADMIN_API_TOKEN, CLIENTS, Consent, ORIGIN, OTHER_ADMIN_API_TOKEN, OTHER_ORIGIN, Reply,
    RequestBuilder, TestApp, stories, with,
};

const METADATA: &str = "/.well-known/oauth-authorization-server";
const JWT: &str = "https://jwt.example.com/";
const REVOKE: &str = "/oauth/tokens/revoke";
const CREDENTIALS: [(&str, &str); 2] = [("grant_type", "client_credentials"), ("scope", "read")];

/// A call of the administration API by this account's admin.
fn call(origin: &'static str, method: Method, path: &str) -> RequestBuilder {
    let token = if origin == ORIGIN { ADMIN_API_TOKEN } else { OTHER_ADMIN_API_TOKEN };
    RequestBuilder::new(method, path).at(origin).basic("admin@example.com/token", token)
}

async fn get(app: &TestApp, origin: &'static str, path: &str) -> Reply {
    app.send(call(origin, Method::GET, path)).await
}

async fn ids(app: &TestApp, origin: &'static str) -> BTreeSet<i64> {
    let list = get(app, origin, CLIENTS).await.expect(200).json();
    let clients = list["clients"].as_array().expect("a list").clone();
    assert_eq!(list["count"], clients.len(), "the count is this account's alone");
    clients.iter().map(|client| client["id"].as_i64().expect("an id")).collect()
}

stories! {
    /// With warm caches, one after the other, an id of one account is nothing at the other.
    // TN-02, TN-10
    async fn a_warm_cache_remembers_whose_a_record_is(app) {
        app.furnish_other_account().await;
        let (ours, theirs) = (ids(app, ORIGIN).await, ids(app, OTHER_ORIGIN).await);
        assert!(ours.is_disjoint(&theirs) && ours.len() > 5 && theirs.len() == 2);
        for id in theirs {
            let path = format!("{CLIENTS}/{id}");
            get(app, OTHER_ORIGIN, &path).await.expect(200);
            let never = format!("{CLIENTS}/{}", i64::from(u32::MAX));
            let never = get(app, ORIGIN, &never).await;
            let body = json!({"client": {"name": "Mine"}});
            for method in [Method::GET, Method::PUT, Method::DELETE] {
                let reply = app.send(call(ORIGIN, method, &path).json(&body)).await.expect(404);
                assert_eq!(reply.body, never.body, "like one that never was");
                assert_eq!(reply.header("etag"), None);
            }
            let reply = app.send(call(ORIGIN, Method::PUT, &format!("{path}/generate_secret"))).await;
            assert_eq!(reply.expect(404).body, never.body);
            assert_ne!(get(app, OTHER_ORIGIN, &path).await.expect(200).json()["client"]["name"], "Mine");
        }
        let user = app.user("alice").await.id;
        get(app, ORIGIN, &format!("/api/v2/users/{user}")).await.expect(200);
        get(app, OTHER_ORIGIN, &format!("/api/v2/users/{user}")).await.expect(404);
    }

    /// Both accounts have an app, a user and an API of the same names; each has its own.
    // TN-02, JW-02, J-05
    async fn the_same_names_are_different_things(app) {
        app.furnish_other_account().await;
        let (ours, theirs) = (app.client("photo-album"), app.other_album());
        let mut users = BTreeSet::new();
        for (client, foreign) in [(&ours, &theirs), (&theirs, &ours)] {
            // A secret is its account's: the identifier is in both.
            let swapped = [("client_secret", foreign.secret.expect("one")), ("client_id", "photo-album")];
            let request = client.posting("/oauth/tokens", &[]).form(&[&CREDENTIALS[..], &swapped].concat());
            assert_eq!(app.send(request).await.error(), (401, "invalid_client".to_owned()));
            let tokens = client.tokens(&Consent::default()).await;
            let (access, refresh) = (tokens.text("access_token"), tokens.text("refresh_token"));
            let told = client.introspect(&access).await.json();
            users.insert(told["sub"].to_string());
            assert!(!foreign.is_active(&access).await && !foreign.is_active(&refresh).await);
            assert_eq!(foreign.refresh(&refresh).await.error(), (400, "invalid_grant".to_owned()));
            foreign.post(REVOKE, &[("token", &refresh)]).await.expect(200);
            assert!(client.is_active(&access).await, "nobody else can end it");
            let code = client.code(&Consent::default()).await;
            assert_eq!(foreign.redeem(&code).await.error(), (400, "invalid_grant".to_owned()));
            client.redeem(&code).await.expect(200);
        }
        assert_eq!(users.len(), 2, "alice of one is not alice of the other");
    }

    /// A JWT says whose it is and is nothing at the other account, even with the same key: the fixture
    /// keys of stories are in both.
    // JW-02, J-05
    async fn a_jwt_of_one_account_is_none_at_the_other(app) {
        app.furnish_other_account().await;
        for origin in [ORIGIN, OTHER_ORIGIN] {
            let (own, foreign) = match origin {
                ORIGIN => (app.client("daily-report"), app.other_album()),
                _ => (app.other_album(), app.client("photo-album")),
            };
            let more = &[("resource", JWT)];
            let tokens = own.tokens(&Consent { more, ..Consent::default() }).await;
            let bare = own.token(&[&CREDENTIALS[..], more].concat()).await.expect(200);
            for jwt in [tokens.text("access_token"), bare.text("access_token")] {
                let told = own.introspect(&jwt).await.json();
                assert_eq!((&told["active"], &told["iss"]), (&json!(true), &json!(origin)));
                assert!(!foreign.is_active(&jwt).await);
                let elsewhere = if origin == ORIGIN { OTHER_ORIGIN } else { ORIGIN };
                let me = RequestBuilder::get("/api/v2/users/me").at(elsewhere).bearer(&jwt);
                assert_eq!(app.send(me).await.error(), (401, "invalid_token".to_owned()));
                // The deny list of another account does not reach it either.
                foreign.post(REVOKE, &[("token", &jwt)]).await;
                assert!(own.is_active(&jwt).await);
            }
        }
    }

    /// A token for one API is told to that API and its own client, and to nobody else.
    // JW-02
    async fn an_audience_is_told_its_own_tokens_only(app) {
        let report = app.client("daily-report");
        for (resource, known) in [(JWT, true), ("https://api.example.com/", true), ("", false)] {
            let more: &[_] = if resource.is_empty() { &[] } else { &[("resource", resource)] };
            let token = report.tokens(&Consent { more, ..Consent::default() }).await;
            let token = token.text("access_token");
            assert_eq!(app.client("api-server").is_active(&token).await, known, "{resource}");
            assert!(!app.client("photo-album").is_active(&token).await, "it is a bystander");
            if known {
                let me = RequestBuilder::get("/api/v2/users/me").bearer(&token);
                assert_eq!(app.send(me).await.error(), (401, "invalid_token".to_owned()));
            }
        }
    }

    /// Every response names the issuer of the account that was asked, and metadata says that it will.
    // JW-06
    async fn every_authorization_response_names_its_issuer(app) {
        app.furnish_other_account().await;
        for (origin, client) in [(ORIGIN, app.client("photo-album")), (OTHER_ORIGIN, app.other_album())] {
            let metadata = app.send(RequestBuilder::get(METADATA).at(origin)).await.expect(200).json();
            assert_eq!(metadata["issuer"], origin);
            assert_eq!(metadata["authorization_response_iss_parameter_supported"], true);
            let mut browser = app.anonymous().at(origin);
            browser.sign_in("alice").await;
            let request = client.request(&Consent::default());
            let page = browser.authorize(&request).await.expect(200);
            let denied = browser.deny(&page).await.expect(303);
            let page = browser.authorize(&request).await.expect(200);
            let allowed = browser.allow(&page, &[]).await.expect(303);
            let silent = with(&request, "scope", "no-such-scope");
            let refused = browser.authorize(&silent).await.expect(303);
            for (reply, what) in [(denied, "error"), (allowed, "code"), (refused, "error")] {
                assert!(reply.parameter(what).is_some(), "{}", reply.location());
                assert_eq!(reply.parameter("iss").as_deref(), Some(origin));
            }
        }
    }

    /// A session of one account is nobody's at the other, whatever name its cookie is given.
    // TN-02
    async fn a_session_is_its_accounts_alone(app) {
        app.furnish_other_account().await;
        let ours = app.browser("alice").await;
        let mut theirs = app.anonymous().at(OTHER_ORIGIN);
        theirs.sign_in("alice").await;
        theirs.get("/account/apps").await.expect(200);
        let mut thief = app.anonymous().at(OTHER_ORIGIN);
        thief.adopt(&ours);
        assert!(thief.get("/account/apps").await.location().starts_with("/login"));
        theirs.replace_session(&ours.session().expect("alice is signed in"));
        assert!(theirs.get("/account/apps").await.location().starts_with("/login"));
    }

    /// Whoever is deleted leaves nothing to a namesake: neither tokens nor consents.
    // TN-13
    async fn a_namesake_inherits_nothing(app) {
        app.furnish_other_account().await;
        let client = app.other_album();
        let tokens = client.tokens(&Consent::default()).await;
        let old = ids(app, OTHER_ORIGIN).await;
        let id = client.introspect(&tokens.text("access_token")).await.json()["client_id"].clone();
        assert_eq!(id, "photo-album");
        for id in &old {
            app.send(call(OTHER_ORIGIN, Method::DELETE, &format!("{CLIENTS}/{id}"))).await.expect(204);
        }
        app.furnish_other_account().await;
        assert!(ids(app, OTHER_ORIGIN).await.is_disjoint(&old), "ids are never used again");
        let namesake = app.other_album();
        for token in [tokens.text("access_token"), tokens.text("refresh_token")] {
            assert!(!namesake.is_active(&token).await);
        }
        let refresh = namesake.refresh(&tokens.text("refresh_token")).await;
        assert_eq!(refresh.error(), (400, "invalid_grant".to_owned()));
        let mut browser = app.anonymous().at(OTHER_ORIGIN);
        browser.sign_in("alice").await;
        let page = browser.authorize(&namesake.request(&Consent::default())).await.expect(200);
        assert!(page.body.contains("The other photo-album"), "consent is asked for anew");
        // An address that moved to somebody else brings nothing along: tokens know the id.
        let of_alice = app.client("photo-album").tokens(&Consent::default()).await;
        let alice = app.user("alice").await;
        rename(app, "alice", "alice-before@example.com").await;
        rename(app, "bob", "alice@example.com").await;
        let told = app.client("photo-album").introspect(&of_alice.text("access_token")).await.json();
        assert_eq!(told["sub"], alice.id.to_string());
        assert_eq!(told["username"], "alice-before@example.com");
    }

    /// A cursor of one account's list is none in the other's (protocol: cursors are bound).
    // TN-10
    async fn a_cursor_tells_nothing_elsewhere(app) {
        app.furnish_other_account().await;
        let page = get(app, ORIGIN, &format!("{CLIENTS}?page[size]=1")).await.expect(200).json();
        let cursor = page["meta"]["after_cursor"].as_str().expect("a cursor").to_owned();
        let path = format!("{CLIENTS}?page[size]=1&page[after]={cursor}");
        get(app, ORIGIN, &path).await.expect(200);
        let refused = get(app, OTHER_ORIGIN, &path).await.expect(400);
        assert_eq!(refused.json()["errors"][0]["code"], "InvalidPaginationParameter");
        let draft = ClientDraft {
            name: "One more".to_owned(),
            identifier: "one-more".to_owned(),
            ..ClientDraft::default()
        };
        let before = get(app, OTHER_ORIGIN, CLIENTS).await.body;
        app.register(&draft).await.expect("valid");
        assert_eq!(get(app, OTHER_ORIGIN, CLIENTS).await.body, before, "nothing shows elsewhere");
    }
}

/// Gives a person of the home account another address.
async fn rename(app: &TestApp, name: &str, email: &str) {
    let mut user = app.user(name).await;
    user.email = domain::EmailAddress::parse(email).expect("an address");
    let done = protocol::users::update(&app.ctx, domain::Actor::Operator, user).await;
    done.map_err(|_| ()).expect("the address is free");
}

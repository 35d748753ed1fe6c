//! An account that wants none of a global client.

use http::Method;
use serde_json::json;

use super::global_clients::until;
use crate::support::{
    Consent, ORIGIN, OTHER_ORIGIN, PARCEL_DESK, Reply, RequestBuilder, TestApp, stories,
};

const LIST: &str = "/api/v1/global_clients";
const ME: &str = "/api/v2/users/me";

fn admins_consent() -> Consent<'static> {
    Consent { user: "admin", ..Consent::default() }
}

/// The other account blocks the client, or ends the block.
async fn block(app: &TestApp, method: Method, id: i64) -> Reply {
    let path = format!("/api/v1/global_clients/{id}/block");
    app.send(RequestBuilder::new(method, &path).by_other_admin()).await
}

async fn is_good(node: &TestApp, origin: &'static str, token: &str) -> bool {
    node.send(RequestBuilder::get(ME).at(origin).bearer(token)).await.status == 200
}

stories! {
    /// It is unknown there, and its tokens are worth nothing on all nodes; other accounts do not notice.
    // TN-04, TN-08
    async fn a_blocked_client_is_unknown_at_that_account_alone(app) {
        let id = app.add_global_parcel_desk().await;
        let node = app.another_node().await;
        let (here, there) = (app.client(PARCEL_DESK), app.client(PARCEL_DESK).at(OTHER_ORIGIN));
        let ours = here.tokens(&admins_consent()).await;
        let theirs = there.tokens(&admins_consent()).await;
        let code = there.code(&admins_consent()).await;
        let (token, refresh_token) = (theirs.text("access_token"), theirs.text("refresh_token"));
        assert!(is_good(&node, OTHER_ORIGIN, &token).await);

        let blocked = block(app, Method::PUT, id).await.expect_api(200).json();
        assert_eq!(blocked["global_client"]["blocked"], true);
        assert!(!is_good(app, OTHER_ORIGIN, &token).await);
        until(async || { !is_good(&node, OTHER_ORIGIN, &token).await }).await;
        for on in [app, &node] {
            let client = on.client(PARCEL_DESK).at(OTHER_ORIGIN);
            let mut browser = on.browser_at(OTHER_ORIGIN, "admin").await;
            let page = browser.authorize(&client.request(&admins_consent())).await;
            page.expect_error_page("unknown_client");
            for refused in [
                client.refresh(&refresh_token).await,
                client.redeem(&code).await,
                client.post("/oauth/tokens/introspect", &[("token", &token)]).await,
                client.post("/oauth/tokens/revoke", &[("token", &token)]).await,
            ] {
                assert_eq!(refused.error(), (401, "invalid_client".to_owned()));
            }
        }
        for on in [app, &node] {
            let client = on.client(PARCEL_DESK);
            assert!(client.is_active(&ours.text("access_token")).await);
        }
        here.refresh(&ours.text("refresh_token")).await.expect(200);

        // The account takes it back: what was there before works again.
        block(app, Method::DELETE, id).await.expect_api(204);
        assert!(is_good(app, OTHER_ORIGIN, &token).await);
        until(async || { is_good(&node, OTHER_ORIGIN, &token).await }).await;
        there.refresh(&refresh_token).await.expect(200);
    }

    /// Blocking twice is blocking once; what is no global client cannot be blocked.
    async fn only_global_clients_are_blocked_and_each_once(app) {
        let id = app.add_global_parcel_desk().await;
        block(app, Method::DELETE, id).await.expect(404);
        for _ in 0..2 {
            block(app, Method::PUT, id).await.expect_api(200);
        }
        let account = app.account(OTHER_ORIGIN).await;
        let events = store::audit_events::list(&app.ctx.store, account.id, None, 99).await;
        let blocked = |action| {
            let events = events.as_ref().expect("reads").iter();
            events.filter(|event| event.action == action).count()
        };
        assert_eq!(blocked("client.blocked"), 1);
        block(app, Method::DELETE, id).await.expect_api(204);
        block(app, Method::DELETE, id).await.expect(404);
        let local = app.registered("photo-album").await.id.get();
        for method in [Method::PUT, Method::DELETE] {
            block(app, method.clone(), local).await.expect(404);
            block(app, method, 1).await.expect(404);
        }
        let of_account = format!("{LIST}/{local}/block");
        app.send(RequestBuilder::by_admin(Method::PUT, &of_account)).await.expect(404);
        let bob = app.bearer_of("bob", "oauth:write").await;
        let path = format!("{LIST}/{id}/block");
        let by_bob = RequestBuilder::new(Method::PUT, &path).bearer(&bob);
        app.send(by_bob).await.expect(403);
        let reader = app.bearer_of("admin", "oauth:read").await;
        app.send(RequestBuilder::new(Method::PUT, &path).bearer(&reader)).await.expect(403);
    }

    /// Every global client is listed with what the account has to do with it.
    // TN-10
    async fn an_account_lists_every_global_client(app) {
        assert_eq!(app.admin_get(LIST).await.expect_api(200).json()["count"], 0);
        let id = app.add_global_parcel_desk().await;
        app.client(PARCEL_DESK).tokens(&Consent::default()).await;
        block(app, Method::PUT, id).await.expect(200);
        let figures = |reply: &Reply| {
            let client = reply.json()["global_clients"][0].clone();
            assert_eq!(client["identifier"], PARCEL_DESK);
            assert_eq!((&client["secret"], &client["redirect_uri"]), (&json!(null), &json!(null)));
            ["authorized", "blocked", "tokens_count"].map(|key| client[key].clone())
        };
        let ours = app.admin_get(LIST).await.expect_api(200);
        assert_eq!(figures(&ours), [json!(true), json!(false), json!(1)]);
        let theirs = app.send(RequestBuilder::get(LIST).by_other_admin()).await.expect(200);
        assert_eq!(figures(&theirs), [json!(false), json!(true), json!(0)]);
        let shown = app.admin_get(&format!("/api/v1/global_clients/{id}")).await;
        let shown = shown.expect_api(200).json();
        assert_eq!(shown["global_client"], ours.json()["global_clients"][0]);
        let local = app.registered("photo-album").await.id;
        app.admin_get(&format!("{LIST}/{local}")).await.expect(404);
        let page = app.admin_get(&format!("{LIST}?page[size]=1&sort=name")).await.expect(200).json();
        assert_eq!((&page["meta"]["has_more"], &page["links"]["next"]), (&json!(false), &json!(null)));
        assert_eq!(app.send(RequestBuilder::get(LIST).at(ORIGIN)).await.status, 401);
    }
}

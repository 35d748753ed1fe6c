//! Global clients: one identifier and secret for every account, and nothing else shared between them.

use domain::ClientId;
use http::Method;
use protocol::clients::{self, OperatorDraft};
use serde_json::json;

use crate::support::{
    ADMIN_API_TOKEN, CLIENTS, Consent, ORIGIN, OTHER_ORIGIN, RequestBuilder, TestApp, stories,
};

/// Makes a client of the home account work everywhere; returns its id.
pub(super) async fn promote(app: &TestApp, identifier: &str) -> i64 {
    let account = app.account(ORIGIN).await;
    let before = app.registered(identifier).await;
    let edit = |wanted: &mut OperatorDraft| wanted.global_at = Some(app.ctx.now());
    let after = clients::update_as_operator(&app.ctx, &account, before.id, edit).await;
    after.map_err(|_| ()).expect("nobody else has the identifier").id.get()
}

stories! {
    /// An account may neither see nor change a global client among its own; that there is one is told
    /// only where somebody has authorised it.
    // W-75, Z-03
    async fn a_global_client_is_not_the_accounts_to_change(app) {
        let id = promote(app, "daily-report").await;
        let changes = [(Method::PUT, ""), (Method::DELETE, ""), (Method::PUT, "/generate_secret")];
        let body = json!({"client": {"name": "Ours now"}});
        for (authorised, status) in [(false, 404), (true, 403)] {
            if authorised {
                app.client("daily-report").tokens(&Consent::default()).await;
            }
            for (method, below) in &changes {
                let path = format!("{CLIENTS}/{id}{below}");
                let request = RequestBuilder::by_admin(method.clone(), &path).json(&body);
                app.send(request).await.expect(status);
            }
            app.admin_get(&format!("{CLIENTS}/{id}")).await.expect(404);
            let list = app.admin_get(CLIENTS).await.json();
            assert_eq!(list["count"], 6, "it is not among the account's own");
        }
        assert_eq!(app.registered("daily-report").await.name, "The daily-report");
        let taken = json!({"client": {"name": "N", "identifier": "Daily-Report"}});
        assert_eq!(app.admin_post(CLIENTS, &taken).await.faults(), ["identifier DuplicateValue"]);
    }

    /// Its tokens stay in the account they were made in.
    // W-75, Z-03
    async fn a_token_of_a_global_client_stays_in_its_account(app) {
        promote(app, "daily-report").await;
        let token = app.bearer_of("admin", "read").await;
        app.send(RequestBuilder::get("/api/v2/users/me").bearer(&token)).await.expect(200);
        let elsewhere = RequestBuilder::get("/api/v2/users/me").at(OTHER_ORIGIN).bearer(&token);
        let refused = app.send(elsewhere).await;
        assert_eq!(refused.error(), (401, "invalid_token".to_owned()));
        let credentials = RequestBuilder::post("/oauth/tokens/introspect")
            .at(OTHER_ORIGIN)
            .basic("daily-report", "photo-album-secret-000000")
            .form(&[("token", &token)]);
        assert_eq!(app.send(credentials).await.expect(200).json(), json!({"active": false}));
        // The API token of one account's admin is none at another.
        let foreign = RequestBuilder::get(CLIENTS)
            .at(OTHER_ORIGIN)
            .basic("admin@example.com/token", ADMIN_API_TOKEN);
        app.send(foreign).await.expect(401);
    }

    /// Its redirect URIs let its scripts call every account's token endpoint, for as long as it is global.
    // BA-04
    async fn a_global_clients_origin_is_registered_everywhere(app) {
        let ask = || {
            RequestBuilder::new(Method::OPTIONS, "/oauth/tokens")
                .at(OTHER_ORIGIN)
                .header("origin", "https://player.example.com")
                .header("access-control-request-method", "POST")
        };
        let allowed = "access-control-allow-origin";
        assert_eq!(app.send(ask()).await.expect(204).header(allowed), None);
        let id = promote(app, "web-player").await;
        let reply = app.send(ask()).await.expect(204);
        assert_eq!(reply.header(allowed), Some("https://player.example.com"));
        let demote = |wanted: &mut OperatorDraft| wanted.global_at = None;
        let account = app.account(ORIGIN).await;
        let done = clients::update_as_operator(&app.ctx, &account, ClientId::new(id), demote).await;
        done.map_err(|_| ()).expect("it is the account's again");
        assert_eq!(app.send(ask()).await.expect(204).header(allowed), None);
    }
}

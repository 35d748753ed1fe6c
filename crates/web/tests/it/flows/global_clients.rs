//! Global clients: one identifier and secret for every account, and nothing else shared between them.

use domain::ClientId;
use http::Method;
use protocol::clients::{self, promotion};
use serde_json::json;
use store::testing::eventually;

use crate::support::{
    ADMIN_API_TOKEN, CLIENTS, ClientActor, Consent, ORIGIN, OTHER_ORIGIN, PARCEL_DESK, PageForm,
    Reply, RequestBuilder, TestApp, stories,
};

const ME: &str = "/api/v2/users/me";
const CALLBACK: &str = "https://parcel.example.com/cb";

/// The admin of either account allows the client to read.
fn admins_consent() -> Consent<'static> {
    Consent { user: "admin", ..Consent::default() }
}

/// The client at both accounts.
fn everywhere(app: &TestApp) -> [ClientActor<'_>; 2] {
    [app.client(PARCEL_DESK), app.client(PARCEL_DESK).at(OTHER_ORIGIN)]
}

/// The status of a call with this token at an account.
async fn status(app: &TestApp, origin: &'static str, token: &str) -> u16 {
    app.send(RequestBuilder::get(ME).at(origin).bearer(token)).await.status.as_u16()
}

/// Waits until a node has heard of what another one changed.
pub(super) async fn until(is_so: impl AsyncFnMut() -> bool) {
    assert!(eventually(is_so).await, "the node never hears of it");
}

fn fields(reply: &Reply) -> (String, String) {
    (reply.text("access_token"), reply.text("refresh_token"))
}

stories! {
    /// An account may neither see nor change a global client among its own; that there is one is told
    /// only where somebody has authorised it.
    // W-75, Z-03, TN-04
    async fn a_global_client_is_not_the_accounts_to_change(app) {
        let id = app.add_global_parcel_desk().await;
        let changes = [(Method::PUT, ""), (Method::DELETE, ""), (Method::PUT, "/generate_secret")];
        let body = json!({"client": {"name": "Ours now"}});
        for (authorised, status) in [(false, 404), (true, 403)] {
            if authorised {
                for client in everywhere(app) {
                    client.tokens(&admins_consent()).await;
                }
            }
            for (method, below) in &changes {
                let path = format!("{CLIENTS}/{id}{below}");
                let request = || RequestBuilder::new(method.clone(), &path).json(&body);
                app.send(request().with_admin_token()).await.expect(status);
                app.send(request().by_other_admin()).await.expect(status);
            }
            let show = || RequestBuilder::get(&format!("{CLIENTS}/{id}"));
            app.send(show().with_admin_token()).await.expect(404);
            app.send(show().by_other_admin()).await.expect(404);
            let list = app.admin_get(CLIENTS).await.json();
            assert_eq!(list["count"], 7, "it is not among the account's own");
        }
        assert_eq!(app.registered(PARCEL_DESK).await.name, "Parcel Desk");
        app.client(PARCEL_DESK).tokens(&admins_consent()).await;
        let taken = json!({"client": {"name": "N", "identifier": "ZDG-Parcel-Desk"}});
        assert_eq!(app.admin_post(CLIENTS, &taken).await.faults(), ["identifier DuplicateValue"]);
    }

    /// Its tokens stay in the account they were made in.
    // W-75, Z-03, TN-04
    async fn a_token_of_a_global_client_stays_in_its_account(app) {
        app.add_global_parcel_desk().await;
        let [here, there] = everywhere(app);
        let (token, refresh_token) = fields(&here.tokens(&admins_consent()).await);
        app.send(RequestBuilder::get(ME).bearer(&token)).await.expect(200);
        let elsewhere = RequestBuilder::get(ME).at(OTHER_ORIGIN).bearer(&token);
        let refused = app.send(elsewhere).await;
        assert_eq!(refused.error(), (401, "invalid_token".to_owned()));
        for credential in [&token, &refresh_token] {
            assert_eq!(there.introspect(credential).await.json(), json!({"active": false}));
            // Revocation succeeds, as for any unknown token, and changes nothing.
            there.post("/oauth/tokens/revoke", &[("token", credential)]).await.expect(200);
        }
        let stolen = there.refresh(&refresh_token).await;
        assert_eq!(stolen.error(), (400, "invalid_grant".to_owned()));
        assert!(here.is_active(&token).await);
        here.refresh(&refresh_token).await.expect(200);
        // The API token of one account's admin is none at another.
        let foreign = RequestBuilder::get(CLIENTS)
            .at(OTHER_ORIGIN)
            .basic("admin@example.com/token", ADMIN_API_TOKEN);
        app.send(foreign).await.expect(401);
    }

    /// A code is worth nothing at another account, and is not used up there.
    // TN-04
    async fn a_code_of_a_global_client_stays_in_its_account(app) {
        app.add_global_parcel_desk().await;
        let [here, there] = everywhere(app);
        let code = there.code(&admins_consent()).await;
        let stolen = here.redeem(&code).await;
        assert_eq!(stolen.error(), (400, "invalid_grant".to_owned()));
        there.redeem(&code).await.expect(200);
    }

    /// Consent, code, token, refresh, introspection and revocation work at each account, and what ends at
    /// one goes on at the other.
    // TN-04, Z-03
    async fn a_global_client_works_in_every_account(app) {
        app.add_global_parcel_desk().await;
        let [here, there] = everywhere(app);
        let mut browser = app.browser_at(OTHER_ORIGIN, "admin").await;
        let page = browser.authorize(&there.request(&admins_consent())).await.expect_consent();
        for told in ["Parcel Desk", "Parcel Co", "Shipping labels", "other Ltd"] {
            assert!(page.body.contains(told), "{told}: {}", page.body);
        }
        let back = browser.allow(&page, &[]).await.expect(303);
        assert!(back.location().starts_with(CALLBACK), "{}", back.location());
        assert_eq!(back.parameter("iss").as_deref(), Some(OTHER_ORIGIN));
        let code = back.parameter("code").expect("it has a code");
        let (_, first) = fields(&there.redeem(&code).await.expect(200));
        let (theirs, _) = fields(&there.refresh(&first).await.expect(200));
        let (ours, _) = fields(&here.tokens(&admins_consent()).await);
        let told = there.introspect(&theirs).await.json();
        assert_eq!((&told["active"], &told["iss"]), (&json!(true), &json!(OTHER_ORIGIN)));
        assert_eq!(app.grant_count().await, 2);

        here.post("/oauth/tokens/revoke", &[("token", &ours)]).await.expect(200);
        assert_eq!((status(app, ORIGIN, &ours).await, there.is_active(&theirs).await), (401, true));
        // The person takes the app back where he allowed it.
        let mut person = app.browser("admin").await;
        let apps = person.get("/account/apps").await.expect(200);
        let forms = PageForm::all(&apps.body);
        let all = forms.iter().find(|form| form.action == "/account/apps/revoke");
        person.submit_form(all.expect("there is a form"), &[]).await.expect(303);
        let again = here.tokens(&admins_consent()).await.text("access_token");
        assert_eq!(status(app, ORIGIN, &again).await, 200);
        assert_eq!(status(app, OTHER_ORIGIN, &theirs).await, 200);
        assert_eq!(app.grant_count().await, 3, "the other account's grant is not asked for again");
    }

    /// It acts as its owner, who is somebody in his own account only.
    async fn client_credentials_of_a_global_client_work_at_its_owners_account(app) {
        app.add_global_parcel_desk().await;
        let [here, there] = everywhere(app);
        let asked = [("grant_type", "client_credentials"), ("scope", "read")];
        let token = here.token(&asked).await.expect(200).text("access_token");
        let me = app.send(RequestBuilder::get(ME).bearer(&token)).await.expect(200).json();
        assert_eq!(me["user"]["email"], "admin@example.com");
        let refused = there.token(&asked).await;
        assert_eq!(refused.error(), (400, "unauthorized_client".to_owned()));
        assert!(refused.text("error_description").contains("another account"));
    }

    /// What was there before goes on: id, secret, tokens. Other nodes know within a second.
    async fn a_client_keeps_what_it_has_when_it_becomes_global(app) {
        app.add_parcel_desk().await;
        let node = app.another_node().await;
        let [here, there] = everywhere(app);
        let before = app.registered(PARCEL_DESK).await;
        let (token, refresh_token) = fields(&here.tokens(&Consent::default()).await);
        let unknown = there.refresh(&refresh_token).await;
        assert_eq!(unknown.error(), (401, "invalid_client".to_owned()));
        let asked = there.request(&Consent::default());
        let mut browser = app.anonymous_at(OTHER_ORIGIN);
        browser.authorize(&asked).await.expect_error_page("unknown_client");
        assert_eq!(status(&node, ORIGIN, &token).await, 200);

        let id = app.promote(PARCEL_DESK).await;
        let after = app.registered(PARCEL_DESK).await;
        assert_eq!((id, &after.secrets), (before.id.get(), &before.secrets));
        assert_eq!(status(app, ORIGIN, &token).await, 200);
        here.refresh(&refresh_token).await.expect(200);
        let elsewhere = node.client(PARCEL_DESK).at(OTHER_ORIGIN);
        until(async || { elsewhere.post("/oauth/tokens/introspect", &[("token", "x")]).await.status == 200 })
            .await;
        assert_eq!(app.events("client.promoted").await.len(), 1);
    }

    /// The operator's new secret counts at every account.
    async fn a_new_secret_of_a_global_client_counts_everywhere(app) {
        app.add_global_parcel_desk().await;
        let client = app.registered(PARCEL_DESK).await;
        let made = clients::generate_secret_as_operator(&app.ctx, &client).await;
        let secret = made.map_err(|_| ()).expect("it is there").secret;
        for origin in [ORIGIN, OTHER_ORIGIN] {
            let ask = |secret: &str| {
                RequestBuilder::post("/oauth/tokens/introspect")
                    .at(origin)
                    .basic(PARCEL_DESK, secret)
                    .form(&[("token", "x")])
            };
            app.send(ask("photo-album-secret-000000")).await.expect(401);
            app.send(ask(secret.expose())).await.expect(200);
        }
    }

    /// The operator's delete ends codes, tokens and grants in every account, on every node.
    // TN-13
    async fn a_deleted_global_client_is_gone_everywhere(app) {
        app.add_global_parcel_desk().await;
        let node = app.another_node().await;
        let mut tokens = Vec::new();
        let mut codes = Vec::new();
        for (client, origin) in everywhere(app).into_iter().zip([ORIGIN, OTHER_ORIGIN]) {
            let (token, refresh_token) = fields(&client.tokens(&admins_consent()).await);
            assert_eq!(status(&node, origin, &token).await, 200);
            tokens.push((origin, token, refresh_token));
            codes.push(client.code(&admins_consent()).await);
        }
        let client = app.registered(PARCEL_DESK).await;
        clients::delete_as_operator(&app.ctx, &client).await.expect("it is there");
        assert_eq!(app.grant_count().await, 0);
        for (origin, token, _) in &tokens {
            assert_eq!(status(app, origin, token).await, 401);
            until(async || { status(&node, origin, token).await == 401 }).await;
        }
        // Another client of the same name has nothing of it.
        app.add_global_parcel_desk().await;
        for ((client, code), (origin, token, refresh_token)) in
            everywhere(app).into_iter().zip(&codes).zip(&tokens)
        {
            for refused in [client.redeem(code).await, client.refresh(refresh_token).await] {
                assert_eq!(refused.error(), (400, "invalid_grant".to_owned()));
            }
            assert_eq!(status(app, origin, token).await, 401);
            let mut browser = app.browser_at(origin, "admin").await;
            browser.authorize(&client.request(&admins_consent())).await.expect_consent();
        }
        assert_eq!(app.events("client.deleted").await.len(), 1);
    }

    /// A client that is its account's own again has nothing elsewhere, also if it is promoted once more.
    async fn what_other_accounts_allowed_ends_when_a_client_is_demoted(app) {
        app.add_global_parcel_desk().await;
        let [here, there] = everywhere(app);
        let (ours, _) = fields(&here.tokens(&admins_consent()).await);
        let (theirs, refresh_token) = fields(&there.tokens(&admins_consent()).await);
        let (account, id) = (app.account(ORIGIN).await, app.registered(PARCEL_DESK).await.id);
        promotion::demote(&app.ctx, &account, id).await.expect("it is global");
        assert_eq!((status(app, ORIGIN, &ours).await, status(app, OTHER_ORIGIN, &theirs).await), (200, 401));
        app.admin_get(&format!("{CLIENTS}/{id}")).await.expect(200);
        app.promote(PARCEL_DESK).await;
        assert_eq!(status(app, OTHER_ORIGIN, &theirs).await, 401);
        assert_eq!(there.refresh(&refresh_token).await.error(), (400, "invalid_grant".to_owned()));
        assert_eq!(app.events("client.demoted").await.len(), 1);
    }

    /// Its redirect URIs let its scripts call every account's token endpoint, for as long as it is global.
    // BA-04
    async fn a_global_clients_origin_is_registered_everywhere(app) {
        app.add_parcel_desk().await;
        let ask = || {
            RequestBuilder::new(Method::OPTIONS, "/oauth/tokens")
                .at(OTHER_ORIGIN)
                .header("origin", "https://parcel.example.com")
                .header("access-control-request-method", "POST")
        };
        let allowed = "access-control-allow-origin";
        assert_eq!(app.send(ask()).await.expect(204).header(allowed), None);
        let id = app.promote(PARCEL_DESK).await;
        let reply = app.send(ask()).await.expect(204);
        assert_eq!(reply.header(allowed), Some("https://parcel.example.com"));
        let account = app.account(ORIGIN).await;
        let done = promotion::demote(&app.ctx, &account, ClientId::new(id)).await;
        done.expect("it is the account's again");
        assert_eq!(app.send(ask()).await.expect(204).header(allowed), None);
    }
}

//! A database that fails half-way: no yes that is not stored, and no story half told.

use http::Method;
use serde_json::json;
use store::testing::{self, Hideable};

use crate::support::{CLIENTS, Consent, Reply, RequestBuilder, TestApp, password, stories};

async fn hide(app: &TestApp, table: Hideable) {
    testing::hide(&app.ctx.store, table).await.expect("it is hidden");
}

async fn bring_back(app: &TestApp, table: Hideable) {
    testing::bring_back(&app.ctx.store, table).await.expect("it is back");
}

/// 503, when to try again, and no word of the cause.
#[track_caller]
fn assert_unavailable(reply: &Reply) {
    assert_eq!(reply.status.as_u16(), 503, "{}", reply.body);
    assert_eq!(reply.header("retry-after"), Some("1"));
    assert_eq!(reply.header("location"), None);
    assert_eq!(reply.header("set-cookie"), None);
    for word in ["audit_events", "token_families", "relation", "no such table", "SELECT", "INSERT"]
    {
        assert!(!reply.body.contains(word), "{}", reply.body);
    }
}

stories! {
    /// Tokens cannot be looked up: nobody is told that one is good, and none is given out.
    // HT-07, V16.5.1–4, M-05
    async fn no_token_passes_while_tokens_cannot_be_read(app) {
        let client = app.client("photo-album");
        let tokens = client.tokens(&Consent::default()).await;
        let code = client.code(&Consent::default()).await;
        let access_token = tokens.text("access_token");
        hide(app, Hideable::TokenFamilies).await;
        let replies = [
            client.post("/oauth/tokens/introspect", &[("token", &access_token)]).await,
            client.redeem(&code).await,
            client.refresh(&tokens.text("refresh_token")).await,
            client.post("/oauth/tokens/revoke", &[("token", &access_token)]).await,
            app.send(RequestBuilder::get("/api/v2/users/me").bearer(&access_token)).await,
        ];
        for reply in &replies {
            assert_unavailable(reply);
            assert!(!reply.body.contains("\"active\":true") && !reply.body.contains("access_token\":"));
        }
        for reply in &replies[..4] {
            assert_eq!(reply.text("error"), "temporarily_unavailable");
        }
        assert_eq!(replies[4].text("error"), "ServiceUnavailable");
        bring_back(app, Hideable::TokenFamilies).await;
        assert!(client.is_active(&access_token).await, "the failed revocation revoked nothing");
        client.redeem(&code).await.expect(200);
        client.refresh(&tokens.text("refresh_token")).await.expect(200);
    }

    /// What cannot be recorded is not done: each change needs its audit row.
    // HT-07, V16.3.1–4
    async fn no_change_is_made_that_cannot_be_recorded(app) {
        let client = app.client("photo-album");
        let tokens = client.tokens(&Consent::default()).await;
        let path = format!("{CLIENTS}/{}", app.registered("photo-album").await.id);
        let before = app.admin_get(&path).await.json();
        let mut alice = app.browser("alice").await;
        let apps = alice.get("/account/apps").await.expect(200);
        let sign_out = alice.get("/logout").await.expect(200);
        let consent = alice.authorize(&app.client("cli-tool").request(&Consent::default())).await;
        let mut anonymous = app.anonymous();
        let sign_in = anonymous.get("/login").await.expect(200);
        hide(app, Hideable::AuditEvents).await;

        let draft = json!({"client": {"name": "New", "identifier": "new"}});
        assert_unavailable(&app.admin_post(CLIENTS, &draft).await);
        assert_unavailable(&app.admin_put(&path, &draft).await);
        assert_unavailable(&app.admin_delete(&path).await);
        let renew = RequestBuilder::by_admin(Method::PUT, &format!("{path}/generate_secret"));
        assert_unavailable(&app.send(renew).await);
        let typed = [("username", "alice@example.com"), ("password", password("alice"))];
        assert_unavailable(&anonymous.submit(&sign_in, &typed).await);
        assert_unavailable(&alice.allow(&consent.expect(200), &[]).await);
        let forms = crate::support::PageForm::all(&apps.body);
        for form in forms.iter().filter(|form| form.action != "/logout") {
            assert_unavailable(&alice.submit_form(form, &[]).await);
        }
        assert_unavailable(&alice.submit(&sign_out, &[]).await);

        bring_back(app, Hideable::AuditEvents).await;
        assert_eq!(app.admin_get(&path).await.json(), before);
        assert_eq!(app.admin_get(CLIENTS).await.json()["count"], 7);
        assert_eq!(app.grant_count().await, 1, "alice allowed one app before, and no other since");
        assert_eq!(anonymous.session(), None);
        alice.get("/account/apps").await.expect(200);
        client.refresh(&tokens.text("refresh_token")).await.expect(200);
    }

    /// A private key in another's row does not open, and nothing is signed in its place.
    // CR-03, HT-07
    async fn a_private_key_in_a_foreign_row_signs_nothing(app) {
        let jwt = [("resource", "https://jwt.example.com/")];
        let consent = Consent { more: &jwt, ..Consent::default() };
        let client = app.client("photo-album");
        client.tokens(&consent).await;
        testing::mix_up_keys(&app.ctx.store).await.expect("they are mixed up");
        let restarted = app.another_node().await;
        let client = restarted.client("photo-album");
        let code = client.code(&consent).await;
        let refused = client.redeem(&code).await;
        assert_eq!(refused.error(), (500, "server_error".to_owned()));
        assert!(!refused.body.contains("access_token") && !refused.body.contains("key"));
    }
}

//! When credentials were last used: told by the pages and the API, never written in a request.

use domain::{Lifetime, Timestamp};
use http::Method;
use store::testing;

use crate::support::{Consent, ORIGIN, RequestBuilder, START, TestApp, stories};

const ME: &str = "/api/v2/users/me";

/// When a token under the grant of alice to this client was last used.
async fn grant_used_at(app: &TestApp, identifier: &str) -> Option<Timestamp> {
    let (account, user) = (app.account(ORIGIN).await, app.user("alice").await);
    let client = app.registered(identifier).await;
    let grant = store::grants::show(&app.ctx.store, account.id, user.id, client.id).await;
    grant.expect("reads").expect("there is a grant").used_at
}

/// When the admin's API token was last used.
async fn api_token_used_at(app: &TestApp) -> Option<Timestamp> {
    let user = app.user("admin").await;
    let token = store::api_tokens::by_label(&app.ctx.store, user.account_id, user.id, "scripts");
    token.await.expect("reads").expect("it is there").used_at
}

async fn secrets_used_at(app: &TestApp, identifier: &str) -> Vec<Timestamp> {
    let client = app.registered(identifier).await;
    testing::secrets_used_at(&app.ctx.store, client.id).await.expect("reads")
}

async fn use_token(app: &TestApp, token: &str, expected: u16) {
    app.send(RequestBuilder::get(ME).bearer(token)).await.expect(expected);
}

stories! {
    /// The page of authorized apps says when an app last used its access, also after its tokens
    /// were replaced.
    async fn a_grant_tells_when_it_was_last_used(app) {
        let client = app.client("photo-album");
        let tokens = client.tokens(&Consent::default()).await;
        app.write_last_uses().await;
        assert_eq!(grant_used_at(app, "photo-album").await, None);
        use_token(app, &tokens.text("access_token"), 200).await;
        assert_eq!(grant_used_at(app, "photo-album").await, None, "the request does not write");
        app.write_last_uses().await;
        assert_eq!(grant_used_at(app, "photo-album").await, Some(START));

        app.advance(Lifetime::hours(2));
        client.refresh(&tokens.text("refresh_token")).await.expect(200);
        app.write_last_uses().await;
        assert_eq!(grant_used_at(app, "photo-album").await, Some(START + Lifetime::hours(2)));
        app.advance(Lifetime::hours(3));
        let page = app.browser("alice").await.get("/account/apps").await.expect(200);
        assert!(page.body.contains("last used"), "{}", page.body);
        assert!(page.body.contains("3 hours ago"), "{}", page.body);
    }

    /// JWT access tokens count as well, those without a row included.
    async fn the_use_of_a_jwt_is_a_use_of_its_grant(app) {
        for identifier in ["photo-album", "one-shot"] {
            let resource = [("resource", "https://jwt.example.com/")];
            let consent = Consent { more: &resource, ..Consent::default() };
            let token = app.client(identifier).tokens(&consent).await.text("access_token");
            assert!(token.starts_with("ey"), "{token}");
            app.write_last_uses().await;
            assert_eq!(grant_used_at(app, identifier).await, None);
            assert!(app.client("api-server").is_active(&token).await);
            app.write_last_uses().await;
            assert_eq!(grant_used_at(app, identifier).await, Some(app.ctx.now()), "{identifier}");
        }
    }

    /// A secret or API token that is right is used; one that is wrong is not.
    async fn secrets_and_api_tokens_tell_when_they_were_last_used(app) {
        let client = app.client("photo-album");
        let wrong = app.client("photo-album").presenting(Some("wrong-wrong-wrong-wrong-0"));
        wrong.token(&[("grant_type", "client_credentials")]).await.expect(401);
        let guess = RequestBuilder::get(ME).basic("admin@example.com/token", "wrong");
        app.send(guess).await.expect(401);
        app.write_last_uses().await;
        assert_eq!(secrets_used_at(app, "photo-album").await, []);
        assert_eq!(api_token_used_at(app).await, None);

        client.token(&[("grant_type", "client_credentials")]).await.expect(200);
        app.send(RequestBuilder::by_admin(Method::GET, ME)).await.expect(200);
        app.write_last_uses().await;
        assert_eq!(secrets_used_at(app, "photo-album").await, [START]);
        assert_eq!(api_token_used_at(app).await, Some(START));
    }

    /// A use costs no statement, and many uses of one credential cost one, each node by itself; the
    /// latest of them is told.
    async fn uses_are_written_once_per_credential(app) {
        let token = app.bearer_of("alice", "read").await;
        app.write_last_uses().await;
        let before = app.ctx.store.statement_count();
        for _ in 0..5 {
            use_token(app, &token, 200).await;
            app.advance(Lifetime::seconds(1));
        }
        app.settled().await;
        let requests = app.ctx.store.statement_count() - before;
        // Each reads the token and the user.
        assert!(requests >= 10);
        app.write_last_uses().await;
        let written = app.ctx.store.statement_count() - before - requests;
        assert_eq!(written, 2, "the token and its grant");
        let latest = START + Lifetime::seconds(4);
        assert_eq!(grant_used_at(app, "daily-report").await, Some(latest));

        // Soon after what is written already there is nothing to write.
        use_token(app, &token, 200).await;
        app.settled().await;
        let before = app.ctx.store.statement_count();
        app.write_last_uses().await;
        assert_eq!(app.ctx.store.statement_count(), before);
    }

    /// An older use that another node writes late is not told.
    async fn the_latest_use_is_told_whoever_writes_last(app) {
        let other = app.another_node().await;
        let token = app.bearer_of("alice", "read").await;
        use_token(&other, &token, 200).await;
        app.advance(Lifetime::minutes(1));
        use_token(app, &token, 200).await;
        app.write_last_uses().await;
        other.write_last_uses().await;
        let latest = START + Lifetime::minutes(1);
        assert_eq!(grant_used_at(app, "daily-report").await, Some(latest));
    }

    /// What cannot be written waits until it can.
    async fn a_broken_database_loses_no_use(app) {
        let token = app.bearer_of("alice", "read").await;
        use_token(app, &token, 200).await;
        testing::hide(&app.ctx.store, testing::Hideable::Grants).await.expect("breaks");
        protocol::last_uses::write(&app.ctx).await.expect_err("it cannot be written");
        testing::bring_back(&app.ctx.store, testing::Hideable::Grants).await.expect("mends");
        app.write_last_uses().await;
        assert_eq!(grant_used_at(app, "daily-report").await, Some(START));
    }

    /// Nobody is told that a revoked grant was used: uses of the dead are none.
    async fn a_dead_token_is_not_used(app) {
        let token = app.bearer_of("alice", "read").await;
        app.suspend_user("alice", true).await;
        use_token(app, &token, 401).await;
        app.settled().await;
        let before = app.ctx.store.statement_count();
        app.write_last_uses().await;
        // The secret of the client that asked for the token, and nothing else.
        assert_eq!(app.ctx.store.statement_count() - before, 1);
        assert_eq!(grant_used_at(app, "daily-report").await, None);
    }
}

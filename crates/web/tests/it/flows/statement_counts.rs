//! How many statements each operation takes: counts that noise cannot blur (performance.md).

use crate::support::{Consent, Reply, RequestBuilder, TestApp, stories};

const PATH: &str = "/oauth/tokens";
const INTROSPECT: &str = "/oauth/tokens/introspect";

/// How often an operation is counted. The fewest counts: memory is not trusted for a moment when
/// the machine is busy, and then the database is asked.
const ROUNDS: usize = 5;

/// How many statements one request takes, whatever it leaves to be done beside its reply included.
async fn statements(app: &TestApp, request: RequestBuilder) -> (u64, Reply) {
    let ((statements, _), reply) = statements_and_commits(app, request).await;
    (statements, reply)
}

async fn statements_and_commits(app: &TestApp, request: RequestBuilder) -> ((u64, u64), Reply) {
    app.warm().await;
    let before = (app.ctx.store.statement_count(), app.ctx.store.commit_count());
    let reply = app.send(request).await.expect(200);
    app.settled().await;
    let statements = app.ctx.store.statement_count() - before.0;
    ((statements, app.ctx.store.commit_count() - before.1), reply)
}

/// The fewest statements of several equal requests.
async fn fewest(app: &TestApp, request: impl Fn() -> RequestBuilder) -> u64 {
    let mut fewest = u64::MAX;
    for _ in 0..ROUNDS {
        fewest = fewest.min(statements(app, request()).await.0);
    }
    fewest
}

stories! {
    /// A JWT for client credentials takes none: everything is in memory, and nothing is stored.
    async fn a_jwt_takes_no_statement(app) {
        let client = app.client("photo-album");
        let fields =
            [("grant_type", "client_credentials"), ("resource", "https://jwt.example.com/")];
        assert_eq!(fewest(app, || client.posting(PATH, &fields)).await, 0);
    }

    /// An opaque token for client credentials takes one: its row, in one commit.
    async fn an_opaque_token_takes_one_statement(app) {
        let client = app.client("photo-album");
        let fields = [("grant_type", "client_credentials")];
        let mut fewest = (u64::MAX, u64::MAX);
        for _ in 0..ROUNDS {
            let request = client.posting(PATH, &fields);
            fewest = fewest.min(statements_and_commits(app, request).await.0);
        }
        assert_eq!(fewest, (1, 1));
    }

    /// Introspection of an access or refresh token takes one.
    async fn introspection_takes_one_statement(app) {
        let client = app.client("photo-album");
        let tokens = client.tokens(&Consent::default()).await;
        let credentials = client.token(&[("grant_type", "client_credentials")]).await;
        for token in [
            tokens.text("access_token"),
            tokens.text("refresh_token"),
            credentials.text("access_token"),
        ] {
            let fields = [("token", token.as_str())];
            assert_eq!(fewest(app, || client.posting(INTROSPECT, &fields)).await, 1);
        }
    }

    /// A refresh takes the look-up, then family, old row and new row in one commit. Over a network that is two
    /// round trips.
    async fn a_refresh_takes_two_round_trips_and_one_commit(app) {
        let client = app.client("photo-album");
        let mut token = client.tokens(&Consent::default()).await.text("refresh_token");
        let mut fewest = (u64::MAX, u64::MAX);
        for _ in 0..ROUNDS {
            let fields = [("grant_type", "refresh_token"), ("refresh_token", token.as_str())];
            let request = client.posting(PATH, &fields);
            let (counts, reply) = statements_and_commits(app, request).await;
            fewest = fewest.min(counts);
            token = reply.text("refresh_token");
        }
        assert_eq!(fewest, if app.is_on_postgres() { (2, 1) } else { (4, 1) });
    }

    /// The first use of a successor takes one more, beside the reply; later uses do not.
    async fn the_first_use_of_a_successor_takes_one_more(app) {
        let client = app.client("photo-album");
        let mut counts = Vec::new();
        for _ in 0..ROUNDS {
            let tokens = client.tokens(&Consent::default()).await;
            let next = client.refresh(&tokens.text("refresh_token")).await.expect(200);
            let access_token = next.text("access_token");
            let fields = [("token", access_token.as_str())];
            let (first, _) = statements(app, client.posting(INTROSPECT, &fields)).await;
            let (second, _) = statements(app, client.posting(INTROSPECT, &fields)).await;
            counts.push((first, second));
        }
        assert_eq!(counts.into_iter().min(), Some((2, 1)));
    }

    /// A code exchange takes the look-up, then session, grant, code, family and token in one commit. Over a network
    /// that is two round trips.
    async fn a_code_exchange_takes_two_round_trips_and_one_commit(app) {
        let client = app.client("photo-album");
        let mut fewest = (u64::MAX, u64::MAX);
        for _ in 0..ROUNDS {
            let code = client.code(&Consent::default()).await;
            let request = client.posting(PATH, &client.claim(&code));
            fewest = fewest.min(statements_and_commits(app, request).await.0);
        }
        assert_eq!(fewest, if app.is_on_postgres() { (2, 1) } else { (6, 1) });
    }

    /// A refusal before the grant takes none; the documents that everybody reads take none.
    async fn what_is_in_memory_takes_no_statement(app) {
        let client = app.client("photo-album");
        let mut fewest = u64::MAX;
        for _ in 0..ROUNDS {
            app.warm().await;
            let before = app.ctx.store.statement_count();
            client
                .token(&[("grant_type", "client_credentials"), ("scope", "impersonate")])
                .await
                .expect(400);
            client.refresh("x").await.expect(400);
            app.get("/.well-known/jwks.json").await.expect(200);
            app.get("/.well-known/oauth-authorization-server").await.expect(200);
            fewest = fewest.min(app.ctx.store.statement_count() - before);
        }
        assert_eq!(fewest, 0);
    }
}

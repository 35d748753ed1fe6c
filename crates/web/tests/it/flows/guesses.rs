//! Guesses at secrets, tokens and passwords: one count for all nodes, and what counting them costs.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use domain::Lifetime;
use store::testing::{self, Counted, Hideable};

use crate::support::{
    ADMIN_API_TOKEN, CLIENTS, PageForm, Reply, RequestBuilder, TestApp, password, stories,
};

const TOKENS: &str = "/oauth/tokens";
const SECRET: &str = "photo-album-secret-000000";

/// How many guess at the same moment.
const RIVALS: u8 = 60;

/// Longer than a node trusts what it remembers.
const SOON: Duration = Duration::from_secs(1);

fn address(number: u32) -> IpAddr {
    IpAddr::from(Ipv4Addr::from_bits(0xCB00_7100 + number))
}

/// A client's secret, presented at one of the endpoints.
fn with_secret(path: &str, name: &str, secret: &str) -> RequestBuilder {
    let fields = [
        ("grant_type", "client_credentials"),
        ("token", "x"),
        ("client_id", name),
        ("client_secret", secret),
    ];
    RequestBuilder::post(path).form(&fields).sent_from(address(1))
}

fn with_api_token(email: &str, token: &str) -> RequestBuilder {
    RequestBuilder::get(CLIENTS).basic(&format!("{email}/token"), token).sent_from(address(1))
}

/// A filled-in sign-in form.
async fn with_password(app: &TestApp, email: &str, password: &str) -> RequestBuilder {
    let page = app.get("/login").await.expect(200);
    let cookie = page.header("set-cookie").and_then(|it| it.split(';').next()).expect("a visit");
    let token = PageForm::read(&page.body).hidden.remove(0).1;
    let fields = [("csrf_token", &*token), ("username", email), ("password", password)];
    RequestBuilder::post("/login").header("cookie", cookie).form(&fields).sent_from(address(1))
}

/// How many of the replies of both nodes have this status.
async fn race(nodes: [(&TestApp, Vec<RequestBuilder>); 2], status: u16) -> usize {
    let [(here, ours), (there, theirs)] = nodes;
    let (ours, theirs) = tokio::join!(here.race(ours), there.race(theirs));
    let replies = ours.iter().chain(&theirs);
    let others = replies.clone().filter(|reply| reply.status.as_u16() != status);
    for reply in others {
        assert_eq!(reply.status.as_u16(), 429, "{}", reply.body);
        assert_eq!(reply.header("retry-after"), Some("300"));
    }
    replies.filter(|reply| reply.status.as_u16() == status).count()
}

fn per_node<T>(guess: impl Fn(u8) -> T) -> [Vec<T>; 2] {
    [(0..RIVALS / 2).map(&guess).collect(), (RIVALS / 2..RIVALS).map(&guess).collect()]
}

async fn send_times(app: &TestApp, times: u32, request: impl Fn() -> RequestBuilder) -> Reply {
    let mut last = app.send(request()).await;
    for _ in 1..times {
        last = app.send(request()).await;
    }
    last
}

async fn count(app: &TestApp, counted: Counted) -> i64 {
    testing::count(&app.ctx.store, counted).await.expect("counts")
}

/// What a request costs in statements, keyed hashes and password hashes; the least of several, as
/// memory is not trusted for a moment when the machine is busy.
async fn cost(app: &TestApp, requests: Vec<RequestBuilder>, status: u16) -> (u64, u64, u64) {
    let ctx = &app.ctx;
    let so_far =
        || (ctx.store.statement_count(), ctx.keyring.hash_count(), ctx.passwords.hash_count());
    let mut least = (u64::MAX, u64::MAX, u64::MAX);
    for request in requests {
        app.settled().await;
        app.warm().await;
        let before = so_far();
        app.send(request).await.expect(status);
        let after = so_far();
        least = least.min((after.0 - before.0, after.1 - before.1, after.2 - before.2));
    }
    least
}

stories! {
    // CA-07
    /// Of many wrong secrets at once at two nodes, as many are answered as the limit allows.
    async fn of_many_secrets_at_two_nodes_only_so_many_are_answered(app) {
        let there = app.another_node().await;
        let wrong = |number| with_secret(TOKENS, "photo-album", &format!("guess-{number:016}"));
        let [ours, theirs] = per_node(wrong);
        let answered = race([(app, ours), (&there, theirs)], 401).await;
        assert_eq!(answered, app.ctx.policy.client_failures_per_window as usize);
    }

    // CA-07
    /// The same of API tokens.
    async fn of_many_api_tokens_at_two_nodes_only_so_many_are_answered(app) {
        let there = app.another_node().await;
        let wrong = |number| with_api_token("admin@example.com", &format!("guess-{number:016}"));
        let [ours, theirs] = per_node(wrong);
        let answered = race([(app, ours), (&there, theirs)], 401).await;
        assert_eq!(answered, app.ctx.policy.client_failures_per_window as usize);
    }

    // DS-06, N-02
    /// The same of passwords, in whatever spelling of the address.
    async fn of_many_passwords_at_two_nodes_only_so_many_are_answered(app) {
        let there = app.another_node().await;
        let spellings = ["alice@example.com", "ALICE@example.com", " Alice@Example.com "];
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for spelling in spellings.into_iter().cycle().take(15) {
            ours.push(with_password(app, spelling, "wrong").await);
            theirs.push(with_password(&there, spelling, "wrong").await);
        }
        let answered = race([(app, ours), (&there, theirs)], 422).await;
        assert_eq!(answered, app.ctx.policy.sign_in_failures_per_window as usize);
    }

    // CA-07, DS-06
    /// A limit that was reached at one node holds at the others and after a restart, for what is right
    /// too; from elsewhere everything goes on.
    async fn a_reached_limit_holds_on_every_node(app) {
        let there = app.another_node().await;
        let elsewhere = |request: RequestBuilder| request.sent_from(address(2));
        let right_secret = || with_secret(TOKENS, "photo-album", SECRET);
        let right_token = || with_api_token("admin@example.com", ADMIN_API_TOKEN);
        // So that this node remembers that there was nothing.
        there.send(right_secret()).await.expect(200);
        let limit = app.ctx.policy.client_failures_per_window;
        send_times(app, limit, || with_secret(TOKENS, "photo-album", "wrong")).await.expect(401);
        send_times(app, limit, || with_api_token("admin@example.com", "wrong")).await.expect(401);
        for _ in 0..app.ctx.policy.sign_in_failures_per_window {
            let wrong = with_password(app, "alice@example.com", "wrong").await;
            app.send(wrong).await.expect(422);
        }
        app.send(right_secret()).await.expect(429);
        tokio::time::sleep(SOON).await;
        let restarted = app.another_node().await;
        for node in [&there, &restarted] {
            node.send(right_secret()).await.expect(429);
            node.send(right_token()).await.expect(429);
            let right = || with_password(node, "alice@example.com", password("alice"));
            node.send(right().await).await.expect(429);
            node.send(elsewhere(right_secret())).await.expect(200);
            node.send(elsewhere(right_token())).await.expect(200);
            node.send(elsewhere(right().await)).await.expect(303);
        }
        app.advance(Lifetime::minutes(5));
        there.send(right_secret()).await.expect(200);
        there.send(right_token()).await.expect(200);
    }

    // CA-07, D-04
    /// Whichever endpoint a secret is guessed at: 429, and when to try again.
    async fn every_endpoint_says_when_to_try_again(app) {
        let limit = app.ctx.policy.client_failures_per_window;
        send_times(app, limit, || with_secret(TOKENS, "photo-album", "wrong")).await.expect(401);
        for path in [TOKENS, "/oauth/tokens/introspect", "/oauth/tokens/revoke"] {
            for secret in ["wrong", SECRET] {
                let reply = app.send(with_secret(path, "photo-album", secret)).await;
                assert_eq!(reply.error(), (429, "temporarily_unavailable".to_owned()), "{path}");
                assert_eq!(reply.header("retry-after"), Some("300"));
                assert_eq!(reply.header("www-authenticate"), None);
            }
        }
    }

    // CA-06, TN-09
    /// Guesses at what is there and at what is not cost the same, wherever they are made.
    async fn guesses_cost_the_same_whether_the_name_exists_or_not(app) {
        let paths = [TOKENS, "/oauth/tokens/introspect", "/oauth/tokens/revoke"];
        for (path, first) in paths.into_iter().zip([10, 20, 30]) {
            app.send(with_secret(path, "photo-album", SECRET)).await;
            let guesses = |name: &str| {
                let from = |number| with_secret(path, name, "wrong").sent_from(address(number));
                (first..first + 6).map(from).collect()
            };
            let known = cost(app, guesses("photo-album"), 401).await;
            assert_eq!(cost(app, guesses("nobody"), 401).await, known, "{path}");
        }
        let guesses = |email: &str| (0..6).map(|_| with_api_token(email, "wrong")).collect();
        let known = cost(app, guesses("admin@example.com"), 401).await;
        assert_eq!(cost(app, guesses("nobody@example.com"), 401).await, known);
        let mut costs = Vec::new();
        for email in ["alice@example.com", "nobody@example.com"] {
            let mut guesses = Vec::new();
            for _ in 0..6 {
                guesses.push(with_password(app, email, "wrong").await);
            }
            costs.push(cost(app, guesses, 422).await);
        }
        assert_eq!(costs[0], costs[1]);
        assert_eq!(costs[0].2, 1, "one password hash each");
    }

    // CA-06, TN-09
    /// Beyond the limit nobody learns more: no hash is made, and the replies are alike.
    async fn beyond_the_limit_nobody_learns_who_is_there(app) {
        let mut seen = Vec::new();
        for name in ["photo-album", "nobody"] {
            let limit = app.ctx.policy.client_failures_per_window;
            send_times(app, limit, || with_secret(TOKENS, name, "wrong")).await.expect(401);
            let mut reply = app.send(with_secret(TOKENS, name, "wrong")).await.expect(429);
            reply.headers.remove("x-request-id");
            seen.push(reply.snapshot());
        }
        assert_eq!(seen[0], seen[1]);
        let mut hashes = Vec::new();
        for email in ["alice@example.com", "nobody@example.com"] {
            for _ in 0..app.ctx.policy.sign_in_failures_per_window {
                let wrong = with_password(app, email, "wrong").await;
                app.send(wrong).await.expect(422);
            }
            let before = app.ctx.passwords.hash_count();
            let wrong = with_password(app, email, "wrong").await;
            app.send(wrong).await.expect(429);
            hashes.push(app.ctx.passwords.hash_count() - before);
        }
        assert_eq!(hashes, [0, 0]);
    }

    // HT-07, D-04
    /// A guess that cannot be counted is not answered, right or wrong.
    async fn a_guess_that_cannot_be_counted_is_not_answered(app) {
        let sign_ins = [
            with_password(app, "alice@example.com", "wrong").await,
            with_password(app, "alice@example.com", password("alice")).await,
        ];
        testing::hide(&app.ctx.store, Hideable::Guesses).await.expect("it is hidden");
        let mut replies = Vec::new();
        for secret in ["wrong", SECRET] {
            replies.push(app.send(with_secret(TOKENS, "photo-album", secret)).await);
        }
        for token in ["wrong", ADMIN_API_TOKEN] {
            replies.push(app.send(with_api_token("admin@example.com", token)).await);
        }
        for request in sign_ins {
            replies.push(app.send(request).await);
        }
        for reply in replies {
            assert_eq!(reply.status.as_u16(), 503, "{}", reply.body);
            assert_eq!(reply.header("retry-after"), Some("1"));
            assert!(!reply.body.contains("guesses") && reply.header("set-cookie").is_none());
        }
        testing::bring_back(&app.ctx.store, Hideable::Guesses).await.expect("it is back");
        app.send(with_secret(TOKENS, "photo-album", SECRET)).await.expect(200);
    }

    // DS-05
    /// Guesses at ever new names leave rows for as long as a window lasts, and none for longer.
    async fn counts_of_guesses_leave_when_their_window_has_ended(app) {
        for number in 0..40 {
            let name = format!("nobody-{number}");
            app.send(with_secret(TOKENS, &name, "wrong")).await.expect(401);
        }
        assert_eq!(count(app, Counted::Guesses).await, 40);
        app.advance(Lifetime::minutes(5));
        for number in 40..60 {
            let name = format!("nobody-{number}");
            app.send(with_secret(TOKENS, &name, "wrong")).await.expect(401);
        }
        app.settled().await;
        assert_eq!(count(app, Counted::Guesses).await, 20);
    }

    // DS-05
    /// Requests of browsers that never sign in leave rows for as long as they wait, and none for
    /// longer, posted ones too.
    async fn requests_that_nobody_decided_leave_when_they_expire(app) {
        let query = "response_type=code&client_id=photo-album&scope=read\
            &redirect_uri=https%3A%2F%2Fapp.example.com%2Fcallback";
        let path = "/oauth/authorizations/new";
        for number in 0..40 {
            let query = format!("{query}&state={number}");
            let request = if number % 2 == 0 {
                RequestBuilder::get(&format!("{path}?{query}"))
            } else {
                let kind = "application/x-www-form-urlencoded";
                RequestBuilder::post(path).body(kind, query.as_bytes())
            };
            app.send(request).await.expect(303);
        }
        assert_eq!(count(app, Counted::AuthorizationRequests).await, 40);
        app.advance(Lifetime::minutes(10));
        for number in 40..60 {
            app.get(&format!("{path}?{query}&state={number}")).await.expect(303);
        }
        app.settled().await;
        assert_eq!(count(app, Counted::AuthorizationRequests).await, 20);
    }
}

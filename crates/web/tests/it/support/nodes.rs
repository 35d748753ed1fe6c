//! More than one at once: further nodes on the same database, requests that race, work left to finish.

use std::cell::Cell;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use domain::{Lifetime, Policy};
use protocol::apply::{self, Declaration, Mode};
use protocol::{Clock, Context};
use store::Store;
use store::testing::eventually;
use tower::ServiceExt as _;
use web::{Edge, Site};

use super::{ORIGIN, Reply, RequestBuilder, TestApp, context};

/// What a busy machine may take for what a quick one does at once.
const PATIENCE: Duration = Duration::from_secs(30);

/// Sends a request, and again while the server is too busy for it: nothing was done then.
async fn decided(router: Edge, request: RequestBuilder) -> Reply {
    let began = Instant::now();
    loop {
        let sent = router.clone().oneshot(request.clone().build()).await;
        let reply = Reply::read(sent.expect("never fails")).await;
        if reply.status != 503 || began.elapsed() > PATIENCE {
            return reply;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

impl TestApp {
    /// Another node on the same database, or this one after a restart: it shares what is stored, the
    /// master key, the clock and the stream of randomness, and nothing that is only in memory.
    pub(crate) async fn another_node(&self) -> Self {
        self.another_node_with(|_| ()).await
    }

    /// The same under another policy.
    pub(crate) async fn another_node_under(&self, edit: impl FnOnce(&mut Policy)) -> Self {
        self.another_node_with(|ctx| edit(&mut ctx.policy)).await
    }

    /// The same with other settings.
    pub(crate) async fn another_node_with(&self, set: impl FnOnce(&mut Context)) -> Self {
        let store = Store::open(&self.database.options).await.expect("opens");
        let watch = store.watch();
        let clock: Clock = self.ctx.clock.clone();
        let entropy = self.ctx.entropy.clone();
        let mut ctx = Context { clock, entropy, ..context(store) };
        set(&mut ctx);
        let ctx = Arc::new(ctx);
        Self {
            router: web::routes(Site::new(Arc::clone(&ctx), Vec::new())),
            ctx,
            issued: Mutex::default(),
            checked: Cell::new(true),
            _watch: watch,
            database: Arc::clone(&self.database),
        }
    }

    /// Moves the clock on to the last millisecond before this has passed.
    pub(crate) fn advance_to_the_end_of(&self, lifetime: Lifetime) {
        self.advance(Lifetime::millis(lifetime.as_millis() - 1));
    }

    /// Adds to the cast.
    pub(crate) async fn declare(&self, declaration: &Declaration) {
        apply::apply(&self.ctx, declaration, Mode::Apply).await.expect("the story is valid");
    }

    /// Sends all these requests at once and waits for every reply.
    pub(crate) async fn race(&self, requests: Vec<RequestBuilder>) -> Vec<Reply> {
        let send = |request| tokio::spawn(decided(self.router.clone(), request));
        let running: Vec<_> = requests.into_iter().map(send).collect();
        let mut replies = Vec::with_capacity(running.len());
        for one in running {
            let reply = one.await.expect("a handler never panics");
            self.remember(&reply);
            replies.push(reply);
        }
        replies
    }

    /// Writes when credentials were last used, which otherwise happens every few seconds.
    pub(crate) async fn write_last_uses(&self) {
        protocol::last_uses::write(&self.ctx).await.expect("writes");
    }

    /// Waits until this node believes what it remembers, which it does not for a moment when the machine
    /// is busy: what a request costs is counted right after it.
    pub(crate) async fn warm(&self) {
        let believes = eventually(async || {
            let before = self.ctx.store.statement_count();
            self.account(ORIGIN).await;
            self.ctx.store.statement_count() == before
        });
        assert!(believes.await, "memory is never believed");
    }

    /// Waits for what requests left to be done beside their replies.
    pub(crate) async fn settled(&self) {
        self.ctx.flows.close();
        self.ctx.flows.wait().await;
        self.ctx.flows.reopen();
    }
}

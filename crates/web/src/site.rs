//! What every handler has at hand: the context of the flows, and how the site is reached.

use std::convert::Infallible;
use std::sync::Arc;

use domain::Lifetime;
use http::HeaderValue;
use ipnet::IpNet;
use protocol::Context;
use store::{Decision, Fault};

use crate::request_id::RequestId;

/// The state of the public router.
#[derive(Clone)]
pub struct Site(Arc<Inner>);

/// Behind one pointer: every request takes a few copies of it.
struct Inner {
    ctx: Arc<Context>,
    trusted_proxies: Vec<IpNet>,
    document_caching: HeaderValue,
}

impl Site {
    /// A site on this context that believes what these proxies say of their callers.
    pub fn new(ctx: Arc<Context>, trusted_proxies: Vec<IpNet>) -> Self {
        let document_caching = caching(ctx.policy.keys.max_age);
        Self(Arc::new(Inner { ctx, trusted_proxies, document_caching }))
    }

    /// The context of the flows.
    pub fn ctx(&self) -> &Context {
        &self.0.ctx
    }

    pub(crate) fn trusts(&self, peer: std::net::IpAddr) -> bool {
        self.0.trusted_proxies.iter().any(|network| network.contains(&peer))
    }

    /// How long others may keep a well-known document, as a header.
    pub(crate) fn document_caching(&self) -> &HeaderValue {
        &self.0.document_caching
    }

    /// Runs a flow that changes something in a task of its own, so that a caller who hangs up cannot
    /// cut it between its decision and its commit. Draining waits for it.
    pub(crate) async fn complete<T, R, Flow>(
        &self,
        flow: impl FnOnce(Arc<Context>) -> Flow,
    ) -> Decision<T, R>
    where
        T: Send + 'static,
        R: Send + 'static,
        Flow: Future<Output = Decision<T, R>> + Send + 'static,
    {
        let flow = RequestId::carried_into(flow(Arc::clone(&self.0.ctx)));
        let running = self.0.ctx.flows.spawn(flow);
        let panicked = |error| Fault::Unavailable(format!("a flow did not finish: {error}"));
        running.await.map_err(panicked)?
    }
}

/// A new key is shown for longer than this before it signs.
fn caching(max_age: Lifetime) -> HeaderValue {
    let caching = format!("public, max-age={}", max_age.as_seconds());
    HeaderValue::from_str(&caching).expect("letters and digits make a header")
}

/// A decision that cannot be refused, as a plain result.
pub(crate) fn unrefused<T>(decision: Decision<T, Infallible>) -> Result<T, Fault> {
    decision.map_err(store::Failure::into_fault)
}

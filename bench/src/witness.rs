//! Somebody who asks now and then, while others ask too much: is the server well, can a token still be revoked, and how
//! much memory does it take?

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::exchange::exchange;
use crate::load::Tally;
use crate::procfs::Process;
use crate::product::Product;
use crate::request::Request;
use crate::server::pause;

/// Between two rounds of questions.
const INTERVAL: Duration = Duration::from_millis(200);

/// Who asks.
pub(crate) struct Witness {
    process: Process,
    management: (SocketAddr, Request),
    public: SocketAddr,
    revocations: Vec<Request>,
}

/// What was seen.
#[derive(Debug, Default)]
pub(crate) struct Witnessed {
    /// Whether it is well, on the operators' listener.
    pub(crate) health: Tally,
    /// Revocations of one token each.
    pub(crate) revocation: Tally,
    /// The most memory, in bytes.
    pub(crate) most_memory: u64,
}

impl Witness {
    /// With tokens to revoke for this long.
    pub(crate) fn new(product: &Product, span: Duration) -> anyhow::Result<Self> {
        let rounds = span.as_millis() / INTERVAL.as_millis() + 1;
        let revocation = |_| {
            let token = product.access_token()?;
            Ok(product.post("/oauth/tokens/revoke").form(&[("token", &token)]))
        };
        let health = Request::get(&product.management.to_string(), "/healthz");
        Ok(Self {
            process: product.server.process,
            management: (product.management, health),
            public: product.server.address,
            revocations: (0..rounds).map(revocation).collect::<anyhow::Result<_>>()?,
        })
    }

    /// Asks until it is over.
    pub(crate) fn watch(&mut self, is_over: &AtomicBool) -> Witnessed {
        let mut seen = Witnessed::default();
        while !is_over.load(Ordering::Relaxed) {
            let (address, request) = &self.management;
            ask(*address, request, &mut seen.health);
            if let Some(revocation) = self.revocations.pop() {
                ask(self.public, &revocation, &mut seen.revocation);
            }
            seen.most_memory = seen.most_memory.max(self.process.pss());
            pause(INTERVAL);
        }
        seen
    }
}

fn ask(address: SocketAddr, request: &Request, tally: &mut Tally) {
    let began = Instant::now();
    match exchange(address, request) {
        Ok(answer) if answer.status == 200 => tally.good.note(began.elapsed()),
        Ok(answer) => tally.note_bad(|| format!("{}\n{}", answer.head, answer.body)),
        Err(error) => tally.note_bad(|| error.to_string()),
    }
}

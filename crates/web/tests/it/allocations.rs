//! How many allocations a request on a hot path takes, from its head to its reply: a count that noise cannot blur.

use allocation_counter::measure;
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt as _;

use crate::support::{RequestBuilder, TestApp};

/// How often a request is sent. The fewest allocations count: background tasks of the same thread have some of their own.
const ROUNDS: usize = 30;

/// A product on one thread, so that everything it allocates is counted.
struct Counted {
    runtime: Runtime,
    app: TestApp,
}

impl Counted {
    fn new() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let app = runtime.block_on(TestApp::on_sqlite());
        app.forgo_invariants();
        Self { runtime, app }
    }

    /// The fewest allocations of several equal requests.
    fn fewest(&self, request: impl Fn() -> RequestBuilder) -> u64 {
        let counts = (0..ROUNDS).map(|_| {
            self.runtime.block_on(self.app.warm());
            let (edge, request) = (self.app.edge(), request().build());
            let answering = measure(|| {
                let answer = self.runtime.block_on(edge.oneshot(request));
                assert_eq!(answer.expect("never fails").status(), 200);
            });
            answering.count_total
        });
        counts.min().expect("there are rounds")
    }
}

#[test]
fn introspection_takes_sixty_allocations_at_most() {
    let counted = Counted::new();
    let client = counted.app.client("photo-album");
    let tokens = counted.runtime.block_on(client.token(&[("grant_type", "client_credentials")]));
    let token = tokens.text("access_token");
    let fields = [("token", token.as_str())];
    let count = counted.fewest(|| client.posting("/oauth/tokens/introspect", &fields));
    assert!(count <= 60, "{count}");
}

#[test]
fn a_jwt_takes_ninety_allocations_at_most() {
    let counted = Counted::new();
    let client = counted.app.client("photo-album");
    let fields = [("grant_type", "client_credentials"), ("resource", "https://jwt.example.com/")];
    let count = counted.fewest(|| client.posting("/oauth/tokens", &fields));
    assert!(count <= 90, "{count}");
}

#[test]
fn a_well_known_document_takes_twenty_five_allocations_at_most() {
    let counted = Counted::new();
    let count = counted.fewest(|| RequestBuilder::get("/.well-known/jwks.json"));
    assert!(count <= 25, "{count}");
}

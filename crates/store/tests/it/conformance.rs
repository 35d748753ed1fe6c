//! The conformance suite: every statement is run on both engines. That it finds what it looks for by an
//! index is in `indexes`.
//!
//! The facts that run them stand in the other `conformance_…` modules, each a function of a store.
//! What no fact runs fails the suite here, as `store::statements` lists every statement there is.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use store::Store;
use store::engine::Statement;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::support::TestDatabase;
use crate::{
    conformance_catalogue, conformance_clients, conformance_endless, conformance_flows,
    conformance_global_clients, conformance_growth, conformance_guesses, conformance_identity,
    conformance_logout, conformance_origins, conformance_people, conformance_registrations,
    conformance_secrets, conformance_signing_keys, conformance_token_pages, conformance_tokens,
    conformance_used_assertions,
};

/// Makes each fact a test on both engines, and `all` of them one function.
macro_rules! facts {
    ($($fact:ident,)+) => {
        /// Every fact of this module, one after another.
        pub(crate) async fn all(store: &store::Store) {
            $($fact(store).await;)+
        }

        $(
            mod $fact {
                use crate::support::TestDatabase;

                #[tokio::test]
                async fn sqlite() {
                    super::$fact(&TestDatabase::sqlite().migrated().await).await;
                }

                #[tokio::test]
                #[cfg_attr(
                    not(postgres_available),
                    ignore = "needs PostgreSQL: set CONSENTRY_TEST_POSTGRES"
                )]
                async fn postgres() {
                    let database = TestDatabase::postgres().await;
                    super::$fact(&database.migrated().await).await;
                }
            }
        )+
    };
}
pub(crate) use facts;

/// Run by the engine itself, whose own tests cover them.
const OF_THE_ENGINE: [&str; 3] = ["ids::TAKE", "watch::BUMP", "watch::EPOCHS"];

#[tokio::test]
async fn every_statement_is_run_on_sqlite() {
    let database = TestDatabase::sqlite();
    assert_eq!(never_run(&database.migrated().await).await, Vec::<&str>::new());
}

#[tokio::test]
#[cfg_attr(not(postgres_available), ignore = "needs PostgreSQL: set CONSENTRY_TEST_POSTGRES")]
async fn every_statement_is_run_on_postgres() {
    let database = TestDatabase::postgres().await;
    assert_eq!(never_run(&database.migrated().await).await, Vec::<&str>::new());
}

/// Runs every fact, and names the statements that were not run.
async fn never_run(store: &Store) -> Vec<&'static str> {
    let run = Arc::new(Mutex::new(BTreeSet::new()));
    let guard = tracing::subscriber::set_default(Recorder(Arc::clone(&run)));
    hear_everything(store, &run).await;
    conformance_identity::all(store).await;
    conformance_people::all(store).await;
    conformance_clients::all(store).await;
    conformance_origins::all(store).await;
    conformance_secrets::all(store).await;
    conformance_registrations::all(store).await;
    conformance_catalogue::all(store).await;
    conformance_flows::all(store).await;
    conformance_guesses::all(store).await;
    conformance_token_pages::all(store).await;
    conformance_global_clients::all(store).await;
    conformance_signing_keys::all(store).await;
    conformance_tokens::all(store).await;
    conformance_logout::all(store).await;
    conformance_used_assertions::all(store).await;
    conformance_growth::all(store).await;
    conformance_endless::all(store).await;
    drop(guard);
    let run = run.lock().expect("nobody panicked");
    let names = store::statements::all().map(Statement::name);
    names.filter(|name| !is_one_of(&OF_THE_ENGINE, name) && !run.contains(*name)).collect()
}

/// Waits until statements are heard of. A test beside this one may reach the engine's trace point for the first time just
/// now and find no listener, which tracing would remember for all.
async fn hear_everything(store: &Store, run: &Mutex<BTreeSet<String>>) {
    while run.lock().expect("nobody panicked").is_empty() {
        tracing::callsite::rebuild_interest_cache();
        store::accounts::show(store, domain::Id::new(0)).await.expect("it reads");
    }
    run.lock().expect("nobody panicked").clear();
}

/// Whether a statement's name, less that of the crate, is in a list.
pub(crate) fn is_one_of(list: &[&str], name: &str) -> bool {
    name.split_once("::").is_some_and(|(_, name)| list.contains(&name))
}

/// Notes the name of each statement that is run.
struct Recorder(Arc<Mutex<BTreeSet<String>>>);

impl Subscriber for Recorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "store::statement"
    }

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Name(&self.0));
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

struct Name<'a>(&'a Mutex<BTreeSet<String>>);

impl Visit for Name<'_> {
    fn record_str(&mut self, _: &Field, value: &str) {
        self.0.lock().expect("nobody panicked").insert(value.to_owned());
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

//! The reference: the least honest work of each endpoint, on the same framework and with the same compiler's options.
//!
//! It proves the client, reads the form, signs or writes a row that is on disk before it answers, and does nothing else: no
//! accounts, policy, audit, pages or revocation. What it does in a second is the limit that the product is held against.

mod client;
mod endpoints;
mod environment;
mod jobs;
mod postgres;
mod signing;
mod sqlite;
mod state;

use axum::serve::ListenerExt as _;

pub(crate) use environment::Environment;

/// Tables on PostgreSQL, made by whoever starts the reference.
pub(crate) const POSTGRES_TABLES: &str = include_str!("../../sql/reference/postgres_tables.sql");

/// How many refresh tokens there are at the beginning.
const SEEDS: usize = 2_000;

/// Serves until it is killed.
pub(crate) fn run() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(serve(Environment::read()))
}

async fn serve(environment: Environment) -> anyhow::Result<()> {
    let listener = tokio::net::TcpListener::bind(&environment.bind).await?;
    let state = state::State::open(&environment).await?;
    let listener = listener.tap_io(|stream| {
        // Replies are one write each: waiting for more would only add latency.
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, endpoints::routes(state)).await?;
    Ok(())
}

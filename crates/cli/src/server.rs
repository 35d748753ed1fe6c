//! The listeners, and the server behind them until it is told to stop.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use protocol::Context;
use tokio::net::TcpListener;

use crate::exit::Refusal;
use crate::settings::{ServerSettings, Settings};

/// Both listeners, bound before anything else is done, so that a taken port leaves no trace.
pub(crate) struct Listeners {
    /// For everybody.
    pub(crate) public: TcpListener,
    /// For operators.
    pub(crate) management: TcpListener,
}

impl Listeners {
    /// Takes both addresses.
    pub(crate) async fn bind(server: &ServerSettings) -> anyhow::Result<Self> {
        let public = bind(server.listen, "--listen").await?;
        let management = bind(server.management_listen, "--management-listen").await?;
        Ok(Self { public, management })
    }

    /// Where the public listener is.
    pub(crate) fn public_address(&self) -> anyhow::Result<SocketAddr> {
        self.public.local_addr().context("the listener has no address")
    }

    /// Where the operators' listener is.
    pub(crate) fn management_address(&self) -> anyhow::Result<SocketAddr> {
        self.management.local_addr().context("the operators' listener has no address")
    }
}

async fn bind(address: SocketAddr, flag: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        let message = match error.kind() {
            io::ErrorKind::AddrInUse => {
                format!("{address} is taken by another program: choose another with {flag}")
            }
            _ => format!("{address} cannot be listened on: {error}"),
        };
        Refusal::failure(message).into()
    })
}

/// Serves until a signal says to stop, then lets what is under way end.
pub(crate) async fn serve(
    ctx: Arc<Context>,
    listeners: Listeners,
    settings: &Settings,
) -> anyhow::Result<()> {
    serve_and_announce(ctx, listeners, settings, || Ok(())).await
}

/// The same, and says so when requests are answered.
pub(crate) async fn serve_and_announce(
    _ctx: Arc<Context>,
    _listeners: Listeners,
    _settings: &Settings,
    announce: impl FnOnce() -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    announce()?;
    stop_signal().await;
    Ok(())
}

/// Waits for SIGTERM or Ctrl-C.
pub(crate) async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

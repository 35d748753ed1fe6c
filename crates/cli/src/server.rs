//! The listeners, and the server behind them until it is told to stop.

use std::io;
use std::net::SocketAddr;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr as UnixAddress, UnixDatagram};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio::signal::unix::{self, SignalKind};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use protocol::{Context, client_registration, housekeeping, keys, last_uses, logout};
use web::Site;
use web::server::{CONNECTION_LIMIT, Metrics, Server, Stop, Tls, TlsError, management_routes};

use crate::exit::Refusal;
use crate::settings::{ServerSettings, Settings, TlsSettings};

/// How often the offset to the database's clock is measured.
const CLOCK_INTERVAL: Duration = Duration::from_secs(5);

/// How often the certificate's files are looked at.
const CERTIFICATE_INTERVAL: Duration = Duration::from_secs(10);

/// Both listeners, bound before anything else is done, so that a taken port or a certificate that
/// cannot be used leaves no trace.
pub(crate) struct Listeners {
    /// For everybody.
    pub(crate) public: TcpListener,
    /// For operators.
    pub(crate) management: TcpListener,
    /// What the public listener encrypts with.
    pub(crate) tls: Option<Tls>,
}

impl Listeners {
    /// Takes both addresses and reads the certificate.
    pub(crate) async fn bind(server: &ServerSettings) -> anyhow::Result<Self> {
        let tls = server.tls.as_ref().map(open_tls).transpose()?;
        let public = bind(server.listen, "--listen").await?;
        let management = bind(server.management_listen, "--management-listen").await?;
        Ok(Self { public, management, tls })
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
    ctx: Arc<Context>,
    listeners: Listeners,
    settings: &Settings,
    announce: impl FnOnce() -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut signals = Signals::new()?;
    let tls = listeners.tls.clone();
    let background = Background::start(&ctx, tls.clone(), settings);
    let (stop, stopped) = Stop::new();
    let running = servers(&ctx, listeners, settings, &stopped);
    announce()?;
    notify(settings, "READY=1");
    while signals.next().await == Signal::Reload {
        reload(tls.as_ref());
    }
    notify(settings, "STOPPING=1");
    // From here on a load balancer is told that this node is not ready.
    ctx.flows.close();
    stop.stop();
    for server in running {
        server.await.context("a listener ended early")?;
    }
    ctx.flows.wait().await;
    drop(background);
    if let Err(fault) = last_uses::write(&ctx).await {
        tracing::warn!(%fault, "when credentials were last used is known up to a while ago");
    }
    Ok(())
}

fn servers(
    ctx: &Arc<Context>,
    listeners: Listeners,
    settings: &Settings,
    stopped: &watch::Receiver<bool>,
) -> [JoinHandle<()>; 2] {
    let site = Site::new(Arc::clone(ctx), settings.server.trusted_proxies.clone());
    let management = Server {
        listener: listeners.management,
        service: management_routes(site.clone(), Metrics::install()),
        tls: None,
        connection_limit: CONNECTION_LIMIT,
    };
    let public = Server {
        listener: listeners.public,
        service: web::routes(site),
        tls: listeners.tls,
        connection_limit: CONNECTION_LIMIT,
    };
    [tokio::spawn(public.run(stopped.clone())), tokio::spawn(management.run(stopped.clone()))]
}

fn open_tls(files: &TlsSettings) -> anyhow::Result<Tls> {
    Tls::open(&files.cert, &files.key).map_err(|error| {
        let setting = match &error {
            TlsError::File { path, .. } if *path == files.key => "server.tls_key",
            TlsError::File { .. } => "server.tls_cert",
            TlsError::Pair(_) => "server.tls_cert and server.tls_key",
        };
        Refusal::usage(format!("{setting}: {error}")).into()
    })
}

fn reload(tls: Option<&Tls>) {
    match tls.map(Tls::reload) {
        Some(Ok(())) => tracing::info!("the certificate was read again"),
        Some(Err(error)) => tracing::error!(%error, "the old certificate stays in use"),
        None => {}
    }
}

/// What runs beside the requests; dropping it ends it.
struct Background {
    tasks: Vec<JoinHandle<()>>,
    _watch: store::Watch,
}

impl Background {
    fn start(ctx: &Arc<Context>, tls: Option<Tls>, settings: &Settings) -> Self {
        if !settings.allow_outbound.is_empty() {
            tracing::info!(networks = ?settings.allow_outbound, "outbound requests may reach these");
        }
        let mut tasks = vec![
            tokio::spawn(correct_clock(Arc::clone(ctx))),
            tokio::spawn(last_uses::keep_writing(Arc::clone(ctx))),
            tokio::spawn(logout::keep_delivering(Arc::clone(ctx))),
            tokio::spawn(client_registration::keep_ending(Arc::clone(ctx))),
            tokio::spawn(keys::keep_turning(Arc::clone(ctx))),
            tokio::spawn(housekeeping::keep_house(Arc::clone(ctx))),
        ];
        if let (Some(tls), Some(files)) = (tls, settings.server.tls.clone()) {
            tasks.push(tokio::spawn(follow_certificate(tls, files)));
        }
        Self { tasks, _watch: ctx.store.watch() }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// All nodes follow the database's clock.
async fn correct_clock(ctx: Arc<Context>) {
    loop {
        tokio::time::sleep(CLOCK_INTERVAL).await;
        match ctx.store.clock_offset().await {
            Ok(offset) => ctx.clock.correct(offset),
            Err(fault) => tracing::warn!(%fault, "the database's clock could not be read"),
        }
    }
}

/// Reads the certificate again when one of its files has changed.
async fn follow_certificate(tls: Tls, files: TlsSettings) {
    let changed_at = |path: &Path| std::fs::metadata(path).and_then(|it| it.modified()).ok();
    let mut known = (changed_at(&files.cert), changed_at(&files.key));
    loop {
        tokio::time::sleep(CERTIFICATE_INTERVAL).await;
        let now = (changed_at(&files.cert), changed_at(&files.key));
        if now != known {
            known = now;
            reload(Some(&tls));
        }
    }
}

/// Tells the service manager, if there is one.
fn notify(settings: &Settings, state: &str) {
    let Some(socket) = &settings.notify_socket else { return };
    let sent = UnixDatagram::unbound().and_then(|from| match socket.strip_prefix('@') {
        Some(name) => {
            let address = UnixAddress::from_abstract_name(name)?;
            from.send_to_addr(state.as_bytes(), &address)
        }
        None => from.send_to(state.as_bytes(), socket),
    });
    if let Err(error) = sent {
        tracing::warn!(%error, "the service manager could not be told");
    }
}

/// What the process is told from outside.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Signal {
    /// SIGHUP.
    Reload,
    /// SIGTERM or Ctrl-C.
    Stop,
}

struct Signals {
    terminate: unix::Signal,
    interrupt: unix::Signal,
    hang_up: unix::Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            terminate: unix::signal(SignalKind::terminate())?,
            interrupt: unix::signal(SignalKind::interrupt())?,
            hang_up: unix::signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.terminate.recv() => Signal::Stop,
            _ = self.interrupt.recv() => Signal::Stop,
            _ = self.hang_up.recv() => Signal::Reload,
        }
    }
}

//! A proxy between one node and PostgreSQL, which can fail in the ways of networks.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use url::Url;

/// What becomes of what is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Network {
    /// It arrives.
    Well,
    /// A connection that listens for announcements is closed, and so is each new one.
    ChannelCut,
    /// What is sent to a connection that listens does not arrive, and nobody is told.
    ChannelDeaf,
    /// Nothing arrives anywhere, and nobody is told.
    Stalled,
}

/// What a connection says that is to hear announcements.
const LISTEN: &[u8] = b"LISTEN consentry";

/// The proxy; it ends with the test.
pub(crate) struct Proxy {
    address: SocketAddr,
    network: watch::Sender<Network>,
    harmed: Arc<AtomicUsize>,
}

impl Proxy {
    /// A proxy to the database of this URL.
    pub(crate) async fn to(url: &str) -> Self {
        let url = Url::parse(url).expect("a URL");
        let host = url.host_str().expect("a host").to_owned();
        let database = (host, url.port().unwrap_or(5432));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let address = listener.local_addr().expect("an address");
        let (network, seen) = watch::channel(Network::Well);
        let harmed = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&harmed);
        tokio::spawn(async move {
            while let Ok((node, _)) = listener.accept().await {
                let Ok(server) = TcpStream::connect(&database).await else { continue };
                let (network, harmed) = (seen.clone(), Arc::clone(&counted));
                let listens = watch::Sender::new(false);
                tokio::spawn(Connection { network, listens, harmed }.carry(node, server));
            }
        });
        Self { address, network, harmed }
    }

    /// The URL of the database by way of this proxy.
    pub(crate) fn url(&self, url: &str) -> String {
        let mut url = Url::parse(url).expect("a URL");
        url.set_ip_host(self.address.ip()).expect("takes an address");
        url.set_port(Some(self.address.port())).expect("takes a port");
        // What is encrypted cannot be told apart.
        url.set_query(Some("sslmode=disable"));
        url.into()
    }

    pub(crate) fn becomes(&self, network: Network) {
        self.network.send_replace(network);
    }

    /// How often a connection that listens was cut, or did not get what it was sent.
    pub(crate) fn harmed(&self) -> usize {
        self.harmed.load(Ordering::Relaxed)
    }
}

/// One connection of the node.
struct Connection {
    network: watch::Receiver<Network>,
    listens: watch::Sender<bool>,
    harmed: Arc<AtomicUsize>,
}

impl Connection {
    /// Carries what both say, until one of them closes it or it is cut.
    async fn carry(self, node: TcpStream, server: TcpStream) {
        let (from_node, to_node) = node.into_split();
        let (from_server, to_server) = server.into_split();
        tokio::select! {
            () = self.ask(from_node, to_server) => {}
            () = self.answer(from_server, to_node) => {}
            () = self.cut() => { self.harmed.fetch_add(1, Ordering::Relaxed); }
        }
    }

    async fn ask(&self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
        let mut network = self.network.clone();
        while let Some(said) = chunk(&mut from).await {
            if said.windows(LISTEN.len()).any(|part| part == LISTEN) {
                self.listens.send_replace(true);
            }
            let _ = network.wait_for(|network| *network != Network::Stalled).await;
            if to.write_all(&said).await.is_err() {
                return;
            }
        }
    }

    async fn answer(&self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
        let mut network = self.network.clone();
        while let Some(said) = chunk(&mut from).await {
            let listens = *self.listens.borrow();
            if listens && *network.borrow() == Network::ChannelDeaf {
                self.harmed.fetch_add(1, Ordering::Relaxed);
            }
            let passes = |network: &Network| match network {
                Network::Well | Network::ChannelCut => true,
                Network::ChannelDeaf => !listens,
                Network::Stalled => false,
            };
            let _ = network.wait_for(passes).await;
            if to.write_all(&said).await.is_err() {
                return;
            }
        }
    }

    /// Returns when it is cut.
    async fn cut(&self) {
        let (mut listens, mut network) = (self.listens.subscribe(), self.network.clone());
        let _ = listens.wait_for(|listens| *listens).await;
        let _ = network.wait_for(|network| *network == Network::ChannelCut).await;
    }
}

/// What is said next; none: nothing any more.
async fn chunk(from: &mut OwnedReadHalf) -> Option<Vec<u8>> {
    let mut said = vec![0; 16 * 1024];
    let length = from.read(&mut said).await.ok().filter(|length| *length > 0)?;
    said.truncate(length);
    Some(said)
}

//! Settings: a TOML file, then the environment, then flags; read once, validated once, and handed
//! in parts to their owners. Nothing else reads the environment.

mod layers;
#[cfg(test)]
mod tests;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use domain::{BaseUrl, ClientIdentifierPrefix, Lifetime, Policy, Secret, SessionManagement};
use ipnet::IpNet;
use store::Database;

use crate::document::{Faults, not_one_of, parse_lifetime};
use crate::settings::layers::Layers;

pub(crate) use crate::settings::layers::{Flag, Sources};

const LEVELS: [&str; 5] = ["error", "warn", "info", "debug", "trace"];
const FORMATS: [&str; 2] = ["text", "json"];
const SWITCH: [&str; 2] = ["off", "on"];

/// How many PostgreSQL connections a node keeps unless told otherwise.
const MAX_CONNECTIONS: usize = 16;

/// How young a signing key may be when it gets its successor.
const SHORTEST_KEY_ROTATION: Lifetime = Lifetime::days(1);

/// What an instance is told from outside.
#[derive(Debug)]
pub(crate) struct Settings {
    /// Where it listens and what it is called.
    pub(crate) server: ServerSettings,
    /// What it remembers in.
    pub(crate) database: Database,
    /// Whether somebody said where the data is.
    pub(crate) data_is_given: bool,
    /// Whether the database was named, and is not simply in the data directory.
    pub(crate) database_is_given: bool,
    /// Where the master key comes from.
    pub(crate) master_key: MasterKeySource,
    /// What the identifiers of global clients begin with.
    pub(crate) global_client_prefix: ClientIdentifierPrefix,
    /// The age at which a signing key gets its successor; none: when somebody rotates it.
    pub(crate) key_rotation: Option<Lifetime>,
    /// Whether apps may watch over sessions from a frame.
    pub(crate) session_management: SessionManagement,
    /// What is logged, and how.
    pub(crate) log: LogSettings,
    /// Private networks that outbound requests may reach.
    pub(crate) allow_outbound: Vec<IpNet>,
    /// Whether colour may be used (`NO_COLOR` is not set).
    pub(crate) color: bool,
    /// The service manager's socket to report to.
    pub(crate) notify_socket: Option<String>,
}

/// The listeners.
#[derive(Debug)]
pub(crate) struct ServerSettings {
    /// The public listener.
    pub(crate) listen: SocketAddr,
    /// The address that people and clients use; none: the listener's own.
    pub(crate) public_url: Option<BaseUrl>,
    /// Whose forwarding headers count.
    pub(crate) trusted_proxies: Vec<IpNet>,
    /// The certificate and its key, for TLS by ourselves.
    pub(crate) tls: Option<TlsSettings>,
    /// The operators' listener.
    pub(crate) management_listen: SocketAddr,
    /// Whether somebody chose the operators' listener.
    pub(crate) management_is_given: bool,
}

/// TLS by ourselves.
#[derive(Clone, Debug)]
pub(crate) struct TlsSettings {
    /// The certificate chain, PEM.
    pub(crate) cert: PathBuf,
    /// Its private key, PEM.
    pub(crate) key: PathBuf,
}

/// What is logged, and how.
#[derive(Debug)]
pub(crate) struct LogSettings {
    /// The least severe level that is written.
    pub(crate) level: String,
    /// `text` or `json`.
    pub(crate) format: String,
}

/// Where the master key comes from.
#[derive(Debug)]
pub(crate) enum MasterKeySource {
    /// The environment.
    Given(Secret),
    /// A file that must be there.
    File(PathBuf),
    /// The file in the data directory, which is made when the database is empty.
    DataDir(PathBuf),
}

impl Settings {
    /// Reads every layer and refuses with everything that is wrong.
    pub(crate) fn load(sources: Sources) -> Result<Self, Faults> {
        let mut layers = Layers::read(sources)?;
        let database_is_given = layers.has("database.url");
        let data_is_given = layers.has("data_dir") || database_is_given;
        let data_dir = layers.path("data_dir").unwrap_or_else(|| PathBuf::from("data"));
        let settings = Self {
            server: server(&mut layers),
            database: database(&mut layers, &data_dir),
            master_key: master_key(&mut layers, &data_dir),
            global_client_prefix: global_client_prefix(&mut layers),
            key_rotation: key_rotation(&mut layers),
            session_management: session_management(&mut layers),
            log: LogSettings {
                level: choice(&mut layers, "log.level", &LEVELS, "info"),
                format: choice(&mut layers, "log.format", &FORMATS, "text"),
            },
            allow_outbound: networks(&mut layers, "outbound.allow"),
            color: layers.environment("NO_COLOR").is_none_or(|value| value.is_empty()),
            notify_socket: layers.environment("NOTIFY_SOCKET"),
            data_is_given,
            database_is_given,
        };
        layers.verdict().map(|()| settings)
    }
}

impl ServerSettings {
    /// The address that people use, if none was given: `http://localhost:8080`.
    pub(crate) fn local_url(&self, host: &str, port: u16) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        match (scheme, port) {
            ("https", 443) | ("http", 80) => format!("{scheme}://{host}"),
            _ => format!("{scheme}://{host}:{port}"),
        }
    }
}

fn server(layers: &mut Layers) -> ServerSettings {
    let management_listen = address(layers, "server.management_listen");
    ServerSettings {
        listen: address(layers, "server.listen").unwrap_or(loopback(8080)),
        public_url: public_url(layers),
        trusted_proxies: networks(layers, "server.trusted_proxies"),
        tls: tls(layers),
        management_listen: management_listen.unwrap_or(loopback(9090)),
        management_is_given: management_listen.is_some(),
    }
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

fn address(layers: &mut Layers, key: &'static str) -> Option<SocketAddr> {
    let given = layers.take(key)?;
    let address = given.text().parse().ok();
    if address.is_none() {
        let text = given.text();
        let message = format!(
            "\"{text}\" is not an address; write an IP address and a port, like \"127.0.0.1:8080\""
        );
        layers.fault(key, &given, message);
    }
    address
}

fn public_url(layers: &mut Layers) -> Option<BaseUrl> {
    let key = "server.public_url";
    let given = layers.take(key)?;
    match BaseUrl::parse(given.text().trim_end_matches('/')) {
        Ok(url) => Some(url),
        Err(refused) => {
            layers.fault(key, &given, format!("\"{}\" {refused}", given.text()));
            None
        }
    }
}

fn networks(layers: &mut Layers, key: &'static str) -> Vec<IpNet> {
    let Some(given) = layers.take(key) else { return Vec::new() };
    let mut networks = Vec::new();
    for text in given.texts() {
        let network = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        if let Ok(network) = network {
            networks.push(network);
        } else {
            let message = format!("\"{text}\" is not a network; write it like \"10.0.0.0/8\"");
            layers.fault(key, &given, message);
        }
    }
    networks
}

fn tls(layers: &mut Layers) -> Option<TlsSettings> {
    let (cert_key, key_key) = ("server.tls_cert", "server.tls_key");
    match (layers.take(cert_key), layers.take(key_key)) {
        (Some(cert), Some(key)) => {
            Some(TlsSettings { cert: PathBuf::from(cert.text()), key: PathBuf::from(key.text()) })
        }
        (Some(cert), None) => {
            layers.fault(cert_key, &cert, format!("stands alone; set {key_key} too"));
            None
        }
        (None, Some(key)) => {
            layers.fault(key_key, &key, format!("stands alone; set {cert_key} too"));
            None
        }
        (None, None) => None,
    }
}

/// PostgreSQL if an address is given, else SQLite in the data directory.
fn database(layers: &mut Layers, data_dir: &std::path::Path) -> Database {
    let max_connections = max_connections(layers);
    let in_data_dir = Database::Sqlite { path: data_dir.join("consentry.db") };
    let key = "database.url";
    let Some(given) = layers.take(key) else { return in_data_dir };
    let url = given.text();
    if let Some(path) = url.strip_prefix("sqlite:") {
        let path = PathBuf::from(path.strip_prefix("//").unwrap_or(path));
        if path.as_os_str().is_empty() || path.to_string_lossy().ends_with('/') {
            let message = "names no file; write \"sqlite:path/to/file.db\"";
            layers.fault(key, &given, message.to_owned());
        }
        return Database::Sqlite { path };
    }
    let is_postgres = ["postgres://", "postgresql://"].iter().any(|start| url.starts_with(start))
        || url.contains("host=");
    if is_postgres {
        return Database::Postgres { url: url.to_owned(), max_connections };
    }
    // The value may hold a password, so that it is not repeated.
    let wanted = "\"postgres://user@host/name\" or \"sqlite:path/to/file.db\"";
    layers.fault(key, &given, format!("is not the address of a database; write {wanted}"));
    in_data_dir
}

fn max_connections(layers: &mut Layers) -> usize {
    let key = "database.max_connections";
    let Some(given) = layers.take(key) else { return MAX_CONNECTIONS };
    if let Ok(count @ 1..=1000) = given.text().parse() {
        return count;
    }
    let message = format!("\"{}\" is not a number from 1 to 1000", given.text());
    layers.fault(key, &given, message);
    MAX_CONNECTIONS
}

fn master_key(layers: &mut Layers, data_dir: &std::path::Path) -> MasterKeySource {
    let text = layers.environment("CONSENTRY_MASTER_KEY");
    let file = layers.take("master_key_file");
    match (text, file) {
        (Some(_), Some(file)) => {
            let message = "stands beside CONSENTRY_MASTER_KEY; keep one of them";
            layers.fault("master_key_file", &file, message.to_owned());
            MasterKeySource::File(PathBuf::from(file.text()))
        }
        (Some(text), None) => MasterKeySource::Given(Secret::new(text)),
        (None, Some(file)) => MasterKeySource::File(PathBuf::from(file.text())),
        (None, None) => systemd_credential(layers).map_or_else(
            || MasterKeySource::DataDir(data_dir.join("master.key")),
            MasterKeySource::File,
        ),
    }
}

fn systemd_credential(layers: &Layers) -> Option<PathBuf> {
    let folder = PathBuf::from(layers.environment("CREDENTIALS_DIRECTORY")?);
    Some(folder.join("consentry-master-key")).filter(|path| path.exists())
}

fn global_client_prefix(layers: &mut Layers) -> ClientIdentifierPrefix {
    let key = "global_client_prefix";
    let Some(given) = layers.take(key) else { return ClientIdentifierPrefix::default() };
    ClientIdentifierPrefix::parse(given.text()).unwrap_or_else(|| {
        let wanted = "1 to 32 of A-Z a-z 0-9 . _ ~ -";
        let message = format!("\"{}\" begins no identifier; use {wanted}", given.text());
        layers.fault(key, &given, message);
        ClientIdentifierPrefix::default()
    })
}

fn key_rotation(layers: &mut Layers) -> Option<Lifetime> {
    let key = "keys.rotate_after";
    let default = Policy::default().keys.rotation;
    let Some(given) = layers.take(key) else { return default };
    if given.text() == "never" {
        return None;
    }
    let age = parse_lifetime(given.text()).filter(|age| *age >= SHORTEST_KEY_ROTATION);
    if age.is_none() {
        let message =
            format!("\"{}\" is not an age; write at least 1d, or \"never\"", given.text());
        layers.fault(key, &given, message);
    }
    age
}

fn session_management(layers: &mut Layers) -> SessionManagement {
    let chosen = choice(layers, "session_management", &SWITCH, "off");
    SessionManagement::parse(&chosen).unwrap_or_default()
}

fn choice(layers: &mut Layers, key: &'static str, names: &[&str], default: &str) -> String {
    let Some(given) = layers.take(key) else { return default.to_owned() };
    if !names.contains(&given.text()) {
        let message = not_one_of(given.text(), names);
        layers.fault(key, &given, message);
    }
    given.text().to_owned()
}

//! TLS to PostgreSQL: what each `sslmode` accepts, against a server that speaks the first words of the protocol.

use std::sync::Arc;

use rcgen::CertifiedKey;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::PrivateKeyDer;
use store::{Database, Fault, Store, StoreOptions};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// The request for TLS (PostgreSQL documentation, "Message Formats", `SSLRequest`).
const TLS_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// What the server saw of its client.
#[derive(Debug, PartialEq, Eq)]
enum Seen {
    NoTls,
    Handshake,
    Refusal,
}

/// A certificate for `localhost` that vouches for itself.
fn certificate() -> CertifiedKey<rcgen::KeyPair> {
    rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate")
}

fn acceptor(certified: &CertifiedKey<rcgen::KeyPair>) -> TlsAcceptor {
    let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .expect("a server");
    TlsAcceptor::from(Arc::new(config))
}

/// Serves one client as far as the end of the handshake.
async fn serve(listener: TcpListener, acceptor: TlsAcceptor) -> Seen {
    let (mut socket, _) = listener.accept().await.expect("a client");
    let mut request = [0; 8];
    socket.read_exact(&mut request).await.expect("eight bytes");
    if request != TLS_REQUEST {
        return Seen::NoTls;
    }
    socket.write_all(b"S").await.expect("answers");
    let Ok(mut socket) = acceptor.accept(socket).await else { return Seen::Refusal };
    // A client that refuses the certificate says so instead of sending its start-up message.
    match socket.read(&mut request).await {
        Ok(read) if read > 0 => Seen::Handshake,
        _ => Seen::Refusal,
    }
}

/// Connects with these settings, and returns what the server saw and what the operator is told.
async fn connect(settings: &str) -> (Seen, Fault) {
    let certified = certificate();
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("root.pem");
    std::fs::write(&file, certified.cert.pem()).expect("writes");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let settings = settings.replace("ROOT", &file.display().to_string());
    let url = format!("hostaddr=127.0.0.1 port={port} user=u password=p {settings}");
    let server = tokio::spawn(serve(listener, acceptor(&certified)));
    let options = StoreOptions { database: Database::Postgres { url, max_connections: 1 } };
    let Err(fault) = Store::open(&options).await else { panic!("it is no real server") };
    (server.await.expect("no panic"), fault)
}

#[tokio::test]
async fn disable_sends_no_tls() {
    assert_eq!(connect("host=localhost sslmode=disable").await.0, Seen::NoTls);
}

#[tokio::test]
async fn prefer_and_require_encrypt_with_any_certificate() {
    assert_eq!(connect("host=localhost").await.0, Seen::Handshake);
    assert_eq!(connect("host=other.example sslmode=prefer").await.0, Seen::Handshake);
    assert_eq!(connect("host=other.example sslmode=require").await.0, Seen::Handshake);
}

#[tokio::test]
async fn verify_full_wants_a_known_authority() {
    let (seen, fault) = connect("host=localhost sslmode=verify-full").await;
    assert_eq!(seen, Seen::Refusal);
    assert!(matches!(&fault, Fault::Unavailable(_)), "{fault:?}");
    assert!(fault.to_string().contains("certificate"), "{fault}");
    let (seen, _) = connect("host=localhost sslmode=verify-full sslrootcert='ROOT'").await;
    assert_eq!(seen, Seen::Handshake);
}

#[tokio::test]
async fn verify_full_wants_the_right_name() {
    let (seen, fault) = connect("host=other.example sslmode=verify-full sslrootcert=ROOT").await;
    assert_eq!(seen, Seen::Refusal);
    assert!(fault.to_string().contains("other.example"), "{fault}");
}

#[tokio::test]
async fn a_root_certificate_is_used_whatever_the_mode() {
    let (seen, _) = connect("host=other.example sslmode=require sslrootcert=ROOT").await;
    assert_eq!(seen, Seen::Refusal);
}

#[tokio::test]
async fn a_missing_root_certificate_is_told() {
    let url = "host=h sslmode=verify-full sslrootcert=/missing/root.pem".to_owned();
    let options = StoreOptions { database: Database::Postgres { url, max_connections: 1 } };
    let Err(fault) = Store::open(&options).await else { panic!("opened") };
    assert!(matches!(&fault, Fault::Setting(_)), "{fault:?}");
    assert!(fault.to_string().starts_with("sslrootcert /missing/root.pem: "), "{fault}");
}

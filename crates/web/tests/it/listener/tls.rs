//! TLS by ourselves: which certificate, which versions, and a new certificate without a restart.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::TlsConnector;
use web::server::Tls;

use crate::listener::{Listening, read_to_end};

const GET: &str = "GET /login HTTP/1.1\r\nHost: secure.example\r\nConnection: close\r\n\r\n";

/// Writes a new certificate for `secure.example` and its key into a folder.
fn write_pair(folder: &Path) -> CertificateDer<'static> {
    let pair = rcgen::generate_simple_self_signed(vec!["secure.example".to_owned()]);
    let pair = pair.expect("a certificate");
    std::fs::write(folder.join("cert.pem"), pair.cert.pem()).expect("written");
    std::fs::write(folder.join("key.pem"), pair.signing_key.serialize_pem()).expect("written");
    pair.cert.der().clone()
}

fn open(folder: &Path) -> Result<Tls, web::server::TlsError> {
    Tls::open(&folder.join("cert.pem"), &folder.join("key.pem"))
}

/// A client that trusts this certificate only.
fn client(
    trusted: &CertificateDer<'static>,
    versions: &[&'static SupportedProtocolVersion],
) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).expect("a certificate");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .expect("versions there are")
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

/// Asks for a page; none: there was no handshake.
async fn get(server: &Listening, connector: &TlsConnector) -> Option<String> {
    let name = ServerName::try_from("secure.example").expect("a name");
    let stream = server.connect().await;
    let mut stream = connector.connect(name, stream).await.ok()?;
    stream.write_all(GET.as_bytes()).await.expect("sent");
    Some(read_to_end(&mut stream).await)
}

#[tokio::test]
async fn https_is_served_with_a_new_certificate_after_a_reload() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = write_pair(folder.path());
    let tls = open(folder.path()).expect("a certificate and its key");
    let server = Listening::start_with(Some(tls.clone())).await;
    server.app.behind_proxy().await;
    for versions in [&[&TLS13][..], &[&TLS12], &[&TLS12, &TLS13]] {
        let received = get(&server, &client(&first, versions)).await.expect("a handshake");
        assert!(received.starts_with("HTTP/1.1 200 OK"), "{received}");
        assert!(received.contains("strict-transport-security: max-age=63072000"), "{received}");
        assert!(received.contains("set-cookie: __Host-"), "{received}");
    }

    let second = write_pair(folder.path());
    let (old, new) = (client(&first, &[&TLS13]), client(&second, &[&TLS13]));
    assert!(get(&server, &new).await.is_none(), "not before it is read");
    tls.reload().expect("a certificate and its key");
    assert!(get(&server, &new).await.is_some());
    assert!(get(&server, &old).await.is_none());

    // What cannot be used changes nothing.
    std::fs::write(folder.path().join("key.pem"), "nonsense").expect("written");
    assert!(tls.reload().is_err());
    write_pair(folder.path());
    std::fs::write(folder.path().join("cert.pem"), "").expect("written");
    assert!(tls.reload().is_err());
    assert!(get(&server, &new).await.is_some());
    server.end().await;
}

#[tokio::test]
async fn a_certificate_and_a_key_that_do_not_fit_are_refused() {
    let (one, other) = (tempfile::tempdir().expect("one"), tempfile::tempdir().expect("another"));
    write_pair(one.path());
    assert!(open(other.path()).is_err(), "there are no files");
    write_pair(other.path());
    std::fs::copy(other.path().join("key.pem"), one.path().join("key.pem")).expect("copied");
    let refused = open(one.path()).err().expect("another's key");
    assert!(refused.to_string().contains("cannot be used together"), "{refused}");
}

#[tokio::test]
async fn plain_http_and_old_tls_get_no_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let certificate = write_pair(folder.path());
    let server = Listening::start_with(open(folder.path()).ok()).await;
    server.app.behind_proxy().await;
    let received = server.exchange(GET).await;
    assert!(!received.contains("HTTP/1.1 200"), "{received}");
    // A ClientHello of TLS 1.0.
    let mut stream = server.connect().await;
    let hello =
        [&[22, 3, 1, 0, 47, 1, 0, 0, 43, 3, 1][..], &[0; 32], &[0, 0, 4, 0, 47, 0, 53, 1, 0]];
    stream.write_all(&hello.concat()).await.expect("sent");
    let alert = read_to_end(&mut stream).await;
    assert!(alert.len() <= 7, "no more than an alert: {alert:?}");
    assert!(get(&server, &client(&certificate, &[&TLS13])).await.is_some());
    server.end().await;
}

#[tokio::test]
async fn http2_is_spoken_where_it_was_agreed_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let certificate = write_pair(folder.path());
    let server = Listening::start_with(open(folder.path()).ok()).await;
    let mut config = ClientConfig::clone(client(&certificate, &[&TLS13]).config());
    config.alpn_protocols = vec![b"h2".to_vec()];
    let connector = TlsConnector::from(Arc::new(config));
    let name = ServerName::try_from("secure.example").expect("a name");
    let mut stream = connector.connect(name, server.connect().await).await.expect("a handshake");
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    // The preface and an empty SETTINGS frame (RFC 9113 §3.4); the server answers with its own.
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    stream.write_all(preface).await.expect("sent");
    let mut frame = [0; 9];
    stream.read_exact(&mut frame).await.expect("a frame");
    assert_eq!((frame[3], &frame[5..]), (4, &[0; 4][..]), "SETTINGS of the connection");
    drop(stream);
    server.end().await;
}

//! The running server from outside: TLS with reload, several base URLs, the service manager.

use std::collections::HashSet;
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use reqwest::{Certificate, Client};
use store::testing::eventually;

use crate::running::Running;
use crate::support::Place;

const METADATA: &str = "/.well-known/oauth-authorization-server";
const JWKS: &str = "/.well-known/jwks.json";

const TLS: [&str; 8] =
    ["dev", "--json", "--listen", "127.0.0.1:0", "--tls-cert", "cert.pem", "--tls-key", "key.pem"];

/// Puts a new certificate into the place, and returns a client that trusts nothing else.
fn certify(place: &Place) -> Client {
    let names = vec!["127.0.0.1".to_owned()];
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(names).expect("signs");
    place.write("cert.pem", &cert.pem());
    place.write("key.pem", &signing_key.serialize_pem());
    let root = Certificate::from_der(cert.der()).expect("is a certificate");
    Client::builder().tls_certs_only([root]).build().expect("a client")
}

fn issuer(ready: &serde_json::Value) -> String {
    ready["issuer"].as_str().expect("an issuer").to_owned()
}

#[tokio::test]
async fn tls_by_ourselves_follows_its_certificate() {
    let place = Place::empty();
    let old = certify(&place);
    let mut dev = Running::start(&place, &TLS);
    let issuer = issuer(&dev.ready());
    assert!(issuer.starts_with("https://127.0.0.1:"), "{issuer}");
    let url = format!("{issuer}{METADATA}");
    let metadata: serde_json::Value =
        old.get(&url).send().await.expect("answers").json().await.expect("is JSON");
    assert_eq!(metadata["issuer"], issuer);

    let new = certify(&place);
    assert!(new.get(&url).send().await.is_err(), "the new certificate is not in use yet");
    dev.signal("-HUP");
    let answered = eventually(async || new.get(&url).send().await.is_ok()).await;
    assert!(answered, "the new certificate is in use");

    place.write("cert.pem", "this is no certificate");
    dev.signal("-HUP");
    dev.error_line_with("the old certificate stays in use");
    assert!(new.get(&url).send().await.is_ok(), "an unusable certificate changes nothing");
    assert_eq!(dev.stop().0, Some(0));
}

#[test]
fn a_certificate_that_cannot_be_used_is_named() {
    let place = Place::empty();
    place.write("cert.pem", "this is no certificate");
    place.write("key.pem", "this is no key");
    let run = place.run(&TLS);
    assert_eq!(run.code, 2);
    assert!(run.err.starts_with("error: server.tls_cert: cert.pem: "), "{}", run.err);
    certify(&place);
    place.write("key.pem", "this is no key");
    let serve = [&["serve"], &TLS[2..]].concat();
    let run = place.run(&serve);
    let message = "error: server.tls_key: key.pem: there is no PEM private key in it\n";
    assert_eq!((run.code, run.err.as_str()), (2, message));
    assert!(!place.path().join("data").exists(), "the database comes after the certificate");
}

async fn json(url: &str) -> serde_json::Value {
    reqwest::get(url).await.expect("answers").json().await.expect("is JSON")
}

// JW-02
#[tokio::test]
async fn a_second_account_answers_at_its_own_base_url() {
    let place = Place::empty();
    place.write(
        "seed.toml",
        "[[accounts]]\nslug = \"one\"\nbase_urls = [\"{origin}\"]\n\
         [[accounts]]\nslug = \"two\"\nbase_urls = [\"{scheme}://127.0.0.2:{port}\"]\n",
    );
    let arguments = ["dev", "--json", "--listen", "0.0.0.0:0", "--seed", "seed.toml"];
    let mut dev = Running::start(&place, &arguments);
    let first = issuer(&dev.ready());
    let second = first.replace("127.0.0.1", "127.0.0.2");
    let mut kids = HashSet::new();
    for issuer in [first, second] {
        let metadata = json(&format!("{issuer}{METADATA}")).await;
        assert_eq!(metadata["issuer"], issuer);
        for key in json(&format!("{issuer}{JWKS}")).await["keys"].as_array().expect("keys") {
            assert!(kids.insert(key["kid"].to_string()), "no key is in two accounts");
        }
    }
    assert!(kids.len() >= 2);
}

#[test]
fn the_service_manager_is_told() {
    let place = Place::empty();
    let socket = place.path().join("notify");
    let manager = UnixDatagram::bind(&socket).expect("binds");
    manager.set_read_timeout(Some(Duration::from_mins(1))).expect("sets");
    let heard = || {
        let mut buffer = [0; 64];
        let length = manager.recv(&mut buffer).expect("is told");
        String::from_utf8_lossy(&buffer[..length]).into_owned()
    };
    let arguments = ["dev", "--json", "--listen", "127.0.0.1:0"];
    let path = socket.to_str().expect("is text");
    let dev = Running::start_with(&place, &arguments, &[("NOTIFY_SOCKET", path)]);
    assert_eq!(heard(), "READY=1");
    assert_eq!(dev.stop().0, Some(0));
    assert_eq!(heard(), "STOPPING=1");
}

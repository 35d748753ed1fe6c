//! The README works as typed: its curl commands run against a server started as it says.

use std::process::Command;

use crate::person::Person;
use crate::running::Running;
use crate::support::{DOCUMENTED_SEED, Place};

const README: &str = include_str!("../../../../README.md");

/// Where the README's server answers; a test's answers elsewhere.
const SHOWN_ORIGIN: &str = "http://127.0.0.1:8080";

/// The shell blocks under a heading.
fn blocks(heading: &str) -> Vec<String> {
    let section = README.split("\n## ").find(|section| section.starts_with(heading));
    let section = section.unwrap_or_else(|| panic!("the README has no section {heading}"));
    let mut parts = section.split("```sh\n").skip(1);
    let found: Vec<String> = parts
        .by_ref()
        .filter_map(|part| part.split_once("```").map(|(block, _)| block.to_owned()))
        .collect();
    assert!(!found.is_empty(), "the section {heading} shows no command");
    found
}

/// Runs a block against a server, and returns what it prints.
fn run(block: &str, origin: &str) -> String {
    let script = block.replace(SHOWN_ORIGIN, origin).replace("curl -s", "curl -sS --fail");
    let output = Command::new("bash").args(["-euc", &script]).output().expect("runs");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}\n{error}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
#[cfg_attr(not(curl_available), ignore = "needs curl")]
fn its_curl_commands_do_what_it_says() {
    let place = Place::empty();
    place.write("seed.toml", DOCUMENTED_SEED);
    let arguments = ["dev", "--json", "--listen", "127.0.0.1:0", "--seed", "seed.toml"];
    let mut server = Running::start(&place, &arguments);
    let ready = server.ready();
    let origin = ready["issuer"].as_str().expect("an issuer");
    let commands = blocks("The API in curl");
    let replies: Vec<String> = commands.iter().map(|block| run(block, origin)).collect();
    assert!(replies[0].contains("\"secret\":\"cstcs_"), "{}", replies[0]);
    assert!(replies[1].contains("\"email\":\"admin@example.com\""), "{}", replies[1]);
    assert!(replies[1].contains("\"active\":true"), "{}", replies[1]);
    assert!(replies[1].ends_with("{\"active\":false}"), "{}", replies[1]);
    assert!(replies[2].starts_with("{\"audit_events\":["), "{}", replies[2]);
    assert!(replies[3].contains(&format!("\"issuer\":\"{origin}\"")), "{}", replies[3]);
    assert_eq!(server.stop().0, Some(0));
}

#[tokio::test]
#[cfg_attr(not(curl_available), ignore = "needs curl")]
async fn its_authorization_request_ends_in_a_code_that_its_command_exchanges() {
    let place = Place::empty();
    place.write("seed.toml", DOCUMENTED_SEED);
    let arguments = ["dev", "--json", "--listen", "127.0.0.1:0", "--seed", "seed.toml"];
    let mut server = Running::start(&place, &arguments);
    let ready = server.ready();
    let origin = ready["issuer"].as_str().expect("an issuer");
    let (_, link) = README.split_once("[an authorization request](").expect("a link");
    let (link, _) = link.split_once(')').expect("its end");
    let mut alice = Person::opens(link.replace(SHOWN_ORIGIN, origin).parse().expect("a URL")).await;
    let credentials = [("username", "alice@example.com"), ("password", "alice in wonderland")];
    assert_eq!(alice.sends("login-submit", &credentials).await, None);
    let back = alice.sends("consent-approve", &[("decision", "allow")]).await;
    let back = back.expect("a redirect to the app");
    let code = back.query_pairs().find(|(name, _)| name == "code").expect("a code").1.into_owned();
    let exchange = &blocks("Click through it")[1];
    let reply = run(&exchange.replace("CODE", &code), origin);
    assert!(reply.contains("\"access_token\":\"cstat_"), "{reply}");
    assert_eq!(server.stop().0, Some(0));
}

#[test]
fn it_shows_the_commands_that_exist() {
    assert_eq!(blocks("Try it"), ["cargo run --release -- demo\n"]);
    assert_eq!(blocks("Tests"), ["cargo test --workspace\n"]);
    assert_eq!(blocks("Click through it")[0], "cargo run --release -- dev --seed docs/seed.toml\n");
}

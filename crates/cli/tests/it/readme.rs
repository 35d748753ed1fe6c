//! The README works as typed: its curl commands run against a server started as it says.

use std::process::Command;

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

#[test]
#[cfg_attr(not(curl_available), ignore = "needs curl")]
fn its_curl_commands_do_what_it_says() {
    let place = Place::empty();
    place.write("seed.toml", DOCUMENTED_SEED);
    let arguments = ["dev", "--json", "--listen", "127.0.0.1:0", "--seed", "seed.toml"];
    let mut server = Running::start(&place, &arguments);
    let ready = server.ready();
    let origin = ready["issuer"].as_str().expect("an issuer");
    let run = |block: &str| {
        let script = block.replace(SHOWN_ORIGIN, origin).replace("curl -s", "curl -sS --fail");
        let output = Command::new("bash").args(["-euc", &script]).output().expect("runs");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{script}\n{error}");
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let replies: Vec<String> = blocks("The API in curl").iter().map(|block| run(block)).collect();
    assert!(replies[0].contains("\"secret\":\"cstcs_"), "{}", replies[0]);
    assert!(replies[1].contains("\"email\":\"admin@example.com\""), "{}", replies[1]);
    assert!(replies[1].contains("\"active\":true"), "{}", replies[1]);
    assert!(replies[1].ends_with("{\"active\":false}"), "{}", replies[1]);
    assert!(replies[2].contains(&format!("\"issuer\":\"{origin}\"")), "{}", replies[2]);
    assert_eq!(server.stop().0, Some(0));
}

#[test]
fn it_shows_the_commands_that_exist() {
    assert_eq!(blocks("Try it"), ["cargo run --release -- demo\n"]);
    assert_eq!(blocks("Tests"), ["cargo test --workspace\n"]);
    assert_eq!(blocks("Click through it"), ["cargo run --release -- dev --seed docs/seed.toml\n"]);
}

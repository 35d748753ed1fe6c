//! `dev` and `serve`: what they say when they are ready, and that they stop when told to.

use crate::running::Running;
use crate::support::{DOCUMENTED_SEED, Place};

const DEV: [&str; 4] = ["dev", "--json", "--listen", "127.0.0.1:0"];

#[test]
fn the_ready_line_is_the_first_and_says_what_was_made() {
    let place = Place::empty();
    let mut dev = Running::start(&place, &DEV);
    let line = dev.first_line();
    assert!(line.starts_with("{\"event\":\"ready\",\"issuer\":\"http://127.0.0.1:"), "{line}");
    let ready: serde_json::Value = serde_json::from_str(&line).expect("JSON");
    assert_eq!(ready["account"], "demo");
    assert_eq!(ready["admin"]["email"], "admin@example.com");
    assert_eq!(ready["admin"]["password"].as_str().map(str::len), Some(23));
    assert!(ready["admin"]["api_token"].as_str().is_some_and(|it| it.starts_with("cstpt_")));
    assert_eq!(ready["user"]["email"], "alice@example.com");
    assert_eq!(ready["clients"][0]["identifier"], "demo-web");
    assert!(ready["clients"][0]["secret"].as_str().is_some_and(|it| it.starts_with("cstcs_")));
    assert_eq!(
        ready["clients"][1],
        serde_json::json!({"identifier": "demo-spa", "kind": "public"})
    );
    assert_eq!(dev.stop(), (Some(0), String::new()));
    assert_eq!(std::fs::read_dir(place.path()).expect("reads").count(), 0, "leaves nothing behind");
}

#[test]
fn the_documented_seed_is_taken_as_it_stands_and_its_secrets_are_not_printed() {
    let place = Place::empty();
    place.write("seed.toml", DOCUMENTED_SEED);
    let mut dev = Running::start(&place, &[&DEV[..], &["--seed", "seed.toml"]].concat());
    let line = dev.first_line();
    let ready: serde_json::Value = serde_json::from_str(&line).expect("JSON");
    assert_eq!(ready["admin"], serde_json::json!({"email": "admin@example.com"}));
    assert_eq!(ready["clients"].as_array().map(Vec::len), Some(3));
    for given in ["correct horse", "demo-web-secret", "demo-admin-api-token"] {
        assert!(!line.contains(given), "{given}");
    }
}

#[test]
fn a_first_start_makes_everything_and_offers_the_set_up_link() {
    let place = Place::empty();
    let free = ["serve", "--listen", "127.0.0.1:0", "--management-listen", "127.0.0.1:0"];
    let mut serve = Running::start(&place, &free);
    let link = serve.error_line_with("/setup/");
    assert!(link.trim().starts_with("http://localhost:"), "{link}");
    assert!(link.contains("/setup/cstsu_"), "{link}");
    for name in ["consentry.db", "master.key"] {
        assert!(place.path().join("data").join(name).exists(), "{name}");
    }
    assert_eq!(serve.stop().0, Some(0));
    let listed = place.run(&["client", "list", "--account", "main"]);
    assert_eq!(listed.code, 0, "{}", listed.err);
}

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

/// `serve` on free ports.
const SERVE: [&str; 5] = ["serve", "--listen", "127.0.0.1:0", "--management-listen", "127.0.0.1:0"];

#[test]
fn an_empty_account_follows_the_public_url_and_one_in_use_does_not() {
    let place = Place::empty();
    let mut serve = Running::start(&place, &SERVE);
    serve.error_line_with("/setup/");
    drop(serve);
    let moved = [&SERVE[..], &["--public-url", "https://login.example.com"]].concat();
    let mut serve = Running::start(&place, &moved);
    let link = serve.error_line_with("/setup/");
    assert!(link.trim().starts_with("https://login.example.com/setup/cstsu_"), "{link}");
    drop(serve);
    assert_eq!(place.run(&["user", "create", "ada@example.com", "--role", "admin"]).code, 0);
    let mut serve = Running::start(&place, &SERVE);
    let urls = serve.error_line_with("base_urls");
    assert!(urls.contains(", \"https://login.example.com\"]"), "{urls}");
    drop(serve);
}

#[test]
fn a_public_url_that_nothing_can_answer_at_is_warned_of() {
    let place = Place::empty();
    let https = [&SERVE[..], &["--public-url", "https://login.example.com"]].concat();
    let mut serve = Running::start(&place, &https);
    let warning = serve.error_line_with("warning: ");
    assert!(warning.contains("--trusted-proxies"), "{warning}");
    drop(serve);
    let mode = std::fs::metadata(place.path().join("data/consentry.db")).expect("is there");
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode.permissions()) & 0o777, 0o600);
}

#[test]
fn a_json_log_holds_no_talk() {
    let place = Place::empty();
    let json = [("CONSENTRY_LOG__FORMAT", "json")];
    let mut serve = Running::start_with(&place, &SERVE, &json);
    let line = serve.first_line();
    assert!(
        line.starts_with("Consentry serves the account \"main\" at http://localhost:"),
        "{line}"
    );
    let (_, err) = serve.stop();
    assert!(err.lines().all(|line| line.starts_with('{')), "{err}");
}

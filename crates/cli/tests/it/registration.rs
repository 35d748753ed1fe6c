//! `client registration-token create|list|revoke`, and what `client update` says of a client.

use serde_json::{Value, json};

use crate::support::{Place, Run};

fn row(run: &Run) -> Value {
    assert_eq!(run.code, 0, "{}", run.err);
    serde_json::from_str(&run.out).expect("JSON")
}

#[test]
fn an_initial_access_token_is_made_listed_and_revoked() {
    let place = Place::seeded();
    let command =
        |arguments: &[&str]| place.run(&[&["client", "registration-token"], arguments].concat());
    let create = ["create", "--label", "CI", "--owner", "admin@example.com", "--use-limit", "2"];
    let made = row(&command(&[&create[..], &["--expires-in", "7d", "-o", "json"]].concat()));
    assert!(made["token"].as_str().expect("a token").starts_with("cstia_"), "{made}");
    assert_eq!((&made["use_limit"], &made["use_count"]), (&json!(2), &json!(0)));
    let listed = row(&command(&["list", "-o", "json"]));
    assert_eq!(listed[0]["label"], "CI");
    assert_ne!(listed[0]["token"], made["token"], "it is told once");
    let id = made["id"].to_string();
    assert_eq!(command(&["revoke", &id]).code, 0);
    assert_eq!(command(&["revoke", &id]).code, 3);
    assert_eq!(row(&command(&["list", "-o", "json"])), json!([]));
    let user = ["create", "--label", "CI", "--owner", "alice@example.com"];
    let refused = command(&user);
    let message = "error: clients belong to an active admin, and this user is none\n";
    assert_eq!((refused.code, refused.err.as_str()), (5, message));
}

#[test]
fn what_a_client_says_of_itself_is_set_and_judged() {
    let place = Place::seeded();
    let update =
        |arguments: &[&str]| place.run(&[&["client", "update", "demo-web"], arguments].concat());
    let keys = ["--set", "jwks_uri=https://app.example.com/jwks.json"];
    assert_eq!(update(&[&keys[..], &["--auth-method", "private_key_jwt"]].concat()).code, 0);
    let wrong = update(&["--set", "subject_type=pairwise"]);
    let message = "error: Sector identifier uri: is needed for pairwise subjects unless all redirect \
        URIs have one host\n";
    assert_eq!((wrong.code, wrong.err.as_str()), (5, message));
    let wrong = update(&["--set", "jwks_uri="]);
    let message = "error: Token endpoint auth method: must not be private_key_jwt without jwks or \
        jwks_uri\n";
    assert_eq!((wrong.code, wrong.err.as_str()), (5, message));
    assert_eq!(update(&["--set", "colour=red"]).code, 2);
    assert_eq!(update(&[]).code, 2);
}

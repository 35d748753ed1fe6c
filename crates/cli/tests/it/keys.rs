//! `key list|rotate|retire`.

use serde_json::{Value, json};

use crate::support::{Place, Run};

fn key(place: &Place, arguments: &[&str]) -> Run {
    place.run(&[&["key"], arguments].concat())
}

fn rows(run: &Run) -> Vec<Value> {
    assert_eq!(run.code, 0, "{}", run.err);
    serde_json::from_str(&run.out).expect("JSON")
}

/// Algorithm and state of each key.
fn states(rows: &[Value]) -> Vec<(&str, &str)> {
    rows.iter()
        .map(|row| {
            let (algorithm, state) = (row["algorithm"].as_str(), row["state"].as_str());
            (algorithm.expect("a text"), state.expect("a text"))
        })
        .collect()
}

#[test]
fn the_next_keys_are_made_and_listed() {
    let place = Place::seeded();
    let listed = rows(&key(&place, &["list", "-o", "json"]));
    let current = ["RS256", "PS256", "ES256", "EdDSA"].map(|name| (name, "current"));
    assert_eq!(states(&listed), current, "those that sign, RSA first");
    assert!(listed.iter().all(|row| row["due_at"] == Value::Null));
    let one = key(&place, &["rotate", "--algorithm", "ES256", "-o", "json"]);
    assert_eq!(
        one.err,
        "the JWKS shows them now; a running server lets them sign when they are due\n"
    );
    let one = rows(&one);
    assert_eq!(states(&one), [("ES256", "next")]);
    assert!(one[0]["due_at"].is_string());
    let all = rows(&key(&place, &["rotate", "-o", "json"]));
    assert_eq!(all.len(), 4);
    assert_eq!(all[2], one[0], "its rotation was under way");
    let again = key(&place, &["rotate", "-o", "json"]);
    assert_eq!(again.err, "the rotation was under way already\n");
    assert_eq!(rows(&again), all);
    assert_eq!(key(&place, &["list", "-o", "id"]).out.lines().count(), 8);
    assert_eq!(key(&place, &["list", "--limit", "3", "-o", "id"]).out.lines().count(), 3);
    let table = key(&place, &["list"]).out;
    assert!(table.starts_with("KID "), "{table}");
    assert!(!table.contains("PRIVATE"), "{table}");
}

#[test]
fn a_key_is_retired_at_once() {
    let place = Place::seeded();
    let stolen = rows(&key(&place, &["list", "-o", "json"]))[3]["kid"].clone();
    let stolen = stolen.as_str().expect("a name");
    let retired = key(&place, &["retire", stolen, "-o", "json"]);
    let listed = rows(&key(&place, &["list", "-o", "json"]));
    assert_eq!(states(&listed)[3], ("EdDSA", "current"));
    let successor = listed[3]["kid"].as_str().expect("a name");
    assert_ne!(successor, stolen);
    let said = format!(
        "nothing that the key signed counts any more, at every node within a second\n\
         {successor} signs now; who keeps the JWKS learns of it within 5 minutes\n"
    );
    assert_eq!(retired.err, said);
    let retired = rows(&retired);
    assert_eq!((&retired[0]["kid"], &retired[0]["state"]), (&json!(stolen), &json!("retired")));
    let again = key(&place, &["retire", stolen]);
    assert_eq!((again.code, again.err.lines().count()), (0, 1));
    let with_retired = rows(&key(&place, &["list", "--retired", "-o", "json"]));
    assert_eq!(states(&with_retired)[4], ("EdDSA", "retired"));
}

#[test]
fn what_is_not_there_is_said() {
    let place = Place::seeded();
    for (arguments, code, message) in [
        (&["retire", "nobody"][..], 3, "error: no key \"nobody\" in \"demo\"\n"),
        (&["list", "--account", "nobody"], 3, "error: no account \"nobody\"\n"),
    ] {
        let run = key(&place, arguments);
        assert_eq!((run.code, run.err.as_str()), (code, message), "{arguments:?}");
    }
    let wrong = key(&place, &["rotate", "--algorithm", "HS256"]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.err.contains("write one of RS256, PS256, ES256, EdDSA"), "{}", wrong.err);
}

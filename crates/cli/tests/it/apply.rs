//! `apply`: the plan, the first and the second time, and what is refused as a whole.

use crate::support::{DOCUMENTED_SEED, Place};

fn actions(place: &Place, arguments: &[&str]) -> Vec<String> {
    let mut all = vec!["apply", "-o", "jsonl"];
    all.extend(arguments);
    let run = place.run(&all);
    assert_eq!(run.code, 0, "{}", run.err);
    let line = |line: &str| {
        let change: serde_json::Value = serde_json::from_str(line).expect("JSON");
        format!(
            "{} {} {} {}",
            change["action"].as_str().expect("text"),
            change["noun"].as_str().expect("text"),
            change["name"].as_str().expect("text"),
            change["changes"]
        )
    };
    run.out.lines().map(line).collect()
}

const EVERYTHING: [&str; 10] = [
    "account demo",
    "scope calendar:read",
    "scope read",
    "user admin@example.com",
    "user alice@example.com",
    "client demo-web",
    "client demo-spa",
    "client zdg-demo-global",
    "resource https://api.example.com/",
    "api_token scripts of admin@example.com",
];

#[test]
fn applying_twice_changes_nothing_the_second_time() {
    let place = Place::empty();
    place.write("seed.toml", DOCUMENTED_SEED);
    let all = |verb: &str| -> Vec<String> {
        EVERYTHING.iter().map(|name| format!("{verb} {name} []")).collect()
    };
    let mut created = all("create");
    created[2] = "update scope read [\"default\"]".to_owned();
    assert_eq!(place.run(&["migrate", "up"]).code, 0);
    assert_eq!(actions(&place, &["--dry-run", "seed.toml"]), created);
    assert_eq!(actions(&place, &["seed.toml"]), created);
    // A built-in scope that nobody declares is told only while its mark changes.
    let mut kept = all("keep");
    kept.remove(2);
    assert_eq!(actions(&place, &["seed.toml"]), kept);
    assert_eq!(actions(&place, &["--dry-run", "seed.toml"]), kept);
    assert_eq!(place.run(&["apply", "seed.toml"]).err, "everything is as declared already\n");
}

#[test]
fn a_plan_without_a_database_is_refused_and_makes_none() {
    let place = Place::empty();
    place.write("seed.toml", DOCUMENTED_SEED);
    let run = place.run(&["apply", "--dry-run", "seed.toml"]);
    assert_eq!(run.code, 6, "{}", run.err);
    let message = "error: there is no database at data/consentry.db: `consentry serve` makes one";
    assert!(run.err.starts_with(message), "{}", run.err);
    assert!(!place.path().join("data").exists());
}

#[test]
fn names_alone_do_not_lose_the_secrets_that_were_made() {
    let place = Place::seeded();
    place.write(
        "more.toml",
        "[[users]]\naccount = \"demo\"\nemail = \"new@example.com\"\nrole = \"end-user\"\n",
    );
    let run = place.run(&["apply", "more.toml", "-o", "id"]);
    assert_eq!((run.code, run.out.as_str()), (0, "new@example.com\n"), "{}", run.err);
    assert!(run.err.contains("\nuser new@example.com: "), "{}", run.err);
}

#[test]
fn what_changed_is_updated_and_what_is_left_out_stays() {
    let place = Place::seeded();
    place.write(
        "more.toml",
        "[[accounts]]\nslug = \"demo\"\nconsent = \"always\"\n\
         [[users]]\naccount = \"demo\"\nemail = \"ALICE@example.com\"\nrole = \"agent\"\n\
         password = \"another password\"\n\
         [[clients]]\naccount = \"demo\"\nidentifier = \"demo-web\"\ncompany = \"Example GmbH\"\n\
         secret = \"another-secret-of-enough-characters\"\n",
    );
    let expected = [
        "update account demo [\"consent\"]",
        "update user ALICE@example.com [\"role\"]",
        "update client demo-web [\"company\"]",
    ];
    assert_eq!(actions(&place, &["--dry-run", "more.toml"]), expected);
    assert_eq!(actions(&place, &["more.toml"]), expected);
    let shown = place.run(&["client", "show", "demo-web", "-o", "json"]).out;
    let client: serde_json::Value = serde_json::from_str(&shown).expect("JSON");
    assert_eq!(client["secret"], "demo-web-…");
    assert_eq!(client["redirect_uris"].as_array().map(Vec::len), Some(2));
}

#[test]
fn what_is_given_is_never_printed_and_what_is_made_is_printed_once() {
    let place = Place::empty();
    place.write("seed.toml", DOCUMENTED_SEED);
    let run = place.run(&["apply", "seed.toml"]);
    for given in ["correct horse battery", "demo-web-secret", "demo-admin-api-token"] {
        assert!(!run.out.contains(given) && !run.err.contains(given), "{given}");
    }
    place.write("bob.toml", "[[users]]\naccount = \"demo\"\nemail = \"bob@example.com\"\n");
    let run = place.run(&["apply", "-o", "json", "bob.toml"]);
    assert_eq!(run.err, "the secrets that were made are shown this once\n");
    let changes: serde_json::Value = serde_json::from_str(&run.out).expect("JSON");
    assert_eq!(changes[0]["secret"].as_str().map(str::len), Some(23));
    let again = place.run(&["apply", "-o", "json", "bob.toml"]);
    let changes: serde_json::Value = serde_json::from_str(&again.out).expect("JSON");
    assert!(changes[0]["secret"].is_null());
}

#[test]
fn everything_that_is_wrong_is_said_at_once_and_nothing_is_done() {
    let place = Place::seeded();
    place.write(
        "wrong.toml",
        "[[users]]\naccount = \"demo\"\nemail = \"carol@example.com\"\n\
         [[users]]\naccount = \"absent\"\nemail = \"dave@example.com\"\n\
         [[accounts]]\nslug = \"second\"\nbase_urls = [\"{origin}\"]\ndefault_scopes = [\"nope\"]\n\
         [[users]]\naccount = \"second\"\nemail = \"eve@example.com\"\noperator = true\n\
         [[clients]]\naccount = \"demo\"\nidentifier = \"new\"\nowner = \"nobody@example.com\"\n\
         redirect_uris = [\"https://a.example/cb\", \"http://a.example/cb\"]\nscopes = [\"fly\"]\n\
         [[clients]]\naccount = \"demo\"\nidentifier = \"newer\"\nname = \"Newer\"\n\
         [[resources]]\naccount = \"demo\"\nidentifier = \"https://b.example/\"\n\
         access_token_lifetime = \"1s\"\nintrospection_clients = [\"who\"]\n\
         [[api_tokens]]\naccount = \"demo\"\nuser = \"nobody@example.com\"\nlabel = \"x\"\n",
    );
    let run = place.run(&["apply", "wrong.toml"]);
    assert_eq!(run.code, 5);
    let lines: Vec<&str> = run.err.lines().collect();
    let unknown_user =
        "there is no user \"nobody@example.com\" in this account; declare it under [[users]]";
    assert_eq!(
        lines,
        [
            "error: wrong.toml:9: accounts[0].base_urls[0]: \"http://localhost:8080\" selects the \
             account \"demo\" already",
            "error: wrong.toml:10: accounts[0].default_scopes[0]: \"nope\" is not in the scope \
             catalogue; declare it under [[scopes]]",
            "error: wrong.toml:5: users[1].account: there is no account \"absent\"; declare it \
             under [[accounts]]",
            "error: wrong.toml:14: users[2].operator: operators belong to the first account, \
             \"demo\"",
            "error: wrong.toml:20: clients[0].scopes[0]: \"fly\" is not in the scope catalogue; \
             declare it under [[scopes]]",
            &format!("error: wrong.toml:18: clients[0].owner: {unknown_user}"),
            "error: wrong.toml:15: clients[0].name: must not be blank",
            "error: wrong.toml:19: clients[0].redirect_uris: entry 2 must begin with https://; http \
             is for localhost, 127.0.0.1 and [::1] only",
            "error: wrong.toml:21: clients[1].owner: is missing; name the e-mail address of the \
             user that the client belongs to",
            "error: wrong.toml:28: resources[0].access_token_lifetime: is out of range; use 300s \
             to 172800s",
            "error: wrong.toml:29: resources[0].introspection_clients[0]: there is no client \
             \"who\"; declare it under [[clients]]",
            &format!("error: wrong.toml:32: api_tokens[0].user: {unknown_user}"),
        ]
    );
    let run = place.run(&["user", "suspend", "carol@example.com"]);
    assert_eq!(run.code, 3, "nothing of a refused file is applied");
}

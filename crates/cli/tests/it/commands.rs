//! `user`, `client`, `migrate` and `completion`.

use crate::support::Place;

#[test]
fn a_user_is_made_given_a_password_and_suspended() {
    let place = Place::seeded();
    let run = place.run(&["user", "create", "bob@example.com", "--role", "agent", "-o", "json"]);
    assert_eq!((run.code, run.err.as_str()), (0, "the password is shown this once\n"));
    let user: serde_json::Value = serde_json::from_str(&run.out).expect("JSON");
    assert_eq!(user["role"], "agent");
    assert_eq!(user["name"], "bob");
    assert_eq!(user["password"].as_str().map(str::len), Some(23));
    let set = ["user", "set-password", "bob@example.com"];
    let run = place.run_with_input(&set, "a new password\n");
    assert_eq!((run.code, run.out.as_str()), (0, ""));
    let run = place.run_with_input(&set, "short\n");
    let message = "error: the password is too short: use at least 8 characters\n";
    assert_eq!((run.code, run.err.as_str()), (5, message));
    for arguments in [&["bob@example.com"][..], &["bob@example.com", "--undo"]] {
        let mut all = vec!["user", "suspend"];
        all.extend(arguments);
        assert_eq!(place.run(&all).code, 0);
    }
}

#[test]
fn users_are_listed_shown_let_in_again_and_deleted() {
    let place = Place::seeded();
    assert_eq!(place.run(&["user", "create", "bob@example.com", "--role", "agent"]).code, 0);
    let agents = place.run(&["user", "list", "--role", "agent", "-o", "csv"]).out;
    assert!(agents.contains(",bob@example.com,bob,agent,false,"), "{agents}");
    assert_eq!(place.run(&["user", "list", "--limit", "1", "-o", "id"]).out.lines().count(), 1);
    assert_eq!(place.run(&["user", "suspend", "bob@example.com"]).code, 0);
    let shown = place.run(&["user", "show", "bob@example.com", "-o", "json"]).out;
    let shown: serde_json::Value = serde_json::from_str(&shown).expect("JSON");
    assert_eq!((&shown["suspended"], &shown["role"]), (&true.into(), &"agent".into()));
    let resumed = place.run(&["user", "resume", "bob@example.com"]);
    assert_eq!((resumed.code, resumed.err.as_str()), (0, "the suspension has ended\n"));
    let deleted = place.run(&["user", "delete", "bob@example.com"]);
    assert_eq!(deleted.code, 0, "{}", deleted.err);
    assert_eq!(place.run(&["user", "show", "bob@example.com"]).code, 3);
    let owner = place.run(&["user", "delete", "admin@example.com"]);
    let message = "error: Base: owns clients: transfer or delete them first\n";
    assert_eq!((owner.code, owner.err.as_str()), (5, message));
}

// JW-04
#[test]
fn a_user_is_described_by_standard_claims() {
    let place = Place::seeded();
    let made = ["user", "create", "bob@example.com", "--claim", "nickname=Bob"];
    assert_eq!(place.run(&made).code, 0);
    let update = [
        "user",
        "update",
        "bob@example.com",
        "--name",
        "Robert",
        "--claim",
        "nickname=",
        "--claim",
        "email_verified=true",
        "--claim",
        "address.country=GB",
        "-o",
        "json",
    ];
    let run = place.run(&update);
    let user: serde_json::Value = serde_json::from_str(&run.out).expect("JSON");
    assert_eq!((&user["name"], &user["role"]), (&"Robert".into(), &"end_user".into()));
    let claims = serde_json::json!({"address": {"country": "GB"}, "email_verified": true});
    assert_eq!(user["claims"], claims);
    let run = place.run(&["user", "update", "bob@example.com", "--claim", "sub=1"]);
    assert_eq!((run.code, run.err.as_str()), (5, "error: claims: sub is reserved for tokens\n"));
    let run = place.run(&["user", "update", "admin@example.com", "--role", "agent"]);
    assert_eq!(run.code, 0, "{}", run.err);
}

#[test]
fn api_tokens_are_listed_and_revoked() {
    let place = Place::seeded();
    let creation = ["user", "api-token", "admin@example.com", "--label", "ci", "-o", "json"];
    let made: serde_json::Value = serde_json::from_str(&place.run(&creation).out).expect("JSON");
    let id = made["id"].to_string();
    let list = || place.run(&["user", "api-tokens", "admin@example.com", "-o", "id"]).out;
    assert!(list().lines().any(|line| line == id), "{}", list());
    let revoke = ["user", "revoke-api-token", "admin@example.com", &id];
    let revoked = place.run(&revoke);
    assert_eq!((revoked.code, revoked.err.as_str()), (0, "the API token is revoked\n"));
    assert!(!list().lines().any(|line| line == id));
    assert_eq!(place.run(&revoke).code, 3);
}

#[test]
fn a_given_password_is_not_printed() {
    let place = Place::seeded();
    let arguments = ["user", "create", "eve@example.com", "--password-stdin", "-o", "json"];
    let run = place.run_with_input(&arguments, "quite a secret\n");
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    assert!(run.out.contains("\"password\":null"), "{}", run.out);
}

#[test]
fn operators_belong_to_the_first_account() {
    let place = Place::seeded();
    place
        .write("two.toml", "[[accounts]]\nslug = \"two\"\nbase_urls = [\"https://two.example\"]\n");
    assert_eq!(place.run(&["apply", "two.toml"]).code, 0);
    let run = place.run(&["user", "create", "a@b.example", "--operator", "--account", "two"]);
    assert_eq!((run.code, run.err.as_str()), (5, "error: operators belong to the first account\n"));
    let run = place.run(&["client", "list"]);
    let message = "error: there are several accounts: name one with --account\n";
    assert_eq!((run.code, run.err.as_str()), (2, message));
}

#[test]
fn a_client_is_made_listed_shown_and_given_a_new_secret() {
    let place = Place::seeded();
    let run = place.run(&[
        "client",
        "create",
        "photos",
        "--name",
        "Photos",
        "--owner",
        "admin@example.com",
        "--kind",
        "confidential",
        "--redirect-uri",
        "https://photos.example/cb",
        "--scope",
        "read",
        "-o",
        "json",
    ]);
    assert_eq!((run.code, run.err.as_str()), (0, "the secret is shown this once\n"));
    let client: serde_json::Value = serde_json::from_str(&run.out).expect("JSON");
    let secret = client["secret"].as_str().expect("a secret").to_owned();
    assert!(secret.starts_with("cstcs_"), "{secret}");
    assert_eq!(client["scopes"], serde_json::json!(["read"]));
    let id = client["id"].to_string();
    let listed = place.run(&["client", "list", "-o", "id"]).out;
    assert!(listed.lines().any(|line| line == id), "{listed}");
    let shown = place.run(&["client", "show", &id, "-o", "json"]).out;
    assert!(shown.contains("\"identifier\":\"photos\"") && !shown.contains(&secret), "{shown}");
    let rotated = place.run(&["client", "rotate-secret", "photos", "-o", "json"]);
    let rotated: serde_json::Value = serde_json::from_str(&rotated.out).expect("JSON");
    assert_ne!(rotated["secret"].as_str(), Some(secret.as_str()));
    let global = place.run(&["client", "rotate-secret", "zdg-demo-global", "-o", "json"]);
    assert!(global.out.contains("\"secret\":\"cstcs_"), "{}", global.err);
}

#[test]
fn an_id_alone_does_not_lose_the_secret_that_was_made() {
    let place = Place::seeded();
    for (arguments, noun) in [
        (&["user", "create", "bob@example.com"][..], "password"),
        (&["user", "api-token", "admin@example.com", "--label", "ci"], "token"),
        (&["client", "rotate-secret", "demo-web"], "secret"),
    ] {
        let run = place.run(&[arguments, &["-o", "id"]].concat());
        assert_eq!(run.code, 0, "{}", run.err);
        assert!(run.out.trim().parse::<i64>().is_ok(), "{}", run.out);
        let said = format!("the {noun} is shown this once\n");
        let secret = run.err.split_once(&said).map(|(_, rest)| rest.trim());
        assert!(secret.is_some_and(|secret| secret.len() >= 23), "{}", run.err);
    }
}

#[test]
fn everything_wrong_with_a_client_is_said() {
    let place = Place::seeded();
    let common = ["--owner", "admin@example.com", "--kind", "public"];
    let mut arguments = vec!["client", "create", "demo-web", "--name", " "];
    arguments.extend(common);
    arguments.extend(["--redirect-uri", "http://a.example/"]);
    let run = place.run(&arguments);
    assert_eq!(run.code, 5);
    assert_eq!(
        run.err,
        "error: Name: must not be blank\n\
         error: Redirect URI: must begin with https://; http is for localhost, 127.0.0.1 and \
         [::1] only\n\
         error: Identifier: is already in use\n"
    );
    let mut arguments = vec!["client", "create", "new", "--name", "New", "--secret-stdin"];
    arguments.extend(common);
    let run = place.run_with_input(&arguments, "too short");
    let message = "error: the secret cannot be imported: use 16 to 255 of A-Z a-z 0-9 . _ ~ -\n";
    assert_eq!((run.code, run.err.as_str()), (5, message));
}

#[test]
fn migrations_are_listed_and_applied() {
    let place = Place::empty();
    let run = place.run(&["migrate", "up", "-o", "id"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let applied: Vec<&str> = run.out.lines().collect();
    assert_eq!(applied.first(), Some(&"0001_initial"));
    assert!(run.err.ends_with("applied now, 0 before\n"), "{}", run.err);
    let status = place.run(&["migrate", "status", "-o", "csv"]).out;
    assert!(status.starts_with("name,state\r\n0001_initial,applied\r\n"), "{status}");
    assert_eq!(place.run(&["migrate", "up", "-o", "json"]).out, "[]\n");
}

#[test]
fn completions_are_printed_for_shells() {
    let place = Place::empty();
    for shell in ["bash", "zsh", "fish"] {
        let run = place.run(&["completion", shell]);
        assert_eq!((run.code, run.err.as_str()), (0, ""));
        assert!(run.out.contains("rotate-secret"), "{shell}");
    }
}

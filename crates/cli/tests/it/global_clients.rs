//! `client promote|demote|refuse|requests|delete`.

use crate::support::{Place, Run};

/// Makes a client that could work in every account.
fn made(place: &Place, identifier: &str) -> Run {
    place.run(&[
        "client",
        "create",
        identifier,
        "--name",
        "Parcel Desk",
        "--owner",
        "admin@example.com",
        "--kind",
        "confidential",
        "-o",
        "json",
    ])
}

fn client(run: &Run) -> serde_json::Value {
    assert_eq!(run.code, 0, "{}", run.err);
    serde_json::from_str(&run.out).expect("JSON")
}

#[test]
fn the_operator_promotes_and_demotes_a_client() {
    let place = Place::seeded();
    let before = client(&made(&place, "zdg-parcel-desk"));
    assert_eq!(before["global"], false);
    let promoted = place.run(&["client", "promote", "zdg-parcel-desk", "-o", "json"]);
    assert_eq!(
        promoted.err,
        "the client works in every account; its own can no longer change it\n"
    );
    let promoted = client(&promoted);
    assert_eq!((&promoted["global"], &promoted["id"]), (&serde_json::json!(true), &before["id"]));
    let again = place.run(&["client", "promote", "zdg-parcel-desk"]);
    let message = "error: the client works in every account already\n";
    assert_eq!((again.code, again.err.as_str()), (5, message));
    let demoted = client(&place.run(&["client", "demote", "zdg-parcel-desk", "-o", "json"]));
    assert_eq!(demoted["global"], false);
    let again = place.run(&["client", "demote", "zdg-parcel-desk"]);
    assert_eq!((again.code, again.err.as_str()), (5, "error: the client is not global\n"));
}

#[test]
fn what_keeps_a_client_from_every_account_is_said() {
    let place = Place::seeded();
    let wrong = place.run(&["client", "promote", "demo-web"]);
    let message = "error: Identifier: must begin with zdg- for the client to work in every account; \
        change it first\n";
    assert_eq!((wrong.code, wrong.err.as_str()), (5, message));
    made(&place, "zdg-parcel-desk");
    let elsewhere = "[[accounts]]\nslug = \"two\"\nbase_urls = [\"https://two.example\"]\n\
        [[users]]\naccount = \"two\"\nemail = \"a@two.example\"\nrole = \"admin\"\n\
        [[clients]]\naccount = \"two\"\nidentifier = \"ZDG-Parcel-Desk\"\nname = \"Ours\"\n\
        owner = \"a@two.example\"\nkind = \"public\"\n";
    place.write("two.toml", elsewhere);
    let applied = place.run(&["apply", "two.toml"]);
    assert_eq!(applied.code, 0, "{}", applied.err);
    let of_demo = ["client", "promote", "zdg-parcel-desk", "--account", "demo"];
    let taken = place.run(&of_demo);
    let message = "error: Identifier: is in use in another account, in this or another case; change \
        it, or have that client deleted\n";
    assert_eq!((taken.code, taken.err.as_str()), (5, message));
    let deleted = place.run(&["client", "delete", "ZDG-Parcel-Desk", "--account", "two"]);
    assert_eq!((deleted.code, deleted.out.as_str()), (0, ""));
    assert_eq!(place.run(&of_demo).code, 0);
}

#[test]
fn a_file_promotes_by_the_same_rules() {
    let place = Place::seeded();
    place.write(
        "wrong.toml",
        "[[clients]]\naccount = \"demo\"\nidentifier = \"demo-web\"\nglobal = true\n",
    );
    for arguments in [&["apply", "wrong.toml", "--dry-run"][..], &["apply", "wrong.toml"]] {
        let run = place.run(arguments);
        assert_ne!(run.code, 0);
        let message = "identifier: must begin with zdg- for the client to work in every account";
        assert!(run.err.contains(message), "{}", run.err);
    }
}

#[test]
fn the_prefix_is_the_operators_choice() {
    let place = Place::seeded();
    place.write("consentry.toml", "global_client_prefix = \"demo-\"\n");
    assert_eq!(place.run(&["client", "promote", "demo-web"]).code, 0);
}

#[test]
fn there_may_be_nothing_to_decide() {
    let place = Place::seeded();
    assert_eq!(place.run(&["client", "requests", "-o", "json"]).out, "[]\n");
    let run = place.run(&["client", "refuse", "demo-web", "--reason", "not yet"]);
    let message = "error: nobody asks to make \"demo-web\" global\n";
    assert_eq!((run.code, run.err.as_str()), (3, message));
}

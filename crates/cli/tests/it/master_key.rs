//! The master key as an operator meets it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::support::{Place, Run, finished};

fn list_with(place: &Place, name: &str, value: &str) -> Run {
    let mut command = place.command();
    finished(command.env(name, value).args(["client", "list"]).output().expect("runs"))
}

// CR-02
#[test]
fn a_missing_key_is_made_for_an_empty_database_only() {
    let place = Place::seeded();
    let key = place.path().join("data/master.key");
    let mode = fs::metadata(&key).expect("was made").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    fs::remove_file(&key).expect("removes");
    for command in [&["client", "list"][..], &["serve", "--listen", "127.0.0.1:0"]] {
        let run = place.run(command);
        assert_eq!(run.code, 5, "{}", run.err);
        let start = "error: the database is there but its master key is not: put the key back at \
                     data/master.key";
        assert!(run.err.starts_with(start), "{}", run.err);
        assert!(!key.exists());
    }
}

// CR-02
#[test]
fn a_weak_exposed_or_foreign_key_is_refused() {
    let place = Place::seeded();
    let foreign = "oX3kL0cXm1yqv0lF2cVxqg4Yt8H5J0G7b9nQwErTzUI=";
    let advice = "the database is there already: put the key back; a new key could open nothing of \
                  what is stored";
    for (value, code, message) in [
        ("", 2, format!("CONSENTRY_MASTER_KEY: the master key is empty; {advice}")),
        (
            "secret",
            2,
            format!(
                "CONSENTRY_MASTER_KEY: the master key is neither base64 nor hexadecimal; {advice}"
            ),
        ),
        (
            "c2VjcmV0",
            2,
            format!("CONSENTRY_MASTER_KEY: the master key has 6 bytes and needs 32; {advice}"),
        ),
        (
            foreign,
            5,
            "the master key is not the one this database was made with; nothing was changed"
                .to_owned(),
        ),
    ] {
        let run = list_with(&place, "CONSENTRY_MASTER_KEY", value);
        assert_eq!((run.code, run.err), (code, format!("error: {message}\n")), "{value}");
    }
    let path = place.write("exposed.key", foreign);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("sets");
    let run = list_with(&place, "CONSENTRY_MASTER_KEY_FILE", "exposed.key");
    assert_eq!(run.code, 2);
    assert_eq!(
        run.err,
        "error: exposed.key: everybody on this machine can read or change the master key (mode \
         644); take that away with `chmod 600 exposed.key`\n"
    );
}

#[test]
fn the_right_key_works_from_wherever_it_comes() {
    let place = Place::seeded();
    let key = fs::read_to_string(place.path().join("data/master.key")).expect("is there");
    fs::create_dir(place.path().join("credentials")).expect("makes");
    fs::rename(
        place.path().join("data/master.key"),
        place.path().join("credentials/consentry-master-key"),
    )
    .expect("moves");
    assert_eq!(list_with(&place, "CONSENTRY_MASTER_KEY", &key).code, 0);
    let file = "credentials/consentry-master-key";
    assert_eq!(list_with(&place, "CONSENTRY_MASTER_KEY_FILE", file).code, 0);
    assert_eq!(list_with(&place, "CREDENTIALS_DIRECTORY", "credentials").code, 0);
}

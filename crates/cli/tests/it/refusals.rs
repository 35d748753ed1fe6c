//! Bad input: what is said, and the exit code.

use std::net::TcpListener;

use crate::support::Place;

#[test]
fn each_kind_of_refusal_has_its_code_and_says_why() {
    let place = Place::seeded();
    place.write("wrong.toml", "[[users]]\nemail = \"a@b\"\n");
    place.write("broken.toml", "[server\n");
    for (arguments, code, message) in [
        (&["nonsense"][..], 2, "error: unrecognized subcommand 'nonsense'"),
        (&["user", "create", "ada"], 2, "error: \"ada\" must look like name@example.com\n"),
        (&["--config", "broken.toml", "client", "list"], 2, "error: broken.toml:1: "),
        (
            &["--config", "absent.toml", "client", "list"],
            2,
            "error: absent.toml: cannot be read: No such file or directory (os error 2)\n",
        ),
        (&["serve", "--listen", "x"], 2, "error: --listen: server.listen: \"x\" is not an address"),
        (
            &["migrate", "up", "--database-url", "sqlite:"],
            2,
            "error: --database-url: database.url: names no file; write \"sqlite:path/to/file.db\"",
        ),
        (&["client", "show", "absent"], 3, "error: no client \"absent\" in \"demo\"\n"),
        (&["client", "list", "--account", "nobody"], 3, "error: no account \"nobody\"\n"),
        (&["user", "suspend", "x@y.example"], 3, "error: no user \"x@y.example\" in \"demo\"\n"),
        (
            &["user", "create", "ALICE@example.com"],
            5,
            "error: the e-mail address is already in use\n",
        ),
        (
            &["apply", "wrong.toml"],
            5,
            "error: wrong.toml:1: users[0].account: is missing; write account = \"demo\"\n",
        ),
        (
            &["dev", "--data-dir", "data", "--listen", "127.0.0.1:0"],
            5,
            "error: the database is not empty (accounts: 1): `dev` needs one of its own",
        ),
        (
            &["client", "list", "--data-dir", "absent"],
            6,
            "error: there is no database at absent/consentry.db: `consentry serve` makes one",
        ),
        (
            &["client", "list", "--database-url", "postgres://nobody:secret@127.0.0.1:port/none"],
            2,
            "error: ",
        ),
        (
            &["client", "list", "--database-url", "postgres://nobody:secret@127.0.0.1:1/none"],
            6,
            "error: ",
        ),
    ] {
        let run = place.run(arguments);
        assert_eq!(run.code, code, "{arguments:?}: {}", run.err);
        assert!(run.err.starts_with(message), "{arguments:?}: {}", run.err);
        assert!(!run.err.contains("secret@"), "{}", run.err);
        assert_eq!(run.out, "", "{arguments:?}");
    }
}

#[test]
fn the_folder_of_a_named_database_is_not_made() {
    let place = Place::empty();
    let run = place.run(&["migrate", "up", "--database-url", "sqlite:absent/consentry.db"]);
    let message = "error: the database is not available: the folder absent does not exist\n";
    assert_eq!((run.code, run.err.as_str()), (6, message));
    assert!(!place.path().join("absent").exists());
}

#[test]
fn a_taken_port_is_named_and_leaves_no_trace() {
    let place = Place::empty();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address").to_string();
    for command in ["serve", "dev"] {
        let run = place.run(&[command, "--listen", &address]);
        let message =
            format!("error: {address} is taken by another program: choose another with --listen\n");
        assert_eq!((run.code, run.err), (1, message));
    }
    assert!(!place.path().join("data").exists());
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let place = Place::empty();
    let noise = "this is not a database, whatever its name says\n".repeat(50);
    let path = place.write("noise.db", &noise);
    let url = format!("sqlite:{}", path.display());
    let run = place.run(&["migrate", "status", "--database-url", &url]);
    assert_eq!(run.code, 6, "{}", run.err);
    assert!(run.err.starts_with("error: "), "{}", run.err);
    assert_eq!(std::fs::read_to_string(path).expect("is there"), noise);
}

#[test]
fn a_wrong_environment_is_named() {
    let place = Place::empty();
    let mut command = place.command();
    let output = command.env("CONSENTRY_SERVER__LISTENN", "x").args(["migrate", "status"]).output();
    let run = crate::support::finished(output.expect("runs"));
    assert_eq!(run.code, 2);
    assert_eq!(
        run.err,
        "error: CONSENTRY_SERVER__LISTENN: unknown variable; did you mean \
         CONSENTRY_SERVER__LISTEN?\n"
    );
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let place = Place::seeded();
    let binary = assert_cmd::cargo::cargo_bin!("consentry");
    for arguments in ["client list", "completion bash", "--help"] {
        let script = format!("{} {arguments} | true; exit ${{PIPESTATUS[0]}}", binary.display());
        let mut shell = assert_cmd::Command::new("bash");
        let output = shell.current_dir(place.path()).args(["-c", &script]).output();
        let run = crate::support::finished(output.expect("runs"));
        assert!(!run.err.contains("panicked"), "{arguments}: {}", run.err);
        assert_eq!(run.code, 0, "{arguments}: {}", run.err);
    }
}

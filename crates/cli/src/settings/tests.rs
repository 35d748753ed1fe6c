//! Settings that are wrong, each with exactly what is said about it; and which layer wins.

use super::*;

fn environment(variables: &[(&str, &str)]) -> Sources {
    let environment =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Sources { environment, ..Sources::default() }
}

fn in_file(text: &str) -> (tempfile::TempDir, Sources) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("consentry.toml");
    std::fs::write(&path, text).expect("writes");
    (folder, Sources { file: Some(path), ..Sources::default() })
}

fn said(sources: Sources) -> String {
    Settings::load(sources).err().map_or_else(String::new, |faults| faults.to_string())
}

#[test]
fn without_any_setting_everything_has_a_default() {
    let settings = Settings::load(Sources::default()).expect("loads");
    assert_eq!(settings.server.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(settings.server.management_listen.to_string(), "127.0.0.1:9090");
    assert_eq!(settings.server.local_url("localhost", 8080), "http://localhost:8080");
    let Database::Sqlite { path } = settings.database else { panic!("SQLite by default") };
    assert_eq!(path.to_str(), Some("data/consentry.db"));
    let MasterKeySource::DataDir(path) = settings.master_key else { panic!("beside the database") };
    assert_eq!(path.to_str(), Some("data/master.key"));
    assert!(!settings.data_is_given);
}

#[test]
fn signing_keys_are_rotated_by_age_or_never() {
    for (text, age) in [
        ("", Some(Lifetime::days(90))),
        ("[keys]\nrotate_after = \"30d\"\n", Some(Lifetime::days(30))),
        ("[keys]\nrotate_after = \"never\"\n", None),
    ] {
        let (_folder, sources) = in_file(text);
        assert_eq!(Settings::load(sources).expect("loads").key_rotation, age, "{text}");
    }
}

#[test]
fn a_wrong_line_of_the_file_is_named() {
    for (text, message) in [
        (
            "[server]\nlisten = \"8080\"\n",
            "2: server.listen: \"8080\" is not an address; write an IP address and a port, like \"127.0.0.1:8080\"",
        ),
        ("[server]\nlistn = \"x\"\n", "2: server.listn: unknown key; did you mean \"listen\"?"),
        (
            "global_client_prefix = \"a b\"\n",
            "1: global_client_prefix: \"a b\" begins no identifier; use 1 to 32 of A-Z a-z 0-9 . _ ~ -",
        ),
        (
            "[keys]\nrotate_after = \"1h\"\n",
            "2: keys.rotate_after: \"1h\" is not an age; write at least 1d, or \"never\"",
        ),
        ("[sever]\n", "1: sever: unknown key; did you mean \"server\"?"),
        ("data-dir = \"x\"\n", "1: data-dir: unknown key; did you mean \"data_dir\"?"),
        (
            "[server]\nlisten = true\n",
            "2: server.listen: is of type boolean; it should be a string in quotes",
        ),
        (
            "[server]\npublic_url = \"http://auth.example\"\n",
            "2: server.public_url: \"http://auth.example\" must begin with https://: http is for loopback hosts only",
        ),
        (
            "[server]\npublic_url = \"https://*.example.com\"\n",
            "2: server.public_url: \"https://*.example.com\" must be one address: a * may stand in the base URLs of accounts only",
        ),
        (
            "[server]\ntrusted_proxies = [\"10.0.0.0/8\", \"ten\"]\n",
            "2: server.trusted_proxies: \"ten\" is not a network; write it like \"10.0.0.0/8\"",
        ),
        (
            "[server]\ntls_cert = \"cert.pem\"\n",
            "2: server.tls_cert: stands alone; set server.tls_key too",
        ),
        (
            "[database]\nurl = \"mysql://secret\"\n",
            "2: database.url: is not the address of a database; write \"postgres://user@host/name\" or \"sqlite:path/to/file.db\"",
        ),
        (
            "[database]\nmax_connections = 0\n",
            "2: database.max_connections: \"0\" is not a number from 1 to 1000",
        ),
        (
            "[log]\nlevel = \"inof\"\n",
            "2: log.level: \"inof\" is not one of error, warn, info, debug, trace; did you mean \"info\"?",
        ),
        ("master_key = \"x\"\n", "1: master_key: unknown key; did you mean \"master_key_file\"?"),
    ] {
        let (folder, sources) = in_file(text);
        let said = said(sources);
        let place = format!("{}:", folder.path().join("consentry.toml").display());
        assert_eq!(said.strip_prefix(&place), Some(message), "{text}: {said}");
    }
}

#[test]
fn a_wrong_variable_is_named() {
    for (name, value, message) in [
        (
            "CONSENTRY_SERVER__LISTEN",
            "",
            "CONSENTRY_SERVER__LISTEN: server.listen: \"\" is not an address; write an IP address and a port, like \"127.0.0.1:8080\"",
        ),
        (
            "CONSENTRY_SERVER__LISTENS",
            "x",
            "CONSENTRY_SERVER__LISTENS: unknown variable; did you mean CONSENTRY_SERVER__LISTEN?",
        ),
        (
            "CONSENTRY_SERVER_LISTEN",
            "x",
            "CONSENTRY_SERVER_LISTEN: unknown variable; did you mean CONSENTRY_SERVER__LISTEN?",
        ),
        (
            "CONSENTRY_DATABASE__URL_FILE",
            "/nowhere/url",
            "CONSENTRY_DATABASE__URL_FILE: database.url: /nowhere/url cannot be read: No such file or directory (os error 2)",
        ),
    ] {
        assert_eq!(said(environment(&[(name, value)])), message);
    }
    let both = environment(&[
        ("CONSENTRY_DATABASE__URL", "sqlite:a"),
        ("CONSENTRY_DATABASE__URL_FILE", "b"),
    ]);
    assert_eq!(
        said(both),
        "CONSENTRY_DATABASE__URL_FILE: database.url: stands beside CONSENTRY_DATABASE__URL; keep \
         one of them"
    );
}

#[test]
fn variables_that_only_look_like_ours_are_left_alone() {
    let sources = environment(&[
        ("CONSENTRY_PORT_8080_TCP", "tcp://10.0.0.1:8080"),
        ("CONSENTRY_SERVICE_HOST", "10.0.0.1"),
        ("CONSENTRY_TEST_POSTGRES", "postgres://localhost/test"),
        ("PATH", "/bin"),
    ]);
    assert_eq!(said(sources), "");
}

#[test]
fn flags_win_over_the_environment_and_that_over_the_file() {
    let (_folder, mut sources) = in_file(
        "[server]\nlisten = \"127.0.0.1:1\"\nmanagement_listen = \"127.0.0.1:1\"\n\
         public_url = \"https://file.example\"\n",
    );
    sources.environment = environment(&[
        ("CONSENTRY_SERVER__LISTEN", "127.0.0.1:2"),
        ("CONSENTRY_SERVER__MANAGEMENT_LISTEN", "127.0.0.1:2"),
    ])
    .environment;
    let values = vec!["127.0.0.1:3".to_owned()];
    sources.flags = vec![Flag { key: "server.listen", name: "--listen", values }];
    let server = Settings::load(sources).expect("loads").server;
    assert_eq!(server.listen.port(), 3);
    assert_eq!(server.management_listen.port(), 2);
    assert_eq!(server.public_url.expect("is given").as_str(), "https://file.example");
}

#[test]
fn a_flag_that_is_wrong_is_named() {
    let values = vec!["http://auth.example/".to_owned()];
    let flags = vec![Flag { key: "server.public_url", name: "--public-url", values }];
    assert_eq!(
        said(Sources { flags, ..Sources::default() }),
        "--public-url: server.public_url: \"http://auth.example/\" must begin with https://: http \
         is for loopback hosts only"
    );
}

#[test]
fn a_list_may_be_one_variable() {
    let name = "CONSENTRY_SERVER__TRUSTED_PROXIES";
    let settings =
        Settings::load(environment(&[(name, "10.0.0.0/8, 192.0.2.1,fd00::/8")])).expect("loads");
    let proxies: Vec<_> = settings.server.trusted_proxies.iter().map(ToString::to_string).collect();
    assert_eq!(proxies, ["10.0.0.0/8", "192.0.2.1/32", "fd00::/8"]);
}

#[test]
fn the_master_key_comes_from_one_place() {
    let key = ("CONSENTRY_MASTER_KEY", "x");
    let file = ("CONSENTRY_MASTER_KEY_FILE", "key");
    let given = Settings::load(environment(&[key])).expect("loads").master_key;
    assert!(matches!(given, MasterKeySource::Given(_)));
    let named = Settings::load(environment(&[file])).expect("loads").master_key;
    assert!(matches!(named, MasterKeySource::File(path) if path.to_str() == Some("key")));
    assert_eq!(
        said(environment(&[key, file])),
        "CONSENTRY_MASTER_KEY_FILE: master_key_file: stands beside CONSENTRY_MASTER_KEY; keep one \
         of them"
    );
    let folder = tempfile::tempdir().expect("a temporary folder");
    let credential = folder.path().join("consentry-master-key");
    std::fs::write(&credential, "x").expect("writes");
    let variable = ("CREDENTIALS_DIRECTORY", folder.path().to_str().expect("is text"));
    let systemd = Settings::load(environment(&[variable])).expect("loads").master_key;
    assert!(matches!(systemd, MasterKeySource::File(path) if path == credential));
}

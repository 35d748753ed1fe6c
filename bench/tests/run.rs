//! The benchmark works: everything is measured for a moment, and every reply is as expected.
//!
//! Nothing here looks at how quick anything is.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The paths of the table, at one number of connections.
const PATHS: usize = 10;

#[test]
fn every_path_is_measured_without_a_bad_reply() {
    measures_every_path("sqlite");
}

#[test]
#[cfg_attr(not(postgres_available), ignore = "needs PostgreSQL: set CONSENTRY_TEST_POSTGRES")]
fn every_path_is_measured_on_postgres() {
    measures_every_path(&postgres());
}

#[test]
fn an_overload_is_watched_to_its_end() {
    let arguments = ["overload", "--seconds", "0.3", "--factor", "2", "--connections", "32"];
    let printed = prints(bench().args(arguments).arg("--server").arg(server()));
    let revocations = printed.lines().find(|line| line.starts_with("| revocation |"));
    assert!(revocations.is_some_and(|line| line.contains(" 0 bad")), "{printed}");
}

#[test]
#[cfg_attr(not(postgres_available), ignore = "needs PostgreSQL: set CONSENTRY_TEST_POSTGRES")]
fn several_nodes_are_held_against_one() {
    let arguments = ["nodes", "--seconds", "0.2", "--repeats", "1", "--connections", "4"];
    let database = postgres();
    let printed =
        prints(bench().args(arguments).args(["--database", &database, "--server"]).arg(server()));
    assert_eq!(printed.lines().filter(|line| line.ends_with("| 1.1 |")).count(), 4, "{printed}");
}

#[test]
fn what_would_measure_nothing_is_refused() {
    for [option, value] in [["--connections", "0"], ["--seconds", "0"], ["--seconds", "-1"]] {
        let told = bench().args(["run", &format!("{option}={value}")]).output().expect("it runs");
        assert_eq!(told.status.code(), Some(2), "{told:?}");
        assert!(String::from_utf8_lossy(&told.stderr).contains("expected a number of"), "{told:?}");
    }
}

#[test]
fn several_nodes_need_a_database_that_they_share() {
    let told = bench().args(["nodes", "--server"]).arg(server()).output().expect("it runs");
    assert!(!told.status.success());
    assert!(String::from_utf8_lossy(&told.stderr).contains("--database"), "{told:?}");
}

#[test]
fn a_crowd_is_let_in_and_asks() {
    asks_in_a_crowd("sqlite");
}

#[test]
#[cfg_attr(not(postgres_available), ignore = "needs PostgreSQL: set CONSENTRY_TEST_POSTGRES")]
fn a_crowd_is_let_in_and_asks_on_postgres() {
    asks_in_a_crowd(&postgres());
}

fn measures_every_path(database: &str) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("figures.json");
    let mut command = bench();
    command.args(["run", "--connections", "4", "--seconds", "0.2", "--repeats", "1"]);
    command.args(["--database", database, "--server"]).arg(server());
    prints(command.arg("--json").arg(&file));
    let report = std::fs::read_to_string(file).expect("the figures are written");
    let report: Value = serde_json::from_str(&report).expect("the figures are JSON");
    let rows = report["rows"].as_array().expect("there are rows");
    assert_eq!(rows.len(), PATHS);
    for row in rows {
        assert!(row["product"]["per_second"].as_f64() > Some(0.0), "{row:#}");
        assert_eq!(row["product"]["bad"], 0, "{row:#}");
    }
    assert!(report["vitals"]["idle_mib"].as_f64() > Some(0.0), "{report:#}");
}

/// Rows that were copied work as those that the server made: clients of the crowd get tokens and ask about them.
fn asks_in_a_crowd(database: &str) {
    let mut command = bench();
    command.args([
        "growth",
        "--clients",
        "70",
        "--users",
        "70",
        "--grants",
        "70",
        "--tokens",
        "200",
    ]);
    command.args(["--connections", "4", "--seconds", "0.1", "--repeats", "1"]);
    let printed = prints(command.args(["--database", database, "--server"]).arg(server()));
    assert_eq!(
        printed.lines().filter(|line| line.ends_with("| 1.3 |")).count(),
        PATHS,
        "{printed}"
    );
}

/// What a command prints that must succeed.
fn prints(command: &mut Command) -> String {
    let output = command.output().expect("the benchmark runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("the benchmark prints text")
}

fn bench() -> Command {
    Command::new(env!("CARGO_BIN_EXE_bench"))
}

#[expect(clippy::disallowed_methods, reason = "a test has no settings")]
fn postgres() -> String {
    std::env::var("CONSENTRY_TEST_POSTGRES").expect("the build script has seen it")
}

/// The server of the same build, which Cargo makes for the tests of the workspace; alone, this test makes it.
fn server() -> PathBuf {
    static BUILT: std::sync::Once = std::sync::Once::new();
    let server = Path::new(env!("CARGO_BIN_EXE_bench")).with_file_name("consentry");
    BUILT.call_once(|| {
        if !server.exists() {
            let mut build = Command::new(env!("CARGO"));
            build.args(["build", "--package", "consentry", "--bin", "consentry"]);
            assert!(build.status().is_ok_and(|status| status.success()), "the server is built");
        }
    });
    server
}

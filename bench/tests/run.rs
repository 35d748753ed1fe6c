//! The benchmark works: every path is measured for a moment, and every reply is as expected.
//!
//! Nothing here looks at how quick anything is.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The paths of the table, at one number of connections.
const PATHS: usize = 10;

#[test]
fn every_path_is_measured_without_a_bad_reply() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("figures.json");
    let output = bench()
        .args(["run", "--connections", "4", "--seconds", "0.2", "--repeats", "1", "--server"])
        .arg(server())
        .arg("--json")
        .arg(&file)
        .output()
        .expect("the benchmark runs");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
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

fn bench() -> Command {
    Command::new(env!("CARGO_BIN_EXE_bench"))
}

/// The server of the same build, which Cargo makes for the tests of the workspace; alone, this test makes it.
fn server() -> PathBuf {
    let server = Path::new(env!("CARGO_BIN_EXE_bench")).with_file_name("consentry");
    if !server.exists() {
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--package", "consentry", "--bin", "consentry"]);
        assert!(build.status().is_ok_and(|status| status.success()), "the server is built");
    }
    server
}

//! What may come into the build: nothing that deny.toml bans, nothing from elsewhere, one version of what matters.

use std::{collections::BTreeSet, process::Command};

use xtask::tree::Tree;

use crate::{Findings, TREE};

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Crates of which two versions would be two stacks, or two sets of faults to follow.
const ONE_VERSION: &[&str] = &[
    "aws-lc-rs",
    "aws-lc-sys",
    "axum",
    "h2",
    "http",
    "hyper",
    "jsonwebtoken",
    "libsqlite3-sys",
    "reqwest",
    "ring",
    "rustls",
    "rustls-webpki",
    "tokio",
    "tokio-postgres",
    "tower",
];

/// The edges to all that is built, for tests too.
pub(crate) const BUILT: &str = "normal,build,dev";

/// The edges to what ends in the binary.
pub(crate) const SHIPPED: &str = "normal";

/// A package that is really built: the lock file also holds what no feature turns on.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) licence: String,
}

/// The lists of deny.toml.
#[derive(Debug)]
pub(crate) struct Denials {
    pub(crate) licences: BTreeSet<String>,
    pub(crate) exceptions: BTreeSet<String>,
    pub(crate) crates: BTreeSet<String>,
    /// Those of them that a crate of the tests may bring along.
    pub(crate) in_tests: BTreeSet<String>,
}

// CR-06: among them `rsa`, whose private-key operations leak by time.
#[test]
fn banned_crates_stay_out() {
    let denials = denials();
    let everywhere = &denials.crates - &denials.in_tests;
    bans(&packages(BUILT), &everywhere).require("deny.toml says why these crates stay out.");
    bans(&packages(SHIPPED), &denials.crates).require("Only tests may bring these along.");
}

#[test]
fn what_matters_comes_in_one_version() {
    duplicates(&packages(SHIPPED))
        .require("One version of each: settle on one in the root Cargo.toml.");
}

#[test]
fn dependencies_come_from_crates_io() {
    origins(&TREE)
        .require("Dependencies come from crates.io, and the lock file says nothing else.");
}

/// What is built on this machine along the given edges, as Cargo's tree prints it.
pub(crate) fn packages(edges: &str) -> Vec<Package> {
    let options = [
        "tree",
        "--workspace",
        "--locked",
        "--offline",
        "--prefix",
        "none",
        "--format",
        "{p}\t{l}",
    ];
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(TREE.root()).args(options).args(["--edges", edges]);
    let output = command.output().expect("Cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout).expect("Cargo writes UTF-8");
    printed.lines().filter_map(package).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Reads `name v1.2.3 (…)`, a tab, and the licence; `(*)` marks a line that came before.
fn package(line: &str) -> Option<Package> {
    let (package, licence) = line.trim_end_matches(" (*)").split_once('\t')?;
    let mut words = package.split_whitespace();
    Some(Package {
        name: words.next()?.to_owned(),
        version: words.next()?.trim_start_matches('v').to_owned(),
        licence: licence.to_owned(),
    })
}

/// Reads deny.toml.
pub(crate) fn denials() -> Denials {
    let file = TREE.file("deny.toml").expect("deny.toml is at the root");
    let deny: toml::Table = file.text.parse().expect("deny.toml is TOML");
    let array = |table: &str, key: &str| deny[table][key].as_array().cloned().unwrap_or_default();
    let crates = |key: (&str, &str)| {
        let entries = array(key.0, key.1).into_iter();
        entries.filter_map(|entry| entry["crate"].as_str().map(str::to_owned)).collect()
    };
    let in_tests =
        array("bans", "deny").into_iter().filter(|entry| entry.get("wrappers").is_some());
    let in_tests =
        in_tests.filter_map(|entry| entry["crate"].as_str().map(str::to_owned)).collect();
    let licences = array("licenses", "allow");
    Denials {
        licences: licences.iter().filter_map(toml::Value::as_str).map(str::to_owned).collect(),
        exceptions: crates(("licenses", "exceptions")),
        crates: crates(("bans", "deny")),
        in_tests,
    }
}

fn bans(packages: &[Package], banned: &BTreeSet<String>) -> Findings {
    let mut findings = Findings::default();
    for package in packages {
        findings.look();
        if banned.contains(&package.name) {
            findings.fault(&package.name, &package.version);
        }
    }
    findings
}

fn duplicates(packages: &[Package]) -> Findings {
    let mut findings = Findings::default();
    for name in ONE_VERSION {
        let versions: Vec<_> = packages
            .iter()
            .filter(|package| package.name == *name)
            .map(|package| &package.version)
            .collect();
        findings.looked_at += versions.len();
        if versions.len() > 1 {
            findings.fault(name, format_args!("{versions:?}"));
        }
    }
    findings
}

fn origins(tree: &Tree) -> Findings {
    let mut findings = Findings::default();
    let lock = tree.file("Cargo.lock").map_or("", |lock| &lock.text);
    for (index, line) in lock.lines().enumerate() {
        let Some(source) = line.strip_prefix("source = ") else { continue };
        findings.look();
        if source.trim_matches('"') != CRATES_IO {
            findings.fault(format_args!("Cargo.lock:{}", index + 1), source);
        }
    }
    findings
}

#[test]
fn bad_dependencies_are_found() {
    let package = |name: &str, version: &str| Package {
        name: name.to_owned(),
        version: version.to_owned(),
        licence: String::new(),
    };
    let packages =
        [package("openssl", "0.10.1"), package("rustls", "0.22.0"), package("rustls", "0.23.0")];
    assert_eq!(bans(&packages, &["openssl".to_owned()].into()).faults, ["openssl: 0.10.1"]);
    assert_eq!(duplicates(&packages).faults.len(), 1);
    let lock = "[[package]]\nsource = \"git+https://example.com/x\"\n";
    assert_eq!(origins(&Tree::of_samples(&[("Cargo.lock", lock)])).faults.len(), 1);
}

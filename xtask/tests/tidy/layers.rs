//! Which crate may know which: arrows point down only, and versions stand in one place.

use toml::{Table, Value};
use xtask::tree::{TextFile, Tree};

use crate::{Findings, TREE};

/// Each crate, the crates of ours that it may depend on, and the foreign ones that would break what it promises.
const LAYERS: &[(&str, &[&str], &[&str])] = &[
    (
        "cli",
        &["web", "protocol", "store", "domain", "sdk", "wire"],
        &["rusqlite", "tokio-postgres"],
    ),
    ("sdk", &["wire", "domain"], &["axum", "rusqlite", "tokio-postgres"]),
    ("web", &["protocol", "wire", "store", "domain"], &["rusqlite", "tokio-postgres"]),
    (
        "protocol",
        &["wire", "store", "domain"],
        &["axum", "askama", "http", "rusqlite", "tokio-postgres"],
    ),
    ("store", &["domain"], &["axum", "askama", "http"]),
    ("wire", &["domain"], &["axum", "tokio", "rusqlite", "tokio-postgres"]),
    (
        "domain",
        &[],
        &["tokio", "futures-util", "axum", "rusqlite", "tokio-postgres", "rand", "getrandom"],
    ),
];

#[test]
fn arrows_point_down_only() {
    arrows(&TREE)
        .require("A crate depends only on those below it (ARCHITECTURE.md has the table).");
}

#[test]
fn the_table_of_layers_is_complete() {
    layers(&TREE).require("Every crate has its place in the layers.");
}

#[test]
fn versions_stand_in_the_root_manifest_only() {
    versions(&TREE)
        .require("Write `name.workspace = true`, and the version in the root Cargo.toml.");
}

#[test]
fn lints_are_those_of_the_workspace() {
    lints(&TREE).require("Every crate has `[lints] workspace = true`.");
}

fn arrows(tree: &Tree) -> Findings {
    let mut findings = Findings::default();
    for (name, may, must_not) in LAYERS {
        let Some(manifest) = tree.file(&format!("crates/{name}/Cargo.toml")) else { continue };
        for (dependency, _) in dependencies(manifest, &["dependencies", "build-dependencies"]) {
            findings.look();
            let is_ours = LAYERS.iter().any(|(ours, ..)| *ours == dependency);
            if (is_ours && !may.contains(&dependency.as_str()))
                || must_not.contains(&dependency.as_str())
            {
                findings
                    .fault(&manifest.path, format_args!("`{name}` must not know `{dependency}`"));
            }
        }
    }
    findings
}

fn layers(tree: &Tree) -> Findings {
    let mut findings = Findings::default();
    for manifest in manifests(tree).filter(|file| file.path.starts_with("crates/")) {
        findings.look();
        let name = manifest.folder().trim_start_matches("crates/");
        if !LAYERS.iter().any(|(layer, ..)| *layer == name) {
            findings.fault(&manifest.path, "this crate has no place in the layers");
        }
    }
    findings
}

fn versions(tree: &Tree) -> Findings {
    let mut findings = Findings::default();
    let tables = ["dependencies", "build-dependencies", "dev-dependencies"];
    for manifest in manifests(tree) {
        for (name, value) in dependencies(manifest, &tables) {
            findings.look();
            let inherits = value.get("workspace").and_then(Value::as_bool) == Some(true);
            if !inherits {
                findings.fault(&manifest.path, format_args!("`{name}` is not inherited"));
            }
        }
    }
    findings
}

fn lints(tree: &Tree) -> Findings {
    let mut findings = Findings::default();
    for manifest in manifests(tree) {
        findings.look();
        let lints = parsed(manifest).get("lints").and_then(|lints| lints.get("workspace").cloned());
        if lints != Some(Value::Boolean(true)) {
            findings.fault(&manifest.path, "its lints are its own");
        }
    }
    findings
}

/// The manifests of the members.
fn manifests(tree: &Tree) -> impl Iterator<Item = &TextFile> {
    tree.files().iter().filter(|file| {
        file.name() == "Cargo.toml"
            && ["crates/", "bench/", "xtask/"].iter().any(|member| file.path.starts_with(member))
    })
}

/// The entries of the named tables of a manifest, those for one platform included.
fn dependencies(manifest: &TextFile, tables: &[&str]) -> Vec<(String, Value)> {
    let manifest = parsed(manifest);
    let platforms = manifest.get("target").and_then(Value::as_table).into_iter().flatten();
    let platforms = platforms.filter_map(|(_, platform)| platform.as_table());
    let mut found = Vec::new();
    for scope in std::iter::once(&manifest).chain(platforms) {
        for table in tables.iter().filter_map(|table| scope.get(*table)?.as_table()) {
            found.extend(table.clone());
        }
    }
    found
}

fn parsed(manifest: &TextFile) -> Table {
    manifest.text.parse().expect("Cargo has read this manifest before")
}

#[test]
fn bad_manifests_are_found() {
    let tree = Tree::of_samples(&[
        ("crates/store/Cargo.toml", "[dependencies]\nwire.workspace = true\nserde = \"1\"\n"),
        ("crates/domain/Cargo.toml", "[target.x.dependencies]\ntokio.workspace = true\n"),
        ("crates/extra/Cargo.toml", "[lints]\nworkspace = true\n"),
    ]);
    assert_eq!(arrows(&tree).faults.len(), 2);
    assert_eq!(
        layers(&tree).faults,
        ["crates/extra/Cargo.toml: this crate has no place in the layers"]
    );
    assert_eq!(versions(&tree).faults, ["crates/store/Cargo.toml: `serde` is not inherited"]);
    assert_eq!(lints(&tree).faults.len(), 2);
}

//! Requirements and attack cases: each one that is covered has a test which names it, and the tables say which.

use std::collections::BTreeSet;

use xtask::{identifiers, tables, tree::Tree};

use crate::{Findings, TREE};

#[test]
fn what_is_covered_has_a_test() {
    covered(&TREE).require(
        "A row says `covered` and a test names its id, or it says `later: …` and what it needs.",
    );
}

#[test]
fn tests_name_ids_that_exist() {
    known(&TREE).require("An id that a test names has a row in a table of docs/.");
}

#[test]
fn the_tables_are_up_to_date() {
    current(&TREE).require("Run `cargo run -p xtask -- ids`: it writes the column of tests.");
}

#[test]
fn an_id_has_one_row() {
    unique(&TREE).require("An id stands in one row.");
}

fn covered(tree: &Tree) -> Findings {
    let mut findings = Findings::default();
    let proofs = tables::proofs(tree);
    for (document, row) in rows(tree) {
        findings.look();
        let place = format!("{document}: {}", row.ids.join(" "));
        if row.standing == tables::COVERED && !row.ids.iter().all(|id| proofs.contains_key(id)) {
            findings.fault(place, "covered, but no test names it");
        } else if row.standing != tables::COVERED && !row.standing.starts_with(tables::LATER) {
            findings.fault(place, format_args!("`{}` is no standing", row.standing));
        }
    }
    findings
}

fn known(tree: &Tree) -> Findings {
    let mut findings = Findings::default();
    let ids: BTreeSet<String> = rows(tree).into_iter().flat_map(|(_, row)| row.ids).collect();
    let lists: BTreeSet<&str> = ids.iter().map(|id| identifiers::list(id)).collect();
    for (id, proofs) in tables::proofs(tree) {
        findings.look();
        let place = proofs.first().map_or("", |proof| &proof.path);
        if lists.contains(identifiers::list(&id)) && !ids.contains(&id) {
            findings.fault(place, format_args!("{id} is in no table"));
        }
    }
    findings
}

fn current(tree: &Tree) -> Findings {
    let mut findings = Findings::default();
    let proofs = tables::proofs(tree);
    for file in documents(tree) {
        findings.look();
        if tables::rewritten(&file.text, &proofs) != file.text {
            findings.fault(&file.path, "out of date");
        }
    }
    findings
}

fn unique(tree: &Tree) -> Findings {
    let mut findings = Findings::default();
    let mut seen = BTreeSet::new();
    for (document, row) in rows(tree) {
        findings.look();
        for id in row.ids.into_iter().filter(|id| !seen.insert(id.clone())) {
            findings.fault(document, format_args!("{id} stands there twice"));
        }
    }
    findings
}

fn documents(tree: &Tree) -> impl Iterator<Item = &xtask::tree::TextFile> {
    tables::DOCUMENTS.iter().filter_map(|document| tree.file(document))
}

fn rows(tree: &Tree) -> Vec<(&str, tables::Row)> {
    let rows = documents(tree).map(|file| (file.path.as_str(), tables::rows(&file.text)));
    rows.flat_map(|(path, rows)| rows.into_iter().map(move |row| (path, row))).collect()
}

#[test]
fn bad_tables_are_found() {
    let table =
        "| B-01 | x | covered | |\n| B-02 | x | soon | |\n| B-02 | x | later: needs y | |\n";
    let test = "#[test]\nfn a() {} // B-03\n";
    let tree =
        Tree::of_samples(&[("docs/requirements.md", table), ("crates/web/tests/it/a.rs", test)]);
    assert_eq!(covered(&tree).faults.len(), 2);
    assert_eq!(known(&tree).faults, ["crates/web/tests/it/a.rs: B-03 is in no table"]);
    assert_eq!(current(&tree).faults.len(), 1);
    assert_eq!(unique(&tree).faults, ["docs/requirements.md: B-02 stands there twice"]);
}

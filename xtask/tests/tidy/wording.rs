//! Words that belong to one machine or to the making of a change, not to the product.

use xtask::tree::Tree;

use crate::{Findings, TREE};

/// Where these lists stand.
const THIS_FILE: &str = "xtask/tests/tidy/wording.rs";

/// Folders of somebody's machine.
const MACHINE_PATHS: &[&str] =
    &["/home/", "/root/", "/Users/", "C:\\Users", "/work/", "/tmp/plan", "../shared"];

/// Places that packages could come from, besides crates.io.
const REGISTRIES: &[&str] =
    &["replace-with", "sparse+http", "artifactory", "jfrog", "codeartifact", "verdaccio", "devpi"];

/// Notes that people pass to each other while they work: they go into the commit, not into the tree.
const WORKING_NOTES: &[&str] = &[
    "session notes",
    "closing note",
    "work log",
    "hand-over note",
    "task brief",
    "co-authored-by",
    "scratchpad",
];

#[test]
fn no_machine_is_named() {
    words(&TREE, MACHINE_PATHS).require("Paths are relative: another machine has other folders.");
}

#[test]
fn no_private_registry_is_named() {
    words(&TREE, REGISTRIES)
        .require("Packages come from crates.io; where a machine mirrors it is its own affair.");
}

#[test]
fn working_notes_stay_outside() {
    words(&TREE, WORKING_NOTES)
        .require("The repository speaks of the product; notes go into commit messages.");
}

fn words(tree: &Tree, words: &[&str]) -> Findings {
    let mut findings = Findings::default();
    for file in tree.files().iter().filter(|file| file.path != THIS_FILE) {
        findings.look();
        for (index, line) in file.text.lines().enumerate() {
            let folded = line.to_lowercase();
            for word in words.iter().filter(|word| line.contains(**word) || folded.contains(**word))
            {
                findings.fault(format_args!("{}:{}", file.path, index + 1), word);
            }
        }
    }
    findings
}

#[test]
fn bad_words_are_found() {
    let tree = Tree::of_samples(&[("docs/a.md", "See /home/ada/x.\nFrom the Closing Note.\n")]);
    assert_eq!(words(&tree, MACHINE_PATHS).faults, ["docs/a.md:1: /home/"]);
    assert_eq!(words(&tree, WORKING_NOTES).faults, ["docs/a.md:2: closing note"]);
}

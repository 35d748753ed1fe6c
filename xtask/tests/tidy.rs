//! Tests the repository itself: each rule of the house that a machine can check is one test here.
//!
//! A rule is a function from a tree of files to what it found, so that a sample can show that it is able to fail; one
//! that has looked at nothing fails too.

use std::sync::LazyLock;

use xtask::tree::Tree;

mod tidy {
    mod dependencies;
    mod documents;
    mod layers;
    mod lengths;
    mod licences;
    mod proofs;
    mod settings;
    mod sources;
    mod surface;
    mod wording;
}

static TREE: LazyLock<Tree> =
    LazyLock::new(|| Tree::of_repository().expect("the repository can be read"));

/// What a rule found.
#[derive(Debug, Default)]
struct Findings {
    looked_at: usize,
    faults: Vec<String>,
}

impl Findings {
    /// Counts one thing that the rule looked at.
    fn look(&mut self) {
        self.looked_at += 1;
    }

    /// Notes what is wrong, and where.
    fn fault(&mut self, place: impl std::fmt::Display, what: impl std::fmt::Display) {
        self.faults.push(format!("{place}: {what}"));
    }

    /// Fails the test, with all that is wrong, unless the rule looked at something and found nothing.
    fn require(&self, rule: &str) {
        assert!(self.looked_at > 0, "this rule looked at nothing, so it proves nothing: {rule}");
        assert!(self.faults.is_empty(), "{rule}\n  {}\n", self.faults.join("\n  "));
    }
}

#[test]
#[should_panic(expected = "looked at nothing")]
fn a_rule_that_looks_at_nothing_fails() {
    Findings::default().require("nothing is wrong with nothing");
}

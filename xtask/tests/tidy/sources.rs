//! What a Rust source may not contain, and what it must begin with.

use xtask::tree::Tree;

use crate::{Findings, TREE};

/// Names that say nothing of what is inside.
const EMPTY_NAMES: &[&str] =
    &["util", "utils", "helper", "helpers", "common", "manager", "managers", "service", "services"];

/// What pure rules never need.
const IMPURE: &[&str] = &["async ", ".await", "std::fs", "std::net", "std::process", "Instant"];

#[test]
fn every_source_is_rust() {
    readable(&TREE).require("The rules can read every source.");
}

#[test]
fn sql_stands_in_the_store_only() {
    sql(&TREE)
        .require("Only crates/store contains SQL: add a function there, named after the noun.");
}

#[test]
fn the_domain_is_pure() {
    purity(&TREE).require("crates/domain decides from its arguments: no I/O, async or clock.");
}

#[test]
fn every_module_says_what_it_is() {
    headers(&TREE).require("A module begins with `//!`: what it is, what it is not, which RFC.");
}

#[test]
fn lints_are_expected_and_never_allowed() {
    allowances(&TREE)
        .require("Write `#[expect(lint, reason = \"…\")]`: it goes when its cause has gone.");
}

#[test]
fn no_test_is_ignored_without_a_reason() {
    ignored(&TREE).require("Write `#[ignore = \"what it needs\"]`.");
}

#[test]
fn files_are_named_after_what_they_hold() {
    names(&TREE).require("A file is named after one noun of the domain.");
}

fn readable(tree: &Tree) -> Findings {
    let mut findings = Findings::default();
    for source in tree.rust() {
        findings.look();
        if let Some(error) = &source.unreadable {
            findings.fault(&source.path, error);
        }
    }
    findings
}

fn sql(tree: &Tree) -> Findings {
    let mut findings = Findings::default();
    let exempt = |path: &str| path.starts_with("crates/store/") || path.starts_with("xtask/");
    for source in tree.rust().iter().filter(|source| !exempt(&source.path)) {
        for literal in &source.literals {
            findings.look();
            if is_sql(&literal.value) {
                let place = format!("{}:{}", source.path, literal.line);
                findings.fault(place, "this string is a statement");
            }
        }
    }
    findings
}

fn is_sql(text: &str) -> bool {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let pairs = [("SELECT ", " FROM "), ("UPDATE ", " SET "), ("WITH ", " AS (")];
    let single = ["INSERT INTO ", "DELETE FROM ", "CREATE TABLE ", "ALTER TABLE ", "DROP TABLE "];
    single.iter().any(|words| text.contains(words))
        || pairs.iter().any(|(first, then)| {
            text.split_once(first).is_some_and(|(_, rest)| format!(" {rest}").contains(then))
        })
}

fn purity(tree: &Tree) -> Findings {
    let mut findings = Findings::default();
    let domain = tree.rust().iter().filter(|source| source.path.starts_with("crates/domain/src/"));
    for source in domain {
        findings.look();
        let code = source.lines.iter().enumerate().filter(|(_, line)| !is_comment(line));
        for (index, line) in code {
            for word in IMPURE.iter().filter(|word| line.contains(**word)) {
                findings.fault(format_args!("{}:{}", source.path, index + 1), word);
            }
        }
    }
    findings
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

fn headers(tree: &Tree) -> Findings {
    let mut findings = Findings::default();
    for source in tree.rust() {
        findings.look();
        if !source.lines.first().is_some_and(|line| line.starts_with("//! ")) {
            findings.fault(&source.path, "its first line is no `//!` line");
        }
    }
    findings
}

fn allowances(tree: &Tree) -> Findings {
    attributes(tree, |text| text.starts_with("allow(") || text.contains(",allow("))
}

fn ignored(tree: &Tree) -> Findings {
    attributes(tree, |text| text == "ignore" || text.ends_with(",ignore)"))
}

fn attributes(tree: &Tree, is_fault: impl Fn(&str) -> bool) -> Findings {
    let mut findings = Findings::default();
    for source in tree.rust() {
        for attribute in &source.attributes {
            findings.look();
            if is_fault(&attribute.text) {
                let place = format!("{}:{}", source.path, attribute.line);
                findings.fault(place, format_args!("#[{}]", attribute.text));
            }
        }
    }
    findings
}

fn names(tree: &Tree) -> Findings {
    let mut findings = Findings::default();
    for file in tree.below("", &["rs", "html", "css", "js"]) {
        findings.look();
        let stems = file.path.split('/').map(|part| part.split('.').next().unwrap_or(part));
        for stem in stems {
            if stem.split(['_', '-']).any(|word| EMPTY_NAMES.contains(&word)) {
                findings.fault(&file.path, format_args!("`{stem}` could hold anything"));
            }
        }
    }
    findings
}

#[test]
fn bad_sources_are_found() {
    let bad = "fn a() { b(\"SELECT id\\n FROM users\"); }\n#[allow(dead_code)]\n#[test]\n#[ignore]\nfn c() {}\n";
    let tree = Tree::of_samples(&[
        ("crates/web/src/token_helpers.rs", bad),
        ("crates/domain/src/a.rs", "//! A.\nasync fn a() {}\n"),
        ("crates/wire/src/a.rs", "fn ("),
    ]);
    assert_eq!(readable(&tree).faults.len(), 1);
    assert_eq!(
        sql(&tree).faults,
        ["crates/web/src/token_helpers.rs:1: this string is a statement"]
    );
    assert_eq!(purity(&tree).faults, ["crates/domain/src/a.rs:2: async "]);
    assert_eq!(headers(&tree).faults.len(), 2);
    assert_eq!(allowances(&tree).faults.len(), 1);
    assert_eq!(ignored(&tree).faults.len(), 1);
    assert_eq!(names(&tree).faults.len(), 1);
}

#[test]
fn prose_is_no_sql() {
    for prose in ["Select an app from the list", "UPDATE", "a token is deleted from the account"] {
        assert!(!is_sql(prose), "{prose}");
    }
    for statement in
        ["UPDATE codes SET redeemed_at = $1", "DELETE FROM codes", "WITH x AS (SELECT 1)"]
    {
        assert!(is_sql(statement), "{statement}");
    }
}

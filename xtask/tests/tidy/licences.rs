//! Whose terms we accept: the licence of each locked dependency, read as an SPDX expression against deny.toml's list.

use std::collections::BTreeSet;

use crate::Findings;

use super::dependencies::{self, Package};

#[test]
fn licences_are_allowed() {
    let denials = dependencies::denials();
    let mut packages = dependencies::packages(dependencies::BUILT);
    packages.retain(|package| !denials.exceptions.contains(&package.name));
    licences(&packages, &denials.licences)
        .require("A dependency comes under a licence of deny.toml's list, or it does not come.");
}

fn licences(packages: &[Package], allowed: &BTreeSet<String>) -> Findings {
    let mut findings = Findings::default();
    for package in packages {
        findings.look();
        if !accepts(&package.licence, allowed) {
            findings.fault(&package.name, format_args!("`{}`", package.licence));
        }
    }
    findings
}

/// Whether an SPDX expression can be met with the allowed licences; `/` is the old way to write OR.
fn accepts(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let (accepted, rest) = any_of(&words, allowed);
    accepted && rest.is_empty()
}

fn any_of<'a>(words: &'a [&'a str], allowed: &BTreeSet<String>) -> (bool, &'a [&'a str]) {
    let (mut accepted, mut rest) = all_of(words, allowed);
    while let Some((&"OR", after)) = rest.split_first() {
        let (other, left) = all_of(after, allowed);
        accepted |= other;
        rest = left;
    }
    (accepted, rest)
}

fn all_of<'a>(words: &'a [&'a str], allowed: &BTreeSet<String>) -> (bool, &'a [&'a str]) {
    let (mut accepted, mut rest) = one(words, allowed);
    while let Some((&"AND", after)) = rest.split_first() {
        let (other, left) = one(after, allowed);
        accepted &= other;
        rest = left;
    }
    (accepted, rest)
}

fn one<'a>(words: &'a [&'a str], allowed: &BTreeSet<String>) -> (bool, &'a [&'a str]) {
    match words {
        ["(", inside @ ..] => {
            let (accepted, rest) = any_of(inside, allowed);
            (accepted, rest.get(1..).unwrap_or_default())
        }
        [licence, "WITH", exception, rest @ ..] => {
            (allowed.contains(&format!("{licence} WITH {exception}")), rest)
        }
        [licence, rest @ ..] => (allowed.contains(*licence), rest),
        [] => (false, words),
    }
}

#[test]
fn exceptions_are_not_shipped() {
    let denials = dependencies::denials();
    let mut findings = Findings::default();
    for package in dependencies::packages(dependencies::SHIPPED) {
        findings.look();
        if denials.exceptions.contains(&package.name) {
            findings.fault(&package.name, &package.licence);
        }
    }
    findings.require("deny.toml's exceptions are for what only tests use.");
}

#[test]
fn an_expression_is_met_or_not() {
    let allowed: BTreeSet<String> = ["MIT", "ISC"].map(str::to_owned).into();
    for met in ["MIT", "GPL-3.0/MIT", "ISC AND (MIT OR GPL-3.0)", "GPL-3.0 WITH x OR ISC"] {
        assert!(accepts(met, &allowed), "{met}");
    }
    for unmet in ["GPL-3.0", "MIT AND GPL-3.0", "(MIT OR ISC) AND GPL-3.0", "MIT WITH x", ""] {
        assert!(!accepts(unmet, &allowed), "{unmet}");
    }
}

#[test]
fn a_package_without_an_allowed_licence_is_found() {
    let allowed: BTreeSet<String> = ["MIT"].map(str::to_owned).into();
    let package = |licence: &str| Package {
        name: "a".to_owned(),
        version: "1.0.0".to_owned(),
        licence: licence.to_owned(),
    };
    let packages = [package("MIT"), package("AGPL-3.0"), package("")];
    assert_eq!(licences(&packages, &allowed).faults, ["a: `AGPL-3.0`", "a: ``"]);
}

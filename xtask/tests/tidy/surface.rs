//! What the product shows: every route is tried by a test, every page has its template.

use std::collections::BTreeSet;

use xtask::{
    rust_source::RustSource,
    tree::{TextFile, Tree},
};

use crate::{Findings, TREE};

const ROUTES: &str = "crates/web/src/routes.rs";

#[test]
fn every_route_is_named_in_a_test() {
    routes(&TREE).require("A test asks for each path of crates/web/src/routes.rs.");
}

#[test]
fn pages_and_templates_mirror_each_other() {
    pages(&TREE)
        .require("src/pages/x.rs is shown by templates/pages/x.html, and the other way round.");
}

fn routes(tree: &Tree) -> Findings {
    let mut findings = Findings::default();
    let asked: BTreeSet<String> = tree.rust().iter().flat_map(asked_for).collect();
    for (place, route) in routes_of(tree, ROUTES, "") {
        findings.look();
        if !asked.iter().any(|path| is_asked(&route, path)) {
            findings.fault(place, &route);
        }
    }
    findings
}

/// The paths that the source at `path` routes below `prefix`, those of nested modules included.
fn routes_of(tree: &Tree, path: &str, prefix: &str) -> Vec<(String, String)> {
    let Some(source) = tree.rust().iter().find(|source| source.path == path) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    // A nested module names its own prefix too.
    let is_path = |value: &str| value.starts_with('/') && (prefix.is_empty() || value != prefix);
    for literal in source.literals.iter().filter(|literal| is_path(&literal.value)) {
        let below = format!("{prefix}{}", literal.value);
        match nested_module(&source.lines[literal.line - 1], &literal.value) {
            Some(module) => {
                for path in [format!("{module}.rs"), format!("{module}/mod.rs")] {
                    found.extend(routes_of(tree, &format!("crates/web/src/{path}"), &below));
                }
            }
            None => found.push((format!("{path}:{}", literal.line), below)),
        }
    }
    found
}

/// The module in `.nest("/prefix", module::routes())`.
fn nested_module<'a>(line: &'a str, prefix: &str) -> Option<&'a str> {
    let (_, after) = line.split_once(&format!(".nest(\"{prefix}\", "))?;
    after.split_once("::").map(|(module, _)| module)
}

/// The paths in the strings of the tests of `source`: `/oauth/tokens` of `https://demo.test/oauth/tokens?x=1`.
fn asked_for(source: &RustSource) -> Vec<String> {
    let strings = source.literals.iter().filter(|literal| source.is_test(literal.line));
    strings.flat_map(|literal| literal.value.split([' ', '"', '\n'])).filter_map(path).collect()
}

fn path(word: &str) -> Option<String> {
    let inside = word.split_once("://").map_or(word, |(_, rest)| rest);
    let path = &inside[inside.find('/')?..];
    let path = path.split(['?', '#']).next().unwrap_or(path);
    Some(path.to_owned())
}

/// Whether a request for `path` arrives at `route`, which in the API may be asked for with `.json`.
fn is_asked(route: &str, path: &str) -> bool {
    let bare = path.strip_suffix(".json").filter(|_| route.starts_with("/api/"));
    arrives(route, bare.unwrap_or(path))
}

/// Segments in braces stand for anything.
fn arrives(route: &str, path: &str) -> bool {
    let (mut route, mut path) = (route.split('/'), path.split('/'));
    loop {
        match (route.next(), path.next()) {
            (None, None) => return true,
            (Some(part), Some(_)) if part.starts_with("{*") => return true,
            (Some(part), Some(asked)) if part == asked || part.contains('{') => {}
            _ => return false,
        }
    }
}

fn pages(tree: &Tree) -> Findings {
    let mut findings = Findings::default();
    let sources = tree.below("crates/web/src/pages/", &["rs"]);
    let sources =
        sources.filter(|file| file.folder().ends_with("/pages") && file.name() != "mod.rs");
    let sources = stems(sources);
    let templates = stems(tree.below("crates/web/templates/pages/", &["html"]));
    for name in sources.union(&templates) {
        findings.look();
        match (sources.contains(name), templates.contains(name)) {
            (true, false) => findings.fault(name, "a page without a template"),
            (false, true) => findings.fault(name, "a template without a page"),
            _ => {}
        }
    }
    findings
}

fn stems<'a>(files: impl Iterator<Item = &'a TextFile>) -> BTreeSet<&'a str> {
    files.filter_map(|file| file.name().split('.').next()).collect()
}

#[test]
fn an_untried_route_and_a_lonely_page_are_found() {
    let routes_source = "fn f() { r.route(\"/oauth/tokens\", a).nest(\"/api/v2\", api::routes()).route(\"/x\", c) }";
    let test = "fn t() { post(\"https://demo.test/oauth/tokens?x\"); get(format!(\"/api/v2/clients/{id}.json\")); }";
    let tree = Tree::of_samples(&[
        (ROUTES, routes_source),
        ("crates/web/src/api/mod.rs", "fn f() { r.route(\"/clients/{id}\", b).route(\"/y\", d) }"),
        ("crates/web/tests/it/a.rs", test),
        ("crates/web/src/pages/consent.rs", "//! C.\n"),
        ("crates/web/src/pages/parts/form.rs", "//! F.\n"),
        ("crates/web/templates/pages/sign_in.html", "<h1></h1>"),
    ]);
    assert_eq!(
        routes(&tree).faults,
        ["crates/web/src/api/mod.rs:1: /api/v2/y", "crates/web/src/routes.rs:1: /x"]
    );
    let lonely = ["consent: a page without a template", "sign_in: a template without a page"];
    assert_eq!(pages(&tree).faults, lonely);
}

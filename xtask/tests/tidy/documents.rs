//! The documents: their links and anchors lead somewhere, and decisions are numbered.

use xtask::{
    markdown,
    tree::{TextFile, Tree},
};

use crate::{Findings, TREE};

/// A decision is a page: context, choice, price.
const DECISION_LINES: usize = 80;

#[test]
fn links_lead_somewhere() {
    links(&TREE)
        .require("A link inside the repository leads to a file, and its anchor to a heading.");
}

#[test]
fn documents_that_are_named_exist() {
    named(&TREE)
        .require("A document that a source or another document names is in the repository.");
}

#[test]
fn code_that_is_named_exists() {
    code(&TREE).require("What ARCHITECTURE.md names in code style is in the sources.");
}

#[test]
fn decisions_are_numbered_without_gaps() {
    decisions(&TREE).require("docs/decisions/NNNN-title.md: the next number, a page at most.");
}

fn links(tree: &Tree) -> Findings {
    let mut findings = Findings::default();
    for file in tree.below("", &["md"]) {
        for link in markdown::links(&file.text) {
            findings.look();
            if let Some(fault) = fault(tree, file, &link.target) {
                findings.fault(format_args!("{}:{}", file.path, link.line), fault);
            }
        }
    }
    findings
}

fn fault(tree: &Tree, file: &TextFile, target: &str) -> Option<String> {
    let is_elsewhere = target.contains("://") || target.starts_with("mailto:");
    if is_elsewhere {
        return None;
    }
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let path = if path.is_empty() { file.path.clone() } else { joined(file.folder(), path) };
    if !tree.contains(path.trim_end_matches('/')) {
        return Some(format!("`{target}` leads to nothing"));
    }
    let document = tree.file(&path).filter(|_| !anchor.is_empty())?;
    let exists = markdown::anchors(&document.text).iter().any(|heading| heading == anchor);
    (!exists && document.ends_in(&["md"])).then(|| format!("`{target}` has no such heading"))
}

/// `path` as seen from `folder`, with `..` resolved.
fn joined(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn named(tree: &Tree) -> Findings {
    let mut findings = Findings::default();
    let known: Vec<&str> = tree.below("", &["md"]).map(TextFile::name).collect();
    let readers = tree.below("", &["rs", "md", "toml", "html", "css", "sql"]);
    for file in readers.filter(|file| !file.path.starts_with("xtask/")) {
        findings.look();
        for (index, line) in file.text.lines().enumerate() {
            for name in names(line).filter(|name| !known.contains(name)) {
                let place = format!("{}:{}", file.path, index + 1);
                findings.fault(place, format_args!("there is no `{name}`"));
            }
        }
    }
    findings
}

/// The names of documents in a line, those of addresses elsewhere aside.
fn names(line: &str) -> impl Iterator<Item = &str> {
    let words = line.split(|c: char| !(c.is_ascii_alphanumeric() || "-_./:".contains(c)));
    let words =
        words.filter(|word| !word.contains("://")).map(|word| word.trim_end_matches(['.', ':']));
    let names = words.filter_map(|word| word.rsplit('/').next());
    names.filter(|name| {
        let stem = name.strip_suffix(".md").unwrap_or_default();
        !stem.is_empty() && !stem.starts_with("NNNN")
    })
}

/// Paths and `module::item`s in code style; words alone could be anything.
fn code(tree: &Tree) -> Findings {
    let mut findings = Findings::default();
    for file in tree.files().iter().filter(|file| file.path == "ARCHITECTURE.md") {
        for (index, line) in file.text.lines().enumerate() {
            for name in line.split('`').skip(1).step_by(2) {
                let exists = match name.rsplit_once("::") {
                    Some((of, item)) => defines(tree, of, item),
                    None if name.starts_with("crates/") => tree.contains(name),
                    None => continue,
                };
                findings.look();
                if !exists {
                    let place = format!("{}:{}", file.path, index + 1);
                    findings.fault(place, format_args!("there is no `{name}`"));
                }
            }
        }
    }
    findings
}

/// Whether `of::item` is in the sources: in a file or folder called `of`, or beside a type of that name.
fn defines(tree: &Tree, of: &str, item: &str) -> bool {
    let of = of.rsplit("::").next().unwrap_or(of);
    tree.rust().iter().any(|source| {
        let is_module = source.path.trim_end_matches(".rs").split('/').any(|part| part == of);
        let lines = || source.lines.iter().map(|line| line.trim());
        (is_module || lines().any(|line| declares(line, of)))
            && lines().any(|line| declares(line, item))
    })
}

/// Whether a line declares a function, a type or a variant of that name.
fn declares(line: &str, name: &str) -> bool {
    if !line.contains(name) {
        return false;
    }
    let named =
        |keyword: &str| line.split(&format!("{keyword} {name}")).nth(1).is_some_and(ends_a_name);
    ["fn", "struct", "enum", "impl"].into_iter().any(named)
        || line.starts_with(&format!("{name}("))
        || line.trim_end_matches(',') == name
}

fn ends_a_name(rest: &str) -> bool {
    !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_')
}

fn decisions(tree: &Tree) -> Findings {
    let mut findings = Findings::default();
    for (file, number) in tree.below("docs/decisions/", &["md"]).zip(1..) {
        findings.look();
        if !file.name().starts_with(&format!("{number:04}-")) {
            findings.fault(&file.path, format_args!("the next number is {number:04}"));
        }
        if file.text.lines().count() > DECISION_LINES {
            findings.fault(&file.path, "longer than a page");
        }
    }
    findings
}

#[test]
fn bad_documents_are_found() {
    let tree = Tree::of_samples(&[
        ("README.md", "# A\n[x](docs/a.md#what) [y](docs/b.md) [z](#a) [w](https://example.com)\n"),
        (
            "crates/wire/src/a.rs",
            "//! As decided in plan.md §3; see https://example.com/other.md\n",
        ),
        ("docs/a.md", "# Why\n[up](../README.md)\n"),
        ("ARCHITECTURE.md", "`crates/wire` `crates/none` `b::f` `b::g` `Next::Ask`\n"),
        ("crates/wire/src/b.rs", "//! B.\npub async fn f() {}\nenum Next {\n    Ask(Prompt),\n}\n"),
        ("docs/decisions/0001-a.md", "# A\n"),
        ("docs/decisions/0003-b.md", "# B\n"),
    ]);
    assert_eq!(
        links(&tree).faults,
        [
            "README.md:2: `docs/a.md#what` has no such heading",
            "README.md:2: `docs/b.md` leads to nothing",
        ]
    );
    let missing =
        ["README.md:2: there is no `b.md`", "crates/wire/src/a.rs:1: there is no `plan.md`"];
    assert_eq!(named(&tree).faults, missing);
    let missing =
        ["ARCHITECTURE.md:1: there is no `crates/none`", "ARCHITECTURE.md:1: there is no `b::g`"];
    assert_eq!(code(&tree).faults, missing);
    assert_eq!(decisions(&tree).faults, ["docs/decisions/0003-b.md: the next number is 0002"]);
}

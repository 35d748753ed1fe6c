//! The tables of requirements, attack cases and statements in `docs/`: which ids stand there, and which tests prove them.
//!
//! A row is `| id | … | standing | tests |`; people write all but the last cell, `cargo run -p xtask -- ids` writes that.

use std::collections::{BTreeMap, BTreeSet};

use crate::{identifiers, markdown, rust_source::RustSource, tree::Tree};

/// The documents with such a table.
pub const DOCUMENTS: &[&str] =
    &["docs/requirements.md", "docs/attacks.md", "docs/zendesk-wire.md", "docs/conformance.md"];

/// The standing of a row that must have a test.
pub const COVERED: &str = "covered";

/// The beginning of the standing of a row that waits for something.
pub const LATER: &str = "later: ";

/// Sources whose ids are samples.
const SAMPLES: &[&str] = &["xtask/src/", "xtask/tests/tidy/proofs.rs"];

/// A row of a table.
#[derive(Debug)]
pub struct Row {
    /// What the row is about: one id, or several that stand together.
    pub ids: Vec<String>,
    /// Whether it must have a test, or what it waits for.
    pub standing: String,
}

/// A test that names an id; without a name, the file as a whole does.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Proof {
    /// The file of the test.
    pub path: String,
    /// The name of the test.
    pub test: Option<String>,
}

/// The proofs of each id.
pub type Proofs = BTreeMap<String, BTreeSet<Proof>>;

/// The rows of a document, in order.
pub fn rows(text: &str) -> Vec<Row> {
    text.lines().filter_map(row).collect()
}

/// Finds the tests that name an id, in a comment, a string or the name of the function.
pub fn proofs(tree: &Tree) -> Proofs {
    let mut proofs = Proofs::new();
    let is_sample = |path: &str| SAMPLES.iter().any(|sample| path.starts_with(sample));
    for source in tree.rust().iter().filter(|source| !is_sample(&source.path)) {
        for (id, proof) in proofs_in(source) {
            proofs.entry(id).or_default().insert(proof);
        }
    }
    proofs
}

/// Writes a document anew, with the last cell of each row as `proofs` have it.
pub fn rewritten(text: &str, proofs: &Proofs) -> String {
    text.lines().map(|line| rewritten_line(line, proofs) + "\n").collect()
}

fn rewritten_line(line: &str, proofs: &Proofs) -> String {
    let without_end = line.trim_end().trim_end_matches('|');
    match (row(line), without_end.rsplit_once('|')) {
        (Some(row), Some((kept, _))) => {
            format!("{kept}| {} |", cell(row.ids.iter().filter_map(|id| proofs.get(id)).flatten()))
        }
        _ => line.to_owned(),
    }
}

fn row(line: &str) -> Option<Row> {
    let cells = markdown::cells(line)?;
    let [first, .., standing, _] = cells.as_slice() else { return None };
    let ids = identifiers::in_text(first);
    (!ids.is_empty()).then(|| Row { ids, standing: (*standing).to_owned() })
}

fn proofs_in(source: &RustSource) -> Vec<(String, Proof)> {
    let mut found = Vec::new();
    let proof =
        |test: Option<&str>| Proof { path: source.path.clone(), test: test.map(str::to_owned) };
    for (index, text) in source.lines.iter().enumerate() {
        let line = index + 1;
        for id in identifiers::in_text(text) {
            let function = source.function_at(line);
            if source.is_test(function.map_or(line, |function| function.line)) {
                found.push((id, proof(function.map(|function| function.name.as_str()))));
            }
        }
    }
    for function in source.functions.iter().filter(|function| source.is_test(function.line)) {
        if let Some(id) = identifiers::in_name(&function.name) {
            found.push((id, proof(Some(&function.name))));
        }
    }
    found
}

/// The tests of one row, grouped by file, each file a link from `docs/`.
fn cell<'a>(proofs: impl Iterator<Item = &'a Proof>) -> String {
    let mut files: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for proof in proofs {
        let tests = files.entry(&proof.path).or_default();
        tests.extend(proof.test.iter().map(|test| format!("`{test}`")));
    }
    let links = files.iter().map(|(path, tests)| {
        let name = path.rsplit('/').next().unwrap_or(path);
        let tests = tests.iter().cloned().collect::<Vec<_>>().join(", ");
        format!("{tests} [{name}](../{path})").trim_start().to_owned()
    });
    links.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::{proofs, rewritten, rows};
    use crate::tree::Tree;

    const TABLE: &str =
        "| id | what | standing | tests |\n|---|---|---|---|\n| B-10 | x | covered | old |\n";

    #[test]
    fn a_row_needs_an_id() {
        let ids: Vec<_> = rows(TABLE).into_iter().map(|row| row.ids).collect();
        assert_eq!(ids, [["B-10"]]);
    }

    #[test]
    fn the_tests_that_name_an_id_are_written_into_its_row() {
        let test = "// B-10\n#[test]\nfn a_family_dies() {}\n";
        let tree = Tree::of_samples(&[("crates/web/tests/it/x.rs", test)]);
        let written = rewritten(TABLE, &proofs(&tree));
        let row = "| B-10 | x | covered | `a_family_dies` [x.rs](../crates/web/tests/it/x.rs) |\n";
        assert!(written.ends_with(row), "{written}");
        assert_eq!(rewritten(&written, &proofs(&tree)), written);
    }

    #[test]
    fn code_outside_tests_proves_nothing() {
        let tree = Tree::of_samples(&[("crates/web/src/x.rs", "// B-10\nfn a() {}\n")]);
        assert!(proofs(&tree).is_empty());
    }
}

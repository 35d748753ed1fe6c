//! Settings and limits: each has its line in docs/configuration.md.

use xtask::tree::Tree;

use crate::{Findings, TREE};

const REFERENCE: &str = "docs/configuration.md";
const SETTINGS: &str = "crates/cli/src/settings/layers.rs";
const POLICY: &str = "crates/domain/src/policy.rs";

#[test]
fn settings_are_documented() {
    settings(&TREE).require("docs/configuration.md has a row for every setting.");
}

#[test]
fn limits_are_documented() {
    limits(&TREE)
        .require("docs/configuration.md has a row for every limit and lifetime of the policy.");
}

fn settings(tree: &Tree) -> Findings {
    let lines = lines(tree, SETTINGS).skip_while(|line| !line.starts_with("const KEYS"));
    let keys = lines.skip(1).take_while(|line| !line.starts_with("];"));
    documented(tree, keys.filter_map(|line| line.trim().split('"').nth(1)))
}

fn limits(tree: &Tree) -> Findings {
    let lines = lines(tree, POLICY).skip_while(|line| !line.starts_with("pub struct Policy"));
    let fields = lines.take_while(|line| *line != "}");
    documented(
        tree,
        fields
            .filter_map(|line| line.trim().strip_prefix("pub ")?.split_once(':'))
            .map(|(name, _)| name),
    )
}

fn documented<'a>(tree: &Tree, names: impl Iterator<Item = &'a str>) -> Findings {
    let mut findings = Findings::default();
    let reference = tree.file(REFERENCE).map_or("", |file| &file.text);
    for name in names {
        findings.look();
        if !reference.contains(&format!("| `{name}` |")) {
            findings.fault(REFERENCE, format_args!("no row for `{name}`"));
        }
    }
    findings
}

fn lines<'a>(tree: &'a Tree, path: &str) -> impl Iterator<Item = &'a str> {
    tree.file(path).into_iter().flat_map(|file| file.text.lines())
}

#[test]
fn an_unknown_setting_or_limit_is_found() {
    let tree = Tree::of_samples(&[
        (REFERENCE, "| `log.level` |\n| `state_limit` |\n"),
        (
            SETTINGS,
            "const KEYS: [&str; 2] = [\n    \"log.level\",\n    \"log.colour\",\n];\n\"no.key\"\n",
        ),
        (
            POLICY,
            "pub struct Policy {\n    pub state_limit: usize,\n    pub other: usize,\n}\npub y: z\n",
        ),
    ]);
    assert_eq!(settings(&tree).faults, ["docs/configuration.md: no row for `log.colour`"]);
    assert_eq!(limits(&tree).faults, ["docs/configuration.md: no row for `other`"]);
}

//! How long things may be: what fits on a screen is read, what does not is skimmed.

use xtask::tree::Tree;

use crate::{Findings, TREE};

const FILE_LINES: usize = 400;
const FUNCTION_LINES: usize = 60;
const STYLESHEET_BYTES: usize = 25 * 1024;
const SCRIPT_BYTES: usize = 10 * 1024;

#[test]
fn files_are_short() {
    files(&TREE).require("A file has at most 400 lines: split it by concept, one noun each.");
}

#[test]
fn functions_are_short() {
    functions(&TREE).require("A function has at most 60 lines: name its steps.");
}

#[test]
fn the_stylesheet_is_small() {
    sizes(&TREE, ".css", STYLESHEET_BYTES).require("The stylesheet has at most 25 KB.");
}

#[test]
fn the_script_is_small() {
    sizes(&TREE, ".js", SCRIPT_BYTES).require("The script adds comfort only, in at most 10 KB.");
}

fn files(tree: &Tree) -> Findings {
    let mut findings = Findings::default();
    let endings = ["rs", "html", "js", "sh", "sql"];
    let scripts = tree.files().iter().filter(|file| file.path == ".ci/run");
    for file in tree.below("", &endings).chain(scripts) {
        findings.look();
        let lines = file.text.lines().count();
        if lines > FILE_LINES {
            findings.fault(&file.path, format_args!("{lines} lines"));
        }
    }
    findings
}

fn functions(tree: &Tree) -> Findings {
    let mut findings = Findings::default();
    for source in tree.rust() {
        for function in &source.functions {
            findings.look();
            if function.body_lines > FUNCTION_LINES {
                let place = format!("{}:{}", source.path, function.line);
                let lines = function.body_lines;
                findings.fault(place, format_args!("`{}` has {lines} lines", function.name));
            }
        }
    }
    findings
}

fn sizes(tree: &Tree, ending: &str, limit: usize) -> Findings {
    let mut findings = Findings::default();
    let served = tree.files().iter().filter(|file| file.path.starts_with("crates/web/"));
    for file in served.filter(|file| file.path.ends_with(ending)) {
        findings.look();
        if file.text.len() > limit {
            findings.fault(&file.path, format_args!("{} bytes", file.text.len()));
        }
    }
    findings
}

#[test]
fn long_things_are_found() {
    let long_file = "// x\n".repeat(FILE_LINES + 1);
    let long_function = format!("fn f() {{\n{}}}\n", "g();\n".repeat(FUNCTION_LINES + 1));
    let stylesheet = "a".repeat(STYLESHEET_BYTES + 1);
    let tree = Tree::of_samples(&[
        ("crates/web/src/a.rs", &long_file),
        ("crates/web/src/b.rs", &long_function),
        ("crates/web/assets/a.css", &stylesheet),
    ]);
    assert_eq!(files(&tree).faults, ["crates/web/src/a.rs: 401 lines"]);
    assert_eq!(functions(&tree).faults, ["crates/web/src/b.rs:1: `f` has 61 lines"]);
    assert_eq!(sizes(&tree, ".css", STYLESHEET_BYTES).faults.len(), 1);
}

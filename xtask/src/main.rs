//! The repository's own commands, for those who change it: `cargo run -p xtask -- ids`.

use std::{fs, process::ExitCode};

use anyhow::{Context, bail};
use xtask::{tables, tree::Tree};

fn main() -> ExitCode {
    match run(std::env::args().nth(1).as_deref()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(command: Option<&str>) -> anyhow::Result<()> {
    match command {
        Some("ids") => ids(),
        _ => bail!("usage: cargo run -p xtask -- ids"),
    }
}

/// Writes the column of tests in each table of ids anew.
fn ids() -> anyhow::Result<()> {
    let tree = Tree::of_repository()?;
    let proofs = tables::proofs(&tree);
    for document in tables::DOCUMENTS {
        let file = tree.file(document).with_context(|| format!("{document} is missing"))?;
        let written = tables::rewritten(&file.text, &proofs);
        let state = if written == file.text { "up to date" } else { "rewritten" };
        fs::write(tree.root().join(document), written)?;
        report(&format!("{document}: {state}"));
    }
    Ok(())
}

#[expect(clippy::print_stderr, reason = "this command talks to the person who typed it")]
fn report(line: &str) {
    eprintln!("{line}");
}

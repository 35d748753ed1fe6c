//! A folder to run the command in, with an environment of its own.

use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use tempfile::TempDir;

/// The documented seed.
pub(crate) const DOCUMENTED_SEED: &str = include_str!("../../../../docs/seed.toml");

/// The command: the one that was built with the tests, unless another one is to be tried.
#[expect(clippy::disallowed_methods, reason = "tests have no settings")]
pub(crate) fn program() -> PathBuf {
    let other = std::env::var_os("CONSENTRY_TEST_BINARY").map(PathBuf::from);
    other.unwrap_or_else(|| assert_cmd::cargo::cargo_bin!("consentry").to_owned())
}

/// What a run ended with.
pub(crate) struct Run {
    /// The exit code.
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

/// A folder of its own.
pub(crate) struct Place {
    folder: TempDir,
}

impl Place {
    /// An empty folder.
    pub(crate) fn empty() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    /// A folder with the documented seed applied to a SQLite database in `data`.
    pub(crate) fn seeded() -> Self {
        let place = Self::empty();
        place.write("seed.toml", DOCUMENTED_SEED);
        let run = place.run(&["apply", "seed.toml"]);
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
        place
    }

    /// Where the folder is.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        std::fs::write(&path, text).expect("writes");
        path
    }

    /// The command, in this folder, knowing nothing of its surroundings.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(program());
        command.env_clear().current_dir(self.path());
        command
    }

    /// Runs it.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        finished(self.command().args(arguments).output().expect("runs"))
    }

    /// Runs it with something piped in.
    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &str) -> Run {
        let mut command = self.command();
        finished(command.args(arguments).write_stdin(input).output().expect("runs"))
    }
}

/// What a process ended with.
pub(crate) fn finished(output: Output) -> Run {
    Run {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        err: without_slowness(&String::from_utf8(output.stderr).expect("UTF-8")),
    }
}

/// What was said, without what is only said on a busy machine.
pub(crate) fn without_slowness(said: &str) -> String {
    let lines = said.split_inclusive('\n');
    lines.filter(|line| !line.contains("a unit of work held the writer for too long")).collect()
}

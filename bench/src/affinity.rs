//! Who runs where: the server has a core to itself, everything else takes the other one.
//!
//! `taskset` does it, so that nothing here calls the kernel by hand.

use std::ffi::OsStr;
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context as _, ensure};

use crate::procfs::Process;

/// The cores that are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cores {
    /// Of the server that is measured.
    pub(crate) server: usize,
    /// Of the generator, and of the database if it has processes of its own.
    pub(crate) load: usize,
}

/// The first two cores that this process was given; the same one twice if there is no other.
pub(crate) fn cores() -> Cores {
    static CORES: OnceLock<Cores> = OnceLock::new();
    *CORES.get_or_init(|| {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
        let cores = parse_list(list.unwrap_or_default());
        let server = cores.first().copied().unwrap_or_default();
        Cores { server, load: cores.get(1).copied().unwrap_or(server) }
    })
}

/// Reads `0-1,4`.
fn parse_list(list: &str) -> Vec<usize> {
    let ranges = list.trim().split(',').filter_map(|range| {
        let (from, to) = range.split_once('-').unwrap_or((range, range));
        Some(from.parse::<usize>().ok()?..=to.parse::<usize>().ok()?)
    });
    ranges.flatten().collect()
}

/// A program that will run on the server's core.
pub(crate) fn on_server_core(program: impl AsRef<OsStr>) -> Command {
    on_core(cores().server, program)
}

/// A program that will run on a core.
pub(crate) fn on_core(core: usize, program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", &core.to_string()]).arg(program);
    command
}

/// Moves a process with all its threads.
pub(crate) fn pin(process: Process, core: usize) -> anyhow::Result<()> {
    let mut command = Command::new("taskset");
    command.args(["-a", "-c", "-p", &core.to_string(), &process.0.to_string()]);
    let output = command.output().context("taskset (of util-linux) is needed")?;
    ensure!(output.status.success(), "taskset: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_cores_are_read() {
        assert_eq!(parse_list("\t0-2,5\n"), [0, 1, 2, 5]);
        assert_eq!(parse_list("7"), [7]);
        assert!(parse_list("").is_empty());
    }
}

//! What the kernel knows of processes and cores: CPU time, memory, names. Linux only.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use anyhow::Context as _;

/// The kernel counts CPU time in hundredths of a second for programs, whatever its own clock does.
const TICK: Duration = Duration::from_millis(10);

/// A process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Process(pub(crate) u32);

impl Process {
    /// This one.
    pub(crate) fn own() -> Self {
        Self(std::process::id())
    }

    /// Its CPU time.
    pub(crate) fn cpu(self) -> Duration {
        stat(self.0).map_or(Duration::ZERO, |stat| stat.cpu)
    }

    /// The CPU time of it and of all that descend from it.
    pub(crate) fn cpu_of_tree(self) -> Duration {
        self.tree().iter().filter_map(|it| stat(it.0)).map(|stat| stat.cpu).sum()
    }

    /// The proportional set size of it and of all that descend from it, in bytes.
    pub(crate) fn pss(self) -> u64 {
        self.tree().iter().filter_map(|it| pss(it.0)).sum()
    }

    /// Who started it.
    pub(crate) fn parent(self) -> Option<Self> {
        stat(self.0).map(|stat| Self(stat.parent))
    }

    fn tree(self) -> Vec<Self> {
        let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for pid in pids() {
            if let Some(stat) = stat(pid) {
                children.entry(stat.parent).or_default().push(pid);
            }
        }
        let mut tree = vec![self];
        let mut next = 0;
        while let Some(process) = tree.get(next) {
            let below = children.remove(&process.0).unwrap_or_default();
            tree.extend(below.into_iter().map(Self));
            next += 1;
        }
        tree
    }
}

fn pids() -> impl Iterator<Item = u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

struct Stat {
    parent: u32,
    cpu: Duration,
}

fn stat(pid: u32) -> Option<Stat> {
    parse_stat(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// The name in brackets may hold anything, so fields are counted from its end: proc(5).
fn parse_stat(line: &str) -> Option<Stat> {
    let (_, fields) = line.rsplit_once(") ")?;
    let fields: Vec<&str> = fields.split(' ').collect();
    let ticks = |index: usize| fields.get(index)?.parse::<u32>().ok();
    Some(Stat { parent: ticks(1)?, cpu: TICK * (ticks(11)? + ticks(12)?) })
}

fn pss(pid: u32) -> Option<u64> {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    line.trim().trim_end_matches(" kB").parse::<u64>().ok().map(|kib| kib * 1024)
}

/// How long programs have used a core so far; interrupts are nobody's.
pub(crate) fn busy(core: usize) -> anyhow::Result<Duration> {
    let stat = fs::read_to_string("/proc/stat")?;
    parse_busy(&stat, core).with_context(|| format!("/proc/stat knows no core {core}"))
}

fn parse_busy(stat: &str, core: usize) -> Option<Duration> {
    let name = format!("cpu{core} ");
    let line = stat.lines().find_map(|line| line.strip_prefix(&name))?;
    let ticks: Vec<u32> = line.split_whitespace().filter_map(|it| it.parse().ok()).collect();
    // user, nice and system; stolen by the hypervisor.
    Some(TICK * (ticks.get(..3)?.iter().sum::<u32>() + ticks.get(7)?))
}

/// The machine in a line: processor, cores, kernel.
pub(crate) fn machine() -> String {
    let read = |path| fs::read_to_string(path).unwrap_or_default();
    let cpuinfo = read("/proc/cpuinfo");
    let model = cpuinfo.lines().find_map(|line| line.strip_prefix("model name"));
    let model = model.map_or("unknown processor", |it| it.trim_matches([' ', '\t', ':']));
    let cores = cpuinfo.lines().filter(|line| line.starts_with("processor")).count();
    let kernel = read("/proc/sys/kernel/osrelease");
    let memory = read("/proc/meminfo");
    let memory = memory.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let kib: u64 =
        memory.and_then(|it| it.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default();
    format!("{model}, {cores} cores, {} GiB, Linux {}", kib >> 20, version(&kernel))
}

/// The version of a kernel, without what its builder has added.
fn version(kernel: &str) -> &str {
    kernel.trim().split('-').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_read_whatever_its_name() {
        let line = "7 (a) b) S 3 7 7 0 -1 4194560 1 0 0 0 150 50 0 0 20 0 1 0 5 1 1";
        let stat = parse_stat(line).expect("the line is complete");
        assert_eq!((stat.parent, stat.cpu), (3, Duration::from_secs(2)));
    }

    #[test]
    fn a_core_is_busy_with_programs_and_what_was_stolen() {
        let stat = "cpu  9 9 9 9\ncpu0 100 10 40 900 5 6 7 50 0 0\ncpu1 1 1 1 1 1 1 1 1 0 0\n";
        assert_eq!(parse_busy(stat, 0), Some(Duration::from_secs(2)));
        assert_eq!(parse_busy(stat, 2), None);
    }

    #[test]
    fn this_process_has_memory() {
        assert!(Process::own().pss() > 0);
        assert!(Process::own().parent().is_some());
    }
}

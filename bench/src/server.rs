//! A server that was started for a measurement, and ends with it.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use crate::exchange::exchange;
use crate::procfs::Process;
use crate::request::Request;

/// How long a server may take to answer for the first time, on a machine with other work.
const PATIENCE: Duration = Duration::from_mins(1);

/// How often it is asked meanwhile.
const INTERVAL: Duration = Duration::from_millis(1);

/// The ports that are tried: below those that the kernel gives to connections.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// A running server.
pub(crate) struct Server {
    /// The process; its descendants count too.
    pub(crate) process: Process,
    /// Where it answers.
    pub(crate) address: SocketAddr,
    /// From its start to its first good answer.
    pub(crate) started_in: Duration,
    child: Child,
}

impl Server {
    /// Starts it and waits until it answers at this path with 200, asked by this name.
    pub(crate) fn start(
        mut command: Command,
        address: SocketAddr,
        (host, path): (&str, &str),
    ) -> anyhow::Result<Self> {
        let began = Instant::now();
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn();
        let child = child.with_context(|| format!("{command:?} cannot be started"))?;
        let process = Process(child.id());
        let mut server = Self { process, address, started_in: Duration::ZERO, child };
        let request = Request::get(host, path);
        while exchange(address, &request).map_or(0, |it| it.status) != 200 {
            if let Some(status) = server.child.try_wait()? {
                bail!("{command:?} ended: {status}");
            }
            if began.elapsed() > PATIENCE {
                bail!("{command:?} does not answer at {address}");
            }
            pause(INTERVAL);
        }
        server.started_in = began.elapsed();
        Ok(server)
    }

    /// Asks it to end, as a service manager does, and waits until it has.
    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        let mut kill = Command::new("kill");
        kill.args(["-TERM", &self.process.0.to_string()]).status()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port on loopback that nobody listens on.
pub(crate) fn free_address() -> anyhow::Result<SocketAddr> {
    let width = u32::from(PORTS.end - PORTS.start);
    // Two of these programs that run at the same time look in different places.
    let start = std::process::id().wrapping_mul(64);
    for step in 0..width {
        let offset = u16::try_from((start.wrapping_add(step)) % width)?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, PORTS.start + offset));
        if !is_taken(address) {
            return Ok(address);
        }
    }
    bail!("every port is taken")
}

fn is_taken(address: SocketAddr) -> bool {
    static GIVEN: std::sync::Mutex<Vec<SocketAddr>> = std::sync::Mutex::new(Vec::new());
    let mut given = GIVEN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if given.contains(&address) || TcpListener::bind(address).is_err() {
        return true;
    }
    given.push(address);
    false
}

/// Waits.
#[expect(clippy::disallowed_methods, reason = "no runtime runs on the threads of this program")]
pub(crate) fn pause(span: Duration) {
    std::thread::sleep(span);
}

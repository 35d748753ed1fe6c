//! Bare Argon2id with the parameters of the product, on the server's core: the limit of sign-ins.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use argon2::{Algorithm, Argon2, Params, Version};

use crate::affinity;
use crate::measure::Measured;
use crate::talk::print;

/// What OWASP recommends, and what the product uses: KiB, passes and lanes.
const PARAMETERS: (u32, u32, u32) = (19_456, 2, 1);

/// Measures it in a process of its own.
pub(crate) fn measure(span: Duration) -> anyhow::Result<Measured> {
    let mut command = affinity::on_server_core(std::env::current_exe()?);
    let output =
        command.args(["hashing", "--seconds", &span.as_secs_f64().to_string()]).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout)?;
    let mut figures = printed.split_whitespace().map(str::parse::<f64>);
    let mut figure = || figures.next().and_then(Result::ok).context("two figures were expected");
    Ok(Measured::bare(figure()?, figure()?))
}

/// Hashes for this long, and prints how many that were a second, and a second of CPU time.
pub(crate) fn run(span: Duration) -> anyhow::Result<()> {
    let (memory, passes, lanes) = PARAMETERS;
    let params = Params::new(memory, passes, lanes, None).map_err(anyhow::Error::msg)?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut hash = [0; 32];
    let (began, mut count) = (Instant::now(), 0_u32);
    while began.elapsed() < span || count == 0 {
        argon2
            .hash_password_into(b"a password", b"sixteen bytes!!!", &mut hash)
            .map_err(anyhow::Error::msg)?;
        count += 1;
    }
    let per_second = f64::from(count) / began.elapsed().as_secs_f64();
    let cpu = crate::procfs::Process::own().cpu().as_secs_f64().max(0.01);
    print(&format!("{per_second} {}\n", f64::from(count) / cpu))
}

//! Data goes to standard output, talk to standard error.

use std::io::{Write as _, stderr, stdout};

/// Says a line to whoever waits.
pub(crate) fn say(line: &str) -> anyhow::Result<()> {
    Ok(writeln!(stderr(), "{line}")?)
}

/// Prints what was asked for.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let mut output = stdout().lock();
    output.write_all(text.as_bytes())?;
    Ok(output.flush()?)
}

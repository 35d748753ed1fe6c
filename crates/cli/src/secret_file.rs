//! Secrets that come from files, from standard input, or are asked for on a terminal; never from
//! the command line, where every other user of the machine could read them.

use std::io::{self, IsTerminal, Read};
use std::path::Path;

use domain::Secret;

/// The longest secret that is read, in bytes.
const MAX_BYTES: u64 = 4096;

/// The content of a file, without the newline that editors put at its end.
pub(crate) fn read(path: &Path) -> Result<Secret, String> {
    let cannot = |error: io::Error| format!("{} cannot be read: {error}", path.display());
    let file = std::fs::File::open(path).map_err(cannot)?;
    read_from(file).map_err(cannot)
}

/// The secret that is piped in. A terminal is refused: what is typed there would be seen.
pub(crate) fn from_stdin() -> Result<Secret, String> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        return Err("standard input is a terminal; pipe the secret in, or name a file".to_owned());
    }
    read_from(stdin.lock()).map_err(|error| format!("standard input cannot be read: {error}"))
}

fn read_from(source: impl Read) -> io::Result<Secret> {
    let mut text = String::new();
    source.take(MAX_BYTES + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MAX_BYTES {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "more than 4 KiB"));
    }
    let line = text.strip_suffix('\n').unwrap_or(&text);
    Ok(Secret::new(line.strip_suffix('\r').unwrap_or(line)))
}

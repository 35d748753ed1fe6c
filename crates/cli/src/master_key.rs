//! The master key: found, judged, made for an empty database, and held against the database's own
//! check value. A weak, exposed or foreign key is refused; there is no fallback.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use protocol::{Entropy, Keyring, MASTER_KEY_LENGTH, MasterKey};
use store::{Store, settle};

use crate::exit::Refusal;
use crate::secret_file;
use crate::settings::MasterKeySource;

/// Under which name the check value is stored.
const CHECK: &str = "master_key_check";

/// How few different bytes 32 random ones may have; fewer come up once in 10^14 keys.
const FEWEST_DIFFERENT_BYTES: usize = 16;

/// How to make a good one.
const ADVICE: &str = "make one with `openssl rand -base64 32`";

/// Why no new one is made for a database that has one.
const NEW_KEY: &str = "a new key could open nothing of what is stored";

/// Where the key of a database that is in use can be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whereabouts {
    /// It was on this machine.
    Here,
    /// The nodes that share the database have it.
    OtherNodes,
}

impl Whereabouts {
    /// How to get it back, but for the place.
    const fn advice(self) -> &'static str {
        match self {
            Self::Here => "put the key back",
            Self::OtherNodes => "copy it from the first node",
        }
    }
}

/// The keyring for a database. `stored` is the check value found in it; none: it is empty.
pub(crate) fn unlock(
    source: &MasterKeySource,
    stored: Option<&[u8]>,
    whereabouts: Whereabouts,
) -> anyhow::Result<Keyring> {
    let back = whereabouts.advice();
    let advice = match stored {
        None => ADVICE.to_owned(),
        Some(_) => format!("the database is there already: {back}; {NEW_KEY}"),
    };
    let master_key = match source {
        MasterKeySource::Given(text) => parse("CONSENTRY_MASTER_KEY", text.expose(), &advice)?,
        MasterKeySource::File(path) => read(path, &advice)?,
        MasterKeySource::DataDir(path) if path.exists() => read(path, &advice)?,
        MasterKeySource::DataDir(path) if stored.is_none() => make(path)?,
        MasterKeySource::DataDir(path) => {
            let path = path.display();
            let preposition = if whereabouts == Whereabouts::Here { "at" } else { "to" };
            return Err(Refusal::invalid(format!(
                "the database is there but its master key is not: {back} {preposition} {path}, or \
                 name it with CONSENTRY_MASTER_KEY_FILE; {NEW_KEY}"
            ))
            .into());
        }
    };
    let keyring = Keyring::new(&master_key);
    if let Some(stored) = stored {
        refuse_foreign(stored, &keyring)?;
    }
    Ok(keyring)
}

/// The check value of a database.
pub(crate) async fn stored_check(store: &Store) -> Result<Option<Vec<u8>>, store::Fault> {
    store::installation::get(store, CHECK).await
}

/// Binds an empty database to its key. Of nodes that start together on one database the first
/// binds it; the others must have the same key.
pub(crate) async fn store_check(store: &Store, keyring: &Keyring) -> anyhow::Result<()> {
    let mut tx = store.begin().await?;
    let written = store::installation::set_once(&mut tx, CHECK, keyring.check_value()).await;
    let settled: store::Decision<bool, std::convert::Infallible> =
        settle(tx, written.map_err(Into::into)).await;
    if settled.map_err(crate::exit::refused)? {
        return Ok(());
    }
    let stored = stored_check(store).await?.unwrap_or_default();
    refuse_foreign(&stored, keyring)
}

fn refuse_foreign(stored: &[u8], keyring: &Keyring) -> anyhow::Result<()> {
    if stored == keyring.check_value() {
        return Ok(());
    }
    let message = "the master key is not the one this database was made with; nothing was changed";
    Err(Refusal::invalid(message).into())
}

fn read(path: &Path, advice: &str) -> anyhow::Result<MasterKey> {
    let place = path.display().to_string();
    let mode = fs::metadata(path)
        .map_err(|error| {
            Refusal::usage(format!("{place}: the master key cannot be read: {error}"))
        })?
        .permissions()
        .mode();
    if mode & 0o007 != 0 {
        return Err(Refusal::usage(format!(
            "{place}: everybody on this machine can read or change the master key (mode {:03o}); \
             take that away with `chmod 600 {place}`",
            mode & 0o777
        ))
        .into());
    }
    let text = secret_file::read(path).map_err(Refusal::usage)?;
    parse(&place, text.expose(), advice)
}

/// Judges a key as it was written: base64 or hexadecimal of exactly 32 random bytes.
fn parse(place: &str, text: &str, advice: &str) -> anyhow::Result<MasterKey> {
    let text = text.trim();
    let refuse = |why: &str| Refusal::usage(format!("{place}: the master key {why}; {advice}"));
    if text.is_empty() {
        return Err(refuse("is empty").into());
    }
    let bytes = decode(text).ok_or_else(|| refuse("is neither base64 nor hexadecimal"))?;
    if bytes.len() < MASTER_KEY_LENGTH {
        let why = format!("has {} bytes and needs {MASTER_KEY_LENGTH}", bytes.len());
        return Err(refuse(&why).into());
    }
    let bytes: [u8; MASTER_KEY_LENGTH] = bytes
        .try_into()
        .map_err(|long: Vec<u8>| refuse(&format!("has {} bytes and needs 32", long.len())))?;
    if is_weak(&bytes) {
        return Err(refuse("is an example or a phrase, not 32 random bytes").into());
    }
    Ok(MasterKey::new(bytes))
}

fn decode(text: &str) -> Option<Vec<u8>> {
    if text.len() == 2 * MASTER_KEY_LENGTH && text.bytes().all(|c| c.is_ascii_hexdigit()) {
        let pairs = text.as_bytes().chunks_exact(2);
        return pairs
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
            .collect();
    }
    let padded = format!("{text:=<width$}", width = text.len().next_multiple_of(4));
    STANDARD.decode(&padded).or_else(|_| URL_SAFE.decode(&padded)).ok()
}

/// Whether the bytes show a pattern that random ones have less than once in 10^14 times: text,
/// few different bytes, or equal steps. Every example in our documents is one of these.
fn is_weak(bytes: &[u8; MASTER_KEY_LENGTH]) -> bool {
    let mut different = bytes.to_vec();
    different.sort_unstable();
    different.dedup();
    let is_text = bytes.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ');
    let step = bytes[1].wrapping_sub(bytes[0]);
    let equal_steps = bytes.windows(2).all(|pair| pair[1].wrapping_sub(pair[0]) == step);
    is_text || equal_steps || different.len() < FEWEST_DIFFERENT_BYTES
}

/// Makes a key that nobody else on this machine can read.
fn make(path: &Path) -> anyhow::Result<MasterKey> {
    let master_key = MasterKey::generate(&Entropy::Os);
    let failed = |error: std::io::Error| {
        Refusal::unavailable(format!(
            "{}: the master key cannot be written: {error}",
            path.display()
        ))
    };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
    }
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(0o600).open(path).map_err(failed)?;
    let text = STANDARD.encode(master_key.expose()) + "\n";
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
    Ok(master_key)
}

#[cfg(test)]
mod tests {
    use domain::Secret;

    use super::*;

    const RANDOM: &str = "oX3kL0cXm1yqv0lF2cVxqg4Yt8H5J0G7b9nQwErTzUI=";

    // CR-02
    #[test]
    fn a_weak_master_key_is_refused_with_a_reason() {
        let sequence: Vec<u8> = (0..32).collect();
        for (text, reason) in [
            ("", "is empty"),
            ("  \n", "is empty"),
            ("secret", "is neither base64 nor hexadecimal"),
            ("c2VjcmV0", "has 6 bytes and needs 32"),
            (&STANDARD.encode([7; 31]), "has 31 bytes and needs 32"),
            (&STANDARD.encode([7; 48]), "has 48 bytes and needs 32"),
            (&STANDARD.encode([0; 32]), "is an example or a phrase, not 32 random bytes"),
            (&STANDARD.encode(&sequence), "is an example or a phrase, not 32 random bytes"),
            (&"01".repeat(32), "is an example or a phrase, not 32 random bytes"),
            (
                &STANDARD.encode("a passphrase of thirty-two chars"),
                "is an example or a phrase, not 32 random bytes",
            ),
        ] {
            let refused = parse("KEY", text, ADVICE).err().expect(text).to_string();
            assert_eq!(refused, format!("KEY: the master key {reason}; {ADVICE}"), "{text}");
        }
    }

    #[test]
    fn base64_and_hexadecimal_of_random_bytes_are_taken() {
        let bytes = STANDARD.decode(RANDOM).expect("is base64");
        let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let hexadecimal = digits.concat();
        let url_safe = RANDOM.replace('+', "-").replace('/', "_");
        for text in [RANDOM, RANDOM.trim_end_matches('='), &hexadecimal, &url_safe] {
            assert_eq!(
                parse("KEY", text, ADVICE).expect(text).expose().as_slice(),
                bytes,
                "{text}"
            );
        }
    }

    // CR-02
    #[test]
    fn a_key_file_that_everybody_can_read_is_refused() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("key");
        fs::write(&path, RANDOM).expect("writes");
        for (mode, taken) in [(0o600, true), (0o400, true), (0o440, true), (0o644, false)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("sets");
            assert_eq!(read(&path, ADVICE).is_ok(), taken, "{mode:o}");
        }
        let refused = read(&path, ADVICE).err().expect("is refused").to_string();
        assert!(refused.contains("everybody on this machine can read"), "{refused}");
    }

    // CR-02
    #[test]
    fn a_key_is_made_once_and_only_for_an_empty_database() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("data/master.key");
        let source = MasterKeySource::DataDir(path.clone());
        let refused =
            unlock(&source, Some(&[1; 32]), Whereabouts::Here).err().expect("no key").to_string();
        assert!(
            refused.starts_with("the database is there but its master key is not"),
            "{refused}"
        );
        let made = unlock(&source, None, Whereabouts::Here).expect("makes one");
        let permissions = fs::metadata(&path).expect("is there").permissions();
        assert_eq!(permissions.mode() & 0o777, 0o600);
        let again = unlock(&source, Some(made.check_value()), Whereabouts::Here).expect("reads it");
        assert_eq!(again.check_value(), made.check_value());
        let refused = unlock(&source, Some(&[1; 32]), Whereabouts::Here)
            .err()
            .expect("another key")
            .to_string();
        assert!(refused.starts_with("the master key is not the one"), "{refused}");
    }

    // CR-02
    #[test]
    fn an_unusable_key_of_a_database_in_use_is_to_be_put_back() {
        let used = Some(&[1_u8; 32][..]);
        for (whereabouts, back) in [
            (Whereabouts::Here, "put the key back"),
            (Whereabouts::OtherNodes, "copy it from the first node"),
        ] {
            for text in ["", "c2VjcmV0"] {
                let source = MasterKeySource::Given(Secret::new(text));
                let refused = unlock(&source, used, whereabouts).err().expect(text).to_string();
                assert!(refused.contains(&format!("{back}; {NEW_KEY}")), "{refused}");
                assert!(!refused.contains("openssl"), "{refused}");
            }
            let source = MasterKeySource::DataDir("absent/master.key".into());
            let refused = unlock(&source, used, whereabouts).err().expect("no key").to_string();
            assert!(refused.contains(back), "{refused}");
        }
    }
}

//! Randomness: the operating system's, or in tests a seeded stream that repeats.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use aws_lc_rs::{hmac, rand};
use domain::{ExpiryBucket, Handle, HandleKind, HandlePrefix, Secret};

/// Where random bytes come from.
#[derive(Clone, Debug)]
pub enum Entropy {
    /// The operating system.
    Os,
    /// A stream fixed by its seed; for tests only.
    Seeded(Arc<SeededStream>),
}

/// The state of a seeded stream.
#[derive(Debug)]
pub struct SeededStream {
    key: hmac::Key,
    blocks_drawn: AtomicU64,
}

impl Entropy {
    /// The stream of this seed.
    pub fn seeded(seed: &str) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, seed.as_bytes());
        Self::Seeded(Arc::new(SeededStream { key, blocks_drawn: AtomicU64::new(0) }))
    }

    /// 256 random bits.
    ///
    /// # Panics
    /// If the operating system has no random bytes: nothing may go on then.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that draws random bytes")]
    pub fn bytes(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        match self {
            Self::Os => {
                rand::fill(&mut bytes).expect("the operating system always has random bytes");
            }
            Self::Seeded(stream) => {
                let block = stream.blocks_drawn.fetch_add(1, Ordering::Relaxed);
                bytes.copy_from_slice(hmac::sign(&stream.key, &block.to_be_bytes()).as_ref());
            }
        }
        bytes
    }

    /// Eight bytes that tell a request from others. They are no secret, but nobody can tell from his own how
    /// many requests others make: a count under a keyed hash, as a draw for each would cost every request a third
    /// of a microsecond.
    pub fn request_number(&self) -> [u8; 8] {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);
        match self {
            Self::Os => KEY.hash_one(COUNT.fetch_add(1, Ordering::Relaxed)).to_be_bytes(),
            Self::Seeded(_) => {
                let mut number = [0; 8];
                number.copy_from_slice(&self.bytes()[..8]);
                number
            }
        }
    }

    /// A new handle without an expiry bucket.
    pub fn handle(&self, prefix: &HandlePrefix, kind: HandleKind) -> Secret {
        Handle::encode(prefix, kind, None, &self.bytes())
    }

    /// A new handle that begins with its expiry bucket.
    pub fn expiring_handle(
        &self,
        prefix: &HandlePrefix,
        kind: HandleKind,
        bucket: ExpiryBucket,
    ) -> Secret {
        Handle::encode(prefix, kind, Some(bucket), &self.bytes())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use domain::Timestamp;

    use super::*;

    // CR-05, V7.2.3, V11.5.1, D-10
    #[test]
    fn handles_do_not_repeat_and_none_of_their_letters_lean() {
        let (prefix, now) = (HandlePrefix::default(), Timestamp::from_millis(1_777_887_000_000));
        let bucket = ExpiryBucket::for_expiry(now, Some(now));
        let mut seen = HashSet::new();
        let mut letters = [0_u64; 128];
        let draws: u64 = 50_000;
        for _ in 0..draws {
            let handle = Entropy::Os.expiring_handle(&prefix, HandleKind::AccessToken, bucket);
            let text = handle.expose().to_owned();
            // The random part, without its first two letters, which cannot take every value.
            for letter in text.bytes().skip(10).take(41) {
                letters[usize::from(letter)] += 1;
            }
            assert!(seen.insert(text), "a repeated handle");
        }
        let expected = draws * 41 / 62;
        for letter in (b'0'..=b'9').chain(b'A'..=b'Z').chain(b'a'..=b'z') {
            let count = letters[usize::from(letter)];
            let five_sigma = 5 * expected.isqrt();
            assert!(count.abs_diff(expected) < five_sigma, "{}: {count}", char::from(letter));
        }
    }

    // CR-05
    #[test]
    fn a_restart_does_not_repeat_the_operating_system() {
        let (before, after) = (Entropy::Os, Entropy::Os);
        assert_ne!(before.bytes(), after.bytes());
    }
}

//! Randomness: the operating system's, or in tests a seeded stream that repeats.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

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

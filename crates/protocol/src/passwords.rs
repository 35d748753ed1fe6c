//! People's passwords: Argon2id on a few threads of its own, behind a short queue.
//!
//! Nothing else in Consentry uses a password hash; a storm of sign-ins cannot delay tokens.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, PasswordHash, Version};
use domain::{Lifetime, Secret};

use crate::entropy::Entropy;
use crate::workers::{Undone, Workers};

/// The longest password that is looked at, in bytes.
pub const PASSWORD_MAX_BYTES: usize = 1024;

/// How many sign-ins wait for a hashing thread before the next is sent away.
const QUEUE_LENGTH: usize = 32;

/// Hashes and verifies passwords.
#[derive(Clone)]
pub struct Passwords {
    argon2: Argon2<'static>,
    workers: Workers,
    hashes: Arc<AtomicU64>,
}

/// The hashing threads and their queue are full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many sign-ins at once")]
pub struct PasswordsBusy;

impl PasswordsBusy {
    /// When to try again.
    pub const RETRY_AFTER: Lifetime = Lifetime::seconds(2);
}

/// What is verified against when there is no such user, so that both cases cost the same.
static NOBODY: LazyLock<Params> = LazyLock::new(|| {
    Params::new(19_456, 2, 1, None).expect("OWASP's parameters are in Argon2's range")
});

impl Passwords {
    /// OWASP's parameters (19 MiB, 2 passes), on as many threads.
    pub fn new(threads: usize) -> Self {
        Self::with_params(NOBODY.clone(), threads)
    }

    /// The cheapest hash there is; for tests that sign in often.
    ///
    /// # Panics
    /// Never: the least parameters are in Argon2's range.
    pub fn cheap() -> Self {
        let params = Params::new(8, 1, 1, None).expect("the least parameters are in range");
        Self::with_params(params, 2)
    }

    fn with_params(params: Params, threads: usize) -> Self {
        Self {
            argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
            workers: Workers::new(threads, QUEUE_LENGTH),
            hashes: Arc::default(),
        }
    }

    /// The PHC string to store for a password.
    ///
    /// # Panics
    /// Never: a salt of 16 bytes and any password can be hashed.
    pub async fn hash(&self, entropy: &Entropy, password: Secret) -> Result<String, PasswordsBusy> {
        let salt = entropy.bytes();
        self.on_own_thread(move |argon2| {
            argon2
                .hash_password_with_salt(password.expose().as_bytes(), &salt[..16])
                .expect("a salt of 16 bytes and any password can be hashed")
                .to_string()
        })
        .await
    }

    /// Whether the password fits the stored hash; without one (no such user, no password) the same
    /// work is done and the answer is no.
    pub async fn verify(
        &self,
        password: Secret,
        stored: Option<String>,
    ) -> Result<bool, PasswordsBusy> {
        self.on_own_thread(move |argon2| {
            let password = password.expose().as_bytes();
            let Some(Ok(hash)) = stored.as_deref().map(PasswordHash::new) else {
                let _ = argon2.hash_password_with_salt(password, &[0; 16]);
                return false;
            };
            argon2.verify_password(password, &hash).is_ok()
        })
        .await
    }

    /// How many passwords have been hashed so far, for whichever reason.
    pub fn hash_count(&self) -> u64 {
        self.hashes.load(Ordering::Relaxed)
    }

    async fn on_own_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'static>) -> T + Send + 'static,
    ) -> Result<T, PasswordsBusy> {
        let (argon2, hashes) = (self.argon2.clone(), Arc::clone(&self.hashes));
        let work = move || {
            hashes.fetch_add(1, Ordering::Relaxed);
            work(&argon2)
        };
        let done = self.workers.run(work).await;
        done.map_err(|(Undone::Full | Undone::Broken)| PasswordsBusy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_fits() {
        let passwords = Passwords::cheap();
        let stored =
            passwords.hash(&Entropy::Os, Secret::new("correct horse")).await.expect("hashes");
        assert!(stored.starts_with("$argon2id$"));
        for (password, fits) in
            [("correct horse", true), ("correct horse ", false), ("Correct horse", false)]
        {
            let verdict = passwords.verify(Secret::new(password), Some(stored.clone())).await;
            assert_eq!(verdict, Ok(fits), "{password}");
        }
        assert_eq!(passwords.verify(Secret::new("correct horse"), None).await, Ok(false));
    }

    // DS-01
    #[tokio::test]
    async fn a_full_queue_sends_the_next_away_at_once() {
        let passwords = Passwords::cheap();
        let waiting = passwords.workers.fill();
        assert_eq!(passwords.verify(Secret::new("x"), None).await, Err(PasswordsBusy));
        drop(waiting);
        assert_eq!(passwords.verify(Secret::new("x"), None).await, Ok(false));
    }
}

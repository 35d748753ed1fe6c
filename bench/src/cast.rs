//! Who takes part: the names and secrets of `seed.toml`, which are worth nothing elsewhere.

/// What is applied to an empty database.
pub(crate) const SEED: &str = include_str!("../seed.toml");

/// The client.
pub(crate) const CLIENT_ID: &str = "bench";

/// Its secret.
pub(crate) const CLIENT_SECRET: &str = "bench-secret-0123456789abcdefghijklmnop";

/// Where it waits for the browser. Nobody listens there.
pub(crate) const CALLBACK: &str = "http://127.0.0.1:9/callback";

/// Who lets it in.
pub(crate) const EMAIL: &str = "user@bench.test";

/// His password.
pub(crate) const PASSWORD: &str = "bench-user-password";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seed_declares_them() {
        for name in [CLIENT_ID, CLIENT_SECRET, CALLBACK, EMAIL, PASSWORD] {
            assert!(SEED.contains(&format!("\"{name}\"")), "{name}");
        }
    }
}

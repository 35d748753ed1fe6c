//! How the reference is told what to do: variables, so that another program can stand in its place.

/// What is in the environment.
pub(crate) struct Environment {
    /// `BIND`: where it listens.
    pub(crate) bind: String,
    /// `DB`: the file of the SQLite database; it is made anew.
    pub(crate) db: String,
    /// `SYNC`: SQLite's `synchronous`.
    pub(crate) sync: String,
    /// `PG`: the PostgreSQL database, if there is one.
    pub(crate) pg: Option<String>,
    /// `SEED_FILE`: where the first refresh tokens are written, a line each.
    pub(crate) seed_file: Option<String>,
    /// `CLIENT_ID`: the one client.
    pub(crate) client_id: String,
    /// `CLIENT_SECRET`: its secret.
    pub(crate) client_secret: String,
}

impl Environment {
    /// Reads it.
    pub(crate) fn read() -> Self {
        let or = |name, default: &str| variable(name).unwrap_or_else(|| default.to_owned());
        Self {
            bind: or("BIND", "127.0.0.1:9002"),
            db: or("DB", "reference.db"),
            sync: or("SYNC", "FULL"),
            pg: variable("PG"),
            seed_file: variable("SEED_FILE"),
            client_id: or("CLIENT_ID", "bench"),
            client_secret: or("CLIENT_SECRET", "bench-secret-0123456789abcdefghijklmnop"),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the reference has no settings but these")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

//! What every request needs.

use std::collections::HashMap;
use std::sync::RwLock;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use axum::body::Bytes;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use super::client::Clients;
use super::environment::Environment;
use super::jobs::Hash;
use super::postgres::Postgres;
use super::signing::Signer;
use super::sqlite::Sqlite;

/// How long the first refresh tokens last, in seconds.
const SEED_LIFETIME: i64 = 7 * 86_400;

/// The whole of the reference.
pub(super) struct State {
    pub(super) clients: Clients,
    pub(super) signer: Signer,
    pub(super) jwks: Bytes,
    pub(super) random: SystemRandom,
    /// Tokens that are in memory only, with their ends.
    pub(super) memory: RwLock<HashMap<Hash, i64>>,
    pub(super) sqlite: Sqlite,
    pub(super) postgres: Option<Postgres>,
}

impl State {
    /// Makes keys, tables and the first refresh tokens.
    pub(super) async fn open(environment: &Environment) -> anyhow::Result<Self> {
        let random = system_random();
        let seeds: Vec<String> =
            (0..super::SEEDS).map(|_| handle(&random)).collect::<anyhow::Result<_>>()?;
        let hashes: Vec<Hash> = seeds.iter().map(|seed| hash(seed)).collect();
        let expires_at = now() + SEED_LIFETIME;
        let sqlite = Sqlite::open(environment, &hashes, expires_at)?;
        let postgres = match &environment.pg {
            Some(url) => Some(Postgres::open(url, &hashes, expires_at).await?),
            None => None,
        };
        if let Some(file) = &environment.seed_file {
            std::fs::write(file, seeds.join("\n"))?;
        }
        let signer = Signer::new()?;
        Ok(Self {
            clients: Clients::one(&environment.client_id, &environment.client_secret),
            jwks: signer.jwks().into(),
            signer,
            random,
            memory: RwLock::default(),
            sqlite,
            postgres,
        })
    }

    /// A new token.
    pub(super) fn handle(&self) -> anyhow::Result<String> {
        handle(&self.random)
    }
}

/// A token of 256 bits.
fn handle(random: &SystemRandom) -> anyhow::Result<String> {
    let mut bytes = [0; 32];
    random.fill(&mut bytes)?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

/// What is stored of a token.
pub(super) fn hash(token: &str) -> Hash {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
    hash
}

/// Seconds since the Unix epoch.
#[expect(clippy::disallowed_methods, reason = "the reference is not part of the product")]
pub(super) fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

#[expect(clippy::disallowed_methods, reason = "the reference is not part of the product")]
fn system_random() -> SystemRandom {
    SystemRandom::new()
}

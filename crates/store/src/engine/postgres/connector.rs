//! Connecting: TLS, the right host of several, and the settings of every session.

use std::pin::Pin;
use std::time::Duration;

use deadpool_postgres::{ClientWrapper, Connect};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::{Client, Config, Error};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::error::fault;
use super::no_answer;
use super::options::Options;
use super::tls;
use crate::Fault;

/// Connecting takes at most this long, all hosts together.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);
/// What every session is told. A lost unit of work must not hold its locks.
const SESSION: &str = "SET statement_timeout = '2s'; \
    SET idle_in_transaction_session_timeout = '10s'; \
    SET default_transaction_isolation = 'read committed'";

/// Opens connections to one database.
#[derive(Clone)]
pub(super) struct Connector {
    config: Config,
    tls: MakeRustlsConnect,
}

type Connected = Result<(Client, JoinHandle<()>), Error>;

impl Connector {
    pub(super) fn new(options: &Options) -> Result<Self, Fault> {
        let tls = MakeRustlsConnect::new(tls::config(options)?);
        Ok(Self { config: options.config().clone(), tls })
    }

    pub(super) const fn config(&self) -> &Config {
        &self.config
    }

    pub(super) fn tls(&self) -> MakeRustlsConnect {
        self.tls.clone()
    }

    /// A connection outside the pool.
    pub(super) async fn connect(&self) -> Result<ClientWrapper, Fault> {
        let (client, driver) = timeout(PATIENCE, self.open())
            .await
            .map_err(|_| no_answer())?
            .map_err(|error| fault("connect", &error))?;
        Ok(ClientWrapper::new(client, driver))
    }

    async fn open(&self) -> Connected {
        let (client, connection) = self.config.connect(self.tls()).await?;
        let driver = tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::warn!(%error, "a connection to PostgreSQL ended");
            }
        });
        client.batch_execute(SESSION).await?;
        Ok((client, driver))
    }
}

impl Connect for Connector {
    fn connect(&self, _: &Config) -> Pin<Box<dyn Future<Output = Connected> + Send + '_>> {
        Box::pin(self.open())
    }
}

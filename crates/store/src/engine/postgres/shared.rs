//! A connection that many share: their statements are pipelined. A closed one is replaced.

use std::sync::{Arc, PoisonError, RwLock};

use deadpool_postgres::ClientWrapper;
use tokio::sync::Mutex;

use super::connector::Connector;
use super::error::fault;
use crate::Fault;

pub(crate) struct Shared {
    client: RwLock<Option<Arc<ClientWrapper>>>,
    connecting: Mutex<()>,
    connector: Connector,
    /// What its session is told beyond what every session is.
    settings: &'static str,
}

impl Shared {
    pub(super) fn new(connector: Connector, settings: &'static str) -> Self {
        Self { client: RwLock::new(None), connecting: Mutex::new(()), connector, settings }
    }

    /// Keeps a new connection, whose session has been told what it is told.
    pub(super) fn put(&self, client: ClientWrapper) -> Arc<ClientWrapper> {
        let client = Arc::new(client);
        let mut place = self.client.write().unwrap_or_else(PoisonError::into_inner);
        *place = Some(Arc::clone(&client));
        client
    }

    /// The open connection; the first who finds it closed opens another.
    pub(super) async fn get(&self) -> Result<Arc<ClientWrapper>, Fault> {
        if let Some(client) = self.open() {
            return Ok(client);
        }
        let _connecting = self.connecting.lock().await;
        if let Some(client) = self.open() {
            return Ok(client);
        }
        let client = self.connector.connect().await?;
        if !self.settings.is_empty() {
            let set = client.batch_execute(self.settings).await;
            set.map_err(|error| fault("SET", &error))?;
        }
        Ok(self.put(client))
    }

    /// Closes a connection on which nothing comes back.
    pub(super) fn discard(&self) {
        *self.client.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn open(&self) -> Option<Arc<ClientWrapper>> {
        let client = self.client.read().unwrap_or_else(PoisonError::into_inner);
        client.as_ref().filter(|client| !client.is_closed()).map(Arc::clone)
    }
}

//! Listening for announcements, on a connection of its own. What was missed while it was closed is unknown, so that
//! every new connection begins with empty caches.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::time::error::Elapsed;
use tokio::time::{sleep, timeout};
use tokio_postgres::{AsyncMessage, Error};

use super::connector::{Connector, PATIENCE};
use crate::generation::Generation;

/// How long to wait before connecting again.
const PAUSE: Duration = Duration::from_millis(250);

pub(crate) struct Listener {
    connector: Connector,
    generation: Arc<Generation>,
}

impl Listener {
    pub(super) const fn new(connector: Connector, generation: Arc<Generation>) -> Self {
        Self { connector, generation }
    }

    /// Listens until it is aborted.
    pub(crate) async fn listen(self) {
        loop {
            if let Err(error) = self.listen_once().await {
                tracing::warn!(%error, "listening for announcements was interrupted");
            }
            self.generation.advance();
            sleep(PAUSE).await;
        }
    }

    async fn listen_once(&self) -> Result<(), Interrupted> {
        let connecting = self.connector.config().connect(self.connector.tls());
        let (client, mut connection) = in_time(connecting).await?;
        let messages = async {
            while let Some(message) = poll_fn(|cx| connection.poll_message(cx)).await {
                if let AsyncMessage::Notification(_) = message? {
                    self.generation.advance();
                }
            }
            Ok(())
        };
        let listening = async {
            in_time(client.batch_execute("LISTEN consentry")).await?;
            // Whatever was announced before this moment was not heard.
            self.generation.advance();
            Ok::<_, Interrupted>(())
        };
        match select(pin!(messages), pin!(listening)).await {
            Either::Left((ended, _)) => ended,
            Either::Right((Err(error), _)) => Err(error),
            Either::Right((Ok(()), messages)) => messages.await,
        }
    }
}

/// Why nothing is heard.
#[derive(Debug, thiserror::Error)]
enum Interrupted {
    #[error(transparent)]
    Closed(#[from] Error),
    #[error("PostgreSQL does not answer")]
    NoAnswer(#[from] Elapsed),
}

/// Waits for an answer, but not for ever.
async fn in_time<T>(answer: impl Future<Output = Result<T, Error>>) -> Result<T, Interrupted> {
    Ok(timeout(PATIENCE, answer).await??)
}

//! The PostgreSQL engine: a pool for units of work, shared connections on which reads are pipelined, two and one for
//! lists, one for look-ups that are batched, and a connection for each kind of write that is.

pub(crate) mod batched;
mod connector;
mod error;
mod lane;
mod listener;
mod options;
mod partitions;
mod run;
mod shared;
mod tls;
mod unit;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use deadpool_postgres::{
    ClientWrapper, Manager, ManagerConfig, Pool, PoolError, QueueMode, RecyclingMethod, Runtime,
    TimeoutType, Timeouts,
};
use tokio::time::timeout;
use tokio_postgres::types::ToSql;

pub(crate) use error::fault;
pub(crate) use partitions::{Partitions, week_of};
pub(crate) use unit::Unit;

use super::{Row, Statement, Value};
use crate::Fault;
use crate::generation::Generation;
use connector::Connector;
use lane::Lanes;
pub(crate) use lane::{LaneOf, Unwritten};
use listener::Listener;
use options::Options;
use run::Cause;
pub(crate) use shared::Shared;

/// How long a unit of work waits for a connection.
const ACQUIRE_PATIENCE: Duration = Duration::from_millis(500);
/// The server ends a statement after two seconds; one that says nothing by now is stuck itself.
const STATEMENT_PATIENCE: Duration = Duration::from_secs(4);
/// Reads are pipelined, so that two connections carry them all.
const SHARED: usize = 2;
/// With fifteen partitions PostgreSQL holds it cheaper to plan a look-up each time, which takes five times as long as
/// the look-up. Lists have a connection without this: a plan for any limit is one for a tenth of the table.
const PLANNED_ONCE: &str = "SET plan_cache_mode = force_generic_plan";

/// The same for a batch of look-ups, of which each finds its rows by their keys, whatever the planner thinks of a table
/// that it has never counted.
const LOOKED_UP: &str = "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; \
    SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off";

/// One PostgreSQL database.
pub(crate) struct Postgres {
    pool: Pool,
    shared: [Shared; SHARED],
    lists: Shared,
    lookups: Shared,
    apart: Shared,
    lanes: Lanes,
    turn: AtomicUsize,
    connector: Connector,
    generation: Arc<Generation>,
}

impl Postgres {
    /// Connects, and refuses a server that could lose what it acknowledged.
    pub(crate) async fn open(
        url: &str,
        max_connections: usize,
        generation: Arc<Generation>,
    ) -> Result<Self, Fault> {
        let connector = Connector::new(&Options::parse(url)?)?;
        let first = connector.connect().await?;
        require_durable(&first).await?;
        first.batch_execute(PLANNED_ONCE).await.map_err(|error| fault("SET", &error))?;
        let shared = [(); SHARED].map(|()| Shared::new(connector.clone(), PLANNED_ONCE));
        shared[0].put(first);
        let lists = Shared::new(connector.clone(), "");
        let lookups = Shared::new(connector.clone(), LOOKED_UP);
        let apart = Shared::new(connector.clone(), "");
        let pool = pool(&connector, max_connections)?;
        let lanes = Lanes::new(&connector);
        Ok(Self {
            pool,
            shared,
            lists,
            lookups,
            apart,
            lanes,
            turn: AtomicUsize::new(0),
            connector,
            generation,
        })
    }

    /// How many tasks wait for a connection.
    pub(crate) fn waiting_count(&self) -> usize {
        self.pool.status().waiting
    }

    /// Takes a connection; nothing is sent before the first statement.
    pub(crate) async fn begin(&self) -> Result<Unit, Fault> {
        let client = self.pool.get().await.map_err(acquisition)?;
        Ok(Unit::new(client, Arc::clone(&self.generation)))
    }

    /// The connection on which a statement reads beside others.
    pub(crate) fn shared_for(&self, statement: &Statement) -> &Shared {
        if statement.is_list() {
            &self.lists
        } else {
            &self.shared[self.turn.fetch_add(1, Ordering::Relaxed) % SHARED]
        }
    }

    /// A connection for what must not wait for those that ask: whether memory is trusted hangs on it.
    pub(crate) const fn apart(&self) -> &Shared {
        &self.apart
    }

    /// Writes a batch in one round trip and one commit; for each row, whether its condition held.
    pub(crate) async fn write_batch(
        &self,
        lane: LaneOf,
        statement: &Statement,
        rows: &[Vec<Value<'_>>],
    ) -> Result<Vec<bool>, Unwritten> {
        self.lanes.write(lane, statement, rows).await
    }

    /// Looks a batch up in one round trip.
    pub(crate) async fn read_batch<F>(
        &self,
        statement: &Statement,
        rows: &[Vec<Value<'_>>],
        each: F,
    ) -> Result<(), Fault>
    where
        F: FnMut(&Row<'_>) -> Result<(), Fault> + Send,
    {
        let arrays = lane::arrays(rows, rows.first().map_or(0, Vec::len));
        read_in_time(&self.lookups, statement, &arrays, each).await
    }

    /// The server's clock minus ours, in milliseconds, halfway through the question.
    pub(crate) async fn clock_offset(&self) -> Result<i64, Fault> {
        static CLOCK: Statement = Statement::new(
            "clock",
            "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)",
        );
        let mut theirs = 0;
        let asked = our_millis();
        let each = |row: &Row<'_>| {
            theirs = row.get(0)?;
            Ok(())
        };
        read_in_time::<Value<'_>, _>(&self.apart, &CLOCK, &[], each).await?;
        Ok(theirs - i64::midpoint(asked, our_millis()))
    }

    /// A connection outside the pool, closed when dropped.
    pub(crate) async fn connect_alone(&self) -> Result<ClientWrapper, Fault> {
        self.connector.connect().await
    }

    pub(crate) fn listener(&self) -> Listener {
        Listener::new(self.connector.clone(), Arc::clone(&self.generation))
    }
}

/// Reads, and gives the connection up if nothing comes back on it.
pub(crate) async fn read_in_time<V, F>(
    shared: &Shared,
    statement: &Statement,
    values: &[V],
    each: F,
) -> Result<(), Fault>
where
    V: ToSql + Sync,
    F: FnMut(&Row<'_>) -> Result<(), Fault> + Send,
{
    let reading = read(shared, statement, values, each);
    timeout(STATEMENT_PATIENCE, reading).await.unwrap_or_else(|_| {
        shared.discard();
        Err(no_answer())
    })
}

/// Reads, and once more if the connection was closed or the plan had changed before the first row.
async fn read<V, F>(
    shared: &Shared,
    statement: &Statement,
    values: &[V],
    mut each: F,
) -> Result<(), Fault>
where
    V: ToSql + Sync,
    F: FnMut(&Row<'_>) -> Result<(), Fault> + Send,
{
    let mut seen = false;
    let first = |row: &Row<'_>| {
        seen = true;
        each(row)
    };
    let client = shared.get().await?;
    let Err(failed) = run::query(&client, statement, values, first).await else {
        return Ok(());
    };
    let changed_plan = matches!(failed.cause, Cause::ChangedPlan(_));
    if seen || !(changed_plan || client.is_closed()) {
        return Err(failed.fault);
    }
    client.statement_cache.remove(statement.sql(), &[]);
    let again = run::query(&*shared.get().await?, statement, values, each).await;
    again.map(|_| ()).map_err(|failed| failed.fault.given_up())
}

fn no_answer() -> Fault {
    Fault::Unavailable("PostgreSQL does not answer".into())
}

fn pool(connector: &Connector, max_connections: usize) -> Result<Pool, Fault> {
    let config = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = Manager::from_connect(connector.config().clone(), connector.clone(), config);
    Pool::builder(manager)
        .max_size(max_connections.max(1))
        .queue_mode(QueueMode::Lifo)
        .runtime(Runtime::Tokio1)
        .timeouts(Timeouts {
            wait: Some(ACQUIRE_PATIENCE),
            create: Some(connector::PATIENCE),
            ..Timeouts::default()
        })
        .build()
        .map_err(|error| Fault::Setting(error.to_string()))
}

/// An acknowledged write is durable, so a server that forgets writes is refused.
async fn require_durable(client: &ClientWrapper) -> Result<(), Fault> {
    for (setting, unwanted) in [("fsync", "off"), ("synchronous_commit", "off")] {
        if show(client, setting).await? == unwanted {
            return Err(Fault::Setting(format!(
                "PostgreSQL runs with {setting} = {unwanted}: a crash would lose what was \
                 acknowledged. Set it to on"
            )));
        }
    }
    let encoding = show(client, "server_encoding").await?;
    if encoding != "UTF8" {
        let problem = format!("the database has encoding {encoding}: create it with ENCODING UTF8");
        return Err(Fault::Setting(problem));
    }
    Ok(())
}

async fn show(client: &ClientWrapper, setting: &'static str) -> Result<String, Fault> {
    let sql = "SELECT current_setting($1)";
    let row = client.query_one(sql, &[&setting]).await;
    row.and_then(|row| row.try_get(0)).map_err(|error| fault("current_setting", &error))
}

fn acquisition(error: PoolError) -> Fault {
    match error {
        PoolError::Backend(error) => fault("connect", &error),
        PoolError::Timeout(TimeoutType::Wait) => {
            Fault::Unavailable("every connection is busy".into())
        }
        other => Fault::Unavailable(other.to_string()),
    }
}

#[expect(clippy::disallowed_methods, reason = "compared with the database's clock, nowhere else")]
fn our_millis() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

//! Migrations on PostgreSQL: a connection of their own, and a lock so that one node migrates at a time.

use deadpool_postgres::ClientWrapper;

use super::{Applied, Dialect, Migration, MigrationReport, next};
use crate::Fault;
use crate::engine::postgres::{Postgres, fault};

/// Any number that nobody else uses on this database.
const LOCK: &str = "SELECT pg_advisory_lock(6017364211)";

pub(super) async fn up(
    engine: &Postgres,
    list: &'static [Migration],
) -> Result<MigrationReport, Fault> {
    // The lock ends with the connection, however this ends.
    let client = engine.connect_alone().await?;
    client
        .batch_execute("SET statement_timeout = 0; SET lock_timeout = '60s'")
        .await
        .map_err(failed)?;
    client.batch_execute(LOCK).await.map_err(failed)?;
    client
        .batch_execute(
            "CREATE TABLE IF NOT EXISTS migrations (
               name TEXT COLLATE \"C\" NOT NULL PRIMARY KEY,
               checksum BYTEA NOT NULL
             )",
        )
        .await
        .map_err(failed)?;
    let mut applied = read(&client).await?;
    let mut report =
        MigrationReport { already_applied: applied.len(), ..MigrationReport::default() };
    while let Some(migration) = next(list, &applied)? {
        apply(&client, migration).await?;
        applied.insert(migration.name.to_owned(), migration.checksum());
        report.applied.push(migration.name.to_owned());
    }
    Ok(report)
}

pub(super) async fn applied(engine: &Postgres) -> Result<Applied, Fault> {
    let client = engine.connect_alone().await?;
    let known = client
        .query_one("SELECT COUNT(to_regclass('migrations'))", &[])
        .await
        .and_then(|row| row.try_get::<_, i64>(0))
        .map_err(failed)?;
    if known == 0 { Ok(Applied::new()) } else { read(&client).await }
}

/// One migration in one transaction; without its COMMIT the connection takes everything back.
async fn apply(client: &ClientWrapper, migration: &Migration) -> Result<(), Fault> {
    client.batch_execute("BEGIN").await.map_err(failed)?;
    for statement in migration.statements(Dialect::Postgres)? {
        client.batch_execute(&statement).await.map_err(|error| {
            let problem =
                error.as_db_error().map_or_else(|| error.to_string(), ToString::to_string);
            migration.refused(&format!("{problem} in {}", statement.trim()))
        })?;
    }
    client
        .execute(
            "INSERT INTO migrations (name, checksum) VALUES ($1, $2)",
            &[&migration.name, &migration.checksum()],
        )
        .await
        .map_err(failed)?;
    client.batch_execute("COMMIT").await.map_err(failed)
}

async fn read(client: &ClientWrapper) -> Result<Applied, Fault> {
    let rows = client.query("SELECT name, checksum FROM migrations", &[]).await.map_err(failed)?;
    let rows = rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
    rows.collect::<Result<_, tokio_postgres::Error>>().map_err(failed)
}

#[expect(clippy::needless_pass_by_value, reason = "as `map_err` hands it over")]
fn failed(error: tokio_postgres::Error) -> Fault {
    fault("migrations", &error)
}

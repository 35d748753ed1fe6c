//! What only PostgreSQL can tell, or be told, behind the back of the nodes that share a database.

use std::collections::BTreeMap;

use tokio_postgres::{Client, NoTls};

use super::TestDatabase;
use crate::Database;

/// How many rows of a table were inserted, updated and deleted since it was made.
#[derive(Clone, Copy, Debug, Default)]
pub struct RowChanges {
    /// Inserted.
    pub inserted: i64,
    /// Updated.
    pub updated: i64,
    /// Deleted.
    pub deleted: i64,
}

impl TestDatabase {
    /// What has become of the rows of each table with its partitions; a connection tells of what it did when it ends.
    ///
    /// # Panics
    /// If the server does not answer.
    pub async fn row_changes(&self) -> BTreeMap<String, RowChanges> {
        let sql = "SELECT COALESCE(CAST(CAST(pg_partition_root(relid) AS regclass) AS text), relname), \
             CAST(SUM(n_tup_ins) AS bigint), CAST(SUM(n_tup_upd) AS bigint), \
             CAST(SUM(n_tup_del) AS bigint) \
             FROM pg_stat_user_tables GROUP BY 1";
        let rows = self.connect().await.query(sql, &[]).await.expect("reads the statistics");
        let changes = rows.iter().map(|row| {
            let changes =
                RowChanges { inserted: row.get(1), updated: row.get(2), deleted: row.get(3) };
            (row.get(0), changes)
        });
        changes.collect()
    }

    /// How often somebody waited for whoever waited for him.
    ///
    /// # Panics
    /// If the server does not answer.
    pub async fn deadlocks(&self) -> i64 {
        let sql = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
        self.connect().await.query_one(sql, &[]).await.expect("reads the statistics").get(0)
    }

    /// Where the epochs stand, and the ids: each step is an update of a row that all nodes share.
    ///
    /// # Panics
    /// If the server does not answer.
    pub async fn shared_counters(&self) -> BTreeMap<String, i64> {
        let sql = "SELECT 'epoch ' || name, value FROM epochs \
                   UNION ALL SELECT 'id block', next_id FROM id_blocks";
        let rows = self.connect().await.query(sql, &[]).await.expect("reads the counters");
        rows.iter().map(|row| (row.get(0), row.get(1))).collect()
    }

    /// The URL for a node to whom the server's clock is wrong, by as much as [`Self::skew_clock`] says: names are looked
    /// for in `public` before those that PostgreSQL brings along.
    ///
    /// # Panics
    /// If the database is no PostgreSQL.
    pub fn skewed_url(&self) -> String {
        format!("{}?options=-c%20search_path%3Dpublic,pg_catalog", self.url())
    }

    /// Lets the server's clock be wrong by so many seconds, to those who came by [`Self::skewed_url`].
    ///
    /// # Panics
    /// If the server does not answer.
    pub async fn skew_clock(&self, seconds: i32) {
        let sql = format!(
            "CREATE OR REPLACE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS \
             'SELECT pg_catalog.clock_timestamp() + interval ''{seconds} seconds'''"
        );
        self.connect().await.batch_execute(&sql).await.expect("skews the clock");
    }

    /// How a node reaches it.
    ///
    /// # Panics
    /// If it is no PostgreSQL.
    pub fn url(&self) -> &str {
        let Database::Postgres { url, .. } = &self.options.database else {
            panic!("it is on PostgreSQL");
        };
        url
    }

    async fn connect(&self) -> Client {
        let (client, connection) =
            tokio_postgres::connect(self.url(), NoTls).await.expect("PostgreSQL answers");
        tokio::spawn(connection);
        client
    }
}

//! How large things are, and that they stop growing.

use domain::{ExpiryBucket, Lifetime, Token};
use store::tokens::{TokenPlace, delete_before, end_families};
use store::{Fault, Store, Transaction, tokens};

use crate::conformance_samples::{
    NOW, a_family, after, family_token, fresh_ids, hash_of, scopes, unit,
};
use crate::support::{TestDatabase, on_both_engines};

/// How many tokens are measured.
const MEASURED: i64 = 10_000;

/// The most bytes of a live token, with its indexes. What is stored is the same on every machine; how full pages are
/// differs a little.
const MOST_BYTES_ON_SQLITE: i64 = 600;
const MOST_BYTES_ON_POSTGRES: i64 = 800;

/// A token as it is issued to an app for a user, the number of its hour being this.
fn a_token(sample: &Token, number: i64, hour: i64) -> Token {
    // Hashes lie anywhere.
    let scattered = number.wrapping_mul(0x9E37_79B9_7F4A_7C15_u64.cast_signed());
    let expires_at = after(3_600 * hour);
    Token {
        bucket: ExpiryBucket::for_expiry(NOW, Some(expires_at)),
        hash: hash_of(scattered),
        refresh_hash: Some(hash_of(!scattered)),
        user_id: domain::Id::new(1 + number % 1_000),
        scopes: scopes("read tickets:write"),
        created_at: NOW + Lifetime::millis(number),
        expires_at: Some(expires_at),
        refresh_expires_at: Some(expires_at),
        ..sample.clone()
    }
}

async fn create_all(tx: &mut Transaction, some: &[Token]) -> Result<(), Fault> {
    for token in some {
        tokens::create(tx, token).await?;
    }
    Ok(())
}

async fn issue(store: &Store, sample: &Token, numbers: std::ops::Range<i64>, hour: i64) {
    let all: Vec<_> = numbers.map(|number| a_token(sample, number, hour)).collect();
    for some in all.chunks(200) {
        let ids: [i64; 200] = fresh_ids(store).await;
        let with_ids = some
            .iter()
            .zip(ids)
            .map(|(token, id)| Token { id: domain::Id::new(id), ..token.clone() });
        let some: Vec<_> = with_ids.collect();
        unit!(store, |tx| create_all(tx, &some));
    }
}

/// How many bytes the tokens take, with their indexes.
async fn size(database: &TestDatabase) -> i64 {
    if database.is_postgres() {
        let sql =
            "SELECT SUM(pg_relation_size(indexrelid))::bigint + pg_relation_size('tokens_default')
          FROM pg_index WHERE indrelid = 'tokens_default'::regclass";
        return database.client().await.query_one(sql, &[]).await.expect("a size").get(0);
    }
    let connection = rusqlite::Connection::open(database.path()).expect("it opens");
    let sql = "SELECT (SELECT page_count FROM pragma_page_count) * (SELECT page_size FROM pragma_page_size)";
    connection.query_row(sql, [], |row| row.get(0)).expect("a size")
}

#[expect(clippy::print_stdout, reason = "it is what the measurement is for")]
fn tell(bytes: i64) {
    println!("{bytes} bytes per live token, with its indexes");
}

on_both_engines! {
    /// `cargo test -p consentry-store --test it -- a_live_token --nocapture` tells how many.
    async fn a_live_token_takes_few_bytes(database) {
        let store = database.migrated().await;
        let (_, family, _) = a_family(&store).await;
        let sample = family_token(1, &family, 1);
        let before = size(&database).await;
        issue(&store, &sample, 0..MEASURED, 1).await;
        let bytes = (size(&database).await - before) / MEASURED;
        let most =
            if database.is_postgres() { MOST_BYTES_ON_POSTGRES } else { MOST_BYTES_ON_SQLITE };
        tell(bytes);
        assert!(bytes <= most, "{bytes} bytes");
    }
}

/// Pages that rows have left are used again: the file needs no vacuum.
#[tokio::test]
async fn the_file_stops_growing_when_as_much_leaves_as_comes() {
    let database = TestDatabase::sqlite();
    let store = database.migrated().await;
    let (_, family, _) = a_family(&store).await;
    let sample = family_token(1, &family, 1);
    let mut sizes = Vec::new();
    for hour in 1..=12 {
        issue(&store, &sample, hour * 1_000..(hour + 1) * 1_000, hour).await;
        let past = a_token(&sample, 0, hour - 2).bucket;
        while let 1.. = unit!(store, |tx| leave(tx, past)) {}
        sizes.push(size(&database).await);
    }
    let (steady, last) = (sizes[5], sizes[11]);
    // Three hours' worth is there at a time, so it has grown, and then no more than pages differ in how full they are.
    assert!(sizes[3] > sizes[0], "{sizes:?}");
    assert!(last * 10 <= steady * 11, "{sizes:?}");
}

async fn leave(tx: &mut Transaction, before: ExpiryBucket) -> Result<u64, Fault> {
    end_families(tx, (before, &TokenPlace::FIRST), 250, NOW).await?;
    delete_before(tx, before, 250).await
}

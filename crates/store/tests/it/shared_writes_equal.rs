//! PostgreSQL's own forms of the writes that are batched equal the plain text: the same random sequences leave the
//! same rows and get the same answers, whichever way they go.

use futures_util::future::join_all;

use domain::{AuthorizationCode, ExpiryBucket, Grant, Id, SecretHash, Session, Token, TokenFamily};
use store::authorization_codes::{self, Exchange};
use store::tokens::{self, Rotation};
use store::{Fault, Store, Transaction, grants, sessions, token_families};

use crate::conformance_samples::{
    UNICODE, after, bare_account, bare_code, bare_family, bare_grant, bare_session, bare_token,
    family_token, hash_of, scopes, unit,
};
use crate::support::{TestDatabase, eventually};

/// How many rounds, and families and codes there are.
const ROUNDS: usize = 60;
const EACH: i64 = 12;
/// What the rows of tables look like.
const TABLES: [&str; 5] = ["tokens", "token_families", "authorization_codes", "grants", "sessions"];

/// Numbers that look random and are the same on each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        i64::try_from((self.0 >> 33) % limit.unsigned_abs()).expect("it is below the limit")
    }

    /// One in so many.
    fn one_in(&mut self, chances: i64) -> bool {
        self.below(chances) == 0
    }
}

/// One write of some kind.
#[derive(Clone)]
enum Write {
    Issue(Token),
    Rotate(Rotation),
    Redeem(Box<Exchange>),
}

/// What is there at the start.
async fn set_up(store: &Store) {
    unit!(store, |tx| set_up_in(tx));
}

async fn set_up_in(tx: &mut Transaction) -> Result<(), Fault> {
    store::accounts::create(tx, &bare_account(Id::new(1))).await?;
    for number in 1..=EACH {
        let (grant, session) = (a_grant(number), a_session(number));
        grants::create(tx, &grant).await?;
        sessions::create(tx, &session).await?;
        let family = a_family(number);
        token_families::create(tx, &family).await?;
        tokens::create(tx, &family_token(number, &family, 1)).await?;
        authorization_codes::create(tx, &a_code(number)).await?;
    }
    Ok(())
}

fn a_grant(number: i64) -> Grant {
    bare_grant(100 + number, Id::new(1))
}

fn a_session(number: i64) -> Session {
    bare_session(200 + number, Id::new(1))
}

/// Some have ended.
fn a_family(number: i64) -> TokenFamily {
    let revoked_at = (number % 5 == 0).then(|| after(1));
    let expires_at = if number % 7 == 0 { after(2) } else { after(3600) };
    TokenFamily { revoked_at, expires_at, ..bare_family(300 + number, &a_grant(number)) }
}

/// Some share a grant or a session, some are over or used up.
fn a_code(number: i64) -> AuthorizationCode {
    AuthorizationCode {
        grant_id: a_grant(1 + number / 2).id,
        session_id: a_session(1 + number / 3).id,
        failed_attempts: if number % 6 == 0 { 5 } else { 0 },
        expires_at: if number % 8 == 0 { after(2) } else { after(60) },
        ..bare_code(400 + number, Id::new(1))
    }
}

/// What is asked for in one breath, and the next free id.
fn a_round(dice: &mut Dice, next_id: &mut i64, generations: &[i64]) -> Vec<Write> {
    let kind = dice.below(3);
    let count = 1 + dice.below(20);
    let mut round: Vec<Write> = Vec::new();
    for _ in 0..count {
        *next_id += 1;
        let write = match kind {
            0 => Write::Issue(an_issue(dice, *next_id)),
            1 => Write::Rotate(a_rotation(dice, *next_id, generations)),
            _ => Write::Redeem(Box::new(a_redemption(dice, *next_id))),
        };
        // The same request twice: only one of them may win.
        if kind > 0 && dice.one_in(4) {
            round.push(write.clone());
        }
        round.push(write);
    }
    round
}

fn an_issue(dice: &mut Dice, id: i64) -> Token {
    let bare = bare_token(id, Id::new(1));
    if dice.one_in(2) {
        return bare;
    }
    Token {
        bucket: ExpiryBucket::for_expiry(after(0), Some(after(60))),
        scopes: scopes("openid read"),
        resources: vec!["https://a.example/".to_owned(), "https://b.example/".to_owned()],
        hint: UNICODE.chars().take(10).collect(),
        expires_at: Some(after(60)),
        ..bare
    }
}

/// Mostly from the generation that the family has, some from one before.
fn a_rotation(dice: &mut Dice, id: i64, generations: &[i64]) -> Rotation {
    let number = 1 + dice.below(EACH);
    let current = generations[usize::try_from(number - 1).expect("a small number")];
    let generation = if dice.one_in(5) { (current - 1).max(1) } else { current };
    let family = a_family(number);
    let successor = family_token(id, &family, generation + 1);
    Rotation {
        family_id: family.id,
        generation,
        bucket: successor.bucket,
        hash: leaf(number, generation),
        sealed: vec![0, 0xFF, 7],
        successor: (!dice.one_in(6))
            .then(|| Token { hash: leaf(number, generation + 1), ..successor }),
        at: after(10),
    }
}

/// The hash of the token that a family has in a generation.
fn leaf(number: i64, generation: i64) -> SecretHash {
    if generation == 1 { hash_of(number) } else { hash_of(number * 10_000 + generation) }
}

fn a_redemption(dice: &mut Dice, id: i64) -> Exchange {
    let code = a_code(1 + dice.below(EACH));
    let family = bare_family(1_000_000 + id, &bare_grant(code.grant_id.get(), Id::new(1)));
    let token = (!dice.one_in(6)).then(|| family_token(id, &family, 1));
    let family = TokenFamily {
        session_id: Some(code.session_id),
        scopes: scopes("openid"),
        claims: Some(r#"{"id_token":{"email":null}}"#.to_owned()),
        ..family
    };
    Exchange { code, wrong_verifier_limit: 5, family, token, at: after(10) }
}

/// All together; for each, what it is about and what it was told, in an order that does not tell twins apart.
async fn together(store: &Store, round: &[Write]) -> Vec<(i64, bool)> {
    let mut told = join_all(round.iter().map(|write| shared(store, write.clone()))).await;
    told.sort_unstable();
    told
}

async fn shared(store: &Store, write: Write) -> (i64, bool) {
    let (about, told) = match write {
        Write::Issue(token) => (token.id.get(), tokens::issue(store, token).await.map(|()| true)),
        Write::Rotate(rotation) => {
            (rotation.family_id.get(), tokens::rotate(store, rotation).await)
        }
        Write::Redeem(exchange) => {
            (exchange.code.id.get(), authorization_codes::exchange(store, *exchange).await)
        }
    };
    (about, told.expect("it is decided"))
}

/// One after the other, each in a unit of work of its own, statement by statement.
async fn one_by_one(store: &Store, round: &[Write]) -> Vec<(i64, bool)> {
    let mut told = Vec::new();
    for write in round {
        told.push(unit!(store, |tx| plain(tx, write)));
    }
    told.sort_unstable();
    told
}

async fn plain(tx: &mut Transaction, write: &Write) -> Result<(i64, bool), Fault> {
    Ok(match write {
        Write::Issue(token) => {
            tokens::create(tx, token).await?;
            (token.id.get(), true)
        }
        Write::Rotate(rotation) => (rotation.family_id.get(), plain_rotation(tx, rotation).await?),
        Write::Redeem(exchange) => (exchange.code.id.get(), plain_redemption(tx, exchange).await?),
    })
}

async fn plain_rotation(tx: &mut Transaction, rotation: &Rotation) -> Result<bool, Fault> {
    let Rotation { family_id, generation, bucket, hash, sealed, successor, at } = rotation;
    if !token_families::advance(tx, *family_id, *generation, *at).await? {
        return Ok(false);
    }
    tokens::rotated(tx, *bucket, hash, *at, sealed).await?;
    if let Some(successor) = successor {
        tokens::create(tx, successor).await?;
    }
    Ok(true)
}

async fn plain_redemption(tx: &mut Transaction, exchange: &Exchange) -> Result<bool, Fault> {
    let Exchange { code, wrong_verifier_limit, family, token, at } = exchange;
    if !authorization_codes::redeem(tx, code, family.id, *wrong_verifier_limit, *at).await? {
        return Ok(false);
    }
    token_families::create(tx, family).await?;
    if let Some(token) = token {
        tokens::create(tx, token).await?;
    }
    Ok(true)
}

/// Something else that happens now and then, between the rounds.
async fn meanwhile(store: &Store, number: i64, what: i64) {
    let (account_id, at) = (Id::new(1), after(5));
    let _has_ended = match what {
        0 => unit!(store, |tx| token_families::revoke(tx, a_family(number).id, at)),
        1 => unit!(store, |tx| sessions::end(tx, account_id, a_session(number).id, at)),
        2 => {
            let grant = a_grant(number);
            unit!(store, |tx| grants::revoke(tx, account_id, grant.user_id, grant.id, at))
        }
        _ => false,
    };
}

/// Every row of every table, as text.
async fn rows(database: &TestDatabase) -> Vec<String> {
    let client = database.client().await;
    let mut rows = Vec::new();
    for table in TABLES {
        let sql = format!("SELECT t::text FROM {table} AS t ORDER BY t::text");
        let found = client.query(&sql, &[]).await.expect("it reads");
        rows.extend(found.iter().map(|row| format!("{table} {}", row.get::<_, String>(0))));
    }
    rows
}

/// What generation each family is at.
async fn generations(store: &Store) -> Vec<i64> {
    let mut generations = Vec::new();
    for number in 1..=EACH {
        let family = token_families::show(store, a_family(number).id).await.expect("a look-up");
        generations.push(family.expect("it is found").generation);
    }
    generations
}

#[tokio::test]
#[cfg_attr(not(postgres_available), ignore = "needs PostgreSQL: set CONSENTRY_TEST_POSTGRES")]
async fn what_goes_together_equals_what_goes_one_by_one() {
    let databases = (TestDatabase::postgres().await, TestDatabase::postgres().await);
    let stores = (databases.0.migrated().await, databases.1.migrated().await);
    set_up(&stores.0).await;
    set_up(&stores.1).await;
    let (mut dice, mut next_id, mut won) = (Dice(7), 1_000, 0);
    for number in 0..ROUNDS {
        let round = a_round(&mut dice, &mut next_id, &generations(&stores.0).await);
        let before = stores.0.commit_count();
        let told = together(&stores.0, &round).await;
        assert_eq!(stores.0.commit_count() - before, 1, "in round {number}");
        assert_eq!(told, one_by_one(&stores.1, &round).await, "in round {number}");
        won += told.iter().filter(|told| told.1).count();
        if number > ROUNDS / 2 {
            let (number, what) = (1 + dice.below(EACH), dice.below(12));
            meanwhile(&stores.0, number, what).await;
            meanwhile(&stores.1, number, what).await;
        }
    }
    assert!(won > ROUNDS, "only {won} were done");
    assert_eq!(rows(&databases.0).await, rows(&databases.1).await);
}

/// Changes something, and commits that when the batch waits for its row.
async fn while_waited_for<F: Future>(database: &TestDatabase, change: &str, batch: F) -> F::Output {
    let (client, watcher) = (database.client().await, database.client().await);
    client.batch_execute(&format!("BEGIN; {change}")).await.expect("it is changed");
    let commit = async {
        let waiting = "SELECT 1 FROM pg_stat_activity
          WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let waits = async || !watcher.query(waiting, &[]).await.expect("it reads").is_empty();
        assert!(eventually(waits).await, "nobody waits");
        client.batch_execute("COMMIT").await.expect("it is committed");
    };
    futures_util::future::join(batch, commit).await.0
}

fn rotation(number: i64, generation: i64, id: i64) -> Write {
    let family = a_family(number);
    let successor = family_token(id, &family, generation + 1);
    let (bucket, hash, sealed) = (successor.bucket, leaf(number, generation), vec![1]);
    let (family_id, successor, at) = (family.id, Some(successor), after(10));
    Write::Rotate(Rotation { family_id, generation, bucket, hash, sealed, successor, at })
}

fn redemption(number: i64, id: i64) -> Write {
    let code = a_code(number);
    let family = bare_family(1_000_000 + id, &bare_grant(code.grant_id.get(), Id::new(1)));
    let token = Some(family_token(id, &family, 1));
    let at = after(10);
    Write::Redeem(Box::new(Exchange { code, wrong_verifier_limit: 5, family, token, at }))
}

#[tokio::test]
#[cfg_attr(not(postgres_available), ignore = "needs PostgreSQL: set CONSENTRY_TEST_POSTGRES")]
async fn a_batch_sees_what_it_has_waited_for() {
    let database = TestDatabase::postgres().await;
    let store = database.migrated().await;
    set_up(&store).await;
    for (change, round, told) in [
        (
            "token_families SET revoked_at = 1 WHERE id = 302",
            [rotation(1, 1, 2_001), rotation(2, 1, 2_002)],
            [(301, true), (302, false)],
        ),
        (
            "token_families SET generation = 2 WHERE id = 303",
            [rotation(1, 2, 2_003), rotation(3, 1, 2_004)],
            [(301, true), (303, false)],
        ),
        (
            "sessions SET ended_at = 1 WHERE id = 201",
            [redemption(1, 2_005), redemption(7, 2_006)],
            [(401, false), (407, true)],
        ),
        (
            "grants SET revoked_at = 1 WHERE id = 103",
            [redemption(4, 2_007), redemption(10, 2_008)],
            [(404, false), (410, true)],
        ),
        (
            "authorization_codes SET redeemed_at = 1 WHERE id = 409",
            [redemption(9, 2_009), redemption(11, 2_010)],
            [(409, false), (411, true)],
        ),
    ] {
        let sql = format!("UPDATE {change}");
        let decided = while_waited_for(&database, &sql, together(&store, &round)).await;
        assert_eq!(decided, told, "{change}");
    }
}

/// Each row is found by its key, also when a plan was made for an empty table.
#[tokio::test]
#[cfg_attr(not(postgres_available), ignore = "needs PostgreSQL: set CONSENTRY_TEST_POSTGRES")]
async fn a_batch_finds_its_rows_by_their_keys() {
    let database = TestDatabase::postgres().await;
    drop(database.migrated().await);
    let client = database.client().await;
    let settings =
        "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
      SET plan_cache_mode = force_generic_plan";
    client.batch_execute(settings).await.expect("it is set");
    let mut found_by_key = 0;
    for statement in store::statements::batched() {
        let prepared = client.prepare(statement.sql()).await.expect("it is prepared");
        let nulls = vec!["NULL"; prepared.params().len()].join(", ");
        let explain = format!(
            "PREPARE tried AS {}; EXPLAIN EXECUTE tried({nulls}); DEALLOCATE tried",
            statement.sql()
        );
        for message in client.simple_query(&explain).await.expect("it is explained") {
            let tokio_postgres::SimpleQueryMessage::Row(row) = message else { continue };
            let step = row.get(0).expect("a step");
            let of_given = step.contains("CTE Scan")
                || step.contains("Function Scan")
                || step.contains("Subquery Scan")
                || !step.contains(" Scan ");
            let by_key = step.contains("Index Scan using")
                && (step.contains("_pkey on ") || step.contains("_bucket_refresh_hash_idx on "));
            assert!(of_given || by_key, "{} scans a table: {step}", statement.name());
            found_by_key += usize::from(by_key);
        }
    }
    // Family and token; session, grant and code; token, family and grant, by either token.
    assert_eq!(found_by_key, 11);
}

//! What has ended leaves, on both engines: a few rows at a time, and nothing that others depend on.

use domain::{AuthorizationCode, ExpiryBucket, Grant, Session, Timestamp, Token, TokenFamily};
use store::tokens::TokenPlace;
use store::{Store, authorization_codes, denied_jtis, grants, sessions, token_families, tokens};

use crate::conformance::facts;
use crate::conformance_samples::{
    a_family, an_account, bare_code, bare_family, bare_grant, bare_session, family_token, fresh_id,
    fresh_ids, hash_of, unit,
};

facts! {
    codes_of_past_buckets_are_deleted_a_few_at_a_time,
    tokens_of_past_buckets_are_deleted_a_few_at_a_time,
    a_family_ends_with_its_live_leaf,
    a_family_ends_then_unless_it_ends_before,
    places_lead_through_what_has_ended,
    ended_families_are_deleted_a_few_at_a_time,
    a_session_stays_as_long_as_a_family_that_began_in_it,
    grants_that_were_taken_back_are_deleted_a_few_at_a_time,
    expired_jtis_are_deleted_a_few_at_a_time,
}

/// Long before every other fact.
const fn second(second: i64) -> Timestamp {
    Timestamp::from_millis(second * 1_000)
}

/// Likewise.
const fn bucket(number: i64) -> ExpiryBucket {
    ExpiryBucket::from_stored(number)
}

async fn codes_of_past_buckets_are_deleted_a_few_at_a_time(store: &Store) {
    use authorization_codes::{delete_before, show};
    let account_id = an_account(store).await.id;
    let ids: [i64; 5] = fresh_ids(store).await;
    let mut codes = Vec::new();
    for (id, number) in ids.into_iter().zip([3, 1, 2, 4, 5]) {
        let code = AuthorizationCode { bucket: bucket(number), ..bare_code(id, account_id) };
        unit!(store, |tx| authorization_codes::create(tx, &code));
        codes.push(code);
    }
    for deleted in [3, 1, 0] {
        assert_eq!(unit!(store, |tx| delete_before(tx, bucket(5), 3)), deleted);
    }
    for (code, is_there) in codes.iter().zip([false, false, false, false, true]) {
        let found = show(store, account_id, code.bucket, &code.hash).await.expect("a look-up");
        assert_eq!(found.is_some(), is_there, "{:?}", code.bucket);
    }
    assert_eq!(unit!(store, |tx| delete_before(tx, bucket(6), 3)), 1);
}

/// A token of a bucket, stored, of a family that is stored too.
async fn a_leaf(store: &Store, number: i64) -> (TokenFamily, Token) {
    let (_, family, _) = a_family(store).await;
    let id = fresh_id::<Token>(store).await.get();
    let token = Token { bucket: bucket(number), ..family_token(id, &family, 2) };
    unit!(store, |tx| tokens::create(tx, &token));
    (family, token)
}

async fn is_there(store: &Store, token: &Token) -> bool {
    let found = tokens::by_access(store, token.account_id, token.bucket, &token.hash).await;
    found.expect("a look-up").is_some()
}

async fn tokens_of_past_buckets_are_deleted_a_few_at_a_time(store: &Store) {
    let mut made = Vec::new();
    for number in [3, 1, 2, 4, 5] {
        made.push(a_leaf(store, number).await.1);
    }
    for deleted in [3, 1, 0] {
        assert_eq!(unit!(store, |tx| tokens::delete_before(tx, bucket(5), 3)), deleted);
    }
    for (token, stays) in made.iter().zip([false, false, false, false, true]) {
        assert_eq!(is_there(store, token).await, stays, "{:?}", token.bucket);
    }
    assert_eq!(unit!(store, |tx| tokens::delete_before(tx, bucket(6), 3)), 1);
}

async fn end_of(store: &Store, family: &TokenFamily) -> Timestamp {
    let family = token_families::show(store, family.id).await.expect("a look-up");
    family.expect("it is stored").expires_at
}

async fn a_family_ends_with_its_live_leaf(store: &Store) {
    let (ended, _) = a_leaf(store, 1).await;
    let (goes_on, rotated) = a_leaf(store, 2).await;
    let (is_later, _) = a_leaf(store, 3).await;
    let sealed = b"sealed";
    let (key, hash) = (rotated.bucket, &rotated.hash);
    assert!(unit!(store, |tx| tokens::rotated(tx, key, hash, second(2), sealed)));
    let before = (bucket(3), &TokenPlace::FIRST);
    for at in [second(9), second(10)] {
        unit!(store, |tx| tokens::end_families(tx, before, 9, at));
        // It has ended once, and the rotated one has a successor elsewhere.
        assert_eq!(end_of(store, &ended).await, second(9));
        assert_eq!(end_of(store, &goes_on).await, goes_on.expires_at);
        assert_eq!(end_of(store, &is_later).await, is_later.expires_at);
    }
    assert_eq!(unit!(store, |tx| tokens::delete_before(tx, bucket(4), 9)), 3);
    assert_eq!(unit!(store, |tx| token_families::delete_ended(tx, second(9), 9)), 1);
}

async fn a_family_ends_then_unless_it_ends_before(store: &Store) {
    let (_, family, _) = a_family(store).await;
    let (_, other, _) = a_family(store).await;
    for (at, end) in [(9, 9), (10, 9), (8, 8)] {
        unit!(store, |tx| token_families::end(tx, family.id, second(at)));
        assert_eq!(end_of(store, &family).await, second(end));
    }
    assert_eq!(end_of(store, &other).await, other.expires_at);
}

async fn places_lead_through_what_has_ended(store: &Store) {
    use tokens::place_after;
    for number in 1..=5 {
        a_leaf(store, number).await;
    }
    let (past, first) = (bucket(6), TokenPlace::FIRST);
    let second_one = place_after(store, past, &first, 2).await.expect("a look-up");
    let second_one = second_one.expect("there are two");
    let fourth = place_after(store, past, &second_one, 2).await.expect("a look-up");
    assert_eq!(place_after(store, past, &first, 4).await, Ok(fourth));
    let fourth = fourth.expect("there are four");
    assert_eq!(place_after(store, past, &fourth, 2).await, Ok(None));
    assert!(place_after(store, past, &fourth, 1).await.expect("a look-up").is_some());
    assert_eq!(unit!(store, |tx| tokens::delete_before(tx, past, 9)), 5);
}

async fn ended_families_are_deleted_a_few_at_a_time(store: &Store) {
    use token_families::delete_ended;
    let ids: [i64; 5] = fresh_ids(store).await;
    let grant = bare_grant(ids[0], an_account(store).await.id);
    for (id, end) in ids.into_iter().zip(1..) {
        let family = TokenFamily { expires_at: second(end), ..bare_family(id, &grant) };
        unit!(store, |tx| token_families::create(tx, &family));
    }
    for deleted in [3, 1, 0] {
        assert_eq!(unit!(store, |tx| delete_ended(tx, second(4), 3)), deleted);
    }
    assert_eq!(unit!(store, |tx| delete_ended(tx, second(5), 3)), 1);
}

async fn a_session_stays_as_long_as_a_family_that_began_in_it(store: &Store) {
    use sessions::{by_hash, delete_ended};
    let account_id = an_account(store).await.id;
    let ids: [i64; 4] = fresh_ids(store).await;
    let mut made = Vec::new();
    for id in ids {
        let session = Session { expires_at: second(1), ..bare_session(id, account_id) };
        unit!(store, |tx| sessions::create(tx, &session));
        made.push(session);
    }
    let family = TokenFamily {
        session_id: Some(made[1].id),
        expires_at: second(2),
        ..bare_family(fresh_id::<TokenFamily>(store).await.get(), &bare_grant(ids[0], account_id))
    };
    unit!(store, |tx| token_families::create(tx, &family));
    // The one that stays is put off, and keeps nobody from leaving.
    let mut handled = Vec::new();
    while handled.last() != Some(&0) {
        handled.push(unit!(store, |tx| delete_ended(tx, second(1), second(5), 2)));
    }
    assert_eq!(handled.iter().sum::<u64>(), 4);
    assert!(handled[0] < 4, "a few at a time: {handled:?}");
    for (session, stays) in made.iter().zip([false, true, false, false]) {
        let found = by_hash(store, account_id, &session.hash).await.expect("a look-up");
        assert_eq!(found.is_some(), stays);
    }
    assert_eq!(unit!(store, |tx| delete_ended(tx, second(5), second(7), 2)), 1);
    assert_eq!(unit!(store, |tx| token_families::delete_ended(tx, second(2), 2)), 1);
    assert_eq!(unit!(store, |tx| delete_ended(tx, second(7), second(9), 2)), 1);
    assert_eq!(by_hash(store, account_id, &made[1].hash).await, Ok(None));
}

async fn grants_that_were_taken_back_are_deleted_a_few_at_a_time(store: &Store) {
    use grants::delete_revoked;
    let account_id = an_account(store).await.id;
    let ids: [i64; 5] = fresh_ids(store).await;
    for (id, at) in ids.into_iter().zip(1..) {
        let revoked_at = (at < 5).then(|| second(at));
        let grant = Grant { revoked_at, ..bare_grant(id, account_id) };
        assert!(unit!(store, |tx| grants::create(tx, &grant)));
    }
    for deleted in [3, 1, 0] {
        assert_eq!(unit!(store, |tx| delete_revoked(tx, second(9), 3)), deleted);
    }
    let live = grants::live(store, domain::Id::new(ids[4])).await.expect("a look-up");
    assert!(live.is_some());
}

async fn expired_jtis_are_deleted_a_few_at_a_time(store: &Store) {
    use denied_jtis::{create, delete_expired, exists};
    let account_id = an_account(store).await.id;
    for id in 1..=5 {
        let (hash, end) = (hash_of(id), second(id));
        assert!(unit!(store, |tx| create(tx, account_id, &hash, end)));
    }
    for deleted in [3, 1, 0] {
        assert_eq!(unit!(store, |tx| delete_expired(tx, second(4), 3)), deleted);
    }
    for (id, is_denied) in (1..=5).zip([false, false, false, false, true]) {
        assert_eq!(exists(store, account_id, &hash_of(id)).await, Ok(is_denied));
    }
    assert_eq!(unit!(store, |tx| delete_expired(tx, second(5), 3)), 1);
}

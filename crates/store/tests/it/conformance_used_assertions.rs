//! Assertions that were used, on both engines, and fifty who present the same one.

use domain::{AccountId, Client, ClientId, Timestamp};
use store::used_assertions::{self, UsedAssertion};
use store::{Decision, Failure, Store, settle};

use crate::conformance::facts;
use crate::conformance_samples::{after, fresh_id, hash_of, unit};
use crate::once::winners;
use crate::support::on_both_engines;

facts! {
    an_assertion_is_used_once_by_each_client_of_each_account,
    expired_assertions_are_deleted_a_few_at_a_time,
}

async fn an_assertion(store: &Store) -> UsedAssertion {
    let id = fresh_id::<Client>(store).await.get();
    UsedAssertion {
        account_id: AccountId::new(id),
        client_id: ClientId::new(id),
        jti_hash: hash_of(id),
        expires_at: after(60),
    }
}

async fn an_assertion_is_used_once_by_each_client_of_each_account(store: &Store) {
    let (first, other) = (an_assertion(store).await, an_assertion(store).await);
    assert!(unit!(store, |tx| used_assertions::create(tx, &first)));
    let later = UsedAssertion { expires_at: after(600), ..first };
    assert!(!unit!(store, |tx| used_assertions::create(tx, &later)));
    for elsewhere in [
        UsedAssertion { account_id: other.account_id, ..first },
        UsedAssertion { client_id: other.client_id, ..first },
        UsedAssertion { jti_hash: other.jti_hash, ..first },
    ] {
        assert!(unit!(store, |tx| used_assertions::create(tx, &elsewhere)));
    }
}

async fn expired_assertions_are_deleted_a_few_at_a_time(store: &Store) {
    // Long before every other fact.
    let second = |second: i64| Timestamp::from_millis(second * 1_000);
    let mut assertions = Vec::new();
    for expires_at in 1..=5 {
        let expires_at = second(expires_at);
        let assertion = UsedAssertion { expires_at, ..an_assertion(store).await };
        assert!(unit!(store, |tx| used_assertions::create(tx, &assertion)));
        assertions.push(assertion);
    }
    assert_eq!(unit!(store, |tx| used_assertions::delete_expired(tx, second(4), 3)), 3);
    assert_eq!(unit!(store, |tx| used_assertions::delete_expired(tx, second(4), 3)), 1);
    assert_eq!(unit!(store, |tx| used_assertions::delete_expired(tx, second(4), 3)), 0);
    for (assertion, is_gone) in assertions.iter().zip([true, true, true, true, false]) {
        assert_eq!(unit!(store, |tx| used_assertions::create(tx, assertion)), is_gone);
    }
}

on_both_engines! {
    // CA-03
    async fn an_assertion_is_used_by_one_of_its_rivals(database) {
        let store = database.migrated().await;
        let assertion = an_assertion(&store).await;
        let used = winners(&store, move |store, _| async move {
            let mut tx = store.begin().await.expect("a unit of work begins");
            let used = used_assertions::create(&mut tx, &assertion).await;
            let decision: Decision<bool, ()> = used.map_err(Failure::Fault);
            settle(tx, decision).await.expect("the unit of work is committed")
        })
        .await;
        assert_eq!(used, 1);
    }
}

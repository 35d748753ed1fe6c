//! Signing keys: stored whole, found, and taken through their lives.

use domain::{AccountId, Id, KeyState, SigningAlgorithm, SigningKey};
use store::{Page, Place, Shape, Side, Store, signing_keys};

use crate::conformance::facts;
use crate::conformance_samples::{GREATEST_ID, NOW, UNICODE, after, an_account, fresh_ids, unit};

facts! {
    a_signing_key_is_stored_whole_and_one_is_current,
    a_key_takes_each_step_once,
    a_revoked_key_keeps_nothing_private,
    what_is_due_is_found_and_what_is_old_as_long_as_it_has_no_successor,
    signing_keys_are_shown_in_pages,
}

/// The current key of its algorithm.
pub(crate) fn bare_signing_key(id: i64, account_id: AccountId) -> SigningKey {
    SigningKey {
        id: Id::new(id),
        account_id,
        kid: format!("{UNICODE} {id}"),
        algorithm: SigningAlgorithm::EdDsa,
        state: KeyState::Current,
        sealed_private_key: vec![0, 1, 254, 255],
        public_jwk: r#"{"kty":"OKP"}"#.to_owned(),
        created_at: NOW,
        current_at: None,
        retiring_at: None,
        retired_at: None,
        revoked_at: None,
        due_at: None,
    }
}

/// A key of this state, as it is when the times of its steps are known.
async fn a_key(store: &Store, account_id: AccountId, state: KeyState) -> SigningKey {
    let [id] = fresh_ids(store).await;
    let key = SigningKey {
        state,
        kid: format!("kid of {id}"),
        due_at: matches!(state, KeyState::Next | KeyState::Retiring).then(|| after(600)),
        ..bare_signing_key(id, account_id)
    };
    assert!(unit!(store, |tx| signing_keys::create(tx, &key)));
    key
}

async fn shown(store: &Store, key: &SigningKey) -> SigningKey {
    let found = signing_keys::show(store, key.account_id, key.id).await;
    found.expect("a look-up").expect("it is there")
}

async fn a_signing_key_is_stored_whole_and_one_is_current(store: &Store) {
    let account = an_account(store).await;
    let [second_id, third_id, fourth_id] = fresh_ids(store).await;
    let next = SigningKey {
        state: KeyState::Next,
        current_at: Some(after(1)),
        retiring_at: Some(after(2)),
        retired_at: Some(after(3)),
        revoked_at: Some(after(4)),
        due_at: Some(after(5)),
        ..bare_signing_key(GREATEST_ID, account.id)
    };
    let current =
        SigningKey { kid: "second".to_owned(), ..bare_signing_key(second_id, account.id) };
    let rival = SigningKey { id: Id::new(third_id), kid: "third".to_owned(), ..current.clone() };
    let second_next = SigningKey { state: KeyState::Next, ..rival.clone() };
    let same_kid =
        SigningKey { kid: "second".to_owned(), state: KeyState::Retired, ..rival.clone() };
    assert!(unit!(store, |tx| signing_keys::create(tx, &next)));
    assert!(unit!(store, |tx| signing_keys::create(tx, &current)));
    for refused in [&rival, &second_next, &same_kid] {
        assert!(!unit!(store, |tx| signing_keys::create(tx, refused)), "{refused:?}");
    }
    let retired = SigningKey {
        id: Id::new(fourth_id),
        kid: "fourth".to_owned(),
        state: KeyState::Retired,
        ..current.clone()
    };
    assert!(unit!(store, |tx| signing_keys::create(tx, &retired)));
    let listed = signing_keys::list(store, account.id).await;
    assert_eq!(listed, Ok(vec![current, next.clone()]), "retired ones are not in use");
    for key in [&next, &retired] {
        assert_eq!(shown(store, key).await, *key);
        let found = signing_keys::by_kid(store, account.id, &key.kid).await;
        assert_eq!(found, Ok(Some(key.clone())));
    }
    let elsewhere = an_account(store).await.id;
    assert_eq!(signing_keys::show(store, elsewhere, next.id).await, Ok(None));
    assert_eq!(signing_keys::by_kid(store, elsewhere, &next.kid).await, Ok(None));
}

async fn a_key_takes_each_step_once(store: &Store) {
    let account_id = an_account(store).await.id;
    let old = a_key(store, account_id, KeyState::Current).await;
    let new = a_key(store, account_id, KeyState::Next).await;
    let of_rsa = SigningKey { algorithm: SigningAlgorithm::Rs256, ..new.clone() };
    for (successor, took_it) in [(&of_rsa, false), (&old, false), (&new, true), (&new, false)] {
        let demoted = unit!(store, |tx| signing_keys::demote(tx, successor, after(1), after(9)));
        assert_eq!(demoted, took_it);
    }
    for took_it in [true, false] {
        assert_eq!(unit!(store, |tx| signing_keys::promote(tx, new.id, after(2))), took_it);
    }
    let promoted = shown(store, &new).await;
    let expected =
        SigningKey { state: KeyState::Current, current_at: Some(after(2)), due_at: None, ..new };
    assert_eq!(promoted, expected);
    let retiring = shown(store, &old).await;
    let expected = SigningKey {
        state: KeyState::Retiring,
        retiring_at: Some(after(1)),
        due_at: Some(after(9)),
        ..old
    };
    assert_eq!(retiring, expected);
    assert!(!unit!(store, |tx| signing_keys::demote(tx, &promoted, after(2), after(9))));
    assert!(!unit!(store, |tx| signing_keys::retire(tx, promoted.id, after(9))));
    for took_it in [true, false] {
        assert_eq!(unit!(store, |tx| signing_keys::retire(tx, retiring.id, after(10))), took_it);
    }
    let expected = SigningKey {
        state: KeyState::Retired,
        sealed_private_key: Vec::new(),
        retired_at: Some(after(10)),
        due_at: None,
        ..retiring.clone()
    };
    assert_eq!(shown(store, &retiring).await, expected);
}

async fn a_revoked_key_keeps_nothing_private(store: &Store) {
    let account_id = an_account(store).await.id;
    for state in [KeyState::Next, KeyState::Current, KeyState::Retiring, KeyState::Retired] {
        let key = a_key(store, account_id, state).await;
        let stale = SigningKey {
            state: if state == KeyState::Next { KeyState::Current } else { KeyState::Next },
            ..key.clone()
        };
        assert!(!unit!(store, |tx| signing_keys::revoke(tx, &stale, after(2))), "{state:?}");
        for took_it in [true, false] {
            let seen = SigningKey { state: shown(store, &key).await.state, ..key.clone() };
            assert_eq!(unit!(store, |tx| signing_keys::revoke(tx, &seen, after(2))), took_it);
        }
        let expected = SigningKey {
            state: KeyState::Retired,
            sealed_private_key: Vec::new(),
            retired_at: Some(after(2)),
            revoked_at: Some(after(2)),
            due_at: None,
            ..key.clone()
        };
        assert_eq!(shown(store, &key).await, expected);
    }
}

async fn what_is_due_is_found_and_what_is_old_as_long_as_it_has_no_successor(store: &Store) {
    let account_id = an_account(store).await.id;
    let ours = |keys: Vec<SigningKey>| -> Vec<String> {
        keys.into_iter().filter(|key| key.account_id == account_id).map(|key| key.kid).collect()
    };
    let current = a_key(store, account_id, KeyState::Current).await;
    let aged = signing_keys::aged(store, NOW, 1000).await.expect("a list");
    assert_eq!(ours(aged), [current.kid.as_str()]);
    let before = NOW + domain::Lifetime::millis(-1);
    assert_eq!(ours(signing_keys::aged(store, before, 1000).await.expect("a list")), [""; 0]);
    let next = a_key(store, account_id, KeyState::Next).await;
    assert_eq!(ours(signing_keys::aged(store, NOW, 1000).await.expect("a list")), [""; 0]);
    assert_eq!(ours(signing_keys::due(store, after(599), 1000).await.expect("a list")), [""; 0]);
    let due = signing_keys::due(store, after(600), 1000).await.expect("a list");
    assert_eq!(ours(due), [next.kid]);
    assert_eq!(signing_keys::due(store, after(600), 1).await.expect("a list").len(), 1);
}

async fn signing_keys_are_shown_in_pages(store: &Store) {
    let account_id = an_account(store).await.id;
    let mut ids = Vec::new();
    for state in [KeyState::Retired, KeyState::Current, KeyState::Next, KeyState::Retired] {
        ids.push(a_key(store, account_id, state).await.id);
    }
    let told = |keys: Result<Vec<SigningKey>, _>| -> Vec<_> {
        keys.expect("a page").into_iter().map(|key| key.id).collect()
    };
    let page = |place, side, limit| Page { place, side, limit };
    let first = page(Place::end(Shape::Id, Side::After), Side::After, 3);
    assert_eq!(told(signing_keys::page(store, account_id, &first).await), ids[..3]);
    let rest = page(Place::Id(ids[2].get()), Side::After, 3);
    assert_eq!(told(signing_keys::page(store, account_id, &rest).await), ids[3..]);
    let back = page(Place::Id(ids[2].get()), Side::Before, 3);
    assert_eq!(told(signing_keys::page(store, account_id, &back).await), [ids[1], ids[0]]);
    assert_eq!(told(signing_keys::by_number(store, account_id, 1, 2).await), ids[1..3]);
    assert_eq!(signing_keys::count(store, account_id).await, Ok(4));
}

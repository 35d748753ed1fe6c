//! The secrets of a client: made up to a limit, changed and ended, on both engines.

use domain::{Client, Id, RecordedSecret};
use store::{Store, client_secrets, clients};

use crate::conformance::facts;
use crate::conformance_samples::{
    NOW, UNICODE, after, an_account, bare_client, bare_secret, fresh_ids, recorded_secret, unit,
};

facts! {
    a_secret_is_found_by_its_own_client_only,
    a_secret_is_changed_while_it_lives,
    a_secret_tells_of_its_latest_use,
    a_secret_is_ended_once,
    a_client_has_so_many_live_secrets_and_no_more,
    the_other_secrets_of_a_client_end_by_then,
}

/// A client with three secrets, the last of which ends after a minute.
async fn three_secrets(store: &Store) -> (Client, [RecordedSecret; 3]) {
    let account = an_account(store).await;
    let [client_id, ids @ ..]: [i64; 4] = fresh_ids(store).await;
    let client = bare_client(client_id, account.id);
    assert!(unit!(store, |tx| clients::create(tx, &client)));
    let mut secrets = ids.map(|id| recorded_secret(&client, bare_secret(id)));
    secrets[0].created_by = None;
    secrets[2].secret.expires_at = Some(after(60));
    for recorded in &secrets {
        assert!(unit!(store, |tx| client_secrets::create(tx, recorded, 3)));
    }
    (client, secrets)
}

async fn a_secret_is_found_by_its_own_client_only(store: &Store) {
    let (client, secrets) = three_secrets(store).await;
    let (stranger, _) = three_secrets(store).await;
    let list = |at| client_secrets::list(store, client.account_id, client.id, at);
    assert_eq!(list(NOW).await, Ok(secrets.to_vec()));
    assert_eq!(list(after(60)).await, Ok(secrets[..2].to_vec()), "the last one has ended");
    assert_eq!(client_secrets::list(store, Id::new(0), client.id, NOW).await, Ok(Vec::new()));

    let ending = &secrets[2];
    let id = ending.secret.id;
    let show =
        |account_id, client_id, at| client_secrets::show(store, account_id, client_id, id, at);
    assert_eq!(show(client.account_id, client.id, NOW).await, Ok(Some(ending.clone())));
    for (account_id, client_id, at) in [
        (client.account_id, client.id, after(60)),
        (client.account_id, stranger.id, NOW),
        (stranger.account_id, client.id, NOW),
    ] {
        assert_eq!(show(account_id, client_id, at).await, Ok(None));
    }
}

async fn a_secret_is_changed_while_it_lives(store: &Store) {
    let (client, [_, _, last]) = three_secrets(store).await;
    let mut changed = last.clone();
    changed.secret.label = Some(UNICODE.to_owned());
    changed.secret.expires_at = Some(after(30));
    assert!(unit!(store, |tx| client_secrets::update(tx, &changed, NOW)));
    let id = last.secret.id;
    let shown = client_secrets::show(store, client.account_id, client.id, id, NOW).await;
    assert_eq!(shown, Ok(Some(changed)));
    let revived = last.clone();
    assert!(!unit!(store, |tx| client_secrets::update(tx, &revived, after(30))));
    let foreign = RecordedSecret { account_id: Id::new(0), ..last.clone() };
    assert!(!unit!(store, |tx| client_secrets::update(tx, &foreign, NOW)));
    let foreign = RecordedSecret { client_id: Id::new(0), ..last };
    assert!(!unit!(store, |tx| client_secrets::update(tx, &foreign, NOW)));
}

async fn a_secret_tells_of_its_latest_use(store: &Store) {
    let (client, [first, ..]) = three_secrets(store).await;
    let id = first.secret.id;
    for at in [after(1), after(3), after(2)] {
        unit!(store, |tx| client_secrets::used(tx, id, at));
    }
    let shown = client_secrets::show(store, client.account_id, client.id, id, NOW).await;
    assert_eq!(shown, Ok(Some(RecordedSecret { used_at: Some(after(3)), ..first })));
}

async fn a_secret_is_ended_once(store: &Store) {
    let (client, [first, _, last]) = three_secrets(store).await;
    let (account_id, client_id, id) = (client.account_id, client.id, first.secret.id);
    for (account_id, client_id) in [(Id::new(0), client_id), (account_id, Id::new(0))] {
        assert!(!unit!(store, |tx| client_secrets::delete(tx, account_id, client_id, id, NOW)));
    }
    assert!(unit!(store, |tx| client_secrets::delete(tx, account_id, client_id, id, NOW)));
    assert!(!unit!(store, |tx| client_secrets::delete(tx, account_id, client_id, id, NOW)));
    let (id, at) = (last.secret.id, after(60));
    assert!(!unit!(store, |tx| client_secrets::delete(tx, account_id, client_id, id, at)));
}

async fn a_client_has_so_many_live_secrets_and_no_more(store: &Store) {
    let (client, _) = three_secrets(store).await;
    let [fourth, fifth] = fresh_ids(store).await;
    let fourth = recorded_secret(&client, bare_secret(fourth));
    assert!(!unit!(store, |tx| client_secrets::create(tx, &fourth, 3)));
    // Later one of the three has ended and takes nobody's place.
    let mut later = recorded_secret(&client, bare_secret(fifth));
    later.secret.created_at = after(60);
    assert!(unit!(store, |tx| client_secrets::create(tx, &later, 3)));
    unit!(store, |tx| client_secrets::delete_ended(tx, client.id, after(60)));
    let stored = clients::show(store, client.account_id, client.id).await.expect("it is shown");
    assert_eq!(stored.map(|client| client.secrets.len()), Some(3), "rows, not only live ones");
}

async fn the_other_secrets_of_a_client_end_by_then(store: &Store) {
    let (client, [first, second, last]) = three_secrets(store).await;
    let (stranger, foreign) = three_secrets(store).await;
    unit!(store, |tx| client_secrets::end_others(tx, &second, after(90)));
    let ends = |secrets: Vec<RecordedSecret>| -> Vec<_> {
        secrets.into_iter().map(|it| (it.secret.id, it.secret.expires_at)).collect()
    };
    let stored = client_secrets::list(store, client.account_id, client.id, NOW).await;
    let expected = [
        (first.secret.id, Some(after(90))),
        (second.secret.id, None),
        // Nobody is given a longer life.
        (last.secret.id, Some(after(60))),
    ];
    assert_eq!(ends(stored.expect("a list")), expected);
    let untouched = client_secrets::list(store, stranger.account_id, stranger.id, NOW).await;
    assert_eq!(untouched, Ok(foreign.to_vec()));
}

//! However many add a secret to a client at the same moment, it has no more than it may, on both
//! engines; and each secret is ended once.

use domain::{Client, RecordedSecret};
use store::{Fault, Store, Transaction, client_secrets, clients};

use crate::conformance_samples::{
    NOW, an_account, bare_client, bare_secret, fresh_id, recorded_secret, unit,
};
use crate::once::winners;
use crate::support::on_both_engines;

const LIMIT: i64 = 5;

async fn a_client(store: &Store) -> Client {
    let account = an_account(store).await;
    let client = bare_client(fresh_id::<Client>(store).await.get(), account.id);
    assert!(unit!(store, |tx| clients::create(tx, &client)));
    client
}

async fn add(tx: &mut Transaction, recorded: &RecordedSecret) -> Result<bool, Fault> {
    assert!(clients::hold(tx, recorded.account_id, recorded.client_id).await?);
    client_secrets::create(tx, recorded, LIMIT).await
}

async fn end(tx: &mut Transaction, recorded: &RecordedSecret) -> Result<bool, Fault> {
    let (account_id, client_id) = (recorded.account_id, recorded.client_id);
    assert!(clients::hold(tx, account_id, client_id).await?);
    client_secrets::delete(tx, account_id, client_id, recorded.secret.id, NOW).await
}

on_both_engines! {
    async fn rivals_leave_no_more_secrets_than_a_client_may_have(database) {
        let store = database.migrated().await;
        let client = a_client(&store).await;
        let rival = client.clone();
        let made = winners(&store, move |store, _| {
            let client = rival.clone();
            async move {
                let id = fresh_id::<Client>(&store).await.get();
                let recorded = recorded_secret(&client, bare_secret(id));
                unit!(store, |tx| add(tx, &recorded))
            }
        })
        .await;
        assert_eq!(made, 5);
        let stored = client_secrets::list(&store, client.account_id, client.id, NOW).await;
        assert_eq!(stored.map(|secrets| secrets.len()), Ok(5));
    }

    async fn a_secret_is_ended_by_one_of_its_rivals(database) {
        let store = database.migrated().await;
        let client = a_client(&store).await;
        let recorded = recorded_secret(&client, bare_secret(fresh_id::<Client>(&store).await.get()));
        assert!(unit!(store, |tx| client_secrets::create(tx, &recorded, LIMIT)));
        let ended = winners(&store, move |store, _| {
            let recorded = recorded.clone();
            async move { unit!(store, |tx| end(tx, &recorded)) }
        })
        .await;
        assert_eq!(ended, 1);
    }
}

//! However many present an initial access token at the same moment, it registers no more clients than
//! it may; and an unused registration is ended by one of its rivals, on both engines.

use store::{
    Decision, Failure, Fault, Transaction, client_registrations, registration_tokens, settle,
};

use crate::conformance_registrations::{a_registered_client, full_token};
use crate::conformance_samples::{NOW, after, an_account, fresh_ids, unit};
use crate::once::winners;
use crate::support::on_both_engines;

async fn settled(tx: Transaction, done: Result<bool, Fault>) -> bool {
    let decision: Decision<bool, ()> = done.map_err(Failure::Fault);
    settle(tx, decision).await.expect("the unit of work is committed")
}

on_both_engines! {
    async fn a_token_with_a_limit_registers_no_more_than_that(database) {
        let store = database.migrated().await;
        let account = an_account(&store).await;
        let [id] = fresh_ids(&store).await;
        let token = full_token(id, account.id);
        unit!(store, |tx| registration_tokens::create(tx, &token));
        let (account_id, id) = (account.id, token.id);
        let registered = winners(&store, move |store, _| async move {
            let mut tx = store.begin().await.expect("a unit of work begins");
            let done = registration_tokens::spend(&mut tx, account_id, id, NOW).await;
            settled(tx, done).await
        });
        assert_eq!(registered.await, 2);
    }

    async fn an_unused_registration_is_ended_once(database) {
        let store = database.migrated().await;
        let account = an_account(&store).await;
        let [id] = fresh_ids(&store).await;
        let (client, _) = a_registered_client(&store, (id, account.id), NOW).await;
        let client_id = client.id;
        let ended = winners(&store, move |store, _| async move {
            let mut tx = store.begin().await.expect("a unit of work begins");
            let done = client_registrations::end(&mut tx, client_id, after(1)).await;
            settled(tx, done).await
        });
        assert_eq!(ended.await, 1);
    }
}

//! A logout token is delivered by one node at a time: whoever takes the delivery first, on both engines.

use domain::{Client, ClientMetadata, LogoutOutcome, TokenFamily};
use store::{clients, logout_deliveries, sessions, token_families};

use crate::conformance_samples::{
    after, an_account, bare_client, bare_family, bare_grant, bare_session, fresh_id, scopes, unit,
};
use crate::once::winners;
use crate::support::on_both_engines;

on_both_engines! {
    async fn a_delivery_is_taken_once_and_ends_once(database) {
        let store = database.migrated().await;
        let account = an_account(&store).await;
        let id = fresh_id::<Client>(&store).await.get();
        let session = bare_session(id, account.id);
        unit!(store, |tx| sessions::create(tx, &session));
        let metadata = ClientMetadata {
            backchannel_logout_uri: Some("https://app.example/out".to_owned()),
            ..ClientMetadata::default()
        };
        let client = Client { metadata, ..bare_client(id, account.id) };
        assert!(unit!(store, |tx| clients::create(tx, &client)));
        let family = TokenFamily {
            session_id: Some(session.id),
            scopes: scopes("openid"),
            ..bare_family(id, &bare_grant(id, account.id))
        };
        unit!(store, |tx| token_families::create(tx, &family));
        unit!(store, |tx| logout_deliveries::enqueue_for_session(tx, session.id, after(0)));

        for round in 1..=3 {
            let (now, leased_until) = (after(round * 100), after(round * 100 + 30));
            let taken = winners(&store, |store, _| async move {
                let taken = unit!(store, |tx| logout_deliveries::take(tx, now, leased_until, 10));
                !taken.is_empty()
            });
            assert_eq!(taken.await, 1, "round {round}");
        }
        let taken = unit!(store, |tx| logout_deliveries::take(tx, after(999), after(9999), 10));
        let ended = winners(&store, |store, _| {
            let delivery = taken[0].clone();
            async move {
                let outcome = LogoutOutcome::Delivered;
                unit!(store, |tx| logout_deliveries::finish(tx, &delivery, outcome, after(1000)))
            }
        });
        assert_eq!(ended.await, 1);
    }
}

//! Names that are given once: fifty who ask for one at the same time, on both engines.

use domain::{Account, AccountId, Client, Id, User};
use store::{Decision, Failure, Fault, Store, accounts, clients, settle, users};

use crate::conformance_samples::{
    NOW, an_account, bare_account, bare_client, bare_user, fresh_id, fresh_ids, identifier, unit,
};
use crate::once::winners;
use crate::support::{begin, on_both_engines};

/// Creates an account: whether it was created, or the conflict that took everything back.
async fn create_account(store: &Store, account: &Account) -> bool {
    let mut tx = begin(store).await;
    let created = accounts::create(&mut tx, account).await;
    let decision: Decision<bool, ()> = created.map_err(Failure::Fault);
    match settle(tx, decision).await {
        Ok(created) => created,
        // On a busy machine somebody may have been given up, which leaves nothing behind either.
        Err(Failure::Fault(Fault::Conflict(_) | Fault::Unavailable(_))) => false,
        Err(other) => panic!("{other:?}"),
    }
}

/// A client of one account, or a global one.
fn contender(number: i64, account_id: AccountId, identifier: &domain::ClientIdentifier) -> Client {
    Client {
        identifier: identifier.clone(),
        global_at: (number % 2 == 0).then_some(NOW),
        ..bare_client(number, account_id)
    }
}

on_both_engines! {
    async fn an_identifier_is_given_once_in_an_account(database) {
        let store = database.migrated().await;
        let account = an_account(&store).await;
        let given = winners(&store, |store, number| {
            let client = Client {
                identifier: identifier(if number % 2 == 0 { "photo-album" } else { "PHOTO-Album" }),
                ..bare_client(number, account.id)
            };
            async move { unit!(store, |tx| clients::create(tx, &client)) }
        });
        assert_eq!(given.await, 1);
    }

    async fn an_identifier_is_never_global_and_local(database) {
        let store = database.migrated().await;
        let places: [i64; 50] = fresh_ids(&store).await;
        for round in 0..10 {
            let name = identifier(&format!("contended-{round}"));
            let given = winners(&store, |store, number| {
                let account_id = Id::new(places[usize::try_from(number).expect("small")]);
                let client = contender(1000 * (round + 1) + number, account_id, &name);
                async move { unit!(store, |tx| clients::create(tx, &client)) }
            });
            let given = given.await;
            let mut globals = 0;
            let mut locals = 0;
            for (number, place) in (0..).zip(places) {
                let (account_id, id) = (Id::new(place), Id::new(1000 * (round + 1) + number));
                let stored = clients::show(&store, account_id, id).await.expect("a look-up");
                globals += usize::from(stored.as_ref().is_some_and(|it| it.global_at.is_some()));
                locals += usize::from(stored.is_some_and(|it| it.global_at.is_none()));
            }
            assert_eq!(globals + locals, given);
            assert!(globals == 0 || (globals, locals) == (1, 0), "{globals} and {locals}");
        }
    }

    async fn a_client_is_made_global_only_while_nobody_else_has_its_identifier(database) {
        let store = database.migrated().await;
        let (account, elsewhere) = (an_account(&store).await, an_account(&store).await);
        for _ in 0..25 {
            let [id, local_id] = fresh_ids(&store).await;
            let client = bare_client(id, account.id);
            assert!(unit!(store, |tx| clients::create(tx, &client)));
            let global = Client { global_at: Some(NOW), ..client.clone() };
            let identifier = client.identifier;
            let local = Client { identifier, ..bare_client(local_id, elsewhere.id) };
            let promotion = tokio::spawn({
                let store = store.clone();
                async move {
                    let update = unit!(store, |tx| clients::update(tx, &global, NOW));
                    update == clients::ClientUpdate::Written
                }
            });
            let creation = tokio::spawn({
                let store = store.clone();
                async move { unit!(store, |tx| clients::create(tx, &local)) }
            });
            let promoted = promotion.await.expect("it ended");
            let created = creation.await.expect("it ended");
            assert!(promoted != created, "one of them was first");
        }
    }

    async fn an_email_address_is_given_once_in_an_account(database) {
        let store = database.migrated().await;
        let account = an_account(&store).await;
        let email = bare_user(1, account.id).email;
        let given = winners(&store, |store, number| {
            let user = User { email: email.clone(), ..bare_user(number, account.id) };
            async move { unit!(store, |tx| users::create(tx, &user)) }
        });
        assert_eq!(given.await, 1);
    }

    async fn a_slug_and_a_base_url_are_given_once(database) {
        let store = database.migrated().await;
        let taken = bare_account(fresh_id(&store).await);
        let given = winners(&store, |store, number| {
            let id = Id::new(taken.id.get() + 1 + number);
            let account = Account { slug: taken.slug.clone(), ..bare_account(id) };
            async move { create_account(&store, &account).await }
        });
        assert_eq!(given.await, 1);
        let given = winners(&store, |store, number| {
            let id = Id::new(taken.id.get() + 100 + number);
            let base_urls = taken.base_urls.clone();
            let account = Account { base_urls, ..bare_account(id) };
            async move { create_account(&store, &account).await }
        });
        assert_eq!(given.await, 1);
        let owner = accounts::by_base_url(&store, taken.base_urls[0].as_str()).await;
        assert!(owner.expect("a look-up").is_some());
    }
}

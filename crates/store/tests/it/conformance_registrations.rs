//! Clients that register by themselves, and the tokens that let them, on both engines.

use domain::{
    AccountId, Client, Grant, Id, RegistrationToken, Role, SelfRegistration, Timestamp, User,
};
use store::registration_tokens::RegistrationTokenSort;
use store::{
    Page, Side, Store, client_registrations, client_secrets, clients, grants, registration_tokens,
    users,
};

use crate::conformance::facts;
use crate::conformance_client_samples::{bare_client, bare_secret, recorded_secret};
use crate::conformance_people::{sort_key, walked};
use crate::conformance_samples::{
    NOW, UNICODE, after, an_account, bare_grant, bare_user, fresh_ids, hash_of, unit,
};

facts! {
    a_registration_is_found_by_its_hash_and_goes_with_its_client,
    a_registration_ends_unless_its_client_was_used,
    an_initial_access_token_is_used_as_often_as_it_may,
    an_initial_access_token_ends_with_its_maker,
    initial_access_tokens_are_paged_by_key_and_by_number,
    the_first_admin_is_the_oldest_active_one,
}

/// A client that registered, and when its registration ends.
pub(crate) async fn a_registered_client(
    store: &Store,
    (id, account_id): (i64, AccountId),
    ends_at: Timestamp,
) -> (Client, SelfRegistration) {
    let client = Client { registered_at: Some(NOW), ..bare_client(id, account_id) };
    let registration = SelfRegistration {
        client_id: client.id,
        account_id,
        hash: hash_of(id),
        registration_token_id: Some(Id::new(id)),
        created_at: NOW,
        ends_at,
    };
    assert!(unit!(store, |tx| clients::create(tx, &client)));
    unit!(store, |tx| client_registrations::create(tx, &registration));
    (client, registration)
}

async fn a_registration_is_found_by_its_hash_and_goes_with_its_client(store: &Store) {
    let (account, other) = (an_account(store).await, an_account(store).await);
    let [id] = fresh_ids(store).await;
    let (client, registration) = a_registered_client(store, (id, account.id), after(60)).await;
    let stored = clients::show(store, account.id, client.id).await;
    assert_eq!(stored, Ok(Some(client.clone())), "it is known as one that registered");
    let found = client_registrations::by_hash(store, account.id, &registration.hash).await;
    assert_eq!(found, Ok(Some(registration.clone())));
    let elsewhere = client_registrations::by_hash(store, other.id, &registration.hash).await;
    assert_eq!(elsewhere, Ok(None));
    let token = registration.registration_token_id;
    for (account_id, token, expected) in
        [(account.id, token, 1), (account.id, None, 0), (other.id, token, 0)]
    {
        let count = client_registrations::count(store, account_id, token).await;
        assert_eq!(count, Ok(expected));
    }
    assert!(unit!(store, |tx| clients::delete(tx, account.id, client.id)));
    let gone = client_registrations::by_hash(store, account.id, &registration.hash).await;
    assert_eq!(gone, Ok(None));
}

async fn a_registration_ends_unless_its_client_was_used(store: &Store) {
    let account = an_account(store).await;
    let ids: [i64; 7] = fresh_ids(store).await;
    let [idle, allowed, authenticated, changed, lasting, grant, secret] = ids;
    let (now, used_after) = (after(100), after(50));
    for (id, ends_at) in
        [(idle, 60), (allowed, 60), (authenticated, 60), (changed, 61), (lasting, 101)]
    {
        a_registered_client(store, (id, account.id), after(ends_at)).await;
    }
    let grant = Grant { client_id: Id::new(allowed), ..bare_grant(grant, account.id) };
    assert!(unit!(store, |tx| grants::create(tx, &grant)));
    unit!(store, |tx| grants::used(tx, grant.id, after(51)));
    let secret = recorded_secret(&bare_client(authenticated, account.id), bare_secret(secret));
    assert!(unit!(store, |tx| client_secrets::create(tx, &secret, 5)));
    unit!(store, |tx| client_secrets::used(tx, secret.secret.id, after(51)));
    unit!(store, |tx| clients::touch(tx, account.id, Id::new(changed), after(51)));

    let due = client_registrations::due(store, now, 100).await.expect("reads");
    let of_account =
        due.iter().filter(|it| it.account_id == account.id).map(|it| it.client_id.get());
    assert_eq!(of_account.collect::<Vec<_>>(), [idle, allowed, authenticated, changed]);
    unit!(store, |tx| client_registrations::extend(tx, (now, used_after), after(200), 100));
    let due = client_registrations::due(store, now, 100).await.expect("reads");
    let of_account: Vec<_> = due.iter().filter(|it| it.account_id == account.id).collect();
    assert_eq!(of_account.len(), 1);
    assert_eq!(of_account[0].client_id, Id::new(idle));
    assert!(!unit!(store, |tx| client_registrations::end(tx, Id::new(allowed), now)));
    assert!(unit!(store, |tx| client_registrations::end(tx, Id::new(idle), now)));
    assert!(!unit!(store, |tx| client_registrations::end(tx, Id::new(idle), now)));
}

/// A token with everything set that may be.
pub(crate) fn full_token(id: i64, account_id: AccountId) -> RegistrationToken {
    RegistrationToken {
        id: Id::new(id),
        account_id,
        user_id: Id::new(id),
        label: UNICODE.to_owned(),
        hash: hash_of(id),
        hint: "cstia_abc".to_owned(),
        use_limit: Some(2),
        use_count: 0,
        created_at: NOW,
        expires_at: Some(after(60)),
        used_at: Some(NOW),
        revoked_at: None,
    }
}

fn bare_token(id: i64, account_id: AccountId) -> RegistrationToken {
    let full = full_token(id, account_id);
    RegistrationToken { use_limit: None, expires_at: None, used_at: None, ..full }
}

async fn an_initial_access_token_is_used_as_often_as_it_may(store: &Store) {
    let (account, other) = (an_account(store).await, an_account(store).await);
    let [limited, free] = fresh_ids(store).await;
    let (limited, free) = (full_token(limited, account.id), bare_token(free, account.id));
    for token in [&limited, &free] {
        unit!(store, |tx| registration_tokens::create(tx, token));
        let found = registration_tokens::by_hash(store, account.id, &token.hash).await;
        assert_eq!(found, Ok(Some(token.clone())));
        assert_eq!(registration_tokens::by_hash(store, other.id, &token.hash).await, Ok(None));
        assert_eq!(registration_tokens::show(store, other.id, token.id).await, Ok(None));
    }
    let spend = |token: &RegistrationToken, at| {
        let (account_id, id) = (token.account_id, token.id);
        async move { unit!(store, |tx| registration_tokens::spend(tx, account_id, id, at)) }
    };
    assert!(!spend(&limited, after(60)).await, "it has ended");
    assert!(spend(&limited, after(1)).await);
    assert!(spend(&limited, after(59)).await);
    assert!(!spend(&limited, after(2)).await, "it is used up");
    let used = registration_tokens::show(store, account.id, limited.id).await;
    let used = used.expect("reads").expect("it is there");
    assert_eq!((used.use_count, used.used_at), (2, Some(after(59))));
    assert!(spend(&free, after(1_000_000)).await);
    assert!(unit!(store, |tx| registration_tokens::revoke(tx, account.id, free.id, after(9))));
    assert!(!unit!(store, |tx| registration_tokens::revoke(tx, account.id, free.id, after(9))));
    assert!(!spend(&free, after(1)).await, "it was revoked");
    assert_eq!(registration_tokens::show(store, account.id, free.id).await, Ok(None));
}

async fn an_initial_access_token_ends_with_its_maker(store: &Store) {
    let account = an_account(store).await;
    let [id, first, second] = fresh_ids(store).await;
    let user = bare_user(id, account.id);
    assert!(unit!(store, |tx| users::create(tx, &user)));
    let of_user = |token| RegistrationToken { user_id: user.id, ..bare_token(token, account.id) };
    let (first, second) = (of_user(first), of_user(second));
    unit!(store, |tx| registration_tokens::create(tx, &first));
    unit!(store, |tx| registration_tokens::revoke_all_of_user(tx, account.id, user.id, after(1)));
    unit!(store, |tx| registration_tokens::create(tx, &second));
    assert_eq!(registration_tokens::show(store, account.id, first.id).await, Ok(None));
    assert_eq!(
        registration_tokens::show(store, account.id, second.id).await,
        Ok(Some(second.clone()))
    );
    assert!(unit!(store, |tx| users::delete(tx, account.id, user.id)));
    assert_eq!(registration_tokens::by_hash(store, account.id, &second.hash).await, Ok(None));
}

async fn initial_access_tokens_are_paged_by_key_and_by_number(store: &Store) {
    let account_id = an_account(store).await.id;
    let ids: [i64; 5] = fresh_ids(store).await;
    let made = ids.into_iter().zip([5, 3, 4, 3, 1]);
    let mut all: Vec<RegistrationToken> = made
        .map(|(id, second)| RegistrationToken {
            created_at: after(second),
            ..bare_token(id, account_id)
        })
        .collect();
    for token in &all {
        unit!(store, |tx| registration_tokens::create(tx, token));
    }
    let revoked = all.remove(2);
    assert!(unit!(store, |tx| registration_tokens::revoke(tx, account_id, revoked.id, after(9))));
    for sort in [RegistrationTokenSort::Id, RegistrationTokenSort::CreatedAt] {
        all.sort_by_key(|token| sort_key(&sort.place(token)));
        for side in [Side::After, Side::Before] {
            let page = |page: Page| async move {
                registration_tokens::page(store, account_id, sort, &page).await
            };
            let found = walked(sort.shape(), side, |token| sort.place(token), page).await;
            assert_eq!(found, all, "{sort:?} {side:?}");
            all.reverse();
        }
    }
    let numbered = registration_tokens::by_number(store, account_id, 1, 9).await;
    assert_eq!(numbered, Ok(all[1..].to_vec()));
    assert_eq!(registration_tokens::count(store, account_id).await, Ok(4));
}

async fn the_first_admin_is_the_oldest_active_one(store: &Store) {
    let account = an_account(store).await;
    let [user, suspended, first, second] = fresh_ids(store).await;
    assert_eq!(users::first_admin(store, account.id).await, Ok(None));
    let admin = |id| User { role: Role::Admin, ..bare_user(id, account.id) };
    let suspended = User { suspended_at: Some(NOW), ..admin(suspended) };
    for user in [bare_user(user, account.id), suspended, admin(second), admin(first)] {
        assert!(unit!(store, |tx| users::create(tx, &user)));
    }
    let found = users::first_admin(store, account.id).await.expect("reads");
    assert_eq!(found.map(|user| user.id), Some(Id::new(first)));
}

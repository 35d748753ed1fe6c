//! Lists of people, their API tokens and what they did, and their end, on both engines.

use domain::{AccountId, Actor, ApiToken, AuditEvent, EmailAddress, Grant, Id, Role, User, UserId};
use store::api_tokens::ApiTokenSort;
use store::audit_events::{EventFilter, EventSort, RecordedEvent};
use store::users::{UserFilter, UserSort};
use store::{
    Fault, Page, Place, Shape, Side, Store, accounts, api_tokens, audit_events, clients, grants,
    users,
};

use crate::conformance::facts;
use crate::conformance_samples::{
    NOW, after, an_account, bare_api_token, bare_client, bare_grant, bare_user, fresh_ids, unit,
};

facts! {
    users_are_paged_by_key_and_by_number,
    users_are_filtered_by_role_and_address,
    an_account_knows_whether_it_has_another_active_admin,
    a_suspended_user_signs_in_no_more,
    the_api_tokens_of_a_user_end,
    a_deleted_user_takes_his_api_tokens_and_grants_along,
    api_tokens_are_paged_by_key_and_by_number,
    an_owner_of_clients_is_known,
    audit_events_are_paged_by_key_and_by_number,
    audit_events_are_filtered,
}

/// Everything that pages of two hold, from one end to the other.
pub(crate) async fn walked<T, F>(
    shape: Shape,
    side: Side,
    place: impl Fn(&T) -> Place,
    page: impl Fn(Page) -> F,
) -> Vec<T>
where
    F: Future<Output = Result<Vec<T>, Fault>>,
{
    let mut all: Vec<T> = Vec::new();
    loop {
        let from = all.last().map_or_else(|| Place::end(shape, side), &place);
        let records = page(Page { place: from, side, limit: 2 }).await.expect("a page");
        assert!(records.len() <= 2);
        if records.is_empty() {
            return all;
        }
        all.extend(records);
    }
}

/// Five users whose orders by id, name, address and time all differ.
async fn five_users(store: &Store) -> Vec<User> {
    let account = an_account(store).await;
    let ids: [i64; 5] = fresh_ids(store).await;
    let rest = [
        ("b", "M@example.com", 9, Role::EndUser),
        ("Zoë", "a@example.com", 7, Role::Agent),
        ("b", "Z@example.com", 8, Role::Admin),
        ("日本", "k@example.com", 7, Role::EndUser),
        ("a", "b@example.com", 5, Role::EndUser),
    ];
    let made = ids.into_iter().zip(rest).map(|(id, (name, email, second, role))| User {
        name: name.to_owned(),
        email: EmailAddress::parse(email).expect("an address"),
        created_at: after(second),
        role,
        ..bare_user(id, account.id)
    });
    let made: Vec<User> = made.collect();
    for user in &made {
        assert!(unit!(store, |tx| users::create(tx, user)));
    }
    made
}

pub(crate) fn sort_key(place: &Place) -> (String, i64, i64) {
    match place {
        Place::Id(id) => (String::new(), 0, *id),
        Place::At(at, id) => (String::new(), at.as_millis(), *id),
        Place::Text(text, id) => (text.clone(), 0, *id),
    }
}

async fn users_are_paged_by_key_and_by_number(store: &Store) {
    let mut all = five_users(store).await;
    let (account_id, everybody) = (all[0].account_id, UserFilter::default());
    for sort in [UserSort::Id, UserSort::Name, UserSort::Email, UserSort::CreatedAt] {
        all.sort_by_key(|user| sort_key(&sort.place(user)));
        for side in [Side::After, Side::Before] {
            let page = |page: Page| {
                let everybody = &everybody;
                async move { users::page(store, account_id, everybody, sort, &page).await }
            };
            let found = walked(sort.shape(), side, |user| sort.place(user), page).await;
            assert_eq!(found, all, "{sort:?} {side:?}");
            all.reverse();
        }
    }
    all.sort_by_key(|user| sort_key(&UserSort::CreatedAt.place(user)));
    let numbered = users::by_number(store, account_id, &everybody, 3, 9).await;
    assert_eq!(numbered, Ok(all[3..].to_vec()));
    assert_eq!(users::count(store, account_id, &everybody).await, Ok(5));
}

async fn users_are_filtered_by_role_and_address(store: &Store) {
    let all = five_users(store).await;
    let account_id = all[0].account_id;
    let filter = |role: Option<Role>, email: Option<&str>| UserFilter {
        role,
        email: email.map(str::to_owned),
    };
    let agent = &all[1];
    for (filter, expected) in [
        (filter(Some(Role::Agent), None), vec![agent.clone()]),
        (filter(None, Some("a@example.com")), vec![agent.clone()]),
        (filter(Some(Role::Agent), Some("a@example.com")), vec![agent.clone()]),
        (filter(Some(Role::Admin), Some("a@example.com")), vec![]),
        (filter(None, Some("nobody@example.com")), vec![]),
    ] {
        let number = i64::try_from(expected.len()).expect("a small number");
        assert_eq!(users::count(store, account_id, &filter).await, Ok(number));
        let numbered = users::by_number(store, account_id, &filter, 0, 9).await;
        assert_eq!(numbered.as_ref(), Ok(&expected));
        assert_eq!(users::by_number(store, account_id, &filter, 1, 9).await, Ok(vec![]));
        for side in [Side::After, Side::Before] {
            let sort = UserSort::Name;
            let page = |page: Page| {
                let filter = &filter;
                async move { users::page(store, account_id, filter, sort, &page).await }
            };
            let found = walked(sort.shape(), side, |user| sort.place(user), page).await;
            assert_eq!(found, expected, "{filter:?}");
        }
    }
}

async fn an_account_knows_whether_it_has_another_active_admin(store: &Store) {
    let account = an_account(store).await;
    let ids: [i64; 3] = fresh_ids(store).await;
    let admin = |id| User { role: Role::Admin, ..bare_user(id, account.id) };
    let suspended = User { suspended_at: Some(NOW), ..admin(ids[1]) };
    for user in [admin(ids[0]), suspended, bare_user(ids[2], account.id)] {
        assert!(unit!(store, |tx| users::create(tx, &user)));
    }
    unit!(store, |tx| accounts::take(tx, account.id));
    let another = |id: i64| async move {
        unit!(store, |tx| users::has_another_active_admin(tx, account.id, Id::new(id)))
    };
    assert!(!another(ids[0]).await, "the second one is suspended");
    assert!(another(ids[1]).await);
    assert!(unit!(store, |tx| users::suspend(tx, (account.id, Id::new(ids[1])), None, NOW)));
    assert!(another(ids[0]).await);
}

async fn a_suspended_user_signs_in_no_more(store: &Store) {
    let account = an_account(store).await;
    let [id] = fresh_ids(store).await;
    let user = bare_user(id, account.id);
    assert!(unit!(store, |tx| users::create(tx, &user)));
    assert!(unit!(store, |tx| users::signed_in(tx, &user, NOW)));
    assert!(unit!(store, |tx| users::suspend(tx, (account.id, user.id), Some(NOW), NOW)));
    assert!(!unit!(store, |tx| users::signed_in(tx, &user, after(1))));
    let stored =
        users::show(store, account.id, user.id).await.expect("reads").expect("he is there");
    assert_eq!(stored.last_login_at, Some(NOW));
}

async fn the_api_tokens_of_a_user_end(store: &Store) {
    let account = an_account(store).await;
    let [id, first, second, others] = fresh_ids(store).await;
    let user = bare_user(id, account.id);
    assert!(unit!(store, |tx| users::create(tx, &user)));
    let token =
        |token: i64, user_id: UserId| ApiToken { user_id, ..bare_api_token(token, account.id) };
    for token in [token(first, user.id), token(second, user.id), token(others, Id::new(others))] {
        assert!(unit!(store, |tx| api_tokens::create(tx, &token)));
    }
    unit!(store, |tx| api_tokens::revoke_all_of_user(tx, account.id, user.id, after(3)));
    for (id, is_live) in [(first, false), (second, false), (others, true)] {
        let found = api_tokens::show(store, account.id, Id::new(id)).await.expect("reads");
        assert_eq!(found.is_some(), is_live);
    }
    assert_eq!(api_tokens::show(store, Id::new(0), Id::new(others)).await, Ok(None));
}

async fn a_deleted_user_takes_his_api_tokens_and_grants_along(store: &Store) {
    let account = an_account(store).await;
    let [id, other, token, grant] = fresh_ids(store).await;
    let grant = Grant { user_id: Id::new(id), ..bare_grant(grant, account.id) };
    let token = ApiToken { user_id: Id::new(id), ..bare_api_token(token, account.id) };
    for user in [bare_user(id, account.id), bare_user(other, account.id)] {
        assert!(unit!(store, |tx| users::create(tx, &user)));
    }
    assert!(unit!(store, |tx| grants::create(tx, &grant)));
    assert!(unit!(store, |tx| api_tokens::create(tx, &token)));
    assert!(!unit!(store, |tx| users::delete(tx, Id::new(0), Id::new(id))));
    assert!(unit!(store, |tx| users::take(tx, account.id, Id::new(id))));
    assert!(unit!(store, |tx| users::delete(tx, account.id, Id::new(id))));
    assert!(!unit!(store, |tx| users::delete(tx, account.id, Id::new(id))));
    assert!(!unit!(store, |tx| users::take(tx, account.id, Id::new(id))));
    assert_eq!(users::show(store, account.id, Id::new(id)).await, Ok(None));
    assert_eq!(grants::live(store, grant.id).await, Ok(None));
    assert_eq!(api_tokens::by_hash(store, account.id, &token.hash).await, Ok(None));
    assert!(users::show(store, account.id, Id::new(other)).await.expect("reads").is_some());
}

async fn api_tokens_are_paged_by_key_and_by_number(store: &Store) {
    let account_id = an_account(store).await.id;
    let ids: [i64; 5] = fresh_ids(store).await;
    let made = ids.into_iter().zip([5, 3, 4, 3, 1]).map(|(id, second)| ApiToken {
        user_id: Id::new(if second == 3 { 8 } else { 7 }),
        created_at: after(second),
        ..bare_api_token(id, account_id)
    });
    let mut made: Vec<ApiToken> = made.collect();
    for token in &made {
        assert!(unit!(store, |tx| api_tokens::create(tx, token)));
    }
    let revoked = made.remove(2);
    assert!(unit!(store, |tx| api_tokens::revoke(tx, account_id, revoked.id, after(9))));
    let eights = made.iter().filter(|token| token.user_id == Id::new(8)).cloned().collect();
    for (user_id, mut all) in [(None, made), (Some(Id::new(8)), eights)] {
        for sort in [ApiTokenSort::Id, ApiTokenSort::CreatedAt] {
            all.sort_by_key(|token| sort_key(&sort.place(token)));
            for side in [Side::After, Side::Before] {
                let page = |page: Page| async move {
                    api_tokens::page(store, account_id, user_id, sort, &page).await
                };
                let found = walked(sort.shape(), side, |token| sort.place(token), page).await;
                assert_eq!(found, all, "{sort:?} {side:?} {user_id:?}");
                all.reverse();
            }
        }
        let numbered = api_tokens::by_number(store, account_id, user_id, 1, 9).await;
        assert_eq!(numbered, Ok(all[1..].to_vec()));
        let count = i64::try_from(all.len()).expect("a small number");
        assert_eq!(api_tokens::count(store, account_id, user_id).await, Ok(count));
    }
}

async fn an_owner_of_clients_is_known(store: &Store) {
    let (account, elsewhere) = (an_account(store).await, an_account(store).await);
    let [id] = fresh_ids(store).await;
    let client = bare_client(id, account.id);
    assert!(unit!(store, |tx| clients::create(tx, &client)));
    assert_eq!(clients::has_owner(store, account.id, client.user_id).await, Ok(true));
    assert_eq!(clients::has_owner(store, account.id, Id::new(999)).await, Ok(false));
    assert_eq!(clients::has_owner(store, elsewhere.id, client.user_id).await, Ok(false));
}

/// Six events of an account, of which no two tell the same.
async fn six_events(store: &Store) -> (AccountId, Vec<RecordedEvent>) {
    let account_id = an_account(store).await.id;
    let ids: [i64; 6] = fresh_ids(store).await;
    let (caller, user) = (Id::new(7), Id::new(9));
    let told = [
        (Actor::User(caller), "user.updated", ("user", 9), 5),
        (Actor::OnBehalf { caller, user }, "token.revoked", ("token", 3), 4),
        (Actor::User(user), "token.revoked", ("token", 4), 4),
        (Actor::Client(Id::new(8)), "token.revoked", ("client", 8), 2),
        (Actor::Operator, "user.created", ("user", 7), 1),
        (Actor::System, "account.created", ("account", 1), 0),
    ];
    for (id, (actor, action, target, second)) in ids.into_iter().zip(told) {
        let event = AuditEvent {
            id: Id::new(id),
            account_id,
            occurred_at: after(second),
            actor,
            action,
            target,
            details: "{}".to_owned(),
        };
        unit!(store, |tx| audit_events::create(tx, &event));
    }
    let stored = audit_events::list(store, account_id, None, 9).await.expect("reads");
    assert_eq!(stored[1].actor, Actor::OnBehalf { caller, user });
    (account_id, stored)
}

async fn audit_events_are_paged_by_key_and_by_number(store: &Store) {
    let (account_id, mut all) = six_events(store).await;
    let everything = EventFilter::default();
    for sort in [EventSort::Id, EventSort::Time] {
        all.sort_by_key(|event| sort_key(&sort.place(event)));
        for side in [Side::After, Side::Before] {
            let page = |page: Page| {
                let everything = &everything;
                async move { audit_events::page(store, account_id, everything, sort, &page).await }
            };
            let found = walked(sort.shape(), side, |event| sort.place(event), page).await;
            assert_eq!(found, all, "{sort:?} {side:?}");
            all.reverse();
        }
    }
    let numbered = audit_events::by_number(store, account_id, &everything, 2, 9).await;
    assert_eq!(numbered, Ok(all[2..].to_vec()));
    assert_eq!(audit_events::count(store, account_id, &everything).await, Ok(6));
    let shown = audit_events::show(store, account_id, all[0].id).await;
    assert_eq!(shown, Ok(Some(all[0].clone())));
    assert_eq!(audit_events::show(store, Id::new(0), all[0].id).await, Ok(None));
}

async fn audit_events_are_filtered(store: &Store) {
    let (account_id, all) = six_events(store).await;
    let text = |text: &str| Some(text.to_owned());
    let none = EventFilter::default;
    for (filter, places) in [
        (EventFilter { actor_id: Some(7), ..none() }, &[0, 1][..]),
        (EventFilter { actor_id: Some(9), ..none() }, &[1, 2]),
        (EventFilter { action: text("token.revoked"), ..none() }, &[1, 2, 3]),
        (EventFilter { target_kind: text("user"), ..none() }, &[0, 4]),
        (EventFilter { target_kind: text("user"), target_id: Some(7), ..none() }, &[4]),
        (EventFilter { since: Some(after(4)), ..none() }, &[0, 1, 2]),
        (EventFilter { until: Some(after(2)), ..none() }, &[4, 5]),
        (EventFilter { since: Some(after(2)), until: Some(after(5)), ..none() }, &[1, 2, 3]),
        (EventFilter { action: text("x"), ..none() }, &[]),
    ] {
        let expected: Vec<RecordedEvent> = places.iter().map(|it| all[*it].clone()).collect();
        let sort = EventSort::Id;
        let page = |page: Page| {
            let filter = &filter;
            async move { audit_events::page(store, account_id, filter, sort, &page).await }
        };
        let found = walked(sort.shape(), Side::After, |event| sort.place(event), page).await;
        assert_eq!(found, expected, "{filter:?}");
        let count = i64::try_from(places.len()).expect("a small number");
        assert_eq!(audit_events::count(store, account_id, &filter).await, Ok(count));
        let numbered = audit_events::by_number(store, account_id, &filter, 0, 9).await;
        assert_eq!(numbered.expect("reads").len(), places.len());
    }
}

//! Clients that work in every account: what is asked of the operator, and who wants none of one, on both
//! engines.

use domain::{
    AccountId, Actor, Client, GlobalClient, GlobalClientRequest, Grant, Id, RequestState, Token,
};
use store::global_client_requests::{self as requests, ReviewedRequest};
use store::global_clients::{self, CountedTokens, GlobalClientSort, GlobalClients};
use store::{Page, Place, Side, Store, client_blocks, clients, grants, tokens, users};

use crate::conformance::facts;
use crate::conformance_samples::{
    NOW, UNICODE, after, an_account, bare_grant, bare_token, bare_user, fresh_id, fresh_ids,
    full_client, unit,
};

facts! {
    a_request_is_stored_and_listed_with_its_client,
    a_request_is_decided_once,
    a_refused_request_makes_room_for_another,
    what_came_true_is_approved_even_if_it_was_refused,
    a_blocked_client_is_not_usable_at_that_account,
    a_client_takes_its_request_and_blocks_with_it,
    a_client_that_is_no_longer_global_keeps_the_grants_of_its_account,
    global_clients_are_paged_by_each_key_in_both_directions,
    tokens_of_a_global_client_are_counted_for_one_account,
}

/// A stored client and a pending request for it, not stored yet.
async fn asked(store: &Store) -> (String, Client, GlobalClientRequest) {
    let account = an_account(store).await;
    let [id, request_id] = fresh_ids(store).await;
    let client = full_client(id, account.id);
    assert!(unit!(store, |tx| clients::create(tx, &client)));
    let request = GlobalClientRequest {
        id: Id::new(request_id),
        account_id: account.id,
        client_id: client.id,
        user_id: Id::new(7),
        created_at: NOW,
        state: RequestState::Pending,
    };
    (account.slug, client, request)
}

async fn a_request_is_stored_and_listed_with_its_client(store: &Store) {
    let (account, client, request) = asked(store).await;
    assert!(unit!(store, |tx| requests::create(tx, &request)));
    let reviewed = ReviewedRequest { request: request.clone(), account, client };
    assert_eq!(requests::show(store, request.id).await, Ok(Some(reviewed.clone())));
    let id = request.id.get();
    let beside = |number, side| Page { place: Place::Id(number), side, limit: 9 };
    for (number, side, is_found) in [
        (id - 1, Side::After, true),
        (id, Side::After, false),
        (id + 1, Side::Before, true),
        (id, Side::Before, false),
    ] {
        let page = requests::page(store, &beside(number, side)).await.expect("a page");
        let found = page.contains(&reviewed);
        assert_eq!(found, is_found, "{number} {side:?}");
    }
    let count = requests::count(store).await.expect("counts");
    let last = requests::list(store, count - 1, 9).await;
    assert_eq!(last, Ok(vec![reviewed]), "it is the newest");
    let (account_id, client_id) = (request.account_id, request.client_id);
    let elsewhere = requests::of_client(store, Id::new(0), client_id).await;
    assert_eq!(elsewhere, Ok(None));
    assert_eq!(requests::of_client(store, account_id, client_id).await, Ok(Some(request)));
    assert!(!unit!(store, |tx| requests::withdraw(tx, Id::new(0), client_id)));
    assert!(unit!(store, |tx| requests::withdraw(tx, account_id, client_id)));
    assert!(!unit!(store, |tx| requests::withdraw(tx, account_id, client_id)));
    assert_eq!(requests::count(store).await, Ok(count - 1));
}

async fn a_request_is_decided_once(store: &Store) {
    let (_, _, approved) = asked(store).await;
    let (_, _, refused) = asked(store).await;
    for request in [&approved, &refused] {
        assert!(unit!(store, |tx| requests::create(tx, request)));
    }
    assert!(unit!(store, |tx| requests::take(tx, approved.id)));
    unit!(store, |tx| requests::approve(tx, approved.client_id, after(1)));
    assert!(unit!(store, |tx| requests::refuse(tx, refused.id, after(2), UNICODE)));
    for request in [&approved, &refused] {
        assert!(!unit!(store, |tx| requests::take(tx, request.id)));
        assert!(!unit!(store, |tx| requests::refuse(tx, request.id, after(3), "no")));
        let (account_id, client_id) = (request.account_id, request.client_id);
        assert!(!unit!(store, |tx| requests::withdraw(tx, account_id, client_id)));
    }
    let states = [
        (approved, RequestState::Approved { at: after(1) }),
        (refused, RequestState::Refused { at: after(2), reason: UNICODE.to_owned() }),
    ];
    for (request, state) in states {
        let stored = requests::of_client(store, request.account_id, request.client_id).await;
        assert_eq!(stored, Ok(Some(GlobalClientRequest { state, ..request })));
    }
}

async fn a_refused_request_makes_room_for_another(store: &Store) {
    let (_, _, first) = asked(store).await;
    let again = GlobalClientRequest { id: fresh_id(store).await, ..first.clone() };
    assert!(unit!(store, |tx| requests::create(tx, &first)));
    assert!(!unit!(store, |tx| requests::create(tx, &again)));
    assert!(unit!(store, |tx| requests::refuse(tx, first.id, after(1), "no")));
    assert!(unit!(store, |tx| requests::create(tx, &again)));
    assert_eq!(requests::show(store, first.id).await, Ok(None));
    let stored = requests::of_client(store, first.account_id, first.client_id).await;
    assert_eq!(stored, Ok(Some(again)));
}

async fn what_came_true_is_approved_even_if_it_was_refused(store: &Store) {
    let (_, _, request) = asked(store).await;
    assert!(unit!(store, |tx| requests::create(tx, &request)));
    assert!(unit!(store, |tx| requests::refuse(tx, request.id, after(1), "no")));
    for second in [2, 3] {
        unit!(store, |tx| requests::approve(tx, request.client_id, after(second)));
    }
    let stored = requests::of_client(store, request.account_id, request.client_id).await;
    let state = RequestState::Approved { at: after(2) };
    assert_eq!(stored, Ok(Some(GlobalClientRequest { state, ..request })));
}

async fn a_blocked_client_is_not_usable_at_that_account(store: &Store) {
    let (owner, account, blocking) =
        (an_account(store).await, an_account(store).await, an_account(store).await);
    let id = fresh_id::<Client>(store).await.get();
    let client = Client { global_at: Some(NOW), ..full_client(id, owner.id) };
    assert!(unit!(store, |tx| clients::create(tx, &client)));
    let (id, folded) = (client.id, client.identifier.folded());
    let actor = Actor::User(Id::new(7));
    for blocks in [true, false] {
        let made = unit!(store, |tx| client_blocks::create(tx, blocking.id, id, actor, NOW));
        assert_eq!(made, blocks);
    }
    for (account_id, found) in
        [(owner.id, true), (account.id, true), (blocking.id, false), (owner.id, true)]
    {
        let expected = found.then(|| client.clone());
        assert_eq!(clients::usable(store, account_id, id).await, Ok(expected.clone()));
        let by_identifier = clients::usable_by_identifier(store, account_id, &folded).await;
        assert_eq!(by_identifier, Ok(expected));
        assert_eq!(clients::show(store, account_id, id).await, Ok(Some(client.clone())));
    }
    for ends in [true, false] {
        assert_eq!(unit!(store, |tx| client_blocks::delete(tx, blocking.id, id)), ends);
    }
    assert_eq!(clients::usable(store, blocking.id, id).await, Ok(Some(client)));
}

async fn a_client_takes_its_request_and_blocks_with_it(store: &Store) {
    let (_, client, request) = asked(store).await;
    assert!(unit!(store, |tx| requests::create(tx, &request)));
    let blocking = an_account(store).await.id;
    let block = || async {
        unit!(store, |tx| client_blocks::create(tx, blocking, client.id, Actor::Operator, NOW))
    };
    assert!(block().await);
    assert!(unit!(store, |tx| clients::delete(tx, client.account_id, client.id)));
    let stored = requests::of_client(store, request.account_id, request.client_id).await;
    assert_eq!(stored, Ok(None));
    assert!(block().await, "the block went too");
}

async fn a_client_that_is_no_longer_global_keeps_the_grants_of_its_account(store: &Store) {
    let (account, elsewhere) = (an_account(store).await, an_account(store).await);
    let client = full_client(fresh_id::<Client>(store).await.get(), account.id);
    let ids: [i64; 2] = fresh_ids(store).await;
    for (id, account_id) in ids.into_iter().zip([account.id, elsewhere.id]) {
        let grant = Grant { client_id: client.id, ..bare_grant(id, account_id) };
        assert!(unit!(store, |tx| grants::create(tx, &grant)));
    }
    let (account_id, id) = (account.id, client.id);
    unit!(store, |tx| grants::delete_of_client_elsewhere(tx, account_id, id));
    assert_eq!(grants::has_client(store, account.id, client.id).await, Ok(true));
    assert_eq!(grants::has_client(store, elsewhere.id, client.id).await, Ok(false));
}

/// Three global clients, of which users of the account have authorised two.
async fn three_global_clients(store: &Store) -> (AccountId, Vec<Client>) {
    let (owner, account) = (an_account(store).await, an_account(store).await);
    let ids: [i64; 3] = fresh_ids(store).await;
    let grant_ids: [i64; 2] = fresh_ids(store).await;
    let made = ids.into_iter().zip([("b", 3), ("Zoë", 3), ("b", 1)]);
    let made: Vec<Client> = made
        .map(|(id, (name, second))| Client {
            name: name.to_owned(),
            global_at: Some(NOW),
            created_at: after(second),
            ..full_client(id, owner.id)
        })
        .collect();
    for client in &made {
        assert!(unit!(store, |tx| clients::create(tx, client)));
    }
    for (id, client) in grant_ids.into_iter().zip(&made) {
        let grant = Grant { client_id: client.id, ..bare_grant(id, account.id) };
        assert!(unit!(store, |tx| grants::create(tx, &grant)));
    }
    (account.id, made)
}

fn wanted(account_id: AccountId, every: bool) -> GlobalClients {
    GlobalClients { account_id, every, only: None, tokens: CountedTokens::None }
}

fn place(sort: GlobalClientSort, client: &Client) -> Place {
    let id = client.id.get();
    match sort {
        GlobalClientSort::Id => Place::Id(id),
        GlobalClientSort::Name => Place::Text(client.name.clone(), id),
        GlobalClientSort::CreatedAt => Place::At(client.created_at, id),
    }
}

async fn global_clients_are_paged_by_each_key_in_both_directions(store: &Store) {
    use GlobalClientSort::{CreatedAt, Id, Name};
    let (account_id, made) = three_global_clients(store).await;
    let (first, last) = (&made[0], &made[2]);
    let ids = |order: &[usize]| order.iter().map(|it| made[*it].id).collect::<Vec<_>>();
    for (every, sort, from, side, expected) in [
        (true, Id, first, Side::After, ids(&[1, 2])),
        (true, Id, last, Side::Before, ids(&[1, 0])),
        (false, Id, first, Side::After, ids(&[1])),
        (true, Name, &made[1], Side::After, ids(&[0, 2])),
        (true, Name, last, Side::Before, ids(&[0, 1])),
        (true, CreatedAt, last, Side::After, ids(&[0, 1])),
        (false, CreatedAt, &made[1], Side::Before, ids(&[0])),
    ] {
        // Other facts leave global clients of theirs in the same database.
        let page = Page { place: place(sort, from), side, limit: 99 };
        let page = global_clients::page(store, wanted(account_id, every), sort, &page).await;
        let found = page.expect("a page").into_iter().map(|it| it.id);
        let found: Vec<_> = found.filter(|id| made.iter().any(|it| it.id == *id)).collect();
        assert_eq!(found, expected, "{every} {sort:?} {side:?}");
    }
    let authorized = wanted(account_id, false);
    assert_eq!(global_clients::count(store, authorized).await, Ok(2));
    let second = global_clients::list(store, authorized, 1, 9).await.expect("a page");
    assert_eq!(second.iter().map(|it| it.id).collect::<Vec<_>>(), [made[1].id]);
    let none = GlobalClients { only: Some(last.id), ..authorized };
    assert_eq!(global_clients::count(store, none).await, Ok(0));
    let one = GlobalClients { only: Some(last.id), ..wanted(account_id, true) };
    let found = global_clients::list(store, one, 0, 9).await;
    let expected = GlobalClient {
        id: last.id,
        identifier: last.identifier.clone(),
        name: last.name.clone(),
        company: last.company.clone(),
        description: last.description.clone(),
        kind: last.kind,
        logo: None,
        created_at: last.created_at,
        blocked_at: None,
        is_authorized: false,
        tokens_count: 0,
        last_used_at: None,
    };
    assert_eq!(found, Ok(vec![expected]));
}

async fn tokens_of_a_global_client_are_counted_for_one_account(store: &Store) {
    let (account_id, made) = three_global_clients(store).await;
    let (client, elsewhere) = (&made[0], made[0].account_id);
    assert!(unit!(store, |tx| client_blocks::create(
        tx,
        account_id,
        client.id,
        Actor::Operator,
        after(7)
    )));
    let ids: [i64; 6] = fresh_ids(store).await;
    let user = bare_user(ids[5], account_id);
    assert!(unit!(store, |tx| users::create(tx, &user)));
    let (client_id, user_id) = (client.id, user.id);
    let of = |id, account_id| Token { client_id, user_id, ..bare_token(id, account_id) };
    let tokens = [
        Token { used_at: Some(after(2)), expires_at: Some(after(60)), ..of(ids[0], account_id) },
        Token { used_at: Some(after(1)), expires_at: Some(after(5)), ..of(ids[1], account_id) },
        Token { revoked_at: Some(after(3)), ..of(ids[2], account_id) },
        Token { rotated_at: Some(after(3)), ..of(ids[3], account_id) },
        of(ids[4], elsewhere),
    ];
    for token in &tokens {
        unit!(store, |tx| tokens::create(tx, token));
    }
    for (tokens, count) in
        [(CountedTokens::None, 0), (CountedTokens::Live(after(10)), 1), (CountedTokens::Every, 2)]
    {
        let only = Some(client.id);
        let wanted = GlobalClients { only, tokens, ..wanted(account_id, false) };
        let found = global_clients::list(store, wanted, 0, 9).await.expect("a page");
        let last_used_at = Some(after(2)).filter(|_| count > 0);
        assert_eq!((found[0].tokens_count, found[0].last_used_at), (count, last_used_at));
        assert_eq!((found[0].blocked_at, found[0].is_authorized), (Some(after(7)), true));
    }
    // What was issued before a suspension is dead for good.
    assert!(unit!(store, |tx| users::suspend(tx, (account_id, user_id), None, after(9))));
    let tokens = CountedTokens::Live(after(10));
    let only = Some(client.id);
    let wanted = GlobalClients { only, tokens, ..wanted(account_id, false) };
    let found = global_clients::list(store, wanted, 0, 9).await.expect("a page");
    assert_eq!(found[0].tokens_count, 0);
}

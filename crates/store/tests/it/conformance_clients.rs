//! Clients with their secrets, and what an account's clients may ask for, on both engines.

use domain::{Client, ClientSecret, ClientState, Id, Lifetime, LogoHash, UserId};
use store::clients::{ClientSort, ClientUpdate};
use store::{Page, Place, Side, Store, Transaction, client_logos, client_secrets, clients, grants};

use crate::conformance::facts;
use crate::conformance_samples::{
    GREATEST_ID, NOW, UNICODE, after, an_account, bare_client, bare_grant, bare_secret, fresh_id,
    fresh_ids, full_client, identifier, recorded_secret, unit,
};

facts! {
    a_client_is_stored_whole,
    a_client_is_updated,
    suspending_a_client_moves_its_mark_at_both_ends,
    a_client_is_touched_at_an_ever_later_time,
    an_identifier_is_unique_in_its_account_ignoring_case,
    an_identifier_is_different_from_every_global_one,
    a_global_client_is_found_in_every_account,
    a_client_has_one_logo_and_its_hash,
    deleting_a_client_deletes_its_secrets_and_grants,
    clients_are_paged_by_key_in_both_directions,
    clients_are_paged_by_offset_and_counted,
}

async fn a_client_is_stored_whole(store: &Store) {
    let account = an_account(store).await;
    let bare = bare_client(fresh_id::<Client>(store).await.get(), account.id);
    let mut full = full_client(GREATEST_ID, account.id);
    full.secrets = vec![
        bare_secret(fresh_id::<ClientSecret>(store).await.get()),
        ClientSecret {
            label: Some(UNICODE.to_owned()),
            expires_at: Some(after(60)),
            ..bare_secret(GREATEST_ID)
        },
    ];
    for client in [bare, full] {
        assert!(unit!(store, |tx| create_with_secrets(tx, &client)));
        let shown = clients::show(store, account.id, client.id).await.expect("it is shown");
        assert_eq!(shown.as_ref(), Some(&client));
        let folded = client.identifier.folded();
        assert_eq!(clients::by_identifier(store, account.id, &folded).await, Ok(shown));
        assert_eq!(clients::show(store, Id::new(0), client.id).await, Ok(None));
        assert_eq!(clients::by_identifier(store, Id::new(0), &folded).await, Ok(None));
    }
}

async fn create_with_secrets(tx: &mut Transaction, client: &Client) -> Result<bool, store::Fault> {
    for secret in &client.secrets {
        let recorded = recorded_secret(client, secret.clone());
        assert!(client_secrets::create(tx, &recorded, 9).await?);
    }
    clients::create(tx, client).await
}

async fn a_client_is_updated(store: &Store) {
    let account = an_account(store).await;
    let id = fresh_id::<Client>(store).await.get();
    let bare = bare_client(id, account.id);
    assert!(unit!(store, |tx| clients::create(tx, &bare)));
    let full = Client { updated_at: after(1), ..full_client(id, account.id) };
    for (client, read_at) in [(full, NOW), (bare, after(1))] {
        let update = unit!(store, |tx| clients::update(tx, &client, read_at));
        assert_eq!(update, ClientUpdate::Written);
        assert_eq!(clients::show(store, account.id, client.id).await, Ok(Some(client.clone())));
        // Whoever read it before that must read it again.
        let late = Client { name: "Late".to_owned(), ..client.clone() };
        let update = unit!(store, |tx| clients::update(tx, &late, read_at));
        assert_eq!(update, ClientUpdate::Stale);
        assert_eq!(clients::show(store, account.id, client.id).await, Ok(Some(client)));
    }
    let gone = bare_client(fresh_id::<Client>(store).await.get(), account.id);
    assert_eq!(unit!(store, |tx| clients::update(tx, &gone, NOW)), ClientUpdate::Gone);
}

async fn suspending_a_client_moves_its_mark_at_both_ends(store: &Store) {
    let account = an_account(store).await;
    let mut client = full_client(fresh_id::<Client>(store).await.get(), account.id);
    assert!(unit!(store, |tx| clients::create(tx, &client)));
    for (state, moves) in [
        (ClientState::Suspended, true),
        (ClientState::Suspended, false),
        (ClientState::Pending, true),
        (ClientState::Active, false),
    ] {
        let read_at = client.updated_at;
        client.updated_at = read_at + Lifetime::millis(1);
        client.state = state;
        if moves {
            client.not_before = Some(client.updated_at);
        }
        let update = unit!(store, |tx| clients::update(tx, &client, read_at));
        assert_eq!(update, ClientUpdate::Written);
        assert_eq!(clients::show(store, account.id, client.id).await, Ok(Some(client.clone())));
    }
}

async fn a_client_is_touched_at_an_ever_later_time(store: &Store) {
    let account = an_account(store).await;
    let client = bare_client(fresh_id::<Client>(store).await.get(), account.id);
    assert!(unit!(store, |tx| clients::create(tx, &client)));
    assert!(unit!(store, |tx| clients::hold(tx, account.id, client.id)));
    assert!(!unit!(store, |tx| clients::hold(tx, Id::new(0), client.id)));
    assert_eq!(clients::show(store, account.id, client.id).await, Ok(Some(client.clone())));
    for (at, recorded) in [(NOW, 1), (NOW, 2), (after(1), 1000), (NOW, 1001)] {
        let recorded = Some(NOW + Lifetime::millis(recorded));
        let touched = unit!(store, |tx| clients::touch(tx, account.id, client.id, at));
        assert_eq!(touched, recorded);
        let shown = clients::show(store, account.id, client.id).await.expect("it is shown");
        assert_eq!(shown.map(|client| client.updated_at), recorded);
    }
    assert_eq!(unit!(store, |tx| clients::touch(tx, Id::new(0), client.id, NOW)), None);
}

async fn an_identifier_is_unique_in_its_account_ignoring_case(store: &Store) {
    let (account, elsewhere) = (an_account(store).await, an_account(store).await);
    let [first, second, third] = fresh_ids(store).await;
    let client = bare_client(first, account.id);
    let shouted = identifier(&client.identifier.as_str().to_uppercase());
    let namesake = Client { identifier: shouted.clone(), ..bare_client(second, account.id) };
    let stranger = Client { identifier: shouted.clone(), ..bare_client(third, elsewhere.id) };
    assert!(unit!(store, |tx| clients::create(tx, &client)));
    assert!(!unit!(store, |tx| clients::create(tx, &namesake)));
    assert!(unit!(store, |tx| clients::create(tx, &stranger)));

    let other = bare_client(second, account.id);
    assert!(unit!(store, |tx| clients::create(tx, &other)));
    assert_eq!(unit!(store, |tx| clients::update(tx, &namesake, NOW)), ClientUpdate::Taken);
    let respelled = Client { identifier: shouted, ..client };
    let update = unit!(store, |tx| clients::update(tx, &respelled, NOW));
    assert_eq!(update, ClientUpdate::Written, "its own identifier is not taken");
}

async fn an_identifier_is_different_from_every_global_one(store: &Store) {
    let (account, elsewhere) = (an_account(store).await, an_account(store).await);
    let [global_id, local_id, free_id] = fresh_ids(store).await;
    let global = Client { global_at: Some(NOW), ..bare_client(global_id, account.id) };
    let shouted = identifier(&global.identifier.as_str().to_uppercase());
    let local = Client { identifier: shouted, ..bare_client(local_id, elsewhere.id) };
    assert!(unit!(store, |tx| clients::create(tx, &global)));
    assert!(!unit!(store, |tx| clients::create(tx, &local)));

    let free = bare_client(free_id, elsewhere.id);
    assert!(unit!(store, |tx| clients::create(tx, &free)));
    let renamed = Client { identifier: global.identifier, ..free.clone() };
    assert_eq!(unit!(store, |tx| clients::update(tx, &renamed, NOW)), ClientUpdate::Taken);

    // The other way round: what any account uses cannot become global.
    let id = fresh_id::<Client>(store).await.get();
    let late = Client {
        identifier: free.identifier.clone(),
        global_at: Some(NOW),
        ..bare_client(id, account.id)
    };
    assert!(!unit!(store, |tx| clients::create(tx, &late)));
    let same = Client { identifier: free.identifier, ..bare_client(id, account.id) };
    assert!(unit!(store, |tx| clients::create(tx, &same)));
    let promoted = Client { global_at: Some(NOW), ..same };
    assert_eq!(unit!(store, |tx| clients::update(tx, &promoted, NOW)), ClientUpdate::Taken);
}

async fn a_global_client_is_found_in_every_account(store: &Store) {
    let (account, elsewhere) = (an_account(store).await, an_account(store).await);
    let id = fresh_id::<Client>(store).await;
    let client = Client { global_at: Some(NOW), ..full_client(id.get(), account.id) };
    assert!(unit!(store, |tx| clients::create(tx, &client)));
    let folded = client.identifier.folded();
    for account_id in [account.id, elsewhere.id] {
        let found = clients::by_identifier(store, account_id, &folded).await;
        assert_eq!(found, Ok(Some(client.clone())));
        assert_eq!(clients::show(store, account_id, id).await, Ok(Some(client.clone())));
    }
    assert_eq!(clients::count(store, account.id, None).await, Ok(0));
    assert!(!unit!(store, |tx| clients::delete(tx, elsewhere.id, id)));
}

async fn a_client_has_one_logo_and_its_hash(store: &Store) {
    let account = an_account(store).await;
    let mut client = bare_client(fresh_id::<Client>(store).await.get(), account.id);
    assert!(unit!(store, |tx| clients::create(tx, &client)));
    let hashes = [1, 2].map(|byte| LogoHash::from_bytes([byte; 32]));
    let (id, [first, second]) = (client.id, hashes);
    for logo in [Some((first, &b"\x89PNG 1"[..])), Some((second, b"\0PNG 2")), None] {
        let before = client.updated_at;
        assert!(unit!(store, |tx| client_logos::set(tx, &mut client, logo, NOW)));
        assert!(client.updated_at > before && client.logo == logo.map(|(hash, _)| hash));
        assert_eq!(clients::show(store, account.id, id).await, Ok(Some(client.clone())));
        for hash in hashes {
            let expected = logo.filter(|(own, _)| *own == hash).map(|(_, png)| png.to_vec());
            assert_eq!(client_logos::show(store, account.id, id, &hash).await, Ok(expected));
            assert_eq!(client_logos::show(store, Id::new(0), id, &hash).await, Ok(None));
        }
    }
    let logo = Some((first, &b"PNG"[..]));
    assert!(unit!(store, |tx| client_logos::set(tx, &mut client, logo, NOW)));
    let read_at = client.updated_at;
    let renamed = Client { name: "New".to_owned(), updated_at: after(9), ..client.clone() };
    let update = unit!(store, |tx| clients::update(tx, &renamed, read_at));
    assert_eq!(update, ClientUpdate::Written);
    assert_eq!(clients::show(store, account.id, id).await, Ok(Some(renamed)), "the logo stays");
    assert!(unit!(store, |tx| clients::delete(tx, account.id, id)));
    assert_eq!(client_logos::show(store, account.id, id, &first).await, Ok(None));
    assert!(!unit!(store, |tx| client_logos::set(tx, &mut client, logo, NOW)), "it is gone");
}

async fn deleting_a_client_deletes_its_secrets_and_grants(store: &Store) {
    let account = an_account(store).await;
    let [id, secret_id, grant_id] = fresh_ids(store).await;
    let mut client = bare_client(id, account.id);
    client.secrets = vec![bare_secret(secret_id)];
    let grant = domain::Grant { client_id: client.id, ..bare_grant(grant_id, account.id) };
    assert!(unit!(store, |tx| create_with_secrets(tx, &client)));
    assert!(unit!(store, |tx| grants::create(tx, &grant)));
    let listed = grants::list_for_user(store, account.id, grant.user_id, None, 9).await;
    assert_eq!(listed.expect("a page")[0].identifier, client.identifier.as_str());
    assert_eq!(grants::has_client(store, account.id, client.id).await, Ok(true));
    assert_eq!(grants::has_client(store, Id::new(0), client.id).await, Ok(false));

    assert!(unit!(store, |tx| clients::delete(tx, account.id, client.id)));
    assert!(!unit!(store, |tx| clients::delete(tx, account.id, client.id)));
    assert_eq!(clients::show(store, account.id, client.id).await, Ok(None));
    assert_eq!(grants::live(store, grant.id).await, Ok(None));
    assert_eq!(grants::has_client(store, account.id, client.id).await, Ok(false));

    let again = Client { secrets: Vec::new(), ..client };
    assert!(unit!(store, |tx| clients::create(tx, &again)), "the identifier may be used again");
    assert_eq!(clients::show(store, account.id, again.id).await, Ok(Some(again)));
}

/// Five clients, two of which were made in one moment; the second and the last are of another
/// owner.
async fn five_clients(store: &Store) -> Vec<Client> {
    let account = an_account(store).await;
    let ids: [i64; 5] = fresh_ids(store).await;
    let made: Vec<Client> = ids
        .into_iter()
        .zip([(3, 1), (1, 2), (2, 1), (2, 1), (4, 2)])
        .map(|(id, (second, owner))| Client {
            created_at: after(second),
            user_id: Id::new(owner),
            secrets: vec![bare_secret(id), bare_secret(-id)],
            ..bare_client(id, account.id)
        })
        .collect();
    for client in &made {
        assert!(unit!(store, |tx| create_with_secrets(tx, client)));
    }
    let mut sorted = made;
    for client in &mut sorted {
        client.secrets.sort_by_key(|secret| secret.id);
    }
    sorted.sort_by_key(|client| (client.created_at, client.id));
    sorted
}

async fn listed(
    store: &Store,
    made: &[Client],
    owner: Option<UserId>,
    skipped: i64,
) -> Vec<Client> {
    clients::list(store, made[0].account_id, owner, skipped, 2).await.expect("a page")
}

async fn clients_are_paged_by_offset_and_counted(store: &Store) {
    let made = five_clients(store).await;
    let account_id = made[0].account_id;
    assert_eq!(listed(store, &made, None, 0).await, made[..2]);
    assert_eq!(listed(store, &made, None, 4).await, made[4..]);
    assert_eq!(listed(store, &made, None, 5).await, []);
    assert_eq!(clients::count(store, account_id, None).await, Ok(5));
    let owner = Some(Id::new(2));
    assert_eq!(listed(store, &made, owner, 1).await, made[4..]);
    assert_eq!(clients::count(store, account_id, owner).await, Ok(2));
}

/// The place of a client in a list by one key.
type PlaceOf = fn(&Client) -> Place;

const ORDERS: [(ClientSort, PlaceOf); 4] = [
    (ClientSort::CreatedAt, |client| Place::At(client.created_at, client.id.get())),
    (ClientSort::UpdatedAt, |client| Place::At(client.updated_at, client.id.get())),
    (ClientSort::Name, |client| Place::Text(client.name.clone(), client.id.get())),
    (ClientSort::Id, |client| Place::Id(client.id.get())),
];

/// The same clients, renamed and changed in another order than that of their making.
async fn five_changed_clients(store: &Store) -> Vec<Client> {
    let mut made = five_clients(store).await;
    let changes = [("b", 9), ("Zoë", 7), ("b", 8), ("日本", 7), ("a", 5)];
    for (client, (name, second)) in made.iter_mut().zip(changes) {
        (client.name, client.updated_at) = (name.to_owned(), after(second));
        assert_eq!(unit!(store, |tx| clients::update(tx, client, NOW)), ClientUpdate::Written);
    }
    made
}

async fn clients_are_paged_by_key_in_both_directions(store: &Store) {
    let made = five_changed_clients(store).await;
    let account_id = made[0].account_id;
    let owners: Vec<Client> = made.iter().filter(|it| it.user_id == Id::new(1)).cloned().collect();
    for (owner, mut all) in [(None, made), (Some(Id::new(1)), owners)] {
        for (sort, place) in ORDERS {
            let page = |place, side| Page { place, side, limit: 2 };
            all.sort_by_key(|client| sort_key(&place(client)));
            for (index, client) in all.iter().enumerate() {
                let next = page(place(client), Side::After);
                let next = clients::page(store, account_id, owner, sort, &next).await;
                assert_eq!(next, Ok(all[index + 1..].iter().take(2).cloned().collect()));
                let previous = page(place(client), Side::Before);
                let previous = clients::page(store, account_id, owner, sort, &previous).await;
                let nearest_first = all[index.saturating_sub(2)..index].iter().rev();
                assert_eq!(previous, Ok(nearest_first.cloned().collect()));
            }
            for side in [Side::After, Side::Before] {
                let from_the_end = page(Place::end(sort.shape(), side), side);
                let nearest = clients::page(store, account_id, owner, sort, &from_the_end).await;
                let nearest = nearest.expect("a page").first().cloned();
                let expected = if side == Side::After { all.first() } else { all.last() };
                assert_eq!(nearest.as_ref(), expected, "the end has everything on one side");
            }
        }
    }
}

fn sort_key(place: &Place) -> (String, i64, i64) {
    match place {
        Place::Id(id) => (String::new(), 0, *id),
        Place::At(at, id) => (String::new(), at.as_millis(), *id),
        Place::Text(text, id) => (text.clone(), 0, *id),
    }
}

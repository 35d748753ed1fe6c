//! Whose scripts may read answers: the origins of clients' redirect URIs, on both engines.

use domain::{Account, Client, ClientState, Lifetime, RedirectUri};
use store::clients::{self, ClientUpdate};
use store::{Store, Transaction};

use crate::conformance::facts;
use crate::conformance_samples::{NOW, after, an_account, bare_client, fresh_id, fresh_ids, unit};

facts! {
    origins_are_those_of_the_accounts_clients_and_of_global_ones,
    origins_follow_the_redirect_uris,
    origins_move_with_the_client_s_reach,
    a_suspended_client_keeps_its_origins,
    an_origin_stays_as_long_as_one_client_has_it,
    a_client_that_is_ahead_of_its_origins_is_filled,
}

/// A client with these redirect URIs.
pub(crate) fn client(id: i64, account: &Account, redirect_uris: &[&str]) -> Client {
    let parsed = |uri: &&str| RedirectUri::parse(uri).expect("a redirect URI");
    let redirect_uris = redirect_uris.iter().map(parsed).collect();
    Client { redirect_uris, ..bare_client(id, account.id) }
}

/// Whether the account knows the origin.
async fn knows(store: &Store, account: &Account, origin: &str) -> bool {
    clients::has_origin(store, account.id, origin).await.expect("it is read")
}

async fn create(store: &Store, client: &Client) {
    assert!(unit!(store, |tx| clients::create(tx, client)));
}

/// Writes a client anew, a moment later than it was.
async fn rewrite(tx: &mut Transaction, client: &mut Client) -> Result<ClientUpdate, store::Fault> {
    let read_at = client.updated_at;
    client.updated_at = read_at + Lifetime::millis(1);
    clients::update(tx, client, read_at).await
}

async fn update(store: &Store, client: &mut Client) {
    assert_eq!(unit!(store, |tx| rewrite(tx, client)), ClientUpdate::Written);
}

// HT-02, BA-04
async fn origins_are_those_of_the_accounts_clients_and_of_global_ones(store: &Store) {
    let (account, elsewhere) = (an_account(store).await, an_account(store).await);
    let [own, global, foreign] = fresh_ids(store).await;
    let origin = |id: i64| format!("https://app-{id}.example");
    let client = |id: i64, account| client(id, account, &[&format!("{}/cb", origin(id))]);
    let promoted = Client { global_at: Some(NOW), ..client(global, &elsewhere) };
    for client in [client(own, &account), promoted, client(foreign, &elsewhere)] {
        create(store, &client).await;
    }
    assert!(knows(store, &account, &origin(own)).await);
    assert!(knows(store, &account, &origin(global)).await);
    assert!(!knows(store, &account, &origin(foreign)).await);
    assert!(knows(store, &elsewhere, &origin(global)).await, "its own account too");
}

async fn origins_follow_the_redirect_uris(store: &Store) {
    let account = an_account(store).await;
    let uris = [
        "https://a.example/cb",
        "https://a.example/other?x",
        "https://b.example:8443/cb",
        "http://[::1]:9801/cb",
        "com.example.app:/cb",
    ];
    let mut client = client(fresh_id::<Client>(store).await.get(), &account, &uris);
    create(store, &client).await;
    for origin in ["https://a.example", "https://b.example:8443", "http://[::1]"] {
        assert!(knows(store, &account, origin).await, "{origin}");
    }
    assert!(!knows(store, &account, "http://[::1]:9801").await, "it stands without its port");
    client.redirect_uris.remove(2);
    client.redirect_uris.remove(0);
    update(store, &mut client).await;
    assert!(knows(store, &account, "https://a.example").await, "another URI has it");
    assert!(!knows(store, &account, "https://b.example:8443").await);
    client.redirect_uris.clear();
    update(store, &mut client).await;
    assert!(!knows(store, &account, "https://a.example").await);
    assert!(!knows(store, &account, "http://[::1]").await);
}

// BA-04
async fn origins_move_with_the_client_s_reach(store: &Store) {
    let (account, elsewhere) = (an_account(store).await, an_account(store).await);
    let id = fresh_id::<Client>(store).await.get();
    let origin = format!("https://moving-{id}.example");
    let mut client = client(id, &account, &[&format!("{origin}/cb")]);
    create(store, &client).await;
    for (global_at, is_known_elsewhere) in [(None, false), (Some(NOW), true), (None, false)] {
        client.global_at = global_at;
        update(store, &mut client).await;
        assert!(knows(store, &account, &origin).await);
        assert_eq!(knows(store, &elsewhere, &origin).await, is_known_elsewhere);
    }
}

/// Its app must be able to read that it is refused.
async fn a_suspended_client_keeps_its_origins(store: &Store) {
    let account = an_account(store).await;
    let id = fresh_id::<Client>(store).await.get();
    let mut client = client(id, &account, &["https://suspended.example/cb"]);
    create(store, &client).await;
    client.state = ClientState::Suspended;
    update(store, &mut client).await;
    assert!(knows(store, &account, "https://suspended.example").await);
}

async fn an_origin_stays_as_long_as_one_client_has_it(store: &Store) {
    let account = an_account(store).await;
    let [first, second]: [i64; 2] = fresh_ids(store).await;
    for id in [first, second] {
        create(store, &client(id, &account, &["https://shared.example/cb"])).await;
    }
    for (id, is_left) in [(first, true), (second, false)] {
        let id = domain::Id::new(id);
        assert!(unit!(store, |tx| clients::delete(tx, account.id, id)));
        assert_eq!(knows(store, &account, "https://shared.example").await, is_left);
    }
}

async fn a_client_that_is_ahead_of_its_origins_is_filled(store: &Store) {
    let account = an_account(store).await;
    let id = fresh_id::<Client>(store).await;
    create(store, &client(id.get(), &account, &["https://ahead.example/cb"])).await;
    let touched = unit!(store, |tx| clients::touch(tx, account.id, id, after(1)));
    assert_eq!(touched, Some(after(1)));
    store.migrate().await.expect("it fills");
    assert!(knows(store, &account, "https://ahead.example").await);
}

//! Lists of tokens, and what is in none of them, on both engines.

use domain::{AccountId, Client, Grant, Id, Token, TokenFamily, TokenId, User};
use store::tokens::{TokenList, TokenSort};
use store::{Page, Place, Side, Store, Transaction};
use store::{clients, grants, token_families, tokens, users};

use crate::conformance::facts;
use crate::conformance_samples::{
    NOW, after, an_account, bare_client, bare_family, bare_grant, bare_token, bare_user,
    family_token, fresh_ids, unit,
};

facts! {
    tokens_are_paged_by_key_in_both_directions,
    tokens_are_paged_by_number_and_counted,
    what_has_ended_is_listed_if_it_is_asked_for,
    what_was_exchanged_or_revoked_is_in_no_list,
    what_lost_its_client_or_user_is_in_no_list,
    a_token_is_shown_in_its_account,
}

/// An account with two clients and two users.
struct Scene {
    account_id: AccountId,
    clients: [Client; 2],
    users: [User; 2],
}

impl Scene {
    async fn set(store: &Store) -> Self {
        let account_id = an_account(store).await.id;
        let [client, other_client, user, other_user] = fresh_ids(store).await;
        let scene = Self {
            account_id,
            clients: [client, other_client].map(|id| bare_client(id, account_id)),
            users: [user, other_user].map(|id| bare_user(id, account_id)),
        };
        for (client, user) in scene.clients.iter().zip(&scene.users) {
            assert!(unit!(store, |tx| clients::create(tx, client)));
            assert!(unit!(store, |tx| users::create(tx, user)));
        }
        scene
    }

    /// A token of one of the clients that acts as one of the users.
    fn token(&self, id: i64, client: usize, user: usize) -> Token {
        Token {
            client_id: self.clients[client].id,
            user_id: self.users[user].id,
            ..bare_token(id, self.account_id)
        }
    }

    fn everything(&self) -> TokenList {
        TokenList {
            account_id: self.account_id,
            user_id: None,
            client_id: None,
            unexpired_at: Some(NOW),
        }
    }

    /// Every way to narrow the list to the first client or user.
    fn lists(&self) -> [TokenList; 4] {
        let everything = self.everything();
        let (user_id, client_id) = (Some(self.users[0].id), Some(self.clients[0].id));
        [
            everything,
            TokenList { user_id, ..everything },
            TokenList { client_id, ..everything },
            TokenList { user_id, client_id, ..everything },
        ]
    }

    /// A grant of the first user to the first client, a family under it and its first token.
    async fn family(&self, store: &Store) -> (Grant, TokenFamily, Token) {
        let [grant_id, family_id, token_id] = fresh_ids(store).await;
        let grant = Grant {
            client_id: self.clients[0].id,
            user_id: self.users[0].id,
            ..bare_grant(grant_id, self.account_id)
        };
        let family = bare_family(family_id, &grant);
        let token = family_token(token_id, &family, 1);
        unit!(store, |tx| store_family(tx, &grant, &family, &token));
        (grant, family, token)
    }
}

async fn store_family(
    tx: &mut Transaction,
    grant: &Grant,
    family: &TokenFamily,
    token: &Token,
) -> Result<(), store::Fault> {
    grants::create(tx, grant).await?;
    token_families::create(tx, family).await?;
    tokens::create(tx, token).await
}

/// Six tokens in the order of issue, two of one moment; the first three were stored last.
async fn six_tokens(store: &Store, scene: &Scene) -> Vec<Token> {
    let ids: [i64; 6] = fresh_ids(store).await;
    let made = [(4, 0, 0), (5, 1, 0), (6, 0, 1), (1, 0, 0), (3, 1, 1), (3, 0, 0)];
    let mut tokens = Vec::new();
    for (id, (second, client, user)) in ids.into_iter().zip(made) {
        let token = Token { created_at: after(second), ..scene.token(id, client, user) };
        unit!(store, |tx| tokens::create(tx, &token));
        tokens.push(token);
    }
    tokens.sort_by_key(|token| (token.created_at, token.id));
    tokens
}

fn is_listed(list: &TokenList, token: &Token) -> bool {
    list.user_id.is_none_or(|id| id == token.user_id)
        && list.client_id.is_none_or(|id| id == token.client_id)
}

async fn tokens_are_paged_by_key_in_both_directions(store: &Store) {
    let scene = Scene::set(store).await;
    let made = six_tokens(store, &scene).await;
    for list in scene.lists() {
        let mut listed: Vec<_> = made.iter().filter(|it| is_listed(&list, it)).cloned().collect();
        assert!(listed.len() > 1, "there is something to page through");
        page_through(store, &list, TokenSort::CreatedAt, &listed).await;
        listed.sort_by_key(|token| token.id);
        page_through(store, &list, TokenSort::Id, &listed).await;
    }
}

async fn page_through(store: &Store, list: &TokenList, sort: TokenSort, listed: &[Token]) {
    let place = |token: &Token| match sort {
        TokenSort::Id => Place::Id(token.id.get()),
        TokenSort::CreatedAt => Place::At(token.created_at, token.id.get()),
    };
    let page = |place, side| Page { place, side, limit: 2 };
    for (index, token) in listed.iter().enumerate() {
        let next = tokens::page(store, list, sort, &page(place(token), Side::After)).await;
        assert_eq!(next, Ok(listed[index + 1..].iter().take(2).cloned().collect()));
        let previous = tokens::page(store, list, sort, &page(place(token), Side::Before)).await;
        let nearest_first = listed[index.saturating_sub(2)..index].iter().rev();
        assert_eq!(previous, Ok(nearest_first.cloned().collect()));
    }
    for (side, nearest) in [(Side::After, listed.first()), (Side::Before, listed.last())] {
        let from_the_end = page(Place::end(sort.shape(), side), side);
        let found = tokens::page(store, list, sort, &from_the_end).await.expect("a page");
        assert_eq!(found.first(), nearest);
    }
}

async fn tokens_are_paged_by_number_and_counted(store: &Store) {
    let scene = Scene::set(store).await;
    let made = six_tokens(store, &scene).await;
    for list in scene.lists() {
        let listed: Vec<_> = made.iter().filter(|it| is_listed(&list, it)).cloned().collect();
        let length = i64::try_from(listed.len()).expect("a few");
        assert_eq!(tokens::count(store, &list).await, Ok(length));
        assert_eq!(tokens::list(store, &list, 0, 2).await, Ok(listed[..2].to_vec()));
        assert_eq!(tokens::list(store, &list, 1, 9).await, Ok(listed[1..].to_vec()));
        assert_eq!(tokens::list(store, &list, length, 9).await, Ok(Vec::new()));
    }
    let elsewhere = TokenList { account_id: Id::new(0), ..scene.everything() };
    assert_eq!(tokens::count(store, &elsewhere).await, Ok(0));
}

async fn what_has_ended_is_listed_if_it_is_asked_for(store: &Store) {
    let scene = Scene::set(store).await;
    let (_, _, token) = scene.family(store).await;
    assert_eq!((token.expires_at, token.refresh_expires_at), (Some(after(600)), Some(after(1800))));
    let [id, endless] = fresh_ids(store).await;
    let alone =
        Token { bucket: token.bucket, expires_at: Some(after(600)), ..scene.token(id, 0, 0) };
    let endless = scene.token(endless, 0, 0);
    for token in [&alone, &endless] {
        unit!(store, |tx| tokens::create(tx, token));
    }
    let ids = |tokens: &[&Token]| tokens.iter().map(|token| token.id).collect::<Vec<_>>();
    for (unexpired_at, expected) in [
        (Some(after(599)), ids(&[&token, &alone, &endless])),
        (Some(after(600)), ids(&[&token, &endless])),
        (Some(after(1799)), ids(&[&token, &endless])),
        (Some(after(1800)), ids(&[&endless])),
        (Some(after(90_000)), ids(&[&endless])),
        (None, ids(&[&token, &alone, &endless])),
    ] {
        let list = TokenList { unexpired_at, ..scene.everything() };
        assert_eq!(listed(store, &list).await, expected, "{unexpired_at:?}");
    }
}

/// The ids of a list, by number.
async fn listed(store: &Store, list: &TokenList) -> Vec<TokenId> {
    let tokens = tokens::list(store, list, 0, 9).await.expect("a page");
    let mut ids: Vec<_> = tokens.iter().map(|token| token.id).collect();
    ids.sort();
    ids
}

/// Checks that a token is nowhere, though expired ones are asked for.
async fn expect_gone(store: &Store, scene: &Scene, token: &Token) {
    let list = TokenList { unexpired_at: None, ..scene.everything() };
    assert_eq!(listed(store, &list).await, []);
    assert_eq!(tokens::count(store, &list).await, Ok(0));
    assert_eq!(tokens::show(store, scene.account_id, token.id).await, Ok(None));
}

async fn what_was_exchanged_or_revoked_is_in_no_list(store: &Store) {
    for what in ["exchanged", "revoked", "family", "grant"] {
        let scene = Scene::set(store).await;
        let (grant, family, token) = scene.family(store).await;
        let everything = TokenList { unexpired_at: None, ..scene.everything() };
        assert_eq!(listed(store, &everything).await, [token.id], "{what}");
        let (account_id, bucket, hash) = (token.account_id, token.bucket, token.hash);
        assert!(match what {
            "exchanged" => unit!(store, |tx| tokens::rotated(tx, bucket, &hash, after(1), &[1])),
            "revoked" => unit!(store, |tx| tokens::revoke(tx, account_id, bucket, &hash, after(1))),
            "family" => unit!(store, |tx| token_families::revoke(tx, family.id, after(1))),
            _ => unit!(store, |tx| {
                grants::revoke(tx, account_id, grant.user_id, grant.id, after(1))
            }),
        });
        expect_gone(store, &scene, &token).await;
    }
}

async fn what_lost_its_client_or_user_is_in_no_list(store: &Store) {
    let scene = Scene::set(store).await;
    let (_, _, token) = scene.family(store).await;
    let [id, nobodys] = fresh_ids(store).await;
    let alone = scene.token(id, 0, 0);
    let nobodys = Token { user_id: Id::new(nobodys), ..scene.token(nobodys, 1, 0) };
    for token in [&alone, &nobodys] {
        unit!(store, |tx| tokens::create(tx, token));
    }
    let client_id = scene.clients[0].id;
    assert!(unit!(store, |tx| clients::delete(tx, scene.account_id, client_id)));
    for token in [token, alone, nobodys] {
        expect_gone(store, &scene, &token).await;
    }
}

async fn a_token_is_shown_in_its_account(store: &Store) {
    let scene = Scene::set(store).await;
    let (_, _, token) = scene.family(store).await;
    assert_eq!(tokens::show(store, Id::new(0), token.id).await, Ok(None));
    assert_eq!(tokens::show(store, scene.account_id, Id::new(0)).await, Ok(None));
    assert_eq!(tokens::show(store, scene.account_id, token.id).await, Ok(Some(token)));
}

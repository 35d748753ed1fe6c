//! Tokens that never end leave when they are dead, on both engines.

use domain::{Account, Client, ClientState, Grant, Id, Timestamp, Token, TokenFamily, User};
use store::tokens::{EndlessPart, delete_revoked, part_after, revoke_dead};
use store::{Fault, Store, Transaction, accounts, clients, grants, token_families, tokens, users};

use crate::conformance::facts;
use crate::conformance_samples::{
    after, an_account, bare_client, bare_family, bare_grant, bare_token, bare_user, fresh_ids, unit,
};

facts! {
    parts_lead_through_what_never_ends,
    what_is_dead_is_revoked_and_leaves_and_its_family_ends,
    who_stands_alone_is_dead_without_client_or_user,
}

/// A token that never ends, and everything that it stands under.
struct Scene {
    account: Account,
    client: Client,
    user: User,
    grant: Grant,
    family: TokenFamily,
    token: Token,
}

impl Scene {
    async fn set(store: &Store) -> Self {
        let account = an_account(store).await;
        let [client, user, grant, family, token] = fresh_ids(store).await;
        let client = bare_client(client, account.id);
        let user = bare_user(user, account.id);
        let (user_id, client_id) = (user.id, client.id);
        let grant = Grant { user_id, client_id, ..bare_grant(grant, account.id) };
        let family = TokenFamily { expires_at: Timestamp::NEVER, ..bare_family(family, &grant) };
        let family_id = Some(family.id);
        let token = Token { user_id, client_id, family_id, ..bare_token(token, account.id) };
        let scene = Self { account, client, user, grant, family, token };
        unit!(store, |tx| scene.create(tx));
        scene
    }

    async fn create(&self, tx: &mut Transaction) -> Result<(), Fault> {
        clients::create(tx, &self.client).await?;
        users::create(tx, &self.user).await?;
        grants::create(tx, &self.grant).await?;
        token_families::create(tx, &self.family).await?;
        tokens::create(tx, &self.token).await
    }

    /// Ends one of them, a second later.
    async fn end(&self, tx: &mut Transaction, what: &str) -> Result<bool, Fault> {
        let Self { account, client, user, grant, family, token } = self;
        let at = after(1);
        match what {
            "nothing" => Ok(true),
            "token" => tokens::revoke(tx, account.id, token.bucket, &token.hash, at).await,
            "family" => token_families::revoke(tx, family.id, at).await,
            "grant" => grants::revoke(tx, account.id, user.id, grant.id, at).await,
            "client" => clients::delete(tx, account.id, client.id).await,
            "user" => users::delete(tx, account.id, user.id).await,
            "honour of the account" => {
                accounts::suspend(tx, account.id, None, at).await.map(|it| it.is_some())
            }
            "honour of the user" => users::suspend(tx, (account.id, user.id), None, at).await,
            _ => {
                let state = ClientState::Suspended;
                let suspended = Client { state, updated_at: at, ..client.clone() };
                let updated = clients::update(tx, &suspended, client.updated_at).await;
                updated.map(|update| update == clients::ClientUpdate::Written)
            }
        }
    }

    /// When the token was revoked; none: it is gone.
    async fn revoked_at(&self, store: &Store) -> Option<Option<Timestamp>> {
        let Token { account_id, bucket, hash, .. } = &self.token;
        let found = tokens::by_access(store, *account_id, *bucket, hash).await;
        found.expect("a look-up").map(|live| live.token.revoked_at)
    }

    async fn family_ends_at(&self, store: &Store) -> Timestamp {
        let family = token_families::show(store, self.family.id).await.expect("a look-up");
        family.expect("it is stored").expires_at
    }
}

/// The parts of so many, to the last one.
async fn parts(store: &Store, count: i64) -> Vec<EndlessPart> {
    let mut parts = vec![EndlessPart::BEFORE_ALL];
    while !parts[parts.len() - 1].is_last() {
        let next = part_after(store, &parts[parts.len() - 1], count).await.expect("a look-up");
        parts.push(next);
    }
    parts.split_off(1)
}

async fn revoke_all(store: &Store, at: Timestamp) -> u64 {
    let mut revoked = 0;
    for part in parts(store, 2).await {
        revoked += unit!(store, |tx| revoke_dead(tx, &part, at));
    }
    revoked
}

async fn delete_all(store: &Store, before: Timestamp, at: Timestamp) -> u64 {
    let mut deleted = 0;
    for part in parts(store, 2).await {
        deleted += unit!(store, |tx| delete_revoked(tx, &part, before, at));
    }
    deleted
}

async fn parts_lead_through_what_never_ends(store: &Store) {
    // The last part is what comes after the last token.
    let before = parts(store, 1).await.len() - 1;
    for _ in 0..3 {
        Scene::set(store).await;
    }
    let count = before + 3;
    assert_eq!(parts(store, 1).await.len(), count + 1);
    assert_eq!(parts(store, 2).await.len(), count / 2 + 1);
    assert_eq!(parts(store, 9_999).await.len(), 1);
}

async fn what_is_dead_is_revoked_and_leaves_and_its_family_ends(store: &Store) {
    let whats = [
        "nothing",
        "token",
        "family",
        "grant",
        "client",
        "user",
        "honour of the account",
        "honour of the user",
        "honour of the client",
    ];
    let mut scenes = Vec::new();
    for what in whats {
        let scene = Scene::set(store).await;
        assert!(unit!(store, |tx| scene.end(tx, what)), "{what}");
        scenes.push((what, scene));
    }
    assert!(revoke_all(store, after(5)).await >= 7);
    assert_eq!(revoke_all(store, after(6)).await, 0, "once");
    for (what, scene) in &scenes {
        let expected = match *what {
            "nothing" => None,
            "token" => Some(after(1)),
            _ => Some(after(5)),
        };
        assert_eq!(scene.revoked_at(store).await, Some(expected), "{what}");
    }
    for (before, at) in [(4, 7), (5, 8), (6, 9)] {
        delete_all(store, after(before), after(at)).await;
        for (what, scene) in &scenes {
            let (leaves, ends_at) = match *what {
                "nothing" => (false, Timestamp::NEVER),
                "token" => (true, after(7)),
                _ if before >= 5 => (true, after(8)),
                _ => (false, Timestamp::NEVER),
            };
            assert_eq!(scene.revoked_at(store).await.is_none(), leaves, "{what}, {before}");
            assert_eq!(scene.family_ends_at(store).await, ends_at, "{what}, {before}");
        }
    }
}

async fn who_stands_alone_is_dead_without_client_or_user(store: &Store) {
    let scene = Scene::set(store).await;
    let ids: [i64; 3] = fresh_ids(store).await;
    let (client_id, user_id, nobodys) = (scene.client.id, scene.user.id, ids[0]);
    let holders =
        [(client_id, user_id), (Id::new(nobodys), user_id), (client_id, Id::new(nobodys))];
    let made = ids.into_iter().zip(holders).map(|(id, (client_id, user_id))| Token {
        client_id,
        user_id,
        ..bare_token(id, scene.account.id)
    });
    let made: Vec<_> = made.collect();
    for token in &made {
        unit!(store, |tx| tokens::create(tx, token));
    }
    revoke_all(store, after(5)).await;
    for (token, is_dead) in made.iter().zip([false, true, true]) {
        let found = tokens::by_access(store, token.account_id, token.bucket, &token.hash).await;
        let live = found.expect("a look-up").expect("it is there");
        assert_eq!(live.token.revoked_at.is_some(), is_dead);
    }
}

//! What happens once happens once: the database decides between fifty who try at the same time, on
//! both engines.

use futures_util::future::join_all;

use domain::{AuthorizationRequest, Grant, Id, KeyState, SigningKey, Token};
use store::{
    Fault, Store, Transaction, api_tokens, authorization_codes, authorization_requests, grants,
    installation, sessions, signing_keys, token_families, tokens,
};

use crate::conformance_samples::{
    NOW, a_family, a_redeemable_code, a_request, after, an_account, bare_api_token, bare_grant,
    bare_session, family_token, fresh_id, fresh_ids, unit,
};
use crate::conformance_signing_keys::bare_signing_key;
use crate::support::on_both_engines;

/// How many try.
const RIVALS: usize = 50;
/// How often two that race each other are let loose.
const ROUNDS: i64 = 25;

/// How many of the rivals, all let loose together, were told that they had won.
pub(crate) async fn winners<F, U>(store: &Store, attempt: F) -> usize
where
    F: Fn(Store, i64) -> U,
    U: Future<Output = bool> + Send + 'static,
{
    let rivals: Vec<_> =
        (0..).take(RIVALS).map(|number| tokio::spawn(attempt(store.clone(), number))).collect();
    let told = join_all(rivals).await;
    told.into_iter().filter(|won| *won.as_ref().expect("the rival ended")).count()
}

/// The rotation of a family's first token: true, if its successor was stored.
async fn rotate(store: &Store, token: &Token, successor: &Token) -> bool {
    unit!(store, |tx| rotate_in(tx, token, successor))
}

async fn rotate_in(tx: &mut Transaction, token: &Token, successor: &Token) -> Result<bool, Fault> {
    let family_id = token.family_id.expect("it has a family");
    if !token_families::advance(tx, family_id, token.generation, after(1)).await? {
        return Ok(false);
    }
    assert!(tokens::rotated(tx, token.bucket, &token.hash, after(1), b"sealed").await?);
    tokens::create(tx, successor).await?;
    Ok(true)
}

/// Whether an issue is stored.
async fn is_stored(store: &Store, token: &Token) -> bool {
    let found = tokens::by_access(store, token.account_id, token.bucket, &token.hash).await;
    found.expect("a look-up").is_some()
}

on_both_engines! {
    async fn a_code_is_redeemed_once(database) {
        let store = database.migrated().await;
        let (code, _, _) = a_redeemable_code(&store).await;
        let redeemed = winners(&store, |store, number| {
            let code = code.clone();
            async move {
                let family_id = Id::new(number);
                unit!(store, |tx| authorization_codes::redeem(tx, &code, family_id, 5, after(1)))
            }
        });
        assert_eq!(redeemed.await, 1);
    }

    async fn no_wrong_verifier_goes_uncounted(database) {
        let store = database.migrated().await;
        let (code, _, _) = a_redeemable_code(&store).await;
        let (bucket, hash) = (code.bucket, code.hash);
        let fifth = winners(&store, |store, _| async move {
            unit!(store, |tx| authorization_codes::failed(tx, bucket, &hash)) == 5
        });
        assert_eq!(fifth.await, 1);
        let code = authorization_codes::show(&store, code.account_id, bucket, &hash).await;
        assert_eq!(code.expect("a look-up").expect("it is found").failed_attempts, 50);
    }

    async fn a_refresh_token_is_rotated_once(database) {
        let store = database.migrated().await;
        let (_, family, token) = a_family(&store).await;
        let ids: [i64; RIVALS] = fresh_ids(&store).await;
        let successors = ids.map(|id| family_token(id, &family, 2));
        let rotated = winners(&store, |store, number| {
            let token = token.clone();
            let index = usize::try_from(number).expect("a small number");
            let successor = successors[index].clone();
            async move { rotate(&store, &token, &successor).await }
        });
        assert_eq!(rotated.await, 1);
        let mut stored = 0;
        for successor in &successors {
            stored += i32::from(is_stored(&store, successor).await);
        }
        assert_eq!(stored, 1);
    }

    async fn no_successor_comes_after_the_revocation_of_its_family(database) {
        let store = database.migrated().await;
        for _ in 0..ROUNDS {
            let (_, family, token) = a_family(&store).await;
            let successor = family_token(fresh_id::<Token>(&store).await.get(), &family, 2);
            let rotation = tokio::spawn({
                let (store, successor) = (store.clone(), successor.clone());
                async move { rotate(&store, &token, &successor).await }
            });
            let revocation = tokio::spawn({
                let (store, successor, family_id) = (store.clone(), successor.clone(), family.id);
                async move {
                    assert!(unit!(store, |tx| token_families::revoke(tx, family_id, after(1))));
                    is_stored(&store, &successor).await
                }
            });
            let stored_when_revoked = revocation.await.expect("it ended");
            let rotated = rotation.await.expect("it ended");
            assert_eq!(rotated, stored_when_revoked, "the row of the family decides who was first");
            assert_eq!(is_stored(&store, &successor).await, stored_when_revoked);
            let found = token_families::show(&store, family.id).await.expect("a look-up");
            assert_eq!(found.and_then(|family| family.revoked_at), Some(after(1)));
        }
    }

    async fn the_grace_of_a_rotated_token_is_counted(database) {
        let store = database.migrated().await;
        let (_, family, token) = a_family(&store).await;
        let successor = family_token(fresh_id::<Token>(&store).await.get(), &family, 2);
        assert!(rotate(&store, &token, &successor).await);
        let (bucket, hash) = (token.bucket, token.hash);
        let given = winners(&store, |store, _| async move {
            unit!(store, |tx| tokens::grace(tx, bucket, &hash, 3)).is_some()
        });
        assert_eq!(given.await, 3);
    }

    async fn an_authorization_request_is_decided_once(database) {
        let store = database.migrated().await;
        let account = an_account(&store).await;
        let id = fresh_id::<AuthorizationRequest>(&store).await;
        let user_id = Id::new(7);
        let request =
            AuthorizationRequest { user_id: Some(user_id), ..a_request(id.get(), account.id) };
        unit!(store, |tx| authorization_requests::create(tx, &request));
        let decided = winners(&store, |store, _| async move {
            let at = after(1);
            unit!(store, |tx| authorization_requests::decide(tx, account.id, id, user_id, at))
        });
        assert_eq!(decided.await, 1);
    }

    async fn a_fact_of_the_installation_is_taken_once(database) {
        let store = database.migrated().await;
        unit!(store, |tx| installation::set(tx, "set-up link", b"hash"));
        let taken = winners(&store, |store, _| async move {
            unit!(store, |tx| installation::take(tx, "set-up link"))
        });
        assert_eq!(taken.await, 1);
    }

    async fn a_grant_is_given_and_taken_back_once(database) {
        let store = database.migrated().await;
        let account = an_account(&store).await;
        let grant = bare_grant(fresh_id::<Grant>(&store).await.get(), account.id);
        let given = winners(&store, |store, number| {
            let grant = Grant { id: Id::new(grant.id.get() + number), ..grant.clone() };
            async move { unit!(store, |tx| grants::create(tx, &grant)) }
        });
        assert_eq!(given.await, 1);
        let live = grants::show(&store, account.id, grant.user_id, grant.client_id).await;
        let live = live.expect("a look-up").expect("it is live");
        let taken_back = winners(&store, |store, _| async move {
            unit!(store, |tx| grants::revoke(tx, account.id, live.user_id, live.id, after(1)))
        });
        assert_eq!(taken_back.await, 1);
    }

    async fn sessions_tokens_and_families_end_once(database) {
        let store = database.migrated().await;
        let (_, family, token) = a_family(&store).await;
        let (account_id, family_id) = (family.account_id, family.id);
        let [session_id, api_token_id] = fresh_ids(&store).await;
        let session = bare_session(session_id, account_id);
        let api_token = bare_api_token(api_token_id, account_id);
        unit!(store, |tx| sessions::create(tx, &session));
        assert!(unit!(store, |tx| api_tokens::create(tx, &api_token)));

        let ended = winners(&store, |store, _| async move {
            unit!(store, |tx| sessions::end(tx, account_id, Id::new(session_id), after(1)))
        });
        assert_eq!(ended.await, 1);
        let revoked = winners(&store, |store, _| async move {
            unit!(store, |tx| api_tokens::revoke(tx, account_id, Id::new(api_token_id), after(1)))
        });
        assert_eq!(revoked.await, 1);
        let (bucket, hash) = (token.bucket, token.hash);
        let revoked = winners(&store, |store, _| async move {
            unit!(store, |tx| tokens::revoke(tx, account_id, bucket, &hash, after(1)))
        });
        assert_eq!(revoked.await, 1);
        let revoked = winners(&store, |store, _| async move {
            unit!(store, |tx| token_families::revoke(tx, family_id, after(1)))
        });
        assert_eq!(revoked.await, 1);
    }

    async fn one_signing_key_becomes_current(database) {
        let store = database.migrated().await;
        let account = an_account(&store).await;
        let made = winners(&store, |store, number| {
            let key = bare_signing_key(number, account.id);
            async move { unit!(store, |tx| signing_keys::create(tx, &key)) }
        });
        assert_eq!(made.await, 1);
        let keys: Vec<SigningKey> =
            signing_keys::list(&store, account.id).await.expect("a list");
        assert_eq!(keys.len(), 1);
        assert_eq!(keys[0].created_at, NOW);
    }

    async fn a_next_signing_key_becomes_current_once(database) {
        let store = database.migrated().await;
        let account = an_account(&store).await;
        let [current_id, next_id] = fresh_ids(&store).await;
        let current = bare_signing_key(current_id, account.id);
        let next = SigningKey { state: KeyState::Next, ..bare_signing_key(next_id, account.id) };
        for key in [&current, &next] {
            assert!(unit!(store, |tx| signing_keys::create(tx, key)));
        }
        let promoted = winners(&store, |store, _| {
            let next = next.clone();
            async move {
                unit!(store, |tx| async {
                    signing_keys::demote(tx, &next, after(1), after(2)).await?;
                    signing_keys::promote(tx, next.id, after(1)).await
                })
            }
        });
        assert_eq!(promoted.await, 1);
        let keys = signing_keys::list(&store, account.id).await.expect("a list");
        let states: Vec<_> = keys.iter().map(|key| key.state).collect();
        assert_eq!(states, [KeyState::Retiring, KeyState::Current]);
        let retired = winners(&store, |store, _| async move {
            unit!(store, |tx| signing_keys::retire(tx, Id::new(current_id), after(2)))
        });
        assert_eq!(retired.await, 1);
    }
}

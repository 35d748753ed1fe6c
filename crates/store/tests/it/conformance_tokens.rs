//! Token families, tokens and the deny list, on both engines.

use domain::{Grant, Id, Possession, Session, Timestamp, Token, TokenFamily};
use store::tokens::{FamilyFacts, RefreshableToken};
use store::{Store, clients, denied_jtis, grants, sessions, token_families, tokens};

use crate::conformance::facts;
use crate::conformance_samples::{
    GREATEST_ID, NOW, a_family, after, an_account, bare_client, bare_family, bare_grant,
    bare_session, bare_token, family_token, fresh_id, fresh_ids, hash_of, scopes, unit,
};

facts! {
    a_family_is_stored_whole,
    a_family_advances_from_its_own_generation_while_it_lives,
    families_are_revoked_with_their_grant_or_session,
    grants_and_families_are_revoked_with_their_user,
    a_token_is_stored_whole,
    a_look_up_by_token_tells_of_family_and_grant,
    a_look_up_tells_that_the_grant_is_gone,
    a_rotated_token_gives_out_its_successor_until_it_is_used,
    a_token_is_used_and_revoked,
    a_jti_is_denied_in_its_account,
}

fn full_family(id: i64, grant: &Grant) -> TokenFamily {
    TokenFamily {
        session_id: Some(Id::new(id)),
        possession: Possession::ClientSecret,
        scopes: scopes("openid read"),
        requested_scopes: scopes("openid read write"),
        resources: vec!["https://api.example.com/".to_owned()],
        claims: Some(r#"{"id_token":{"email":null}}"#.to_owned()),
        revoked_at: Some(after(1)),
        ..bare_family(id, grant)
    }
}

async fn a_family_is_stored_whole(store: &Store) {
    let grant = bare_grant(1, Id::new(2));
    let bare = bare_family(fresh_id::<TokenFamily>(store).await.get(), &grant);
    for family in [bare, full_family(GREATEST_ID, &grant)] {
        unit!(store, |tx| token_families::create(tx, &family));
        assert_eq!(token_families::show(store, family.id).await, Ok(Some(family)));
    }
}

async fn a_family_advances_from_its_own_generation_while_it_lives(store: &Store) {
    use token_families::{advance, revoke};
    let (_, family, _) = a_family(store).await;
    assert!(unit!(store, |tx| advance(tx, family.id, 1, after(1))));
    assert!(!unit!(store, |tx| advance(tx, family.id, 1, after(1))));
    assert!(!unit!(store, |tx| advance(tx, family.id, 2, family.expires_at)));
    assert!(unit!(store, |tx| advance(tx, family.id, 2, after(2))));
    assert!(unit!(store, |tx| revoke(tx, family.id, after(3))));
    assert!(!unit!(store, |tx| revoke(tx, family.id, after(4))));
    assert!(!unit!(store, |tx| advance(tx, family.id, 3, after(4))));
    let ended = TokenFamily { generation: 3, revoked_at: Some(after(3)), ..family };
    assert_eq!(token_families::show(store, ended.id).await, Ok(Some(ended)));
}

async fn families_are_revoked_with_their_grant_or_session(store: &Store) {
    let [grant_id, session_id, later_id] = fresh_ids(store).await;
    let session = bare_session(session_id, Id::new(1));
    let later = Session { lineage_id: session.id, ..bare_session(later_id, Id::new(1)) };
    for session in [session, later] {
        unit!(store, |tx| sessions::create(tx, &session));
    }
    let ids: [i64; 5] = fresh_ids(store).await;
    let grant = bare_grant(grant_id, Id::new(2));
    let words = ["openid read", "openid offline_access", "read", "openid:x openid.y", "openid"];
    let session_ids = [session_id, session_id, session_id, session_id, later_id];
    for ((id, words), session_id) in ids.into_iter().zip(words).zip(session_ids) {
        let session_id = Some(Id::new(session_id));
        let family = TokenFamily { session_id, scopes: scopes(words), ..bare_family(id, &grant) };
        unit!(store, |tx| token_families::create(tx, &family));
    }
    unit!(store, |tx| token_families::revoke_for_session(tx, Id::new(session_id), after(1)));
    let ended = [Some(after(1)), None, None, None, Some(after(1))];
    assert_eq!(revocations(store, ids).await, ended);
    unit!(store, |tx| token_families::revoke_for_grant(tx, grant.id, after(2)));
    let ended = [1, 2, 2, 2, 1].map(|second| Some(after(second)));
    assert_eq!(revocations(store, ids).await, ended);
}

async fn grants_and_families_are_revoked_with_their_user(store: &Store) {
    let (grant, family, _) = a_family(store).await;
    let (account_id, user_id) = (grant.account_id, grant.user_id);
    for revoked in [1, 0] {
        let count =
            unit!(store, |tx| grants::revoke_all_for_user(tx, account_id, user_id, after(1)));
        assert_eq!(count, revoked);
    }
    unit!(store, |tx| token_families::revoke_for_user(tx, account_id, user_id, after(2)));
    assert_eq!(grants::live(store, grant.id).await, Ok(None));
    let family = token_families::show(store, family.id).await.expect("a look-up");
    assert_eq!(family.and_then(|it| it.revoked_at), Some(after(2)));
}

async fn revocations(store: &Store, ids: [i64; 5]) -> Vec<Option<Timestamp>> {
    let mut found = Vec::new();
    for id in ids {
        let family = token_families::show(store, Id::new(id)).await.expect("a look-up");
        found.push(family.expect("it is stored").revoked_at);
    }
    found
}

async fn a_token_is_stored_whole(store: &Store) {
    let (_, family, _) = a_family(store).await;
    let bare = bare_token(fresh_id::<Token>(store).await.get(), family.account_id);
    let full = Token {
        scopes: scopes("openid read tickets:write"),
        resources: vec!["https://api.example.com/".to_owned(), "urn:example:api".to_owned()],
        used_at: Some(after(1)),
        rotated_at: Some(after(2)),
        revoked_at: Some(after(3)),
        ..family_token(GREATEST_ID, &family, 2)
    };
    for token in [bare, full] {
        unit!(store, |tx| tokens::create(tx, &token));
        let found = tokens::by_access(store, token.account_id, token.bucket, &token.hash).await;
        let found = found.expect("a look-up").expect("it is found");
        assert_eq!(found.token, token);
        assert_eq!(found.family.map(|family| family.id), token.family_id);
        let elsewhere = tokens::by_access(store, Id::new(0), token.bucket, &token.hash).await;
        assert_eq!(elsewhere, Ok(None));
    }
}

async fn a_look_up_by_token_tells_of_family_and_grant(store: &Store) {
    let (grant, family, token) = a_family(store).await;
    unit!(store, |tx| token_families::used(tx, family.id, 1));
    unit!(store, |tx| token_families::used(tx, family.id, 0));
    unit!(store, |tx| grants::revoke(tx, grant.account_id, grant.user_id, grant.id, after(1)));
    unit!(store, |tx| token_families::revoke(tx, family.id, after(2)));
    let facts = FamilyFacts {
        id: family.id,
        grant_id: grant.id,
        generation: 1,
        used_generation: 1,
        auth_time: NOW,
        expires_at: family.expires_at,
        revoked_at: Some(after(2)),
        claims: family.claims.clone(),
        grant_revoked_at: Some(after(1)),
    };
    let found = tokens::by_access(store, token.account_id, token.bucket, &token.hash).await;
    assert_eq!(found.expect("a look-up").expect("it is found").family, Some(facts));

    let family = TokenFamily { revoked_at: Some(after(2)), ..family };
    let refresh_hash = token.refresh_hash.expect("it has one");
    let found = tokens::by_refresh(store, token.account_id, token.bucket, &refresh_hash).await;
    let refreshable = RefreshableToken { token, family, grant_revoked_at: Some(after(1)) };
    assert_eq!(found, Ok(Some(refreshable)));
}

async fn a_look_up_tells_that_the_grant_is_gone(store: &Store) {
    let (grant, family, token) = a_family(store).await;
    let client = bare_client(grant.client_id.get(), grant.account_id);
    assert!(unit!(store, |tx| clients::create(tx, &client)));
    assert!(unit!(store, |tx| clients::delete(tx, client.account_id, client.id)));
    let found = tokens::by_access(store, token.account_id, token.bucket, &token.hash).await;
    let facts = found.expect("a look-up").expect("it is found").family.expect("it has one");
    assert_eq!(facts.grant_revoked_at, Some(family.created_at));
    let refresh_hash = token.refresh_hash.expect("it has one");
    let found = tokens::by_refresh(store, token.account_id, token.bucket, &refresh_hash).await;
    let found = found.expect("a look-up").expect("it is found");
    assert_eq!(found.grant_revoked_at, Some(family.created_at));
}

async fn a_rotated_token_gives_out_its_successor_until_it_is_used(store: &Store) {
    let (_, family, token) = a_family(store).await;
    let (bucket, hash) = (token.bucket, token.hash);
    assert_eq!(unit!(store, |tx| tokens::grace(tx, bucket, &hash, 3)), None);
    assert!(unit!(store, |tx| tokens::rotated(tx, bucket, &hash, after(1), b"sealed")));
    assert!(!unit!(store, |tx| tokens::rotated(tx, bucket, &hash, after(2), b"other")));
    assert!(unit!(store, |tx| token_families::advance(tx, family.id, 1, after(1))));
    for _ in 0..2 {
        let successor = unit!(store, |tx| tokens::grace(tx, bucket, &hash, 3));
        assert_eq!(successor.as_deref(), Some(&b"sealed"[..]));
    }
    unit!(store, |tx| token_families::used(tx, family.id, 2));
    assert_eq!(unit!(store, |tx| tokens::grace(tx, bucket, &hash, 3)), None);
}

async fn a_token_is_used_and_revoked(store: &Store) {
    let (_, _, token) = a_family(store).await;
    let (account_id, bucket, hash) = (token.account_id, token.bucket, token.hash);
    unit!(store, |tx| tokens::used(tx, bucket, &hash, after(1)));
    unit!(store, |tx| tokens::used(tx, bucket, &hash, NOW));
    assert!(!unit!(store, |tx| tokens::revoke(tx, Id::new(0), bucket, &hash, after(2))));
    assert!(unit!(store, |tx| tokens::revoke(tx, account_id, bucket, &hash, after(2))));
    assert!(!unit!(store, |tx| tokens::revoke(tx, account_id, bucket, &hash, after(3))));
    let found = tokens::by_access(store, account_id, bucket, &hash).await;
    let revoked = Token { used_at: Some(after(1)), revoked_at: Some(after(2)), ..token };
    assert_eq!(found.expect("a look-up").expect("it is found").token, revoked);
}

async fn a_jti_is_denied_in_its_account(store: &Store) {
    let account = an_account(store).await;
    let hash = hash_of(account.id.get());
    assert_eq!(denied_jtis::exists(store, account.id, &hash).await, Ok(false));
    assert!(unit!(store, |tx| denied_jtis::create(tx, account.id, &hash, after(60))));
    assert!(!unit!(store, |tx| denied_jtis::create(tx, account.id, &hash, after(60))));
    assert_eq!(denied_jtis::exists(store, account.id, &hash).await, Ok(true));
    assert_eq!(denied_jtis::exists(store, Id::new(0), &hash).await, Ok(false));
}

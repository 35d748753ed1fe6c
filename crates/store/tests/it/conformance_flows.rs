//! Grants, authorization requests and codes, on both engines.

use domain::{
    AuthorizationCode, AuthorizationRequest, Client, ClientMetadata, ClientState, Grant, Id,
    ScopeName, ScopeSet, Timestamp,
};
use store::{Store, authorization_codes, authorization_requests, clients, grants, sessions};

use crate::conformance::facts;
use crate::conformance_samples::{
    GREATEST_ID, UNICODE, a_redeemable_code, a_request, after, an_account, bare_client, bare_code,
    bare_grant, code_challenge, fresh_id, fresh_ids, scopes, unit,
};

facts! {
    a_grant_is_stored_whole,
    a_grant_tells_of_its_latest_use,
    a_grant_is_widened_beyond_what_one_request_may_ask_for,
    one_grant_is_live_and_a_revoked_one_makes_room,
    a_grant_is_widened_and_listed_with_its_client,
    an_authorization_request_is_stored_whole,
    an_authorization_request_is_decided_by_whom_it_was_shown_to,
    expired_authorization_requests_are_deleted_a_few_at_a_time,
    a_code_is_stored_whole,
    a_code_is_redeemed_by_its_own_client_in_time,
    a_code_dies_with_its_grant_and_session,
    wrong_verifiers_are_counted_and_use_the_code_up,
    open_codes_of_a_client_are_invalidated,
}

/// How many wrong verifiers use a code up.
const LIMIT: i64 = 5;

fn full_grant(id: i64, account_id: domain::AccountId) -> Grant {
    Grant {
        scopes: scopes("openid offline_access read"),
        resources: vec!["https://api.example.com/".to_owned(), "urn:example:api".to_owned()],
        updated_at: after(1),
        used_at: Some(after(2)),
        ..bare_grant(id, account_id)
    }
}

async fn a_grant_is_stored_whole(store: &Store) {
    let account = an_account(store).await;
    let bare = bare_grant(fresh_id::<Grant>(store).await.get(), account.id);
    let full = full_grant(GREATEST_ID, account.id);
    for grant in [bare, full] {
        assert!(unit!(store, |tx| grants::create(tx, &grant)));
        let shown = grants::show(store, account.id, grant.user_id, grant.client_id).await;
        assert_eq!(shown, Ok(Some(grant.clone())));
        assert_eq!(grants::live(store, grant.id).await, Ok(Some(grant)));
    }
}

async fn a_grant_tells_of_its_latest_use(store: &Store) {
    let account = an_account(store).await;
    let grant = bare_grant(fresh_id::<Grant>(store).await.get(), account.id);
    assert!(unit!(store, |tx| grants::create(tx, &grant)));
    for at in [after(1), after(3), after(2)] {
        unit!(store, |tx| grants::used(tx, grant.id, at));
    }
    let used = Grant { used_at: Some(after(3)), ..grant };
    assert_eq!(grants::live(store, used.id).await, Ok(Some(used)));
}

async fn a_grant_is_widened_beyond_what_one_request_may_ask_for(store: &Store) {
    let account = an_account(store).await;
    let grant = bare_grant(fresh_id::<Grant>(store).await.get(), account.id);
    assert!(unit!(store, |tx| grants::create(tx, &grant)));
    let wide = (0..200).map(|number| format!("scope{number}:read"));
    let wide: ScopeSet = wide.map(|name| ScopeName::parse(&name).expect("a scope")).collect();
    assert!(unit!(store, |tx| grants::widen(tx, &grant, &wide, &[], after(1))));
    let widened = Grant { scopes: wide, updated_at: after(1), ..grant };
    assert_eq!(grants::live(store, widened.id).await, Ok(Some(widened)));
}

async fn one_grant_is_live_and_a_revoked_one_makes_room(store: &Store) {
    let account = an_account(store).await;
    let [id, second_id] = fresh_ids(store).await;
    let grant = bare_grant(id, account.id);
    let second = Grant { id: Id::new(second_id), ..grant.clone() };
    assert!(unit!(store, |tx| grants::create(tx, &grant)));
    assert!(!unit!(store, |tx| grants::create(tx, &second)));
    assert!(!unit!(store, |tx| grants::revoke(tx, Id::new(0), grant.user_id, grant.id, after(1))));
    assert!(unit!(store, |tx| grants::revoke(tx, account.id, grant.user_id, grant.id, after(1))));
    assert!(!unit!(store, |tx| grants::revoke(tx, account.id, grant.user_id, grant.id, after(2))));
    assert!(!unit!(store, |tx| grants::widen(tx, &grant, &scopes("read"), &[], after(2))));
    assert_eq!(grants::live(store, grant.id).await, Ok(None));
    assert!(unit!(store, |tx| grants::create(tx, &second)));
}

async fn a_grant_is_widened_and_listed_with_its_client(store: &Store) {
    let account = an_account(store).await;
    let ids: [i64; 2] = fresh_ids(store).await;
    let mut made = ids.map(|id| Grant { user_id: Id::new(7), ..bare_grant(id, account.id) });
    for grant in &made {
        let initiate_login_uri = Some("https://app.example.com/in".to_owned());
        let metadata = ClientMetadata { initiate_login_uri, ..ClientMetadata::default() };
        let client = Client {
            metadata,
            state: ClientState::Active,
            ..bare_client(grant.client_id.get(), account.id)
        };
        assert!(unit!(store, |tx| clients::create(tx, &client)));
        assert!(unit!(store, |tx| grants::create(tx, grant)));
    }
    let wide = full_grant(0, account.id);
    let (old, at) = (made[1].clone(), after(9));
    assert!(unit!(store, |tx| grants::widen(tx, &old, &wide.scopes, &wide.resources, at)));
    // Whoever read it before that must read it again.
    assert!(!unit!(store, |tx| grants::widen(tx, &old, &wide.scopes, &[], at)));
    made[1].scopes = wide.scopes;
    made[1].resources = wide.resources;
    made[1].updated_at = after(9);

    let first = grants::list_for_user(store, account.id, Id::new(7), None, 1).await;
    let first = first.expect("a page");
    assert_eq!(first.len(), 1);
    assert_eq!(first[0].grant, made[0]);
    assert_eq!(first[0].identifier, format!("client-{}", ids[0]));
    assert_eq!((first[0].name.as_str(), &first[0].company), ("Bare", &None));
    assert_eq!(first[0].state, ClientState::Active);
    let address = first[0].metadata.initiate_login_uri.as_deref();
    assert_eq!(address, Some("https://app.example.com/in"));
    let rest = grants::list_for_user(store, account.id, Id::new(7), Some(made[0].id), 9).await;
    let rest = rest.expect("a page");
    assert_eq!(rest.iter().map(|it| &it.grant).collect::<Vec<_>>(), [&made[1]]);
}

async fn an_authorization_request_is_stored_whole(store: &Store) {
    let account = an_account(store).await;
    let bare = a_request(fresh_id::<AuthorizationRequest>(store).await.get(), account.id);
    let full = AuthorizationRequest {
        parameters: UNICODE.to_owned(),
        user_id: Some(Id::new(7)),
        decided_at: Some(after(1)),
        ..a_request(GREATEST_ID, account.id)
    };
    for request in [bare, full] {
        unit!(store, |tx| authorization_requests::create(tx, &request));
        let shown = authorization_requests::show(store, account.id, &request.hash).await;
        assert_eq!(shown, Ok(Some(request.clone())));
        let elsewhere = authorization_requests::show(store, Id::new(0), &request.hash).await;
        assert_eq!(elsewhere, Ok(None));
    }
}

async fn an_authorization_request_is_decided_by_whom_it_was_shown_to(store: &Store) {
    use authorization_requests::decide;
    let account = an_account(store).await;
    let [id, nobodys_id] = fresh_ids(store).await;
    let (zoe, max) = (Id::new(7), Id::new(8));
    let request = AuthorizationRequest { user_id: Some(zoe), ..a_request(id, account.id) };
    let nobodys = a_request(nobodys_id, account.id);
    unit!(store, |tx| authorization_requests::create(tx, &request));
    unit!(store, |tx| authorization_requests::create(tx, &nobodys));
    assert!(!unit!(store, |tx| decide(tx, account.id, nobodys.id, zoe, after(1))));
    assert!(!unit!(store, |tx| decide(tx, account.id, request.id, max, after(1))));
    assert!(!unit!(store, |tx| decide(tx, Id::new(0), request.id, zoe, after(1))));
    assert!(!unit!(store, |tx| decide(tx, account.id, request.id, zoe, request.expires_at)));
    assert!(unit!(store, |tx| decide(tx, account.id, request.id, zoe, after(2))));
    assert!(!unit!(store, |tx| decide(tx, account.id, request.id, zoe, after(3))));
}

async fn expired_authorization_requests_are_deleted_a_few_at_a_time(store: &Store) {
    use authorization_requests::delete_expired;
    let account = an_account(store).await;
    // Long before every other fact.
    let second = |second: i64| Timestamp::from_millis(second * 1_000);
    let ids: [i64; 5] = fresh_ids(store).await;
    for (id, expires_at) in ids.into_iter().zip(1..) {
        let request =
            AuthorizationRequest { expires_at: second(expires_at), ..a_request(id, account.id) };
        unit!(store, |tx| authorization_requests::create(tx, &request));
    }
    for deleted in [3, 1, 0] {
        assert_eq!(unit!(store, |tx| delete_expired(tx, second(4), 3)), deleted);
    }
    let left = a_request(ids[4], account.id);
    let left = authorization_requests::show(store, account.id, &left.hash).await;
    assert_eq!(left.expect("reads").map(|request| request.id), Some(Id::new(ids[4])));
}

async fn a_code_is_stored_whole(store: &Store) {
    let account = an_account(store).await;
    let bare = bare_code(fresh_id::<AuthorizationCode>(store).await.get(), account.id);
    let full = AuthorizationCode {
        redirect_uri: format!("https://app.example.com/{UNICODE}"),
        code_challenge: Some(code_challenge()),
        scopes: scopes("openid read"),
        requested_scopes: scopes("openid read write"),
        resources: vec!["https://api.example.com/".to_owned()],
        nonce: Some(UNICODE.to_owned()),
        claims: Some(format!(r#"{{"userinfo":{{"nickname":{{"value":"{UNICODE}"}}}}}}"#)),
        failed_attempts: 4,
        redeemed_at: Some(after(1)),
        family_id: Some(Id::new(GREATEST_ID)),
        ..bare_code(GREATEST_ID, account.id)
    };
    for code in [bare, full] {
        unit!(store, |tx| authorization_codes::create(tx, &code));
        assert_eq!(shown_code(store, &code).await, Some(code.clone()));
        let elsewhere = authorization_codes::show(store, Id::new(0), code.bucket, &code.hash).await;
        assert_eq!(elsewhere, Ok(None));
    }
}

async fn shown_code(store: &Store, code: &AuthorizationCode) -> Option<AuthorizationCode> {
    let shown = authorization_codes::show(store, code.account_id, code.bucket, &code.hash);
    shown.await.expect("a look-up")
}

async fn a_code_is_redeemed_by_its_own_client_in_time(store: &Store) {
    use authorization_codes::redeem;
    let (code, _, _) = a_redeemable_code(store).await;
    let family_id = Id::new(5);
    let foreign = AuthorizationCode { client_id: Id::new(0), ..code.clone() };
    assert!(!unit!(store, |tx| redeem(tx, &foreign, family_id, LIMIT, after(1))));
    assert!(!unit!(store, |tx| redeem(tx, &code, family_id, LIMIT, code.expires_at)));
    assert!(unit!(store, |tx| redeem(tx, &code, family_id, LIMIT, after(1))));
    assert!(!unit!(store, |tx| redeem(tx, &code, Id::new(6), LIMIT, after(2))));
    let redeemed = AuthorizationCode {
        redeemed_at: Some(after(1)),
        family_id: Some(family_id),
        ..code.clone()
    };
    assert_eq!(shown_code(store, &code).await, Some(redeemed));
}

async fn a_code_dies_with_its_grant_and_session(store: &Store) {
    use authorization_codes::redeem;
    let (code, grant, _) = a_redeemable_code(store).await;
    unit!(store, |tx| grants::revoke(tx, code.account_id, grant.user_id, grant.id, after(1)));
    assert!(!unit!(store, |tx| redeem(tx, &code, Id::new(5), LIMIT, after(2))));

    let (code, _, session) = a_redeemable_code(store).await;
    unit!(store, |tx| sessions::end(tx, code.account_id, session.id, after(1)));
    assert!(!unit!(store, |tx| redeem(tx, &code, Id::new(5), LIMIT, after(2))));
}

async fn wrong_verifiers_are_counted_and_use_the_code_up(store: &Store) {
    use authorization_codes::{failed, redeem};
    let (code, _, _) = a_redeemable_code(store).await;
    for count in 1..=LIMIT {
        let counted = unit!(store, |tx| failed(tx, code.bucket, &code.hash));
        assert_eq!(counted, count);
    }
    assert_eq!(shown_code(store, &code).await.map(|it| it.failed_attempts), Some(LIMIT));
    // Whoever read the code before the last wrong verifier does not get it either.
    assert!(!unit!(store, |tx| redeem(tx, &code, Id::new(5), LIMIT, after(1))));
    assert!(unit!(store, |tx| redeem(tx, &code, Id::new(5), LIMIT + 1, after(1))));
}

async fn open_codes_of_a_client_are_invalidated(store: &Store) {
    use authorization_codes::{invalidate_for_client, redeem};
    let (open, _, _) = a_redeemable_code(store).await;
    let (other, _, _) = a_redeemable_code(store).await;
    unit!(store, |tx| invalidate_for_client(tx, open.account_id, open.client_id, after(1)));
    assert!(!unit!(store, |tx| redeem(tx, &open, Id::new(5), LIMIT, after(1))));
    assert!(unit!(store, |tx| redeem(tx, &other, Id::new(5), LIMIT, after(1))));
}

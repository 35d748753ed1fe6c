//! Sessions that follow one another, who hears of their end, and requests at the logout endpoint, on both
//! engines.

use domain::{
    Client, ClientMetadata, Id, LogoutDelivery, LogoutOutcome, LogoutProgress, LogoutRequest,
    Session, SignedOutSession, Timestamp, TokenFamily,
};
use store::logout_deliveries::{DeliveryState, ToldClient};
use store::{Store, clients, logout_deliveries, logout_requests, sessions, token_families};

use crate::conformance::facts;
use crate::conformance_samples::{
    GREATEST_ID, UNICODE, after, an_account, bare_client, bare_family, bare_grant, bare_session,
    fresh_id, fresh_ids, hash_of, scopes, unit,
};

facts! {
    a_session_goes_on_in_the_next,
    a_session_of_an_older_version_gets_a_lineage_when_it_is_used_or_ends,
    clients_that_want_to_hear_of_an_end_are_to_be_told,
    whatever_became_of_their_tokens_clients_are_told,
    the_clients_of_every_session_of_a_user_are_to_be_told,
    a_delivery_is_taken_for_a_while,
    ended_deliveries_are_deleted_a_few_at_a_time,
    a_logout_request_is_stored_whole,
    expired_logout_requests_are_deleted_a_few_at_a_time,
}

/// A user whose session went on once, and what he got tokens for in the first and in the second.
struct Scene {
    sessions: [Session; 2],
    /// Both hear of it from the server; the second one got tokens in both sessions.
    told: [Client; 2],
    /// Hears of it from the browser only.
    framed: Client,
}

impl Scene {
    async fn prepare(store: &Store) -> Self {
        let account = an_account(store).await;
        let ids: [i64; 2] = fresh_ids(store).await;
        let sessions = ids.map(|id| Session {
            lineage_id: Id::new(ids[0]),
            user_id: Id::new(ids[0]),
            ..bare_session(id, account.id)
        });
        for session in &sessions {
            unit!(store, |tx| sessions::create(tx, session));
        }
        let back = ClientMetadata {
            backchannel_logout_uri: Some("https://app.example/out".to_owned()),
            ..ClientMetadata::default()
        };
        let front = ClientMetadata {
            frontchannel_logout_uri: Some("https://app.example/gone".to_owned()),
            ..ClientMetadata::default()
        };
        // It only talks of it.
        let tos_uri = Some("https://app.example/\"backchannel_logout_uri\":".to_owned());
        let silent = ClientMetadata { tos_uri, ..ClientMetadata::default() };
        let [first, second] = &sessions;
        let told = [
            a_client(store, &back, &[(first, "openid read")]).await,
            a_client(store, &back, &[(first, "openid"), (second, "openid"), (second, "openid")])
                .await,
        ];
        let framed = a_client(store, &front, &[(second, "openid")]).await;
        a_client(store, &silent, &[(second, "openid")]).await;
        a_client(store, &ClientMetadata::default(), &[(second, "openid")]).await;
        a_client(store, &back, &[(second, "read openid:x")]).await;
        Self { sessions, told, framed }
    }

    /// The deliveries that are due, as session and client.
    async fn due(store: &Store, now: Timestamp) -> Vec<LogoutDelivery> {
        let mut due =
            unit!(store, |tx| logout_deliveries::take(tx, now, after(1_000_000), 1_000_000));
        due.sort_by_key(|delivery| (delivery.session_id.get(), delivery.client_id.get()));
        due
    }

    fn deliveries(&self, created_at: Timestamp) -> Vec<LogoutDelivery> {
        let [first, second] = &self.sessions;
        let [one, other] = &self.told;
        let delivery = |session: &Session, client: &Client| LogoutDelivery {
            session_id: session.id,
            client_id: client.id,
            account_id: session.account_id,
            user_id: session.user_id,
            attempts: 1,
            created_at,
        };
        vec![delivery(first, one), delivery(first, other), delivery(second, other)]
    }
}

/// A client with this metadata that got tokens in these sessions.
async fn a_client(
    store: &Store,
    metadata: &ClientMetadata,
    families: &[(&Session, &str)],
) -> Client {
    let id = fresh_id::<Client>(store).await.get();
    let account_id = families[0].0.account_id;
    let client = Client { metadata: metadata.clone(), ..bare_client(id, account_id) };
    assert!(unit!(store, |tx| clients::create(tx, &client)));
    let grant = bare_grant(id, account_id);
    for (session, words) in families {
        let family = TokenFamily {
            session_id: Some(session.id),
            scopes: scopes(words),
            ..bare_family(fresh_id::<TokenFamily>(store).await.get(), &grant)
        };
        unit!(store, |tx| token_families::create(tx, &family));
    }
    client
}

async fn a_session_goes_on_in_the_next(store: &Store) {
    let scene = Scene::prepare(store).await;
    let [first, second] = &scene.sessions;
    let lineage = sessions::lineage(store, first.id, 9).await;
    assert_eq!(lineage, Ok(vec![second.id, first.id]));
    assert_eq!(sessions::lineage(store, first.id, 1).await, Ok(vec![second.id]));
    let shown = sessions::by_hash(store, second.account_id, &second.hash).await;
    assert_eq!(shown.expect("reads").map(|it| it.lineage_id), Some(first.id));
}

async fn a_session_of_an_older_version_gets_a_lineage_when_it_is_used_or_ends(store: &Store) {
    let account = an_account(store).await;
    let ids: [i64; 3] = fresh_ids(store).await;
    for id in ids {
        unit!(store, |tx| sessions::create(tx, &bare_session(id, account.id)));
    }
    let [used, ended, of_user] = ids.map(Id::new);
    unit!(store, |tx| sessions::seen(tx, used, after(1)));
    assert!(unit!(store, |tx| sessions::end(tx, account.id, ended, after(1))));
    unit!(store, |tx| sessions::end_all_for_user(tx, account.id, Id::new(7), after(2)));
    for id in [used, ended, of_user] {
        assert_eq!(sessions::lineage(store, id, 9).await, Ok(vec![id]));
    }
}

async fn clients_that_want_to_hear_of_an_end_are_to_be_told(store: &Store) {
    let scene = Scene::prepare(store).await;
    let [first, second] = &scene.sessions;
    assert!(unit!(store, |tx| sessions::end(tx, second.account_id, second.id, after(5))));
    // Twice: who has been told is not told again.
    for _ in 0..2 {
        unit!(store, |tx| logout_deliveries::enqueue_for_session(tx, first.id, after(5)));
    }
    let told = logout_deliveries::list_told(store, first.id, 9).await.expect("reads");
    let told = |client: &Client, session: &Session, delivery| {
        assert!(told.contains(&ToldClient {
            client_id: client.id,
            session_id: session.id,
            name: client.name.clone(),
            metadata: client.metadata.clone(),
            delivery,
        }));
        told.len()
    };
    let under_way = Some(DeliveryState::UnderWay);
    told(&scene.told[0], first, under_way);
    told(&scene.told[1], first, under_way);
    told(&scene.told[1], second, under_way);
    assert_eq!(told(&scene.framed, second, None), 4);
    let one = logout_deliveries::list_told(store, first.id, 1).await.expect("reads");
    assert_eq!(one.len(), 1);

    assert_eq!(Scene::due(store, after(4)).await, []);
    assert_eq!(Scene::due(store, after(5)).await, scene.deliveries(after(5)));
}

async fn whatever_became_of_their_tokens_clients_are_told(store: &Store) {
    let scene = Scene::prepare(store).await;
    let [first, second] = &scene.sessions;
    let (account_id, user_id) = (first.account_id, bare_family_user(&scene));
    unit!(store, |tx| token_families::revoke_for_session(tx, first.id, after(1)));
    unit!(store, |tx| token_families::revoke_for_user(tx, account_id, user_id, after(1)));
    assert!(unit!(store, |tx| sessions::end(tx, account_id, second.id, after(2))));
    unit!(store, |tx| logout_deliveries::enqueue_for_session(tx, first.id, after(2)));
    assert_eq!(Scene::due(store, after(2)).await, scene.deliveries(after(2)));
}

/// The user of the families of a scene's first client.
fn bare_family_user(scene: &Scene) -> domain::UserId {
    bare_grant(scene.told[0].id.get(), scene.told[0].account_id).user_id
}

async fn the_clients_of_every_session_of_a_user_are_to_be_told(store: &Store) {
    let scene = Scene::prepare(store).await;
    let [first, second] = &scene.sessions;
    let (account_id, user_id) = (first.account_id, first.user_id);
    // The first one ended when the second began.
    assert!(unit!(store, |tx| sessions::end(tx, account_id, first.id, after(1))));
    unit!(store, |tx| sessions::end_all_for_user(tx, account_id, user_id, after(3)));
    for (account_id, user_id, ended_at) in [
        (Id::new(0), user_id, after(3)),
        (account_id, Id::new(0), after(3)),
        (account_id, user_id, after(4)),
    ] {
        use logout_deliveries::enqueue_for_user;
        unit!(store, |tx| enqueue_for_user(tx, account_id, user_id, ended_at));
    }
    assert_eq!(Scene::due(store, after(9)).await, []);
    unit!(store, |tx| logout_deliveries::enqueue_for_user(tx, account_id, user_id, after(3)));
    assert_eq!(Scene::due(store, after(3)).await, scene.deliveries(after(3)));
    assert_eq!(sessions::lineage(store, first.id, 9).await.expect("reads").len(), 2);
    assert_eq!(second.lineage_id, first.id);
}

async fn a_delivery_is_taken_for_a_while(store: &Store) {
    use logout_deliveries::{finish, postpone, take};
    let scene = Scene::prepare(store).await;
    let lineage_id = scene.sessions[0].id;
    unit!(store, |tx| logout_deliveries::enqueue_for_session(tx, lineage_id, after(0)));
    assert_eq!(unit!(store, |tx| take(tx, after(0), after(30), 2)).len(), 2);
    assert_eq!(unit!(store, |tx| take(tx, after(1), after(31), 9)).len(), 1);
    assert_eq!(unit!(store, |tx| take(tx, after(29), after(59), 9)).len(), 0);

    // Its node died: the next one takes over, and the first has nothing more to say.
    let taken = unit!(store, |tx| take(tx, after(31), after(61), 9));
    assert_eq!(taken.len(), 3);
    let again = taken[0].clone();
    assert_eq!(again.attempts, 2);
    let before = LogoutDelivery { attempts: 1, ..again.clone() };
    assert!(!unit!(store, |tx| postpone(tx, &before, after(32))));
    assert!(!unit!(store, |tx| finish(tx, &before, LogoutOutcome::Delivered, after(32))));

    assert!(unit!(store, |tx| postpone(tx, &again, after(40))));
    assert_eq!(unit!(store, |tx| take(tx, after(39), after(69), 9)), []);
    let taken = unit!(store, |tx| take(tx, after(40), after(70), 9));
    assert_eq!(taken, [LogoutDelivery { attempts: 3, ..again.clone() }]);
    assert!(unit!(store, |tx| finish(tx, &taken[0], LogoutOutcome::Refused, after(41))));
    assert!(!unit!(store, |tx| finish(tx, &taken[0], LogoutOutcome::Delivered, after(41))));
    assert!(!unit!(store, |tx| postpone(tx, &taken[0], after(41))));

    let told = logout_deliveries::list_told(store, lineage_id, 9).await.expect("reads");
    let key = (taken[0].session_id, taken[0].client_id);
    let told = told.into_iter().find(|told| (told.session_id, told.client_id) == key);
    let ended = Some(DeliveryState::Ended(LogoutOutcome::Refused));
    assert_eq!(told.map(|told| told.delivery), Some(ended));
    let rest = Scene::due(store, after(999)).await;
    assert_eq!(rest.len(), 2);
}

async fn ended_deliveries_are_deleted_a_few_at_a_time(store: &Store) {
    use logout_deliveries::{delete_ended, finish};
    let scene = Scene::prepare(store).await;
    let lineage_id = scene.sessions[0].id;
    unit!(store, |tx| logout_deliveries::enqueue_for_session(tx, lineage_id, after(0)));
    // Long before every other fact.
    let second = |second: i64| Timestamp::from_millis(second * 1_000);
    for (delivery, at) in Scene::due(store, after(0)).await.iter().zip(1..) {
        assert!(unit!(store, |tx| finish(tx, delivery, LogoutOutcome::Delivered, second(at))));
    }
    for deleted in [1, 1, 0] {
        assert_eq!(unit!(store, |tx| delete_ended(tx, second(2), 1)), deleted);
    }
    assert_eq!(unit!(store, |tx| delete_ended(tx, second(3), 9)), 1);
}

fn a_logout_request(id: i64, account_id: domain::AccountId) -> LogoutRequest {
    LogoutRequest {
        id: Id::new(id),
        hash: hash_of(id),
        account_id,
        progress: LogoutProgress::Posted { parameters: UNICODE.to_owned() },
        created_at: after(1),
        expires_at: after(60),
    }
}

async fn a_logout_request_is_stored_whole(store: &Store) {
    let account = an_account(store).await;
    let ids: [i64; 2] = fresh_ids(store).await;
    let done = |client_id, destination: Option<&str>| {
        let destination = destination.map(str::to_owned);
        let lineage_id = Id::new(GREATEST_ID);
        LogoutProgress::Done(SignedOutSession { lineage_id, client_id, destination })
    };
    let bare = LogoutRequest { progress: done(None, None), ..a_logout_request(ids[0], account.id) };
    let full = LogoutRequest {
        progress: done(Some(Id::new(GREATEST_ID)), Some("https://app.example/out?state=%22")),
        ..a_logout_request(GREATEST_ID, account.id)
    };
    for request in [a_logout_request(ids[1], account.id), bare, full] {
        unit!(store, |tx| logout_requests::create(tx, &request));
        let shown = logout_requests::show(store, account.id, &request.hash).await;
        assert_eq!(shown, Ok(Some(request.clone())));
        assert_eq!(logout_requests::show(store, Id::new(0), &request.hash).await, Ok(None));
    }
}

async fn expired_logout_requests_are_deleted_a_few_at_a_time(store: &Store) {
    use logout_requests::delete_expired;
    let account = an_account(store).await;
    // Long before every other fact.
    let second = |second: i64| Timestamp::from_millis(second * 1_000);
    let ids: [i64; 3] = fresh_ids(store).await;
    for (id, expires_at) in ids.into_iter().zip(1..) {
        let expires_at = second(expires_at);
        let request = LogoutRequest { expires_at, ..a_logout_request(id, account.id) };
        unit!(store, |tx| logout_requests::create(tx, &request));
    }
    for deleted in [1, 1, 0] {
        assert_eq!(unit!(store, |tx| delete_expired(tx, second(2), 1)), deleted);
    }
    let left = logout_requests::show(store, account.id, &hash_of(ids[2])).await;
    assert_eq!(left.expect("reads").map(|request| request.id), Some(Id::new(ids[2])));
}

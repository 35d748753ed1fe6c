//! Accounts, users, sessions, API tokens, audit events and facts of the installation, on both
//! engines.

use domain::{
    Account, Actor, ApiToken, ApiTokenPolicy, AuditEvent, ConsentPolicy, EmailAddress, Id,
    Lifetime, PkcePolicy, Role, Session, TokenExpiryPolicy, User,
};
use store::accounts::AccountUpdate;
use store::{
    Page, Place, Side, Store, accounts, api_tokens, audit_events, installation, sessions, users,
};

use crate::conformance::facts;
use crate::conformance_samples::{
    GREATEST_ID, NOW, UNICODE, after, an_account, bare_account, bare_api_token, bare_session,
    bare_user, base_url, fresh_id, fresh_ids, unit,
};

facts! {
    an_account_is_stored_whole,
    an_account_is_updated_but_for_its_slug,
    an_account_is_suspended_and_resumed,
    the_home_account_is_the_oldest_whatever_its_id,
    a_slug_or_base_url_is_given_once,
    accounts_are_listed_by_id,
    a_user_is_stored_whole,
    an_email_address_is_unique_in_its_account_ignoring_case,
    a_user_signs_in_sets_a_password_and_is_suspended,
    users_are_listed_by_id,
    a_session_is_stored_whole_and_ends_once,
    every_session_of_a_user_ends,
    an_api_token_is_stored_whole_and_revoked_once,
    an_audit_event_is_stored_whole,
    a_fact_of_the_installation_is_set_and_taken,
}

async fn an_account_is_stored_whole(store: &Store) {
    let bare = an_account(store).await;
    let mut full = bare_account(Id::new(GREATEST_ID));
    full.base_urls.push(base_url("http://localhost:8080"));
    full.base_urls.push(base_url("https://zweite.example:8443"));
    full.consent = ConsentPolicy::Always;
    full.pkce = PkcePolicy::AllClients;
    full.api_tokens = ApiTokenPolicy::Refused;
    full.token_expiry = TokenExpiryPolicy::Legacy;
    full.api_requests_per_minute = Some(u32::MAX);
    full.updated_at = after(1);
    full.suspended_at = Some(NOW);
    full.not_before = Some(after(2));
    assert!(unit!(store, |tx| accounts::create(tx, &full)));
    for account in [bare, full] {
        let shown = accounts::show(store, account.id).await.expect("it is shown");
        assert_eq!(shown.as_ref(), Some(&account));
        assert_eq!(accounts::by_slug(store, &account.slug).await, Ok(shown.clone()));
        for url in &account.base_urls {
            assert_eq!(accounts::by_base_url(store, url.as_str()).await, Ok(shown.clone()));
        }
    }
}

async fn an_account_is_updated_but_for_its_slug(store: &Store) {
    let (mut account, other) = (an_account(store).await, an_account(store).await);
    let old_url = account.base_urls[0].clone();
    account.name = String::from("Renamed");
    account.base_urls = vec![base_url(&format!("https://new-{}.example", account.id))];
    account.refresh_grace = Lifetime::seconds(0);
    account.api_tokens = ApiTokenPolicy::Refused;
    account.token_expiry = TokenExpiryPolicy::Legacy;
    account.api_requests_per_minute = Some(7);
    account.updated_at = after(1);
    let update = async |account: &Account, read_at| {
        unit!(store, |tx| accounts::update(tx, account, read_at))
    };
    assert_eq!(update(&account, NOW).await, AccountUpdate::Written);
    assert_eq!(accounts::show(store, account.id).await, Ok(Some(account.clone())));
    assert_eq!(accounts::by_base_url(store, old_url.as_str()).await, Ok(None));

    assert_eq!(update(&account, NOW).await, AccountUpdate::Stale);
    let unknown = bare_account(fresh_id(store).await);
    assert_eq!(update(&unknown, NOW).await, AccountUpdate::Gone);
    account.base_urls.extend(other.base_urls.clone());
    assert_eq!(update(&account, account.updated_at).await, AccountUpdate::Taken);
    let taken = accounts::taken_base_urls(store, &account).await;
    assert_eq!(taken, Ok(vec![other.base_urls[0].as_str().to_owned()]));
    let owner = accounts::by_base_url(store, other.base_urls[0].as_str()).await;
    assert_eq!(owner, Ok(Some(other)));
}

async fn an_account_is_suspended_and_resumed(store: &Store) {
    let mut account = an_account(store).await;
    let mark = async |id, since, now| unit!(store, |tx| accounts::suspend(tx, id, since, now));
    for (since, now) in [(Some(after(1)), after(1)), (None, after(2))] {
        assert_eq!(mark(account.id, since, now).await, Some(now));
        (account.suspended_at, account.not_before, account.updated_at) = (since, Some(now), now);
        assert_eq!(accounts::show(store, account.id).await, Ok(Some(account.clone())));
    }
    // Whoever read it before finds it stale, also where the clock has not moved.
    let moved_on = after(2) + Lifetime::millis(1);
    assert_eq!(mark(account.id, None, after(2)).await, Some(moved_on));
    assert_eq!(mark(fresh_id(store).await, None, NOW).await, None);
}

async fn the_home_account_is_the_oldest_whatever_its_id(store: &Store) {
    let later =
        Account { created_at: NOW - Lifetime::days(1), ..bare_account(fresh_id(store).await) };
    let home =
        Account { created_at: NOW - Lifetime::days(2), ..bare_account(fresh_id(store).await) };
    assert!(later.id < home.id);
    for account in [&later, &home] {
        assert!(unit!(store, |tx| accounts::create(tx, account)));
    }
    assert_eq!(accounts::home(store).await, Ok(Some(home)));
}

async fn a_slug_or_base_url_is_given_once(store: &Store) {
    let taken = an_account(store).await;
    let mut same_slug = bare_account(fresh_id(store).await);
    same_slug.slug.clone_from(&taken.slug);
    let mut same_url = bare_account(fresh_id(store).await);
    same_url.base_urls.extend(taken.base_urls);
    for account in [same_slug, same_url] {
        assert!(!unit!(store, |tx| accounts::create(tx, &account)));
        assert_eq!(accounts::show(store, account.id).await, Ok(None));
        let url = account.base_urls[0].as_str();
        assert_eq!(accounts::by_base_url(store, url).await, Ok(None));
    }
}

async fn accounts_are_listed_by_id(store: &Store) {
    let before = accounts::count(store).await.expect("a count");
    let (first, second) = (an_account(store).await, an_account(store).await);
    assert!(accounts::count(store).await.expect("a count") >= before + 2);
    let page = accounts::list(store, Some(first.id), 1).await.expect("a page");
    assert!(page[0].id > first.id && page[0].id <= second.id);
    let whole = accounts::list(store, None, 1000).await.expect("a page");
    assert!(whole.is_sorted_by_key(|account| account.id) && whole.contains(&first));
    for (place, side, nearest) in
        [(first.id, Side::After, &second), (second.id, Side::Before, &first)]
    {
        let page = Page { place: Place::Id(place.get()), side, limit: 1 };
        let page = accounts::page(store, &page).await.expect("a page");
        // Others may be made between the two meanwhile.
        let (low, high) = (first.id.get(), second.id.get());
        let found = page[0].id.get();
        assert!(page[0] == *nearest || (low < found && found < high), "{found}");
    }
    let all = accounts::by_number(store, 0, 1000).await.expect("a page");
    let later = accounts::by_number(store, 1, 1).await.expect("a page");
    assert!(all.is_sorted_by_key(|account| account.id) && all.contains(&second));
    assert!(later[0].id > all[0].id || later[0].id >= all[1].id);
}

async fn a_user_is_stored_whole(store: &Store) {
    let account = an_account(store).await;
    let bare = bare_user(fresh_id::<User>(store).await.get(), account.id);
    let full = User {
        email: EmailAddress::parse("Zoe@Example.COM").expect("an address"),
        name: UNICODE.to_owned(),
        role: Role::Admin,
        operator_at: Some(NOW),
        permissions: vec!["manage_api_credentials".to_owned(), UNICODE.to_owned()],
        password_hash: Some("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA".to_owned()),
        claims: r#"{"given_name":"Zoë","address":{"country":"GB"}}"#.to_owned(),
        last_login_at: Some(after(1)),
        suspended_at: Some(after(2)),
        not_before: Some(after(3)),
        ..bare_user(GREATEST_ID, account.id)
    };
    for user in [bare, full] {
        assert!(unit!(store, |tx| users::create(tx, &user)));
        let shown = users::show(store, account.id, user.id).await.expect("he is shown");
        assert_eq!(shown.as_ref(), Some(&user));
        assert_eq!(users::by_email(store, account.id, &user.email.folded()).await, Ok(shown));
        assert_eq!(users::show(store, Id::new(0), user.id).await, Ok(None));
    }
}

async fn an_email_address_is_unique_in_its_account_ignoring_case(store: &Store) {
    let (account, elsewhere) = (an_account(store).await, an_account(store).await);
    let [first, second, third] = fresh_ids(store).await;
    let user = bare_user(first, account.id);
    let shouted = EmailAddress::parse(&user.email.as_str().to_uppercase()).expect("an address");
    let namesake = User { email: shouted.clone(), ..bare_user(second, account.id) };
    let stranger = User { email: shouted.clone(), ..bare_user(third, elsewhere.id) };
    assert!(unit!(store, |tx| users::create(tx, &user)));
    assert!(!unit!(store, |tx| users::create(tx, &namesake)));
    assert!(unit!(store, |tx| users::create(tx, &stranger)));

    let mut other = bare_user(second, account.id);
    assert!(unit!(store, |tx| users::create(tx, &other)));
    other.email = shouted;
    assert!(!unit!(store, |tx| users::update(tx, &other)));
}

async fn a_user_signs_in_sets_a_password_and_is_suspended(store: &Store) {
    let account = an_account(store).await;
    let mut user = bare_user(fresh_id::<User>(store).await.get(), account.id);
    assert!(unit!(store, |tx| users::create(tx, &user)));
    unit!(store, |tx| users::signed_in(tx, &user, after(1)));
    assert!(unit!(store, |tx| users::set_password(tx, account.id, user.id, "phc", after(2))));
    // Whoever proved the password before has not proved this one.
    assert!(!unit!(store, |tx| users::signed_in(tx, &user, after(2))));
    assert!(unit!(store, |tx| users::suspend(tx, (account.id, user.id), Some(after(3)), after(4))));
    user.last_login_at = Some(after(1));
    user.password_hash = Some(String::from("phc"));
    user.updated_at = after(2);
    user.suspended_at = Some(after(3));
    user.not_before = Some(after(4));
    assert_eq!(users::show(store, account.id, user.id).await, Ok(Some(user.clone())));

    user.name = String::from(UNICODE);
    user.role = Role::Agent;
    user.suspended_at = None;
    assert!(unit!(store, |tx| users::update(tx, &user)));
    assert_eq!(users::show(store, account.id, user.id).await, Ok(Some(user.clone())));
    assert!(!unit!(store, |tx| users::suspend(tx, (Id::new(0), user.id), Some(NOW), NOW)));
}

async fn users_are_listed_by_id(store: &Store) {
    let account = an_account(store).await;
    let ids: [i64; 3] = fresh_ids(store).await;
    let made = ids.map(|id| bare_user(id, account.id));
    for user in made.iter().rev() {
        assert!(unit!(store, |tx| users::create(tx, user)));
    }
    let first = users::list(store, account.id, None, 2).await.expect("a page");
    assert_eq!(first, made[..2]);
    let rest = users::list(store, account.id, Some(first[1].id), 2).await.expect("a page");
    assert_eq!(rest, made[2..]);
}

async fn a_session_is_stored_whole_and_ends_once(store: &Store) {
    let account = an_account(store).await;
    let session = Session {
        created_at: after(1),
        last_seen_at: after(2),
        ..bare_session(GREATEST_ID, account.id)
    };
    unit!(store, |tx| sessions::create(tx, &session));
    let shown = sessions::by_hash(store, account.id, &session.hash).await;
    assert_eq!(shown, Ok(Some(session.clone())));
    assert_eq!(sessions::by_hash(store, Id::new(0), &session.hash).await, Ok(None));

    unit!(store, |tx| sessions::seen(tx, session.id, after(9)));
    assert!(!unit!(store, |tx| sessions::end(tx, Id::new(0), session.id, after(10))));
    assert!(unit!(store, |tx| sessions::end(tx, account.id, session.id, after(10))));
    assert!(!unit!(store, |tx| sessions::end(tx, account.id, session.id, after(11))));
    unit!(store, |tx| sessions::seen(tx, session.id, after(12)));
    let ended = Session { last_seen_at: after(9), ended_at: Some(after(10)), ..session };
    let shown = sessions::by_hash(store, account.id, &ended.hash).await;
    assert_eq!(shown, Ok(Some(ended)));
}

async fn every_session_of_a_user_ends(store: &Store) {
    let account = an_account(store).await;
    let ids: [i64; 3] = fresh_ids(store).await;
    let begun = ids.map(|id| Session {
        user_id: Id::new(if id == ids[2] { 8 } else { 7 }),
        ..bare_session(id, account.id)
    });
    for session in &begun {
        unit!(store, |tx| sessions::create(tx, session));
    }
    unit!(store, |tx| sessions::end_all_for_user(tx, account.id, Id::new(7), after(5)));
    for session in begun {
        let ended_at = (session.user_id == Id::new(7)).then_some(after(5));
        let shown = sessions::by_hash(store, account.id, &session.hash).await;
        assert_eq!(shown, Ok(Some(Session { ended_at, ..session })));
    }
}

async fn an_api_token_is_stored_whole_and_revoked_once(store: &Store) {
    let account = an_account(store).await;
    let mut token = bare_api_token(GREATEST_ID, account.id);
    assert!(unit!(store, |tx| api_tokens::create(tx, &token)));
    let again = ApiToken { id: fresh_id(store).await, ..token.clone() };
    assert!(!unit!(store, |tx| api_tokens::create(tx, &again)));
    let shown = api_tokens::by_hash(store, account.id, &token.hash).await;
    assert_eq!(shown, Ok(Some(token.clone())));
    let labelled = api_tokens::by_label(store, account.id, token.user_id, UNICODE).await;
    assert_eq!(labelled, Ok(Some(token.clone())));
    for at in [after(1), after(3), after(2)] {
        unit!(store, |tx| api_tokens::used(tx, token.id, at));
    }
    token.used_at = Some(after(3));
    assert!(unit!(store, |tx| api_tokens::revoke(tx, account.id, token.id, after(1))));
    assert!(!unit!(store, |tx| api_tokens::revoke(tx, account.id, token.id, after(2))));
    token.revoked_at = Some(after(1));
    let shown = api_tokens::by_hash(store, account.id, &token.hash).await;
    assert_eq!(shown, Ok(Some(token)));
}

async fn an_audit_event_is_stored_whole(store: &Store) {
    let account = an_account(store).await;
    let actors = [
        Actor::User(Id::new(7)),
        Actor::OnBehalf { caller: Id::new(7), user: Id::new(9) },
        Actor::Client(Id::new(8)),
        Actor::Operator,
        Actor::System,
    ];
    let mut ids: [i64; 5] = fresh_ids(store).await;
    ids[4] = GREATEST_ID;
    for (id, actor) in ids.into_iter().zip(actors) {
        let event = AuditEvent {
            id: Id::new(id),
            account_id: account.id,
            occurred_at: after(1),
            actor,
            action: "client.created",
            target: ("client", GREATEST_ID),
            details: r#"{"name":"Zoë"}"#.to_owned(),
        };
        unit!(store, |tx| audit_events::create(tx, &event));
    }
    let first = audit_events::list(store, account.id, None, 2).await.expect("a page");
    let rest = audit_events::list(store, account.id, Some(first[1].id), 9).await.expect("a page");
    let events = [first, rest].concat();
    assert_eq!(events.iter().map(|event| event.actor).collect::<Vec<_>>(), actors);
    assert_eq!(events.iter().map(|event| event.id.get()).collect::<Vec<_>>(), ids);
    for event in events {
        assert_eq!(event.occurred_at, after(1));
        assert_eq!(event.action, "client.created");
        assert_eq!(event.target, ("client".to_owned(), GREATEST_ID));
        assert_eq!(event.details, r#"{"name":"Zoë"}"#);
    }
}

async fn a_fact_of_the_installation_is_set_and_taken(store: &Store) {
    let name = format!("fact-{}", fresh_id::<()>(store).await);
    assert_eq!(installation::get(store, &name).await, Ok(None));
    unit!(store, |tx| installation::set(tx, &name, &[0, 1, 255]));
    unit!(store, |tx| installation::set(tx, &name, &[]));
    assert_eq!(installation::get(store, &name).await, Ok(Some(Vec::new())));
    assert!(!unit!(store, |tx| installation::set_once(tx, &name, &[1])));
    assert!(unit!(store, |tx| installation::take(tx, &name)));
    assert!(!unit!(store, |tx| installation::take(tx, &name)));
    assert!(unit!(store, |tx| installation::set_once(tx, &name, &[1])));
}

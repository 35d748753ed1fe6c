//! Scopes and resources, and the memory that they are read through, on both engines.

use domain::{
    AccessTokenFormat, Id, Lifetime, Resource, Risk, Scope, ScopeName, ScopeSet, SigningAlgorithm,
};
use store::{Store, accounts, clients, resources, scopes, users};

use crate::conformance::facts;
use crate::conformance_samples::{
    GREATEST_ID, NOW, UNICODE, after, an_account, bare_client, bare_user, fresh_id, fresh_ids,
    full_client, unit,
};

facts! {
    a_scope_is_stored_whole_replaced_and_deleted,
    a_resource_is_stored_whole_updated_and_deleted,
    memory_tells_what_the_database_tells,
}

async fn a_scope_is_stored_whole_replaced_and_deleted(store: &Store) {
    let account = an_account(store).await;
    let bare = Scope {
        name: ScopeName::parse("calendar:read").expect("a name"),
        title: "See".to_owned(),
        description: String::new(),
        risk: Risk::Low,
        optional_at: None,
        default_at: None,
    };
    let full = Scope {
        title: UNICODE.to_owned(),
        description: UNICODE.to_owned(),
        risk: Risk::High,
        optional_at: Some(NOW),
        default_at: Some(after(1)),
        ..bare.clone()
    };
    let name = full.name.clone();
    for scope in [bare, full] {
        unit!(store, |tx| scopes::upsert(tx, account.id, &scope));
        assert_eq!(scopes::list(store, account.id).await, Ok(vec![scope]));
    }
    let elsewhere = an_account(store).await;
    for (account_id, is_there) in [(elsewhere.id, false), (account.id, true), (account.id, false)] {
        assert_eq!(unit!(store, |tx| scopes::delete(tx, account_id, &name)), is_there);
    }
    assert_eq!(scopes::list(store, account.id).await, Ok(Vec::new()));
}

async fn a_resource_is_stored_whole_updated_and_deleted(store: &Store) {
    let account = an_account(store).await;
    let bare = Resource {
        id: Id::new(GREATEST_ID),
        account_id: account.id,
        identifier: "https://api.example.com/".to_owned(),
        name: String::new(),
        scopes: ScopeSet::default(),
        access_token_format: AccessTokenFormat::Opaque,
        signing_algorithm: SigningAlgorithm::Rs256,
        introspection_clients: Vec::new(),
        access_token_lifetime: None,
        created_at: NOW,
        updated_at: NOW,
    };
    let full = Resource {
        identifier: "urn:example:Api".to_owned(),
        name: UNICODE.to_owned(),
        scopes: crate::conformance_samples::scopes("read write calendar:read"),
        access_token_format: AccessTokenFormat::Jwt,
        signing_algorithm: SigningAlgorithm::EdDsa,
        introspection_clients: vec!["demo-web".to_owned(), "other".to_owned()],
        access_token_lifetime: Some(Lifetime::minutes(30)),
        updated_at: after(1),
        ..bare.clone()
    };
    assert!(unit!(store, |tx| resources::create(tx, &bare)));
    assert_eq!(resources::list(store, account.id).await, Ok(vec![bare.clone()]));
    assert!(unit!(store, |tx| resources::update(tx, &full)));
    let found = resources::by_identifier(store, account.id, &full.identifier).await;
    assert_eq!(found, Ok(Some(full.clone())));
    assert_eq!(resources::by_identifier(store, account.id, &bare.identifier).await, Ok(None));

    let second = Resource { id: fresh_id(store).await, ..full };
    assert!(!unit!(store, |tx| resources::create(tx, &second)));
    let second = Resource { identifier: bare.identifier.clone(), ..second };
    assert!(unit!(store, |tx| resources::create(tx, &second)));
    let clash = Resource { identifier: "urn:example:Api".to_owned(), ..second };
    assert!(!unit!(store, |tx| resources::update(tx, &clash)));

    let elsewhere = an_account(store).await.id;
    assert_eq!(resources::show(store, elsewhere, clash.id).await, Ok(None));
    assert!(!unit!(store, |tx| resources::delete(tx, elsewhere, clash.id)));
    let shown = resources::show(store, account.id, clash.id).await.expect("reads");
    assert_eq!(shown.map(|it| it.identifier), Some(bare.identifier));
    assert!(unit!(store, |tx| resources::delete(tx, account.id, clash.id)));
    assert_eq!(resources::show(store, account.id, clash.id).await, Ok(None));
}

async fn memory_tells_what_the_database_tells(store: &Store) {
    let _watch = store.watch();
    let mut account = an_account(store).await;
    let [client_id, user_id] = fresh_ids(store).await;
    let mut client = full_client(client_id, account.id);
    let mut user = bare_user(user_id, account.id);
    assert!(unit!(store, |tx| clients::create(tx, &client)));
    assert!(unit!(store, |tx| users::create(tx, &user)));
    assert_remembered(store, &account, &client, &user).await;

    account.name = String::from("Renamed");
    client.name = String::from("Renamed");
    (user.suspended_at, user.not_before) = (Some(NOW), Some(NOW));
    let update = unit!(store, |tx| accounts::update(tx, &account, account.updated_at));
    assert_eq!(update, accounts::AccountUpdate::Written);
    let update = unit!(store, |tx| clients::update(tx, &client, client.updated_at));
    assert_eq!(update, clients::ClientUpdate::Written);
    assert!(unit!(store, |tx| users::suspend(tx, (account.id, user.id), user.suspended_at, NOW)));
    assert_remembered(store, &account, &client, &user).await;

    let read = Scope {
        name: ScopeName::parse("read").expect("a name"),
        title: UNICODE.to_owned(),
        description: String::new(),
        risk: Risk::Low,
        optional_at: None,
        default_at: Some(NOW),
    };
    let memory = store.cache();
    assert!(memory.catalogue(account.id).await.expect("one").find(&read.name).is_some());
    assert_eq!(memory.resources(account.id).await.expect("a list").len(), 0);
    assert_eq!(memory.signing_keys(account.id).await.expect("a list").len(), 0);
    unit!(store, |tx| scopes::upsert(tx, account.id, &read));
    let catalogue = memory.catalogue(account.id).await.expect("one");
    assert_eq!(catalogue.find(&read.name), Some(&read));
}

async fn assert_remembered(
    store: &Store,
    account: &domain::Account,
    client: &domain::Client,
    user: &domain::User,
) {
    let memory = store.cache();
    let spelled = client.identifier.as_str();
    // Twice: loaded, then perhaps remembered.
    for _ in 0..2 {
        let by_url = memory.account(account.base_urls[0].as_str()).await.expect("a look-up");
        assert_eq!(by_url.as_deref(), Some(account));
        let by_id = memory.account_by_id(account.id).await.expect("a look-up");
        assert_eq!(by_id.as_deref(), Some(account));
        let by_identifier = memory.client(account.id, spelled).await.expect("a look-up");
        assert_eq!(by_identifier.as_deref(), Some(client));
        let by_id = memory.client_by_id(account.id, client.id).await.expect("a look-up");
        assert_eq!(by_id.as_deref(), Some(client));
        let by_id = memory.user(account.id, user.id).await.expect("a look-up");
        assert_eq!(by_id.as_deref(), Some(user));
    }
    let other_case = memory.client(account.id, &spelled.to_uppercase()).await;
    assert_eq!(other_case.expect("a look-up"), None);
    let elsewhere = memory.client(Id::new(0), spelled).await;
    assert_eq!(elsewhere.expect("a look-up"), None);
    let nobody = bare_client(0, account.id);
    assert_eq!(memory.client_by_id(account.id, nobody.id).await.expect("a look-up"), None);
}

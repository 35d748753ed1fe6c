//! What a draft must be to become a client, and what is said of one that is not.

use super::*;
use crate::{ClientMetadata, ClientState, Id, Timestamp};

fn draft() -> ClientDraft {
    ClientDraft {
        name: "Acme Reporting".into(),
        identifier: "acme-reporting".into(),
        redirect_uris: vec!["https://reports.acme.example/oauth/cb".into()],
        ..ClientDraft::default()
    }
}

fn validate(draft: &ClientDraft) -> Result<ClientRegistration, Vec<ClientFault>> {
    draft.validate(&ScopeCatalogue::new(Vec::new()), &["vscode".to_owned()])
}

fn client(draft: &ClientDraft) -> Client {
    let new = validate(draft).expect("a draft without fault");
    let moment = Timestamp::from_millis(0);
    Client {
        id: Id::new(1),
        account_id: Id::new(2),
        identifier: new.identifier,
        name: new.name,
        company: new.company,
        description: new.description,
        kind: new.kind,
        grant_types: new.grant_types,
        scopes: new.scopes,
        redirect_uris: new.redirect_uris,
        post_logout_redirect_uris: new.post_logout_redirect_uris,
        authentication_method: new.authentication_method,
        user_id: Id::new(3),
        state: ClientState::Active,
        global_at: None,
        logo: None,
        resource_server_at: None,
        metadata: ClientMetadata::default(),
        registered_at: None,
        secrets: Vec::new(),
        created_at: moment,
        updated_at: moment,
        not_before: None,
    }
}

fn faults(draft: &ClientDraft) -> Vec<(&'static str, &'static str)> {
    let faults = validate(draft).err().unwrap_or_default();
    faults.iter().map(|fault| (fault.field.as_str(), fault.code.as_str())).collect()
}

fn messages(draft: &ClientDraft) -> Vec<String> {
    validate(draft).err().unwrap_or_default().into_iter().map(|fault| fault.message).collect()
}

#[test]
fn a_client_without_kind_is_unknown_and_may_stay_so() {
    let stored = client(&draft());
    assert_eq!(stored.kind, ClientKind::Unknown);
    assert_eq!(stored.authentication_method, ClientAuthenticationMethod::Any);
    let mut update = ClientDraft::of(&stored);
    update.kind = Some("unknown".into());
    assert_eq!(faults(&update), []);
}

#[test]
fn nobody_becomes_unknown() {
    let mut new = draft();
    new.kind = Some("unknown".into());
    assert_eq!(faults(&new), [("kind", "InvalidValue")]);
    new.kind = Some("public".into());
    let mut update = ClientDraft::of(&client(&new));
    update.kind = Some("unknown".into());
    assert_eq!(messages(&update), ["Kind: must be public or confidential"]);
}

#[test]
fn every_fault_is_reported_together() {
    let wrong = ClientDraft {
        name: " ".into(),
        identifier: "acme reporting".into(),
        company: Some("a".repeat(256)),
        description: Some("a\nb".into()),
        kind: Some("secret".into()),
        redirect_uris: vec!["http://app.example/cb".into(), "a".repeat(2049)],
        post_logout_redirect_uris: vec!["javascript:x".into()],
        scopes: Some(vec!["read".into(), "admin".into()]),
        grant_types: Some(vec!["password".into()]),
        authentication_method: Some("client_secret_jwt".into()),
        ..ClientDraft::default()
    };
    let expected = [
        ("name", "BlankValue"),
        ("identifier", "InvalidValue"),
        ("company", "TooLong"),
        ("description", "InvalidValue"),
        ("kind", "InvalidValue"),
        ("redirect_uri", "InvalidValue"),
        ("redirect_uri", "TooLong"),
        ("post_logout_redirect_uris", "InvalidValue"),
        ("scopes", "InvalidValue"),
        ("grant_types", "InvalidValue"),
        ("token_endpoint_auth_method", "InvalidValue"),
    ];
    assert_eq!(faults(&wrong), expected);
}

#[test]
fn an_empty_draft_names_both_required_fields() {
    let expected = ["Name: must not be blank", "Identifier: must not be blank"];
    assert_eq!(messages(&ClientDraft::default()), expected);
    let duplicate = ClientFault::duplicate_identifier();
    assert_eq!(duplicate.message, "Identifier: is already in use");
}

#[test]
fn a_field_that_cannot_be_read_is_one_fault() {
    let mut wrong = draft();
    wrong.name = String::new();
    wrong.unreadable = vec![ClientField::Name];
    assert_eq!(faults(&wrong), [("name", "InvalidValue")]);
}

#[test]
fn lengths_are_counted_in_characters_and_bounds_are_inclusive() {
    let mut long = draft();
    long.name = "ä".repeat(255);
    long.description = Some("ä".repeat(1000));
    long.redirect_uris = vec!["https://app.example/".into(); 50];
    long.scopes = Some(vec!["read".into(); 64]);
    assert_eq!(faults(&long), []);
    long.name.push('ä');
    long.redirect_uris.push("https://app.example/".into());
    long.scopes = Some(vec!["read".into(); 65]);
    let expected = [("name", "TooLong"), ("redirect_uri", "TooLong"), ("scopes", "InvalidValue")];
    assert_eq!(faults(&long), expected);
}

#[test]
fn a_scheme_without_a_dot_is_for_public_clients() {
    let mut native = draft();
    native.redirect_uris = vec!["vscode://publisher.extension/cb".into()];
    assert_eq!(faults(&native), [("redirect_uri", "InvalidValue")]);
    native.kind = Some("public".into());
    let mut update = ClientDraft::of(&client(&native));
    assert_eq!(faults(&update), []);
    update.kind = Some("confidential".into());
    assert_eq!(faults(&update), [("redirect_uri", "InvalidValue")]);
}

#[test]
fn the_authentication_method_follows_the_kind() {
    let mut update = ClientDraft::of(&client(&draft()));
    for (kind, method) in [
        ("public", ClientAuthenticationMethod::None),
        ("confidential", ClientAuthenticationMethod::Any),
    ] {
        update.kind = Some(kind.into());
        let changed = client(&update);
        assert_eq!(changed.authentication_method, method, "{kind}");
        update = ClientDraft::of(&changed);
    }
    update.authentication_method = Some("none".into());
    assert_eq!(faults(&update), [("token_endpoint_auth_method", "InvalidValue")]);
}

#[test]
fn no_ceiling_differs_from_an_empty_one() {
    assert_eq!(client(&draft()).scopes, None);
    let mut nothing = draft();
    nothing.scopes = Some(Vec::new());
    assert_eq!(client(&nothing).scopes, Some(ScopeSet::default()));
}

#[test]
fn an_update_that_says_nothing_changes_nothing() {
    let mut full = draft();
    full.kind = Some("confidential".into());
    full.company = Some("Acme".into());
    full.scopes = Some(vec!["openid".into(), "tickets".into()]);
    full.grant_types = Some(vec!["refresh_token".into()]);
    full.authentication_method = Some("client_secret_basic".into());
    let stored = client(&full);
    let mut updated = stored.clone();
    let registration = validate(&ClientDraft::of(&stored)).expect("what is stored is valid");
    registration.apply_to(&mut updated);
    assert_eq!(updated, stored);
}

// any app may name any host in a scheme of its own, or on the device.
#[test]
fn only_tls_proves_a_sector() {
    for (address, sector) in [
        ("https://Reports.acme.example/cb", "reports.acme.example"),
        ("com.evil.app://reports.acme.example/cb", "client 1"),
        ("http://127.0.0.1/cb", "client 1"),
    ] {
        let redirect_uris = vec![address.to_owned()];
        let public = ClientDraft { redirect_uris, kind: Some("public".into()), ..draft() };
        assert_eq!(client(&public).sector(), sector, "{address}");
    }
}

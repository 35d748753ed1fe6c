//! People, their API tokens and what they did, as our own API shows them, pinned byte for byte.

use domain::{Actor, ApiToken, Id, Secret, SecretHash, UserDraft};
use serde_json::Map;
use wire::admin::{
    self, ApiTokenBody, ApiTokenObject, ApiTokenRequest, AuditEventBody, AuditEventObject,
    PasswordRequest, TargetObject, UserBody, UserList, UserObject, UserRequest,
};
use wire::zendesk::{OffsetEnvelope, PagingEnvelope};

use crate::fixtures::{at, base_url, user};
use crate::{assert_golden, assert_round_trip};

fn api_token() -> ApiToken {
    ApiToken {
        id: Id::new(5501),
        account_id: Id::new(1),
        user_id: Id::new(88120),
        label: "backup".to_owned(),
        hash: SecretHash::from_bytes([1; 32]),
        hint: "cstpt_Qm8".to_owned(),
        created_at: at("2026-05-04T09:31:00Z"),
        used_at: Some(at("2026-05-04T09:40:00Z")),
        revoked_at: None,
    }
}

#[test]
fn a_user_is_shown_whole() {
    let mut user = user();
    user.permissions = vec!["manage_api_credentials".to_owned()];
    user.operator_at = Some(user.created_at);
    user.suspended_at = Some(user.created_at);
    user.claims = r#"{"locale":"en-GB"}"#.to_owned();
    user.password_hash = Some("$argon2id$".to_owned());
    let golden = include_str!("golden/admin/user.json");
    assert_golden(&UserBody { user: UserObject::new(&user, &base_url()) }, golden);
    assert_round_trip::<UserBody>(golden);
}

#[test]
fn a_list_of_users_has_the_paging_of_every_list() {
    let paging = OffsetEnvelope { next_page: None, previous_page: None, count: 0 };
    let list = UserList { users: Vec::new(), paging: PagingEnvelope::Offset(paging) };
    assert_golden(&list, include_str!("golden/admin/users.json"));
}

#[test]
fn an_api_token_is_told_once() {
    let golden = include_str!("golden/admin/api_token.json");
    assert_golden(
        &ApiTokenBody { api_token: ApiTokenObject::new(&api_token(), &base_url()) },
        golden,
    );
    assert_round_trip::<ApiTokenBody>(golden);
    let token = ApiToken { used_at: None, ..api_token() };
    let full = Secret::new("cstpt_Qm8rT2vXz5LkN0pYd7HcWb3JfUa9SgEi4RoVtBxKw1");
    let object = ApiTokenObject::told(&token, full, &base_url());
    assert!(!format!("{object:?}").contains("T2vXz5"));
    assert_golden(
        &ApiTokenBody { api_token: object },
        include_str!("golden/admin/api_token_created.json"),
    );
}

#[test]
fn an_audit_event_names_both_who_did_it() {
    let actor = Actor::OnBehalf { caller: Id::new(88120), user: Id::new(88121) };
    let event = AuditEventObject {
        id: 9031,
        url: "https://acme.example/api/v1/audit_events/9031.json".to_owned(),
        occurred_at: at("2026-05-04T09:31:00Z").into(),
        actor: actor.into(),
        on_behalf_of: admin::on_behalf_of(actor),
        action: "token.revoked".to_owned(),
        target: TargetObject { kind: "token".to_owned(), id: 7_719_034 },
        details: Map::new(),
    };
    let golden = include_str!("golden/admin/audit_event.json");
    assert_golden(&AuditEventBody { audit_event: event }, golden);
    assert_round_trip::<AuditEventBody>(golden);
}

#[test]
fn a_request_changes_what_it_names() {
    let before = UserDraft {
        email: "a@example.com".to_owned(),
        permissions: vec!["manage_api_credentials".to_owned()],
        claims: r#"{"a":1}"#.to_owned(),
        ..UserDraft::default()
    };
    let applied = |body: &str| {
        let mut draft = before.clone();
        UserRequest::parse(body.as_bytes()).expect("it is JSON").apply_to(&mut draft);
        draft
    };
    for nothing in ["", "{}", r#"{"user":{}}"#, r#"{"user":{"email":null,"role":null}}"#] {
        assert_eq!(applied(nothing), before, "{nothing}");
    }
    let cleared = applied(r#"{"user":{"permissions":null,"claims":null}}"#);
    assert_eq!((cleared.permissions.len(), cleared.claims.as_str()), (0, "{}"));
    let changed =
        applied(r#"{"user":{"role":"agent","suspended":true,"operator":true,"claims":{"b":[]}}}"#);
    assert_eq!((changed.role.as_str(), changed.claims.as_str()), ("agent", r#"{"b":[]}"#));
    assert!(changed.is_suspended && changed.is_operator);
    let unreadable =
        applied(r#"{"user":{"email":1,"claims":[],"suspended":"yes","permissions":"x"}}"#);
    assert_eq!(unreadable.unreadable, ["email", "permissions", "claims", "suspended"]);
}

#[test]
fn a_password_and_a_label_are_read() {
    let request = PasswordRequest::parse(br#"{"user":{"password":"pw"}}"#).expect("it is JSON");
    assert_eq!(request.password.expose(), "pw");
    let request = PasswordRequest::parse(br#"{"user":{"password":7}}"#).expect("it is JSON");
    assert_eq!(request.unreadable, ["password"]);
    let request = ApiTokenRequest::parse(br#"{"api_token":{"label":"ci"}}"#).expect("it is JSON");
    assert_eq!((request.label.as_str(), request.unreadable.len()), ("ci", 0));
}

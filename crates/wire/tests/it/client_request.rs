//! The body of a client's create and update: W-20, W-24, W-27, W-28, DS-04.

use domain::{ClientDraft, ClientField, Policy, ScopeCatalogue};
use wire::JsonRefused;
use wire::zendesk::{ClientRequest, Patch};

fn parse(body: &str) -> ClientRequest {
    ClientRequest::parse(body.as_bytes()).expect("an object")
}

fn draft(body: &str) -> ClientDraft {
    let mut draft = ClientDraft::default();
    parse(body).apply_to(&mut draft);
    draft
}

#[test]
fn absent_null_and_value_are_three_things() {
    let request = parse(r#"{"client":{"name":"A","company":null,"scopes":[]}}"#);
    assert_eq!(request.name, Patch::Value("A".to_owned()));
    assert_eq!(request.company, Patch::Null);
    assert_eq!(request.scopes, Patch::Value(Vec::new()));
    assert_eq!(request.description, Patch::Absent);
    assert!(request.unreadable.is_empty());
}

#[test]
fn w_20_without_body_or_key_nothing_is_said() {
    for body in ["", "{}", r#"{"client":null}"#, r#"{"client":7}"#, r#"{"name":"A"}"#] {
        assert_eq!(parse(body), ClientRequest::default(), "{body}");
    }
}

#[test]
fn w_24_read_only_and_unknown_keys_are_ignored() {
    let body = r#"{"client":{"name":"A","id":1,"secret":"x","global":true,"user_id":2,"url":"x",
        "logo_url":"x","created_at":"x","updated_at":"x","state":"active","foo":{"bar":[]}},"a":1}"#;
    assert_eq!(
        parse(body),
        ClientRequest { name: Patch::Value("A".to_owned()), ..Default::default() }
    );
}

#[test]
fn w_27_an_update_changes_only_what_is_sent() {
    let mut draft = ClientDraft {
        name: "Old".to_owned(),
        identifier: "old".to_owned(),
        company: Some("Old Ltd".to_owned()),
        description: Some("Old words".to_owned()),
        redirect_uris: vec!["https://old.example/cb".to_owned()],
        scopes: Some(vec!["read".to_owned()]),
        ..ClientDraft::default()
    };
    let old = draft.clone();
    parse(r#"{"client":{"name":"New"}}"#).apply_to(&mut draft);
    assert_eq!(draft, ClientDraft { name: "New".to_owned(), ..old.clone() });
    let nulls = r#"{"client":{"name":null,"identifier":null,"kind":null,"redirect_uri":null,
        "company":null,"description":null,"scopes":null}}"#;
    parse(nulls).apply_to(&mut draft);
    let cleared = ClientDraft { company: None, description: None, scopes: None, ..old };
    assert_eq!(draft, ClientDraft { name: "New".to_owned(), ..cleared });
}

#[test]
fn a_plain_string_is_one_redirect_uri() {
    let draft = draft(r#"{"client":{"redirect_uri":"https://a.example/cb"}}"#);
    assert_eq!(draft.redirect_uris, ["https://a.example/cb"]);
}

#[test]
fn a_wrong_type_is_a_fault_of_its_field() {
    let table = [
        (r#"{"name":7}"#, ClientField::Name),
        (r#"{"identifier":["a"]}"#, ClientField::Identifier),
        (r#"{"company":{}}"#, ClientField::Company),
        (r#"{"description":true}"#, ClientField::Description),
        (r#"{"kind":0}"#, ClientField::Kind),
        (r#"{"redirect_uri":7}"#, ClientField::RedirectUris),
        (r#"{"redirect_uri":["https://a.example",null]}"#, ClientField::RedirectUris),
        (r#"{"redirect_uri":{"0":"https://a.example"}}"#, ClientField::RedirectUris),
        (r#"{"scopes":"read"}"#, ClientField::Scopes),
        (r#"{"scopes":[["read"]]}"#, ClientField::Scopes),
    ];
    for (client, field) in table {
        assert_eq!(parse(&format!(r#"{{"client":{client}}}"#)).unreadable, [field], "{client}");
    }
}

#[test]
fn w_28_all_faults_are_reported_together_and_once_each() {
    let draft = draft(r#"{"client":{"name":7,"kind":"secret","redirect_uri":["javascript:x"]}}"#);
    let catalogue = ScopeCatalogue::new(Vec::new());
    let schemes = Policy::default().private_schemes;
    let faults = draft.validate(&catalogue, &schemes).expect_err("faults");
    let found: Vec<_> = faults.iter().map(|it| (it.field.as_str(), it.code.as_str())).collect();
    for expected in [
        ("name", "InvalidValue"),
        ("identifier", "BlankValue"),
        ("kind", "InvalidValue"),
        ("redirect_uri", "InvalidValue"),
    ] {
        assert_eq!(
            found.iter().filter(|it| **it == expected).count(),
            1,
            "{expected:?}: {found:?}"
        );
    }
    assert_eq!(found.len(), 4, "{found:?}");
}

#[test]
fn ds_04_broken_json_is_no_request() {
    let repeated = ClientRequest::parse(br#"{"client":{"name":"a","name":"b"}}"#);
    assert_eq!(repeated, Err(JsonRefused::RepeatedKey));
    assert_eq!(ClientRequest::parse(b"[]"), Err(JsonRefused::NotAnObject));
    assert!(matches!(ClientRequest::parse(b"{"), Err(JsonRefused::Malformed { .. })));
}

#[test]
fn what_a_caller_writes_is_what_is_read() {
    let body = serde_json::json!({"client": {
        "name": "Acme Reporting", "identifier": "acme-reporting", "kind": "confidential",
        "company": null, "redirect_uri": ["https://acme.example/cb"], "scopes": [],
    }});
    let request = parse(&body.to_string());
    assert_eq!(serde_json::to_value(&request).ok(), Some(body));
    assert_eq!(wire::to_bytes(&ClientRequest::default()), br#"{"client":{}}"#);
}

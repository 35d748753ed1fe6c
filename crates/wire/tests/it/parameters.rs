//! Parameters of forms and flat JSON: what is read, what is refused (RU-08, D-03, DS-04).

use wire::{BodyFormat, JsonRefused, ParameterNames, Parameters, ParametersRefused};

static NAMES: ParameterNames =
    ParameterNames::new(&["client_id", "scope", "expires_in", "resource"], &["resource"]);

fn form(text: &str) -> Result<Parameters, ParametersRefused> {
    Parameters::from_form(text.as_bytes(), &NAMES)
}

fn json(text: &str) -> Result<Parameters, ParametersRefused> {
    Parameters::read(BodyFormat::Json, text.as_bytes(), &NAMES)
}

#[test]
fn a_content_type_names_the_format() {
    let table = [
        ("application/json", Some(BodyFormat::Json)),
        ("Application/JSON; charset=utf-8", Some(BodyFormat::Json)),
        ("application/x-www-form-urlencoded", Some(BodyFormat::Form)),
        (" application/x-www-form-urlencoded ;charset=UTF-8", Some(BodyFormat::Form)),
        ("text/plain", None),
        ("multipart/form-data; boundary=x", None),
        ("application/json-patch+json", None),
        ("", None),
    ];
    for (content_type, format) in table {
        assert_eq!(BodyFormat::of(content_type), format, "{content_type}");
    }
}

#[test]
fn a_form_is_decoded() {
    let mut parameters = form("client_id=a%20b+c&scope=%E2%82%AC&&expires_in").expect("a form");
    assert_eq!(parameters.get("client_id"), Some("a b c"));
    assert_eq!(parameters.take("scope").as_deref(), Some("€"));
    assert_eq!(parameters.take("scope"), None);
    assert_eq!(parameters.get("expires_in"), None);
}

#[test]
fn a_value_may_hold_an_equals_sign() {
    assert_eq!(form("scope=a=b==").expect("a form").get("scope"), Some("a=b=="));
}

#[test]
fn d_03_an_unrecognised_parameter_is_ignored_however_often() {
    let parameters = form("foo=bar&foo=baz&scope=read&Scope=write").expect("a form");
    assert_eq!(parameters.get("scope"), Some("read"));
    assert_eq!(parameters.get("foo"), None);
    let parameters = json(r#"{"foo":1,"foo":{"a":[]},"scope":"read"}"#).expect("an object");
    assert_eq!(parameters.get("scope"), Some("read"));
}

#[test]
fn d_03_an_empty_value_is_absent() {
    assert_eq!(form("scope=&client_id=x").expect("a form").get("scope"), None);
    let parameters = json(r#"{"scope":"","client_id":null}"#).expect("an object");
    assert_eq!(parameters.get("scope"), None);
    assert_eq!(parameters.get("client_id"), None);
}

#[test]
fn ru_08_a_repeated_parameter_is_refused() {
    let repeated = ParametersRefused::Repeated("scope");
    for text in ["scope=a&scope=b", "scope=a&scope=a", "scope=&scope=", "scope=a&s%63ope=b"] {
        assert_eq!(form(text).expect_err("a refusal"), repeated, "{text}");
    }
    for text in [
        r#"{"scope":"a","scope":"b"}"#,
        r#"{"scope":null,"scope":"b"}"#,
        r#"{"scope":"a","sc\u006fpe":"b"}"#,
    ] {
        assert_eq!(json(text).expect_err("a refusal"), repeated, "{text}");
    }
}

#[test]
fn a_repeatable_parameter_keeps_its_order() {
    let expected = ["urn:a", "urn:b", "urn:c"];
    let mut parameters =
        form("resource=urn:a&scope=x&resource=urn:b&resource=urn:c").expect("a form");
    assert_eq!(parameters.take_all("resource"), expected);
    assert_eq!(parameters.get("scope"), Some("x"));
    let mut parameters = json(r#"{"resource":["urn:a","urn:b","urn:c"]}"#).expect("an object");
    assert_eq!(parameters.take_all("resource"), expected);
    let mut parameters = json(r#"{"resource":"urn:a"}"#).expect("an object");
    assert_eq!(parameters.take_all("resource"), ["urn:a"]);
}

#[test]
fn ds_04_a_form_has_at_most_64_fields() {
    let fields = |count: usize| "x=1&".repeat(count);
    assert!(form(&fields(64)).is_ok());
    assert_eq!(form(&fields(65)).expect_err("a refusal"), ParametersRefused::TooMany);
    assert_eq!(form(&fields(100_000)).expect_err("a refusal"), ParametersRefused::TooMany);
    let many = format!(r#"{{"resource":[{}"x"]}}"#, r#""x","#.repeat(64));
    assert_eq!(json(&many).expect_err("a refusal"), ParametersRefused::TooMany);
}

#[test]
fn a_broken_encoding_is_refused() {
    for text in ["scope=%", "scope=%2", "scope=%zz", "%ff=1", "foo=100%", "scope=%C3%28"] {
        assert_eq!(form(text).expect_err("a refusal"), ParametersRefused::Encoding, "{text}");
    }
    let raw = Parameters::from_form(b"scope=\xff", &NAMES);
    assert_eq!(raw.expect_err("a refusal"), ParametersRefused::Encoding);
}

#[test]
fn a_nul_character_is_refused() {
    assert_eq!(form("scope=a%00b").expect_err("a refusal"), ParametersRefused::Nul("scope"));
    assert_eq!(
        json(r#"{"scope":"a\u0000"}"#).expect_err("a refusal"),
        ParametersRefused::Nul("scope")
    );
    assert!(form("foo=%00").is_ok());
}

#[test]
fn numbers_are_json_numbers_or_strings_of_digits() {
    let seconds = |body: &str| {
        let presented = json(body).expect("an object").take_seconds("expires_in");
        presented.expect("a value").whole()
    };
    assert_eq!(seconds(r#"{"expires_in":1800}"#), Some(1800));
    assert_eq!(seconds(r#"{"expires_in":"1800"}"#), Some(1800));
    assert_eq!(seconds(r#"{"expires_in":0}"#), Some(0));
    for body in [
        r#"{"expires_in":1800.0}"#,
        r#"{"expires_in":1.8e3}"#,
        r#"{"expires_in":-1800}"#,
        r#"{"expires_in":18446744073709551615}"#,
        r#"{"expires_in":1e300}"#,
        r#"{"expires_in":"x"}"#,
        r#"{"expires_in":"+1800"}"#,
        r#"{"expires_in":" 1800"}"#,
        r#"{"expires_in":"0x10"}"#,
        r#"{"expires_in":"१८००"}"#,
        r#"{"expires_in":true}"#,
        r#"{"expires_in":[1800]}"#,
        r#"{"expires_in":{}}"#,
    ] {
        assert_eq!(seconds(body), None, "{body}");
    }
}

#[test]
fn a_number_where_text_is_due_is_its_digits() {
    assert_eq!(
        json(r#"{"client_id":4302177}"#).expect("an object").get("client_id"),
        Some("4302177")
    );
}

#[test]
fn an_array_where_text_is_due_is_no_scope() {
    for body in [r#"{"scope":["read"]}"#, r#"{"scope":[]}"#, r#"{"scope":{}}"#, r#"{"scope":true}"#]
    {
        let parameters = json(body).expect("an object");
        let scope = parameters.get("scope").expect("not absent");
        assert!(domain::ScopeSet::parse(scope).is_err(), "{body}");
    }
}

#[test]
fn what_is_no_object_is_refused() {
    for body in ["[]", "\"scope=read\"", "1", "null", "true"] {
        let refused = ParametersRefused::Json(JsonRefused::NotAnObject);
        assert_eq!(json(body).expect_err("a refusal"), refused, "{body}");
    }
    for body in ["", " ", "{", "{}{}", "scope=read", "{\"scope\":}", "{'scope':'read'}"] {
        let refused = json(body).expect_err("a refusal");
        let is_malformed =
            matches!(refused, ParametersRefused::Json(JsonRefused::Malformed { .. }));
        assert!(is_malformed, "{body}: {refused}");
    }
}

#[test]
fn values_do_not_print() {
    let parameters = form("client_id=hidden&scope=hidden").expect("a form");
    assert_eq!(format!("{parameters:?}"), r#"["client_id", "scope"]"#);
}

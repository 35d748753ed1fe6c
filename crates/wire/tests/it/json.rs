//! The strict JSON reader (DS-04).

use wire::{BodyFormat, JsonRefused, ParametersRefused, TokenRequest, read_object};

fn nested(depth: usize) -> String {
    // The outermost object is the first level.
    format!("{{\"a\":{}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1))
}

#[test]
fn no_body_is_the_empty_object() {
    assert!(read_object(b"").expect("an object").is_empty());
    assert!(read_object(b" {} ").expect("an object").is_empty());
}

#[test]
fn an_object_is_read_whole() {
    let object = read_object(br#"{"a":[1,-2,2.5,null,true,"x"],"b":{"a":{}}}"#).expect("an object");
    let expected = serde_json::json!({"a": [1, -2, 2.5, null, true, "x"], "b": {"a": {}}});
    assert_eq!(serde_json::Value::Object(object), expected);
}

#[test]
fn ds_04_a_repeated_key_is_refused_wherever_it_stands() {
    for body in [
        r#"{"secret":"a","secret":"b"}"#,
        r#"{"client":{"name":"a","name":"a"}}"#,
        r#"{"client":[{"a":1},{"b":1,"\u0062":2}]}"#,
    ] {
        assert_eq!(read_object(body.as_bytes()), Err(JsonRefused::RepeatedKey), "{body}");
    }
}

#[test]
fn ds_04_nesting_deeper_than_32_is_refused() {
    assert!(read_object(nested(32).as_bytes()).is_ok());
    assert_eq!(read_object(nested(33).as_bytes()), Err(JsonRefused::TooDeep));
    assert_eq!(read_object(nested(10_000).as_bytes()), Err(JsonRefused::TooDeep));
    let objects = "{\"a\":".repeat(10_000);
    assert_eq!(read_object(objects.as_bytes()), Err(JsonRefused::TooDeep));
    let ignored = TokenRequest::parse(BodyFormat::Json, nested(33).as_bytes());
    assert_eq!(ignored.expect_err("a refusal"), ParametersRefused::Json(JsonRefused::TooDeep));
}

#[test]
fn ds_04_what_cannot_be_represented_is_refused() {
    for body in [
        r#"{"a":1e400}"#,
        r#"{"a":-1e400}"#,
        r#"{"a":"\ud800"}"#,
        r#"{"a":"\udc00"}"#,
        r#"{"a":"\ud800x"}"#,
        r#"{"\ud800":1}"#,
        r#"{"a":NaN}"#,
        r#"{"a":Infinity}"#,
        r#"{"a":01}"#,
        r#"{"a":.5}"#,
        r#"{"a":1,}"#,
        "{\"a\":\"\u{1}\"}",
        "\u{feff}{}",
        "{} x",
        "{\"a\":\"x",
    ] {
        let refused = read_object(body.as_bytes());
        assert!(matches!(refused, Err(JsonRefused::Malformed { .. })), "{body}");
        let refused = TokenRequest::parse(BodyFormat::Json, body.as_bytes());
        let is_malformed =
            matches!(refused, Err(ParametersRefused::Json(JsonRefused::Malformed { .. })));
        assert!(is_malformed, "{body}");
    }
    assert!(read_object(b"{\"a\":\"\xff\"}").is_err());
}

#[test]
fn what_is_no_object_is_refused() {
    for body in ["[]", "null", "1", "\"{}\"", "true"] {
        assert_eq!(read_object(body.as_bytes()), Err(JsonRefused::NotAnObject), "{body}");
    }
}

#[test]
fn a_refusal_repeats_nothing_of_the_body() {
    for body in [r#"{"secret":"hidden","secret":1}"#, r#"{"secret":hidden}"#, "\"hidden\""] {
        let refused = read_object(body.as_bytes()).expect_err("a refusal").to_string();
        assert!(!refused.contains("hidden"), "{refused}");
    }
}

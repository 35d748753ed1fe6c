//! The authorization request: RU-08, D-03.

use wire::{AuthorizationParameters, ParametersRefused, PresentedSeconds};

const ALL: &str = "response_type=code&client_id=demo&redirect_uri=https%3A%2F%2Fa.example%2Fcb%3Fx\
    &scope=read+write&state=s%26t&code_challenge=c&code_challenge_method=S256&nonce=n&prompt=login\
    &max_age=60&id_token_hint=h&login_hint=l&ui_locales=de&acr_values=a&display=page\
    &response_mode=query&request=r&request_uri=urn%3Ar&registration=%7B%7D&claims=%7B%7D\
    &resource=urn%3Aa&resource=urn%3Ab";

#[test]
fn every_recognised_parameter_is_read_and_written() {
    let parameters = AuthorizationParameters::parse(ALL.as_bytes()).expect("a request");
    assert_eq!(parameters.to_form(), ALL);
    assert_eq!(parameters.redirect_uri.as_deref(), Some("https://a.example/cb?x"));
    assert_eq!(parameters.state.as_deref(), Some("s&t"));
    assert_eq!(parameters.max_age.as_ref().and_then(PresentedSeconds::whole), Some(60));
    assert_eq!(parameters.resources, ["urn:a", "urn:b"]);
}

#[test]
fn d_03_unrecognised_and_empty_parameters_are_absent() {
    let body = b"foo=1&client_id=demo&foo=2&scope=&access_token=x";
    let parameters = AuthorizationParameters::parse(body).expect("a request");
    assert_eq!(parameters.to_form(), "client_id=demo");
    let nothing = AuthorizationParameters::parse(b"").expect("a request");
    assert_eq!(nothing, AuthorizationParameters::default());
}

#[test]
fn ru_08_each_recognised_parameter_but_resource_may_be_sent_once() {
    let names = ALL.split('&').filter_map(|pair| pair.split('=').next());
    let mut count = 0;
    for name in names.filter(|name| *name != "resource") {
        for body in [
            format!("{name}=good&{name}=evil"),
            format!("{name}=good&x=1&{name}=good"),
            format!("{name}=&{name}=evil"),
        ] {
            let refused = AuthorizationParameters::parse(body.as_bytes());
            let is_repeated = matches!(refused, Err(ParametersRefused::Repeated(it)) if it == name);
            assert!(is_repeated, "{body}");
        }
        count += 1;
    }
    assert_eq!(count, 20);
}

#[test]
fn a_state_has_at_most_4096_bytes() {
    let of = |state: String| AuthorizationParameters::parse(format!("state={state}").as_bytes());
    assert!(of("s".repeat(4096)).is_ok());
    assert_eq!(of("s".repeat(4097)).expect_err("a refusal"), ParametersRefused::TooLong("state"));
    assert!(of("%26".repeat(4096)).is_ok());
    assert_eq!(
        of("%C3%A9".repeat(2049)).expect_err("a refusal"),
        ParametersRefused::TooLong("state")
    );
}

#[test]
fn a_request_does_not_print_its_values() {
    let printed = format!("{:?}", AuthorizationParameters::parse(b"state=hidden&resource=hidden"));
    assert_eq!(printed, r#"Ok(["state", "resource"])"#);
}

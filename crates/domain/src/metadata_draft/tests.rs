//! What may be said of a client, and what is said of what may not.

use std::slice::from_ref;

use super::*;
use crate::{ApplicationType, ClientField, FaultCode, SubjectType};

const KEYS: &str = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg"}]}"#;

fn draft(said: &[(Member, MetadataValue)]) -> MetadataDraft {
    MetadataDraft { said: said.iter().cloned().collect() }
}

fn uris(texts: &[&str]) -> Vec<RedirectUri> {
    texts.iter().map(|text| RedirectUri::parse(text).expect("a redirect URI")).collect()
}

/// The fields of the faults of a draft, beside these redirect URIs.
fn faults(said: &[(Member, MetadataValue)], redirect_uris: &[&str]) -> Vec<&'static str> {
    let mut faults = Faults::new(&[]);
    draft(said).check(&mut faults, &uris(redirect_uris));
    faults.found.iter().map(|fault| fault.field.as_str()).collect()
}

fn checked(said: &[(Member, MetadataValue)], redirect_uris: &[&str]) -> ClientMetadata {
    let mut faults = Faults::new(&[]);
    let metadata = draft(said).check(&mut faults, &uris(redirect_uris));
    assert_eq!(faults.found, []);
    metadata
}

#[test]
fn every_key_is_the_key_of_its_member() {
    for member in Member::ALL {
        assert_eq!(Member::parse(member.as_str()), Some(member));
    }
    assert_eq!(Member::parse("client_name"), None);
}

#[test]
fn nothing_said_is_every_default() {
    let metadata = checked(&[], &["https://app.example/cb"]);
    assert_eq!(metadata, ClientMetadata::default());
    assert_eq!(MetadataDraft::of(&metadata), MetadataDraft::default());
}

#[test]
fn an_update_that_says_nothing_changes_nothing() {
    let list = |entries: &[&str]| texts(&entries.map_to_strings()).expect("some");
    let said = [
        (Member::ApplicationType, text("native")),
        (Member::Contacts, list(&["ops@example.com"])),
        (Member::ClientUri, text("https://app.example/#top")),
        (Member::LogoUri, text("https://app.example/logo.png")),
        (Member::Jwks, text(KEYS)),
        (Member::SectorIdentifierUri, text("https://app.example/sector.json")),
        (Member::SubjectType, text("pairwise")),
        (Member::IdTokenSignedResponseAlg, text("ES256")),
        (Member::UserinfoSignedResponseAlg, text("RS256")),
        (Member::DefaultMaxAge, MetadataValue::Number(0)),
        (Member::RequireAuthTime, MetadataValue::Flag(true)),
        (Member::DefaultAcrValues, list(&["1", "2"])),
        (Member::RequestUris, list(&["https://app.example/ro.jwt#abc"])),
        (Member::BackchannelLogoutUri, text("http://127.0.0.1:9801/out?a=b")),
        (Member::FrontchannelLogoutUri, text("https://app.example/out")),
        (Member::SoftwareId, text("4NRB1-0XZABZI9E6-5SM3R")),
        (Member::Localized, MetadataValue::Named(vec![("client_name#de-AT".into(), "Ä".into())])),
    ];
    let redirect_uris = ["https://app.example/cb", "https://other.example/cb"];
    let metadata = checked(&said, &redirect_uris);
    let mut faults = Faults::new(&[]);
    let again = MetadataDraft::of(&metadata).check(&mut faults, &uris(&redirect_uris));
    assert_eq!((again, faults.found), (metadata, Vec::new()));
}

trait Strings {
    fn map_to_strings(&self) -> Vec<String>;
}

impl Strings for &[&str] {
    fn map_to_strings(&self) -> Vec<String> {
        self.iter().map(|text| (*text).to_owned()).collect()
    }
}

// RU-05
#[test]
fn what_runs_or_reads_is_no_address() {
    let members = [
        Member::ClientUri,
        Member::LogoUri,
        Member::PolicyUri,
        Member::TosUri,
        Member::JwksUri,
        Member::SectorIdentifierUri,
        Member::InitiateLoginUri,
        Member::BackchannelLogoutUri,
        Member::FrontchannelLogoutUri,
    ];
    for address in [
        "jAvAsCrIpT:alert(1)",
        "javascript://app.example/%0Aalert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        " javascript:alert(1)",
        "java\tscript:alert(1)",
        "\u{1}javascript:alert(1)",
        "view-source:https://app.example/",
        "blob:https://app.example/x",
        "file:///etc/passwd",
        "https://a;report-uri/",
        "http://app.example/",
        "http://127.0.0.1.evil.example/",
        "http://localhost.evil/",
        "https:app.example",
        "https:/app.example",
        "https://",
        "https://me@app.example/",
        "https://app.example/a b",
        "https://app.example/\u{e4}",
        "https://app.example/\\evil",
        "//app.example/",
        "app.example",
        "com.example.app:/home",
        "",
    ] {
        for member in members {
            let found = faults(&[(member, text(address))], &["https://app.example/cb"]);
            assert_eq!(found, [member.as_str()], "{address:?}");
        }
        let list = MetadataValue::Texts(vec!["https://app.example/ro".into(), address.to_owned()]);
        let found = faults(&[(Member::RequestUris, list)], &[]);
        assert_eq!(found, ["request_uris"], "{address:?}");
        let named = vec![("tos_uri#de".to_owned(), address.to_owned())];
        let found = faults(&[(Member::Localized, MetadataValue::Named(named))], &[]);
        assert_eq!(found, ["localized"], "{address:?}");
    }
}

#[test]
fn what_is_called_has_no_fragment_and_pages_may() {
    let address = text("https://app.example/page#part");
    for member in [Member::ClientUri, Member::TosUri] {
        assert_eq!(faults(&[(member, address.clone())], &[]), Vec::<&str>::new());
    }
    for member in [Member::BackchannelLogoutUri, Member::InitiateLoginUri] {
        assert_eq!(faults(&[(member, address.clone())], &[]), [member.as_str()]);
    }
}

#[test]
fn a_private_scheme_is_of_a_native_app() {
    let private = ["com.example.app:/cb"];
    let metadata = checked(&[], &private);
    assert_eq!(metadata.application_type, ApplicationType::Native);
    let web = [(Member::ApplicationType, text("web"))];
    assert_eq!(faults(&web, &private), ["redirect_uri"]);
    assert_eq!(checked(&web, &["http://localhost:1/cb"]).application_type, ApplicationType::Web);
    let native = [(Member::ApplicationType, text("native"))];
    let claimed = checked(&native, &["https://app.example/cb"]);
    assert_eq!(claimed.application_type, ApplicationType::Native);
    let desktop = [(Member::ApplicationType, text("desktop"))];
    assert_eq!(faults(&desktop, &[]), ["application_type"]);
}

#[test]
fn pairwise_subjects_need_one_host_or_a_sector() {
    let pairwise = (Member::SubjectType, text("pairwise"));
    let one = ["https://app.example/a", "https://APP.example:8443/b"];
    assert_eq!(checked(from_ref(&pairwise), &one).subject_type, SubjectType::Pairwise);
    let sector = (Member::SectorIdentifierUri, text("https://app.example/sector.json"));
    for several in
        [&["https://a.example/", "https://b.example/"][..], &["com.example.app:/cb"], &[]]
    {
        assert_eq!(faults(from_ref(&pairwise), several), ["sector_identifier_uri"]);
        assert_eq!(faults(&[pairwise.clone(), sector.clone()], several), Vec::<&str>::new());
    }
}

#[test]
fn keys_are_public_and_stand_in_one_place() {
    let address = (Member::JwksUri, text("https://app.example/jwks.json"));
    assert_eq!(faults(&[(Member::Jwks, text(KEYS)), address], &[]), ["jwks"]);
    let many = format!(r#"{{"keys":[{}]}}"#, vec![r#"{"kty":"EC"}"#; 21].join(","));
    for wrong in [
        "",
        "[]",
        "{}",
        r#"{"keys":{}}"#,
        r#"{"keys":[]}"#,
        r#"{"keys":[1]}"#,
        r#"{"keys":[{"crv":"P-256"}]}"#,
        r#"{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}"#,
        r#"{"keys":[{"kty":"RSA","n":"x","e":"AQAB","d":"x"}]}"#,
        &many,
    ] {
        assert_eq!(faults(&[(Member::Jwks, text(wrong))], &[]), ["jwks"], "{wrong}");
    }
}

#[test]
fn algorithms_are_those_that_are_built() {
    for member in [
        Member::IdTokenSignedResponseAlg,
        Member::UserinfoSignedResponseAlg,
        Member::RequestObjectSigningAlg,
        Member::TokenEndpointAuthSigningAlg,
    ] {
        for wrong in ["none", "HS256", "rs256", ""] {
            assert_eq!(faults(&[(member, text(wrong))], &[]), [member.as_str()], "{wrong}");
        }
        for right in ["RS256", "PS256", "ES256", "EdDSA"] {
            assert_eq!(faults(&[(member, text(right))], &[]), Vec::<&str>::new(), "{right}");
        }
    }
}

#[test]
fn a_sign_out_frame_stands_where_the_app_is() {
    let at = |address| [(Member::FrontchannelLogoutUri, text(address))];
    let redirect_uris = ["https://app.example/cb", "https://other.example:8443/cb"];
    for right in
        ["https://app.example/out?x", "https://APP.example:443/o", "https://other.example:8443/"]
    {
        assert_eq!(faults(&at(right), &redirect_uris), Vec::<&str>::new(), "{right}");
    }
    for wrong in ["https://app.example:8443/out", "https://evil.example/", "http://localhost/"] {
        assert_eq!(faults(&at(wrong), &redirect_uris), ["frontchannel_logout_uri"], "{wrong}");
    }
}

#[test]
fn a_text_in_another_language_is_one_of_those_for_people() {
    for (name, is_good) in [
        ("client_name#de", true),
        ("client_name#ja-Kana-JP", true),
        ("client_name", false),
        ("client_name#", false),
        ("client_name#de--x", false),
        ("client_name#<b>", false),
        ("scope#de", false),
    ] {
        let said = (Member::Localized, MetadataValue::Named(vec![(name.into(), "App".into())]));
        let expected: &[&str] = if is_good { &[] } else { &["localized"] };
        assert_eq!(faults(&[said], &[]), expected, "{name}");
    }
}

#[test]
fn everything_has_a_limit() {
    let mut faults = Faults::new(&[]);
    let many = |count| MetadataValue::Texts(vec!["https://app.example/".to_owned(); count]);
    let long = format!("https://app.example/{}", "a".repeat(2048));
    let said = [
        (Member::Contacts, many(51)),
        (Member::ClientUri, text(&long)),
        (Member::DefaultMaxAge, MetadataValue::Number(-1)),
        (Member::RequestUris, many(50)),
        (Member::SoftwareVersion, text(&"1".repeat(256))),
    ];
    draft(&said).check(&mut faults, &[]);
    let found: Vec<_> = faults.found.iter().map(|fault| (fault.field, fault.code)).collect();
    let field = ClientField::Metadata;
    let expected = [
        (field(Member::Contacts), FaultCode::TooLong),
        (field(Member::ClientUri), FaultCode::TooLong),
        (field(Member::DefaultMaxAge), FaultCode::InvalidValue),
        (field(Member::SoftwareVersion), FaultCode::TooLong),
    ];
    assert_eq!(found, expected);
    assert!(faults.found[1].message.starts_with("Client uri: must"), "{:?}", faults.found[1]);
}

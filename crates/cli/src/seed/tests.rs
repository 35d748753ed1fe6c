//! Seeds that are wrong, each with exactly what is said about it; and those that must load.

use super::*;

const ACCOUNT: &str = "[[accounts]]\nslug = \"demo\"\nbase_urls = [\"{origin}\"]\n";
const USER: &str = "[[users]]\naccount = \"demo\"\nemail = \"ada@example.com\"\n";

fn parse(text: &str) -> Result<Seed, Faults> {
    Seed::parse("seed.toml", text.to_owned(), "http://127.0.0.1:8080", Path::new("/nowhere"))
}

/// What is said about a seed.
fn said(text: &str) -> String {
    parse(text).err().map_or_else(String::new, |faults| faults.to_string())
}

#[test]
fn a_wrong_key_or_shape_is_named_with_its_line() {
    for (text, message) in [
        (
            "[[acounts]]\nslug = \"demo\"\n",
            "seed.toml:1: acounts: unknown key; did you mean \"accounts\"?",
        ),
        (
            "[accounts]\nslug = \"demo\"\n",
            "seed.toml:1: accounts: is of type table; it should be written as [[accounts]]",
        ),
        (
            "accounts = [1]\n",
            "seed.toml:1: accounts[0]: is of type integer; it should be written as [[accounts]]",
        ),
        (
            "[[accounts]]\nslug = \"demo\"\nbase_url = \"x\"\n",
            "seed.toml:3: accounts[0].base_url: unknown key; did you mean \"base_urls\"?",
        ),
        (
            "[[accounts]]\nslug = \"demo\"\nzzz = 1\n",
            "seed.toml:3: accounts[0].zzz: unknown key; known here: slug, name, base_urls, \
             default_scopes, consent, pkce, refresh_grace, api_tokens, token_expiry, \
             api_requests_per_minute, registration",
        ),
        (
            "[[accounts]]\nname = \"Demo\"\n",
            "seed.toml:1: accounts[0].slug: is missing; write slug = \"demo\"",
        ),
        (
            "[[accounts]]\nslug = 7\n",
            "seed.toml:2: accounts[0].slug: is of type integer; it should be a string in quotes",
        ),
        (
            "[[accounts]]\nslug = \"demo\"\nbase_urls = \"x\"\n",
            "seed.toml:3: accounts[0].base_urls: is of type string; it should be a list of \
             strings, like [\"one\", \"two\"]",
        ),
        (
            "[[users]]\naccount = \"demo\"\nemail = \"a@b\"\noperator = \"yes\"\n",
            "seed.toml:4: users[0].operator: is of type string; it should be true or false",
        ),
        ("a = \n", "seed.toml:1: string values must be quoted, expected literal string"),
        ("[[accounts]]\nslug = \"demo\"\nslug = \"demo\"\n", "seed.toml:3: duplicate key"),
    ] {
        assert_eq!(said(text), message, "{text}");
    }
}

#[test]
fn a_wrong_value_is_named_with_what_would_be_right() {
    for (lines, message) in [
        (
            "role = \"enduser\"",
            "users[0].role: \"enduser\" is not one of end_user, agent, admin; did you mean \
             \"end_user\"?",
        ),
        ("role = \"boss\"", "users[0].role: \"boss\" is not one of end_user, agent, admin"),
        (
            "password = \"short\"",
            "users[0].password: the password is too short: use at least 8 characters",
        ),
        ("name = \" \"", "users[0].name: is empty; write what people call it"),
        (
            "password_file = \"absent\"",
            "users[0].password_file: /nowhere/absent cannot be read: No such file or directory \
             (os error 2); it names a file with nothing but the password",
        ),
        (
            "[users.claims]\nnickname = 7",
            "users[0].claims.nickname: is of type integer; it should be a string in quotes",
        ),
        (
            "[users.claims]\ngiven-name = \"Ada\"",
            "users[0].claims.given-name: unknown key; did you mean \"given_name\"?",
        ),
        (
            "[users.claims.address]\ntown = \"Oxford\"",
            "users[0].claims.address.town: unknown key; known here: formatted, street_address, \
             locality, region, postal_code, country",
        ),
    ] {
        let text = format!("{ACCOUNT}{USER}{lines}\n");
        let said = said(&text);
        let (_, without_line) = said.split_once(": ").expect("a place and a message");
        assert_eq!(without_line, message, "{lines}");
    }
}

#[test]
fn rules_are_checked_with_the_shape() {
    for (text, message) in [
        (
            "[[accounts]]\nslug = \"Demo!\"\n",
            "seed.toml:2: accounts[0].slug: \"Demo!\" is not a slug; use 1 to 63 of a-z 0-9 -, \
             with no - first or last",
        ),
        (
            "[[accounts]]\nslug = \"demo\"\nbase_urls = [\"https://a.example\",\n\
             \"https://b.example/x\"]\n",
            "seed.toml:4: accounts[0].base_urls[1]: \"https://b.example/x\" must be spelled \
             https://b.example",
        ),
        (
            "[[accounts]]\nslug = \"demo\"\nbase_urls = []\n",
            "seed.toml:3: accounts[0].base_urls: is empty; an account needs at least one, like \
             \"{origin}\"",
        ),
        (
            "[[accounts]]\nslug = \"demo\"\nrefresh_grace = \"2m\"\n",
            "seed.toml:3: accounts[0].refresh_grace: is too long; use at most \"60s\"",
        ),
        (
            "[[accounts]]\nslug = \"demo\"\nrefresh_grace = \"2 min\"\n",
            "seed.toml:3: accounts[0].refresh_grace: \"2 min\" is not a duration; write a number \
             and s, m, h or d, like \"30m\"",
        ),
        (
            "[[users]]\naccount = \"demo\"\nemail = \"ada\"\n",
            "seed.toml:3: users[0].email: \"ada\" must look like name@example.com",
        ),
        (
            "[[clients]]\naccount = \"demo\"\nidentifier = \"42\"\nsecret = \"swordfish\"\n",
            "seed.toml:3: clients[0].identifier: \"42\" must not consist of digits only\n\
             seed.toml:4: clients[0].secret: is not one that can be imported; use 16 to 255 of \
             A-Z a-z 0-9 . _ ~ -",
        ),
        (
            "[[clients]]\naccount = \"demo\"\nidentifier = \"app\"\ngrant_types = [\"password\"]\n",
            "seed.toml:4: clients[0].grant_types[0]: \"password\" is not one of \
             authorization_code, refresh_token, client_credentials",
        ),
        (
            "[[resources]]\naccount = \"demo\"\nidentifier = \"https://a.example/#x\"\n",
            "seed.toml:3: resources[0].identifier: \"https://a.example/#x\" is not a resource \
             indicator; use an absolute URI without fragment, like \"https://api.example.com/\"",
        ),
        (
            "[[users]]\naccount = \"d\"\nemail = \"a@b\"\n[[users]]\naccount = \"d\"\n\
             email = \"A@b\"\n",
            "seed.toml:6: users[1].email: is declared twice; users[0].email is the same",
        ),
    ] {
        assert_eq!(said(text), message, "{text}");
    }
}

#[test]
fn rules_of_accounts_are_checked_too() {
    for (text, message) in [
        (
            "[[accounts]]\nslug = \"demo\"\nbase_urls = [\"https://*\"]\n",
            "seed.toml:3: accounts[0].base_urls[0]: \"https://*\" must have its one * as the whole \
             first label of a domain, like https://*.example.com",
        ),
        (
            "[[accounts]]\nslug = \"demo\"\napi_requests_per_minute = 0\n",
            "seed.toml:3: accounts[0].api_requests_per_minute: must be 1 to 1000000; leave it out \
             for the default",
        ),
        (
            "[[accounts]]\nslug = \"demo\"\napi_requests_per_minute = \"7\"\n",
            "seed.toml:3: accounts[0].api_requests_per_minute: is of type string; it should be a \
             whole number",
        ),
        (
            "[[accounts]]\nslug = \"a\"\nbase_urls = [\"https://*.b.example\"]\n\
             [[accounts]]\nslug = \"c\"\nbase_urls = [\"https://a.b.example\"]\n",
            "seed.toml:6: accounts[1].base_urls: is declared twice; accounts[0].base_urls is the same",
        ),
    ] {
        assert_eq!(said(text), message, "{text}");
    }
}

// CR-05
#[test]
fn a_refused_secret_is_not_repeated() {
    let text = format!("{ACCOUNT}{USER}password = \"hunter2\"\n");
    assert!(!said(&text).contains("hunter2"));
    let seed = parse(&text.replace("hunter2", "a long enough one")).expect("loads");
    assert!(!format!("{:?}", seed.declaration).contains("a long enough one"));
}

#[test]
fn the_origin_and_its_parts_are_put_in() {
    let text = format!(
        "{ACCOUNT}[[accounts]]\nslug = \"second\"\nbase_urls = [\"{{scheme}}://127.0.0.2:{{port}}\"]\n\
         {USER}password = \"{{origin}} stays\"\n"
    );
    let declaration = parse(&text).expect("loads").declaration;
    let urls: Vec<_> = declaration.accounts.iter().filter_map(|it| it.base_urls.clone()).collect();
    assert_eq!(urls, [["http://127.0.0.1:8080"], ["http://127.0.0.2:8080"]]);
    let password = declaration.users[0].password.as_ref().expect("is given");
    assert_eq!(password.expose(), "{origin} stays");
}

#[test]
fn a_secret_may_stand_in_a_file_beside_the_seed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("ada"), "correct horse\n").expect("writes");
    let path = folder.path().join("seed.toml");
    std::fs::write(&path, format!("{ACCOUNT}{USER}password_file = \"ada\"\n")).expect("writes");
    let seed = Seed::load(&path, "http://localhost").expect("loads");
    let password = seed.declaration.users[0].password.as_ref().expect("is given");
    assert_eq!(password.expose(), "correct horse");
}

#[test]
fn the_built_in_seed_and_the_documented_one_load() {
    let documented = include_str!("../../../../docs/seed.toml");
    let declaration = parse(documented).expect("the documented seed loads").declaration;
    assert_eq!(
        declaration.accounts[0].base_urls.as_deref(),
        Some(&["http://127.0.0.1:8080".to_owned()][..])
    );
    assert_eq!(declaration.users.len(), 2);
    let claims = declaration.users[1].claims.as_deref().expect("has claims");
    assert!(claims.contains("\"address\":{\"country\":\"GB\""), "{claims}");
    assert_eq!(declaration.resources[0].access_token_lifetime, Some(domain::Lifetime::minutes(30)));
    assert_eq!(declaration.clients.len(), 3);
    assert_eq!(declaration.clients[2].global, Some(true));
    assert_eq!(declaration.api_tokens[0].label, "scripts");
    Seed::built_in("https://dev.example").expect("the built-in seed loads");
}

#[test]
fn a_client_says_what_openid_connect_knows_of_it() {
    use domain::{MetadataMember, MetadataValue};
    let client = "[[clients]]\naccount = \"demo\"\nidentifier = \"app\"\nname = \"App\"\n\
        owner = \"ada@example.com\"\n";
    let said_of_it = "contacts = [\"ops@example.com\"]\njwks = '{\"keys\": []}'\n\
        default_max_age = 600\nrequire_auth_time = true\nlocalized = '{\"client_name#de\": \"Ä\"}'\n";
    let seed = parse(&format!("{ACCOUNT}{USER}{client}{said_of_it}")).expect("it is read");
    let expected = [
        (MetadataMember::Contacts, MetadataValue::Texts(vec!["ops@example.com".to_owned()])),
        (MetadataMember::Jwks, MetadataValue::Text("{\"keys\":[]}".to_owned())),
        (MetadataMember::DefaultMaxAge, MetadataValue::Number(600)),
        (MetadataMember::RequireAuthTime, MetadataValue::Flag(true)),
        (
            MetadataMember::Localized,
            MetadataValue::Named(vec![("client_name#de".to_owned(), "Ä".to_owned())]),
        ),
    ];
    assert_eq!(seed.declaration.clients[0].metadata, expected);
    let wrong = said(&format!("{ACCOUNT}{USER}{client}jwks = '[]'\n"));
    assert!(wrong.contains("clients[0].jwks: must be a JSON object in quotes"), "{wrong}");
}

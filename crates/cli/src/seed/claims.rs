//! `[users.claims]`: OpenID Connect Core §5.1's standard claims, besides those that are facts of ours.

use serde_json::{Map, Value};

use crate::document::Section;

const TEXTS: [&str; 13] = [
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "phone_number",
];
const FLAGS: [&str; 2] = ["email_verified", "phone_number_verified"];
const ADDRESS: [&str; 6] =
    ["formatted", "street_address", "locality", "region", "postal_code", "country"];

/// The claims as the text of a JSON object.
pub(super) fn read(mut table: Section<'_>) -> String {
    let mut claims = Map::new();
    for name in TEXTS {
        put(&mut claims, name, table.text(name).map(Value::from));
    }
    for name in FLAGS {
        put(&mut claims, name, table.flag(name).map(Value::from));
    }
    put(&mut claims, "address", table.section("address").map(address));
    table.close();
    Value::from(claims).to_string()
}

fn address(mut table: Section<'_>) -> Value {
    let mut address = Map::new();
    for name in ADDRESS {
        put(&mut address, name, table.text(name).map(Value::from));
    }
    table.close();
    Value::from(address)
}

fn put(claims: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        claims.insert(name.to_owned(), value);
    }
}

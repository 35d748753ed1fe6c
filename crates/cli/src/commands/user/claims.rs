//! `--claim NAME=VALUE`: a user's standard claims as they are typed.

use domain::StandardClaims;
use serde_json::{Map, Value};

use crate::exit::Refusal;

/// The claims of before with those that were typed put in; an empty value takes one out. A member of
/// the address is `address.locality=…`.
pub(super) fn changed(before: &str, typed: &[String]) -> Result<String, Refusal> {
    let mut claims: Map<String, Value> = serde_json::from_str(before).unwrap_or_default();
    for pair in typed {
        let (name, value) = pair
            .split_once('=')
            .ok_or_else(|| Refusal::usage(format!("\"{pair}\" is not NAME=VALUE")))?;
        match name.split_once('.') {
            None => put(&mut claims, name, value),
            Some((name, member)) => put_member(&mut claims, (name, member), value),
        }
    }
    let text = Value::Object(claims).to_string();
    StandardClaims::check(&text)
        .map_err(|(_, reason)| Refusal::invalid(format!("claims: {reason}")))
}

fn put(claims: &mut Map<String, Value>, name: &str, value: &str) {
    if value.is_empty() {
        claims.remove(name);
        return;
    }
    let value = match value {
        "true" => true.into(),
        "false" => false.into(),
        text => text.into(),
    };
    claims.insert(name.to_owned(), value);
}

fn put_member(claims: &mut Map<String, Value>, (name, member): (&str, &str), value: &str) {
    let object = claims.entry(name).or_insert_with(|| Map::new().into());
    if let Value::Object(members) = object {
        put(members, member, value);
        if members.is_empty() {
            claims.remove(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(before: &str, pairs: &[&str]) -> Result<String, String> {
        let pairs: Vec<String> = pairs.iter().map(|pair| (*pair).to_owned()).collect();
        changed(before, &pairs).map_err(|refusal| refusal.to_string())
    }

    #[test]
    fn claims_are_put_in_and_taken_out() {
        let set =
            ["nickname=Al", "email_verified=true", "address.locality=Oxford", "address.country=GB"];
        let stored = r#"{"address":{"country":"GB","locality":"Oxford"},"email_verified":true,"nickname":"Al"}"#;
        assert_eq!(typed("{}", &set).as_deref(), Ok(stored));
        let left = r#"{"email_verified":true}"#;
        let taken = ["nickname=", "address.locality=", "address.country="];
        assert_eq!(typed(stored, &taken).as_deref(), Ok(left));
        assert_eq!(typed(stored, &["address="]).map(|text| text.contains("address")), Ok(false));
    }

    // JW-04
    #[test]
    fn what_is_no_claim_is_refused() {
        for (pair, reason) in [
            ("sub=1", "claims: sub is reserved for tokens"),
            ("name=Al", "claims: name is a field of the user himself"),
            ("birthdate=soon", "claims: birthdate must be YYYY-MM-DD, YYYY or 0000-MM-DD"),
            ("nickname", "\"nickname\" is not NAME=VALUE"),
        ] {
            assert_eq!(typed("{}", &[pair]), Err(reason.to_owned()));
        }
    }
}

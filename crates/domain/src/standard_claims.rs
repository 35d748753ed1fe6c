//! The standard claims about a user (OpenID Connect Core 1.0 §5.1): which there are, what each is made
//! of, and which scope asks for it (§5.4).
//!
//! Nothing else is ever told of a user, so that no stored text can stand in for a claim that says who
//! issued a token, whom it is for and how long it counts.

use serde_json::{Map, Value};

use crate::standard_claim_values::{address, birthdate, flag, locale, text, web_address, zone};
use crate::{Checked, FaultCode, ScopeName, User};

/// The most bytes of a user's claims, as JSON.
const BYTE_LIMIT: usize = 8 * 1024;

/// What judges a value.
pub(crate) type Judge = fn(&Value) -> Result<(), &'static str>;

/// One claim, the scope that asks for it, and what its values are; none: it is a fact of the user's
/// record, and not stored beside it.
struct StandardClaim {
    name: &'static str,
    scope: &'static str,
    judge: Option<Judge>,
}

const fn told(name: &'static str, scope: &'static str, judge: Judge) -> StandardClaim {
    StandardClaim { name, scope, judge: Some(judge) }
}

const fn fact(name: &'static str, scope: &'static str) -> StandardClaim {
    StandardClaim { name, scope, judge: None }
}

const STANDARD: [StandardClaim; 19] = [
    fact("name", "profile"),
    told("given_name", "profile", text),
    told("family_name", "profile", text),
    told("middle_name", "profile", text),
    told("nickname", "profile", text),
    told("preferred_username", "profile", text),
    told("profile", "profile", web_address),
    told("picture", "profile", web_address),
    told("website", "profile", web_address),
    told("gender", "profile", text),
    told("birthdate", "profile", birthdate),
    told("zoneinfo", "profile", zone),
    told("locale", "profile", locale),
    fact("updated_at", "profile"),
    fact("email", "email"),
    told("email_verified", "email", flag),
    told("address", "address", address),
    told("phone_number", "phone", text),
    told("phone_number_verified", "phone", flag),
];

/// What tokens say of themselves and of the sign-in: never a claim about a user.
const OF_TOKENS: [&str; 24] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "azp",
    "at_hash",
    "c_hash",
    "s_hash",
    "sid",
    "act",
    "may_act",
    "scope",
    "client_id",
    "cnf",
    "events",
    "active",
    "token_type",
];

/// The standard claims about users.
#[derive(Clone, Copy, Debug)]
pub struct StandardClaims;

impl StandardClaims {
    /// The name of each.
    pub fn names() -> impl Iterator<Item = &'static str> {
        STANDARD.iter().map(|claim| claim.name)
    }

    /// The names of those that this scope asks for (OpenID Connect Core 1.0 §5.4).
    pub fn of_scope(scope: &ScopeName) -> impl Iterator<Item = &'static str> {
        STANDARD.iter().filter(move |claim| claim.scope == scope.as_str()).map(|claim| claim.name)
    }

    /// The scope that asks for this claim; none: it is no claim about a user.
    pub fn scope_of(name: &str) -> Option<ScopeName> {
        let claim = find(name)?;
        ScopeName::parse(claim.scope).ok()
    }

    /// What may be stored of a user beside his record: the text of a JSON object with known claims of
    /// the right form.
    pub fn check(object: &str) -> Checked<String> {
        if object.len() > BYTE_LIMIT {
            let reason = format!("must have at most {BYTE_LIMIT} bytes as JSON");
            return Err((FaultCode::TooLong, reason));
        }
        let claims: Map<String, Value> = serde_json::from_str(object)
            .map_err(|_| (FaultCode::InvalidValue, "must be a JSON object".to_owned()))?;
        for (name, value) in &claims {
            let judged = judge(name).and_then(|judge| judge(value));
            judged.map_err(|reason| (FaultCode::InvalidValue, format!("{name} {reason}")))?;
        }
        Ok(object.to_owned())
    }

    /// Everything that is known of a user, by the names of the claims.
    pub fn of(user: &User) -> Map<String, Value> {
        let stored: Map<String, Value> = serde_json::from_str(&user.claims).unwrap_or_default();
        let stored = stored.into_iter().filter(|(name, _)| judge(name).is_ok());
        let mut claims: Map<String, Value> = stored.collect();
        claims.insert("name".to_owned(), user.name.as_str().into());
        claims.insert("email".to_owned(), user.email.as_str().into());
        claims.insert("updated_at".to_owned(), user.updated_at.as_seconds().into());
        // Nobody said that it was verified, so it was not.
        claims.entry("email_verified").or_insert(false.into());
        claims
    }
}

fn find(name: &str) -> Option<&'static StandardClaim> {
    STANDARD.iter().find(|claim| claim.name == name)
}

/// What judges the stored values of a claim, or why it is not stored.
fn judge(name: &str) -> Result<Judge, &'static str> {
    match find(name) {
        Some(StandardClaim { judge: Some(judge), .. }) => Ok(*judge),
        Some(_) => Err("is a field of the user himself"),
        None if OF_TOKENS.contains(&name) => Err("is reserved for tokens"),
        None => Err("is no standard claim"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(object: &str) -> Option<String> {
        StandardClaims::check(object).err().map(|(_, reason)| reason)
    }

    #[test]
    fn the_standard_claims_may_be_stored() {
        let object = r#"{"given_name":"Zoë","family_name":"K","middle_name":"M","nickname":"z",
            "preferred_username":"zoe","profile":"https://example.com/zoe","picture":"http://x.example/p.png",
            "website":"https://example.com/","gender":"female","birthdate":"1990-05-04",
            "zoneinfo":"Europe/London","locale":"en-GB","email_verified":true,
            "phone_number":"+44 1865 000000","phone_number_verified":false,
            "address":{"street_address":"1 High Street\nFlat 2","locality":"Oxford","country":"GB"}}"#;
        assert_eq!(refusal(object), None);
        assert_eq!(refusal("{}"), None);
    }

    // JW-04
    #[test]
    fn what_tokens_say_of_themselves_is_reserved() {
        for name in OF_TOKENS {
            let told = format!("{name} is reserved for tokens");
            assert_eq!(refusal(&format!("{{\"{name}\":\"x\"}}")), Some(told));
        }
        for name in ["iss", "sub", "aud", "exp", "amr", "act", "scope", "client_id", "cnf"] {
            assert!(OF_TOKENS.contains(&name), "{name}");
        }
    }

    #[test]
    fn nothing_else_is_a_claim() {
        for (object, reason) in [
            (r#"{"name":"Zoë"}"#, "name is a field of the user himself"),
            (r#"{"email":"z@example.com"}"#, "email is a field of the user himself"),
            (r#"{"updated_at":1}"#, "updated_at is a field of the user himself"),
            (r#"{"shoe_size":42}"#, "shoe_size is no standard claim"),
            (r#"{"Nickname":"z"}"#, "Nickname is no standard claim"),
            ("[]", "must be a JSON object"),
            ("", "must be a JSON object"),
        ] {
            assert_eq!(refusal(object).as_deref(), Some(reason), "{object}");
        }
    }

    // JW-04
    #[test]
    fn what_is_stored_in_spite_of_it_is_not_told() {
        let mut user = crate::user::tests::zoe();
        user.claims =
            r#"{"sub":"1","iss":"https://evil.example","name":"Eve","nickname":"z"}"#.to_owned();
        let claims = StandardClaims::of(&user);
        let names: Vec<&str> = claims.keys().map(String::as_str).collect();
        assert_eq!(names, ["email", "email_verified", "name", "nickname", "updated_at"]);
        assert_eq!(claims["name"], "Zoë");
        assert_eq!(claims["email_verified"], false);
    }

    #[test]
    fn each_claim_has_one_scope() {
        let of = |scope: &str| {
            let scope = ScopeName::parse(scope).expect("well-formed");
            StandardClaims::of_scope(&scope).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(of("email"), "email email_verified");
        assert_eq!(of("phone"), "phone_number phone_number_verified");
        assert_eq!(of("address"), "address");
        assert_eq!(of("openid"), "");
        assert_eq!(of("profile").split(' ').count(), 14);
        for name in StandardClaims::names() {
            assert!(StandardClaims::scope_of(name).is_some(), "{name}");
        }
        assert_eq!(StandardClaims::scope_of("sub"), None);
    }
}

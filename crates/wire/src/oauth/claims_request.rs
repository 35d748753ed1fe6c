//! The `claims` parameter (OpenID Connect Core 1.0 §5.5): claims that are asked for one by one.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::json::{JsonRefused, read_object};

/// The most claims that one place may ask for.
const CLAIM_LIMIT: usize = 64;

/// The claims that were asked for, by the place where they are to be told.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClaimsRequest {
    /// What the userinfo endpoint is to tell.
    pub userinfo: RequestedClaims,
    /// What the ID token is to tell.
    pub id_token: RequestedClaims,
}

/// The claims of one place, by their names.
pub type RequestedClaims = BTreeMap<String, RequestedClaim>;

/// How one claim was asked for (§5.5.1).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RequestedClaim {
    /// Whether the sign-in is worth nothing to the client without it.
    pub is_essential: bool,
    /// The values that it may have; empty: any.
    pub values: Vec<Value>,
}

/// Why a `claims` parameter is not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaimsRefused {
    /// It is no JSON object.
    #[error(transparent)]
    Json(#[from] JsonRefused),
    /// A member has not the form that §5.5 gives it.
    #[error("the claims parameter has a member of the wrong form")]
    Form,
    /// More claims than anybody needs.
    #[error("the claims parameter asks for more than 64 claims")]
    TooMany,
}

impl ClaimsRequest {
    /// Reads the parameter. Members that are not understood are ignored, as §5.5 demands.
    pub fn parse(text: &str) -> Result<Self, ClaimsRefused> {
        let mut members = read_object(text.as_bytes())?;
        Ok(Self {
            userinfo: requested(members.remove("userinfo"))?,
            id_token: requested(members.remove("id_token"))?,
        })
    }

    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.userinfo.is_empty() && self.id_token.is_empty()
    }

    /// Those claims alone whose names are `kept`.
    #[must_use]
    pub fn filtered(mut self, kept: impl Fn(&str) -> bool) -> Self {
        self.userinfo.retain(|name, _| kept(name));
        self.id_token.retain(|name, _| kept(name));
        self
    }

    /// The name of each claim, whatever its place.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.userinfo.keys().chain(self.id_token.keys()).map(String::as_str)
    }

    /// The text that [`parse`](Self::parse) reads.
    pub fn to_json(&self) -> String {
        let mut members = Map::new();
        for (place, claims) in [("userinfo", &self.userinfo), ("id_token", &self.id_token)] {
            if !claims.is_empty() {
                let claims = claims.iter().map(|(name, claim)| (name.clone(), claim.to_value()));
                members.insert(place.to_owned(), Value::Object(claims.collect()));
            }
        }
        Value::Object(members).to_string()
    }
}

impl RequestedClaim {
    /// Whether this value is one that was asked for.
    pub fn accepts(&self, value: &Value) -> bool {
        self.values.is_empty() || self.values.contains(value)
    }

    fn parse(value: Value) -> Result<Self, ClaimsRefused> {
        let mut members = match value {
            Value::Null => return Ok(Self::default()),
            Value::Object(members) => members,
            _ => return Err(ClaimsRefused::Form),
        };
        let is_essential = match members.remove("essential") {
            None | Some(Value::Null) => false,
            Some(value) => value.as_bool().ok_or(ClaimsRefused::Form)?,
        };
        let mut values = match members.remove("values") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(values)) => values,
            Some(_) => return Err(ClaimsRefused::Form),
        };
        values.extend(members.remove("value").filter(|value| !value.is_null()));
        Ok(Self { is_essential, values })
    }

    fn to_value(&self) -> Value {
        match (self.is_essential, self.values.is_empty()) {
            (false, true) => Value::Null,
            (true, true) => json!({"essential": true}),
            (false, false) => json!({"values": self.values}),
            (true, false) => json!({"essential": true, "values": self.values}),
        }
    }
}

fn requested(member: Option<Value>) -> Result<RequestedClaims, ClaimsRefused> {
    let claims = match member {
        None | Some(Value::Null) => return Ok(RequestedClaims::new()),
        Some(Value::Object(claims)) => claims,
        Some(_) => return Err(ClaimsRefused::Form),
    };
    if claims.len() > CLAIM_LIMIT {
        return Err(ClaimsRefused::TooMany);
    }
    claims.into_iter().map(|(name, value)| Ok((name, RequestedClaim::parse(value)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_specification_is_read() {
        let request = ClaimsRequest::parse(
            r#"{"userinfo":{"given_name":{"essential":true},"nickname":null,"picture":null,
            "http://example.info/claims/groups":null},
            "id_token":{"auth_time":{"essential":true},"acr":{"values":["urn:mace:incommon:iap:silver"]}}}"#,
        )
        .expect("it is well-formed");
        assert!(request.userinfo["given_name"].is_essential);
        assert_eq!(request.userinfo["nickname"], RequestedClaim::default());
        let acr = &request.id_token["acr"];
        assert!(acr.accepts(&json!("urn:mace:incommon:iap:silver")) && !acr.accepts(&json!("0")));
        assert_eq!(request.names().count(), 6);
        assert_eq!(ClaimsRequest::parse(&request.to_json()), Ok(request));
    }

    #[test]
    fn what_is_not_understood_is_ignored() {
        let text = r#"{"verified":1,"userinfo":{"name":{"purpose":"x","essential":null}},"id_token":null}"#;
        let request = ClaimsRequest::parse(text).expect("it is well-formed");
        assert_eq!(request.to_json(), r#"{"userinfo":{"name":null}}"#);
        assert_eq!(ClaimsRequest::parse("{}").map(|it| it.is_empty()), Ok(true));
        let kept = ClaimsRequest::parse(r#"{"userinfo":{"name":null,"email":{"value":"a@b"}}}"#);
        let kept = kept.expect("it is well-formed").filtered(|name| name == "email");
        assert_eq!(kept.to_json(), r#"{"userinfo":{"email":{"values":["a@b"]}}}"#);
    }

    #[test]
    fn what_is_malformed_is_refused() {
        for text in [
            "x",
            "[]",
            "\"{}\"",
            "{",
            r#"{"userinfo":{}}x"#,
            r#"{"userinfo":{},"userinfo":{}}"#,
            r#"{"userinfo":[]}"#,
            r#"{"userinfo":"name"}"#,
            r#"{"userinfo":{"name":true}}"#,
            r#"{"userinfo":{"name":"x"}}"#,
            r#"{"id_token":{"acr":{"essential":"yes"}}}"#,
            r#"{"id_token":{"acr":{"values":"x"}}}"#,
            r#"{"id_token":{"acr":[]}}"#,
        ] {
            assert!(ClaimsRequest::parse(text).is_err(), "{text}");
        }
        let many: Vec<String> = (0..65).map(|at| format!("\"c{at}\":null")).collect();
        let text = format!("{{\"id_token\":{{{}}}}}", many.join(","));
        assert_eq!(ClaimsRequest::parse(&text), Err(ClaimsRefused::TooMany));
    }
}

//! A client's keys as it hands them over: a JWK Set (RFC 7517 §5) of public keys. Whoever verifies with
//! them reads each key again.

use serde_json::{Map, Value};

use crate::{Checked, FaultCode};

/// The most keys of a set.
const LIMIT: usize = 20;

/// The members of private and symmetric keys (RFC 7518 §6).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// Takes the JSON text of a set of public keys.
pub(super) fn parse(text: &str) -> Checked<String> {
    let set: Map<String, Value> =
        serde_json::from_str(text).map_err(|_| invalid("must be a JSON object"))?;
    let keys = set.get("keys").and_then(Value::as_array);
    let keys = keys.filter(|keys| keys.iter().all(|key| key["kty"].is_string()));
    let keys = keys.ok_or_else(|| invalid("must be a JWK Set: an object with the array `keys`"))?;
    if keys.is_empty() {
        return Err(invalid("must hold at least one key"));
    }
    if keys.len() > LIMIT {
        return Err((FaultCode::TooLong, format!("must hold at most {LIMIT} keys")));
    }
    if keys.iter().any(|key| PRIVATE.iter().any(|member| key.get(member).is_some())) {
        return Err(invalid("must hold public keys only: nobody else may know the private ones"));
    }
    Ok(text.to_owned())
}

fn invalid(text: &str) -> (FaultCode, String) {
    (FaultCode::InvalidValue, text.to_owned())
}

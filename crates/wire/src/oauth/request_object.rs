//! What a request object says in place of the query (RFC 9101 §4, OpenID Connect Core §6).

use std::borrow::Cow;

use form_urlencoded::Serializer;
use serde_json::{Map, Value};

use super::AuthorizationParameters;
use super::authorization_parameters::NAMES;

/// Why the parameters of a request object are not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestObjectRefused {
    /// A request object within a request object (RFC 9101 §4).
    #[error("contains request or request_uri")]
    Nested,
    /// A parameter is no text, number or, where it may be one, object.
    #[error("has a parameter of the wrong type")]
    Type,
    /// What it says cannot be read as parameters: it is too long or too much.
    #[error("has parameters that are too long or malformed")]
    Malformed,
    /// What must be the same in both is not (OpenID Connect Core §6.1).
    #[error("differs from the query in client_id or response_type")]
    Differs,
}

impl AuthorizationParameters {
    /// These parameters with what a request object says in their place. The query keeps only what the object
    /// does not name.
    pub fn superseded_by(&self, object: &Map<String, Value>) -> Result<Self, RequestObjectRefused> {
        if object.contains_key("request") || object.contains_key("request_uri") {
            return Err(RequestObjectRefused::Nested);
        }
        let mut form = Serializer::new(String::new());
        let kept = self.pairs().into_iter().filter_map(|(name, value)| Some((name, value?)));
        let kept = kept.filter(|(name, _)| !matches!(*name, "request" | "request_uri"));
        form.extend_pairs(kept.filter(|(name, _)| !object.contains_key(*name)));
        if !object.contains_key("resource") {
            form.extend_pairs(self.resources.iter().map(|resource| ("resource", resource)));
        }
        for (name, value) in object.iter().filter(|(name, _)| NAMES.contains(name)) {
            for value in texts(name, value)? {
                form.append_pair(name, &value);
            }
        }
        let superseded =
            Self::parse(form.finish().as_bytes()).map_err(|_| RequestObjectRefused::Malformed)?;
        superseded.agreeing_with(self)
    }

    fn agreeing_with(self, query: &Self) -> Result<Self, RequestObjectRefused> {
        let response_type = query.response_type.as_ref();
        let is_same = self.client_id == query.client_id
            && response_type.is_none_or(|asked| self.response_type.as_ref() == Some(asked));
        if is_same { Ok(self) } else { Err(RequestObjectRefused::Differs) }
    }
}

/// The values of a parameter as they would stand in a form.
fn texts<'v>(name: &str, value: &'v Value) -> Result<Vec<Cow<'v, str>>, RequestObjectRefused> {
    match (name, value) {
        (_, Value::String(text)) => Ok(vec![text.into()]),
        ("max_age", Value::Number(seconds)) => Ok(vec![seconds.to_string().into()]),
        ("claims" | "registration", Value::Object(_)) => Ok(vec![value.to_string().into()]),
        ("resource", Value::Array(several)) => {
            let texts = several.iter().map(|one| one.as_str().map(Cow::from));
            texts.collect::<Option<_>>().ok_or(RequestObjectRefused::Type)
        }
        _ => Err(RequestObjectRefused::Type),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const QUERY: &str =
        "response_type=code&client_id=a&scope=read&state=outer&resource=r&request=jwt";

    fn superseded(object: Value) -> Result<AuthorizationParameters, RequestObjectRefused> {
        let Value::Object(object) = object else { panic!("an object") };
        AuthorizationParameters::parse(QUERY.as_bytes()).expect("valid").superseded_by(&object)
    }

    // JW-08
    #[test]
    fn what_the_object_says_stands() {
        let read = superseded(json!({
            "iss": "a", "aud": "https://server.example.com", "exp": 1,
            "scope": "openid", "nonce": "n", "max_age": 60,
            "claims": {"userinfo": {"email": null}}, "resource": ["x", "y"],
        }))
        .expect("is read");
        assert_eq!(read.scope.as_deref(), Some("openid"));
        assert_eq!(read.state.as_deref(), Some("outer"));
        assert_eq!(read.nonce.as_deref(), Some("n"));
        assert_eq!(read.max_age, Some("60".into()));
        assert_eq!(read.claims.as_deref(), Some(r#"{"userinfo":{"email":null}}"#));
        assert_eq!(read.resources, ["x", "y"]);
        assert_eq!(read.request, None);
        let bare = superseded(json!({})).expect("is read");
        assert_eq!((bare.scope.as_deref(), bare.resources.len()), (Some("read"), 1));
    }

    // JW-08
    #[test]
    fn what_must_agree_agrees_and_nothing_is_nested() {
        for (object, refused) in [
            (json!({"client_id": "b"}), RequestObjectRefused::Differs),
            (json!({"response_type": "token"}), RequestObjectRefused::Differs),
            (json!({"request": "jwt"}), RequestObjectRefused::Nested),
            (json!({"request_uri": "https://a.example.com/"}), RequestObjectRefused::Nested),
            (json!({"scope": ["openid"]}), RequestObjectRefused::Type),
            (json!({"prompt": null}), RequestObjectRefused::Type),
            (json!({"resource": [1]}), RequestObjectRefused::Type),
            (json!({"state": "s".repeat(4097)}), RequestObjectRefused::Malformed),
            (json!({"nonce": "\0"}), RequestObjectRefused::Malformed),
        ] {
            assert_eq!(superseded(object.clone()), Err(refused), "{object}");
        }
        superseded(json!({"client_id": "a", "response_type": "code"})).expect("they agree");
    }
}

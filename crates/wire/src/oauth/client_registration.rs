//! Dynamic client registration (RFC 7591 §3, RFC 7592, OpenID Connect Dynamic Client Registration 1.0 §3):
//! what a client says of itself, and what it is told. Unknown members are ignored, null is absence.

use domain::{
    BaseUrl, Client, ClientAuthenticationMethod, GrantType, LOCALIZED_MEMBERS, MetadataMember,
    MetadataValue, RedirectUri, RegistrationRequest, Secret, Timestamp,
};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::json::{JsonRefused, read_object};
use crate::metadata_value;

/// The members that ask for encryption.
const ENCRYPTION: [&str; 8] = [
    "id_token_encrypted_response_alg",
    "id_token_encrypted_response_enc",
    "userinfo_encrypted_response_alg",
    "userinfo_encrypted_response_enc",
    "request_object_encryption_alg",
    "request_object_encryption_enc",
    "authorization_encrypted_response_alg",
    "authorization_encrypted_response_enc",
];

/// Reads the body of a registration, or of its change.
pub fn registration_request(body: &[u8]) -> Result<RegistrationRequest, JsonRefused> {
    let mut members = Members { sent: read_object(body)?, unreadable: Vec::new() };
    let mut request = RegistrationRequest {
        client_id: members.take("client_id", text),
        client_secret: members.take("client_secret", text).map(Secret::new),
        client_name: members.take("client_name", text),
        redirect_uris: members.take("redirect_uris", texts).unwrap_or_default(),
        response_types: members.take("response_types", texts),
        grant_types: members.take("grant_types", texts),
        scope: members.take("scope", text),
        authentication_method: members.take("token_endpoint_auth_method", text),
        post_logout_redirect_uris: members
            .take("post_logout_redirect_uris", texts)
            .unwrap_or_default(),
        software_statement: members.take("software_statement", text),
        encryption: ENCRYPTION.into_iter().filter(|name| members.is_sent(name)).collect(),
        ..RegistrationRequest::default()
    };
    let plain = MetadataMember::ALL.into_iter().filter(|it| *it != MetadataMember::Localized);
    for member in plain {
        let value = members.take(member.as_str(), |value| metadata_value::read(member, value));
        request.metadata.set(member, value);
    }
    let localized = members.localized();
    let localized = (!localized.is_empty()).then_some(MetadataValue::Named(localized));
    request.metadata.set(MetadataMember::Localized, localized);
    request.unreadable = members.unreadable;
    Ok(request)
}

/// What was sent and is not read yet.
struct Members {
    sent: Map<String, Value>,
    unreadable: Vec<&'static str>,
}

impl Members {
    fn take<T>(&mut self, name: &'static str, read: impl FnOnce(Value) -> Option<T>) -> Option<T> {
        let value = self.sent.remove(name).filter(|value| !value.is_null())?;
        let read = read(value);
        if read.is_none() {
            self.unreadable.push(name);
        }
        read
    }

    fn is_sent(&self, name: &str) -> bool {
        self.sent.get(name).is_some_and(|value| !value.is_null())
    }

    /// The texts for people in other languages (RFC 7591 §2.2).
    fn localized(&mut self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for (name, value) in &self.sent {
            let Some((member, _)) = name.split_once('#') else { continue };
            let Some(member) = LOCALIZED_MEMBERS.into_iter().find(|it| *it == member) else {
                continue;
            };
            match value {
                Value::Null => {}
                Value::String(text) => found.push((name.clone(), text.clone())),
                _ => self.unreadable.push(member),
            }
        }
        found
    }
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

fn texts(value: Value) -> Option<Vec<String>> {
    match value {
        Value::Array(items) => items.into_iter().map(text).collect(),
        _ => None,
    }
}

/// What a client is told of its registration: every value in force (RFC 7591 §3.2.1, RFC 7592 §3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct ClientInformation(Map<String, Value>);

impl ClientInformation {
    /// The client, with the registration access token that was made for it or that it presented.
    pub fn new(client: &Client, issuer: &BaseUrl, registration_access_token: &Secret) -> Self {
        let identifier = client.identifier.as_str();
        let registered_at = client.registered_at.unwrap_or(client.created_at);
        let method = method(client.authentication_method);
        let known = json!({
            "client_id": identifier,
            "client_id_issued_at": registered_at.as_seconds(),
            "client_name": client.name,
            "redirect_uris": uris(&client.redirect_uris),
            "response_types": ["code"],
            "grant_types": grant_types(client),
            "token_endpoint_auth_method": method.as_str(),
            "registration_access_token": registration_access_token.expose(),
            "registration_client_uri": format!("{}/oauth/register/{identifier}", issuer.as_str()),
        });
        let Value::Object(mut told) = known else { unreachable!("it is written as an object") };
        if let Some(scopes) = &client.scopes {
            told.insert("scope".to_owned(), scopes.to_string().into());
        }
        if !client.post_logout_redirect_uris.is_empty() {
            let uris = uris(&client.post_logout_redirect_uris);
            told.insert("post_logout_redirect_uris".to_owned(), json!(uris));
        }
        if let Some(secret) = client.newest_secret() {
            let ends_at = secret.expires_at.map_or(0, Timestamp::as_seconds);
            told.insert("client_secret_expires_at".to_owned(), ends_at.into());
        }
        for (member, value) in client.metadata.members() {
            match value {
                MetadataValue::Named(texts) => {
                    told.extend(texts.into_iter().map(|(name, text)| (name, text.into())));
                }
                value => {
                    told.insert(member.as_str().to_owned(), metadata_value::write(member, value));
                }
            }
        }
        Self(told)
    }

    /// The same with its secret, which is told once.
    #[must_use]
    pub fn with_secret(mut self, secret: &Secret) -> Self {
        self.0.insert("client_secret".to_owned(), secret.expose().into());
        self
    }
}

/// What may be said in this JSON: `any` is a word of our own.
fn method(method: ClientAuthenticationMethod) -> ClientAuthenticationMethod {
    match method {
        ClientAuthenticationMethod::Any => ClientAuthenticationMethod::ClientSecretBasic,
        method => method,
    }
}

fn grant_types(client: &Client) -> Vec<&'static str> {
    let allowed = GrantType::ALL.into_iter().filter(|it| client.allows_grant_type(*it));
    allowed.map(GrantType::as_str).collect()
}

fn uris(uris: &[RedirectUri]) -> Vec<&str> {
    uris.iter().map(RedirectUri::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_members_are_ignored_and_null_is_absence() {
        let body = br#"{"redirect_uris": ["https://app.example/cb"], "client_name": null,
            "client_name#de": "App", "client_name#fr": null, "colour": {"a": [1]}, "contacts": null,
            "jwks": {"keys": [{"kty": "EC"}]}, "default_max_age": 5, "id_token_encrypted_response_alg": null}"#;
        let request = registration_request(body).expect("it is JSON");
        assert_eq!(request.redirect_uris, ["https://app.example/cb"]);
        assert_eq!(request.client_name, None);
        let localized = MetadataValue::Named(vec![("client_name#de".into(), "App".into())]);
        assert_eq!(request.metadata.get(MetadataMember::Localized), Some(&localized));
        let keys = request.metadata.text(MetadataMember::Jwks);
        assert_eq!(keys, Some(r#"{"keys":[{"kty":"EC"}]}"#));
        let max_age = Some(&MetadataValue::Number(5));
        assert_eq!(request.metadata.get(MetadataMember::DefaultMaxAge), max_age);
        assert!(request.unreadable.is_empty() && request.encryption.is_empty());
    }

    #[test]
    fn what_is_of_another_type_is_noted() {
        let body = br#"{"redirect_uris": "https://app.example/cb", "contacts": [1], "jwks": "x",
            "require_auth_time": "true", "default_max_age": 1.5, "tos_uri#de": 7, "scope": ["a"],
            "userinfo_encrypted_response_enc": "A128CBC-HS256"}"#;
        let request = registration_request(body).expect("it is JSON");
        let expected = [
            "redirect_uris",
            "scope",
            "contacts",
            "jwks",
            "default_max_age",
            "require_auth_time",
            "tos_uri",
        ];
        assert_eq!(request.unreadable, expected);
        assert_eq!(request.encryption, ["userinfo_encrypted_response_enc"]);
        for broken in ["", "[]", "{", r#"{"a":1,"a":2}"#] {
            let is_empty = broken.is_empty();
            assert_eq!(registration_request(broken.as_bytes()).is_ok(), is_empty, "{broken}");
        }
    }
}

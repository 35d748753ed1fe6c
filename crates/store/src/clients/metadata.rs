//! A client's metadata in its one column: a JSON object with the names of the specifications. What is a default is not
//! written, so that a client without any has none, and a member that a later version adds is absent in old rows.

use domain::{ApplicationType, ClientMetadata, Lifetime, SigningAlgorithm, SubjectType};
use serde_json::{Map, Value, json};

use crate::Fault;
use crate::columns::Columns;

/// The column's text; none: every member is a default.
pub(super) fn to_text(metadata: &ClientMetadata) -> Option<String> {
    let default = to_object(&ClientMetadata::default());
    let mut object = to_object(metadata);
    object.retain(|name, value| default.get(name) != Some(value));
    (!object.is_empty()).then(|| Value::Object(object).to_string())
}

/// The metadata in the next column.
pub(crate) fn take(columns: &mut Columns<'_>) -> Result<ClientMetadata, Fault> {
    let text: Option<String> = columns.take()?;
    let Some(text) = text else { return Ok(ClientMetadata::default()) };
    from_text(&text).map_err(|Misfit| Fault::Corrupt(format!("a client's metadata holds {text:?}")))
}

fn to_object(metadata: &ClientMetadata) -> Map<String, Value> {
    let algorithm = |it: Option<SigningAlgorithm>| it.map(SigningAlgorithm::as_str);
    let Value::Object(object) = json!({
        "application_type": metadata.application_type.as_str(),
        "contacts": metadata.contacts,
        "client_uri": metadata.client_uri,
        "logo_uri": metadata.logo_uri,
        "policy_uri": metadata.policy_uri,
        "tos_uri": metadata.tos_uri,
        "jwks": metadata.jwks,
        "jwks_uri": metadata.jwks_uri,
        "sector_identifier_uri": metadata.sector_identifier_uri,
        "subject_type": metadata.subject_type.as_str(),
        "id_token_signed_response_alg": metadata.id_token_signed_response_alg.as_str(),
        "userinfo_signed_response_alg": algorithm(metadata.userinfo_signed_response_alg),
        "request_object_signing_alg": algorithm(metadata.request_object_signing_alg),
        "token_endpoint_auth_signing_alg": algorithm(metadata.token_endpoint_auth_signing_alg),
        "default_max_age": metadata.default_max_age.map(Lifetime::as_seconds),
        "require_auth_time": metadata.require_auth_time,
        "default_acr_values": metadata.default_acr_values,
        "initiate_login_uri": metadata.initiate_login_uri,
        "request_uris": metadata.request_uris,
        "backchannel_logout_uri": metadata.backchannel_logout_uri,
        "backchannel_logout_session_required": metadata.backchannel_logout_session_required,
        "frontchannel_logout_uri": metadata.frontchannel_logout_uri,
        "frontchannel_logout_session_required": metadata.frontchannel_logout_session_required,
        "software_id": metadata.software_id,
        "software_version": metadata.software_version,
        "localized": metadata.localized,
    }) else {
        unreachable!("it is written as an object")
    };
    object
}

fn from_text(text: &str) -> Result<ClientMetadata, Misfit> {
    let Ok(Value::Object(object)) = serde_json::from_str(text) else { return Err(Misfit) };
    let members = Members(object);
    let default = ClientMetadata::default();
    Ok(ClientMetadata {
        application_type: members
            .parsed("application_type", ApplicationType::parse)?
            .unwrap_or_default(),
        contacts: members.list("contacts")?,
        client_uri: members.text("client_uri")?,
        logo_uri: members.text("logo_uri")?,
        policy_uri: members.text("policy_uri")?,
        tos_uri: members.text("tos_uri")?,
        jwks: members.text("jwks")?,
        jwks_uri: members.text("jwks_uri")?,
        sector_identifier_uri: members.text("sector_identifier_uri")?,
        subject_type: members.parsed("subject_type", SubjectType::parse)?.unwrap_or_default(),
        id_token_signed_response_alg: members
            .algorithm("id_token_signed_response_alg")?
            .unwrap_or(default.id_token_signed_response_alg),
        userinfo_signed_response_alg: members.algorithm("userinfo_signed_response_alg")?,
        request_object_signing_alg: members.algorithm("request_object_signing_alg")?,
        token_endpoint_auth_signing_alg: members.algorithm("token_endpoint_auth_signing_alg")?,
        default_max_age: members.seconds("default_max_age")?,
        require_auth_time: members.flag("require_auth_time")?,
        default_acr_values: members.list("default_acr_values")?,
        initiate_login_uri: members.text("initiate_login_uri")?,
        request_uris: members.list("request_uris")?,
        backchannel_logout_uri: members.text("backchannel_logout_uri")?,
        backchannel_logout_session_required: members.flag("backchannel_logout_session_required")?,
        frontchannel_logout_uri: members.text("frontchannel_logout_uri")?,
        frontchannel_logout_session_required: members
            .flag("frontchannel_logout_session_required")?,
        software_id: members.text("software_id")?,
        software_version: members.text("software_version")?,
        localized: members.pairs("localized")?,
    })
}

/// A member holds something else than it should.
struct Misfit;

/// The members of the object.
struct Members(Map<String, Value>);

impl Members {
    fn read<T>(
        &self,
        name: &str,
        parse: impl Fn(&Value) -> Option<T>,
    ) -> Result<Option<T>, Misfit> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => parse(value).map(Some).ok_or(Misfit),
        }
    }

    fn text(&self, name: &str) -> Result<Option<String>, Misfit> {
        self.read(name, |value| value.as_str().map(str::to_owned))
    }

    fn parsed<T>(
        &self,
        name: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, Misfit> {
        self.read(name, |value| value.as_str().and_then(&parse))
    }

    fn algorithm(&self, name: &str) -> Result<Option<SigningAlgorithm>, Misfit> {
        self.parsed(name, SigningAlgorithm::parse)
    }

    fn seconds(&self, name: &str) -> Result<Option<Lifetime>, Misfit> {
        self.read(name, |value| value.as_i64().map(Lifetime::seconds))
    }

    fn flag(&self, name: &str) -> Result<bool, Misfit> {
        self.read(name, Value::as_bool).map(Option::unwrap_or_default)
    }

    fn list(&self, name: &str) -> Result<Vec<String>, Misfit> {
        let texts = |value: &Value| serde_json::from_value(value.clone()).ok();
        self.read(name, texts).map(Option::unwrap_or_default)
    }

    fn pairs(&self, name: &str) -> Result<Vec<(String, String)>, Misfit> {
        let pairs = |value: &Value| serde_json::from_value(value.clone()).ok();
        self.read(name, pairs).map(Option::unwrap_or_default)
    }
}

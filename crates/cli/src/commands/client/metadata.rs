//! What is typed of a client's metadata: `--set member=value`.

use domain::{ClientDraft, MetadataMember, MetadataShape, MetadataValue};
use serde_json::Value;

use crate::arguments::MetadataArguments;
use crate::exit::Refusal;

/// What was said of a client; the rest of it stays.
pub(super) struct Said {
    authentication_method: Option<String>,
    post_logout_redirect_uris: Vec<String>,
    members: Vec<(MetadataMember, Option<MetadataValue>)>,
}

impl Said {
    /// Whether nothing was said.
    pub(super) fn is_empty(&self) -> bool {
        self.authentication_method.is_none()
            && self.post_logout_redirect_uris.is_empty()
            && self.members.is_empty()
    }

    /// Puts it into a draft.
    pub(super) fn put_into(&self, draft: &mut ClientDraft) {
        if self.authentication_method.is_some() {
            draft.authentication_method.clone_from(&self.authentication_method);
        }
        if !self.post_logout_redirect_uris.is_empty() {
            draft.post_logout_redirect_uris.clone_from(&self.post_logout_redirect_uris);
        }
        for (member, value) in &self.members {
            draft.metadata.set(*member, value.clone());
        }
    }
}

/// Reads what was typed.
pub(super) fn read(arguments: &MetadataArguments) -> anyhow::Result<Said> {
    Ok(Said {
        authentication_method: arguments.authentication_method.clone(),
        post_logout_redirect_uris: arguments.post_logout_redirect_uris.clone(),
        members: arguments
            .members
            .iter()
            .map(|text| read_member(text))
            .collect::<Result<_, _>>()?,
    })
}

fn read_member(text: &str) -> Result<(MetadataMember, Option<MetadataValue>), Refusal> {
    let form = || Refusal::usage(format!("--set {text}: write a member, = and its value"));
    let (key, value) = text.split_once('=').ok_or_else(form)?;
    let known = || MetadataMember::ALL.map(MetadataMember::as_str).join(", ");
    let member = MetadataMember::parse(key)
        .ok_or_else(|| Refusal::usage(format!("--set {key}: must be one of {}", known())))?;
    if value.is_empty() {
        return Ok((member, None));
    }
    let value = read_value(member, value).ok_or_else(|| {
        let wanted = match member.shape() {
            MetadataShape::Text => "a text",
            MetadataShape::Texts => "a JSON array of texts, or one text",
            MetadataShape::Number => "a whole number",
            MetadataShape::Flag => "true or false",
            MetadataShape::Object => "a JSON object",
            MetadataShape::Named => "a JSON object of texts",
        };
        Refusal::usage(format!("--set {key}: write {wanted}"))
    })?;
    Ok((member, Some(value)))
}

fn read_value(member: MetadataMember, text: &str) -> Option<MetadataValue> {
    let own = || text.to_owned();
    Some(match member.shape() {
        MetadataShape::Text => MetadataValue::Text(own()),
        MetadataShape::Texts => {
            MetadataValue::Texts(serde_json::from_str(text).unwrap_or_else(|_| vec![own()]))
        }
        MetadataShape::Number => MetadataValue::Number(text.parse().ok()?),
        MetadataShape::Flag => MetadataValue::Flag(text.parse().ok()?),
        MetadataShape::Object => {
            let object: Value = serde_json::from_str(text).ok()?;
            MetadataValue::Text(object.is_object().then(|| object.to_string())?)
        }
        MetadataShape::Named => {
            let texts: std::collections::BTreeMap<String, String> =
                serde_json::from_str(text).ok()?;
            MetadataValue::Named(texts.into_iter().collect())
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_read_by_its_shape() {
        let text = |text: &str| Some(MetadataValue::Text(text.to_owned()));
        let texts = |texts: &[&str]| {
            Some(MetadataValue::Texts(texts.iter().map(|it| (*it).to_owned()).collect()))
        };
        for (typed, member, value) in [
            (
                "jwks_uri=https://a.example/?a=b",
                MetadataMember::JwksUri,
                text("https://a.example/?a=b"),
            ),
            ("contacts=a@b.example", MetadataMember::Contacts, texts(&["a@b.example"])),
            (r#"contacts=["a","b"]"#, MetadataMember::Contacts, texts(&["a", "b"])),
            ("default_max_age=5", MetadataMember::DefaultMaxAge, Some(MetadataValue::Number(5))),
            (
                "require_auth_time=true",
                MetadataMember::RequireAuthTime,
                Some(MetadataValue::Flag(true)),
            ),
            (r#"jwks={"keys": []}"#, MetadataMember::Jwks, text(r#"{"keys":[]}"#)),
            ("jwks_uri=", MetadataMember::JwksUri, None),
        ] {
            let read = read_member(typed).unwrap_or_else(|_| panic!("{typed} is refused"));
            assert_eq!(read, (member, value), "{typed}");
        }
        for wrong in
            ["jwks_uri", "colour=red", "default_max_age=x", "require_auth_time=1", "jwks=[]"]
        {
            assert!(read_member(wrong).is_err(), "{wrong}");
        }
    }
}

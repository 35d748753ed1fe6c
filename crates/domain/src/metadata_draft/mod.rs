//! A client's metadata as somebody wants it, member by member, becomes what may be stored, or every
//! fault of it at once. The same rules for whoever says it: the client itself, an admin, a file.

mod checking;
mod public_keys;
mod web_address;

use std::collections::BTreeMap;

use crate::client_fault::Faults;
use crate::{ClientMetadata, Lifetime, MetadataMember as Member, RedirectUri, SigningAlgorithm};

use checking::Checking;

/// What is said of a member, unchecked but of its shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MetadataValue {
    /// A text, or the JSON text of an object.
    Text(String),
    /// A list of texts.
    Texts(Vec<String>),
    /// A whole number.
    Number(i64),
    /// True or false.
    Flag(bool),
    /// Texts by name.
    Named(Vec<(String, String)>),
}

/// The metadata of a client as somebody wants it to be; what is not said is a default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetadataDraft {
    said: BTreeMap<Member, MetadataValue>,
}

impl MetadataDraft {
    /// The metadata as it is: what an update begins with. What is a default is not said, so that it may follow
    /// from the rest.
    pub fn of(metadata: &ClientMetadata) -> Self {
        let mut draft = Self::default();
        let defaults = ClientMetadata::default().members();
        for said in metadata.members().into_iter().filter(|said| !defaults.contains(said)) {
            draft.set(said.0, Some(said.1));
        }
        draft
    }

    /// Says a member, or no longer.
    pub fn set(&mut self, member: Member, value: Option<MetadataValue>) {
        match value {
            Some(value) => self.said.insert(member, value),
            None => self.said.remove(&member),
        };
    }

    /// What is said of a member.
    pub fn get(&self, member: Member) -> Option<&MetadataValue> {
        self.said.get(&member)
    }

    /// What is said of a member, if it is a text.
    pub fn text(&self, member: Member) -> Option<&str> {
        match self.get(member) {
            Some(MetadataValue::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// Whether there are keys to verify with what the client signs.
    pub(crate) fn has_keys(&self) -> bool {
        self.text(Member::Jwks).or(self.text(Member::JwksUri)).is_some()
    }

    /// Checks every member, beside the redirect URIs that some of them depend on, and notes every fault.
    pub(crate) fn check(&self, faults: &mut Faults<'_>, uris: &[RedirectUri]) -> ClientMetadata {
        let mut it = Checking { draft: self, faults, redirect_uris: uris };
        let id_token_alg = it.algorithm(Member::IdTokenSignedResponseAlg);
        ClientMetadata {
            application_type: it.application_type(),
            contacts: it.texts(Member::Contacts),
            client_uri: it.address(Member::ClientUri),
            logo_uri: it.address(Member::LogoUri),
            policy_uri: it.address(Member::PolicyUri),
            tos_uri: it.address(Member::TosUri),
            jwks: it.keys(),
            jwks_uri: it.address(Member::JwksUri),
            sector_identifier_uri: it.endpoint(Member::SectorIdentifierUri),
            subject_type: it.subject_type(),
            id_token_signed_response_alg: id_token_alg.unwrap_or(SigningAlgorithm::Rs256),
            userinfo_signed_response_alg: it.algorithm(Member::UserinfoSignedResponseAlg),
            request_object_signing_alg: it.algorithm(Member::RequestObjectSigningAlg),
            token_endpoint_auth_signing_alg: it.algorithm(Member::TokenEndpointAuthSigningAlg),
            default_max_age: it.seconds(Member::DefaultMaxAge),
            require_auth_time: it.flag(Member::RequireAuthTime),
            default_acr_values: it.texts(Member::DefaultAcrValues),
            initiate_login_uri: it.endpoint(Member::InitiateLoginUri),
            request_uris: it.addresses(Member::RequestUris),
            backchannel_logout_uri: it.endpoint(Member::BackchannelLogoutUri),
            backchannel_logout_session_required: it.flag(Member::BackchannelLogoutSessionRequired),
            frontchannel_logout_uri: it.frontchannel_logout_uri(),
            frontchannel_logout_session_required: it
                .flag(Member::FrontchannelLogoutSessionRequired),
            software_id: it.text(Member::SoftwareId),
            software_version: it.text(Member::SoftwareVersion),
            localized: it.localized(),
        }
    }
}

impl ClientMetadata {
    /// Every member that says something, defaults among them, in the order of the specifications.
    pub fn members(&self) -> Vec<(Member, MetadataValue)> {
        Member::ALL.into_iter().filter_map(|it| Some((it, self.member(it)?))).collect()
    }

    fn member(&self, member: Member) -> Option<MetadataValue> {
        let algorithm = |it: Option<SigningAlgorithm>| it.map(SigningAlgorithm::as_str);
        Some(match member {
            Member::ApplicationType => text(self.application_type.as_str()),
            Member::Contacts => texts(&self.contacts)?,
            Member::ClientUri => text(self.client_uri.as_deref()?),
            Member::LogoUri => text(self.logo_uri.as_deref()?),
            Member::PolicyUri => text(self.policy_uri.as_deref()?),
            Member::TosUri => text(self.tos_uri.as_deref()?),
            Member::Jwks => text(self.jwks.as_deref()?),
            Member::JwksUri => text(self.jwks_uri.as_deref()?),
            Member::SectorIdentifierUri => text(self.sector_identifier_uri.as_deref()?),
            Member::SubjectType => text(self.subject_type.as_str()),
            Member::IdTokenSignedResponseAlg => text(self.id_token_signed_response_alg.as_str()),
            Member::UserinfoSignedResponseAlg => {
                text(algorithm(self.userinfo_signed_response_alg)?)
            }
            Member::RequestObjectSigningAlg => text(algorithm(self.request_object_signing_alg)?),
            Member::TokenEndpointAuthSigningAlg => {
                text(algorithm(self.token_endpoint_auth_signing_alg)?)
            }
            Member::DefaultMaxAge => {
                MetadataValue::Number(self.default_max_age.map(Lifetime::as_seconds)?)
            }
            Member::RequireAuthTime => MetadataValue::Flag(self.require_auth_time),
            Member::DefaultAcrValues => texts(&self.default_acr_values)?,
            Member::InitiateLoginUri => text(self.initiate_login_uri.as_deref()?),
            Member::RequestUris => texts(&self.request_uris)?,
            Member::BackchannelLogoutUri => text(self.backchannel_logout_uri.as_deref()?),
            Member::BackchannelLogoutSessionRequired => {
                MetadataValue::Flag(self.backchannel_logout_session_required)
            }
            Member::FrontchannelLogoutUri => text(self.frontchannel_logout_uri.as_deref()?),
            Member::FrontchannelLogoutSessionRequired => {
                MetadataValue::Flag(self.frontchannel_logout_session_required)
            }
            Member::SoftwareId => text(self.software_id.as_deref()?),
            Member::SoftwareVersion => text(self.software_version.as_deref()?),
            Member::Localized => named(&self.localized)?,
        })
    }
}

fn text(text: &str) -> MetadataValue {
    MetadataValue::Text(text.to_owned())
}

fn texts(texts: &[String]) -> Option<MetadataValue> {
    (!texts.is_empty()).then(|| MetadataValue::Texts(texts.to_vec()))
}

fn named(texts: &[(String, String)]) -> Option<MetadataValue> {
    (!texts.is_empty()).then(|| MetadataValue::Named(texts.to_vec()))
}

#[cfg(test)]
mod tests;

//! The rule of each kind of member.

use std::collections::BTreeSet;

use url::Url;

use super::{MetadataDraft, MetadataValue, public_keys, web_address};
use crate::client_fault::Faults;
use crate::metadata_member::LOCALIZED_MEMBERS;
use crate::{
    ApplicationType, Checked, ClientField, FaultCode, Lifetime, MetadataMember as Member,
    RedirectUri, SigningAlgorithm, SubjectType, bounded_text, required_text,
};

/// The most characters of a text.
const TEXT_LIMIT: usize = 255;
/// The most entries of a list.
const LIST_LIMIT: usize = 50;
/// The most texts in other languages.
const LOCALIZED_LIMIT: usize = 100;
/// The oldest sign-in that means anything: ten years.
const MAX_AGE_LIMIT: i64 = 3650 * 86_400;

/// The check of a draft: every method takes a member, or notes what is wrong with it.
pub(super) struct Checking<'a, 'f> {
    pub(super) draft: &'a MetadataDraft,
    pub(super) faults: &'a mut Faults<'f>,
    pub(super) redirect_uris: &'a [RedirectUri],
}

impl Checking<'_, '_> {
    fn take<T: Default>(&mut self, member: Member, checked: Checked<T>) -> T {
        self.faults.take(ClientField::Metadata(member), checked).unwrap_or_default()
    }

    /// A text, checked by `check`; none: it was not said.
    fn said<T>(&mut self, member: Member, check: impl FnOnce(&str) -> Checked<T>) -> Option<T> {
        let checked = self.draft.text(member).map(check).transpose();
        self.take(member, checked)
    }

    pub(super) fn text(&mut self, member: Member) -> Option<String> {
        self.said(member, |text| required_text(text, TEXT_LIMIT))
    }

    /// An address that people or programs go to.
    pub(super) fn address(&mut self, member: Member) -> Option<String> {
        self.said(member, web_address::parse)
    }

    /// The same without a fragment, as whatever is called with parameters.
    pub(super) fn endpoint(&mut self, member: Member) -> Option<String> {
        self.said(member, endpoint)
    }

    pub(super) fn keys(&mut self) -> Option<String> {
        let has_both = self.draft.text(Member::JwksUri).is_some();
        self.said(Member::Jwks, |text| {
            let keys = public_keys::parse(text)?;
            // OpenID Connect Dynamic Client Registration 1.0 §2: not both.
            if has_both { Err(invalid("must not stand beside jwks_uri")) } else { Ok(keys) }
        })
    }

    pub(super) fn algorithm(&mut self, member: Member) -> Option<SigningAlgorithm> {
        let unknown = || invalid("must be RS256, PS256, ES256 or EdDSA");
        self.said(member, |name| SigningAlgorithm::parse(name).ok_or_else(unknown))
    }

    pub(super) fn flag(&mut self, member: Member) -> bool {
        let flag = matches!(self.draft.get(member), Some(MetadataValue::Flag(true)));
        self.take(member, Ok(flag))
    }

    pub(super) fn seconds(&mut self, member: Member) -> Option<Lifetime> {
        let seconds = match self.draft.get(member) {
            Some(MetadataValue::Number(seconds)) => Some(*seconds),
            _ => None,
        };
        let checked = seconds.map(|seconds| {
            let text = format!("must be 0 to {MAX_AGE_LIMIT} seconds");
            let is_good = (0..=MAX_AGE_LIMIT).contains(&seconds);
            is_good.then(|| Lifetime::seconds(seconds)).ok_or((FaultCode::InvalidValue, text))
        });
        self.take(member, checked.transpose())
    }

    pub(super) fn texts(&mut self, member: Member) -> Vec<String> {
        self.list(member, |text| required_text(text, TEXT_LIMIT))
    }

    pub(super) fn addresses(&mut self, member: Member) -> Vec<String> {
        self.list(member, web_address::parse)
    }

    fn list(&mut self, member: Member, check: fn(&str) -> Checked<String>) -> Vec<String> {
        let draft = self.draft;
        let Some(MetadataValue::Texts(texts)) = draft.get(member) else {
            return self.take(member, Ok(Vec::new()));
        };
        let checked = match texts.len() {
            0..=LIST_LIMIT => texts.iter().map(|text| check(text)).collect(),
            _ => Err((FaultCode::TooLong, format!("must have at most {LIST_LIMIT} entries"))),
        };
        self.take(member, checked)
    }

    /// Where it runs. What is not said follows from where codes are sent; what is said must fit (OpenID
    /// Connect Dynamic Client Registration 1.0 §2). A native app may claim https addresses (RFC 8252 §7.2).
    pub(super) fn application_type(&mut self) -> ApplicationType {
        let is_of_device = self.redirect_uris.iter().any(RedirectUri::is_private_scheme);
        let member = Member::ApplicationType;
        let said = self.said(member, |name| {
            ApplicationType::parse(name).ok_or_else(|| invalid("must be web or native"))
        });
        if said == Some(ApplicationType::Web) && is_of_device {
            let text = "a private-use scheme is for the application_type native";
            self.faults.take::<()>(ClientField::RedirectUris, Err(invalid(text)));
        }
        let fitting = if is_of_device { ApplicationType::Native } else { ApplicationType::Web };
        said.unwrap_or(fitting)
    }

    /// Which `sub` it is told. Apps of several hosts have one pairwise `sub` only if they name what they
    /// share (OpenID Connect Core 1.0 §8.1).
    pub(super) fn subject_type(&mut self) -> SubjectType {
        let member = Member::SubjectType;
        let said = self.said(member, |name| {
            SubjectType::parse(name).ok_or_else(|| invalid("must be public or pairwise"))
        });
        let subject_type = said.unwrap_or_default();
        let has_sector = self.draft.text(Member::SectorIdentifierUri).is_some();
        if subject_type == SubjectType::Pairwise && !has_sector && !self.has_one_host() {
            let text = "is needed for pairwise subjects unless all redirect URIs have one host";
            let field = ClientField::Metadata(Member::SectorIdentifierUri);
            self.faults.take::<()>(field, Err(invalid(text)));
        }
        subject_type
    }

    fn has_one_host(&self) -> bool {
        let hosts = self.redirect_uris.iter().map(|uri| uri.host().map(str::to_ascii_lowercase));
        let hosts: BTreeSet<_> = hosts.collect();
        hosts.len() == 1 && !hosts.contains(&None)
    }

    /// Scheme, host and port are those of a redirect URI (Front-Channel Logout 1.0 §2).
    pub(super) fn frontchannel_logout_uri(&mut self) -> Option<String> {
        let origins: Vec<_> = self.redirect_uris.iter().filter_map(RedirectUri::origin).collect();
        self.said(Member::FrontchannelLogoutUri, |text| {
            let address = endpoint(text)?;
            let origin = Url::parse(&address).map(|url| url.origin().ascii_serialization());
            if origin.is_ok_and(|origin| origins.contains(&origin)) {
                return Ok(address);
            }
            Err(invalid("must have the scheme, host and port of a redirect URI"))
        })
    }

    pub(super) fn localized(&mut self) -> Vec<(String, String)> {
        let draft = self.draft;
        let checked = match draft.get(Member::Localized) {
            Some(MetadataValue::Named(texts)) if texts.len() > LOCALIZED_LIMIT => {
                Err((FaultCode::TooLong, format!("must have at most {LOCALIZED_LIMIT} entries")))
            }
            Some(MetadataValue::Named(texts)) => texts.iter().map(localized).collect(),
            _ => Ok(Vec::new()),
        };
        self.take(Member::Localized, checked)
    }
}

fn endpoint(text: &str) -> Checked<String> {
    let address = web_address::parse(text)?;
    let has_fragment = address.contains('#');
    if has_fragment { Err(invalid("must not contain a fragment (#)")) } else { Ok(address) }
}

/// A text or address in another language: `client_name#de` (RFC 7591 §2.2, BCP 47).
fn localized((name, text): &(String, String)) -> Checked<(String, String)> {
    let (member, tag) = name.split_once('#').unwrap_or((name, ""));
    let is_subtag = |it: &str| {
        (1..=8).contains(&it.len()) && it.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    if !LOCALIZED_MEMBERS.contains(&member) || !tag.split('-').all(is_subtag) {
        let name = bounded_text(name, TEXT_LIMIT).unwrap_or_default();
        return Err(invalid(&format!("{name} must be a name for people with a language tag")));
    }
    let checked = match member {
        "client_name" => required_text(text, TEXT_LIMIT),
        _ => web_address::parse(text),
    };
    let text = checked.map_err(|(code, reason)| (code, format!("{name} {reason}")))?;
    Ok((name.clone(), text))
}

fn invalid(text: &str) -> (FaultCode, String) {
    (FaultCode::InvalidValue, text.to_owned())
}

//! What an admin wants of a resource, and the rules for it.

use std::ops::RangeInclusive;

use crate::{
    AccessTokenFormat, Checked, FaultCode, Lifetime, RecordFault, RecordFaults, Resource,
    ScopeCatalogue, ScopeName, ScopeSet, SigningAlgorithm, is_resource_indicator, required_text,
};

/// The most characters of a name.
const NAME_LIMIT: usize = 255;

/// What somebody wants of a resource, unchecked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResourceDraft {
    /// The resource indicator.
    pub identifier: String,
    /// What people call it; none: its identifier.
    pub name: Option<String>,
    /// The scopes that mean something there; empty: all.
    pub scopes: Vec<String>,
    /// What its access tokens look like; none: handles.
    pub access_token_format: Option<String>,
    /// What signs its JWT access tokens; none: RS256.
    pub signing_algorithm: Option<String>,
    /// The identifiers of the clients that may introspect every token for it.
    pub introspection_clients: Vec<String>,
    /// How many seconds its access tokens last; none: the default.
    pub access_token_lifetime: Option<i64>,
    /// The keys that were sent as something that cannot be read.
    pub unreadable: Vec<&'static str>,
}

/// What a draft is judged beside.
#[derive(Debug)]
pub struct Surroundings<'a> {
    /// The resource as it is: what it names may stay, if that is gone too.
    pub stored: Option<&'a Resource>,
    /// Whether another resource of the account has the identifier.
    pub is_taken: bool,
    /// The scopes of the account.
    pub catalogue: &'a ScopeCatalogue,
    /// Those of the clients named by the draft that there are.
    pub clients: &'a [String],
    /// How long access tokens may last.
    pub lifetimes: &'a RangeInclusive<Lifetime>,
}

/// What a resource may be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceTerms {
    /// The resource indicator.
    pub identifier: String,
    /// What people call it.
    pub name: String,
    /// The scopes that mean something there; empty: all.
    pub scopes: ScopeSet,
    /// What its access tokens look like.
    pub access_token_format: AccessTokenFormat,
    /// What signs its JWT access tokens.
    pub signing_algorithm: SigningAlgorithm,
    /// The identifiers of the clients that may introspect every token for it.
    pub introspection_clients: Vec<String>,
    /// How long its access tokens last; none: the default.
    pub access_token_lifetime: Option<Lifetime>,
}

impl ResourceDraft {
    /// The most clients that may introspect every token for a resource.
    pub const CLIENT_LIMIT: usize = 32;

    /// A resource as it is: what an update begins with.
    pub fn of(resource: &Resource) -> Self {
        Self {
            identifier: resource.identifier.clone(),
            name: Some(resource.name.clone()),
            scopes: resource.scopes.iter().map(|name| name.as_str().to_owned()).collect(),
            access_token_format: Some(resource.access_token_format.as_str().to_owned()),
            signing_algorithm: Some(resource.signing_algorithm.as_str().to_owned()),
            introspection_clients: resource.introspection_clients.clone(),
            access_token_lifetime: resource.access_token_lifetime.map(Lifetime::as_seconds),
            unreadable: Vec::new(),
        }
    }

    /// Checks it all, and reports every fault together.
    pub fn validate(&self, beside: &Surroundings<'_>) -> Result<ResourceTerms, Vec<RecordFault>> {
        let mut faults = RecordFaults::new(&self.unreadable);
        let identifier = faults.take("identifier", self.identifier(beside));
        let name = match &self.name {
            Some(name) => faults.take("name", required_text(name, NAME_LIMIT)),
            None => identifier.clone(),
        };
        let scopes = faults.take("scopes", self.scopes(beside));
        let format = faults.take("access_token_format", self.format());
        let algorithm = faults.take("signing_algorithm", self.algorithm());
        let clients = faults.take("introspection_clients", self.clients(beside));
        let lifetime = faults.take("access_token_lifetime", self.lifetime(beside));
        let terms = || {
            Some(ResourceTerms {
                identifier: identifier?,
                name: name?,
                scopes: scopes?,
                access_token_format: format?,
                signing_algorithm: algorithm?,
                introspection_clients: clients?,
                access_token_lifetime: lifetime?,
            })
        };
        faults.settle(terms())
    }

    fn identifier(&self, beside: &Surroundings<'_>) -> Checked<String> {
        if self.identifier.is_empty() {
            return Err((FaultCode::BlankValue, "must not be blank".to_owned()));
        }
        if !is_resource_indicator(&self.identifier) {
            return Err(invalid("must be an absolute URI without fragment"));
        }
        if beside.is_taken {
            return Err((FaultCode::DuplicateValue, "is already in use".to_owned()));
        }
        Ok(self.identifier.clone())
    }

    fn scopes(&self, beside: &Surroundings<'_>) -> Checked<ScopeSet> {
        let stays = |name: &ScopeName| {
            beside.stored.is_some_and(|stored| stored.scopes.iter().any(|it| it == name))
        };
        let is_known = |name: &ScopeName| beside.catalogue.find(name).is_some() || stays(name);
        if self.scopes.len() > ScopeSet::NAME_LIMIT {
            return Err(invalid("must have at most 64 names"));
        }
        let known = |name: &String| ScopeName::parse(name).ok().filter(is_known);
        let set: Option<ScopeSet> = self.scopes.iter().map(known).collect();
        set.ok_or_else(|| invalid("must contain only names from the scope catalogue"))
    }

    fn format(&self) -> Checked<AccessTokenFormat> {
        let Some(name) = &self.access_token_format else { return Ok(AccessTokenFormat::Opaque) };
        AccessTokenFormat::parse(name).ok_or_else(|| invalid("must be opaque or jwt"))
    }

    fn algorithm(&self) -> Checked<SigningAlgorithm> {
        let Some(name) = &self.signing_algorithm else { return Ok(SigningAlgorithm::Rs256) };
        let fault = || invalid("must be RS256, ES256, EdDSA or PS256");
        SigningAlgorithm::parse(name).ok_or_else(fault)
    }

    fn clients(&self, beside: &Surroundings<'_>) -> Checked<Vec<String>> {
        let named = &self.introspection_clients;
        if named.len() > Self::CLIENT_LIMIT {
            return Err(invalid("must name at most 32 clients"));
        }
        let stays = |name| beside.stored.is_some_and(|it| it.introspection_clients.contains(name));
        let unknown = named.iter().find(|&name| !beside.clients.contains(name) && !stays(name));
        match unknown {
            Some(_) => Err(invalid("must contain only identifiers of clients that there are")),
            None => Ok(named.clone()),
        }
    }

    fn lifetime(&self, beside: &Surroundings<'_>) -> Checked<Option<Lifetime>> {
        let Some(seconds) = self.access_token_lifetime else { return Ok(None) };
        let (least, most) =
            (beside.lifetimes.start().as_seconds(), beside.lifetimes.end().as_seconds());
        if (least..=most).contains(&seconds) {
            return Ok(Some(Lifetime::seconds(seconds)));
        }
        Err(invalid(&format!("must be a whole number of seconds from {least} to {most}")))
    }
}

fn invalid(text: &str) -> (FaultCode, String) {
    (FaultCode::InvalidValue, text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Id, Timestamp};

    const NOW: Timestamp = Timestamp::from_millis(1_777_887_000_000);
    const LIFETIMES: RangeInclusive<Lifetime> = Lifetime::seconds(300)..=Lifetime::seconds(600);

    fn judged(draft: &ResourceDraft, stored: Option<&Resource>) -> Vec<(&'static str, FaultCode)> {
        let catalogue = ScopeCatalogue::new(Vec::new());
        let clients = ["api-server".to_owned()];
        let beside = Surroundings {
            stored,
            is_taken: false,
            catalogue: &catalogue,
            clients: &clients,
            lifetimes: &LIFETIMES,
        };
        let faults = draft.validate(&beside).err().unwrap_or_default();
        faults.iter().map(|fault| (fault.field, fault.code)).collect()
    }

    #[test]
    fn an_identifier_is_an_absolute_uri_without_fragment() {
        for (identifier, code) in [
            ("https://api.example.com/", None),
            ("urn:example:api", None),
            ("", Some(FaultCode::BlankValue)),
            ("api.example.com", Some(FaultCode::InvalidValue)),
            ("https://", Some(FaultCode::InvalidValue)),
            ("https://api.example.com/#x", Some(FaultCode::InvalidValue)),
            ("https://api.example.com/ x", Some(FaultCode::InvalidValue)),
        ] {
            let identifier = identifier.to_owned();
            let draft = ResourceDraft { identifier, ..ResourceDraft::default() };
            let expected: Vec<_> = code.into_iter().map(|code| ("identifier", code)).collect();
            assert_eq!(judged(&draft, None), expected, "{}", draft.identifier);
        }
    }

    #[test]
    fn what_a_stored_resource_names_may_stay() {
        let gone = ScopeName::parse("prints:gone").expect("a name");
        let stored = Resource {
            id: Id::new(1),
            account_id: Id::new(1),
            identifier: "urn:example:api".to_owned(),
            name: "Prints".to_owned(),
            scopes: ScopeSet::from_names([gone]),
            access_token_format: AccessTokenFormat::Opaque,
            signing_algorithm: SigningAlgorithm::Rs256,
            introspection_clients: vec!["gone".to_owned()],
            access_token_lifetime: Some(Lifetime::seconds(600)),
            created_at: NOW,
            updated_at: NOW,
        };
        let draft = ResourceDraft::of(&stored);
        assert_eq!(judged(&draft, Some(&stored)), []);
        let invalid = FaultCode::InvalidValue;
        let expected = [("scopes", invalid), ("introspection_clients", invalid)];
        assert_eq!(judged(&draft, None), expected);
        let late = ResourceDraft { access_token_lifetime: Some(601), ..draft };
        assert_eq!(judged(&late, Some(&stored)), [("access_token_lifetime", invalid)]);
    }
}

//! The registration of a client: what was asked for becomes what may be stored, or every fault of
//! it at once. Creating and updating are judged alike, on the resulting record.

use crate::client_fault::Faults;
use crate::{
    Checked, Client, ClientAuthenticationMethod, ClientFault, ClientField, ClientIdentifier,
    ClientIdentifierRefused, ClientKind, ClientMetadata, FaultCode, GrantType, MetadataDraft,
    RedirectUri, RedirectUriRefused, ScopeCatalogue, ScopeName, ScopeSet, Timestamp, bounded_text,
    required_text,
};

/// The most characters of a name or company.
const NAME_LIMIT: usize = 255;
/// The most characters of a description.
const DESCRIPTION_LIMIT: usize = 1000;
/// The most redirect URIs of a client.
const REDIRECT_URI_LIMIT: usize = 50;

/// A client as somebody wants it to be, unchecked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientDraft {
    /// Shown on the consent page.
    pub name: String,
    /// The OAuth `client_id`.
    pub identifier: String,
    /// Shown on the consent page.
    pub company: Option<String>,
    /// Shown on the consent page.
    pub description: Option<String>,
    /// The name of its kind; none: the stored one, and `unknown` for a new client.
    pub kind: Option<String>,
    /// The kind it has now; none: it is new.
    pub stored_kind: Option<ClientKind>,
    /// The ceiling of a stored client: what it names may stay, if the catalogue lost it too.
    pub stored_scopes: Option<ScopeSet>,
    /// Where codes may be sent.
    pub redirect_uris: Vec<String>,
    /// Where a signed-out browser may be sent.
    pub post_logout_redirect_uris: Vec<String>,
    /// The names of the scopes it may ask for; none: no ceiling.
    pub scopes: Option<Vec<String>>,
    /// The names of its grant types; none: what its kind allows.
    pub grant_types: Option<Vec<String>>,
    /// The name of its authentication method; none: what its kind allows.
    pub authentication_method: Option<String>,
    /// Since when it may introspect every token of its account.
    pub resource_server_at: Option<Timestamp>,
    /// What it says of itself beyond OAuth 2.0.
    pub metadata: MetadataDraft,
    /// The fields that were sent as something that cannot be read, a number for a name: each is a
    /// fault, whatever stands in it here.
    pub unreadable: Vec<ClientField>,
}

impl ClientDraft {
    /// The client as it is: what an update begins with.
    pub fn of(client: &Client) -> Self {
        let uris = |list: &[RedirectUri]| list.iter().map(|it| it.as_str().to_owned()).collect();
        // What follows from the kind is left out, so that it follows a change of the kind.
        let method = match client.authentication_method {
            ClientAuthenticationMethod::Any | ClientAuthenticationMethod::None => None,
            other => Some(other.as_str().to_owned()),
        };
        Self {
            name: client.name.clone(),
            identifier: client.identifier.as_str().to_owned(),
            company: client.company.clone(),
            description: client.description.clone(),
            kind: None,
            stored_kind: Some(client.kind),
            stored_scopes: client.scopes.clone(),
            redirect_uris: uris(&client.redirect_uris),
            post_logout_redirect_uris: uris(&client.post_logout_redirect_uris),
            scopes: client.scopes.as_ref().map(ScopeSet::to_vec),
            grant_types: client
                .grant_types
                .as_ref()
                .map(|types| types.iter().map(|it| it.as_str().to_owned()).collect()),
            authentication_method: method,
            resource_server_at: client.resource_server_at,
            metadata: MetadataDraft::of(&client.metadata),
            unreadable: Vec::new(),
        }
    }

    /// Checks the whole record and reports every fault together.
    pub fn validate(
        &self,
        catalogue: &ScopeCatalogue,
        private_schemes: &[String],
    ) -> Result<ClientRegistration, Vec<ClientFault>> {
        let mut faults = Faults::new(&self.unreadable);
        let name = faults.take(ClientField::Name, required_text(&self.name, NAME_LIMIT));
        let identifier = faults.take(ClientField::Identifier, identifier(&self.identifier));
        let company = optional_text(self.company.as_deref(), NAME_LIMIT);
        let company = faults.take(ClientField::Company, company);
        let description = optional_text(self.description.as_deref(), DESCRIPTION_LIMIT);
        let description = faults.take(ClientField::Description, description);
        let kind = faults.take(ClientField::Kind, self.kind());
        // RFC 8252 §7.1: without a dot only for apps on a device.
        let schemes = if kind == Some(ClientKind::Public) { private_schemes } else { &[] };
        let redirect_uris =
            faults.take_all(ClientField::RedirectUris, uris(&self.redirect_uris, schemes));
        let post_logout = uris(&self.post_logout_redirect_uris, schemes);
        let post_logout = faults.take_all(ClientField::PostLogoutRedirectUris, post_logout);
        let scopes = faults.take(ClientField::Scopes, self.scopes(catalogue));
        let grant_types = faults.take(ClientField::GrantTypes, self.grant_types());
        let method = self.authentication_method(kind.unwrap_or(ClientKind::Unknown));
        let method = faults.take(ClientField::AuthenticationMethod, method);
        let resource_server = self.resource_server(kind.unwrap_or(ClientKind::Unknown));
        let resource_server = faults.take(ClientField::ResourceServer, resource_server);
        let metadata = self.metadata.check(&mut faults, redirect_uris.as_deref().unwrap_or(&[]));
        let registration = || {
            Some(ClientRegistration {
                name: name?,
                identifier: identifier?,
                company: company?,
                description: description?,
                kind: kind?,
                redirect_uris: redirect_uris?,
                post_logout_redirect_uris: post_logout?,
                scopes: scopes?,
                grant_types: grant_types?,
                authentication_method: method?,
                resource_server_at: resource_server?,
                metadata,
            })
        };
        let registration = registration().filter(|_| faults.found.is_empty());
        registration.ok_or(faults.found)
    }

    fn kind(&self) -> Checked<ClientKind> {
        let stored = self.stored_kind.unwrap_or(ClientKind::Unknown);
        let Some(name) = &self.kind else { return Ok(stored) };
        match ClientKind::parse(name) {
            // Nobody becomes unknown; who is may stay so.
            Some(ClientKind::Unknown) if self.stored_kind != Some(ClientKind::Unknown) => {
                Err(invalid("must be public or confidential"))
            }
            Some(kind) => Ok(kind),
            None => Err(invalid("must be public or confidential")),
        }
    }

    fn scopes(&self, catalogue: &ScopeCatalogue) -> Checked<Option<ScopeSet>> {
        let Some(names) = &self.scopes else { return Ok(None) };
        if names.len() > ScopeSet::NAME_LIMIT {
            return Err(invalid("must have at most 64 names"));
        }
        let is_stored = |name: &ScopeName| {
            self.stored_scopes.as_ref().is_some_and(|stored| stored.iter().any(|it| it == name))
        };
        let is_known = |name: &ScopeName| catalogue.find(name).is_some() || is_stored(name);
        let known = |name: &String| ScopeName::parse(name).ok().filter(is_known);
        let set: Option<ScopeSet> = names.iter().map(known).collect();
        set.map(Some).ok_or_else(|| invalid("must contain only names from the scope catalogue"))
    }

    fn grant_types(&self) -> Checked<Option<Vec<GrantType>>> {
        let Some(names) = &self.grant_types else { return Ok(None) };
        let types: Option<Vec<_>> = names.iter().map(|name| GrantType::parse(name)).collect();
        let allowed = "must contain only authorization_code, refresh_token and client_credentials";
        types.map(Some).ok_or_else(|| invalid(allowed))
    }

    fn authentication_method(&self, kind: ClientKind) -> Checked<ClientAuthenticationMethod> {
        let method = match &self.authentication_method {
            None => ClientAuthenticationMethod::Any,
            Some(name) => {
                ClientAuthenticationMethod::parse(name).ok_or_else(|| invalid("is not known"))?
            }
        };
        match (kind, method) {
            // Whatever it had: a public client has no secret that counts.
            (ClientKind::Public, _) => Ok(ClientAuthenticationMethod::None),
            (_, ClientAuthenticationMethod::PrivateKeyJwt) if !self.metadata.has_keys() => {
                Err(invalid("must not be private_key_jwt without jwks or jwks_uri"))
            }
            (_, ClientAuthenticationMethod::None) => {
                Err(invalid("must not be none unless the kind is public"))
            }
            (_, method) => Ok(method),
        }
    }

    /// Whoever introspects proves himself by a secret (RFC 7662 §2.1).
    fn resource_server(&self, kind: ClientKind) -> Checked<Option<Timestamp>> {
        match (kind, self.resource_server_at) {
            (ClientKind::Public, Some(_)) => Err(invalid("must be false if the kind is public")),
            (_, since) => Ok(since),
        }
    }
}

/// A client that may be stored, once the store finds its identifier free.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientRegistration {
    /// Shown on the consent page.
    pub name: String,
    /// The OAuth `client_id`.
    pub identifier: ClientIdentifier,
    /// Shown on the consent page.
    pub company: Option<String>,
    /// Shown on the consent page.
    pub description: Option<String>,
    /// Whether it can keep a secret.
    pub kind: ClientKind,
    /// Where codes may be sent, in the order and spelling sent.
    pub redirect_uris: Vec<RedirectUri>,
    /// Where a signed-out browser may be sent.
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    /// The scopes it may ask for; none: no ceiling.
    pub scopes: Option<ScopeSet>,
    /// The grant types it may use; none: what its kind allows.
    pub grant_types: Option<Vec<GrantType>>,
    /// How it authenticates at the token endpoint.
    pub authentication_method: ClientAuthenticationMethod,
    /// Since when it may introspect every token of its account.
    pub resource_server_at: Option<Timestamp>,
    /// What it says of itself beyond OAuth 2.0.
    pub metadata: ClientMetadata,
}

impl ClientRegistration {
    /// Puts everything registered into the client; the rest of it stays.
    pub fn apply_to(self, client: &mut Client) {
        client.name = self.name;
        client.identifier = self.identifier;
        client.company = self.company;
        client.description = self.description;
        client.kind = self.kind;
        client.redirect_uris = self.redirect_uris;
        client.post_logout_redirect_uris = self.post_logout_redirect_uris;
        client.scopes = self.scopes;
        client.grant_types = self.grant_types;
        client.authentication_method = self.authentication_method;
        client.resource_server_at = self.resource_server_at;
        client.metadata = self.metadata;
    }
}

fn invalid(text: &str) -> (FaultCode, String) {
    (FaultCode::InvalidValue, text.to_owned())
}

fn optional_text(text: Option<&str>, limit: usize) -> Checked<Option<String>> {
    text.map(|text| bounded_text(text, limit)).transpose()
}

fn identifier(text: &str) -> Checked<ClientIdentifier> {
    ClientIdentifier::parse(text).map_err(|refused| {
        let code = match refused {
            ClientIdentifierRefused::Blank => FaultCode::BlankValue,
            ClientIdentifierRefused::TooLong => FaultCode::TooLong,
            ClientIdentifierRefused::Character | ClientIdentifierRefused::OnlyDigits => {
                FaultCode::InvalidValue
            }
        };
        (code, refused.to_string())
    })
}

fn uris(
    texts: &[String],
    schemes: &[String],
) -> Result<Vec<RedirectUri>, Vec<(FaultCode, String)>> {
    if texts.len() > REDIRECT_URI_LIMIT {
        let text = format!("must have at most {REDIRECT_URI_LIMIT} entries");
        return Err(vec![(FaultCode::TooLong, text)]);
    }
    let mut accepted = Vec::with_capacity(texts.len());
    let mut faults = Vec::new();
    for (place, text) in texts.iter().enumerate() {
        match RedirectUri::parse_with(text, schemes) {
            Ok(uri) => accepted.push(uri),
            Err(refused) => faults.push(uri_fault(place, texts.len(), refused)),
        }
    }
    if faults.is_empty() { Ok(accepted) } else { Err(faults) }
}

fn uri_fault(place: usize, count: usize, refused: RedirectUriRefused) -> (FaultCode, String) {
    let code = match refused {
        RedirectUriRefused::TooLong => FaultCode::TooLong,
        _ => FaultCode::InvalidValue,
    };
    let which = if count > 1 { format!("entry {} ", place + 1) } else { String::new() };
    (code, format!("{which}{refused}"))
}

#[cfg(test)]
mod tests;

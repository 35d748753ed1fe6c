//! The seed: accounts, users, scopes, resources, clients and API tokens as a TOML file.
//!
//! Reads the shape only; what the values must be like is decided by `protocol::apply`, and its
//! faults are given their lines here.

mod claims;
mod client_metadata;
#[cfg(test)]
mod tests;

use std::path::Path;

use domain::{
    AccessTokenFormat, ApiTokenPolicy, ClientAuthenticationMethod, ClientKind, ConsentPolicy,
    GrantType, PkcePolicy, RegistrationPolicy, Risk, Role, Secret, SigningAlgorithm,
    TokenExpiryPolicy,
};
use protocol::apply::{
    self, AccountDeclaration, ApiTokenDeclaration, ClientDeclaration, Declaration,
    ResourceDeclaration, ScopeDeclaration, UserDeclaration,
};
use url::Url;

use crate::document::{Document, Fault, Faults, Section, not_one_of};
use crate::secret_file;

/// The seed of `dev` when none is given.
const BUILT_IN: &str = include_str!("../../seeds/dev.toml");

const ROLES: [&str; 3] = ["end_user", "agent", "admin"];
const RISKS: [&str; 3] = ["low", "medium", "high"];
const KINDS: [&str; 3] = ["confidential", "public", "unknown"];
const CONSENTS: [&str; 2] = ["remember", "always"];
const API_TOKENS: [&str; 2] = ["allowed", "refused"];
const TOKEN_EXPIRIES: [&str; 2] = ["always", "legacy"];
const REGISTRATIONS: [&str; 3] = ["open", "token", "off"];
const PKCES: [&str; 2] = ["public_clients", "all_clients"];
const FORMATS: [&str; 2] = ["opaque", "jwt"];
const ALGORITHMS: [&str; 4] = ["RS256", "ES256", "EdDSA", "PS256"];
const GRANT_TYPES: [&str; 3] = ["authorization_code", "refresh_token", "client_credentials"];
const METHODS: [&str; 5] =
    ["any", "client_secret_basic", "client_secret_post", "none", "private_key_jwt"];

/// A file that declares things, and how it was understood.
pub(crate) struct Seed {
    name: String,
    text: String,
    /// What it declares.
    pub(crate) declaration: Declaration,
}

impl Seed {
    /// Reads a file; `origin` is what `{origin}` stands for.
    pub(crate) fn load(path: &Path, origin: &str) -> Result<Self, Faults> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| {
            let message = format!("cannot be read: {error}");
            Faults(vec![Fault { place: name.clone(), key: String::new(), message }])
        })?;
        let folder = path.parent().unwrap_or(Path::new("."));
        Self::parse(&name, text, origin, folder)
    }

    /// The built-in seed.
    pub(crate) fn built_in(origin: &str) -> Result<Self, Faults> {
        Self::parse("the built-in seed", BUILT_IN.to_owned(), origin, Path::new("."))
    }

    /// Reads a text; `folder` is where the files that it names are.
    pub(crate) fn parse(
        name: &str,
        text: String,
        origin: &str,
        folder: &Path,
    ) -> Result<Self, Faults> {
        let document = Document::parse(name, &text, substitutions(origin))?;
        let declaration = read(document.root(), folder);
        for fault in apply::check(&declaration) {
            if !document.has_fault_at(&fault.path) {
                document.fault(&fault.path, fault.message);
            }
        }
        document.verdict()?;
        drop(document);
        Ok(Self { name: name.to_owned(), text, declaration })
    }

    /// Gives faults that showed themselves only beside the database the lines they stand on.
    pub(crate) fn locate(&self, faults: Vec<apply::Fault>) -> Faults {
        match Document::parse(&self.name, &self.text, Vec::new()) {
            Ok(document) => {
                for fault in faults {
                    document.fault(&fault.path, fault.message);
                }
                document.verdict().err().unwrap_or(Faults(Vec::new()))
            }
            Err(faults) => faults,
        }
    }
}

/// What `{origin}`, `{scheme}` and `{port}` stand for.
fn substitutions(origin: &str) -> Vec<(&'static str, String)> {
    let origin = origin.trim_end_matches('/');
    let mut substitutions = vec![("{origin}", origin.to_owned())];
    if let Ok(url) = Url::parse(origin) {
        substitutions.push(("{scheme}", url.scheme().to_owned()));
        let port = url.port_or_known_default().unwrap_or_default();
        substitutions.push(("{port}", port.to_string()));
    }
    substitutions
}

fn read(mut root: Section<'_>, folder: &Path) -> Declaration {
    let declaration = Declaration {
        accounts: root.tables("accounts").into_iter().map(account).collect(),
        users: root.tables("users").into_iter().map(|table| user(table, folder)).collect(),
        scopes: root.tables("scopes").into_iter().map(scope).collect(),
        resources: root.tables("resources").into_iter().map(resource).collect(),
        clients: root.tables("clients").into_iter().map(|table| client(table, folder)).collect(),
        api_tokens: root
            .tables("api_tokens")
            .into_iter()
            .map(|table| api_token(table, folder))
            .collect(),
    };
    root.close();
    declaration
}

fn account(mut table: Section<'_>) -> AccountDeclaration {
    let account = AccountDeclaration {
        slug: table.required_text("slug", "demo"),
        name: table.text("name"),
        base_urls: table.texts("base_urls"),
        default_scopes: table.texts("default_scopes"),
        consent: table.choice("consent", &CONSENTS, ConsentPolicy::parse),
        pkce: table.choice("pkce", &PKCES, PkcePolicy::parse),
        refresh_grace: table.lifetime("refresh_grace"),
        api_tokens: table.choice("api_tokens", &API_TOKENS, ApiTokenPolicy::parse),
        token_expiry: table.choice("token_expiry", &TOKEN_EXPIRIES, TokenExpiryPolicy::parse),
        api_requests_per_minute: table.number("api_requests_per_minute"),
        registration: table.choice("registration", &REGISTRATIONS, RegistrationPolicy::parse),
    };
    table.close();
    account
}

fn user(mut table: Section<'_>, folder: &Path) -> UserDeclaration {
    let user = UserDeclaration {
        account: table.required_text("account", "demo"),
        email: table.required_text("email", "alice@example.com"),
        password: secret(&mut table, "password", "password_file", folder),
        name: table.text("name"),
        role: table.choice("role", &ROLES, role),
        operator: table.flag("operator"),
        permissions: table.texts("permissions"),
        claims: table.section("claims").map(claims::read),
    };
    table.close();
    user
}

fn scope(mut table: Section<'_>) -> ScopeDeclaration {
    let scope = ScopeDeclaration {
        account: table.required_text("account", "demo"),
        name: table.required_text("name", "calendar:read"),
        title: table.text("title"),
        description: table.text("description"),
        risk: table.choice("risk", &RISKS, Risk::parse),
        optional: table.flag("optional"),
    };
    table.close();
    scope
}

fn resource(mut table: Section<'_>) -> ResourceDeclaration {
    let resource = ResourceDeclaration {
        account: table.required_text("account", "demo"),
        identifier: table.required_text("identifier", "https://api.example.com/"),
        name: table.text("name"),
        scopes: table.texts("scopes"),
        access_token_format: table.choice(
            "access_token_format",
            &FORMATS,
            AccessTokenFormat::parse,
        ),
        signing_algorithm: table.choice("signing_algorithm", &ALGORITHMS, SigningAlgorithm::parse),
        introspection_clients: table.texts("introspection_clients"),
        access_token_lifetime: table.lifetime("access_token_lifetime"),
    };
    table.close();
    resource
}

fn client(mut table: Section<'_>, folder: &Path) -> ClientDeclaration {
    let client = ClientDeclaration {
        account: table.required_text("account", "demo"),
        identifier: table.required_text("identifier", "demo-web"),
        name: table.text("name"),
        company: table.text("company"),
        description: table.text("description"),
        owner: table.text("owner"),
        kind: table.choice("kind", &KINDS, ClientKind::parse),
        global: table.flag("global"),
        secret: secret(&mut table, "secret", "secret_file", folder),
        redirect_uris: table.texts("redirect_uris"),
        post_logout_redirect_uris: table.texts("post_logout_redirect_uris"),
        grant_types: grant_types(&mut table),
        scopes: table.texts("scopes"),
        authentication_method: table.choice(
            "token_endpoint_auth_method",
            &METHODS,
            ClientAuthenticationMethod::parse,
        ),
        resource_server: table.flag("resource_server"),
        metadata: client_metadata::read(&mut table),
    };
    table.close();
    client
}

fn grant_types(table: &mut Section<'_>) -> Option<Vec<GrantType>> {
    let names = table.texts("grant_types")?;
    let mut grant_types = Vec::new();
    for (index, name) in names.iter().enumerate() {
        match GrantType::parse(name) {
            Some(grant_type) => grant_types.push(grant_type),
            None => table.fault(&format!("grant_types[{index}]"), not_one_of(name, &GRANT_TYPES)),
        }
    }
    Some(grant_types)
}

fn api_token(mut table: Section<'_>, folder: &Path) -> ApiTokenDeclaration {
    let api_token = ApiTokenDeclaration {
        account: table.required_text("account", "demo"),
        user: table.required_text("user", "admin@example.com"),
        label: table.required_text("label", "scripts"),
        token: secret(&mut table, "token", "token_file", folder),
    };
    table.close();
    api_token
}

/// A secret given as it is, or in a file beside this one.
fn secret(
    table: &mut Section<'_>,
    key: &'static str,
    file_key: &'static str,
    folder: &Path,
) -> Option<Secret> {
    let given = table.verbatim(key);
    let file = table.text(file_key);
    if given.is_some() && file.is_some() {
        table.fault(file_key, format!("stands beside {key}; keep one of them"));
    }
    match (given, file) {
        (Some(given), _) => Some(Secret::new(given)),
        (None, Some(file)) => match secret_file::read(&folder.join(file)) {
            Ok(secret) => Some(secret),
            Err(error) => {
                table.fault(
                    file_key,
                    format!("{error}; it names a file with nothing but the {key}"),
                );
                None
            }
        },
        (None, None) => None,
    }
}

/// A role as the API spells it, or as the command line does.
fn role(text: &str) -> Option<Role> {
    Role::parse(&text.replace('-', "_"))
}

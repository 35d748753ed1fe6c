//! What can be said about a declaration without looking at the database.

use std::collections::HashMap;

use domain::{
    Account, AccountDraft, BaseUrl, ClientIdentifier, EmailAddress, Lifetime, ScopeName, Secret,
    StandardClaims,
};

use super::{
    AccountDeclaration, ApiTokenDeclaration, ClientDeclaration, Declaration, Fault,
    ResourceDeclaration, ScopeDeclaration, UserDeclaration,
};
use crate::users::check_password;

/// The shortest secret or token that is imported, in characters.
const IMPORTED_SECRET_MIN_CHARACTERS: usize = 16;

/// The longest one.
const IMPORTED_SECRET_MAX_CHARACTERS: usize = 255;

/// The longest name or title, in characters.
const NAME_MAX_CHARACTERS: usize = 255;

/// The longest grace window (RFC 9700 §4.14.2 leaves it to us).
const REFRESH_GRACE_MAX: Lifetime = Lifetime::seconds(60);

/// The most calls of the administration API in a minute that an account may be allowed.
const API_REQUESTS_MAX: i64 = AccountDraft::API_REQUESTS_LIMIT;

/// Everything that is wrong with the declaration itself.
pub fn check(declaration: &Declaration) -> Vec<Fault> {
    let mut faults = Faults::default();
    for (index, account) in declaration.accounts.iter().enumerate() {
        check_account(&mut faults.at(format!("accounts[{index}]")), account);
    }
    for (index, user) in declaration.users.iter().enumerate() {
        check_user(&mut faults.at(format!("users[{index}]")), user);
    }
    for (index, scope) in declaration.scopes.iter().enumerate() {
        check_scope(&mut faults.at(format!("scopes[{index}]")), scope);
    }
    for (index, resource) in declaration.resources.iter().enumerate() {
        check_resource(&mut faults.at(format!("resources[{index}]")), resource);
    }
    for (index, client) in declaration.clients.iter().enumerate() {
        check_client(&mut faults.at(format!("clients[{index}]")), client);
    }
    for (index, token) in declaration.api_tokens.iter().enumerate() {
        check_api_token(&mut faults.at(format!("api_tokens[{index}]")), token);
    }
    check_repetitions(&mut faults, declaration);
    faults.list
}

#[derive(Default)]
struct Faults {
    list: Vec<Fault>,
}

impl Faults {
    fn at(&mut self, path: String) -> At<'_> {
        At { faults: self, path }
    }
}

/// The faults of one object.
struct At<'f> {
    faults: &'f mut Faults,
    path: String,
}

impl At<'_> {
    fn fault(&mut self, key: &str, message: impl Into<String>) {
        let path = format!("{}.{key}", self.path);
        self.faults.list.push(Fault { path, message: message.into() });
    }

    /// Notes why a value was refused; the reason reads on from the value.
    fn parsed<T, E: std::fmt::Display>(
        &mut self,
        key: &str,
        presented: &str,
        parsed: Result<T, E>,
    ) {
        if let Err(refused) = parsed {
            self.fault(key, format!("\"{presented}\" {refused}"));
        }
    }

    fn scope_name(&mut self, key: &str, name: &str) {
        if let Err(refused) = ScopeName::parse(name) {
            self.fault(key, format!("\"{name}\" is no scope name: {refused}"));
        }
    }

    fn name(&mut self, key: &str, name: Option<&String>) {
        let Some(name) = name else { return };
        if name.trim().is_empty() {
            self.fault(key, "is empty; write what people call it");
        } else if name.chars().count() > NAME_MAX_CHARACTERS {
            self.fault(key, format!("is too long; use at most {NAME_MAX_CHARACTERS} characters"));
        } else if name.chars().any(char::is_control) {
            self.fault(key, "has a control character; use plain text");
        }
    }

    fn secret(&mut self, key: &str, secret: Option<&Secret>) {
        let Some(secret) = secret else { return };
        if !is_importable(secret) {
            let message = format!(
                "is not one that can be imported; use {IMPORTED_SECRET_MIN_CHARACTERS} to \
                 {IMPORTED_SECRET_MAX_CHARACTERS} of A-Z a-z 0-9 . _ ~ -"
            );
            self.fault(key, message);
        }
    }

    fn scope_names(&mut self, key: &str, names: Option<&Vec<String>>) {
        for (index, name) in names.into_iter().flatten().enumerate() {
            self.scope_name(&format!("{key}[{index}]"), name);
        }
    }
}

/// Whether a secret of somebody else's making can be imported: the characters that need no
/// encoding in HTTP Basic credentials (RFC 6749 §2.3.1), and enough of them.
pub fn is_importable(secret: &Secret) -> bool {
    let secret = secret.expose();
    (IMPORTED_SECRET_MIN_CHARACTERS..=IMPORTED_SECRET_MAX_CHARACTERS).contains(&secret.len())
        && secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._~-".contains(&byte))
}

fn check_account(at: &mut At<'_>, account: &AccountDeclaration) {
    if !Account::is_slug(&account.slug) {
        let message = format!(
            "\"{}\" is not a slug; use 1 to 63 of a-z 0-9 -, with no - first or last",
            account.slug
        );
        at.fault("slug", message);
    }
    at.name("name", account.name.as_ref());
    match account.base_urls.as_ref().map(Vec::len) {
        Some(0) => {
            at.fault("base_urls", "is empty; an account needs at least one, like \"{origin}\"");
        }
        Some(count) if count > Account::BASE_URL_LIMIT => {
            let limit = Account::BASE_URL_LIMIT;
            at.fault("base_urls", format!("has {count} entries; use at most {limit}"));
        }
        _ => {}
    }
    for (index, url) in account.base_urls.iter().flatten().enumerate() {
        at.parsed(&format!("base_urls[{index}]"), url, BaseUrl::parse_for(&account.slug, url));
    }
    at.scope_names("default_scopes", account.default_scopes.as_ref());
    if account.refresh_grace.is_some_and(|grace| grace > REFRESH_GRACE_MAX) {
        at.fault("refresh_grace", "is too long; use at most \"60s\"");
    }
    let volume = account.api_requests_per_minute;
    if volume.is_some_and(|number| !(1..=API_REQUESTS_MAX).contains(&number)) {
        let message = format!("must be 1 to {API_REQUESTS_MAX}; leave it out for the default");
        at.fault("api_requests_per_minute", message);
    }
}

fn check_user(at: &mut At<'_>, user: &UserDeclaration) {
    at.parsed("email", &user.email, EmailAddress::parse(&user.email));
    at.name("name", user.name.as_ref());
    if let Some(password) = &user.password
        && let Err(refused) = check_password(password)
    {
        at.fault("password", refused.to_string());
    }
    let claims = user.claims.as_deref().map(StandardClaims::check);
    if let Some(Err((_, reason))) = claims {
        at.fault("claims", reason);
    }
}

fn check_scope(at: &mut At<'_>, scope: &ScopeDeclaration) {
    at.scope_name("name", &scope.name);
    at.name("title", scope.title.as_ref());
    at.name("description", scope.description.as_ref());
}

fn check_resource(at: &mut At<'_>, resource: &ResourceDeclaration) {
    if !domain::is_resource_indicator(&resource.identifier) {
        let message = format!(
            "\"{}\" is not a resource indicator; use an absolute URI without fragment, like \
             \"https://api.example.com/\"",
            resource.identifier
        );
        at.fault("identifier", message);
    }
    at.name("name", resource.name.as_ref());
    at.scope_names("scopes", resource.scopes.as_ref());
}

fn check_client(at: &mut At<'_>, client: &ClientDeclaration) {
    at.parsed("identifier", &client.identifier, ClientIdentifier::parse(&client.identifier));
    at.secret("secret", client.secret.as_ref());
    at.scope_names("scopes", client.scopes.as_ref());
    if client.grant_types.as_ref().is_some_and(Vec::is_empty) {
        at.fault("grant_types", "is empty; leave it out for what the kind allows");
    }
}

fn check_api_token(at: &mut At<'_>, token: &ApiTokenDeclaration) {
    at.name("label", Some(&token.label));
    at.secret("token", token.token.as_ref());
}

/// The same object twice would be changed to and fro for ever.
fn check_repetitions(faults: &mut Faults, declaration: &Declaration) {
    let mut seen = HashMap::new();
    for (key, path) in names(declaration) {
        if let Some(first) = seen.get(&key) {
            let message = format!("is declared twice; {first} is the same");
            faults.list.push(Fault { path, message });
        } else {
            seen.insert(key, path);
        }
    }
}

/// What each object is known by, ignoring case where the database does, and where that is said.
fn names(declaration: &Declaration) -> Vec<(Vec<String>, String)> {
    let mut names = Vec::new();
    let mut push = |table: &str, index: usize, key: &str, parts: &[&str]| {
        let mut name = vec![table.to_owned()];
        name.extend(parts.iter().map(|&part| part.to_owned()));
        names.push((name, format!("{table}[{index}].{key}")));
    };
    for (index, account) in declaration.accounts.iter().enumerate() {
        push("accounts", index, "slug", &[&account.slug]);
        for url in account.base_urls.iter().flatten() {
            let concrete = BaseUrl::parse_for(&account.slug, url);
            let url = concrete.as_ref().map_or(url.as_str(), BaseUrl::as_str);
            push("accounts", index, "base_urls", &["url", url]);
        }
    }
    for (index, user) in declaration.users.iter().enumerate() {
        push("users", index, "email", &[&user.account, &user.email.to_ascii_lowercase()]);
    }
    for (index, scope) in declaration.scopes.iter().enumerate() {
        push("scopes", index, "name", &[&scope.account, &scope.name]);
    }
    for (index, resource) in declaration.resources.iter().enumerate() {
        push("resources", index, "identifier", &[&resource.account, &resource.identifier]);
    }
    for (index, client) in declaration.clients.iter().enumerate() {
        let folded = client.identifier.to_ascii_lowercase();
        push("clients", index, "identifier", &[&client.account, &folded]);
    }
    for (index, token) in declaration.api_tokens.iter().enumerate() {
        let folded = token.user.to_ascii_lowercase();
        push("api_tokens", index, "label", &[&token.account, &folded, &token.label]);
    }
    names
}

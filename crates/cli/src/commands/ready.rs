//! What `dev` says when it answers requests: a table for people, or one line of JSON for programs.
//! Secrets that were made are shown; those that somebody gave are known to him.

use std::io::Write as _;
use std::net::SocketAddr;

use domain::{ClientKind, Role, Secret};
use protocol::Context;
use protocol::apply::{ClientDeclaration, Declaration, Report, UserDeclaration};
use serde::Serialize;

use crate::exit::Refusal;
use crate::output::aligned;

/// What is where, and who signs in with what.
#[derive(Serialize)]
pub(super) struct Ready {
    event: &'static str,
    issuer: String,
    account: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    admin: Option<Person>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<Person>,
    clients: Vec<App>,
}

#[derive(Serialize)]
struct Person {
    email: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_token: Option<String>,
}

#[derive(Serialize)]
struct App {
    identifier: String,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    #[serde(skip)]
    redirect_uri: Option<String>,
    #[serde(skip)]
    link: Option<String>,
}

impl App {
    fn new(issuer: &str, client: &ClientDeclaration, secret: Option<String>) -> Self {
        Self {
            identifier: client.identifier.clone(),
            kind: client.kind.unwrap_or(ClientKind::Unknown).as_str(),
            secret,
            redirect_uri: client.redirect_uris.iter().flatten().next().cloned(),
            link: link(issuer, client),
        }
    }
}

/// An authorization request that a browser can open as it stands: without PKCE, which public
/// clients must use.
fn link(issuer: &str, client: &ClientDeclaration) -> Option<String> {
    let redirect_uri = client.redirect_uris.as_ref()?.first()?;
    if client.kind != Some(ClientKind::Confidential) {
        return None;
    }
    let scopes = client.scopes.as_deref().unwrap_or_default();
    let reads = scopes.is_empty() || scopes.iter().any(|scope| scope == "read");
    let scope = if reads { "read" } else { scopes.first()? };
    let query = [
        ("response_type", "code"),
        ("client_id", &client.identifier),
        ("redirect_uri", redirect_uri),
        ("scope", scope),
        ("state", "xyz"),
    ];
    let url = format!("{issuer}/oauth/authorizations/new");
    url::Url::parse_with_params(&url, query).ok().map(String::from)
}

const fn parting(is_kept: bool) -> &'static str {
    if is_kept {
        "Stop it with Ctrl-C; the database stays, and `consentry serve` runs it again"
    } else {
        "Everything is thrown away when you stop it with Ctrl-C"
    }
}

impl Ready {
    /// Gathers the first account's first admin, first other user and clients.
    pub(super) async fn new(
        ctx: &Context,
        declaration: &Declaration,
        report: &Report,
    ) -> anyhow::Result<Self> {
        let first = store::accounts::list(&ctx.store, None, 1).await?.into_iter().next();
        let account = first.ok_or_else(|| Refusal::invalid("the seed declares no account"))?;
        let slug = account.slug.as_str();
        let mut users = declaration.users.iter().filter(|user| user.account == slug);
        let admin = users.clone().find(|user| user.role == Some(Role::Admin));
        let user = users.find(|user| user.role != Some(Role::Admin));
        let clients = declaration.clients.iter().filter(|client| client.account == slug);
        let issuer = account.issuer().as_str();
        let clients = clients.map(|client| {
            App::new(issuer, client, made(report, "client", slug, &client.identifier))
        });
        let person = |user: &UserDeclaration| Person {
            email: user.email.clone(),
            password: made(report, "user", slug, &user.email),
            api_token: made_token(report, slug, &user.email),
        };
        Ok(Self {
            event: "ready",
            issuer: issuer.to_owned(),
            account: slug.to_owned(),
            admin: admin.map(person),
            user: user.map(person),
            clients: clients.collect(),
        })
    }

    /// One line of JSON.
    pub(super) fn print_json(&self) -> anyhow::Result<()> {
        let mut out = std::io::stdout().lock();
        writeln!(out, "{}", serde_json::to_string(self)?)?;
        Ok(out.flush()?)
    }

    /// A table for people.
    pub(super) fn print_table(&self, management: SocketAddr, is_kept: bool) -> anyhow::Result<()> {
        let issuer = &self.issuer;
        let mut out = std::io::stdout().lock();
        writeln!(out, "Consentry is ready at {issuer} (account {})\n", self.account)?;
        let places = [
            ("sign in", format!("{issuer}/login")),
            ("apps you allowed", format!("{issuer}/account/apps")),
            ("metadata", format!("{issuer}/.well-known/oauth-authorization-server")),
            ("clients API", format!("{issuer}/api/v2/oauth/clients")),
            ("metrics", format!("http://{management}/metrics")),
        ];
        let places: Vec<_> =
            places.into_iter().map(|(name, url)| vec![name.to_owned(), url]).collect();
        writeln!(out, "{}", aligned(&places))?;
        writeln!(out, "{}", aligned(&self.people()))?;
        writeln!(out, "{}", aligned(&self.apps()))?;
        if let Some(link) = self.clients.iter().find_map(|app| app.link.as_ref()) {
            writeln!(out, "An app begins like this, once you open it in a browser:\n  {link}\n")?;
        }
        writeln!(out, "{}", parting(is_kept))?;
        Ok(out.flush()?)
    }

    fn people(&self) -> Vec<Vec<String>> {
        let people = [("admin", &self.admin), ("user", &self.user)];
        let people = people.iter().filter_map(|(role, person)| {
            let person = person.as_ref()?;
            let password = shown(person.password.as_ref());
            let token = person.api_token.clone().unwrap_or_default();
            Some(vec![(*role).to_owned(), person.email.clone(), password, token])
        });
        with_header(&["WHO", "EMAIL", "PASSWORD", "API TOKEN"], people)
    }

    fn apps(&self) -> Vec<Vec<String>> {
        let apps = self.clients.iter().map(|app| {
            let secret = match app.kind {
                "public" => String::new(),
                _ => shown(app.secret.as_ref()),
            };
            let redirect_uri = app.redirect_uri.clone().unwrap_or_default();
            vec![app.identifier.clone(), app.kind.to_owned(), redirect_uri, secret]
        });
        with_header(&["CLIENT", "KIND", "REDIRECT URI", "SECRET"], apps)
    }
}

fn with_header(header: &[&str], lines: impl Iterator<Item = Vec<String>>) -> Vec<Vec<String>> {
    let header = header.iter().map(|&name| name.to_owned()).collect();
    std::iter::once(header).chain(lines).collect()
}

fn shown(secret: Option<&String>) -> String {
    secret.cloned().unwrap_or_else(|| "as in the seed".to_owned())
}

fn made(report: &Report, noun: &str, account: &str, name: &str) -> Option<String> {
    let mut changes = report.changes.iter();
    let change = changes.find(|it| it.noun == noun && it.account == account && it.name == name)?;
    change.made_secret.as_ref().map(|secret| Secret::expose(secret).to_owned())
}

fn made_token(report: &Report, account: &str, email: &str) -> Option<String> {
    let of_user = format!(" of {email}");
    let mut changes = report.changes.iter();
    let change = changes.find(|it| {
        it.noun == "api_token" && it.account == account && it.name.ends_with(&of_user)
    })?;
    change.made_secret.as_ref().map(|secret| Secret::expose(secret).to_owned())
}

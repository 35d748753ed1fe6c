//! What `serve` says when it starts: where it is, what will not work, and how the first admin gets
//! in.

use std::fmt::Write as _;
use std::io::Write as _;

use domain::{Account, AccountDraft, Actor, BaseUrl};
use protocol::Context;
use protocol::accounts;

use crate::exit::refused;
use crate::output::say;
use crate::server::Listeners;
use crate::settings::Settings;

/// What is said apart from the log: where that is JSON on standard error, people are told on
/// standard output. The set-up link is in no log either way.
pub(super) struct Greeting {
    is_json: bool,
    text: String,
}

impl Greeting {
    fn say(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// Says it.
    pub(super) fn tell(&self) {
        let text = self.text.trim_end();
        if self.is_json {
            // Nobody listening is no failure.
            let _ = writeln!(std::io::stdout().lock(), "{text}");
        } else {
            say(text);
        }
    }
}

/// While the first account is empty and was made for this machine or somebody says where it is
/// reached, it follows the public URL: nobody knows its old address yet.
pub(super) async fn follow(
    ctx: &Context,
    account: Account,
    url: &BaseUrl,
    settings: &Settings,
) -> anyhow::Result<Account> {
    let follows = settings.server.public_url.is_some() || is_local(account.issuer());
    if !follows || is_answered(ctx, url).await? || !is_empty(ctx, &account).await? {
        return Ok(account);
    }
    let moved = |draft: &mut AccountDraft| draft.base_urls = vec![url.as_str().to_owned()];
    accounts::update(ctx, Actor::Operator, account.id, moved).await.map_err(refused)
}

fn is_local(url: &BaseUrl) -> bool {
    matches!(url.host(), "localhost" | "127.0.0.1" | "[::1]")
}

async fn is_answered(ctx: &Context, url: &BaseUrl) -> anyhow::Result<bool> {
    Ok(store::accounts::by_base_url(&ctx.store, url.as_str()).await?.is_some())
}

async fn is_empty(ctx: &Context, account: &Account) -> anyhow::Result<bool> {
    Ok(store::users::list(&ctx.store, account.id, None, 1).await?.is_empty())
}

/// Where it is, and how the first admin gets in.
pub(super) async fn greet(
    ctx: &Context,
    account: &Account,
    url: &BaseUrl,
    (settings, listeners): (&Settings, &Listeners),
) -> anyhow::Result<Greeting> {
    let is_json = settings.log.format == "json";
    let mut greeting = Greeting { is_json, text: String::new() };
    let scheme = if listeners.tls.is_some() { "https" } else { "http" };
    let (public, management) = (listeners.public_address()?, listeners.management_address()?);
    let base = if account.base_urls.contains(url) { url } else { account.issuer() };
    greeting.say(&format!("Consentry serves the account \"{}\" at {base}", account.slug));
    greeting
        .say(&format!("It listens on {scheme}://{public}, for operators on http://{management}"));
    if url.is_https() && listeners.tls.is_none() && settings.server.trusted_proxies.is_empty() {
        greeting.say(&no_proxy(url));
    }
    if !is_answered(ctx, url).await? {
        greeting.say(&elsewhere(account, url));
    }
    if is_empty(ctx, account).await? {
        let handle = protocol::setup::open_link(ctx).await?;
        let minutes = ctx.policy.set_up_link_lifetime.as_seconds() / 60;
        greeting.say("Nobody can sign in yet. Make the first admin here, once:");
        greeting.say(&format!("  {base}/setup/{}", handle.expose()));
        greeting.say(&format!("The link ends in {minutes} minutes; a new start prints a new one"));
    }
    Ok(greeting)
}

fn no_proxy(url: &BaseUrl) -> String {
    format!(
        "warning: {url} is https, but there is neither a certificate nor a trusted proxy, so that \
         nothing can answer there: give --tls-cert and --tls-key, or name the proxy with \
         --trusted-proxies"
    )
}

/// The warning, with a file for `apply` that ends it. The new address comes first: it is the issuer.
fn elsewhere(account: &Account, url: &BaseUrl) -> String {
    let mut urls = format!("\"{url}\"");
    for old in &account.base_urls {
        let _ = write!(urls, ", \"{old}\"");
    }
    format!(
        "warning: no account answers at {url}. `consentry apply` adds it with this file; the first \
         address is the issuer that clients know:\n  [[accounts]]\n  slug = \"{}\"\n  base_urls = [{urls}]",
        account.slug
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_this_machine_are_local() {
        for (url, local) in [
            ("http://localhost:8080", true),
            ("http://127.0.0.1:1", true),
            ("http://[::1]:1", true),
            ("https://localhost.example", false),
            ("https://login.example.com", false),
        ] {
            assert_eq!(is_local(&BaseUrl::parse(url).expect(url)), local, "{url}");
        }
    }
}

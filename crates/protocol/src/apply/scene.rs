//! What an applied declaration meets: the accounts it names, their catalogues, and what was said so far.

use std::collections::BTreeMap;

use domain::{Account, AccountId, Scope, ScopeCatalogue, Secret, Timestamp};
use store::{Decision, Failure};

use super::{Change, Declaration, Fault, Mode, Refused, Report, Verb};
use crate::context::Context;

/// The stage on which the tables are gone through.
pub(super) struct Scene<'a> {
    pub(super) ctx: &'a Context,
    pub(super) declaration: &'a Declaration,
    mode: Mode,
    /// Every account that is named; none: it is declared but not there yet.
    accounts: BTreeMap<String, Option<Account>>,
    catalogues: BTreeMap<String, ScopeCatalogue>,
    home: Option<String>,
    changes: Vec<Change>,
    faults: Vec<Fault>,
}

impl<'a> Scene<'a> {
    /// Reads the accounts that are named.
    pub(super) async fn load(
        ctx: &'a Context,
        declaration: &'a Declaration,
        mode: Mode,
    ) -> Result<Self, store::Fault> {
        let home = store::accounts::home(&ctx.store).await?;
        let first_declared = declaration.accounts.first().map(|account| account.slug.clone());
        let mut accounts = BTreeMap::new();
        for slug in slugs(declaration) {
            let account = store::accounts::by_slug(&ctx.store, slug).await?;
            if account.is_some() || is_declared(declaration, slug) {
                accounts.insert(slug.to_owned(), account);
            }
        }
        Ok(Self {
            ctx,
            declaration,
            mode,
            accounts,
            catalogues: BTreeMap::new(),
            home: home.map(|account| account.slug).or(first_declared),
            changes: Vec::new(),
            faults: Vec::new(),
        })
    }

    /// The report, or everything that was wrong.
    pub(super) fn finish(self) -> Decision<Report, Refused> {
        if self.faults.is_empty() {
            Ok(Report { changes: self.changes })
        } else {
            Err(Failure::Refused(self.faults))
        }
    }

    /// Notes something that is wrong.
    pub(super) fn fault(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.faults.push(Fault { path: path.into(), message: message.into() });
    }

    /// Whether things are to be written.
    pub(super) fn is_applied(&self) -> bool {
        self.mode == Mode::Apply
    }

    /// The time that this run bears.
    pub(super) fn now(&self) -> Timestamp {
        self.ctx.now()
    }

    /// The account with this slug, if it is there.
    pub(super) fn stored(&self, slug: &str) -> Option<&Account> {
        self.accounts.get(slug)?.as_ref()
    }

    /// The id of the account with this slug, if it is there.
    pub(super) fn account_id(&self, slug: &str) -> Option<AccountId> {
        self.stored(slug).map(|account| account.id)
    }

    /// Takes note of an account that was made.
    pub(super) fn put_account(&mut self, account: Account) {
        self.accounts.insert(account.slug.clone(), Some(account));
    }

    /// Whether the account exists or will; if not, that is a fault of whoever names it.
    pub(super) fn knows_account(&mut self, path: &str, slug: &str) -> bool {
        if self.accounts.contains_key(slug) {
            return true;
        }
        let message = format!("there is no account \"{slug}\"; declare it under [[accounts]]");
        self.fault(format!("{path}.account"), message);
        false
    }

    /// Whether this is the first account, whose users may run the platform.
    pub(super) fn is_home(&self, slug: &str) -> bool {
        self.home.as_deref() == Some(slug)
    }

    /// The slug of the first account.
    pub(super) fn home(&self) -> &str {
        self.home.as_deref().unwrap_or_default()
    }

    /// Every account that is named, by slug.
    pub(super) fn slugs(&self) -> Vec<String> {
        self.accounts.keys().cloned().collect()
    }

    /// Takes note of an account's own scopes as they will be.
    pub(super) fn put_catalogue(&mut self, slug: &str, own: Vec<Scope>) {
        self.catalogues.insert(slug.to_owned(), ScopeCatalogue::new(own));
    }

    /// An account's catalogue as it will be.
    pub(super) fn catalogue(&self, slug: &str) -> Option<&ScopeCatalogue> {
        self.catalogues.get(slug)
    }

    /// Notes that an object is made, and the secret that was made for it.
    pub(super) fn created(
        &mut self,
        noun: &'static str,
        account: &str,
        name: &str,
        made_secret: Option<Secret>,
    ) {
        let change = Change {
            verb: Verb::Create,
            noun,
            account: account.to_owned(),
            name: name.to_owned(),
            differences: Vec::new(),
            made_secret,
        };
        self.changes.push(change);
    }

    /// Notes that an object is changed in these keys, or kept if there are none.
    pub(super) fn updated(
        &mut self,
        noun: &'static str,
        account: &str,
        name: &str,
        differences: Differences,
    ) {
        let verb = if differences.keys.is_empty() { Verb::Keep } else { Verb::Update };
        let change = Change {
            verb,
            noun,
            account: account.to_owned(),
            name: name.to_owned(),
            differences: differences.keys,
            made_secret: None,
        };
        self.changes.push(change);
    }
}

/// The keys in which what is stored differs from what is declared.
#[derive(Default)]
pub(super) struct Differences {
    keys: Vec<&'static str>,
}

impl Differences {
    /// Sets what is declared, and notes the key if that changes something.
    pub(super) fn set<T: PartialEq>(
        &mut self,
        key: &'static str,
        stored: &mut T,
        declared: Option<T>,
    ) {
        if let Some(declared) = declared
            && *stored != declared
        {
            *stored = declared;
            self.keys.push(key);
        }
    }

    /// Notes a key.
    pub(super) fn note(&mut self, key: &'static str) {
        self.keys.push(key);
    }

    /// Whether nothing differs.
    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

fn is_declared(declaration: &Declaration, slug: &str) -> bool {
    declaration.accounts.iter().any(|account| account.slug == slug)
}

/// Every account that is named anywhere.
fn slugs(declaration: &Declaration) -> Vec<&str> {
    let mut slugs: Vec<&str> =
        declaration.accounts.iter().map(|account| account.slug.as_str()).collect();
    slugs.extend(declaration.users.iter().map(|user| user.account.as_str()));
    slugs.extend(declaration.scopes.iter().map(|scope| scope.account.as_str()));
    slugs.extend(declaration.resources.iter().map(|resource| resource.account.as_str()));
    slugs.extend(declaration.clients.iter().map(|client| client.account.as_str()));
    slugs.extend(declaration.api_tokens.iter().map(|token| token.account.as_str()));
    slugs.sort_unstable();
    slugs.dedup();
    slugs
}

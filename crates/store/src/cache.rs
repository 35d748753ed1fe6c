//! What a node keeps in memory: accounts, clients and their origins, users, catalogues, resources,
//! signing keys, the documents made of them, and counts of guesses. Tokens are never kept.
//!
//! An entry counts only in the generation that was current before it was loaded, and only while the
//! epoch is polled well; otherwise the database is asked. Every key starts with the account.
//! Absence is not remembered, except that of guesses: whoever asks for what is not there makes
//! nothing grow.

use std::hash::Hash;
use std::sync::Arc;

use quick_cache::Equivalent;

use domain::{
    Account, AccountId, Client, ClientId, FailureCount, Resource, ScopeCatalogue, SigningKey, User,
    UserId, WebOrigin,
};

use crate::guesses::{self, GuessKey};
use crate::{Document, Fault, Store, accounts, clients, resources, scopes, signing_keys, users};

/// How many accounts are kept, and how many of whatever there is one of per account.
const ACCOUNTS: usize = 1_000;
/// How many documents there are of each account.
const DOCUMENTS: usize = 2;
/// How many clients are kept, by both of their keys.
const CLIENTS: usize = 10_000;
/// How many origins of redirect URIs are kept.
const ORIGINS: usize = 5_000;
/// How many users are kept.
const USERS: usize = 10_000;
/// How many counts of guesses are kept: one for each client and address that calls.
const GUESSES: usize = 50_000;

/// The entries of one store.
pub(crate) struct Memory {
    accounts: Shelf<Address, Account>,
    accounts_by_id: Shelf<AccountId, Account>,
    clients: Shelf<(AccountId, Box<str>), Client>,
    clients_by_id: Shelf<(AccountId, ClientId), Client>,
    users: Shelf<(AccountId, UserId), User>,
    catalogues: Shelf<AccountId, ScopeCatalogue>,
    resources: Shelf<AccountId, Vec<Resource>>,
    signing_keys: Shelf<AccountId, Vec<SigningKey>>,
    documents: Shelf<(AccountId, &'static str), Document>,
    origins: Shelf<(AccountId, Box<str>), ()>,
    guesses: Shelf<GuessKey, FailureCount>,
}

impl Memory {
    pub(crate) fn new() -> Self {
        Self {
            accounts: Shelf::new(ACCOUNTS),
            accounts_by_id: Shelf::new(ACCOUNTS),
            clients: Shelf::new(CLIENTS),
            clients_by_id: Shelf::new(CLIENTS),
            users: Shelf::new(USERS),
            catalogues: Shelf::new(ACCOUNTS),
            resources: Shelf::new(ACCOUNTS),
            signing_keys: Shelf::new(ACCOUNTS),
            documents: Shelf::new(DOCUMENTS * ACCOUNTS),
            origins: Shelf::new(ORIGINS),
            guesses: Shelf::new(GUESSES),
        }
    }
}

/// Reads through memory.
#[derive(Clone, Copy)]
pub struct Cache<'a> {
    store: &'a Store,
    memory: &'a Memory,
}

impl<'a> Cache<'a> {
    pub(crate) fn of(store: &'a Store, memory: &'a Memory) -> Self {
        Self { store, memory }
    }

    /// The account that answers at this base URL.
    pub async fn account(self, base_url: &str) -> Result<Option<Arc<Account>>, Fault> {
        let load = || accounts::by_base_url(self.store, base_url);
        let owned = || Address(base_url.into());
        self.memory.accounts.get(self.store, &AddressKey(base_url), owned, load).await
    }

    /// The account with this id.
    pub async fn account_by_id(self, id: AccountId) -> Result<Option<Arc<Account>>, Fault> {
        let load = || accounts::show(self.store, id);
        self.memory.accounts_by_id.get(self.store, &id, || id, load).await
    }

    /// The client with this identifier, compared byte for byte: the account's own, or a global one that
    /// it has not blocked.
    pub async fn client(
        self,
        account_id: AccountId,
        identifier: &str,
    ) -> Result<Option<Arc<Client>>, Fault> {
        let generation = self.store.generation().current();
        let key = TextKey(account_id, identifier);
        if let Some(known) = self.memory.clients.known(self.store, generation, &key) {
            return Ok(Some(known));
        }
        let found = Box::pin(exact_client(self.store, account_id, identifier)).await?;
        Ok(found.map(|client| self.keep_client(account_id, generation, client)))
    }

    /// The client with this id: the account's own, or a global one that it has not blocked.
    pub async fn client_by_id(
        self,
        account_id: AccountId,
        id: ClientId,
    ) -> Result<Option<Arc<Client>>, Fault> {
        let generation = self.store.generation().current();
        let key = (account_id, id);
        if let Some(known) = self.memory.clients_by_id.known(self.store, generation, &key) {
            return Ok(Some(known));
        }
        let found = Box::pin(clients::usable(self.store, account_id, id)).await?;
        Ok(found.map(|client| self.keep_client(account_id, generation, client)))
    }

    /// Keeps a client by both of its keys, whichever it was found by: who authenticates asks about tokens of its own.
    fn keep_client(self, account_id: AccountId, generation: u64, client: Client) -> Arc<Client> {
        let client = Arc::new(client);
        let identifier = client.identifier.as_str().into();
        self.memory.clients.keep((account_id, identifier), generation, Arc::clone(&client));
        self.memory.clients_by_id.keep((account_id, client.id), generation, Arc::clone(&client));
        client
    }

    /// The user of the account with this id.
    pub async fn user(self, account_id: AccountId, id: UserId) -> Result<Option<Arc<User>>, Fault> {
        let load = || users::show(self.store, account_id, id);
        let key = (account_id, id);
        self.memory.users.get(self.store, &key, || key, load).await
    }

    /// The account's scope catalogue: its own rows over the built-in ones.
    pub async fn catalogue(self, account_id: AccountId) -> Result<Arc<ScopeCatalogue>, Fault> {
        let load = || own_over_built_in(self.store, account_id);
        self.memory.catalogues.of_account(self.store, account_id, load).await
    }

    /// The account's resources.
    pub async fn resources(self, account_id: AccountId) -> Result<Arc<Vec<Resource>>, Fault> {
        let load = || resources::list(self.store, account_id);
        self.memory.resources.of_account(self.store, account_id, load).await
    }

    /// The account's signing keys that are not retired.
    pub async fn signing_keys(self, account_id: AccountId) -> Result<Arc<Vec<SigningKey>>, Fault> {
        let load = || signing_keys::list(self.store, account_id);
        self.memory.signing_keys.of_account(self.store, account_id, load).await
    }

    /// The account's document of this name, made of what is read through memory, and of nothing that
    /// was read before.
    pub async fn document<F>(
        self,
        account_id: AccountId,
        name: &'static str,
        make: impl FnOnce() -> F,
    ) -> Result<Option<Arc<Document>>, Fault>
    where
        F: Future<Output = Result<Option<Vec<u8>>, Fault>>,
    {
        let load = || async { Ok(make().await?.map(Document::new)) };
        let key = (account_id, name);
        self.memory.documents.get(self.store, &key, || key, load).await
    }

    /// Whether a client of the account, or a global one, has a redirect URI of this origin.
    pub async fn has_origin(
        self,
        account_id: AccountId,
        origin: &WebOrigin,
    ) -> Result<bool, Fault> {
        let (store, origin) = (self.store, origin.as_str());
        let load = || async move {
            Ok(clients::has_origin(store, account_id, origin).await?.then_some(()))
        };
        let key = TextKey(account_id, origin);
        let owned = || (account_id, origin.into());
        Ok(self.memory.origins.get(store, &key, owned, load).await?.is_some())
    }

    /// The failures at a credential. It may be an older count, if that has not reached its limit.
    pub async fn failures(self, key: &GuessKey) -> Result<FailureCount, Fault> {
        let generation = self.store.generation().of_guesses();
        if let Some(known) = self.memory.guesses.known(self.store, generation, key) {
            return Ok(*known);
        }
        let failures = Box::pin(guesses::show(self.store, key)).await?;
        self.memory.guesses.keep(*key, generation, Arc::new(failures));
        Ok(failures)
    }

    /// Takes over what a unit of work of this node has just learned or changed.
    pub fn remember_failures(self, key: &GuessKey, failures: FailureCount) {
        let generation = self.store.generation().of_guesses();
        self.memory.guesses.keep(*key, generation, Arc::new(failures));
    }
}

async fn own_over_built_in(store: &Store, account_id: AccountId) -> Result<ScopeCatalogue, Fault> {
    Ok(ScopeCatalogue::new(scopes::list(store, account_id).await?))
}

/// The client whose identifier is spelled exactly so.
async fn exact_client(
    store: &Store,
    account_id: AccountId,
    identifier: &str,
) -> Result<Option<Client>, Fault> {
    let client =
        clients::usable_by_identifier(store, account_id, &identifier.to_ascii_lowercase()).await?;
    Ok(client.filter(|client| client.identifier.as_str() == identifier))
}

/// The key of an entry that is found by a text, borrowed.
#[derive(Hash)]
struct TextKey<'a>(AccountId, &'a str);

impl Equivalent<(AccountId, Box<str>)> for TextKey<'_> {
    fn equivalent(&self, (account_id, text): &(AccountId, Box<str>)) -> bool {
        self.0 == *account_id && *self.1 == **text
    }
}

/// What an entry is found by: it begins with the account, so that none is found from another one.
trait AccountKey: Eq + Hash {}

impl AccountKey for AccountId {}
impl AccountKey for GuessKey {}
impl<K: Eq + Hash> AccountKey for (AccountId, K) {}
impl AccountKey for Address {}

/// The address by which an account is reached: it says which one.
#[derive(Hash, PartialEq, Eq)]
struct Address(Box<str>);

/// The same, borrowed.
#[derive(Hash)]
struct AddressKey<'a>(&'a str);

impl Equivalent<Address> for AddressKey<'_> {
    fn equivalent(&self, Address(address): &Address) -> bool {
        *self.0 == **address
    }
}

/// The entries of one kind, the least used of which leave first.
struct Shelf<K, V>(quick_cache::sync::Cache<K, Entry<V>>);

struct Entry<V> {
    generation: u64,
    value: Arc<V>,
}

impl<V> Clone for Entry<V> {
    fn clone(&self) -> Self {
        Self { generation: self.generation, value: Arc::clone(&self.value) }
    }
}

impl<K: AccountKey, V> Shelf<K, V> {
    fn new(capacity: usize) -> Self {
        Self(quick_cache::sync::Cache::new(capacity))
    }

    /// The entry of a key, loaded if there is none that counts.
    async fn get<Q, F>(
        &self,
        store: &Store,
        key: &Q,
        owned: impl FnOnce() -> K,
        load: impl FnOnce() -> F,
    ) -> Result<Option<Arc<V>>, Fault>
    where
        Q: Hash + Equivalent<K> + ?Sized,
        F: Future<Output = Result<Option<V>, Fault>>,
    {
        let generation = store.generation().current();
        if let Some(value) = self.known(store, generation, key) {
            return Ok(Some(value));
        }
        // Boxed, so that whoever finds what he asks for does not carry the load's state.
        let Some(value) = Box::pin(load()).await? else { return Ok(None) };
        let value = Arc::new(value);
        self.keep(owned(), generation, Arc::clone(&value));
        Ok(Some(value))
    }

    /// Puts a value of this generation onto the shelf.
    fn keep(&self, key: K, generation: u64, value: Arc<V>) {
        self.0.insert(key, Entry { generation, value });
    }

    /// The entry that counts, if there is one.
    fn known<Q>(&self, store: &Store, generation: u64, key: &Q) -> Option<Arc<V>>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        if !store.generation().is_trusted() {
            return None;
        }
        self.0.get(key).filter(|entry| entry.generation == generation).map(|entry| entry.value)
    }
}

impl<V> Shelf<AccountId, V> {
    /// The entry of an account, of a kind that every account has.
    async fn of_account<F>(
        &self,
        store: &Store,
        account_id: AccountId,
        load: impl FnOnce() -> F,
    ) -> Result<Arc<V>, Fault>
    where
        F: Future<Output = Result<V, Fault>>,
    {
        let load = || async { load().await.map(Some) };
        let found = self.get(store, &account_id, || account_id, load).await?;
        Ok(found.expect("the load above always finds something"))
    }
}

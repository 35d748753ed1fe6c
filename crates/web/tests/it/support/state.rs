//! What stories look at and change behind the pages: rows, audit events, accounts, people, clients.

use std::sync::Arc;

use domain::{
    Account, AccountDraft, Actor, Client, ClientDraft, ClientState, Lifetime, Secret, Timestamp,
    User,
};
use protocol::accounts;
use protocol::clients::{self, ClientRefused, ClientWithSecret, Maker};
use store::audit_events::RecordedEvent;
use store::clients::ClientUpdate;
use store::testing::{self, Counted};
use store::{Decision, settle};

use super::{ORIGIN, TestApp};

impl TestApp {
    /// How many codes were ever issued.
    pub(crate) async fn code_count(&self) -> i64 {
        testing::count(&self.ctx.store, Counted::AuthorizationCodes).await.expect("counts")
    }

    /// How many token families were ever begun.
    pub(crate) async fn family_count(&self) -> i64 {
        testing::count(&self.ctx.store, Counted::TokenFamilies).await.expect("counts")
    }

    /// How many grants were ever made.
    pub(crate) async fn grant_count(&self) -> i64 {
        testing::count(&self.ctx.store, Counted::Grants).await.expect("counts")
    }

    /// How many authorization requests were ever stored.
    pub(crate) async fn request_count(&self) -> i64 {
        testing::count(&self.ctx.store, Counted::AuthorizationRequests).await.expect("counts")
    }

    /// The home account's audit events with this action, oldest first.
    pub(crate) async fn events(&self, action: &str) -> Vec<RecordedEvent> {
        let account = self.account(ORIGIN).await;
        let events = store::audit_events::list(&self.ctx.store, account.id, None, 10_000).await;
        let events = events.expect("reads").into_iter();
        events.filter(|event| event.action == action).collect()
    }

    /// Changes the home account.
    pub(crate) async fn change_account(&self, edit: impl FnOnce(&mut Account)) {
        let mut account = Account::clone(&*self.account(ORIGIN).await);
        edit(&mut account);
        let wanted = AccountDraft::of(&account);
        let edit = |draft: &mut AccountDraft| draft.clone_from(&wanted);
        let changed = accounts::update(&self.ctx, Actor::Operator, account.id, edit).await;
        changed.expect("the story changes it to something valid");
    }

    /// Suspends the home account past the rule that it never is.
    pub(crate) async fn suspend_home_account(&self) {
        let (id, now) = (self.account(ORIGIN).await.id, self.ctx.now());
        let mut tx = self.ctx.store.begin().await.expect("begins");
        let done = store::accounts::suspend(&mut tx, id, Some(now), now).await;
        let settled: Decision<_, ()> = settle(tx, done.map_err(Into::into)).await;
        assert!(settled.expect("commits").is_some());
    }

    /// A person of the home account.
    pub(crate) async fn user(&self, name: &str) -> User {
        let (account, email) = (self.account(ORIGIN).await, format!("{name}@example.com"));
        let user = store::users::by_email(&self.ctx.store, account.id, &email).await;
        user.expect("reads").expect("the person is in the cast")
    }

    /// Suspends a person, or ends the suspension.
    pub(crate) async fn suspend_user(&self, name: &str, suspended: bool) {
        let user = self.user(name).await;
        let since = suspended.then(|| self.ctx.now());
        let done = protocol::users::suspend(&self.ctx, Actor::Operator, &user, since).await;
        done.expect("the person is there");
    }

    /// Gives a person another password.
    pub(crate) async fn set_password(&self, name: &str, password: &str) {
        let user = self.user(name).await;
        let (actor, password) = (Actor::User(user.id), Secret::new(password));
        let done = protocol::users::set_password(&self.ctx, actor, &user, password).await;
        done.expect("the password is good");
    }

    /// A client of the home account, as stored.
    pub(crate) async fn registered(&self, identifier: &str) -> Arc<Client> {
        let account = self.account(ORIGIN).await;
        let client = clients::by_identifier(&self.ctx, &account, identifier).await;
        client.expect("reads").expect("the client is in the cast")
    }

    /// Registers a client as the admin's.
    pub(crate) async fn register(
        &self,
        draft: &ClientDraft,
    ) -> Decision<ClientWithSecret, ClientRefused> {
        let account = self.account(ORIGIN).await;
        let maker = Maker { actor: Actor::Operator, owner: self.user("admin").await.id };
        clients::create(&self.ctx, &account, maker, draft, None).await
    }

    /// Changes a client as its owner could.
    pub(crate) async fn change_client(
        &self,
        identifier: &str,
        edit: impl Fn(&mut ClientDraft),
    ) -> Decision<Client, ClientRefused> {
        let account = self.account(ORIGIN).await;
        let id = self.registered(identifier).await.id;
        clients::update(&self.ctx, &account, Actor::Operator, id, edit).await
    }

    /// Deletes a client.
    pub(crate) async fn delete_client(&self, identifier: &str) {
        let account = self.account(ORIGIN).await;
        let id = self.registered(identifier).await.id;
        let deleted = clients::delete(&self.ctx, &account, Actor::Operator, id).await;
        deleted.expect("the client is there");
    }

    /// Changes what a client says of itself, and where it may ask to go, past every rule about it.
    pub(crate) async fn change_record(&self, identifier: &str, edit: impl FnOnce(&mut Client)) {
        let before = self.registered(identifier).await;
        let mut client = Client::clone(&before);
        edit(&mut client);
        client.updated_at = self.ctx.now().max(before.updated_at + Lifetime::millis(1));
        self.write_client(&client, before.updated_at).await;
    }

    /// Puts a client into this state, as a review would.
    pub(crate) async fn set_client_state(&self, identifier: &str, state: ClientState) {
        self.change_record(identifier, |client| client.state = state).await;
    }

    async fn write_client(&self, client: &Client, updated_at: Timestamp) {
        let mut tx = self.ctx.store.begin().await.expect("begins");
        let updated = store::clients::update(&mut tx, client, updated_at).await;
        let settled: Decision<_, ()> = settle(tx, updated.map_err(Into::into)).await;
        assert_eq!(settled.expect("commits"), ClientUpdate::Written);
    }
}

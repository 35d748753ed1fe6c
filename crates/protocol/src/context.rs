//! What every flow needs, made once at start.

use domain::{AccountId, AuditEvent, Policy, Timestamp};
use store::{Fault, Store, Transaction};
use tokio_util::task::TaskTracker;

use crate::api_volume::ApiVolume;
use crate::audit::Change;
use crate::authorization::RequestObjects;
use crate::challenges::RecentChallenges;
use crate::client_keys::ClientKeys;
use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::expiry::Expiry;
use crate::guesses::Guesses;
use crate::keyring::Keyring;
use crate::last_uses::LastUses;
use crate::logout::Logouts;
use crate::outbound::Outbound;
use crate::passwords::Passwords;
use crate::pictures::Pictures;
use crate::signer::{KeyMaker, Signers};

/// What every flow needs.
pub struct Context {
    /// What is remembered.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// Randomness.
    pub entropy: Entropy,
    /// The keys derived from the master key; boxed, as whoever opens a context carries it about.
    pub keyring: Box<Keyring>,
    /// Every limit and default lifetime.
    pub policy: Policy,
    /// People's passwords.
    pub passwords: Passwords,
    /// Pictures that become logos.
    pub pictures: Pictures,
    /// What calls others.
    pub outbound: Outbound,
    /// Keys of clients that were fetched.
    pub client_keys: ClientKeys,
    /// Request objects that were fetched.
    pub request_objects: RequestObjects,
    /// Failed guesses at credentials.
    pub guesses: Guesses,
    /// Rows that expire.
    pub expiry: Expiry,
    /// Code challenges that codes were issued for lately.
    pub recent_challenges: RecentChallenges,
    /// Calls of the administration API.
    pub api_volume: ApiVolume,
    /// When credentials were last used, as far as it is not written yet.
    pub last_uses: LastUses,
    /// Logout tokens that are being delivered.
    pub logouts: Logouts,
    /// Where the first signing keys of accounts come from.
    pub key_maker: KeyMaker,
    /// Parsed signing keys.
    pub signers: Signers,
    /// The mutating flows under way; draining waits for them.
    pub flows: TaskTracker,
}

impl Context {
    /// A context of these parts, with the policy's limits.
    pub fn new(store: Store, clock: Clock, entropy: Entropy, keyring: Keyring) -> Self {
        let threads =
            std::thread::available_parallelism().map_or(1, |cores| cores.get().div_ceil(2));
        Self {
            store,
            clock,
            entropy,
            keyring: Box::new(keyring),
            passwords: Passwords::new(threads),
            pictures: Pictures::default(),
            outbound: Outbound::default(),
            client_keys: ClientKeys::default(),
            request_objects: RequestObjects::default(),
            guesses: Guesses::default(),
            expiry: Expiry::default(),
            policy: Policy::default(),
            recent_challenges: RecentChallenges::default(),
            api_volume: ApiVolume::default(),
            last_uses: LastUses::default(),
            logouts: Logouts::default(),
            key_maker: KeyMaker::Fresh,
            signers: Signers::default(),
            flows: TaskTracker::new(),
        }
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Writes the audit row of a change, in the change's own transaction.
    pub(crate) async fn audit(
        &self,
        tx: &mut Transaction,
        account_id: AccountId,
        change: Change,
    ) -> Result<(), Fault> {
        let event = AuditEvent {
            id: tx.id()?,
            account_id,
            occurred_at: self.now(),
            actor: change.actor,
            action: change.action,
            target: change.target,
            details: change.details.to_string(),
        };
        store::audit_events::create(tx, &event).await
    }
}

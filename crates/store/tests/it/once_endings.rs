//! A code is redeemed while what it stands on ends: whoever comes first, no family lives on, on both
//! engines.

use std::time::Duration;

use domain::{AuthorizationCode, Grant, Session, TokenFamily};
use store::{Fault, Store, Transaction, authorization_codes, grants, sessions, token_families};
use tokio::task::JoinHandle;

use crate::conformance_samples::{a_redeemable_code, after, bare_family, fresh_id, scopes, unit};
use crate::support::{begin, on_both_engines};

/// What ends a session or a grant, and the families under it.
#[derive(Clone, Copy, Debug)]
enum Ending {
    /// A new password or a suspension.
    User,
    SignOut,
    GrantRevocation,
}

const ENDINGS: [Ending; 3] = [Ending::User, Ending::SignOut, Ending::GrantRevocation];

/// A code and the family that begins with it.
#[derive(Clone)]
struct Race {
    code: AuthorizationCode,
    grant: Grant,
    session: Session,
    family: TokenFamily,
}

impl Race {
    async fn prepare(store: &Store) -> Self {
        let (code, grant, session) = a_redeemable_code(store).await;
        let family = TokenFamily {
            user_id: session.user_id,
            session_id: Some(session.id),
            scopes: scopes("openid read"),
            ..bare_family(fresh_id::<TokenFamily>(store).await.get(), &grant)
        };
        Self { code, grant, session, family }
    }

    async fn redeem(&self, tx: &mut Transaction) -> Result<bool, Fault> {
        let redeemed =
            authorization_codes::redeem(tx, &self.code, self.family.id, 5, after(1)).await?;
        if redeemed {
            token_families::create(tx, &self.family).await?;
        }
        Ok(redeemed)
    }

    async fn end(&self, tx: &mut Transaction, ending: Ending) -> Result<(), Fault> {
        let (account_id, at) = (self.session.account_id, after(1));
        match ending {
            Ending::User => {
                let user_id = self.session.user_id;
                sessions::end_all_for_user(tx, account_id, user_id, at).await?;
                token_families::revoke_for_user(tx, account_id, user_id, at).await
            }
            Ending::SignOut => {
                assert!(sessions::end(tx, account_id, self.session.id, at).await?);
                token_families::revoke_for_session(tx, self.session.id, at).await
            }
            Ending::GrantRevocation => {
                let grant = &self.grant;
                assert!(grants::revoke(tx, account_id, grant.user_id, grant.id, at).await?);
                token_families::revoke_for_grant(tx, grant.id, at).await
            }
        }
    }

    /// Whether the family was stored and still lives.
    async fn lives(&self, store: &Store) -> bool {
        let family = token_families::show(store, self.family.id).await.expect("a look-up");
        family.is_some_and(|family| family.revoked_at.is_none())
    }
}

/// Commits a unit of work that another one has come up against meanwhile, and waits for the other.
async fn commit_before<T>(tx: Transaction, other: JoinHandle<T>) -> T {
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!other.is_finished(), "the other one waits");
    let settled: store::Decision<(), ()> = store::settle(tx, Ok(())).await;
    settled.expect("the unit of work is committed");
    other.await.expect("it ended")
}

on_both_engines! {
    async fn an_ending_reaches_the_family_of_a_redemption_under_way(database) {
        let store = database.migrated().await;
        for ending in ENDINGS {
            let race = Race::prepare(&store).await;
            let mut tx = begin(&store).await;
            assert!(race.redeem(&mut tx).await.expect("it runs"));
            let other = tokio::spawn({
                let (store, race) = (store.clone(), race.clone());
                async move { unit!(store, |tx| race.end(tx, ending)) }
            });
            commit_before(tx, other).await;
            assert!(!race.lives(&store).await, "{ending:?} left the family alive");
        }
    }

    async fn a_redemption_sees_an_ending_under_way(database) {
        let store = database.migrated().await;
        for ending in ENDINGS {
            let race = Race::prepare(&store).await;
            let mut tx = begin(&store).await;
            race.end(&mut tx, ending).await.expect("it runs");
            // A look-up takes along the writes that nobody has waited for.
            token_families::show(&mut tx, race.family.id).await.expect("a look-up");
            let other = tokio::spawn({
                let (store, race) = (store.clone(), race.clone());
                async move { unit!(store, |tx| race.redeem(tx)) }
            });
            assert!(!commit_before(tx, other).await, "{ending:?} was not seen");
            assert!(!race.lives(&store).await);
        }
    }
}

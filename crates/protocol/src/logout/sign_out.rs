//! The end of a session by its user's will, and what the page after it shows.

use std::convert::Infallible;

use domain::{
    Account, ClientId, HandleKind, LogoutOutcome, LogoutProgress, LogoutRequest, Secret, SessionId,
    SignedOutSession,
};
use store::logout_deliveries::{DeliveryState, ToldClient};
use store::{Decision, Fault, Transaction, settle};

use super::front_channel::FrontChannel;
use super::request::Judged;
use crate::context::Context;
use crate::expiry::Expiring;
use crate::sessions::{self, SignedIn};

/// How many clients of a session the page names and frames; the server tells all of them.
const SHOWN: i64 = 50;

/// Where the browser goes when its session has ended.
pub enum Farewell {
    /// To the page that says so: nobody had to be told.
    Plain,
    /// To the page that tells the apps through the browser, or names them; the handle names what it shows.
    Page(Secret),
    /// Back to the app that asked: every other app is told by the server.
    Back(String),
}

/// Signs out: the session ends, with the refresh tokens begun in it that were not asked for to outlive
/// it, and the session's clients hear of it.
pub async fn sign_out(
    ctx: &Context,
    account: &Account,
    signed_in: &SignedIn,
    judged: &Judged,
) -> Decision<Farewell, Infallible> {
    let farewell = store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = async {
            sessions::sign_out(ctx, &mut tx, signed_in).await?;
            let lineage_id = signed_in.session.lineage_id;
            let told = store::logout_deliveries::list_told(&mut tx, lineage_id, SHOWN).await?;
            Ok(farewell(ctx, &mut tx, account, (lineage_id, &told), judged).await?)
        }
        .await;
        settle(tx, decision).await
    })
    .await?;
    ctx.logouts.wake();
    ctx.expiry.beside(ctx, Expiring::LogoutRequests);
    Ok(farewell)
}

async fn farewell(
    ctx: &Context,
    tx: &mut Transaction,
    account: &Account,
    (lineage_id, told): (SessionId, &[ToldClient]),
    judged: &Judged,
) -> Result<Farewell, Fault> {
    let destination = judged.way_back.as_ref().map(super::WayBack::url);
    let is_framed = told.iter().any(|it| FrontChannel::of(ctx, account, it).is_some());
    match destination {
        Some(destination) if !is_framed => return Ok(Farewell::Back(destination)),
        None if told.is_empty() => return Ok(Farewell::Plain),
        _ => {}
    }
    let client_id = judged.client.as_ref().map(|client| client.id);
    let done = SignedOutSession { lineage_id, client_id, destination };
    remember(ctx, tx, account, done).await.map(Farewell::Page)
}

async fn remember(
    ctx: &Context,
    tx: &mut Transaction,
    account: &Account,
    done: SignedOutSession,
) -> Result<Secret, Fault> {
    let handle = ctx.entropy.handle(&ctx.policy.handle_prefix, HandleKind::LogoutRequest);
    let request = LogoutRequest {
        id: tx.id()?,
        hash: ctx.keyring.hash(HandleKind::LogoutRequest, handle.expose()),
        account_id: account.id,
        progress: LogoutProgress::Done(done),
        created_at: ctx.now(),
        expires_at: ctx.now() + ctx.policy.logout.page_lifetime,
    };
    store::logout_requests::create(tx, &request).await?;
    Ok(handle)
}

/// What the page after signing out shows.
pub struct FarewellPage {
    /// The apps that hear of it.
    pub told: Vec<Told>,
    /// What the browser loads, so that they do.
    pub frames: Vec<FrontChannel>,
    /// The name of the app that asked, and where the browser goes on to.
    pub way_back: Option<(String, String)>,
}

/// An app that hears of the end of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    client_id: ClientId,
    /// Its name.
    pub name: String,
    /// How far that has come.
    pub how: ToldHow,
}

/// How far telling an app has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ToldHow {
    /// It took the news.
    Told,
    /// It is being told.
    UnderWay,
    /// It could not be told.
    Failed,
}

/// What the page after signing out shows.
pub async fn farewell_page(
    ctx: &Context,
    account: &Account,
    done: &SignedOutSession,
) -> Result<FarewellPage, Fault> {
    let told = store::logout_deliveries::list_told(&ctx.store, done.lineage_id, SHOWN).await?;
    let frames = told.iter().filter_map(|it| FrontChannel::of(ctx, account, it)).collect();
    let client = match done.client_id {
        Some(id) => ctx.store.cache().client_by_id(account.id, id).await?,
        None => None,
    };
    let way_back = client.zip(done.destination.clone());
    Ok(FarewellPage {
        told: named_once(&told),
        frames,
        way_back: way_back.map(|(client, destination)| (client.name.clone(), destination)),
    })
}

/// Each app once, as badly off as in any of its sessions.
fn named_once(told: &[ToldClient]) -> Vec<Told> {
    let mut named: Vec<Told> = Vec::new();
    for client in told.iter().filter(|client| !is_unwanted(client)) {
        let how = how(client);
        match named.last_mut() {
            Some(last) if last.client_id == client.client_id => last.how = last.how.max(how),
            _ => named.push(Told { client_id: client.client_id, name: client.name.clone(), how }),
        }
    }
    named
}

fn is_unwanted(client: &ToldClient) -> bool {
    client.delivery == Some(DeliveryState::Ended(LogoutOutcome::Unwanted))
}

fn how(client: &ToldClient) -> ToldHow {
    match client.delivery {
        None | Some(DeliveryState::UnderWay) => ToldHow::UnderWay,
        Some(DeliveryState::Ended(LogoutOutcome::Refused | LogoutOutcome::GivenUp)) => {
            ToldHow::Failed
        }
        Some(DeliveryState::Ended(_)) => ToldHow::Told,
    }
}

#[cfg(test)]
mod tests {
    use domain::{ClientMetadata, Id};

    use super::*;

    fn client(id: i64, delivery: Option<DeliveryState>) -> ToldClient {
        ToldClient {
            client_id: Id::new(id),
            session_id: Id::new(id),
            name: format!("App {id}"),
            metadata: ClientMetadata::default(),
            delivery,
        }
    }

    #[test]
    fn each_app_is_named_once_with_the_worst_of_what_became_of_it() {
        let ended = |outcome| Some(DeliveryState::Ended(outcome));
        let told = [
            client(1, ended(LogoutOutcome::Delivered)),
            client(1, Some(DeliveryState::UnderWay)),
            client(2, ended(LogoutOutcome::Refused)),
            client(2, ended(LogoutOutcome::Delivered)),
            client(3, ended(LogoutOutcome::Delivered)),
            client(4, ended(LogoutOutcome::GivenUp)),
            client(5, ended(LogoutOutcome::Unwanted)),
            client(6, None),
        ];
        let named: Vec<_> =
            named_once(&told).into_iter().map(|it| (it.client_id.get(), it.how)).collect();
        let expected = [
            (1, ToldHow::UnderWay),
            (2, ToldHow::Failed),
            (3, ToldHow::Told),
            (4, ToldHow::Failed),
            (6, ToldHow::UnderWay),
        ];
        assert_eq!(named, expected);
    }
}

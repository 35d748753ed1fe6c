//! How a client comes to work in every account (zendesk wire: §8): its account asks, and the operator
//! decides on what he has seen.

use domain::{
    Account, AccountId, Actor, Client, ClientId, GlobalClientRequest, GlobalClientRequestId,
    RecordFault, RequestState, User, UserId, required_text,
};
use serde_json::json;
use store::global_client_requests::{self as requests, ReviewedRequest};
use store::{Decision, Failure, Fault, Transaction, settle};

use super::operator::rewrite;
use super::sector::Sector;
use super::{ClientRefused, OperatorDraft, show, update_as_operator};
use crate::audit::Change;
use crate::context::Context;

/// The most characters of a reason.
const REASON_LIMIT: usize = 1000;

/// Why the operator's decision on a request was not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestRefused {
    /// There is no such request.
    Unknown,
    /// It was decided before.
    Decided,
    /// The reason says nothing, or too much.
    Reason(RecordFault),
    /// The client cannot work in every account, and why.
    Client(ClientRefused),
}

/// Asks the operator to let a client of the account work in every account. Asking twice is asking once:
/// false beside a request that was there.
pub async fn ask(
    ctx: &Context,
    account: &Account,
    asker: UserId,
    id: ClientId,
) -> Decision<(GlobalClientRequest, bool), ClientRefused> {
    let client = show(ctx, account, id).await?;
    let prefix = &ctx.policy.global_client_prefix;
    let complete = client.require_global_fields(prefix).map_err(ClientRefused::Invalid);
    complete.map_err(Failure::Refused)?;
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = async {
            let request = GlobalClientRequest {
                id: tx.id()?,
                account_id: account.id,
                client_id: id,
                user_id: asker,
                created_at: ctx.now(),
                state: RequestState::Pending,
            };
            if !requests::create(&mut tx, &request).await? {
                let known = requests::of_client(&mut tx, account.id, id).await?;
                let known = known.ok_or(Failure::Refused(ClientRefused::Unknown))?;
                return Ok((known, false));
            }
            let actor = Actor::User(asker);
            let change = Change::new(actor, "client.promotion_requested", "client", id)
                .with(json!({"identifier": client.identifier.as_str()}));
            ctx.audit(&mut tx, account.id, change).await?;
            Ok((request, true))
        }
        .await;
        settle(tx, decision).await
    })
    .await
}

/// What the account asked for this client, and what became of it.
pub async fn standing(
    ctx: &Context,
    account: &Account,
    id: ClientId,
) -> Result<Option<GlobalClientRequest>, Fault> {
    requests::of_client(&ctx.store, account.id, id).await
}

/// Takes a pending request back.
pub async fn withdraw(
    ctx: &Context,
    account: &Account,
    actor: Actor,
    id: ClientId,
) -> Decision<(), ClientRefused> {
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = async {
            if take_back(ctx, &mut tx, actor, (account.id, id)).await? {
                return Ok(());
            }
            Err(Failure::Refused(ClientRefused::Unknown))
        }
        .await;
        settle(tx, decision).await
    })
    .await
}

/// Takes a pending request back as part of another change. What the operator has seen is what he
/// decides on: a client that changes has to be asked for again.
pub(crate) async fn take_back(
    ctx: &Context,
    tx: &mut Transaction,
    actor: Actor,
    (account_id, id): (AccountId, ClientId),
) -> Result<bool, Fault> {
    let is_withdrawn = requests::withdraw(tx, account_id, id).await?;
    if is_withdrawn {
        let change = Change::new(actor, "client.promotion_withdrawn", "client", id);
        ctx.audit(tx, account_id, change).await?;
    }
    Ok(is_withdrawn)
}

/// Lets a client work in every account, asked for or not, from the command line.
pub async fn promote(
    ctx: &Context,
    account: &Account,
    id: ClientId,
) -> Decision<Client, ClientRefused> {
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = make_global(ctx, &mut tx, account, id).await;
        settle(tx, decision).await
    })
    .await
}

async fn make_global(
    ctx: &Context,
    tx: &mut Transaction,
    account: &Account,
    id: ClientId,
) -> Decision<Client, ClientRefused> {
    let stored = store::clients::show(&mut *tx, account.id, id).await?;
    if stored.is_some_and(|client| client.global_at.is_some()) {
        return Err(Failure::Refused(ClientRefused::Global));
    }
    let now = ctx.now();
    let edit = |wanted: &mut OperatorDraft| wanted.global_at = Some(now);
    rewrite(ctx, tx, account, id, (&edit, &Sector::default())).await
}

/// Makes a global client its account's own again. What users of other accounts allowed it has ended, also
/// if it is promoted once more.
pub async fn demote(
    ctx: &Context,
    account: &Account,
    id: ClientId,
) -> Decision<Client, ClientRefused> {
    let demote = |wanted: &mut OperatorDraft| wanted.global_at = None;
    update_as_operator(ctx, account, id, demote).await
}

/// What the operator says to a request.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// The client is to work in every account.
    Approve,
    /// It is not, and why.
    Refuse(String),
}

/// Decides a pending request: judged, carried out and recorded at once, or not at all. The decider is an
/// operator who signed in; the command line is nobody in particular.
pub async fn decide(
    ctx: &Context,
    decider: Option<&User>,
    id: GlobalClientRequestId,
    verdict: &Verdict,
) -> Decision<ReviewedRequest, RequestRefused> {
    if let Verdict::Refuse(reason) = verdict {
        required_text(reason, REASON_LIMIT)
            .map_err(|(code, text)| RecordFault::new("reason", code, &text))
            .map_err(|fault| Failure::Refused(RequestRefused::Reason(fault)))?;
    }
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = async {
            let is_pending = requests::take(&mut tx, id).await?;
            let reviewed = requests::show(&mut tx, id).await?;
            let reviewed = reviewed.ok_or(Failure::Refused(RequestRefused::Unknown))?;
            if !is_pending {
                return Err(Failure::Refused(RequestRefused::Decided));
            }
            carry_out(ctx, &mut tx, &reviewed, verdict).await?;
            if let Some(decider) = decider {
                let actor = Actor::User(decider.id);
                let change = Change::new(actor, verdict.action(), "global_client_request", id)
                    .with(json!({"identifier": reviewed.client.identifier.as_str()}));
                ctx.audit(&mut tx, decider.account_id, change).await?;
            }
            let after = requests::show(&mut tx, id).await?;
            after.ok_or(Failure::Refused(RequestRefused::Unknown))
        }
        .await;
        settle(tx, decision).await
    })
    .await
}

async fn carry_out(
    ctx: &Context,
    tx: &mut Transaction,
    reviewed: &ReviewedRequest,
    verdict: &Verdict,
) -> Decision<(), RequestRefused> {
    let ReviewedRequest { request, client, .. } = reviewed;
    match verdict {
        Verdict::Approve => {
            let account = store::accounts::show(&mut *tx, request.account_id).await?;
            let account = account.ok_or(Failure::Refused(RequestRefused::Unknown))?;
            let promoted = make_global(ctx, tx, &account, client.id).await;
            promoted.map(|_| ()).map_err(|failure| failure.map_refused(RequestRefused::Client))
        }
        Verdict::Refuse(reason) => {
            requests::refuse(tx, request.id, ctx.now(), reason).await?;
            let change =
                Change::new(Actor::Operator, "client.promotion_refused", "client", client.id)
                    .with(json!({"reason": reason}));
            Ok(ctx.audit(tx, request.account_id, change).await?)
        }
    }
}

impl Verdict {
    /// What is written into the log of the operators' own account.
    const fn action(&self) -> &'static str {
        match self {
            Self::Approve => "global_client_request.approved",
            Self::Refuse(_) => "global_client_request.refused",
        }
    }
}

/// What follows when a client begins or ceases to work in every account.
pub(super) async fn follow(
    ctx: &Context,
    tx: &mut Transaction,
    (before, after): (&Client, &Client),
) -> Result<(), Fault> {
    let action = match (before.global_at, after.global_at) {
        (None, Some(at)) => {
            requests::approve(tx, after.id, at).await?;
            "client.promoted"
        }
        (Some(_), None) => {
            requests::delete_of_client(tx, after.id).await?;
            store::grants::delete_of_client_elsewhere(tx, after.account_id, after.id).await?;
            "client.demoted"
        }
        _ => return Ok(()),
    };
    let change = Change::new(Actor::Operator, action, "client", after.id)
        .with(json!({"identifier": after.identifier.as_str()}));
    ctx.audit(tx, after.account_id, change).await
}

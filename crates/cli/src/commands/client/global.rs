//! `client requests|promote|refuse|demote`: which clients work in every account.

use domain::{Client, RedirectUri};
use protocol::clients::ClientRefused;
use protocol::clients::promotion::{self, RequestRefused, Verdict};
use serde_json::json;
use store::Failure;
use store::global_client_requests::{self as requests, ReviewedRequest};
use wire::zendesk::Date;

use super::{COLUMNS, Call, named, refused, row};
use crate::arguments::{ClientRefuseArguments, ClientRequestsArguments, NamedClient};
use crate::exit::Refusal;
use crate::output::{Rows, say};
use crate::startup::{self, Missing};

/// What the operator decides by.
const REQUEST_COLUMNS: [&str; 9] = [
    "id",
    "account",
    "identifier",
    "name",
    "company",
    "description",
    "kind",
    "redirect_uris",
    "created_at",
];

/// Lists what waits for a decision.
pub(super) async fn pending(call: &Call, arguments: ClientRequestsArguments) -> anyhow::Result<()> {
    let settings = call.quiet_settings(arguments.data.flags())?;
    let ctx = startup::open(&settings, Missing::Refuse).await?;
    let limit = i64::from(arguments.limit);
    let found = requests::list(&ctx.store, 0, limit).await?;
    let rows = found.iter().map(|ReviewedRequest { request, account, client }| {
        let uris: Vec<&str> = client.redirect_uris.iter().map(RedirectUri::as_str).collect();
        vec![
            json!(request.id.get()),
            json!(account),
            json!(client.identifier.as_str()),
            json!(client.name),
            json!(client.company),
            json!(client.description),
            json!(client.kind.as_str()),
            json!(uris),
            json!(Date::from(request.created_at)),
        ]
    });
    Ok(Rows::list(&REQUEST_COLUMNS, rows.collect()).print(call.format)?)
}

/// Lets a client work in every account.
pub(super) async fn promote(call: &Call, arguments: NamedClient) -> anyhow::Result<()> {
    let (ctx, account, client) = named(call, &arguments).await?;
    let promoted = promotion::promote(&ctx, &account, client.id).await;
    let promoted = promoted.map_err(|failure| match failure {
        Failure::Refused(ClientRefused::Global) => {
            Refusal::invalid("the client works in every account already").into()
        }
        failure => refused(failure),
    })?;
    say("the client works in every account; its own can no longer change it");
    let hint = promoted.newest_secret().map(|secret| format!("{}…", secret.hint));
    Ok(Rows::single(&COLUMNS, row(&account, &promoted, json!(hint))).print(call.format)?)
}

/// Refuses what was asked for a client.
pub(super) async fn refuse(call: &Call, arguments: ClientRefuseArguments) -> anyhow::Result<()> {
    let (ctx, _, client) = named(call, &arguments.client).await?;
    let request = requests::of_client(&ctx.store, client.account_id, client.id).await?;
    let request = request.ok_or_else(|| nothing_asked(&client))?;
    let verdict = Verdict::Refuse(arguments.reason);
    let decided = promotion::decide(&ctx, None, request.id, &verdict).await;
    decided.map_err(|failure| not_decided(&client, failure))?;
    say("the account reads the reason where it asked");
    Ok(())
}

/// Makes a global client its account's own again.
pub(super) async fn demote(call: &Call, arguments: NamedClient) -> anyhow::Result<()> {
    let (ctx, account, client) = named(call, &arguments).await?;
    if client.global_at.is_none() {
        return Err(Refusal::invalid("the client is not global").into());
    }
    if client.account_id != account.id {
        let message = "the client is another account's: name that one with --account";
        return Err(Refusal::invalid(message).into());
    }
    let demoted = promotion::demote(&ctx, &account, client.id).await.map_err(refused)?;
    say("the client works in its own account alone; what others allowed it has ended");
    let hint = demoted.newest_secret().map(|secret| format!("{}…", secret.hint));
    Ok(Rows::single(&COLUMNS, row(&account, &demoted, json!(hint))).print(call.format)?)
}

fn nothing_asked(client: &Client) -> Refusal {
    let message = format!("nobody asks to make \"{}\" global", client.identifier);
    Refusal::not_found(message)
}

fn not_decided(client: &Client, failure: Failure<RequestRefused>) -> anyhow::Error {
    match failure {
        Failure::Fault(fault) => fault.into(),
        Failure::Refused(RequestRefused::Unknown) => nothing_asked(client).into(),
        Failure::Refused(RequestRefused::Decided) => {
            Refusal::invalid("the request was decided before").into()
        }
        Failure::Refused(RequestRefused::Reason(fault)) => Refusal::invalid(fault.message).into(),
        Failure::Refused(RequestRefused::Client(why)) => refused(Failure::Refused(why)),
    }
}

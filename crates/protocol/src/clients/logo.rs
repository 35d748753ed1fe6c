//! A client's logo: drawn anew from what was sent, and known by the hash of what was drawn.

use aws_lc_rs::digest::{SHA256, digest};
use domain::{Account, Actor, Client, ClientId, LogoHash};
use serde_json::json;
use store::{Decision, Failure, settle};

use super::{ClientRefused, hold, promotion, show};
use crate::audit::Change;
use crate::context::Context;
use crate::pictures::{PictureRefused, PresentedPicture};

/// Why a client did not get a logo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogoRefused {
    /// There is no such client, or it is not the account's to change.
    Client(ClientRefused),
    /// The picture is not good.
    Picture(PictureRefused),
}

/// Gives a client this picture as its logo, in the place of the one it had.
pub async fn set_logo(
    ctx: &Context,
    account: &Account,
    actor: Actor,
    id: ClientId,
    presented: PresentedPicture,
) -> Decision<Client, LogoRefused> {
    let told = |failure: Failure<_>| failure.map_refused(LogoRefused::Client);
    let client = show(ctx, account, id).await.map_err(told)?;
    let drawn = ctx.pictures.square_png(&ctx.policy, presented).await;
    let png = drawn.map_err(|refused| Failure::Refused(LogoRefused::Picture(refused)))?;
    write(ctx, actor, &client, Some(&png)).await.map_err(told)
}

/// Takes a client's logo away, if it has one.
pub async fn remove_logo(
    ctx: &Context,
    account: &Account,
    actor: Actor,
    id: ClientId,
) -> Decision<Client, ClientRefused> {
    let client = show(ctx, account, id).await?;
    write(ctx, actor, &client, None).await
}

async fn write(
    ctx: &Context,
    actor: Actor,
    client: &Client,
    png: Option<&[u8]>,
) -> Decision<Client, ClientRefused> {
    let logo = png.map(|png| (hash(png), png));
    let action = if png.is_some() { "client.logo_set" } else { "client.logo_removed" };
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = async {
            let mut client = client.clone();
            hold(&mut tx, &client).await?;
            promotion::take_back(ctx, &mut tx, actor, (client.account_id, client.id)).await?;
            if !store::client_logos::set(&mut tx, &mut client, logo, ctx.now()).await? {
                return Err(Failure::Refused(ClientRefused::Unknown));
            }
            let change = Change::new(actor, action, "client", client.id)
                .with(json!({"identifier": client.identifier.as_str()}));
            ctx.audit(&mut tx, client.account_id, change).await?;
            Ok(client)
        }
        .await;
        settle(tx, decision).await
    })
    .await
}

fn hash(png: &[u8]) -> LogoHash {
    let digest = digest(&SHA256, png);
    LogoHash::try_from(digest.as_ref()).expect("a digest of SHA-256 has 32 bytes")
}

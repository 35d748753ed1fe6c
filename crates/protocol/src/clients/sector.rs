//! The sector of a client (OpenID Connect Core 1.0 §8.1, Dynamic Client Registration 1.0 §5): the document at its
//! `sector_identifier_uri` lists every redirect URI of those who share their subjects. It is fetched before any
//! unit of work, and only when what it vouches for changes.

use domain::{
    Account, Client, ClientDraft, ClientFault, ClientField, ClientId, ClientRegistration,
    FaultCode, MetadataMember, RedirectUri,
};
use store::{Decision, Failure, Fault};

use super::{ClientRefused, validate};
use crate::context::Context;
use crate::outbound::{self, Whom};

/// What was proven by fetching; nothing, if nothing had to be.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Sector(Option<(String, Vec<RedirectUri>)>);

/// Proves the sector of what may be stored, if it names one; without an id, for a client that is new.
pub(crate) async fn prove(
    ctx: &Context,
    account: &Account,
    id: Option<ClientId>,
    registration: &ClientRegistration,
) -> Decision<Sector, ClientRefused> {
    let Some(uri) = &registration.metadata.sector_identifier_uri else {
        return Ok(Sector::default());
    };
    let limit = ctx.policy.outbound.document_limit;
    let fetched = outbound::get(ctx, Whom::of(account.id, id), uri, limit).await;
    // Not why: whoever registers must not learn what else this server can reach.
    let document = fetched.map_err(|_| refused("cannot be fetched"))?;
    let listed: Vec<String> = serde_json::from_slice(&document.body).unwrap_or_default();
    let is_listed = |own: &RedirectUri| listed.iter().any(|uri| uri == own.as_str());
    if registration.redirect_uris.iter().all(is_listed) {
        return Ok(Sector(Some((uri.clone(), registration.redirect_uris.clone()))));
    }
    Err(refused("must answer with a JSON array that lists every redirect URI"))
}

/// Proves the sector of a client as it is wanted, if that differs from what is stored. What is refused for
/// another reason is refused later.
pub(crate) async fn look_up(
    ctx: &Context,
    account: &Account,
    id: ClientId,
    wanted: impl Fn(&Client) -> ClientDraft,
) -> Decision<Sector, ClientRefused> {
    let stored = store::clients::show(&ctx.store, account.id, id).await?;
    let Some(before) = stored else { return Ok(Sector::default()) };
    match validate(ctx, account, &wanted(&before), Some(id)).await {
        Ok(registration) if differs(&before, &registration) => {
            prove(ctx, account, Some(id), &registration).await
        }
        Ok(_) | Err(Failure::Refused(_)) => Ok(Sector::default()),
        Err(failure) => Err(failure),
    }
}

impl Sector {
    /// Whether what is being stored is what was proven; else somebody changed the client meanwhile.
    pub(crate) fn require(
        &self,
        before: &Client,
        registration: &ClientRegistration,
    ) -> Result<(), Fault> {
        let is_proven = |(uri, redirect_uris): &(String, Vec<RedirectUri>)| {
            registration.metadata.sector_identifier_uri.as_ref() == Some(uri)
                && registration.redirect_uris == *redirect_uris
        };
        if !differs(before, registration) || self.0.as_ref().is_some_and(is_proven) {
            return Ok(());
        }
        Err(Fault::Retryable("the client was changed at the same time".to_owned()))
    }
}

fn differs(before: &Client, registration: &ClientRegistration) -> bool {
    let uri = &registration.metadata.sector_identifier_uri;
    uri.is_some()
        && (before.metadata.sector_identifier_uri != *uri
            || before.redirect_uris != registration.redirect_uris)
}

fn refused(text: &str) -> Failure<ClientRefused> {
    let field = ClientField::Metadata(MetadataMember::SectorIdentifierUri);
    let fault = ClientFault::new(field, FaultCode::InvalidValue, text);
    Failure::Refused(ClientRefused::Invalid(vec![fault]))
}

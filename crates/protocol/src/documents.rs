//! The documents that everybody may read: made once for each account, and again when something has
//! changed.

use std::sync::Arc;

use domain::AccountId;
use store::{Document, Fault};

use crate::context::Context;
use crate::{metadata, signing};

/// The metadata of an account; none: it is gone.
pub async fn metadata(ctx: &Context, id: AccountId) -> Result<Option<Arc<Document>>, Fault> {
    // The account is read here, not where the request was taken: a copy from before a change would
    // stand as its successor's.
    let make = || async move {
        let Some(account) = ctx.store.cache().account_by_id(id).await? else { return Ok(None) };
        let metadata = metadata::server_metadata(ctx, &account).await?;
        Ok(Some(wire::to_bytes(&metadata)))
    };
    ctx.store.cache().document(id, "metadata", make).await
}

/// The published keys of an account (RFC 7517 §5).
pub async fn jwks(ctx: &Context, id: AccountId) -> Result<Option<Arc<Document>>, Fault> {
    let make = || async move { Ok(Some(wire::to_bytes(&signing::jwks(ctx, id).await?))) };
    ctx.store.cache().document(id, "jwks", make).await
}

//! The `sub` that a client is told of a user (OpenID Connect Core 1.0 §8): the same in ID tokens,
//! userinfo, access tokens and introspection, and never another user's.

use domain::{Client, SubjectType, UserId};

use crate::context::Context;

/// The `sub` of the user for this client. Ids are never given twice, so no user gets another's.
pub fn of(ctx: &Context, client: &Client, user_id: UserId) -> String {
    match client.metadata.subject_type {
        SubjectType::Public => user_id.to_string(),
        SubjectType::Pairwise => ctx.keyring.pairwise_subject(&client.sector(), user_id),
    }
}

//! The OAuth endpoints: extract, call the flow, render.

pub(crate) mod authorization;
pub(crate) mod check_session;
pub(crate) mod client_registration;
pub(crate) mod introspection;
mod presented;
pub(crate) mod revocation;
pub(crate) mod token;
pub(crate) mod userinfo;
pub(crate) mod well_known;

pub(crate) use presented::Presented;

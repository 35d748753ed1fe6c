//! The steps of the story, each one function: it says what it does, does it, and says what that proves.

pub(super) mod authorization;
pub(super) mod refusals;
pub(super) mod registration;
pub(super) mod revocation;
pub(super) mod tokens;

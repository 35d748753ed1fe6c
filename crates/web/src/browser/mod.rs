//! What browsers do: sign in, decide, look back, sign out. Handlers of the pages.

pub(crate) mod account_apps;
pub(crate) mod account_choice;
pub(crate) mod consent;
pub(crate) mod error_articles;
pub(crate) mod home;
pub(crate) mod set_up;
pub(crate) mod sign_in;
pub(crate) mod sign_out;
mod visitor;

pub(crate) use visitor::Visitor;

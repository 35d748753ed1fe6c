//! Front-channel logout (OpenID Connect Front-Channel Logout 1.0 §2, §3): what the browser loads from each
//! client, so that the client forgets its own session there.

use domain::{Account, RedirectUri};
use store::logout_deliveries::ToldClient;
use url::form_urlencoded::Serializer;

use super::request::extended;
use crate::context::Context;

/// What one client is told through the browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrontChannel {
    /// What the browser loads: the registered URI with `iss` and `sid`.
    pub url: String,
    /// Its origin, which the page must be allowed to frame.
    pub origin: String,
}

impl FrontChannel {
    /// What this client registered, if it did and a page can frame it.
    pub(super) fn of(ctx: &Context, account: &Account, told: &ToldClient) -> Option<Self> {
        let registered = told.metadata.frontchannel_logout_uri.as_deref()?;
        let origin = RedirectUri::from_stored(registered)?.origin()?;
        let sid = ctx.keyring.session_identifier(told.session_id);
        let query = Serializer::new(String::new())
            .append_pair("iss", account.issuer().as_str())
            .append_pair("sid", &sid)
            .finish();
        Some(Self { url: extended(registered, &query), origin })
    }
}

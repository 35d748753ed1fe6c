//! Session management (OpenID Connect Session Management 1.0): what an app compares, in a frame of the browser, to
//! see whether its user's session is still the same. Best effort: browsers that block third-party cookies
//! make every session look changed.

use aws_lc_rs::digest::{SHA256, digest};
use domain::{Account, RedirectUri, Secret, Session, SessionManagement};

use crate::context::Context;

/// Whether the frame is offered: where the operator wants it, and cookies can be sent into frames.
pub fn is_offered(ctx: &Context, account: &Account) -> bool {
    ctx.policy.logout.session_management == SessionManagement::On && account.issuer().is_https()
}

/// The value of the cookie that the frame reads (§4.2): it changes with the session, and nobody can guess it.
pub fn browser_state(ctx: &Context, session: &Session) -> Secret {
    Secret::new(ctx.keyring.browser_state(session.id))
}

/// The `session_state` of an authorization response (§2): it fits this client, at the origin that it is sent to, in
/// this session.
pub(crate) fn session_state(
    ctx: &Context,
    account: &Account,
    (client_id, redirect_uri): (&str, &str),
    session: &Session,
) -> Option<String> {
    if !is_offered(ctx, account) {
        return None;
    }
    let origin = RedirectUri::from_stored(redirect_uri)?.origin()?;
    let salt = hex(&ctx.entropy.bytes()[..8]);
    let state = browser_state(ctx, session);
    Some(salted(client_id, &origin, state.expose(), &salt))
}

/// The hash that the frame computes too (§4.2), and its salt.
fn salted(client_id: &str, origin: &str, browser_state: &str, salt: &str) -> String {
    let text = format!("{client_id} {origin} {browser_state} {salt}");
    format!("{}.{salt}", hex(digest(&SHA256, text.as_bytes()).as_ref()))
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = |byte: &u8| [byte >> 4, byte & 15].map(|it| char::from(DIGITS[usize::from(it)]));
    bytes.iter().flat_map(digits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_is_the_salted_hash_of_client_origin_and_browser() {
        // printf '%s' 'app https://app.example s3 01' | sha256sum
        let hash = "e303b12444081738f5c5e263ced174e4b74afbfb6e5d93080592b4b61a5d43ed";
        let state = salted("app", "https://app.example", "s3", "01");
        assert_eq!(state, format!("{hash}.01"));
    }
}

//! Browsers that a user has signed in with before: guesses made elsewhere do not lock them out.
//!
//! A cookie of ours says so, bound to account and e-mail address. It gives no rights: only a count of
//! failures of its own, in place of the address's.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{Account, EmailAddress, Secret};

use crate::context::Context;

/// The bytes that tell devices apart.
const NUMBER_LENGTH: usize = 16;

/// What tells a device from others.
pub(crate) type DeviceNumber = [u8; NUMBER_LENGTH];

/// The cookie for a browser with which the user of this address has just signed in. One that it has
/// for him already is kept, so that signing in again gives no new guesses.
pub(crate) fn remember(
    ctx: &Context,
    account: &Account,
    email: &EmailAddress,
    cookies: (&Secret, Option<&str>),
) -> Secret {
    let (session, presented) = cookies;
    let folded = email.folded();
    let known = presented.and_then(|cookie| recognise(ctx, account, &folded, cookie));
    // A session is made once, so what is derived from it names one device.
    let number = known.unwrap_or_else(|| ctx.keyring.device_number(session));
    let tag = ctx.keyring.device_tag(account.id, &folded, &number);
    Secret::new(URL_SAFE_NO_PAD.encode([&number[..], &tag].concat()))
}

/// The device of this cookie, if the user of this address has signed in with it.
pub(crate) fn recognise(
    ctx: &Context,
    account: &Account,
    folded_email: &str,
    cookie: &str,
) -> Option<DeviceNumber> {
    use subtle::ConstantTimeEq as _;
    let bytes = URL_SAFE_NO_PAD.decode(cookie).ok()?;
    let (number, tag) = bytes.split_first_chunk::<NUMBER_LENGTH>()?;
    let expected = ctx.keyring.device_tag(account.id, folded_email, number);
    bool::from(expected[..].ct_eq(tag)).then_some(*number)
}

//! People's passwords: the rules for them, making one, setting one.

use domain::{Actor, Secret, User};
use store::{Decision, Failure, Transaction, settle};

use super::UserRefused;
use crate::audit::Change;
use crate::context::Context;
use crate::passwords::PASSWORD_MAX_BYTES;
use crate::sessions;

/// The shortest password, in characters (NIST SP 800-63B §3.1.1).
pub const PASSWORD_MIN_CHARACTERS: usize = 8;

/// Hashes a new user's password, if one is given; done before the transaction.
pub(crate) async fn hash_password(
    ctx: &Context,
    password: Option<Secret>,
) -> Decision<Option<String>, UserRefused> {
    match password {
        Some(password) => hash(ctx, password).await.map(Some),
        None => Ok(None),
    }
}

/// The hash to store of a password that keeps the rules.
pub(super) async fn hash(ctx: &Context, password: Secret) -> Result<String, Failure<UserRefused>> {
    check_password(&password).map_err(Failure::Refused)?;
    let hashed = ctx.passwords.hash(&ctx.entropy, password).await;
    hashed.map_err(|busy| Failure::Refused(busy.into()))
}

/// The rules for passwords: length and not one of the first that are guessed; no composition rules
/// (NIST SP 800-63B §3.1.1.2).
pub fn check_password(password: &Secret) -> Result<(), UserRefused> {
    if password.expose().chars().count() < PASSWORD_MIN_CHARACTERS {
        return Err(UserRefused::PasswordTooShort);
    }
    if password.expose().len() > PASSWORD_MAX_BYTES {
        return Err(UserRefused::PasswordTooLong);
    }
    if is_common(password.expose()) {
        return Err(UserRefused::PasswordCommon);
    }
    Ok(())
}

/// Whether it is one of the everyday passwords: few stems, with digits before or after.
fn is_common(password: &str) -> bool {
    const STEMS: [&str; 16] = [
        "password",
        "passwort",
        "qwerty",
        "qwertyui",
        "letmein",
        "welcome",
        "iloveyou",
        "admin",
        "administrator",
        "changeme",
        "secret",
        "football",
        "baseball",
        "princess",
        "sunshine",
        "abc",
    ];
    let folded = password.to_lowercase();
    let stem = folded.trim_matches(|c: char| c.is_ascii_digit() || c == '!' || c == '.');
    let repeated = folded.chars().all(|c| folded.starts_with(c));
    stem.is_empty() || repeated || STEMS.contains(&stem)
}

/// A password for somebody who has none yet: 100 random bits in letters that are not mistaken for
/// one another.
pub fn make_password(ctx: &Context) -> Secret {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let random = ctx.entropy.bytes();
    let letters = random.iter().take(20).map(|byte| LETTERS[usize::from(byte % 32)]);
    let mut password = String::with_capacity(23);
    for (place, letter) in letters.enumerate() {
        if place > 0 && place % 5 == 0 {
            password.push('-');
        }
        password.push(char::from(letter));
    }
    Secret::new(password)
}

/// Sets a password. Sessions and refresh tokens of the user end with the old one (RFC 9700 §4.14.2).
pub async fn set_password(
    ctx: &Context,
    actor: Actor,
    user: &User,
    password: Secret,
) -> Decision<(), UserRefused> {
    let password_hash = hash(ctx, password).await?;
    let done = store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = write(ctx, &mut tx, actor, user, &password_hash).await;
        settle(tx, decision).await
    })
    .await;
    ctx.logouts.wake();
    done
}

/// Writes a password's hash, with what ends by it.
pub(super) async fn write(
    ctx: &Context,
    tx: &mut Transaction,
    actor: Actor,
    user: &User,
    password_hash: &str,
) -> Decision<(), UserRefused> {
    let User { id, account_id, .. } = *user;
    let now = ctx.now();
    if !store::users::set_password(tx, account_id, id, password_hash, now).await? {
        return Err(Failure::Refused(UserRefused::Unknown));
    }
    sessions::end_all(tx, user, now).await?;
    ctx.audit(tx, account_id, Change::new(actor, "user.password_set", "user", id)).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    // V6.2.1, N-01
    #[test]
    fn passwords_are_judged_by_length_and_commonness_alone() {
        for (password, verdict) in [
            ("1234567", Err(UserRefused::PasswordTooShort)),
            ("password1", Err(UserRefused::PasswordCommon)),
            ("12345678", Err(UserRefused::PasswordCommon)),
            ("aaaaaaaa", Err(UserRefused::PasswordCommon)),
            ("plum tree", Ok(())),
            ("ünïcödé pässwörd", Ok(())),
        ] {
            assert_eq!(check_password(&Secret::new(password)), verdict, "{password}");
        }
        assert_eq!(check_password(&Secret::new("xy".repeat(512))), Ok(()));
        let too_long = check_password(&Secret::new("xy".repeat(513)));
        assert_eq!(too_long, Err(UserRefused::PasswordTooLong));
    }
}

//! Handles: how tokens, codes and client secrets are spelled, `cstat_…`.
//!
//! `<prefix><kind>_<bucket?><random><checksum>`, all base62: scanners find them, anybody can check
//! one offline, and the store knows which key range to look in.

use crate::{ExpiryBucket, Secret, Timestamp};

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Three letters of prefix, two of kind, an underscore.
const HEAD: usize = 6;
const BUCKET: usize = 2;
/// 256 bits in base62.
const RANDOM: usize = 43;
/// 32 bits in base62.
const CHECKSUM: usize = 6;

/// How handles are written and read. It has no value of its own.
#[derive(Clone, Copy, Debug)]
pub struct Handle;

impl Handle {
    /// Spells a handle. Kinds that expire carry a bucket, which is [`ExpiryBucket::NEVER`] if none
    /// is given; the other kinds have no place for one.
    pub fn encode(
        prefix: &HandlePrefix,
        kind: HandleKind,
        bucket: Option<ExpiryBucket>,
        random: &[u8; 32],
    ) -> Secret {
        // Exactly the final size: a text that grew would leave a copy behind.
        let mut text = String::with_capacity(length(kind));
        text.push_str(prefix.as_str());
        text.push_str(kind.as_str());
        text.push('_');
        if kind.has_bucket() {
            push_base62(&mut text, bucket.unwrap_or(ExpiryBucket::NEVER).code(), BUCKET);
        }
        push_random(&mut text, random);
        let checksum = crc32fast::hash(text.as_bytes());
        push_base62(&mut text, checksum, CHECKSUM);
        Secret::new(text)
    }

    /// The bucket in which to look for what is presented; none: it is no handle of this kind.
    pub fn bucket(presented: &str, kind: HandleKind, now: Timestamp) -> Option<ExpiryBucket> {
        if Self::kind(presented)? != kind || !kind.has_bucket() {
            return None;
        }
        let code = read_base62(presented.as_bytes().get(HEAD..HEAD + BUCKET)?)?;
        Some(ExpiryBucket::from_code(u32::try_from(code).ok()?, now))
    }

    /// The kind of what is presented, whatever its prefix; none: it is no handle of ours.
    pub fn kind(presented: &str) -> Option<HandleKind> {
        let (prefix, rest) = presented.split_at_checked(3)?;
        HandlePrefix::parse(prefix)?;
        let (code, body) = rest.split_once('_')?;
        let kind = HandleKind::parse(code)?;
        if presented.len() != length(kind) || !body.bytes().all(|it| it.is_ascii_alphanumeric()) {
            return None;
        }
        let (signed, checksum) = presented.split_at_checked(presented.len() - CHECKSUM)?;
        let expected = u64::from(crc32fast::hash(signed.as_bytes()));
        (read_base62(checksum.as_bytes())? == expected).then_some(kind)
    }
}

/// The three letters that every handle of an installation begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HandlePrefix([u8; 3]);

impl HandlePrefix {
    /// Takes three lower-case letters.
    pub fn parse(text: &str) -> Option<Self> {
        let letters: [u8; 3] = text.as_bytes().try_into().ok()?;
        letters.iter().all(u8::is_ascii_lowercase).then_some(Self(letters))
    }

    /// The letters.
    ///
    /// # Panics
    /// Never: they are ASCII by construction.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a prefix is ASCII letters")
    }
}

impl Default for HandlePrefix {
    fn default() -> Self {
        Self(*b"cst")
    }
}

/// What a handle is the handle of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HandleKind {
    /// An access token.
    AccessToken,
    /// A refresh token.
    RefreshToken,
    /// A client secret.
    ClientSecret,
    /// An authorization code.
    AuthorizationCode,
    /// A personal API token.
    ApiToken,
    /// A session cookie.
    Session,
    /// An authorization request that waits for a person.
    AuthorizationRequest,
    /// The link that makes the first admin.
    SetUpLink,
    /// The cookie that a form before sign-in is bound to.
    Visit,
    /// A request at the logout endpoint.
    LogoutRequest,
    /// An initial access token (RFC 7591 §1.2).
    InitialAccessToken,
    /// A registration access token (RFC 7592 §1.2).
    RegistrationAccessToken,
}

impl HandleKind {
    const ALL: [Self; 12] = [
        Self::AccessToken,
        Self::RefreshToken,
        Self::ClientSecret,
        Self::AuthorizationCode,
        Self::ApiToken,
        Self::Session,
        Self::AuthorizationRequest,
        Self::SetUpLink,
        Self::Visit,
        Self::LogoutRequest,
        Self::InitialAccessToken,
        Self::RegistrationAccessToken,
    ];

    /// Its two letters.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccessToken => "at",
            Self::RefreshToken => "rt",
            Self::ClientSecret => "cs",
            Self::AuthorizationCode => "ac",
            Self::ApiToken => "pt",
            Self::Session => "ss",
            Self::AuthorizationRequest => "ar",
            Self::SetUpLink => "su",
            Self::Visit => "vi",
            Self::LogoutRequest => "lo",
            Self::InitialAccessToken => "ia",
            Self::RegistrationAccessToken => "ra",
        }
    }

    /// The kind with these two letters.
    pub fn parse(letters: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == letters)
    }

    /// Whether its handles begin with an expiry bucket.
    pub const fn has_bucket(self) -> bool {
        matches!(self, Self::AccessToken | Self::RefreshToken | Self::AuthorizationCode)
    }
}

/// How long every handle of a kind is.
const fn length(kind: HandleKind) -> usize {
    HEAD + if kind.has_bucket() { BUCKET } else { 0 } + RANDOM + CHECKSUM
}

/// Appends a number as `width` base62 digits, at most six.
fn push_base62(text: &mut String, number: u32, width: usize) {
    let mut digits = [b'0'; CHECKSUM];
    let mut rest = number;
    for digit in digits[..width].iter_mut().rev() {
        *digit = ALPHABET[(rest % 62) as usize];
        rest /= 62;
    }
    text.extend(digits[..width].iter().map(|digit| char::from(*digit)));
}

/// Appends 256 bits as 43 base62 digits: long division, five digits at a time.
fn push_random(text: &mut String, random: &[u8; 32]) {
    const CHUNK: u64 = 62_u64.pow(5);
    let mut digits = [0_u8; 45];
    let mut limbs = [0_u64; 8];
    for (limb, bytes) in limbs.iter_mut().zip(random.chunks_exact(4)) {
        *limb = bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
    }
    for places in digits.rchunks_exact_mut(5) {
        let mut remainder = 0;
        for limb in &mut limbs {
            let number = remainder << 32 | *limb;
            *limb = number / CHUNK;
            remainder = number % CHUNK;
        }
        for place in places.iter_mut().rev() {
            *place = ALPHABET[(remainder % 62) as usize];
            remainder /= 62;
        }
    }
    // 62^43 > 2^256: the first two of the 45 digits are always zero.
    text.extend(digits[digits.len() - RANDOM..].iter().map(|digit| char::from(*digit)));
}

/// The number that base62 digits stand for.
fn read_base62(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0, |number, digit| {
        let value = ALPHABET.iter().position(|it| it == digit)?;
        Some(number * 62 + value as u64)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_778_328_000_000);

    fn access_token(bucket: Option<ExpiryBucket>, random: &[u8; 32]) -> String {
        let prefix = HandlePrefix::default();
        Handle::encode(&prefix, HandleKind::AccessToken, bucket, random).expose().to_owned()
    }

    #[test]
    fn a_handle_is_prefix_kind_bucket_random_and_checksum() {
        let token = access_token(None, &[0; 32]);
        assert_eq!(token, format!("cstat_zz{}{}", "0".repeat(43), &token[51..]));
        assert_eq!(token.len(), 57);
        let secret =
            Handle::encode(&HandlePrefix::default(), HandleKind::ClientSecret, None, &[255; 32]);
        // 2^256 - 1 in base62.
        let random = "yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp1";
        assert_eq!(&secret.expose()[..49], format!("cstcs_{random}"));
        assert_eq!(secret.expose().len(), 55);
    }

    #[test]
    fn every_kind_is_recognised_under_any_prefix() {
        for prefix in ["cst", "abc"].map(|it| HandlePrefix::parse(it).expect("three letters")) {
            for kind in HandleKind::ALL {
                let handle = Handle::encode(&prefix, kind, None, &[9; 32]);
                assert_eq!(Handle::kind(handle.expose()), Some(kind));
                assert_eq!(HandleKind::parse(kind.as_str()), Some(kind));
                let bucket = Handle::bucket(handle.expose(), kind, NOW);
                assert_eq!(bucket, kind.has_bucket().then_some(ExpiryBucket::NEVER));
            }
        }
    }

    #[test]
    fn a_prefix_is_three_lower_case_letters() {
        for text in ["", "cs", "cstx", "CST", "c1t", "cß"] {
            assert_eq!(HandlePrefix::parse(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_no_handle_has_no_kind() {
        let token = access_token(None, &[1; 32]);
        let others = [
            "",
            "cstat_",
            "demo-admin-api-token",
            &token[1..],
            &token[..56],
            &format!("{token}0"),
            &format!(" {token}"),
            &token.replace("at_", "rt_"),
            &token.replace("cst", "äs"),
            &token.to_uppercase(),
        ];
        for text in others {
            assert_eq!(Handle::kind(text), None, "{text}");
        }
    }

    #[test]
    fn a_handle_of_another_kind_has_no_bucket() {
        let token = access_token(None, &[1; 32]);
        assert_eq!(Handle::bucket(&token, HandleKind::RefreshToken, NOW), None);
    }

    proptest! {
        #[test]
        fn the_bucket_is_read_back(random: [u8; 32], seconds in 0..7_776_000_i64) {
            let expires_at = NOW + crate::Lifetime::seconds(seconds);
            let bucket = ExpiryBucket::for_expiry(NOW, Some(expires_at));
            let token = access_token(Some(bucket), &random);
            prop_assert!(token.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_'));
            prop_assert_eq!(Handle::bucket(&token, HandleKind::AccessToken, NOW), Some(bucket));
        }

        #[test]
        fn different_randomness_gives_different_handles(one: [u8; 32], other: [u8; 32]) {
            prop_assert_eq!(access_token(None, &one) == access_token(None, &other), one == other);
        }

        #[test]
        fn any_changed_character_is_noticed(random: [u8; 32], place in 0..57_usize, to in "[ -~]") {
            let token = access_token(None, &random);
            let mut changed = token.clone();
            changed.replace_range(place..=place, &to);
            prop_assert_eq!(Handle::kind(&changed).is_some(), changed == token);
        }
    }
}

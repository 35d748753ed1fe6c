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
        prefix: HandlePrefix,
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
            push_base62(&mut text, bucket.unwrap_or(ExpiryBucket::NEVER).code().into(), BUCKET);
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
        Some(ExpiryBucket::from_code(u16::try_from(code).ok()?, now))
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
}

impl HandleKind {
    const ALL: [Self; 8] = [
        Self::AccessToken,
        Self::RefreshToken,
        Self::ClientSecret,
        Self::AuthorizationCode,
        Self::ApiToken,
        Self::Session,
        Self::AuthorizationRequest,
        Self::SetUpLink,
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

    /// How many first characters may be kept in clear: ten of a token, nine of a secret.
    pub const fn hint_length(self) -> usize {
        if matches!(self, Self::AccessToken | Self::RefreshToken) { 10 } else { 9 }
    }
}

/// How long every handle of a kind is.
const fn length(kind: HandleKind) -> usize {
    HEAD + if kind.has_bucket() { BUCKET } else { 0 } + RANDOM + CHECKSUM
}

/// Appends a number as `width` base62 digits.
fn push_base62(text: &mut String, number: u32, width: usize) {
    let digit = |place: usize| {
        let place = u32::try_from(width - 1 - place).unwrap_or(0);
        ALPHABET[(u64::from(number) / 62_u64.pow(place) % 62) as usize]
    };
    text.extend((0..width).map(|place| char::from(digit(place))));
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

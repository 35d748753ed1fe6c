//! The keyring: keys derived from the master key, each for one purpose (RFC 5869).
//!
//! Secrets are stored as keyed hashes and private keys sealed, so that a stolen database alone opens nothing.

use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{hkdf, hmac};
use domain::{AccountId, HandleKind, Secret, SecretHash, SessionId, UserId};
use zeroize::Zeroizing;

use crate::entropy::Entropy;

/// The length of the master key in bytes.
pub const MASTER_KEY_LENGTH: usize = 32;

/// The 256-bit secret that every other key is derived from.
pub struct MasterKey(Zeroizing<[u8; MASTER_KEY_LENGTH]>);

impl MasterKey {
    /// The master key of these bytes.
    pub fn new(bytes: [u8; MASTER_KEY_LENGTH]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// A new random master key.
    pub fn generate(entropy: &Entropy) -> Self {
        Self::new(entropy.bytes())
    }

    /// The bytes, to be written to a key file.
    pub fn expose(&self) -> &[u8; MASTER_KEY_LENGTH] {
        &self.0
    }

    fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        derive(&self.0[..], purpose)
    }
}

/// The keys in use. None of them ever leaves it.
pub struct Keyring {
    hashing: hmac::Key,
    forms: hmac::Key,
    cursors: hmac::Key,
    devices: hmac::Key,
    sealing: LessSafeKey,
    check: [u8; 32],
    hashes: AtomicU64,
}

/// A sealed value does not open: another key, another place, or tampering.
#[derive(Debug, thiserror::Error)]
#[error("a sealed value does not open: it was changed, moved, or sealed under another master key")]
pub struct SealBroken;

impl Keyring {
    /// Derives the keys.
    pub fn new(master_key: &MasterKey) -> Self {
        Self {
            hashing: hmac_key(&master_key.derive("secret hashes")),
            forms: hmac_key(&master_key.derive("form tokens")),
            cursors: hmac_key(&master_key.derive("paging cursors")),
            devices: hmac_key(&master_key.derive("known devices")),
            sealing: sealing_key(&master_key.derive("sealed values")),
            check: *master_key.derive("check value"),
            hashes: AtomicU64::new(0),
        }
    }

    /// A value that tells, without giving it away, whether a database belongs to this master key.
    pub fn check_value(&self) -> &[u8; 32] {
        &self.check
    }

    /// The keyed hash a credential is stored under. The kind is part of it, so that one kind of
    /// value can never pass for another.
    pub fn hash(&self, kind: HandleKind, presented: &str) -> SecretHash {
        self.labelled_hash(kind.as_str(), presented)
    }

    /// The keyed hash of a JWT's `jti`.
    pub fn jti_hash(&self, jti: &str) -> SecretHash {
        self.labelled_hash("jti", jti)
    }

    /// The keyed hash under which guesses at a credential of this kind and name are counted: the
    /// table of guesses tells neither names nor addresses.
    pub(crate) fn guess_hash(
        &self,
        account_id: AccountId,
        kind: &str,
        source: &[u8; 17],
        name: &str,
    ) -> SecretHash {
        let account_id = account_id.get().to_be_bytes();
        // Only the last part is of any length, so that no two guesses are hashed alike.
        self.hash_parts("guess", &[kind.as_bytes(), &[0], &account_id, source, name.as_bytes()])
    }

    /// The `sid` by which apps know a session (OpenID Connect Front-Channel Logout 1.0 §3): always the
    /// same, and it neither opens the session nor gives its number away.
    pub fn session_identifier(&self, session_id: SessionId) -> String {
        use base64::Engine as _;
        let hash = self.hash_parts("session identifier", &[&session_id.get().to_be_bytes()]);
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&hash.as_bytes()[..16])
    }

    /// The `sub` of a user for the clients of one sector (OpenID Connect Core 1.0 §8.1): other sectors
    /// cannot compare it with theirs, and nobody can tell whose it is.
    pub(crate) fn pairwise_subject(&self, sector: &str, user_id: UserId) -> String {
        use base64::Engine as _;
        let user_id = user_id.get().to_be_bytes();
        let hash = self.hash_parts("pairwise subject", &[&user_id, sector.as_bytes()]);
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(hash.as_bytes())
    }

    /// What the browser keeps of a session for apps to watch it by (OpenID Connect Session Management 1.0
    /// §4.2): it tells nothing of the session, and nobody can guess it.
    pub(crate) fn browser_state(&self, session_id: SessionId) -> String {
        use base64::Engine as _;
        let hash = self.hash_parts("browser state", &[&session_id.get().to_be_bytes()]);
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(hash.as_bytes())
    }

    /// How many values have been hashed so far.
    pub fn hash_count(&self) -> u64 {
        self.hashes.load(Ordering::Relaxed)
    }

    fn labelled_hash(&self, label: &str, value: &str) -> SecretHash {
        self.hash_parts(label, &[value.as_bytes()])
    }

    fn hash_parts(&self, label: &str, parts: &[&[u8]]) -> SecretHash {
        self.hashes.fetch_add(1, Ordering::Relaxed);
        let mut context = hmac::Context::with_key(&self.hashing);
        context.update(label.as_bytes());
        context.update(&[0]);
        for part in parts {
            context.update(part);
        }
        SecretHash::from_bytes(digest(context.sign()))
    }

    /// The token that a form must bring back: bound to a purpose and to the browser's cookie.
    pub fn form_token(&self, purpose: &str, cookie: &str) -> String {
        use base64::Engine as _;
        let mut context = hmac::Context::with_key(&self.forms);
        context.update(purpose.as_bytes());
        context.update(&[0]);
        context.update(cookie.as_bytes());
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(context.sign().as_ref())
    }

    /// Whether a form brought back its token; in constant time.
    pub fn form_token_fits(&self, purpose: &str, cookie: &str, presented: &str) -> bool {
        use subtle::ConstantTimeEq as _;
        self.form_token(purpose, cookie).as_bytes().ct_eq(presented.as_bytes()).into()
    }

    /// A number for the device whose first session this is; it does not give the session away.
    pub(crate) fn device_number(&self, session: &Secret) -> [u8; 16] {
        let mut context = hmac::Context::with_key(&self.devices);
        context.update(b"number\0");
        context.update(session.expose().as_bytes());
        let mut number = [0; 16];
        number.copy_from_slice(&digest(context.sign())[..16]);
        number
    }

    /// The tag of a device that the user of this folded e-mail address has signed in with.
    pub(crate) fn device_tag(
        &self,
        account_id: AccountId,
        folded_email: &str,
        number: &[u8; 16],
    ) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.devices);
        context.update(b"tag\0");
        context.update(&account_id.get().to_be_bytes());
        context.update(number);
        context.update(folded_email.as_bytes());
        digest(context.sign())
    }

    /// The tag of a paging cursor: it is good for one list, and for one place in it.
    pub fn cursor_tag(&self, list: &str, place: &[u8]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.cursors);
        context.update(list.as_bytes());
        context.update(&[0]);
        context.update(place);
        digest(context.sign())
    }

    /// Whether a cursor came back as it was issued; in constant time.
    pub fn cursor_tag_fits(&self, list: &str, place: &[u8], presented: &[u8]) -> bool {
        use subtle::ConstantTimeEq as _;
        self.cursor_tag(list, place).ct_eq(presented).into()
    }

    /// Seals a value for one place: the account, the table and the row are bound in, so that a
    /// ciphertext moved elsewhere does not open.
    pub fn seal(&self, entropy: &Entropy, place: &SealedPlace<'_>, plain: &[u8]) -> Vec<u8> {
        seal(&self.sealing, entropy, &place.bytes(), plain)
    }

    /// Opens a value sealed for the same place.
    pub fn open(
        &self,
        place: &SealedPlace<'_>,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, SealBroken> {
        open(&self.sealing, &place.bytes(), sealed)
    }
}

/// Where a sealed value is stored.
#[derive(Clone, Copy, Debug)]
pub struct SealedPlace<'a> {
    /// The account of the row.
    pub account_id: AccountId,
    /// The table.
    pub table: &'a str,
    /// What names the row in its table.
    pub row: &'a str,
}

impl SealedPlace<'_> {
    fn bytes(&self) -> Vec<u8> {
        format!("v1\0{}\0{}\0{}", self.account_id, self.table, self.row).into_bytes()
    }
}

/// Seals a value under a key that only the holder of `credential` can derive.
pub(crate) fn seal_for_holder(entropy: &Entropy, credential: &Secret, plain: &[u8]) -> Vec<u8> {
    seal(&holder_key(credential), entropy, b"for the holder", plain)
}

/// Opens a value sealed for the holder of `credential`.
pub(crate) fn open_as_holder(
    credential: &Secret,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealBroken> {
    open(&holder_key(credential), b"for the holder", sealed)
}

fn holder_key(credential: &Secret) -> LessSafeKey {
    sealing_key(&derive(credential.expose().as_bytes(), "successor"))
}

fn seal(key: &LessSafeKey, entropy: &Entropy, place: &[u8], plain: &[u8]) -> Vec<u8> {
    let mut nonce = [0; NONCE_LEN];
    nonce.copy_from_slice(&entropy.bytes()[..NONCE_LEN]);
    let mut sealed = plain.to_vec();
    key.seal_in_place_append_tag(
        Nonce::assume_unique_for_key(nonce),
        Aad::from(place),
        &mut sealed,
    )
    .expect("a value of this size can always be sealed");
    [&nonce[..], &sealed].concat()
}

fn open(key: &LessSafeKey, place: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealBroken> {
    let (nonce, body) = sealed.split_at_checked(NONCE_LEN).ok_or(SealBroken)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealBroken)?;
    let mut body = Zeroizing::new(body.to_vec());
    let length =
        key.open_in_place(nonce, Aad::from(place), &mut body).map_err(|_| SealBroken)?.len();
    body.truncate(length);
    Ok(body)
}

fn derive(secret: &[u8], purpose: &str) -> Zeroizing<[u8; 32]> {
    let mut derived = Zeroizing::new([0; 32]);
    hkdf::Salt::new(hkdf::HKDF_SHA256, b"consentry")
        .extract(secret)
        .expand(&[purpose.as_bytes()], hkdf::HKDF_SHA256)
        .and_then(|material| material.fill(&mut derived[..]))
        .expect("32 bytes are one block of HKDF-SHA-256");
    derived
}

fn hmac_key(bytes: &[u8; 32]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, bytes)
}

fn sealing_key(bytes: &[u8; 32]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, bytes).expect("the key has 32 bytes"))
}

fn digest(tag: hmac::Tag) -> [u8; 32] {
    tag.as_ref().try_into().expect("HMAC-SHA-256 gives 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyring() -> Keyring {
        Keyring::new(&MasterKey::new([7; 32]))
    }

    const HERE: SealedPlace<'_> =
        SealedPlace { account_id: AccountId::new(1), table: "signing_keys", row: "k1" };

    #[test]
    fn a_sealed_value_opens_in_its_place() {
        let sealed = keyring().seal(&Entropy::Os, &HERE, b"private");
        assert_eq!(keyring().open(&HERE, &sealed).expect("opens").as_slice(), b"private");
    }

    #[test]
    fn a_session_has_one_identifier_and_shares_it_with_none() {
        let identifier = |id| keyring().session_identifier(SessionId::new(id));
        assert_eq!(identifier(1), identifier(1));
        assert_ne!(identifier(1), identifier(2));
        assert_eq!(identifier(1).len(), 22, "128 bits");
    }

    // CR-03
    #[test]
    fn a_sealed_value_opens_nowhere_else() {
        let sealed = keyring().seal(&Entropy::Os, &HERE, b"private");
        for elsewhere in [
            SealedPlace { account_id: AccountId::new(2), ..HERE },
            SealedPlace { table: "other", ..HERE },
            SealedPlace { row: "k2", ..HERE },
        ] {
            assert!(keyring().open(&elsewhere, &sealed).is_err());
        }
        let other_key = Keyring::new(&MasterKey::new([8; 32]));
        assert!(other_key.open(&HERE, &sealed).is_err());
    }

    // CR-03
    #[test]
    fn every_changed_byte_is_noticed() {
        let sealed = keyring().seal(&Entropy::Os, &HERE, b"private");
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(keyring().open(&HERE, &changed).is_err(), "byte {at}");
        }
        assert!(keyring().open(&HERE, &sealed[..5]).is_err());
    }

    // CD-07
    #[test]
    fn the_kind_is_part_of_the_hash() {
        let code = keyring().hash(HandleKind::AuthorizationCode, "value");
        let token = keyring().hash(HandleKind::AccessToken, "value");
        assert_ne!(code.as_bytes(), token.as_bytes());
    }

    // CR-05
    #[test]
    fn random_bytes_do_not_repeat_and_are_not_biased() {
        let draws = 20_000;
        let mut seen = std::collections::HashSet::new();
        let mut ones = 0_u64;
        for _ in 0..draws {
            let bytes = Entropy::Os.bytes();
            ones += bytes.iter().map(|byte| u64::from(byte.count_ones())).sum::<u64>();
            assert!(seen.insert(bytes), "a repeated value");
        }
        let bits: u64 = draws * 256;
        let five_sigma = 5 * (bits / 4).isqrt();
        assert!(ones.abs_diff(bits / 2) < five_sigma, "{ones} ones of {bits}");
    }
}

//! The logo of a client, known by the hash of its picture.

use std::fmt::Write as _;

use crate::ClientId;

/// How many bytes of the hash are part of the address: enough to tell one logo from the next.
const SHOWN_BYTES: usize = 8;

/// The hash of a client's logo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogoHash([u8; 32]);

impl LogoHash {
    /// The hash with these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, as stored.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Where the logo of this client is, below a base URL. Another picture is at another address, so
    /// that browsers keep each for good.
    pub fn path(&self, client_id: ClientId) -> String {
        let mut path = format!("/logos/{client_id}-");
        for byte in &self.0[..SHOWN_BYTES] {
            let _ = write!(path, "{byte:02x}");
        }
        path + ".png"
    }
}

impl TryFrom<&[u8]> for LogoHash {
    type Error = std::array::TryFromSliceError;

    fn try_from(bytes: &[u8]) -> Result<Self, Self::Error> {
        bytes.try_into().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_tells_client_and_picture() {
        let path = |first: u8| {
            let mut bytes = [0xAB; 32];
            bytes[0] = first;
            LogoHash::from_bytes(bytes).path(ClientId::new(4_302_177))
        };
        assert_eq!(path(1), "/logos/4302177-01ababababababab.png");
        assert_ne!(path(1), path(2));
    }
}

//! A document that is made once, and served until something changes.

use std::fmt::Write as _;

use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;

/// How much of the digest tells one version from another, in bytes.
const TAG_LENGTH: usize = 16;

/// The bytes of a document, and a tag that tells them from any other version's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The bytes; copies share them.
    pub body: Bytes,
    /// The tag as an `ETag` header has it: hexadecimal digits in quotation marks (RFC 9110 §8.8.3).
    pub etag: Bytes,
}

impl Document {
    pub(crate) fn new(body: Vec<u8>) -> Self {
        let mut etag = String::with_capacity(2 * TAG_LENGTH + 2);
        etag.push('"');
        for byte in &digest(&SHA256, &body).as_ref()[..TAG_LENGTH] {
            write!(etag, "{byte:02x}").expect("a text takes what is written");
        }
        etag.push('"');
        Self { body: body.into(), etag: etag.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_body_has_another_tag() {
        let [one, same, other] = ["a", "a", "b"].map(|body| Document::new(body.into()));
        assert_eq!(one, same);
        assert_eq!(one.etag.len(), 34);
        assert_ne!(one.etag, other.etag);
    }
}

//! A document that is made once, and served until something changes.

use std::fmt::Write as _;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};

/// How much of the digest tells one version from another, in bytes.
const TAG_LENGTH: usize = 16;

/// The bytes of a document, and a tag that tells them from any other version's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The bytes.
    pub body: Arc<[u8]>,
    /// The tag: hexadecimal digits.
    pub tag: String,
}

impl Document {
    pub(crate) fn new(body: Vec<u8>) -> Self {
        let mut tag = String::with_capacity(2 * TAG_LENGTH);
        for byte in &digest(&SHA256, &body).as_ref()[..TAG_LENGTH] {
            write!(tag, "{byte:02x}").expect("a text takes what is written");
        }
        Self { body: body.into(), tag }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_body_has_another_tag() {
        let [one, same, other] = ["a", "a", "b"].map(|body| Document::new(body.into()));
        assert_eq!(one, same);
        assert_eq!(one.tag.len(), 32);
        assert_ne!(one.tag, other.tag);
    }
}

//! What a good reply is: everything else counts as bad.

use memchr::memmem::Finder;

/// A status, and a text that the body has.
#[derive(Debug, Clone)]
pub(crate) struct Expected {
    status: u16,
    text: Option<Finder<'static>>,
}

impl Expected {
    /// 200 with this text in the body.
    pub(crate) fn text(text: &str) -> Self {
        Self { status: 200, text: Some(Finder::new(text).into_owned()) }
    }

    /// This status, with any body.
    pub(crate) fn status(status: u16) -> Self {
        Self { status, text: None }
    }

    /// Whether a reply is good.
    pub(crate) fn fits(&self, status: u16, body: &[u8]) -> bool {
        status == self.status && self.text.as_ref().is_none_or(|text| text.find(body).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_good_reply_has_status_and_text() {
        let expected = Expected::text("\"active\":true");
        assert!(expected.fits(200, b"{\"active\":true}"));
        assert!(!expected.fits(200, b"{\"active\":false}"));
        assert!(!expected.fits(503, b"{\"active\":true}"));
        assert!(Expected::status(303).fits(303, b""));
    }
}

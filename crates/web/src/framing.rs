//! What a page may frame, and who may frame it: nothing and nobody, unless its handler says so.

use std::collections::BTreeSet;

use axum::http::HeaderValue;

/// What a page may load that everybody may frame.
const FRAMED_POLICY: &str =
    "default-src 'none'; script-src 'self'; base-uri 'none'; frame-ancestors *";

/// What a handler says of its page, for the headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// The page frames what is at these origins.
    Frames(BTreeSet<String>),
    /// It has one script of ours, shows nothing, and may be framed by everybody.
    Anywhere,
}

impl Framing {
    /// The page frames what is at these origins.
    pub(crate) fn frames(origins: impl Iterator<Item = String>) -> Self {
        Self::Frames(origins.collect())
    }

    /// The policy of a page with this in it; none: it stays as it is.
    pub(crate) fn extend(&self, policy: &str) -> Option<HeaderValue> {
        let Self::Frames(origins) = self else {
            return Some(HeaderValue::from_static(FRAMED_POLICY));
        };
        if origins.is_empty() {
            return None;
        }
        let origins: Vec<&str> = origins.iter().map(String::as_str).collect();
        HeaderValue::from_str(&format!("{policy}; frame-src {}", origins.join(" "))).ok()
    }
}

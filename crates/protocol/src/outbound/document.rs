//! A document that was fetched.

use std::sync::Arc;

use domain::Lifetime;
use reqwest::header::{CACHE_CONTROL, HeaderMap};

/// A document that was fetched, whole.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its bytes.
    pub body: Arc<[u8]>,
    /// How long its server lets it be kept, if it says so.
    pub max_age: Option<Lifetime>,
}

/// How long a reply may be kept (RFC 9111 §5.2.2); where several directives contradict one another, the
/// shortest time.
pub(super) fn max_age(headers: &HeaderMap) -> Option<Lifetime> {
    let texts = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    texts.flat_map(|text| text.split(',')).filter_map(directive).min()
}

fn directive(text: &str) -> Option<Lifetime> {
    let text = text.trim().to_ascii_lowercase();
    if matches!(text.as_str(), "no-store" | "no-cache") {
        return Some(Lifetime::seconds(0));
    }
    let seconds = text.strip_prefix("max-age=")?.trim_matches('"').parse::<u32>().ok()?;
    Some(Lifetime::seconds(i64::from(seconds)))
}

#[cfg(test)]
mod tests {
    use super::*;

    // SS-04
    #[test]
    fn the_shortest_time_counts() {
        for (text, expected) in [
            ("max-age=60", Some(60)),
            ("public, Max-Age=\"60\"", Some(60)),
            ("max-age=60, max-age=9000", Some(60)),
            ("max-age=60, no-store", Some(0)),
            ("no-cache", Some(0)),
            ("max-age=99999999999999", None),
            ("max-age=-1", None),
            ("immutable", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(CACHE_CONTROL, text.parse().expect("a header"));
            assert_eq!(max_age(&headers), expected.map(Lifetime::seconds), "{text}");
        }
    }
}

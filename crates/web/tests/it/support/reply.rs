//! A reply, and what a story asks of it.

use axum::body::{Body, Bytes};
use http::{HeaderMap, Response, StatusCode};
use serde_json::Value;

/// A reply, read to its end.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
    /// The body where it is no text.
    pub(crate) bytes: Bytes,
}

impl Reply {
    pub(crate) async fn read(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 4 << 20).await.expect("the body ends");
        let body = String::from_utf8_lossy(&bytes).into_owned();
        Self { status: parts.status, headers: parts.headers, body, bytes }
    }

    /// The reply, if its status is this.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self
    }

    /// The first value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Where the browser goes next.
    #[track_caller]
    pub(crate) fn location(&self) -> &str {
        self.header("location")
            .unwrap_or_else(|| panic!("no Location: {} {}", self.status, self.body))
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }

    /// A text of the JSON body.
    #[track_caller]
    pub(crate) fn text(&self, key: &str) -> String {
        let json = self.json();
        json[key].as_str().unwrap_or_else(|| panic!("no {key} in {json}")).to_owned()
    }

    /// The refusal, as `(status, error)`.
    #[track_caller]
    pub(crate) fn error(&self) -> (u16, String) {
        (self.status.as_u16(), self.text("error"))
    }

    /// A parameter of the query of the Location.
    #[track_caller]
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let (_, query) = self.location().split_once(['?', '#'])?;
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// The whole reply as text, for a snapshot.
    pub(crate) fn snapshot(&self) -> String {
        let mut headers: Vec<String> = self
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap_or("?")))
            .collect();
        headers.sort();
        format!("{}\n{}\n\n{}\n", self.status, headers.join("\n"), self.body)
    }

    /// Every credential of ours in it: handles, wherever they stand.
    pub(crate) fn credentials(&self) -> Vec<String> {
        let headers = self.headers.values().filter_map(|value| value.to_str().ok());
        headers.chain([self.body.as_str()]).flat_map(handles).collect()
    }
}

fn handles(text: &str) -> Vec<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.split(|c: char| !is_part(c))
        .filter(|word| word.len() > 40 && domain::Handle::kind(word).is_some())
        .map(str::to_owned)
        .collect()
}

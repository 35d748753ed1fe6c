//! An HTTP/1.1 request, made once and sent many times.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    head: String,
    body: Option<String>,
}

impl Request {
    /// A GET.
    pub(crate) fn get(host: &str, path: &str) -> Self {
        Self::new("GET", host, path)
    }

    /// A POST with an empty body.
    pub(crate) fn post(host: &str, path: &str) -> Self {
        let content_type = ("content-type", "application/x-www-form-urlencoded");
        Self::new("POST", host, path).header(content_type.0, content_type.1).body("")
    }

    fn new(method: &str, host: &str, path: &str) -> Self {
        Self { head: format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\n"), body: None }
    }

    /// The same with a header.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.head.extend([name, ": ", value, "\r\n"]);
        self
    }

    /// The same from a client that proves itself with HTTP Basic (RFC 6749 §2.3.1).
    pub(crate) fn basic(self, (client_id, secret): (&str, &str)) -> Self {
        let encoded = BASE64_STANDARD.encode(format!("{client_id}:{secret}"));
        self.header("authorization", &format!("Basic {encoded}"))
    }

    /// The same with a form.
    pub(crate) fn form(self, fields: &[(&str, &str)]) -> Self {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.body(&form)
    }

    /// The same with a body.
    pub(crate) fn body(mut self, body: &str) -> Self {
        self.body = Some(body.to_owned());
        self
    }

    /// As it is sent.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.write_with("", &mut bytes);
        bytes
    }

    /// As it is sent with something more at the end of its body.
    pub(crate) fn write_with(&self, suffix: &str, into: &mut Vec<u8>) {
        into.extend_from_slice(self.head.as_bytes());
        let Some(body) = &self.body else {
            into.extend_from_slice(b"\r\n");
            return;
        };
        let mut length = String::new();
        write!(length, "content-length: {}\r\n\r\n", body.len() + suffix.len())
            .expect("a string takes everything");
        for part in [length.as_str(), body, suffix] {
            into.extend_from_slice(part.as_bytes());
        }
    }
}

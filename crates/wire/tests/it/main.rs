//! What the messages look like, and what is refused.

mod admin_people;
mod api_credentials;
mod authorization_parameters;
mod client_request;
mod credentials;
mod fixtures;
mod global_client_messages;
mod json;
mod never_panics;
mod oauth_messages;
mod paging;
mod parameters;
mod token_request;
mod tokens_api;
mod zendesk_messages;

// The name that the rest of the workspace knows this crate by.
extern crate consentry_wire as wire;

use serde::Serialize;

/// Compares a message with its golden file, byte for byte but for the file's last newline.
fn assert_golden<T: Serialize>(message: &T, golden: &str) {
    let written = String::from_utf8(wire::to_bytes(message)).expect("JSON is UTF-8");
    assert_eq!(written, golden.trim_end());
}

/// Reads a golden file as a message, and writes it again: what is said is what is understood.
fn assert_round_trip<T: Serialize + serde::de::DeserializeOwned>(golden: &str) {
    let message: T = serde_json::from_str(golden).expect("a golden file is a message");
    assert_golden(&message, golden);
}

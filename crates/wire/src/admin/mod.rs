//! The message shapes of our own administration API, `/api/v1`: objects under the key of their noun,
//! errors and paging as in Zendesk's API.

mod fields;

pub use fields::Fields;

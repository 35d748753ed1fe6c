//! What comes out: rows, a table of them, JSON, and the page in `docs/`.

mod json;
mod markdown;
mod overload;
mod row;
mod table;

pub(crate) use json::json;
pub(crate) use markdown::write_page;
pub(crate) use overload::Overload;
pub(crate) use row::Row;
pub(crate) use table::{Vitals, table};

//! Reads the repository as data: its files, its Rust sources, its documents and the ids that its tests name.
//!
//! `tests/tidy.rs` holds the rules; `main.rs` is the command that rewrites the tables of ids.

pub mod identifiers;
pub mod markdown;
pub mod rust_source;
pub mod tables;
pub mod tree;

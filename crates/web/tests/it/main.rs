//! Tests of the web crate from outside.

mod gallery;

//! Tests of the web crate from outside: stories through the router, and the gallery of pages.

mod flows;
mod gallery;
mod support;

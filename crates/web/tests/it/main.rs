//! Tests of the web crate from outside: stories through the router, and the gallery of pages.

extern crate consentry_web as web;

mod allocations;
mod flows;
mod gallery;
mod listener;
mod logs;
mod paging_speed;
mod support;

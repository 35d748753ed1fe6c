//! What is shown: endpoints, administration API and pages.

mod assets;
pub mod pages;

//! What is shown: endpoints, administration API and pages.

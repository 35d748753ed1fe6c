//! The command as operators run it: what it prints where, and how it ends.

mod accounts;
mod apply;
mod commands;
mod demo;
mod dev;
mod global_clients;
mod keys;
mod master_key;
mod nodes;
mod oauth2_client;
mod openidconnect_client;
mod person;
mod readme;
mod refusals;
mod registration;
mod running;
mod server;
mod support;

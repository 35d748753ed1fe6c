//! Several nodes on one PostgreSQL database, each a process of its own.

mod caller;
mod changes;
mod channel;
mod cluster;
mod once;
mod proxy;
mod readiness;
mod revocation;
mod shared_rows;
mod staleness;
mod suspension;

//! The load generator: one thread, keep-alive connections, and no runtime between it and the socket.
//!
//! It talks to loopback only, reads HTTP/1.1 with a length, and looks at every reply.

mod closed;
mod connection;
mod expected;
mod open;
mod reply;
mod tally;
pub(crate) mod work;

pub(crate) use closed::ClosedLoop;
pub(crate) use expected::Expected;
pub(crate) use open::OpenLoop;
pub(crate) use tally::Tally;
pub(crate) use work::Work;

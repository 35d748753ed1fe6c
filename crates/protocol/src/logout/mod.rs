//! Signing out (OpenID Connect RP-Initiated, Back-Channel and Front-Channel Logout 1.0): who ends a session
//! without a question, where the browser goes afterwards, and which clients hear of it.

mod delivery;
mod front_channel;
mod outbox;
mod request;
mod sign_out;

pub use front_channel::FrontChannel;
pub use outbox::{Logouts, keep_delivering, start_due};
pub use request::{Judged, LogoutRefused, Verdict, WayBack, judge, remember_posted, remembered};
pub use sign_out::{Farewell, FarewellPage, Told, ToldHow, farewell_page, sign_out};

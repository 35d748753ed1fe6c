//! Why nothing came of a call: told to the log, and to nobody else.

use reqwest::Url;

/// Nothing came of a call. Why is in the log: whoever made us call must not learn through us what is there
/// and what it answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it could not be fetched")]
pub struct OutboundRefused(Cause);

/// What the log is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Cause {
    #[error("the address is not one that can be called")]
    Url,
    #[error("the address is neither public nor allowed")]
    Address,
    #[error("it took too long")]
    TimedOut,
    #[error("there is more than may be read")]
    TooLarge,
    #[error("the answer has the status {0}")]
    Status(u16),
    #[error("the answer is encoded although nothing but the plain text was asked for")]
    Encoded,
    #[error("it failed a moment ago")]
    FailedLately,
    #[error("too many calls for this account")]
    TooMany,
    #[error("there is no connection")]
    Connection,
    #[error("the connection broke")]
    Broken,
    #[error("no certificates can be trusted on this machine")]
    NoTrust,
}

impl Cause {
    /// Tells the log, without the query, which may hold secrets.
    pub(super) fn told(self, url: &str) -> OutboundRefused {
        let place = Url::parse(url).map_or_else(|_| "no address".to_owned(), |url| place(&url));
        match self {
            // Nothing was called, and whoever asks once more must not fill the log.
            Self::FailedLately | Self::TooMany => {
                tracing::debug!(url = place, cause = %self, "an outbound call was not made");
            }
            _ => tracing::warn!(url = place, cause = %self, "an outbound call failed"),
        }
        self.untold()
    }

    /// Without a word to the log.
    pub(super) fn untold(self) -> OutboundRefused {
        OutboundRefused(self)
    }
}

fn place(url: &Url) -> String {
    format!("{}{}", url.origin().ascii_serialization(), url.path())
}

#[cfg(test)]
impl OutboundRefused {
    pub(super) fn cause(self) -> Cause {
        self.0
    }
}

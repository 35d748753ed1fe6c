//! The policy of pictures that become logos: what decoding one may take.

/// The limits of a picture that becomes a logo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoPolicy {
    /// The most bytes of it.
    pub body_limit: usize,
    /// The most pixels of an edge.
    pub edge_limit: u32,
    /// The most bytes that decoding it may take.
    pub memory_limit: u64,
}

impl Default for LogoPolicy {
    fn default() -> Self {
        Self { body_limit: 1024 * 1024, edge_limit: 4096, memory_limit: 128 * 1024 * 1024 }
    }
}

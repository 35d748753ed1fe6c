//! One HTTP/1.1 reply in a buffer: as much of the protocol as servers that state a length need.

use memchr::memmem;

/// Where a complete reply is in the bytes that came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reply {
    /// The status code.
    pub(crate) status: u16,
    /// Where the body begins.
    pub(crate) head: usize,
    /// Where the reply ends.
    pub(crate) end: usize,
}

/// The bytes are no reply that this generator understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unreadable;

impl Reply {
    /// Reads the reply at the front of `bytes`; none: more must come.
    pub(crate) fn read(bytes: &[u8]) -> Result<Option<Self>, Unreadable> {
        let Some(head) = memmem::find(bytes, b"\r\n\r\n").map(|end| end + 4) else {
            return Ok(None);
        };
        let status = number(bytes.get(9..12).ok_or(Unreadable)?)?;
        let length = match memmem::find(&bytes[..head], b"\r\ncontent-length: ") {
            Some(at) => digits(&bytes[at + 18..head])?,
            None if matches!(status, 204 | 304) => 0,
            None => return Err(Unreadable),
        };
        let end = head + length;
        let status = u16::try_from(status).map_err(|_| Unreadable)?;
        Ok((bytes.len() >= end).then_some(Self { status, head, end }))
    }
}

/// The digits at the front.
fn digits(bytes: &[u8]) -> Result<usize, Unreadable> {
    let count = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    number(&bytes[..count])
}

fn number(bytes: &[u8]) -> Result<usize, Unreadable> {
    std::str::from_utf8(bytes).ok().and_then(|digits| digits.parse().ok()).ok_or(Unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_read_once_it_is_complete() {
        let whole = b"HTTP/1.1 200 OK\r\nserver: x\r\ncontent-length: 5\r\ndate: y\r\n\r\nhello";
        for length in 0..whole.len() {
            assert_eq!(Reply::read(&whole[..length]), Ok(None), "{length}");
        }
        let reply = Reply { status: 200, head: whole.len() - 5, end: whole.len() };
        assert_eq!(Reply::read(whole), Ok(Some(reply)));
    }

    #[test]
    fn some_replies_have_no_body() {
        let bare = b"HTTP/1.1 304 Not Modified\r\n\r\n";
        let reply = Reply { status: 304, head: bare.len(), end: bare.len() };
        assert_eq!(Reply::read(bare), Ok(Some(reply)));
    }

    #[test]
    fn what_has_no_length_is_refused() {
        for bytes in ["HTTP/1.1 200 OK\r\n\r\n", "x\r\n\r\n", "HTTP/1.1 abc\r\n\r\n"] {
            assert_eq!(Reply::read(bytes.as_bytes()), Err(Unreadable), "{bytes}");
        }
    }
}

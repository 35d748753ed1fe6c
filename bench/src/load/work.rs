//! What the connections ask for, as bytes that are ready to be sent.

use memchr::memmem;

use crate::request::Request;

/// What is asked next.
pub(crate) enum Work {
    /// The same requests in turn.
    Pool {
        /// At least one.
        requests: Vec<Vec<u8>>,
        /// Which comes next.
        next: usize,
    },
    /// Each request once, until none is left.
    Once {
        /// All of them.
        requests: Vec<Vec<u8>>,
        /// Which comes next.
        next: usize,
    },
    /// A chain on each connection: a reply brings the token that the next request needs.
    Chains {
        /// What is sent, without the token at its end.
        request: Request,
        /// The next token of each connection; none: the chain has broken.
        tokens: Vec<Option<String>>,
        /// The bytes of the request that is sent now.
        scratch: Vec<u8>,
    },
    /// One request, whose replies lead to the client with a code each.
    Codes {
        /// What is sent.
        request: Vec<u8>,
        /// What came.
        codes: Vec<String>,
    },
}

impl Work {
    /// One request for all.
    pub(crate) fn same(request: &Request) -> Self {
        Self::pool(vec![request.to_bytes()])
    }

    /// Requests that are sent in turn.
    pub(crate) fn pool(requests: Vec<Vec<u8>>) -> Self {
        assert!(!requests.is_empty(), "a pool has a request");
        Self::Pool { requests, next: 0 }
    }

    /// Requests of which each is sent once.
    pub(crate) fn once(requests: Vec<Vec<u8>>) -> Self {
        Self::Once { requests, next: 0 }
    }

    /// Chains that begin with these tokens.
    pub(crate) fn chains(request: Request, tokens: Vec<String>) -> Self {
        let tokens = tokens.into_iter().map(Some).collect();
        Self::Chains { request, tokens, scratch: Vec::new() }
    }

    /// The next request of a connection; none: it has nothing more to do.
    pub(crate) fn next(&mut self, connection: usize) -> Option<&[u8]> {
        match self {
            Self::Pool { requests, next } => {
                *next = (*next + 1) % requests.len();
                Some(&requests[*next])
            }
            Self::Once { requests, next } => {
                *next += 1;
                requests.get(*next - 1).map(Vec::as_slice)
            }
            Self::Chains { request, tokens, scratch } => {
                let token = tokens.get_mut(connection)?.take()?;
                scratch.clear();
                request.write_with(&token, scratch);
                Some(scratch)
            }
            Self::Codes { request, .. } => Some(request),
        }
    }

    /// Learns from a good reply.
    pub(crate) fn answered(&mut self, connection: usize, reply: &[u8]) {
        match self {
            Self::Pool { .. } | Self::Once { .. } => {}
            Self::Chains { tokens, .. } => tokens[connection] = member(reply, "refresh_token"),
            Self::Codes { codes, .. } => codes.extend(between(reply, "?code=", b'&')),
        }
    }
}

/// A member of a flat JSON object whose value is a string without escapes, as tokens are.
pub(crate) fn member(body: &[u8], name: &str) -> Option<String> {
    between(body, &format!("\"{name}\":\""), b'"')
}

/// What stands behind `before`, as far as `end`.
pub(crate) fn between(bytes: &[u8], before: &str, end: u8) -> Option<String> {
    let value = &bytes[memmem::find(bytes, before.as_bytes())? + before.len()..];
    let end = memchr::memchr(end, value)?;
    Some(String::from_utf8_lossy(&value[..end]).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pool_goes_round_and_a_list_ends() {
        let requests = || vec![b"a".to_vec(), b"b".to_vec()];
        let mut pool = Work::pool(requests());
        let asked: Vec<_> = (0..3).filter_map(|_| pool.next(0).map(<[u8]>::to_vec)).collect();
        assert_eq!(asked, [b"b", b"a", b"b"]);
        let mut once = Work::once(requests());
        let asked: Vec<_> = (0..3).filter_map(|_| once.next(0).map(<[u8]>::to_vec)).collect();
        assert_eq!(asked, [b"a", b"b"]);
    }

    #[test]
    fn a_chain_goes_on_with_the_token_of_the_reply() {
        let request = Request::post("host", "/t").body("refresh_token=");
        let mut chains = Work::chains(request, vec!["first".to_owned()]);
        let sent =
            |chains: &mut Work| chains.next(0).map(|it| String::from_utf8_lossy(it).into_owned());
        assert!(sent(&mut chains).is_some_and(|it| it.ends_with("\r\n\r\nrefresh_token=first")));
        assert_eq!(sent(&mut chains), None, "a request is under way");
        chains.answered(0, b"{\"access_token\":\"a\",\"refresh_token\":\"second\"}");
        assert!(sent(&mut chains).is_some_and(|it| it.ends_with("=second")));
    }
}

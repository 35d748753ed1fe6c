//! One keep-alive connection with at most one request under way.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::SocketAddr;
use std::time::Instant;

use mio::net::TcpStream;
use mio::{Interest, Registry, Token};

use super::reply::Reply;

/// Enough for a reply with its head; it grows when one is longer.
const INBOX: usize = 16 * 1024;

/// A connection to the server.
pub(crate) struct Connection {
    /// When the request under way was due; none: nothing is under way.
    pub(crate) due: Option<Instant>,
    /// When it was sent.
    pub(crate) sent_at: Instant,
    stream: TcpStream,
    inbox: Vec<u8>,
    filled: usize,
    unsent: Vec<u8>,
}

impl Connection {
    /// Connects, and waits for it: connecting is not what is measured.
    pub(crate) fn open(address: SocketAddr, registry: &Registry, token: Token) -> io::Result<Self> {
        let stream = std::net::TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        let mut stream = TcpStream::from_std(stream);
        registry.register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)?;
        Ok(Self {
            due: None,
            sent_at: Instant::now(),
            stream,
            inbox: vec![0; INBOX],
            filled: 0,
            unsent: Vec::new(),
        })
    }

    /// Sends a request that was due at this moment.
    pub(crate) fn send(&mut self, request: &[u8], due: Instant, now: Instant) -> io::Result<()> {
        self.due = Some(due);
        self.sent_at = now;
        self.filled = 0;
        let written = written(self.stream.write(request))?;
        if written < request.len() {
            self.unsent.extend_from_slice(&request[written..]);
        }
        Ok(())
    }

    /// Sends what the socket had no room for.
    pub(crate) fn send_rest(&mut self) -> io::Result<()> {
        while !self.unsent.is_empty() {
            let count = written(self.stream.write(&self.unsent))?;
            if count == 0 {
                break;
            }
            self.unsent.drain(..count);
        }
        Ok(())
    }

    /// Reads what came; the reply if it is complete.
    pub(crate) fn receive(&mut self) -> io::Result<Option<Reply>> {
        loop {
            let room = self.inbox.len() - self.filled;
            let count = match self.stream.read(&mut self.inbox[self.filled..]) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            self.filled += count;
            let reply = Reply::read(&self.inbox[..self.filled]);
            if let Some(reply) = reply.map_err(|_| io::Error::from(ErrorKind::InvalidData))? {
                return Ok(Some(reply));
            }
            // A read that left room has emptied the socket: the next bytes are a new event, so no
            // second call is spent on hearing that there is nothing.
            if count < room {
                return Ok(None);
            }
            self.inbox.resize(self.inbox.len() * 2, 0);
        }
    }

    /// The body of a reply that was received just now.
    pub(crate) fn body(&self, reply: Reply) -> &[u8] {
        &self.inbox[reply.head..reply.end]
    }

    /// The same with its head.
    pub(crate) fn reply(&self, reply: Reply) -> &[u8] {
        &self.inbox[..reply.end]
    }

    /// All that came, for a message.
    pub(crate) fn received(&self) -> String {
        String::from_utf8_lossy(&self.inbox[..self.filled]).into_owned()
    }
}

fn written(result: io::Result<usize>) -> io::Result<usize> {
    match result {
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {
            Ok(0)
        }
        other => other,
    }
}

//! The open loop: requests come at a rate, whatever the server does, as from people who know nothing of each other.
//!
//! Latency counts from the moment a request was due, so that a server which makes others wait cannot hide it.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mio::{Events, Poll, Token};

use super::connection::Connection;
use super::{Expected, Tally, Work};

/// Closer than this, the next request is waited for awake: the kernel's timer is no finer.
const AWAKE: Duration = Duration::from_millis(1);

/// A refusal by a server that has too much to do.
const SHED: u16 = 503;

/// Connections that take requests as they become due.
pub(crate) struct OpenLoop<'w> {
    address: SocketAddr,
    poll: Poll,
    events: Events,
    connections: Vec<Connection>,
    free: Vec<usize>,
    work: &'w mut Work,
    expected: Expected,
    tally: Tally,
}

impl<'w> OpenLoop<'w> {
    /// Connects, and asks nothing yet.
    pub(crate) fn open(
        address: SocketAddr,
        connections: usize,
        work: &'w mut Work,
        expected: Expected,
    ) -> io::Result<Self> {
        let poll = Poll::new()?;
        let open = |index| Connection::open(address, poll.registry(), Token(index));
        let connections = (0..connections).map(open).collect::<io::Result<Vec<_>>>()?;
        Ok(Self {
            address,
            poll,
            events: Events::with_capacity(connections.len().max(1)),
            free: (0..connections.len()).rev().collect(),
            connections,
            work,
            expected,
            tally: Tally::default(),
        })
    }

    /// Asks so many times a second for this long; what came back, and what was due but never sent.
    pub(crate) fn run(mut self, rate: f64, span: Duration) -> io::Result<Tally> {
        let began = Instant::now();
        let interval = Duration::from_secs_f64(1.0 / rate);
        let mut next_due = began;
        while began.elapsed() < span {
            next_due = self.ask_what_is_due(next_due, interval)?;
            self.turn(next_due, began + span)?;
        }
        self.tally.span = began.elapsed();
        let late = (began + span).saturating_duration_since(next_due);
        self.tally.unsent = late.div_duration_f64(interval);
        Ok(self.tally)
    }

    /// Sends what is due while connections are free, and returns when the next one is.
    fn ask_what_is_due(&mut self, mut due: Instant, interval: Duration) -> io::Result<Instant> {
        let mut now = Instant::now();
        while due <= now {
            let Some(index) = self.free.pop() else { break };
            let Some(request) = self.work.next(index) else { break };
            if let Err(error) = self.connections[index].send(request, due, now) {
                self.replace(index, &error)?;
            }
            due += interval;
            now = Instant::now();
        }
        Ok(due)
    }

    fn turn(&mut self, next_due: Instant, end: Instant) -> io::Result<()> {
        let until = if self.free.is_empty() { end } else { next_due.min(end) };
        let wait = until.saturating_duration_since(Instant::now());
        let wait = if wait < AWAKE { Duration::ZERO } else { wait };
        match self.poll.poll(&mut self.events, Some(wait)) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
            _ => {}
        }
        let events = std::mem::replace(&mut self.events, Events::with_capacity(0));
        for event in &events {
            self.serve(event.token().0)?;
        }
        self.events = events;
        Ok(())
    }

    fn serve(&mut self, index: usize) -> io::Result<()> {
        let connection = &mut self.connections[index];
        let Some(due) = connection.due else { return Ok(()) };
        let reply = match connection.send_rest().and_then(|()| connection.receive()) {
            Ok(Some(reply)) => reply,
            Ok(None) => return Ok(()),
            Err(error) => return self.replace(index, &error),
        };
        let now = Instant::now();
        connection.due = None;
        if self.expected.fits(reply.status, connection.body(reply)) {
            self.tally.good.note(now - due);
        } else if reply.status == SHED {
            self.tally.shed.note(now - due);
            self.tally.shed_since_sent.note(now - connection.sent_at);
        } else {
            self.tally.note_bad(|| connection.received());
        }
        self.free.push(index);
        Ok(())
    }

    /// A connection broke: what was under way is lost, the next request goes over a new one.
    fn replace(&mut self, index: usize, error: &io::Error) -> io::Result<()> {
        let said = self.connections[index].received();
        self.tally.note_bad(|| format!("the connection broke: {error}: {said}"));
        let registry = self.poll.registry();
        self.connections[index] = Connection::open(self.address, registry, Token(index))?;
        self.free.push(index);
        Ok(())
    }
}

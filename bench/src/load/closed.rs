//! The closed loop: each connection asks again as soon as it was answered.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mio::{Events, Poll, Token};

use super::connection::Connection;
use super::{Expected, Tally, Work};

/// How long replies that are under way are waited for at the end.
const DRAIN: Duration = Duration::from_secs(10);

/// How long the first reply may take beyond the time that was given.
const FIRST_REPLY: Duration = Duration::from_secs(30);

/// Connections that ask without a pause.
pub(crate) struct ClosedLoop<'w> {
    addresses: Vec<SocketAddr>,
    poll: Poll,
    events: Events,
    connections: Vec<Connection>,
    work: &'w mut Work,
    expected: Expected,
    tally: Tally,
    counted_since: Instant,
    is_stopping: bool,
}

impl<'w> ClosedLoop<'w> {
    /// Connects, and asks nothing yet.
    pub(crate) fn open(
        address: SocketAddr,
        connections: usize,
        work: &'w mut Work,
        expected: Expected,
    ) -> io::Result<Self> {
        Self::among(vec![address], connections, work, expected)
    }

    /// The same, with connections to each of several servers by turns.
    pub(crate) fn among(
        addresses: Vec<SocketAddr>,
        connections: usize,
        work: &'w mut Work,
        expected: Expected,
    ) -> io::Result<Self> {
        let poll = Poll::new()?;
        let open = |index| {
            Connection::open(addresses[index % addresses.len()], poll.registry(), Token(index))
        };
        let connections = (0..connections).map(open).collect::<io::Result<Vec<_>>>()?;
        Ok(Self {
            addresses,
            poll,
            events: Events::with_capacity(connections.len().max(1)),
            connections,
            work,
            expected,
            tally: Tally::default(),
            counted_since: Instant::now(),
            is_stopping: false,
        })
    }

    /// Asks for this long, and on a busy machine until at least one reply has come.
    pub(crate) fn run_for(&mut self, span: Duration) -> io::Result<()> {
        let end = Instant::now() + span;
        for index in 0..self.connections.len() {
            if self.connections[index].due.is_none() {
                self.ask(index, Instant::now())?;
            }
        }
        while let Some(left) = self.left_until(end) {
            if !self.turn(left)? {
                break;
            }
        }
        Ok(())
    }

    /// How long to go on asking; none: it is over.
    fn left_until(&self, end: Instant) -> Option<Duration> {
        let now = Instant::now();
        let is_empty = self.tally.good.total() == 0 && self.tally.bad == 0;
        end.checked_duration_since(now)
            .or_else(|| (end + FIRST_REPLY).checked_duration_since(now).filter(|_| is_empty))
    }

    /// Counts anew from here.
    pub(crate) fn take_tally(&mut self) -> Tally {
        let now = Instant::now();
        let mut tally = std::mem::take(&mut self.tally);
        tally.span = now - self.counted_since;
        self.counted_since = now;
        tally
    }

    /// Waits for what is under way and closes the connections, so that no chain breaks.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.is_stopping = true;
        let end = Instant::now() + DRAIN;
        while let Some(left) = end.checked_duration_since(Instant::now()) {
            if !self.turn(left)? {
                break;
            }
        }
        Ok(())
    }

    /// Serves the connections that something happened on; false: none waits for anything.
    fn turn(&mut self, left: Duration) -> io::Result<bool> {
        if self.connections.iter().all(|connection| connection.due.is_none()) {
            return Ok(false);
        }
        match self.poll.poll(&mut self.events, Some(left)) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
            _ => {}
        }
        let events = std::mem::replace(&mut self.events, Events::with_capacity(0));
        for event in &events {
            self.serve(event.token().0)?;
        }
        self.events = events;
        Ok(true)
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
        let body = connection.body(reply);
        if self.expected.fits(reply.status, body) {
            self.tally.good.note(now - due);
            self.work.answered(index, connection.reply(reply));
        } else {
            self.tally.note_bad(|| connection.received());
        }
        self.ask(index, now)
    }

    fn ask(&mut self, index: usize, now: Instant) -> io::Result<()> {
        if self.is_stopping {
            return Ok(());
        }
        let Some(request) = self.work.next(index) else { return Ok(()) };
        match self.connections[index].send(request, now, now) {
            Ok(()) => Ok(()),
            Err(error) => self.replace(index, &error),
        }
    }

    /// A connection broke: what was under way is lost, the next request goes over a new one.
    fn replace(&mut self, index: usize, error: &io::Error) -> io::Result<()> {
        let said = self.connections[index].received();
        self.tally.note_bad(|| format!("the connection broke: {error}: {said}"));
        let registry = self.poll.registry();
        let address = self.addresses[index % self.addresses.len()];
        self.connections[index] = Connection::open(address, registry, Token(index))?;
        Ok(())
    }
}

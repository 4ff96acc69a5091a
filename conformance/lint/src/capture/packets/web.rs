//! Follows HTTP connections, in which transfers are visible, and TLS connections, in which they are
//! hidden.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    mem,
    net::{IpAddr, SocketAddr},
};

use super::{
    layers::Segment,
    ordered::{Ordered, Part, Sent},
};
use crate::http::{ClientHello, Close, Connection, Hello, HttpEvent};

/// The ports on which connections are followed from their first packet. On other ports, a
/// connection is followed only if its first bytes are HTTP or TLS.
const PORTS: [u16; 2] = [80, 443];
/// The maximum number of connections that are kept, in two generations. The connections with the
/// oldest traffic are dropped first.
const MOST_CONNECTIONS: usize = 1 << 13;
/// The maximum number of bytes that are kept for all connections together.
const MOST_BYTES: usize = 1 << 25;

/// The connections that carry HTTP or begin with TLS, in bounded memory.
#[derive(Debug, Default)]
pub(super) struct Web {
    young: HashMap<Ends, Stream>,
    old: HashMap<Ends, Stream>,
    kept_bytes: usize,
    exchanges: u64,
    /// The connections, by the sequence number and the hash of the first bytes from their client.
    openings: HashMap<(u32, u64), Ends>,
}

/// A step of an HTTP exchange or the host of a TLS connection, found in a segment.
#[derive(Debug)]
pub(super) enum WebEvent {
    Http(HttpEvent),
    /// A TLS connection to this host, or to this address if the client names no host.
    Tls(String),
}

/// The addresses of both ends of a connection. The smaller address is first.
type Ends = [SocketAddr; 2];

#[derive(Debug)]
struct Stream {
    /// The index of the client in `ends`.
    client: usize,
    server: IpAddr,
    carried: Carried,
    /// The data that each end sent, with the same indices as in `ends`.
    sent: [Ordered; 2],
    has_ended: [bool; 2],
}

#[derive(Debug)]
enum Carried {
    /// No data has been seen yet on the connection to this server.
    Nothing(SocketAddr),
    Http(Box<Connection>),
    Tls(ClientHello),
    Other,
}

/// A part of a direction, with its own copy of the bytes.
enum Owned {
    Bytes(Vec<u8>),
    /// The capture lacks this many bytes.
    Gap(u32),
}

impl From<Part<'_>> for Owned {
    fn from(part: Part<'_>) -> Self {
        match part {
            Part::Bytes(_, bytes) => Self::Bytes(bytes.to_vec()),
            Part::Gap(gap) => Self::Gap(gap.missing),
        }
    }
}

impl Web {
    /// Processes the next segment of any connection and adds the resulting events to `events`.
    pub(super) fn segment(
        &mut self,
        segment: &Segment<'_>,
        number: usize,
        events: &mut Vec<WebEvent>,
    ) {
        let mut ends = [segment.from, segment.to];
        ends.sort_unstable();
        let sender = usize::from(ends[0] != segment.from);
        let is_new = segment.begins && segment.acknowledged.is_none();
        let known = self.take(ends);
        let mut stream = match known {
            // A SYN opens a new connection between the same ends, unless the same SYN is repeated.
            Some(mut known) if is_new && known.has_carried() => {
                known.finish(number, &mut self.exchanges, events);
                Stream::new(sender, segment.to)
            }
            Some(known) => known,
            None if is_new && PORTS.contains(&segment.to.port()) => Stream::new(sender, segment.to),
            None => match Stream::found(segment, ends, sender) {
                Some(_) if self.is_copy(segment, ends) => return,
                Some(found) => found,
                None => return,
            },
        };
        if stream.awaits(sender) && !segment.bytes.is_empty() && self.is_copy(segment, ends) {
            return;
        }
        if stream.segment(segment, sender, number, &mut self.exchanges, events) {
            self.put(ends, stream, events);
        }
    }

    /// Ends the capture and adds the remaining events to `events`. `number` is the number of the
    /// last packet.
    pub(super) fn end(&mut self, number: usize, events: &mut Vec<WebEvent>) {
        let Self { young, old, exchanges, .. } = self;
        for (_, mut stream) in young.drain().chain(old.drain()) {
            stream.finish(number, exchanges, events);
        }
    }

    /// Returns whether an open connection between different ends begins with the same data as the
    /// segment. The segment then belongs to a copy of that connection after address translation.
    /// Otherwise, remembers the data.
    fn is_copy(&mut self, segment: &Segment<'_>, ends: Ends) -> bool {
        const MOST: usize = 1 << 13;
        let mut hasher = DefaultHasher::new();
        segment.bytes.hash(&mut hasher);
        let opening = (segment.sequence, hasher.finish());
        let is_open = |ends: &Ends| self.young.contains_key(ends) || self.old.contains_key(ends);
        if self.openings.get(&opening).is_some_and(|known| *known != ends && is_open(known)) {
            return true;
        }
        if self.openings.len() >= MOST {
            self.openings.clear();
        }
        self.openings.insert(opening, ends);
        false
    }

    fn take(&mut self, ends: Ends) -> Option<Stream> {
        let stream = self.young.remove(&ends).or_else(|| self.old.remove(&ends))?;
        self.kept_bytes = self.kept_bytes.saturating_sub(stream.kept_bytes());
        Some(stream)
    }

    fn put(&mut self, ends: Ends, mut stream: Stream, events: &mut Vec<WebEvent>) {
        if self.young.len() >= MOST_CONNECTIONS / 2 {
            for (_, mut forgotten) in mem::replace(&mut self.old, mem::take(&mut self.young)) {
                self.kept_bytes = self.kept_bytes.saturating_sub(forgotten.kept_bytes());
                forgotten.lose(events);
            }
        }
        let kept = stream.kept_bytes();
        if self.kept_bytes + kept > MOST_BYTES {
            return stream.lose(events);
        }
        self.kept_bytes += kept;
        self.young.insert(ends, stream);
    }
}

impl Stream {
    fn new(client: usize, server: SocketAddr) -> Self {
        let carried = Carried::Nothing(server);
        let sent = Default::default();
        Self { client, server: server.ip(), carried, sent, has_ended: [false; 2] }
    }

    const fn has_carried(&self) -> bool {
        !matches!(self.carried, Carried::Nothing(_))
    }

    /// Returns whether `sender` is the client and no data has been seen yet.
    fn awaits(&self, sender: usize) -> bool {
        sender == self.client && !self.has_carried()
    }

    /// Returns a connection whose beginning was not recorded or that uses a port that is not in
    /// [`PORTS`]. Returns `None` if the segment is neither HTTP nor TLS.
    fn found(segment: &Segment<'_>, ends: Ends, sender: usize) -> Option<Self> {
        let is_client = match Connection::begins_with(segment.bytes) {
            Some(is_client) => is_client,
            None if ClientHello::begins_with(segment.bytes) => true,
            None => return None,
        };
        let client = if is_client { sender } else { 1 - sender };
        Some(Self::new(client, ends[1 - client]))
    }

    fn kept_bytes(&self) -> usize {
        const STREAM: usize = 512;
        let carried = match &self.carried {
            Carried::Http(connection) => connection.kept_bytes(),
            Carried::Tls(hello) => hello.kept_bytes(),
            Carried::Nothing(_) | Carried::Other => 0,
        };
        let waiting: usize = self.sent.iter().map(Ordered::kept_bytes).sum();
        STREAM + carried + waiting
    }

    /// Processes a segment. Returns whether the rest of the connection may contain transfers.
    fn segment(
        &mut self,
        segment: &Segment<'_>,
        sender: usize,
        number: usize,
        exchanges: &mut u64,
        events: &mut Vec<WebEvent>,
    ) -> bool {
        let mut sequence = segment.sequence;
        if segment.begins {
            sequence = sequence.wrapping_add(1);
            if !self.sent[sender].has_begun() {
                self.sent[sender].begin(sequence);
            }
        }
        let Segment { bytes, missing, ends, resets, .. } = *segment;
        let part = Sent { number, sequence, bytes, missing, ends: ends && !resets };
        let mut parts = Vec::new();
        self.sent[sender].take(part, &mut |part| parts.push(Owned::from(part)));
        self.read(sender, parts, exchanges, events);
        if let Some(up_to) = segment.acknowledged {
            let mut parts = Vec::new();
            let each = &mut |part: Part<'_>| parts.push(Owned::from(part));
            self.sent[1 - sender].acknowledged(up_to, number, each);
            self.read(1 - sender, parts, exchanges, events);
        }
        if resets {
            self.read_rest(number, exchanges, events);
            self.close(sender, Close::Reset, events);
            self.lose(events);
            return false;
        }
        for end in 0..2 {
            if self.sent[end].is_over() && !self.has_ended[end] {
                self.has_ended[end] = true;
                let mut parts = Vec::new();
                self.sent[end].finish(number, &mut |part| parts.push(Owned::from(part)));
                self.read(end, parts, exchanges, events);
                self.close(end, Close::Finished, events);
            }
        }
        !matches!(self.carried, Carried::Other) && self.has_ended != [true; 2]
    }

    /// Ends a connection for which the capture has no more data.
    fn finish(&mut self, number: usize, exchanges: &mut u64, events: &mut Vec<WebEvent>) {
        self.read_rest(number, exchanges, events);
        self.lose(events);
    }

    fn read_rest(&mut self, number: usize, exchanges: &mut u64, events: &mut Vec<WebEvent>) {
        for end in 0..2 {
            let mut parts = Vec::new();
            self.sent[end].finish(number, &mut |part| parts.push(Owned::from(part)));
            self.read(end, parts, exchanges, events);
        }
    }

    fn read(
        &mut self,
        sender: usize,
        parts: Vec<Owned>,
        exchanges: &mut u64,
        events: &mut Vec<WebEvent>,
    ) {
        for part in parts {
            if let (Carried::Nothing(server), Owned::Bytes(bytes)) = (&self.carried, &part) {
                self.carried = if Connection::begins_with(bytes).is_some() {
                    Carried::Http(Box::new(Connection::new(*server)))
                } else if ClientHello::begins_with(bytes) {
                    Carried::Tls(ClientHello::default())
                } else {
                    Carried::Other
                };
            }
            let from_client = sender == self.client;
            match (&mut self.carried, part) {
                (Carried::Http(connection), part) => {
                    let mut seen = Vec::new();
                    match part {
                        Owned::Gap(missing) => connection.gap(from_client, missing, &mut seen),
                        Owned::Bytes(bytes) if from_client => {
                            connection.read_client(&bytes, exchanges, &mut seen);
                        }
                        Owned::Bytes(bytes) => connection.read_server(&bytes, &mut seen),
                    }
                    events.extend(seen.into_iter().map(WebEvent::Http));
                }
                (Carried::Tls(hello), Owned::Bytes(bytes)) if from_client => {
                    let host = match hello.take(&bytes) {
                        Hello::Wait => continue,
                        Hello::Host(host) => host,
                        Hello::NoHost => self.server.to_string(),
                    };
                    events.push(WebEvent::Tls(host));
                    self.carried = Carried::Other;
                }
                (Carried::Tls(_) | Carried::Nothing(_) | Carried::Other, _) => {}
            }
        }
    }

    fn close(&mut self, by: usize, how: Close, events: &mut Vec<WebEvent>) {
        if let Carried::Http(connection) = &mut self.carried {
            let mut seen = Vec::new();
            connection.close(by == self.client, how, &mut seen);
            events.extend(seen.into_iter().map(WebEvent::Http));
        }
    }

    fn lose(&mut self, events: &mut Vec<WebEvent>) {
        if let Carried::Http(connection) = &mut self.carried {
            let mut seen = Vec::new();
            connection.lose(&mut seen);
            events.extend(seen.into_iter().map(WebEvent::Http));
        }
    }
}

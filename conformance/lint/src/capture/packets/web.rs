//! HTTP and TLS connections: where transfers are, or cannot be seen.

use std::{
    collections::HashMap,
    mem,
    net::{IpAddr, SocketAddr},
};

use super::{
    frame::Segment,
    ordered::{Ordered, Part},
};
use crate::http::{ClientHello, Close, Connection, Hello, HttpEvent};

/// Where a connection is followed from its first packet on; on other ports from its first bytes.
const PORTS: [u16; 2] = [80, 443];
/// How many connections are kept, in two generations: those with traffic last.
const MOST_CONNECTIONS: usize = 1 << 13;
/// How much may wait in one direction for bytes before it, in how many parts.
const WAITING: (usize, usize) = (1 << 22, 1 << 12);
/// How much is kept of all connections together.
const MOST_BYTES: usize = 1 << 25;

/// Follows the connections that carry HTTP or begin with TLS, in bounded memory.
#[derive(Debug, Default)]
pub(super) struct Web {
    young: HashMap<Ends, Stream>,
    old: HashMap<Ends, Stream>,
    kept_bytes: usize,
    exchanges: u64,
}

/// What a segment led to.
#[derive(Debug)]
pub(super) enum WebEvent {
    Http(HttpEvent),
    /// A TLS connection to this host, or to this address where it names none.
    Tls(String),
}

/// Both ends of a connection, the smaller one first.
type Ends = [SocketAddr; 2];

#[derive(Debug)]
struct Stream {
    /// Which of the ends is the client.
    client: usize,
    server: IpAddr,
    carried: Carried,
    /// What each end sends.
    sent: [Sent; 2],
}

#[derive(Debug)]
struct Sent {
    ordered: Ordered,
    /// The sequence number behind the last byte.
    end: Option<u32>,
    has_ended: bool,
}

#[derive(Debug)]
enum Carried {
    /// There were no bytes yet.
    Nothing(SocketAddr),
    Http(Box<Connection>),
    Tls(ClientHello),
    Other,
}

impl Web {
    /// Takes the next segment of a connection that is not one of MQTT.
    pub(super) fn segment(&mut self, segment: &Segment<'_>, events: &mut Vec<WebEvent>) {
        let mut ends = [segment.from, segment.to];
        ends.sort_unstable();
        let sender = usize::from(ends[0] != segment.from);
        if segment.begins && segment.acknowledged.is_none() {
            if let Some(known) = self.take(ends) {
                // The same SYN again, or a new connection between the same ends.
                if known.sent[sender].ordered.begins_at(segment.sequence.wrapping_add(1)) {
                    self.put(ends, known, events);
                    return;
                }
                let mut known = known;
                known.lose(events);
            }
            if PORTS.contains(&segment.to.port()) {
                let mut stream = Stream::new(sender, segment.to);
                stream.sent[sender].ordered.begin(segment.sequence.wrapping_add(1));
                self.put(ends, stream, events);
            }
            return;
        }
        let Some(mut stream) = self.take(ends).or_else(|| Stream::found(segment, ends, sender))
        else {
            return;
        };
        if stream.segment(segment, sender, &mut self.exchanges, events) {
            self.put(ends, stream, events);
        }
    }

    /// There are no more packets.
    pub(super) fn end(&mut self, events: &mut Vec<WebEvent>) {
        for mut stream in self.young.drain().chain(self.old.drain()).map(|(_, stream)| stream) {
            for sender in 0..2 {
                let mut parts = Vec::new();
                stream.sent[sender].ordered.end(&mut parts);
                stream.read(sender, parts, &mut self.exchanges, events);
            }
            stream.lose(events);
        }
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
        let sent = || Sent {
            ordered: Ordered::with_room(WAITING.0, WAITING.1),
            end: None,
            has_ended: false,
        };
        let carried = Carried::Nothing(server);
        Self { client, server: server.ip(), carried, sent: [sent(), sent()] }
    }

    /// A connection whose beginning was not recorded, or is on another port.
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
        let waiting: usize = self.sent.iter().map(|sent| sent.ordered.waiting_bytes()).sum();
        STREAM + carried + waiting
    }

    /// Whether there may be more of it that matters.
    fn segment(
        &mut self,
        segment: &Segment<'_>,
        sender: usize,
        exchanges: &mut u64,
        events: &mut Vec<WebEvent>,
    ) -> bool {
        let mut parts = Vec::new();
        if segment.begins {
            let ordered = &mut self.sent[sender].ordered;
            if !ordered.has_begun() {
                ordered.begin(segment.sequence.wrapping_add(1));
            }
        } else {
            self.sent[sender].ordered.take(segment.sequence, segment.bytes, &mut parts);
        }
        if segment.ends && !segment.resets {
            let end = segment.sequence.wrapping_add(segment.bytes.len() as u32);
            self.sent[sender].end.get_or_insert(end);
        }
        self.read(sender, parts, exchanges, events);
        if let Some(number) = segment.acknowledged {
            let mut parts = Vec::new();
            self.sent[1 - sender].ordered.acknowledged(number, &mut parts);
            self.read(1 - sender, parts, exchanges, events);
        }
        if segment.resets {
            for end in 0..2 {
                let mut parts = Vec::new();
                self.sent[end].ordered.end(&mut parts);
                self.read(end, parts, exchanges, events);
            }
            self.close(sender, Close::Reset, events);
            self.lose(events);
            return false;
        }
        for end in 0..2 {
            let sent = &mut self.sent[end];
            if !sent.has_ended && sent.end.is_some_and(|number| sent.ordered.has_reached(number)) {
                sent.has_ended = true;
                self.close(end, Close::Finished, events);
            }
        }
        !matches!(self.carried, Carried::Other) && !self.sent.iter().all(|sent| sent.has_ended)
    }

    fn read(
        &mut self,
        sender: usize,
        parts: Vec<Part>,
        exchanges: &mut u64,
        events: &mut Vec<WebEvent>,
    ) {
        for part in parts {
            if let (Carried::Nothing(server), Part::Bytes(bytes)) = (&self.carried, &part) {
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
                        Part::Gap(missing) => connection.gap(from_client, missing, &mut seen),
                        Part::Bytes(bytes) if from_client => {
                            connection.read_client(&bytes, exchanges, &mut seen);
                        }
                        Part::Bytes(bytes) => connection.read_server(&bytes, &mut seen),
                    }
                    events.extend(seen.into_iter().map(WebEvent::Http));
                }
                (Carried::Tls(hello), Part::Bytes(bytes)) if from_client => {
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

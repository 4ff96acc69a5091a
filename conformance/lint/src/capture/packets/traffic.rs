//! Packets to what was published in their connections.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    mem,
    net::SocketAddr,
};

use iothub_resource::Topic;

use super::{
    super::{Fidelity, OtherTopic, Record},
    Packet,
    frame::{Segment, segment},
    mqtt::{Framing, Publish, is_connect, is_ours},
    ordered::{Ordered, Part},
    web::{Web, WebEvent},
};
use crate::http::HttpEvent;

const MQTT_PORT: u16 = 1883;
/// How many connections are kept, in two generations: those with traffic last.
const MOST_CONNECTIONS: usize = 1 << 14;
/// How much of unfinished packets is kept of all connections together.
const MOST_BYTES: usize = 1 << 24;

/// Puts packets into order, and hands out what was published.
#[derive(Debug, Default)]
pub struct Traffic {
    young: HashMap<Ends, Connection>,
    old: HashMap<Ends, Connection>,
    connections: u64,
    open: HashSet<u64>,
    kept_bytes: usize,
    web: Web,
}

/// What a packet led to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "whoever judges packets judges all of these")]
pub enum Event {
    /// A message on one of our topics.
    Message {
        /// The message.
        record: Record<'static>,
        /// The connection it was on.
        connection: u64,
        /// Whether the client of the connection published it; else the broker delivered it.
        from_client: bool,
    },
    /// A message on another topic.
    Other(OtherTopic<'static>),
    /// So many bytes of a connection are not in the capture.
    Gap(u32),
    /// A step of an HTTP exchange.
    Http(HttpEvent),
    /// A TLS connection to this host, or to this address where it names no host.
    Tls(String),
}

/// Both ends of a connection, the smaller one first.
type Ends = [SocketAddr; 2];

#[derive(Debug)]
struct Connection {
    id: u64,
    /// Which of the ends is the client.
    client: usize,
    version: Option<u8>,
    /// What each end sends.
    sent: [(Ordered, Framing); 2],
}

impl Traffic {
    /// Nothing was seen yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next packet.
    pub fn packet(&mut self, packet: &Packet) -> Vec<Event> {
        let mut events = Vec::new();
        let segment = segment(packet.link, &packet.bytes);
        if let Some(segment) = segment.filter(|segment| !self.segment(segment, &mut events)) {
            let mut seen = Vec::new();
            self.web.segment(&segment, &mut seen);
            events.extend(seen.into_iter().map(Event::from));
        }
        events
    }

    /// Whether a connection has not ended, as far as is known.
    #[must_use]
    pub fn is_open(&self, connection: u64) -> bool {
        self.open.contains(&connection)
    }

    /// There are no more packets.
    pub fn end(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        for connection in self.young.values_mut().chain(self.old.values_mut()) {
            for end in 0..2 {
                connection.flush(end, &mut events);
            }
        }
        let mut seen = Vec::new();
        self.web.end(&mut seen);
        events.extend(seen.into_iter().map(Event::from));
        events
    }

    /// Takes a segment, if it is one of MQTT.
    fn segment(&mut self, segment: &Segment<'_>, events: &mut Vec<Event>) -> bool {
        let mut ends = [segment.from, segment.to];
        ends.sort_unstable();
        let sender = usize::from(ends[0] != segment.from);
        if segment.begins && segment.acknowledged.is_none() {
            // A new connection between the same ends, if it is not the same SYN again.
            let first = segment.sequence.wrapping_add(1);
            let known = self.young.get(&ends).or(self.old.get(&ends));
            if known.is_some_and(|known| known.sent[sender].0.has_begun()) {
                self.close(ends, events);
            }
            let is_mqtt = ends.iter().any(|end| end.port() == MQTT_PORT);
            if is_mqtt {
                self.open(ends, sender).sent[sender].0.begin(first);
            }
            return is_mqtt;
        }
        if !self.young.contains_key(&ends) {
            if let Some(connection) = self.old.remove(&ends) {
                self.put(ends, connection);
            } else if let Some(client) = client(segment, ends, sender) {
                let is_beginning = is_connect(segment.bytes);
                let connection = self.open(ends, client);
                if !is_beginning {
                    for (_, framing) in &mut connection.sent {
                        framing.lose();
                    }
                }
            }
        }
        let Some(connection) = self.young.get_mut(&ends) else { return false };
        let before = connection.kept_bytes();
        let mut parts = Vec::new();
        if segment.begins {
            let ordered = &mut connection.sent[sender].0;
            if !ordered.has_begun() {
                ordered.begin(segment.sequence.wrapping_add(1));
            }
        } else {
            if is_connect(segment.bytes) && !connection.sent[sender].0.has_begun() {
                connection.client = sender;
            }
            connection.sent[sender].0.take(segment.sequence, segment.bytes, &mut parts);
        }
        connection.published(sender, parts, events);
        if let Some(number) = segment.acknowledged {
            let mut parts = Vec::new();
            connection.sent[1 - sender].0.acknowledged(number, &mut parts);
            connection.published(1 - sender, parts, events);
        }
        let after = connection.kept_bytes();
        self.kept_bytes = (self.kept_bytes + after).saturating_sub(before);
        if segment.ends || self.kept_bytes > MOST_BYTES {
            self.close(ends, events);
        }
        true
    }

    fn open(&mut self, ends: Ends, client: usize) -> &mut Connection {
        self.connections += 1;
        let id = self.connections;
        self.open.insert(id);
        self.put(ends, Connection { id, client, version: None, sent: Default::default() })
    }

    fn put(&mut self, ends: Ends, connection: Connection) -> &mut Connection {
        if self.young.len() >= MOST_CONNECTIONS / 2 {
            for forgotten in mem::replace(&mut self.old, mem::take(&mut self.young)).values() {
                self.open.remove(&forgotten.id);
            }
            self.kept_bytes = 0;
        }
        self.kept_bytes += connection.kept_bytes();
        self.young.entry(ends).insert_entry(connection).into_mut()
    }

    fn close(&mut self, ends: Ends, events: &mut Vec<Event>) {
        if let Some(mut connection) = self.young.remove(&ends).or_else(|| self.old.remove(&ends)) {
            self.kept_bytes = self.kept_bytes.saturating_sub(connection.kept_bytes());
            for end in 0..2 {
                connection.flush(end, events);
            }
            self.open.remove(&connection.id);
        }
    }
}

impl From<WebEvent> for Event {
    fn from(event: WebEvent) -> Self {
        match event {
            WebEvent::Http(event) => Self::Http(event),
            WebEvent::Tls(host) => Self::Tls(host),
        }
    }
}

/// Which end is the client of a connection whose beginning was not recorded; nothing where it is
/// none of MQTT.
fn client(segment: &Segment<'_>, ends: Ends, sender: usize) -> Option<usize> {
    if segment.bytes.is_empty() {
        return None;
    }
    if is_connect(segment.bytes) {
        return Some(sender);
    }
    let [first, second] = ends.map(|end| end.port());
    match (first == MQTT_PORT, second == MQTT_PORT) {
        (false, true) => Some(0),
        (true, false) => Some(1),
        // Servers have the smaller port.
        _ if is_ours(segment.bytes) => Some(usize::from(second > first)),
        _ => None,
    }
}

impl Connection {
    fn kept_bytes(&self) -> usize {
        self.sent
            .iter()
            .map(|(ordered, framing)| ordered.waiting_bytes() + framing.kept_bytes())
            .sum()
    }

    fn flush(&mut self, sender: usize, events: &mut Vec<Event>) {
        let mut parts = Vec::new();
        self.sent[sender].0.end(&mut parts);
        self.published(sender, parts, events);
    }

    fn published(&mut self, sender: usize, parts: Vec<Part>, events: &mut Vec<Event>) {
        let Self { id, client, version, sent } = self;
        let framing = &mut sent[sender].1;
        for part in parts {
            let bytes = match part {
                Part::Bytes(bytes) => bytes,
                Part::Gap(missing) => {
                    framing.lose();
                    events.push(Event::Gap(missing));
                    continue;
                }
            };
            let mut published = Vec::new();
            framing.take(&bytes, version, &mut published);
            events.extend(published.into_iter().map(|Publish { topic, dup, payload }| {
                match Topic::parse(&topic) {
                    Err(error) => Event::Other(OtherTopic::new(Cow::Owned(topic), error)),
                    Ok(topic) => {
                        let (payload, fidelity) = (Cow::Owned(payload), Fidelity::Bytes);
                        let record = Record { topic, payload, dup, fidelity };
                        Event::Message { record, connection: *id, from_client: sender == *client }
                    }
                }
            }));
        }
    }
}

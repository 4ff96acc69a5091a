//! Extracts messages, steps of transfers, and faults from packets.

use std::{borrow::Cow, collections::HashSet};

use iothub_resource::MAX_PAYLOAD;

use super::{
    super::{Fidelity, OtherTopic, Record, Unreadable},
    connection::{Connection, Ends, Seen},
    file::Packet,
    generations::Generations,
    layers::{Layers, NotRead, Segment},
    mirror::{Mirrors, Passing},
    mqtt::{Fault, FaultKind, Malformed, Passed},
    web::{Web, WebEvent},
};
use crate::http::HttpEvent;

/// The maximum number of MQTT connections that are kept.
const MOST_CONNECTIONS: usize = 1 << 14;
/// The maximum number of connections with an unknown protocol that are kept.
const MOST_UNDECIDED: usize = 1 << 12;
/// The maximum number of bytes that are kept for all connections together.
const MOST_BYTES: usize = 1 << 23;
/// The maximum length in bytes to which a payload is padded. A longer payload gets the same
/// verdict.
const LONGEST_PAYLOAD: usize = MAX_PAYLOAD + 1;

/// A reader that puts the packets of a capture into order and returns messages, steps of transfers,
/// and faults.
#[derive(Debug)]
pub struct Traffic {
    layers: Layers,
    carrying: Generations<Ends, Connection>,
    undecided: Generations<Ends, Connection>,
    connections: u64,
    open: HashSet<u64>,
    kept_bytes: usize,
    mirrors: Mirrors,
    web: Web,
}

/// An event in the traffic that [`Traffic`] reads: a message, a step of a transfer, or a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "each judge of packets must handle every event")]
pub enum Event {
    /// A message on a resource topic.
    Message {
        /// The message, as it was recorded.
        record: Record<'static>,
        /// The connection that carried the message.
        connection: u64,
        /// Whether the client of the connection published the message. Otherwise, the broker
        /// delivered it.
        from_client: bool,
    },
    /// A copy of a message that was already seen before address translation.
    Copy,
    /// A message on a topic that is not a resource topic.
    Other(OtherTopic<'static>),
    /// A step of an HTTP exchange.
    Http(HttpEvent),
    /// A TLS connection to this host, or to this address if the client names no host.
    Tls(String),
    /// A part of a connection is missing from the capture or cannot be read.
    Unreadable {
        /// The number of the packet that contained the part, or that proves the loss.
        number: usize,
        /// The reason why the part cannot be read.
        why: Unreadable,
    },
    /// A packet that violates MQTT, on a connection with resource topics.
    Malformed {
        /// The number of the network packet in which the violation was seen.
        number: usize,
        /// The way in which the packet violates MQTT.
        why: Malformed,
        /// Whether the device (`true`) or the platform (`false`) sent the packet, or `None` if the
        /// sender is unknown.
        by_device: Option<bool>,
    },
}

impl From<WebEvent> for Event {
    fn from(event: WebEvent) -> Self {
        match event {
            WebEvent::Http(event) => Self::Http(event),
            WebEvent::Tls(host) => Self::Tls(host),
        }
    }
}

impl Default for Traffic {
    fn default() -> Self {
        Self {
            layers: Layers::default(),
            carrying: Generations::new(MOST_CONNECTIONS),
            undecided: Generations::new(MOST_UNDECIDED),
            connections: 0,
            open: HashSet::new(),
            kept_bytes: 0,
            mirrors: Mirrors::default(),
            web: Web::default(),
        }
    }
}

impl Traffic {
    /// Creates a reader that has not processed any packets.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Processes the next packet and returns its events.
    pub fn packet(&mut self, packet: &Packet<'_>) -> Vec<Event> {
        let mut events = Vec::new();
        let mut layers = std::mem::take(&mut self.layers);
        layers.packet(packet, &mut |segment| {
            self.segment(segment, packet.number, &mut events);
            let mut seen = Vec::new();
            self.web.segment(segment, packet.number, &mut seen);
            events.extend(seen.into_iter().map(Event::from));
        });
        self.layers = layers;
        events
    }

    /// Returns whether a connection is still open at this place in the capture.
    #[must_use]
    pub fn is_open(&self, connection: u64) -> bool {
        self.open.contains(&connection)
    }

    /// Ends the capture and returns the remaining events. `number` is the number of the last
    /// packet.
    pub fn end(&mut self, number: usize) -> Vec<Event> {
        let mut events = Vec::new();
        self.layers.end();
        let mut left: Vec<_> = self.carrying.drain().chain(self.undecided.drain()).collect();
        left.sort_unstable_by_key(|(_, connection)| connection.begin);
        for (ends, connection) in left {
            self.finish(ends, connection, number, &mut events);
        }
        let mut seen = Vec::new();
        self.web.end(number, &mut seen);
        events.extend(seen.into_iter().map(Event::from));
        events
    }

    /// Returns the packets that may contain TCP but could not be read, or `None` if there are none.
    /// Call this function at the end of the capture.
    #[must_use]
    pub fn not_read(&self) -> Option<NotRead> {
        self.layers.not_read()
    }

    fn segment(&mut self, segment: &Segment<'_>, number: usize, events: &mut Vec<Event>) {
        let mut ends = [segment.from, segment.to];
        ends.sort_unstable();
        let sender = usize::from(ends[0] != segment.from);
        let is_new = segment.begins && segment.acknowledged.is_none();
        // A SYN opens a new connection between the same ends, unless the same SYN is repeated.
        if is_new && self.find(&ends).is_some_and(|known| known.has_begun(sender)) {
            self.close(ends, number, events);
        }
        if self.find(&ends).is_none() {
            let id = self.connections + 1;
            let connection = Connection::of_segment(segment, ends, sender, id, number);
            let Some(mut connection) = connection else { return };
            self.connections = id;
            if is_new {
                let passing = Passing { ends, connection: id, begin: number, number };
                let original = self.mirrors.original(passing, ("begin", segment.sequence));
                connection.id = original.unwrap_or(id);
            }
            self.open.insert(connection.id);
            self.put(ends, connection, number, events);
        }
        let Self { carrying, undecided, mirrors, .. } = self;
        let Some(connection) = carrying.get(&ends).or_else(|| undecided.get(&ends)) else {
            return;
        };
        let was_decided = connection.is_decided();
        let before = connection.kept_bytes();
        seen(connection, ends, number, mirrors, events, |connection, each| {
            connection.take(segment, sender, number, each);
        });
        if segment.ends || segment.resets {
            self.open.remove(&connection.id);
        }
        self.kept_bytes = (self.kept_bytes + connection.kept_bytes()).saturating_sub(before);
        let is_over = connection.is_over() || segment.resets || self.kept_bytes > MOST_BYTES;
        if is_over || connection.is_other() {
            return self.close(ends, number, events);
        }
        if connection.is_decided()
            && !was_decided
            && let Some(connection) = self.undecided.remove(&ends)
        {
            self.kept_bytes = self.kept_bytes.saturating_sub(connection.kept_bytes());
            self.put(ends, connection, number, events);
        }
    }

    fn find(&mut self, ends: &Ends) -> Option<&mut Connection> {
        let Self { carrying, undecided, .. } = self;
        carrying.get(ends).or_else(|| undecided.get(ends))
    }

    fn put(&mut self, ends: Ends, new: Connection, number: usize, events: &mut Vec<Event>) {
        let mut dropped = Vec::new();
        self.kept_bytes += new.kept_bytes();
        let table = if new.is_decided() { &mut self.carrying } else { &mut self.undecided };
        table.put(ends, new, |ends, connection| dropped.push((ends, connection)));
        for (ends, connection) in dropped {
            self.kept_bytes = self.kept_bytes.saturating_sub(connection.kept_bytes());
            self.finish(ends, connection, number, events);
        }
    }

    fn close(&mut self, ends: Ends, number: usize, events: &mut Vec<Event>) {
        let connection = self.carrying.remove(&ends).or_else(|| self.undecided.remove(&ends));
        if let Some(connection) = connection {
            self.kept_bytes = self.kept_bytes.saturating_sub(connection.kept_bytes());
            self.finish(ends, connection, number, events);
        }
    }

    fn finish(
        &mut self,
        ends: Ends,
        mut connection: Connection,
        number: usize,
        events: &mut Vec<Event>,
    ) {
        seen(&mut connection, ends, number, &mut self.mirrors, events, |connection, each| {
            connection.finish(number, each);
        });
        self.open.remove(&connection.id);
    }
}

/// Adds the observations on a connection to `events`. If the same data was already seen before
/// address translation, a message becomes a copy, and a fault or gap is dropped. The connection
/// then gets the id of the original connection.
fn seen(
    connection: &mut Connection,
    ends: Ends,
    number: usize,
    mirrors: &mut Mirrors,
    events: &mut Vec<Event>,
    tell: impl FnOnce(&mut Connection, &mut super::connection::Each<'_>),
) {
    let begin = connection.begin;
    let mut id = connection.id;
    tell(connection, &mut |seen, from_client, sequence| {
        let passing = Passing { ends, connection: id, begin, number };
        let original = match &seen {
            Seen::Passed(Passed::Message { payload, dup, length, .. }) => {
                mirrors.original(passing, (sequence, dup, length, payload))
            }
            Seen::Passed(Passed::Fault(fault)) => mirrors.original(passing, (sequence, fault.kind)),
            Seen::Gap(gap) => mirrors.original(passing, (sequence, gap.missing)),
            Seen::Passed(Passed::Other(..)) => None,
        };
        if let Some(original) = original {
            id = original;
            if matches!(seen, Seen::Passed(Passed::Message { .. })) {
                events.push(Event::Copy);
            }
            return;
        }
        events.push(event(seen, id, from_client));
    });
    connection.id = id;
}

fn event(seen: Seen<'_>, connection: u64, from_client: bool) -> Event {
    match seen {
        Seen::Gap(gap) => {
            let (number, missing) = (gap.number, gap.missing);
            let why = if gap.is_cut {
                Unreadable::CutMessage { missing }
            } else {
                Unreadable::Gap { missing }
            };
            Event::Unreadable { number, why }
        }
        Seen::Passed(Passed::Message { topic, dup, payload, length }) => {
            let mut payload = payload.to_vec();
            // All recorded bytes are kept, even if they exceed the limit.
            payload.resize(payload.len().max(length.min(LONGEST_PAYLOAD)), 0);
            let (payload, fidelity) = (Cow::Owned(payload), Fidelity::Bytes);
            let record = Record { topic, payload, dup, fidelity };
            Event::Message { record, connection, from_client }
        }
        Seen::Passed(Passed::Other(topic, error)) => {
            let topic = Cow::Owned(topic.into_owned());
            Event::Other(OtherTopic::new(topic, error))
        }
        Seen::Passed(Passed::Fault(Fault { kind, number, by_device, .. })) => match kind {
            FaultKind::Malformed(why) => Event::Malformed { number, why, by_device },
            FaultKind::Unfinished => {
                Event::Unreadable { number, why: Unreadable::UnfinishedMessage }
            }
            FaultKind::UnknownAlias(alias) => {
                Event::Unreadable { number, why: Unreadable::UnknownAlias(alias) }
            }
            FaultKind::Compressed => Event::Unreadable { number, why: Unreadable::Compressed },
        },
    }
}

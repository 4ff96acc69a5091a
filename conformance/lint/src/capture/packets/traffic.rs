//! Packets to what was published in their connections.

use std::{borrow::Cow, collections::HashSet};

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

/// How many connections are kept that carry MQTT, and how many of which that is not known.
const MOST_CONNECTIONS: usize = 1 << 14;
const MOST_UNDECIDED: usize = 1 << 12;
/// How much of what is unfinished is kept of all connections together.
const MOST_BYTES: usize = 1 << 23;
/// The longest payload that is as long as it was sent; nothing depends on more.
const LONGEST_PAYLOAD: usize = 1 << 20;

/// Puts packets into order, and hands out what was published.
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
    /// A message that was seen before its address was translated.
    Copy,
    /// A message on another topic.
    Other(OtherTopic<'static>),
    /// A step of an HTTP exchange.
    Http(HttpEvent),
    /// A TLS connection to this host, or to this address where it names no host.
    Tls(String),
    /// Something of a connection is not in the capture, or cannot be read from it.
    Unreadable {
        /// The number of the packet to which it belongs or which shows it.
        number: usize,
        /// What and why.
        why: Unreadable,
    },
    /// A packet of MQTT that MQTT forbids, on a connection with our topics.
    Malformed {
        /// The number of the packet of the network in which it begins.
        number: usize,
        /// What is wrong with it.
        why: Malformed,
        /// Whether the device or the platform has sent it, as far as that can be told.
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
    /// Nothing was seen yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next packet.
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

    /// Whether a connection has not ended, as far as is known.
    #[must_use]
    pub fn is_open(&self, connection: u64) -> bool {
        self.open.contains(&connection)
    }

    /// There are no more packets; `number` is that of the last.
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

    /// The packets that may have had TCP in them and were not read. Call it at the end.
    #[must_use]
    pub fn not_read(&self) -> Option<NotRead> {
        self.layers.not_read()
    }

    fn segment(&mut self, segment: &Segment<'_>, number: usize, events: &mut Vec<Event>) {
        let mut ends = [segment.from, segment.to];
        ends.sort_unstable();
        let sender = usize::from(ends[0] != segment.from);
        let is_new = segment.begins && segment.acknowledged.is_none();
        // A new connection between the same ends, if it is not the same SYN again.
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

/// Lets a connection tell what is seen on it. What was seen before its address was translated is
/// told as that; the connection is from then on the one that it was seen on.
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
            payload.resize(length.min(LONGEST_PAYLOAD), 0);
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

//! Follows both directions of an MQTT connection.

use std::{borrow::Cow, mem};

use iothub_resource::{Direction, Topic, TopicError};

use super::{
    framing::{Framing, Hint, Item},
    malformed::Malformed,
    publish::{Name, Publish},
};

/// The maximum number of faults that a connection holds back until a resource topic is seen.
const MOST_HELD: usize = 8;

/// A message or a fault that was seen on a connection.
#[derive(Debug, PartialEq, Eq)]
pub(in super::super) enum Passed<'a> {
    /// A message on a resource topic.
    Message {
        topic: Topic,
        dup: bool,
        payload: &'a [u8],
        /// The length of the whole payload in bytes. `payload` may contain only its beginning.
        length: usize,
    },
    Other(Cow<'a, str>, TopicError),
    Fault(Fault),
}

/// A fault on a connection that carries resource topics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in super::super) struct Fault {
    pub(in super::super) kind: FaultKind,
    /// The number of the packet in which the fault was seen.
    pub(in super::super) number: usize,
    /// The sequence number of the first byte of the fault.
    pub(in super::super) sequence: u32,
    /// Whether the device (`true`) or the platform (`false`) sent the faulty bytes, or `None` if
    /// the sender is unknown.
    pub(in super::super) by_device: Option<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in super::super) enum FaultKind {
    Malformed(Malformed),
    /// A message is incomplete.
    Unfinished,
    /// The topic of a message is an alias that was set before the capture began.
    UnknownAlias(u16),
    /// A message in a WebSocket connection is compressed.
    Compressed,
}

/// The place and the sender of some bytes.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct At {
    /// The number of the packet that contains the bytes.
    pub(in super::super) number: usize,
    pub(in super::super) from_client: bool,
}

#[derive(Debug, Default)]
pub(in super::super) struct Connection {
    version: Option<u8>,
    client: Framing,
    server: Framing,
    /// Whether a resource topic was seen on the connection.
    has_ours: bool,
    client_is_device: Option<bool>,
    held: Vec<Fault>,
}

impl Connection {
    /// Creates a connection whose beginning was not seen.
    pub(in super::super) fn joined() -> Self {
        let mut connection = Self::default();
        connection.client.lose();
        connection.server.lose();
        connection
    }

    pub(in super::super) fn kept_bytes(&self) -> usize {
        self.client.kept_bytes() + self.server.kept_bytes()
    }

    /// Records that bytes of a direction are missing.
    pub(in super::super) fn lose(&mut self, from_client: bool) {
        self.framing(from_client).lose();
    }

    /// Processes the next bytes of a direction. `sequence` is the sequence number of the first
    /// byte.
    pub(in super::super) fn take(
        &mut self,
        at: At,
        bytes: &[u8],
        sequence: u32,
        each: &mut dyn FnMut(Passed<'_>, u32),
    ) {
        let mut framing = mem::take(self.framing(at.from_client));
        let mut version = self.version;
        framing.take(bytes, sequence, &mut version, &mut |item, sequence| {
            self.item(at, item, sequence, each);
        });
        self.version = version;
        *self.framing(at.from_client) = framing;
    }

    /// Processes the end of a direction. `is_ended` is true if the sender sent a FIN.
    pub(in super::super) fn finish(
        &mut self,
        at: At,
        is_ended: bool,
        each: &mut dyn FnMut(Passed<'_>, u32),
    ) {
        let mut framing = mem::take(self.framing(at.from_client));
        let mut version = self.version;
        framing.finish(is_ended, &mut version, &mut |item, sequence| {
            self.item(at, item, sequence, each);
        });
        *self.framing(at.from_client) = framing;
    }

    /// Reports a fault if a resource topic has been seen on the connection. Otherwise, holds the
    /// fault back until then, or drops it if [`MOST_HELD`] faults are already held back.
    pub(in super::super) fn fault(&mut self, fault: Fault, each: &mut dyn FnMut(Passed<'_>, u32)) {
        if self.has_ours {
            each(Passed::Fault(fault), fault.sequence);
        } else if self.held.len() < MOST_HELD {
            self.held.push(fault);
        }
    }

    /// Returns whether the bytes from one end come from the device, or `None` if the sender is
    /// unknown. Bytes from the server are attributed to the platform. `direction` is the direction
    /// of a resource topic in the bytes.
    pub(in super::super) fn by_device(
        &self,
        from_client: bool,
        direction: Option<Direction>,
    ) -> Option<bool> {
        if !from_client {
            return Some(false);
        }
        self.client_is_device.or(direction.map(|direction| direction == Direction::Up))
    }

    const fn framing(&mut self, from_client: bool) -> &mut Framing {
        if from_client { &mut self.client } else { &mut self.server }
    }

    fn item(
        &mut self,
        at: At,
        item: Item<'_>,
        sequence: u32,
        each: &mut dyn FnMut(Passed<'_>, u32),
    ) {
        let At { number, from_client } = at;
        let fault = |kind: FaultKind, by_device| Fault { kind, number, sequence, by_device };
        match item {
            Item::Publish(publish) => self.publish(at, publish, sequence, each),
            Item::Subscribed(direction) => {
                if from_client {
                    self.client_is_device.get_or_insert(direction == Direction::Down);
                }
                self.ours(each);
            }
            Item::Malformed(why, hint) => {
                self.hinted(hint, each);
                let by_device = self.by_device(from_client, hint.direction);
                self.fault(fault(FaultKind::Malformed(why), by_device), each);
            }
            Item::Unfinished(hint) => {
                self.hinted(hint, each);
                let by_device = self.by_device(from_client, hint.direction);
                self.fault(fault(FaultKind::Unfinished, by_device), each);
            }
        }
    }

    fn publish(
        &mut self,
        at: At,
        publish: Publish<'_>,
        sequence: u32,
        each: &mut dyn FnMut(Passed<'_>, u32),
    ) {
        let At { number, from_client } = at;
        let Publish { topic, dup, payload, length } = publish;
        let topic = match topic {
            Name::Text(text) => match Topic::parse(&text) {
                Ok(topic) => topic,
                Err(error) => return each(Passed::Other(text, error), sequence),
            },
            Name::Known(topic) => topic,
            Name::Others => {
                if let Err(error) = Topic::parse("") {
                    each(Passed::Other(Cow::Borrowed(""), error), sequence);
                }
                return;
            }
            Name::Unknown(alias) => {
                let by_device = self.by_device(from_client, None);
                let kind = FaultKind::UnknownAlias(alias);
                return self.fault(Fault { kind, number, sequence, by_device }, each);
            }
        };
        if from_client {
            self.client_is_device.get_or_insert(topic.direction == Direction::Up);
        }
        self.ours(each);
        each(Passed::Message { topic, dup, payload, length }, sequence);
    }

    fn hinted(&mut self, hint: Hint, each: &mut dyn FnMut(Passed<'_>, u32)) {
        if hint.names_ours {
            self.ours(each);
        }
    }

    /// Records that a resource topic was seen and reports the faults that were held back.
    fn ours(&mut self, each: &mut dyn FnMut(Passed<'_>, u32)) {
        self.has_ours = true;
        for fault in mem::take(&mut self.held) {
            let by_device = fault.by_device.or(self.client_is_device);
            each(Passed::Fault(Fault { by_device, ..fault }), fault.sequence);
        }
    }
}

//! Splits the bytes of one direction of an MQTT connection into packets.
//!
//! This module reads only the header of most packets, so it accepts at least as much as a broker
//! does. After a malformed packet or missing bytes, the module continues at the next packet that it
//! recognises.

use std::mem;

use iothub_resource::{Direction, MAX_PAYLOAD, Topic};

use super::{
    malformed::{Malformed, check},
    plausible::{
        KEPT, begins_packet, find_ours, follows_packet, is_ours, level_of_connect, names_ours,
    },
    publish::{self, Aliases, Name, Publish, Version},
};
use crate::mqtt::{FixedHeader, PacketType};

/// The maximum number of bytes that are kept from a PUBLISH: a topic, properties, and one byte more
/// than the longest valid payload.
const LONGEST: usize = MAX_PAYLOAD + 4096;
/// The number of bytes after the header that are read from a packet other than PUBLISH, CONNECT and
/// SUBSCRIBE.
const ENOUGH: usize = 8;
/// The number of bytes that are read from a CONNECT.
const CONNECT: usize = 16;
/// The maximum number of bytes that are read from a SUBSCRIBE.
const FILTERS: usize = 1 << 10;

/// A message, subscription or fault that was found in one direction of a connection.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Item<'a> {
    Publish(Publish<'a>),
    /// The sender subscribes to resource topics of this direction.
    Subscribed(Direction),
    Malformed(Malformed, Hint),
    /// The last packet is incomplete, and the sender has not ended the connection.
    Unfinished(Hint),
}

/// The relation of an unreadable packet to resource topics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Hint {
    /// Whether the packet contains a resource topic.
    pub(super) names_ours: bool,
    /// The direction of that topic, or `None` if the packet contains neither an up topic nor a down
    /// topic.
    pub(super) direction: Option<Direction>,
}

/// A function that receives an item and the sequence number of the first byte of the item.
pub(super) type Each<'e> = dyn FnMut(Item<'_>, u32) + 'e;

/// The state of one direction of an MQTT connection.
#[derive(Debug, Default)]
pub(super) struct Framing {
    /// The beginning of an incomplete packet, or, after a loss, the last bytes, in which a packet
    /// may begin.
    buffer: Vec<u8>,
    /// The sequence number of the first byte of `buffer`.
    begin: u32,
    /// The number of bytes that remain to be skipped.
    to_pass: usize,
    /// The content of the bytes that are skipped.
    passing: Passing,
    /// Whether the position of the next packet is unknown.
    is_lost: bool,
    /// Whether the supposed beginning of a packet may be wrong.
    is_doubtful: bool,
    aliases: Aliases,
}

/// The content of skipped bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Passing {
    /// The rest of the payload of a PUBLISH, after the bytes that are kept for the verdict.
    #[default]
    Payload,
    /// A packet that contains strings.
    Texts,
    /// A packet without strings.
    Numbers,
}

/// The packet or fault at the beginning of some bytes.
enum Next {
    /// A packet, with the number of its available bytes and the number of its missing bytes.
    Packet(usize, usize, Passing),
    /// More bytes are needed.
    More,
    /// A malformed packet, and the likely number of bytes from its beginning to the next packet.
    Malformed(Malformed, Option<usize>),
}

impl Framing {
    /// Marks the position in the stream as unknown and drops the buffered bytes.
    pub(super) fn lose(&mut self) {
        (self.is_lost, self.is_doubtful, self.to_pass) = (true, true, 0);
        self.buffer = Vec::new();
    }

    pub(super) fn kept_bytes(&self) -> usize {
        self.buffer.capacity() + self.aliases.kept_bytes()
    }

    /// Processes the next bytes of a segment. After a loss, the function recognises only a PUBLISH
    /// on a resource topic, or a packet at the beginning of a segment. `sequence` is the sequence
    /// number of the first byte. Sets `version` if a packet reveals the protocol version.
    pub(super) fn take(
        &mut self,
        bytes: &[u8],
        sequence: u32,
        version: &mut Option<u8>,
        each: &mut Each<'_>,
    ) {
        let is_inside = self.to_pass > 0 || !self.buffer.is_empty();
        if is_inside && !self.is_lost && is_ours(bytes) {
            let hint = hint(&mem::take(&mut self.buffer));
            let begin = if self.to_pass > 0 { sequence } else { self.begin };
            self.to_pass = 0;
            self.tell(Malformed::Overrun, hint, begin, each);
        }
        let passed = self.pass(bytes);
        if passed < bytes.len() && self.to_pass > 0 {
            self.to_pass = 0;
            self.tell(Malformed::Overrun, Hint::default(), sequence, each);
        }
        let bytes = &bytes[passed..];
        let sequence = sequence.wrapping_add(passed as u32);
        if self.buffer.is_empty() {
            let used = self.packets(bytes, sequence, 0, version, each);
            self.keep(bytes[used..].to_vec(), sequence.wrapping_add(used as u32));
        } else {
            let (mut all, begin) = (mem::take(&mut self.buffer), self.begin);
            let segment = all.len();
            all.extend_from_slice(bytes);
            let used = self.packets(&all, begin, segment, version, each);
            all.drain(..used);
            self.keep(all, begin.wrapping_add(used as u32));
        }
    }

    /// Processes the end of the direction. `is_ended` is true if the sender sent a FIN.
    pub(super) fn finish(&mut self, is_ended: bool, version: &mut Option<u8>, each: &mut Each<'_>) {
        while !self.is_lost && !self.buffer.is_empty() {
            let (all, begin) = (mem::take(&mut self.buffer), self.begin);
            // A wrong length may hide the next message.
            let Some(next) = find_ours(&all, 1) else {
                if !self.is_doubtful && !is_publish_of_others(&all) {
                    self.unfinished(is_ended, hint(&all), begin, each);
                }
                break;
            };
            self.tell(Malformed::Overrun, hint(&all[..next]), begin, each);
            let (rest, begin) = (&all[next..], begin.wrapping_add(next as u32));
            let used = self.packets(rest, begin, usize::MAX, version, each);
            self.keep(rest[used..].to_vec(), begin.wrapping_add(used as u32));
        }
        if mem::take(&mut self.to_pass) > 0 && self.passing != Passing::Payload && !self.is_doubtful
        {
            self.unfinished(is_ended, Hint::default(), self.begin, each);
        }
        self.lose();
    }

    fn unfinished(&self, is_ended: bool, hint: Hint, begin: u32, each: &mut Each<'_>) {
        let item = if is_ended {
            Item::Malformed(Malformed::Unfinished, hint)
        } else {
            Item::Unfinished(hint)
        };
        each(item, begin);
    }

    fn tell(&self, why: Malformed, hint: Hint, begin: u32, each: &mut Each<'_>) {
        if !self.is_doubtful {
            each(Item::Malformed(why, hint), begin);
        }
    }

    /// Skips the bytes at the beginning of `bytes` that belong to the current packet. Stops at a
    /// packet that a wrong length hides. Returns the number of skipped bytes.
    fn pass(&mut self, bytes: &[u8]) -> usize {
        let passed = self.to_pass.min(bytes.len());
        let hidden = match self.passing {
            Passing::Numbers => find_ours(&bytes[..passed], 0),
            Passing::Payload | Passing::Texts => None,
        };
        if hidden.is_none() {
            self.to_pass -= passed;
        }
        hidden.unwrap_or(passed)
    }

    /// Keeps the unprocessed bytes `rest`. `begin` is the sequence number of their first byte.
    fn keep(&mut self, rest: Vec<u8>, begin: u32) {
        (self.buffer, self.begin) = (rest, begin);
        if self.buffer.is_empty() {
            self.buffer = Vec::new();
        }
    }

    /// Processes all complete packets in `bytes` and returns the number of processed bytes. The
    /// newest segment begins at the offset `segment`.
    fn packets(
        &mut self,
        bytes: &[u8],
        sequence: u32,
        segment: usize,
        version: &mut Option<u8>,
        each: &mut Each<'_>,
    ) -> usize {
        let mut at = 0;
        loop {
            if self.is_lost {
                match find(bytes, at, segment) {
                    Some((begin, is_certain)) => {
                        at = begin;
                        (self.is_lost, self.is_doubtful) = (false, !is_certain);
                    }
                    None => return at.max(bytes.len().saturating_sub(KEPT)),
                }
            }
            let begin = sequence.wrapping_add(at as u32);
            let rest = &bytes[at..];
            match self.packet(rest, begin, version, each) {
                Next::More => return at,
                Next::Packet(length, to_pass, passing) => {
                    self.is_doubtful = false;
                    at += length;
                    (self.to_pass, self.passing) = (to_pass, passing);
                    if at == bytes.len() {
                        return at;
                    }
                }
                Next::Malformed(why, skip) => {
                    let resumed = skip.or_else(|| Some(find(bytes, at + 1, segment)?.0 - at));
                    let hint = hint(&rest[..resumed.unwrap_or(rest.len())]);
                    self.tell(why, hint, begin, each);
                    self.is_lost = skip.is_none();
                    at += skip.unwrap_or(1);
                }
            }
        }
    }

    /// Processes the packet at the beginning of `bytes` and returns its extent or its fault.
    fn packet(
        &mut self,
        bytes: &[u8],
        sequence: u32,
        version: &mut Option<u8>,
        each: &mut Each<'_>,
    ) -> Next {
        let header = match FixedHeader::read(bytes) {
            Ok(Some(header)) => header,
            Ok(None) => return Next::More,
            Err(_) => return Next::Malformed(Malformed::LongLength, None),
        };
        let whole = header.packet_length();
        let there = whole.min(bytes.len());
        let needed = match PacketType::of(header.first) {
            Some(PacketType::Publish) => LONGEST,
            Some(PacketType::Connect) => CONNECT,
            Some(PacketType::Subscribe) => FILTERS,
            _ => header.length + ENOUGH,
        };
        if there < needed.min(whole) {
            return Next::More;
        }
        let skip = (whole <= bytes.len() && follows_packet(&bytes[whole..])).then_some(whole);
        let body = &bytes[header.length..there];
        let packet_type = match check(&header, body, *version) {
            Ok(packet_type) => packet_type,
            Err(why) => return Next::Malformed(why, skip),
        };
        let passing = match packet_type {
            PacketType::Publish => {
                return self.publish(&header, body, sequence, version, each).unwrap_or_else(
                    |(why, hidden)| {
                        Next::Malformed(why, hidden.map(|at| header.length + at).or(skip))
                    },
                );
            }
            PacketType::Connect => {
                *version = level_of_connect(&bytes[..there]).or(*version);
                Passing::Texts
            }
            PacketType::Subscribe => {
                for direction in [Direction::Up, Direction::Down] {
                    if contains(body, direction) {
                        each(Item::Subscribed(direction), sequence);
                    }
                }
                Passing::Texts
            }
            PacketType::Unsubscribe => Passing::Texts,
            _ => Passing::Numbers,
        };
        if passing == Passing::Numbers
            && let Some(hidden) = find_ours(body, 0)
        {
            return Next::Malformed(Malformed::Overrun, Some(header.length + hidden));
        }
        Next::Packet(there, whole - there, passing)
    }

    /// Processes a PUBLISH. If a wrong length makes a further packet a part of the body, the error
    /// contains the offset of that packet in the body.
    fn publish(
        &mut self,
        header: &FixedHeader,
        body: &[u8],
        sequence: u32,
        version: &mut Option<u8>,
        each: &mut Each<'_>,
    ) -> Result<Next, (Malformed, Option<usize>)> {
        let read = publish::read(header, body, *version, &mut self.aliases);
        let (publish, shown) = read.map_err(|why| (why, find_ours(body, 0)))?;
        let is_ours = match &publish.topic {
            Name::Text(topic) => Topic::parse(topic).is_ok(),
            Name::Known(_) | Name::Unknown(_) => true,
            Name::Others => false,
        };
        if is_ours && let Some(hidden) = find_ours(publish.payload, 0) {
            return Err((Malformed::Overrun, Some(body.len() - publish.payload.len() + hidden)));
        }
        if let Version::Known(level) = shown {
            *version = Some(level);
        }
        each(Item::Publish(publish), sequence);
        let to_come = header.remaining - body.len();
        Ok(Next::Packet(header.length + body.len(), to_come, Passing::Payload))
    }
}

/// Returns the offset of the next packet at or after `from`, and whether this offset is certain.
/// Returns `None` if no packet is recognised. The offset of a PUBLISH on a resource topic is
/// certain. Other packets are recognised only at the beginning of a segment.
fn find(bytes: &[u8], from: usize, segment: usize) -> Option<(usize, bool)> {
    let ours = find_ours(bytes, from);
    let is_before_ours = segment >= from && ours.is_none_or(|ours| segment < ours);
    if is_before_ours && bytes.get(segment..).is_some_and(begins_packet) {
        return Some((segment, false));
    }
    Some((ours?, true))
}

/// Returns the relation of a malformed or incomplete packet to resource topics.
fn hint(packet: &[u8]) -> Hint {
    let directions = [Direction::Up, Direction::Down];
    Hint {
        names_ours: names_ours(packet),
        direction: directions.into_iter().find(|direction| contains(packet, *direction)),
    }
}

/// Returns whether the bytes contain a resource topic of this direction.
fn contains(bytes: &[u8], direction: Direction) -> bool {
    let topic: &[u8] = match direction {
        Direction::Up => b"$resource/up/service/",
        Direction::Down => b"$resource/down/service/",
    };
    bytes.windows(topic.len()).any(|window| window == topic)
}

/// Returns whether the bytes are the beginning of a PUBLISH on a topic other than a resource topic.
fn is_publish_of_others(bytes: &[u8]) -> bool {
    let Ok(Some(header)) = FixedHeader::read(bytes) else { return false };
    if PacketType::of(header.first) != Some(PacketType::Publish) {
        return false;
    }
    let Some(length) = bytes.get(header.length..).and_then(<[u8]>::first_chunk) else {
        return false;
    };
    let topic = &bytes[header.length + 2..];
    let topic = topic.get(..u16::from_be_bytes(*length).into());
    topic.is_some_and(|topic| !topic.is_empty() && !names_ours(topic))
}

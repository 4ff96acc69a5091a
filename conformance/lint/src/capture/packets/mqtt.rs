//! The bytes of one direction of an MQTT connection, to what was published in it.
//!
//! Only PUBLISH is read, and of CONNECT the version: everything else is passed over by its length,
//! so nothing is refused that a broker lets through.

use std::collections::HashMap;

use iothub_resource::MAX_PAYLOAD;

use crate::mqtt::{
    FixedHeader, PacketType, PropertyValue, PublishFlags, TooLong, VariableInteger, property,
};

/// No topic of ours is as long. A longer one is not kept.
const LONGEST_TOPIC: usize = 128;
/// How much of a packet is kept: a topic, properties and one byte more than a payload may have.
const LONGEST: usize = MAX_PAYLOAD + 4096;
/// Of the topics that a connection of MQTT 5 has given numbers.
const MOST_ALIASES: usize = 64;
/// The flag of a packet that is sent again.
const DUP: u8 = 0b1000;

/// What was published.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Publish {
    /// Empty where it is longer than any of ours, or not known.
    pub(super) topic: String,
    pub(super) dup: bool,
    /// As long as it was, whatever of it was kept.
    pub(super) payload: Vec<u8>,
}

/// One direction.
#[derive(Debug, Default)]
pub(super) struct Framing {
    buffer: Vec<u8>,
    /// How many bytes more belong to a packet that is not looked at.
    to_pass: usize,
    /// It is not known where a packet begins.
    lost: bool,
    aliases: HashMap<u16, String>,
}

/// What a direction begins with.
pub(super) fn is_connect(bytes: &[u8]) -> bool {
    bytes.first() == Some(&PacketType::Connect.first_byte())
        && matches!(level_of(bytes), Some((_, 3..=5)))
}

/// A PUBLISH on one of our topics, to know a connection whose beginning was not recorded.
pub(super) fn is_ours(bytes: &[u8]) -> bool {
    const TOPIC: &[u8] = b"$resource/";
    let Ok(Some((PacketType::Publish, header))) = header(bytes) else { return false };
    bytes.get(header.length + 2..).is_some_and(|topic| topic.starts_with(TOPIC))
}

impl Framing {
    /// Nothing is known of what comes next.
    pub(super) fn lose(&mut self) {
        (self.lost, self.to_pass) = (true, 0);
        self.buffer.clear();
    }

    pub(super) fn kept_bytes(&self) -> usize {
        self.buffer.capacity()
    }

    /// Takes the next bytes, which began a segment: there a packet may begin that is recognised.
    /// Tells the version where a CONNECT comes.
    pub(super) fn take(
        &mut self,
        mut bytes: &[u8],
        version: &mut Option<u8>,
        published: &mut Vec<Publish>,
    ) {
        if self.lost {
            if !begins_plausibly(bytes) {
                return;
            }
            self.lost = false;
        }
        while !bytes.is_empty() && !self.lost {
            let passed = self.to_pass.min(bytes.len());
            self.to_pass -= passed;
            bytes = &bytes[passed..];
            // At most a whole packet is kept, and what was kept is looked at at once.
            let room = bytes.len().min(LONGEST);
            let (part, rest) = bytes.split_at(room);
            self.buffer.extend_from_slice(part);
            bytes = rest;
            while self.to_pass == 0 && self.packet(version, published) {}
        }
        if self.buffer.is_empty() {
            self.buffer = Vec::new();
        }
    }

    /// Takes one packet off the buffer. Whether there may be another.
    fn packet(&mut self, version: &mut Option<u8>, published: &mut Vec<Publish>) -> bool {
        let (packet_type, header) = match header(&self.buffer) {
            Ok(Some(header)) => header,
            Ok(None) => return false,
            Err(NoHeader) => {
                self.lose();
                return false;
            }
        };
        let whole = header.packet_length();
        // Enough to read what is read of it.
        let needed = match packet_type {
            PacketType::Connect => whole.min(header.length + 16),
            PacketType::Publish => whole.min(LONGEST),
            _ => 0,
        };
        if self.buffer.len() < needed {
            return false;
        }
        let kept = self.buffer.len().min(whole);
        if packet_type == PacketType::Connect {
            *version = level_of(&self.buffer[..kept]).map(|(_, level)| level).or(*version);
        }
        if packet_type == PacketType::Publish {
            let body = self.buffer[header.length..kept].to_vec();
            match self.publish(&header, &body, *version) {
                Some(publish) => published.push(publish),
                None => {
                    self.lose();
                    return false;
                }
            }
        }
        self.buffer.drain(..kept);
        self.to_pass = whole - kept;
        !self.buffer.is_empty()
    }

    /// Nothing where it makes no sense.
    fn publish(
        &mut self,
        header: &FixedHeader,
        body: &[u8],
        version: Option<u8>,
    ) -> Option<Publish> {
        let topic_length: usize = u16::from_be_bytes([*body.first()?, *body.get(1)?]).into();
        let PublishFlags { dup, qos, .. } = PublishFlags::of(header.first);
        let id = if qos == 0 { 0 } else { 2 };
        if qos > 2 || 2 + topic_length + id > header.remaining {
            return None;
        }
        // MQTT forbids it at QoS 0: it means nothing there (SES-11).
        let dup = dup && qos > 0;
        if topic_length > LONGEST_TOPIC {
            return Some(Publish { topic: String::new(), dup, payload: Vec::new() });
        }
        let topic = String::from_utf8_lossy(body.get(2..2 + topic_length)?).into_owned();
        let mut at = 2 + topic_length + id;
        let mut name = topic;
        let rest = body.get(at..)?;
        if is_version_5(version, rest) {
            let VariableInteger { value, length, .. } = VariableInteger::read(rest).ok()??;
            let properties = rest.get(length..length + value)?;
            at += length + value;
            if let Some(alias) = alias_in(properties) {
                if name.is_empty() {
                    name = self.aliases.get(&alias).cloned().unwrap_or_default();
                } else if self.aliases.len() < MOST_ALIASES || self.aliases.contains_key(&alias) {
                    self.aliases.insert(alias, name.clone());
                }
            }
        }
        let mut payload = body.get(at..)?.to_vec();
        // Only its length is looked at where it is as long.
        payload.resize((header.remaining - at).min(super::LARGEST), 0);
        Some(Publish { topic: name, dup, payload })
    }
}

/// Bytes that no packet begins with.
struct NoHeader;

impl From<TooLong> for NoHeader {
    fn from(TooLong: TooLong) -> Self {
        Self
    }
}

/// Nothing where there is not enough yet.
fn header(bytes: &[u8]) -> Result<Option<(PacketType, FixedHeader)>, NoHeader> {
    let Some(&first) = bytes.first() else { return Ok(None) };
    let packet_type = PacketType::of(first).ok_or(NoHeader)?;
    Ok(FixedHeader::read(bytes)?.map(|header| (packet_type, header)))
}

/// The name of the protocol and its level, in a CONNECT.
fn level_of(packet: &[u8]) -> Option<(&[u8], u8)> {
    let (_, header) = header(packet).ok()??;
    let body = packet.get(header.length..)?;
    [&b"\0\x04MQTT"[..], b"\0\x06MQIsdp"].into_iter().find_map(|name| {
        let level = *body.strip_prefix(name)?.first()?;
        // A bridge sets the highest bit.
        Some((name, level & 0x7F))
    })
}

/// Whether properties stand before a payload. Where no CONNECT was seen, its look decides: messages
/// begin with a brace or white space.
fn is_version_5(version: Option<u8>, rest: &[u8]) -> bool {
    let begins_a_message =
        |byte: Option<&u8>| matches!(byte, Some(b'{' | b' ' | b'\t' | b'\n' | b'\r'));
    match version {
        Some(version) => version == 5,
        None if begins_a_message(rest.first()) => false,
        None => match VariableInteger::read(rest) {
            Ok(Some(VariableInteger { value, length, .. })) => {
                begins_a_message(rest.get(length + value))
            }
            _ => false,
        },
    }
}

/// The topic alias among the properties of a PUBLISH.
fn alias_in(mut properties: &[u8]) -> Option<u16> {
    let text = |at: usize, properties: &[u8]| -> Option<usize> {
        let length = properties.get(at..at + 2)?;
        Some(2 + usize::from(u16::from_be_bytes([length[0], length[1]])))
    };
    while let Some(&kind) = properties.first() {
        if kind == property::TOPIC_ALIAS {
            return Some(u16::from_be_bytes([*properties.get(1)?, *properties.get(2)?]));
        }
        let length = match PropertyValue::in_publish(kind)? {
            PropertyValue::Byte => 1,
            PropertyValue::Short => 2,
            PropertyValue::Long => 4,
            PropertyValue::Variable => VariableInteger::read(&properties[1..]).ok()??.length,
            PropertyValue::Bytes => text(1, properties)?,
            PropertyValue::Pair => {
                let key = text(1, properties)?;
                key + text(1 + key, properties)?
            }
        };
        properties = properties.get(1 + length..)?;
    }
    None
}

/// Whether a segment begins with a packet, for all that can be seen of it.
fn begins_plausibly(bytes: &[u8]) -> bool {
    let Ok(Some((packet_type, header))) = header(bytes) else { return false };
    let FixedHeader { first, length, .. } = header;
    match packet_type {
        PacketType::Connect => is_connect(bytes),
        PacketType::Publish => {
            let topic = bytes.get(length..length + 2).and_then(|topic_length| {
                let topic_length = u16::from_be_bytes([topic_length[0], topic_length[1]]).into();
                bytes.get(length + 2..)?.get(..topic_length)
            });
            let is_text = |topic: &[u8]| {
                std::str::from_utf8(topic).is_ok_and(|topic| !topic.contains(char::is_control))
            };
            PublishFlags::of(first).qos <= 2 && topic.is_some_and(is_text)
        }
        // MQTT 3.1 sets DUP on these.
        PacketType::PubRel | PacketType::Subscribe | PacketType::Unsubscribe => {
            first & !DUP == packet_type.first_byte() && header.packet_length() <= bytes.len()
        }
        PacketType::PingReq | PacketType::PingResp => {
            first == packet_type.first_byte() && header.remaining == 0
        }
        // Whole, and without flags.
        _ => first == packet_type.first_byte() && header.packet_length() <= bytes.len(),
    }
}

//! The bytes of one direction of an MQTT connection, to what was published in it.
//!
//! Only PUBLISH is read, and of CONNECT the version: everything else is passed over by its length,
//! so nothing is refused that a broker lets through.

use std::collections::HashMap;

use iothub_resource::MAX_PAYLOAD;

/// No topic of ours is as long. A longer one is not kept.
const LONGEST_TOPIC: usize = 128;
/// How much of a packet is kept: a topic, properties and one byte more than a payload may have.
const LONGEST: usize = MAX_PAYLOAD + 4096;
/// Of the topics that a connection of MQTT 5 has given numbers.
const MOST_ALIASES: usize = 64;

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
    bytes.first() == Some(&0x10) && matches!(level_of(bytes), Some((_, 3..=5)))
}

/// A PUBLISH on one of our topics, to know a connection whose beginning was not recorded.
pub(super) fn is_ours(bytes: &[u8]) -> bool {
    const TOPIC: &[u8] = b"$resource/";
    let Some(Header { kind: 3, length, .. }) = header(bytes).unwrap_or(None) else { return false };
    bytes.get(length + 2..).is_some_and(|topic| topic.starts_with(TOPIC))
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
        let header = match header(&self.buffer) {
            Ok(Some(header)) => header,
            Ok(None) => return false,
            Err(()) => {
                self.lose();
                return false;
            }
        };
        let whole = header.length + header.remaining;
        // Enough to read what is read of it.
        let needed = match header.kind {
            1 => whole.min(header.length + 16),
            3 => whole.min(LONGEST),
            _ => 0,
        };
        if self.buffer.len() < needed {
            return false;
        }
        let kept = self.buffer.len().min(whole);
        if header.kind == 1 {
            *version = level_of(&self.buffer[..kept]).map(|(_, level)| level).or(*version);
        }
        if header.kind == 3 {
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
    fn publish(&mut self, header: &Header, body: &[u8], version: Option<u8>) -> Option<Publish> {
        let topic_length: usize = u16::from_be_bytes([*body.first()?, *body.get(1)?]).into();
        let id = if header.flags & 0b0110 == 0 { 0 } else { 2 };
        if header.flags & 0b0110 == 0b0110 || 2 + topic_length + id > header.remaining {
            return None;
        }
        let dup = header.flags & 0b1000 != 0;
        if topic_length > LONGEST_TOPIC {
            return Some(Publish { topic: String::new(), dup, payload: Vec::new() });
        }
        let topic = String::from_utf8_lossy(body.get(2..2 + topic_length)?).into_owned();
        let mut at = 2 + topic_length + id;
        let mut name = topic;
        let rest = body.get(at..)?;
        if is_version_5(version, rest) {
            let (length, digits) = variable_integer(rest).ok()??;
            let properties = rest.get(digits..digits + length)?;
            at += digits + length;
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

#[derive(Debug)]
struct Header {
    kind: u8,
    flags: u8,
    /// Of the rest of the packet.
    remaining: usize,
    /// Of the header itself.
    length: usize,
}

/// Nothing where there is not enough yet, an error where it is no header.
fn header(bytes: &[u8]) -> Result<Option<Header>, ()> {
    let Some(&first) = bytes.first() else { return Ok(None) };
    let (kind, flags) = (first >> 4, first & 0b1111);
    if kind == 0 {
        return Err(());
    }
    let length = variable_integer(&bytes[1..])?;
    Ok(length.map(|(remaining, digits)| Header { kind, flags, remaining, length: 1 + digits }))
}

/// An integer of seven bits a byte, and how many bytes it has.
fn variable_integer(bytes: &[u8]) -> Result<Option<(usize, usize)>, ()> {
    let mut value = 0;
    for (at, byte) in bytes.iter().enumerate().take(4) {
        value |= usize::from(byte & 0x7F) << (7 * at);
        if byte & 0x80 == 0 {
            return Ok(Some((value, at + 1)));
        }
    }
    if bytes.len() < 4 { Ok(None) } else { Err(()) }
}

/// The name of the protocol and its level, in a CONNECT.
fn level_of(packet: &[u8]) -> Option<(&[u8], u8)> {
    let body = packet.get(header(packet).ok()??.length..)?;
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
        None => match variable_integer(rest) {
            Ok(Some((length, digits))) => begins_a_message(rest.get(digits + length)),
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
        let length = match kind {
            0x01 => 1,
            0x02 => 4,
            0x23 => {
                return Some(u16::from_be_bytes([*properties.get(1)?, *properties.get(2)?]));
            }
            0x03 | 0x08 | 0x09 => text(1, properties)?,
            0x0B => variable_integer(&properties[1..]).ok()??.1,
            0x26 => {
                let key = text(1, properties)?;
                key + text(1 + key, properties)?
            }
            _ => return None,
        };
        properties = properties.get(1 + length..)?;
    }
    None
}

/// Whether a segment begins with a packet, for all that can be seen of it.
fn begins_plausibly(bytes: &[u8]) -> bool {
    let Ok(Some(Header { kind, flags, remaining, length })) = header(bytes) else { return false };
    match kind {
        1 => is_connect(bytes),
        3 => {
            let topic = bytes.get(length..length + 2).and_then(|topic_length| {
                let topic_length = u16::from_be_bytes([topic_length[0], topic_length[1]]).into();
                bytes.get(length + 2..)?.get(..topic_length)
            });
            let is_text = |topic: &[u8]| {
                std::str::from_utf8(topic).is_ok_and(|topic| !topic.contains(char::is_control))
            };
            flags & 0b0110 != 0b0110 && topic.is_some_and(is_text)
        }
        // Whole, and with the flags that it has.
        6 | 8 | 10 => flags & 0b0111 == 0b0010 && length + remaining <= bytes.len(),
        12 | 13 => flags == 0 && remaining == 0,
        _ => flags == 0 && length + remaining <= bytes.len(),
    }
}

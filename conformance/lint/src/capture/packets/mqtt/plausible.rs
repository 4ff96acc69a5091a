//! Guesses where an MQTT packet begins.

use crate::mqtt::{FixedHeader, PacketType, PublishFlags, VariableInteger};

/// The beginning of every resource topic.
const TOPIC: &[u8] = b"$resource/";
/// The bit of the DUP flag in the first byte of a packet.
const DUP: u8 = 0b1000;
/// The length in bytes of the longest header before a topic, including the length field of the
/// topic.
const BEFORE_TOPIC: usize = 1 + VariableInteger::LONGEST + 2;

/// Returns the type and the header of a packet, or `None` if the header is incomplete or invalid.
pub(super) fn header(bytes: &[u8]) -> Option<(PacketType, FixedHeader)> {
    let header = FixedHeader::read(bytes).ok()??;
    Some((PacketType::of(header.first)?, header))
}

/// Returns whether the bytes begin with a CONNECT.
pub(in super::super) fn is_connect(bytes: &[u8]) -> bool {
    bytes.first() == Some(&PacketType::Connect.first_byte())
        && matches!(level_of_connect(bytes), Some(3..=5))
}

/// Returns the protocol level in a CONNECT, or `None` if the bytes are not a CONNECT or end before
/// the level.
pub(in super::super) fn level_of_connect(packet: &[u8]) -> Option<u8> {
    let (_, header) = header(packet)?;
    let body = packet.get(header.length..)?;
    [&b"\0\x04MQTT"[..], b"\0\x06MQIsdp"].into_iter().find_map(|name| {
        // A bridge sets the highest bit of the level.
        Some(body.strip_prefix(name)?.first()? & 0x7F)
    })
}

/// Returns whether the bytes begin with a PUBLISH on a resource topic. Such a packet identifies a
/// connection whose beginning was not recorded.
pub(in super::super) fn is_ours(bytes: &[u8]) -> bool {
    let Some((PacketType::Publish, header)) = header(bytes) else { return false };
    let Some(topic) = bytes.get(header.length + 2..) else { return false };
    topic.starts_with(TOPIC) && topic_fits(&header, bytes)
}

/// Returns whether the length of the topic is plausible.
fn topic_fits(header: &FixedHeader, bytes: &[u8]) -> bool {
    let length = bytes.get(header.length..).and_then(<[u8]>::first_chunk);
    length.is_some_and(|length| {
        let length = usize::from(u16::from_be_bytes(*length));
        length > TOPIC.len() && length + 2 <= header.remaining
    })
}

/// Returns whether the bytes contain the beginning of a resource topic.
pub(super) fn names_ours(bytes: &[u8]) -> bool {
    find(bytes, 0).is_some()
}

/// Returns the first offset at or after `from` at which a resource topic begins, or `None` if there
/// is none.
fn find(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        at += bytes.get(at..)?.iter().position(|byte| *byte == TOPIC[0])?;
        if bytes[at..].starts_with(TOPIC) {
            return Some(at);
        }
        at += 1;
    }
}

/// Returns the first offset at or after `from` at which a PUBLISH on a resource topic begins, or
/// `None` if there is none. Payloads do not match, because the header contains a zero byte, which
/// no valid payload contains.
pub(super) fn find_ours(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let topic = find(bytes, at)?;
        let earliest = topic.saturating_sub(BEFORE_TOPIC).max(from);
        // The longest possible header counts, because any shorter header is a part of it.
        let begin = (earliest..topic).find(|begin| {
            let Some((PacketType::Publish, header)) = header(&bytes[*begin..]) else {
                return false;
            };
            begin + header.length + 2 == topic
                && PublishFlags::of(header.first).qos <= 2
                && topic_fits(&header, &bytes[*begin..])
        });
        if begin.is_some() {
            return begin;
        }
        at = topic + 1;
    }
}

/// The number of bytes at the end of the data that are kept if [`find_ours`] finds no packet,
/// because a packet may begin in these bytes.
pub(super) const KEPT: usize = BEFORE_TOPIC + TOPIC.len();

/// Returns whether a segment begins with an MQTT packet.
pub(in super::super) fn begins_packet(bytes: &[u8]) -> bool {
    let Some((packet_type, header)) = header(bytes) else { return false };
    let FixedHeader { first, length, .. } = header;
    match packet_type {
        PacketType::Connect => is_connect(bytes),
        PacketType::Publish => PublishFlags::of(first).qos <= 2 && has_topic(&header, bytes),
        // In MQTT 3.1, these packets may have the DUP flag.
        PacketType::PubRel | PacketType::Subscribe | PacketType::Unsubscribe => {
            first & !DUP == packet_type.first_byte() && header.packet_length() <= bytes.len()
        }
        PacketType::PingReq | PacketType::PingResp => {
            first == packet_type.first_byte() && header.remaining == 0
        }
        // Other packets count only if they are complete and have no flags.
        _ => first == packet_type.first_byte() && length + header.remaining <= bytes.len(),
    }
}

/// Returns whether the bytes after a packet are the beginning of the next packet, even if the next
/// packet is invalid.
pub(super) fn follows_packet(bytes: &[u8]) -> bool {
    let Some(&first) = bytes.first() else { return true };
    let Ok(header) = FixedHeader::read(bytes) else { return false };
    let Some(header) = header else { return PacketType::of(first).is_some() };
    match PacketType::of(first) {
        None => false,
        Some(PacketType::Publish) => has_topic(&header, bytes),
        Some(_) => begins_packet(bytes),
    }
}

/// Returns whether `bytes` contains the whole topic of a PUBLISH and this topic is text without
/// control characters.
fn has_topic(header: &FixedHeader, bytes: &[u8]) -> bool {
    let Some(length) = bytes.get(header.length..).and_then(<[u8]>::first_chunk) else {
        return false;
    };
    let length = usize::from(u16::from_be_bytes(*length));
    let Some(topic) = bytes.get(header.length + 2..) else { return false };
    let Some(topic) = topic.get(..length) else { return false };
    let is_text = |topic: &str| !topic.contains(char::is_control);
    length + 2 <= header.remaining && std::str::from_utf8(topic).is_ok_and(is_text)
}

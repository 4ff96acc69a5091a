//! Decodes packets.
//!
//! It is as lenient as brokers are: reserved flags are ignored, since MQTT 3.1 clients set DUP on
//! SUBSCRIBE and PUBREL.

use super::{
    bytes::{Malformed, Reader},
    packet::{Connect, FilterRequest, Packet, Publish, Qos, Version, connect_flag},
    properties::Properties,
    reason,
};
use iothub_conformance_lint::mqtt::{PacketType, PublishFlags};

impl Packet {
    /// Decodes a packet from its first byte and the bytes after its length.
    ///
    /// A CONNECT names its version itself.
    pub(crate) fn decode(version: Version, first: u8, body: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(body);
        let v5 = version == Version::V5;
        let packet = match PacketType::of(first).ok_or(Malformed::Kind)? {
            PacketType::Connect => Self::Connect(connect(&mut reader)?),
            PacketType::ConnAck => con_ack(v5, &mut reader)?,
            PacketType::Publish => Self::Publish(publish(v5, first, &mut reader)?),
            PacketType::PubAck => {
                let Acknowledgement { id, code } = acknowledgement(v5, &mut reader)?;
                Self::PubAck { id, code }
            }
            PacketType::PubRec => {
                let Acknowledgement { id, code } = acknowledgement(v5, &mut reader)?;
                Self::PubRec { id, code }
            }
            PacketType::PubRel => Self::PubRel { id: acknowledgement(v5, &mut reader)?.id },
            PacketType::PubComp => Self::PubComp { id: acknowledgement(v5, &mut reader)?.id },
            PacketType::Subscribe => subscribe(v5, &mut reader)?,
            PacketType::SubAck => {
                let id = packet_id(&mut reader)?;
                properties(v5, &mut reader)?;
                Self::SubAck { id, codes: reader.rest().to_vec() }
            }
            PacketType::Unsubscribe => unsubscribe(v5, &mut reader)?,
            PacketType::UnsubAck => {
                let id = packet_id(&mut reader)?;
                properties(v5, &mut reader)?;
                Self::UnsubAck { id, codes: reader.rest().to_vec() }
            }
            PacketType::PingReq => Self::PingReq,
            PacketType::PingResp => Self::PingResp,
            PacketType::Disconnect => {
                let code = if v5 && !reader.is_empty() { reader.byte()? } else { reason::SUCCESS };
                properties_at_end(v5, &mut reader)?;
                Self::Disconnect { code }
            }
            // The endpoint never begins an authentication.
            PacketType::Auth => return Err(Malformed::Kind),
        };
        if reader.is_empty() { Ok(packet) } else { Err(Malformed::Length) }
    }
}

fn con_ack(v5: bool, reader: &mut Reader<'_>) -> Result<Packet, Malformed> {
    let session_present = reader.byte()? & 1 == 1;
    let code = reader.byte()?;
    let properties = properties_at_end(v5, reader)?;
    Ok(Packet::ConnAck { session_present, code, properties })
}

fn subscribe(v5: bool, reader: &mut Reader<'_>) -> Result<Packet, Malformed> {
    /// The other bits are options of MQTT 5.
    const QOS: u8 = 0b11;
    let id = packet_id(reader)?;
    properties(v5, reader)?;
    let mut filters = Vec::new();
    while !reader.is_empty() {
        let filter = reader.text()?;
        let qos = Qos::from_bits(reader.byte()? & QOS).ok_or(Malformed::Value)?;
        filters.push(FilterRequest { filter, qos });
    }
    some(&filters)?;
    Ok(Packet::Subscribe { id, filters })
}

fn unsubscribe(v5: bool, reader: &mut Reader<'_>) -> Result<Packet, Malformed> {
    let id = packet_id(reader)?;
    properties(v5, reader)?;
    let mut filters = Vec::new();
    while !reader.is_empty() {
        filters.push(reader.text()?);
    }
    some(&filters)?;
    Ok(Packet::Unsubscribe { id, filters })
}

fn connect(reader: &mut Reader<'_>) -> Result<Connect, Malformed> {
    let name = reader.bytes()?;
    // Bridges of Mosquitto set the highest bit.
    let version = match (name, reader.byte()? & 0x7F) {
        (b"MQIsdp", 3) => Version::V3_1,
        (b"MQTT", 4) => Version::V3_1_1,
        (b"MQTT", 5) => Version::V5,
        _ => return Err(Malformed::Version),
    };
    let flags = reader.byte()?;
    let has = |flag: u8| flags & flag != 0;
    let keep_alive = reader.short()?;
    let v5 = version == Version::V5;
    let properties = properties(v5, reader)?;
    let client_id = reader.text()?;
    let will = if has(connect_flag::WILL) {
        self::properties(v5, reader)?;
        let topic = reader.text()?;
        let payload = reader.bytes()?.into();
        let qos = (flags & connect_flag::WILL_QOS) >> connect_flag::WILL_QOS_SHIFT;
        let qos = Qos::from_bits(qos).ok_or(Malformed::Value)?;
        let retain = has(connect_flag::WILL_RETAIN);
        Some(Publish { topic, payload, qos, retain, dup: false, id: 0 })
    } else {
        None
    };
    let username = if has(connect_flag::USERNAME) { Some(reader.text()?) } else { None };
    let password = if has(connect_flag::PASSWORD) { Some(reader.bytes()?.to_vec()) } else { None };
    let clean = has(connect_flag::CLEAN);
    Ok(Connect { version, client_id, clean, keep_alive, will, username, password, properties })
}

fn publish(v5: bool, first: u8, reader: &mut Reader<'_>) -> Result<Publish, Malformed> {
    let PublishFlags { dup, qos, retain } = PublishFlags::of(first);
    let qos = Qos::from_bits(qos).ok_or(Malformed::Value)?;
    let topic = reader.text()?;
    let id = if qos == Qos::AtMostOnce { 0 } else { packet_id(reader)? };
    // The endpoint permits no topic alias.
    if properties(v5, reader)?.topic_alias.is_some() {
        return Err(Malformed::Value);
    }
    let payload = reader.rest().into();
    Ok(Publish { topic, payload, qos, retain, dup, id })
}

struct Acknowledgement {
    id: u16,
    code: u8,
}

/// In MQTT 5, a reason code may follow, and then properties.
fn acknowledgement(v5: bool, reader: &mut Reader<'_>) -> Result<Acknowledgement, Malformed> {
    let id = packet_id(reader)?;
    let code = if v5 && !reader.is_empty() { reader.byte()? } else { reason::SUCCESS };
    properties_at_end(v5, reader)?;
    Ok(Acknowledgement { id, code })
}

fn properties(v5: bool, reader: &mut Reader<'_>) -> Result<Properties, Malformed> {
    if v5 { Properties::read(reader) } else { Ok(Properties::default()) }
}

fn properties_at_end(v5: bool, reader: &mut Reader<'_>) -> Result<Properties, Malformed> {
    properties(v5 && !reader.is_empty(), reader)
}

fn packet_id(reader: &mut Reader<'_>) -> Result<u16, Malformed> {
    let id = reader.short()?;
    if id == 0 { Err(Malformed::Value) } else { Ok(id) }
}

fn some<T>(list: &[T]) -> Result<(), Malformed> {
    if list.is_empty() { Err(Malformed::Length) } else { Ok(()) }
}

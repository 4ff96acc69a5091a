//! Bytes to packets.
//!
//! Lenient where brokers are: reserved flags are not looked at, as MQTT 3.1 clients set DUP on
//! SUBSCRIBE and PUBREL.

use super::{
    bytes::{Malformed, Reader},
    packet::{Connect, Packet, Publish, Qos, Version},
    properties::Properties,
};

impl Packet {
    /// Reads a packet from its first byte and what stands behind its length.
    ///
    /// A CONNECT says its version itself.
    pub(crate) fn decode(version: Version, first: u8, body: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(body);
        let v5 = version == Version::V5;
        let packet = match first >> 4 {
            1 => Self::Connect(connect(&mut reader)?),
            2 => {
                let session_present = reader.byte()? & 1 == 1;
                let code = reader.byte()?;
                let properties = properties_at_end(v5, &mut reader)?;
                Self::ConnAck { session_present, code, properties }
            }
            3 => Self::Publish(publish(v5, first, &mut reader)?),
            4 => {
                let (id, code) = acknowledgement(v5, &mut reader)?;
                Self::PubAck { id, code }
            }
            5 => {
                let (id, code) = acknowledgement(v5, &mut reader)?;
                Self::PubRec { id, code }
            }
            6 => Self::PubRel { id: acknowledgement(v5, &mut reader)?.0 },
            7 => Self::PubComp { id: acknowledgement(v5, &mut reader)?.0 },
            8 => {
                let id = packet_id(&mut reader)?;
                properties(v5, &mut reader)?;
                let mut filters = Vec::new();
                while !reader.is_empty() {
                    let filter = reader.text()?;
                    // The other bits are options of MQTT 5.
                    let qos = Qos::from_bits(reader.byte()? & 3).ok_or(Malformed::Value)?;
                    filters.push((filter, qos));
                }
                some(&filters)?;
                Self::Subscribe { id, filters }
            }
            9 => {
                let id = packet_id(&mut reader)?;
                properties(v5, &mut reader)?;
                Self::SubAck { id, codes: reader.rest().to_vec() }
            }
            10 => {
                let id = packet_id(&mut reader)?;
                properties(v5, &mut reader)?;
                let mut filters = Vec::new();
                while !reader.is_empty() {
                    filters.push(reader.text()?);
                }
                some(&filters)?;
                Self::Unsubscribe { id, filters }
            }
            11 => {
                let id = packet_id(&mut reader)?;
                properties(v5, &mut reader)?;
                Self::UnsubAck { id, codes: reader.rest().to_vec() }
            }
            12 => Self::PingReq,
            13 => Self::PingResp,
            14 => {
                let code = if v5 && !reader.is_empty() { reader.byte()? } else { 0 };
                properties_at_end(v5, &mut reader)?;
                Self::Disconnect { code }
            }
            _ => return Err(Malformed::Kind),
        };
        if reader.is_empty() { Ok(packet) } else { Err(Malformed::Length) }
    }
}

fn connect(reader: &mut Reader<'_>) -> Result<Connect, Malformed> {
    let name = reader.bytes()?;
    // The upper bit is what Mosquitto's bridges set.
    let version = match (name, reader.byte()? & 0x7F) {
        (b"MQIsdp", 3) => Version::V3_1,
        (b"MQTT", 4) => Version::V3_1_1,
        (b"MQTT", 5) => Version::V5,
        _ => return Err(Malformed::Version),
    };
    let flags = reader.byte()?;
    let keep_alive = reader.short()?;
    let v5 = version == Version::V5;
    let properties = properties(v5, reader)?;
    let client_id = reader.text()?;
    let has = |bit: u8| flags & bit != 0;
    let will = if has(0x04) {
        self::properties(v5, reader)?;
        let topic = reader.text()?;
        let payload = reader.bytes()?.into();
        let qos = Qos::from_bits(flags >> 3 & 3).ok_or(Malformed::Value)?;
        Some(Publish { topic, payload, qos, retain: has(0x20), dup: false, id: 0 })
    } else {
        None
    };
    let username = if has(0x80) { Some(reader.text()?) } else { None };
    let password = if has(0x40) { Some(reader.bytes()?.to_vec()) } else { None };
    let clean = has(0x02);
    Ok(Connect { version, client_id, clean, keep_alive, will, username, password, properties })
}

fn publish(v5: bool, first: u8, reader: &mut Reader<'_>) -> Result<Publish, Malformed> {
    let qos = Qos::from_bits(first >> 1 & 3).ok_or(Malformed::Value)?;
    let topic = reader.text()?;
    let id = if qos == Qos::AtMostOnce { 0 } else { packet_id(reader)? };
    // We never allow an alias, so nobody may send one.
    if properties(v5, reader)?.topic_alias.is_some() {
        return Err(Malformed::Value);
    }
    let payload = reader.rest().into();
    Ok(Publish { topic, payload, qos, retain: first & 1 == 1, dup: first & 8 != 0, id })
}

/// In MQTT 5 the code may be there, and then the properties.
fn acknowledgement(v5: bool, reader: &mut Reader<'_>) -> Result<(u16, u8), Malformed> {
    let id = packet_id(reader)?;
    let code = if v5 && !reader.is_empty() { reader.byte()? } else { 0 };
    properties_at_end(v5, reader)?;
    Ok((id, code))
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

//! Describes violations of MQTT that are visible in single packets.

use std::fmt;

use crate::mqtt::{FixedHeader, PacketType, PublishFlags, VariableInteger};

/// The way in which a packet violates MQTT.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Malformed {
    /// The packet type is 0, which is reserved.
    ReservedType,
    /// The packet type is 15 (AUTH), which only MQTT 5 defines.
    AuthBeforeMqtt5,
    /// The QoS is 3, which is reserved.
    ReservedQos,
    /// A packet other than PUBLISH has wrong flags.
    Flags(PacketType),
    /// The length field is longer than four bytes.
    LongLength,
    /// The length is impossible for packets of this type.
    Length(PacketType),
    /// The topic is longer than its packet.
    TopicOverrun,
    /// The topic of a PUBLISH is empty, is not UTF-8, or contains a wildcard or a zero byte.
    Topic(&'static str),
    /// The properties of an MQTT 5 PUBLISH are invalid.
    Properties,
    /// According to its length, the packet reaches into the next packet.
    Overrun,
    /// The sender ends the connection in the middle of the packet.
    Unfinished,
    /// The connection does not begin with a CONNECT.
    NotConnect,
    /// A WebSocket frame is invalid.
    WebSocketFrame,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |packet_type: &PacketType| format!("{packet_type:?}").to_uppercase();
        match self {
            Self::ReservedType => f.write_str("packet type 0 is reserved"),
            Self::AuthBeforeMqtt5 => f.write_str("packet type 15 is reserved before MQTT 5"),
            Self::ReservedQos => f.write_str("the PUBLISH has the reserved QoS 3"),
            Self::Flags(packet_type) => {
                let expected = packet_type.first_byte() & 0x0F;
                write!(f, "the flags of {} must be {expected}", name(packet_type))
            }
            Self::LongLength => {
                f.write_str("the length field of the packet is longer than four bytes")
            }
            Self::Length(packet_type) => {
                write!(f, "the length of this packet is impossible for {}", name(packet_type))
            }
            Self::TopicOverrun => {
                f.write_str("the topic of the PUBLISH is longer than the packet itself")
            }
            Self::Topic(what) => write!(f, "the topic of the PUBLISH {what}"),
            Self::Properties => f.write_str("the properties of the PUBLISH are invalid"),
            Self::Overrun => {
                f.write_str("according to its length, the packet reaches into the next packet")
            }
            Self::Unfinished => f.write_str("the connection ends within a packet"),
            Self::NotConnect => f.write_str("the connection does not begin with a CONNECT"),
            Self::WebSocketFrame => f.write_str("these bytes are not a WebSocket frame"),
        }
    }
}

/// Checks the beginning of a packet and returns its type. `version` is the protocol level, if it is
/// known. `rest` is the data after the header. The function reads at most the first 8 bytes of
/// `rest`.
pub(super) fn check(
    header: &FixedHeader,
    rest: &[u8],
    version: Option<u8>,
) -> Result<PacketType, Malformed> {
    const MQTT_3_1: u8 = 3;
    let packet_type = PacketType::of(header.first).ok_or(Malformed::ReservedType)?;
    let is_before_5 = version.is_some_and(|version| version < 5);
    match packet_type {
        PacketType::Publish if PublishFlags::of(header.first).qos > 2 => {
            return Err(Malformed::ReservedQos);
        }
        PacketType::Publish => {}
        PacketType::Auth if is_before_5 => return Err(Malformed::AuthBeforeMqtt5),
        // MQTT 3.1 permits flags in some packet types.
        _ if header.first != packet_type.first_byte() && version != Some(MQTT_3_1) => {
            return Err(Malformed::Flags(packet_type));
        }
        _ => {}
    }
    let length = header.remaining;
    let is_possible = match packet_type {
        PacketType::Connect => length >= 12,
        PacketType::ConnAck | PacketType::UnsubAck if is_before_5 => length == 2,
        PacketType::PubAck | PacketType::PubRec | PacketType::PubRel | PacketType::PubComp => {
            length == 2 || !is_before_5 && has_reason(length, rest)
        }
        PacketType::ConnAck | PacketType::UnsubAck => length >= 2,
        PacketType::Publish => length >= 2,
        PacketType::Subscribe | PacketType::Unsubscribe => length >= 5,
        PacketType::SubAck => length >= 3,
        PacketType::PingReq | PacketType::PingResp => length == 0,
        PacketType::Disconnect => length == 0 || !is_before_5,
        PacketType::Auth => true,
    };
    if is_possible { Ok(packet_type) } else { Err(Malformed::Length(packet_type)) }
}

/// Returns whether an MQTT 5 acknowledgement has the length that its properties declare, as far as
/// `rest` shows.
fn has_reason(length: usize, rest: &[u8]) -> bool {
    const BEFORE_PROPERTIES: usize = 3;
    if length == BEFORE_PROPERTIES {
        return true;
    }
    match rest.get(BEFORE_PROPERTIES..).map(VariableInteger::read) {
        Some(Ok(Some(properties))) => {
            length == BEFORE_PROPERTIES + properties.length + properties.value
        }
        // The bytes are too few for this check.
        _ => length > BEFORE_PROPERTIES && rest.len() < 8,
    }
}

//! Reads and writes the first byte of a packet.

/// The type of a packet. Its number is in the upper four bits of the first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums, reason = "the type has four bits, and 0 is reserved")]
#[allow(missing_docs, reason = "these are MQTT's names")]
#[repr(u8)]
pub enum PacketType {
    Connect = 1,
    ConnAck = 2,
    Publish = 3,
    PubAck = 4,
    PubRec = 5,
    PubRel = 6,
    PubComp = 7,
    Subscribe = 8,
    SubAck = 9,
    Unsubscribe = 10,
    UnsubAck = 11,
    PingReq = 12,
    PingResp = 13,
    Disconnect = 14,
    /// An authentication packet, which only MQTT 5 has.
    Auth = 15,
}

impl PacketType {
    const ALL: [Self; 15] = [
        Self::Connect,
        Self::ConnAck,
        Self::Publish,
        Self::PubAck,
        Self::PubRec,
        Self::PubRel,
        Self::PubComp,
        Self::Subscribe,
        Self::SubAck,
        Self::Unsubscribe,
        Self::UnsubAck,
        Self::PingReq,
        Self::PingResp,
        Self::Disconnect,
        Self::Auth,
    ];

    /// Returns the type in the upper four bits of `first`, the first byte of a packet. Returns
    /// `None` for 0, which is reserved.
    #[must_use]
    pub fn of(first: u8) -> Option<Self> {
        usize::from(first >> 4).checked_sub(1).map(|at| Self::ALL[at])
    }

    /// Returns the first byte of packets of this type. The flags of PUBREL, SUBSCRIBE and
    /// UNSUBSCRIBE are 2, and the flags of all other types are 0. [`PublishFlags::first_byte`] sets
    /// the flags of a PUBLISH.
    #[must_use]
    pub const fn first_byte(self) -> u8 {
        let flags = match self {
            Self::PubRel | Self::Subscribe | Self::Unsubscribe => 0b0010,
            _ => 0,
        };
        (self as u8) << 4 | flags
    }
}

/// The flags in the first byte of a PUBLISH.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "these are all four bits")]
pub struct PublishFlags {
    /// Whether the message may have been sent before (DUP).
    pub dup: bool,
    /// The QoS: 0, 1 or 2. A packet with the value 3 is malformed.
    pub qos: u8,
    /// Whether the broker must keep the message or has kept it.
    pub retain: bool,
}

impl PublishFlags {
    const DUP: u8 = 0b1000;
    const QOS: u8 = 0b0110;
    const RETAIN: u8 = 0b0001;

    /// Returns the flags in the lower four bits of `first`, the first byte of a packet.
    #[must_use]
    pub const fn of(first: u8) -> Self {
        Self {
            dup: first & Self::DUP != 0,
            qos: (first & Self::QOS) >> 1,
            retain: first & Self::RETAIN != 0,
        }
    }

    /// Returns the first byte of a PUBLISH with these flags.
    #[must_use]
    pub fn first_byte(self) -> u8 {
        PacketType::Publish.first_byte()
            | u8::from(self.dup) << 3
            | self.qos << 1
            | u8::from(self.retain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_first_byte_is_read_as_it_is_written() {
        assert_eq!(PacketType::of(0x0F), None);
        for number in 1..=15 {
            let packet_type = PacketType::of(number << 4).unwrap();
            assert_eq!(packet_type as u8, number);
            assert_eq!(PacketType::of(packet_type.first_byte()), Some(packet_type));
        }
        assert_eq!(PacketType::Subscribe.first_byte(), 0x82);
        for first in 0x30..=0x3F {
            assert_eq!(PublishFlags::of(first).first_byte(), first);
        }
    }
}

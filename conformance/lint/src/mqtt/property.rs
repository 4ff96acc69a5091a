//! The identifiers of the properties of MQTT 5 that are used here, and the form of all properties.

/// The client identifier that the server has chosen; only in a CONNACK.
pub const ASSIGNED_CLIENT_ID: u8 = 0x12;
/// The keep-alive that applies, in seconds; only in a CONNACK.
pub const SERVER_KEEP_ALIVE: u8 = 0x13;
/// How many messages at QoS 1 and 2 may wait for their acknowledgement.
pub const RECEIVE_MAXIMUM: u8 = 0x21;
/// The alias of the topic; only in a PUBLISH.
pub const TOPIC_ALIAS: u8 = 0x23;
/// The longest packet that the sender accepts, in bytes.
pub const MAXIMUM_PACKET: u8 = 0x27;

/// The form of a property's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "MQTT 5 has these")]
pub enum PropertyValue {
    /// One byte.
    Byte,
    /// Two bytes.
    Short,
    /// Four bytes.
    Long,
    /// A variable byte integer.
    Variable,
    /// A string or bytes, after a length of two bytes.
    Bytes,
    /// Two strings, each after its length.
    Pair,
}

impl PropertyValue {
    /// The form of the value of a property; `None` for an unknown property.
    #[must_use]
    pub const fn of(property: u8) -> Option<Self> {
        Some(match property {
            0x01 | 0x17 | 0x19 | 0x24 | 0x25 | 0x28 | 0x29 | 0x2A => Self::Byte,
            SERVER_KEEP_ALIVE | RECEIVE_MAXIMUM | 0x22 | TOPIC_ALIAS => Self::Short,
            0x02 | 0x11 | 0x18 | MAXIMUM_PACKET => Self::Long,
            0x0B => Self::Variable,
            0x03 | 0x08 | 0x09 | ASSIGNED_CLIENT_ID | 0x15 | 0x16 | 0x1A | 0x1C | 0x1F => {
                Self::Bytes
            }
            0x26 => Self::Pair,
            _ => return None,
        })
    }

    /// The form of the value of a property that a PUBLISH may have; `None` for others.
    #[must_use]
    pub const fn in_publish(property: u8) -> Option<Self> {
        match property {
            0x01 | 0x02 | 0x03 | 0x08 | 0x09 | 0x0B | TOPIC_ALIAS | 0x26 => Self::of(property),
            _ => None,
        }
    }
}

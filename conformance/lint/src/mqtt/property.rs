//! The identifiers of the MQTT 5 properties that the suite uses, and the forms of the values of all
//! properties.

/// The client identifier that the server has chosen, only in a CONNACK.
pub const ASSIGNED_CLIENT_ID: u8 = 0x12;
/// The keep-alive in seconds that the server has chosen, only in a CONNACK.
pub const SERVER_KEEP_ALIVE: u8 = 0x13;
/// The maximum number of messages at QoS 1 and 2 that may wait for an acknowledgement at the same
/// time.
pub const RECEIVE_MAXIMUM: u8 = 0x21;
/// The alias of the topic, only in a PUBLISH.
pub const TOPIC_ALIAS: u8 = 0x23;
/// The maximum size in bytes of a packet that the sender accepts.
pub const MAXIMUM_PACKET: u8 = 0x27;
/// A number that the messages of a subscription carry.
pub const SUBSCRIPTION_IDENTIFIER: u8 = 0x0B;
/// The time in seconds for which a session is kept after a disconnect.
pub const SESSION_EXPIRY: u8 = 0x11;
/// The name of the authentication method, which determines the use of AUTH packets.
pub const AUTHENTICATION_METHOD: u8 = 0x15;
/// The data for the authentication method, in a form that the method defines.
pub const AUTHENTICATION_DATA: u8 = 0x16;
/// Whether the server retains messages, only in a CONNACK.
pub const RETAIN_AVAILABLE: u8 = 0x25;
/// A name and a value that the sender chooses.
pub const USER_PROPERTY: u8 = 0x26;
/// Whether filters may have wildcards, only in a CONNACK.
pub const WILDCARDS_AVAILABLE: u8 = 0x28;
/// Whether subscriptions may have identifiers, only in a CONNACK.
pub const SUBSCRIPTION_IDENTIFIERS_AVAILABLE: u8 = 0x29;
/// Whether clients may share subscriptions, only in a CONNACK.
pub const SHARED_SUBSCRIPTIONS_AVAILABLE: u8 = 0x2A;

/// Returns whether a packet may contain a property more than once. Only a PUBLISH from a server may
/// repeat a subscription identifier.
#[must_use]
pub const fn may_repeat(property: u8) -> bool {
    matches!(property, USER_PROPERTY | SUBSCRIPTION_IDENTIFIER)
}

/// The form of the value of a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "MQTT 5 defines these forms")]
pub enum PropertyValue {
    /// One byte.
    Byte,
    /// Two bytes.
    Short,
    /// Four bytes.
    Long,
    /// A variable byte integer.
    Variable,
    /// A string or bytes, preceded by the length as a two-byte integer.
    Bytes,
    /// Two strings, each preceded by its length as a two-byte integer.
    Pair,
}

impl PropertyValue {
    /// Returns the form of the value of a property, or `None` for an unknown property.
    #[must_use]
    pub const fn of(property: u8) -> Option<Self> {
        Some(match property {
            0x01
            | 0x17
            | 0x19
            | 0x24
            | RETAIN_AVAILABLE
            | WILDCARDS_AVAILABLE
            | SUBSCRIPTION_IDENTIFIERS_AVAILABLE
            | SHARED_SUBSCRIPTIONS_AVAILABLE => Self::Byte,
            SERVER_KEEP_ALIVE | RECEIVE_MAXIMUM | 0x22 | TOPIC_ALIAS => Self::Short,
            0x02 | SESSION_EXPIRY | 0x18 | MAXIMUM_PACKET => Self::Long,
            SUBSCRIPTION_IDENTIFIER => Self::Variable,
            0x03
            | 0x08
            | 0x09
            | ASSIGNED_CLIENT_ID
            | AUTHENTICATION_METHOD
            | AUTHENTICATION_DATA
            | 0x1A
            | 0x1C
            | 0x1F => Self::Bytes,
            USER_PROPERTY => Self::Pair,
            _ => return None,
        })
    }

    /// Returns the form of the value of a property that a PUBLISH may have, or `None` for other
    /// properties.
    #[must_use]
    pub const fn in_publish(property: u8) -> Option<Self> {
        match property {
            0x01
            | 0x02
            | 0x03
            | 0x08
            | 0x09
            | SUBSCRIPTION_IDENTIFIER
            | TOPIC_ALIAS
            | USER_PROPERTY => Self::of(property),
            _ => None,
        }
    }
}

//! The control packets, independent of their encoding.

use std::{fmt, sync::Arc};

use super::properties::Properties;

/// The MQTT version of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(clippy::exhaustive_enums, reason = "there are no others")]
pub enum Version {
    /// MQTT 3.1, with the protocol name `MQIsdp` and the level 3.
    V3_1,
    /// MQTT 3.1.1, with the protocol name `MQTT` and the level 4.
    V3_1_1,
    /// MQTT 5, with the protocol name `MQTT` and the level 5.
    V5,
}

impl Version {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::V3_1 => "MQIsdp",
            Self::V3_1_1 | Self::V5 => "MQTT",
        }
    }

    pub(crate) const fn level(self) -> u8 {
        match self {
            Self::V3_1 => 3,
            Self::V3_1_1 => 4,
            Self::V5 => 5,
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V3_1 => "3.1",
            Self::V3_1_1 => "3.1.1",
            Self::V5 => "5",
        })
    }
}

/// The quality of service of a message: 0, 1 or 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(clippy::enum_variant_names, reason = "these are MQTT's names")]
pub(crate) enum Qos {
    AtMostOnce,
    AtLeastOnce,
    ExactlyOnce,
}

impl Qos {
    pub(crate) const fn from_bits(bits: u8) -> Option<Self> {
        match bits {
            0 => Some(Self::AtMostOnce),
            1 => Some(Self::AtLeastOnce),
            2 => Some(Self::ExactlyOnce),
            _ => None,
        }
    }
}

/// A control packet, with the properties of MQTT 5 that are used here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Packet {
    Connect(Connect),
    ConnAck {
        session_present: bool,
        /// The return code; 0 means that the server accepts the client. Other codes differ between
        /// the MQTT versions.
        code: u8,
        properties: Properties,
    },
    Publish(Publish),
    /// The answer to a message at QoS 1. In MQTT 5, codes from 128 on are refusals.
    PubAck {
        id: u16,
        code: u8,
    },
    PubRec {
        id: u16,
        code: u8,
    },
    PubRel {
        id: u16,
    },
    PubComp {
        id: u16,
    },
    Subscribe {
        id: u16,
        filters: Vec<FilterRequest>,
    },
    SubAck {
        id: u16,
        codes: Vec<u8>,
    },
    Unsubscribe {
        id: u16,
        filters: Vec<String>,
    },
    /// The answer to an UNSUBSCRIBE. Its codes exist only in MQTT 5.
    UnsubAck {
        id: u16,
        codes: Vec<u8>,
    },
    PingReq,
    PingResp,
    /// The end of a connection. Its code exists only in MQTT 5.
    Disconnect {
        code: u8,
    },
}

/// A filter with its options in a SUBSCRIBE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FilterRequest {
    pub(crate) filter: String,
    /// The maximum QoS of messages for the filter.
    pub(crate) qos: Qos,
    /// Whether the client does not receive its own messages (MQTT 5).
    pub(crate) no_local: bool,
}

/// The bits in the flag byte of a CONNECT.
pub(super) mod connect_flag {
    pub(crate) const RESERVED: u8 = 0x01;
    pub(crate) const CLEAN: u8 = 0x02;
    pub(crate) const WILL: u8 = 0x04;
    pub(crate) const WILL_QOS: u8 = 0x18;
    pub(crate) const WILL_QOS_SHIFT: u8 = 3;
    pub(crate) const WILL_RETAIN: u8 = 0x20;
    pub(crate) const PASSWORD: u8 = 0x40;
    pub(crate) const USERNAME: u8 = 0x80;
}

/// A CONNECT, which is the first packet from a client.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Connect {
    pub(crate) version: Version,
    pub(crate) client_id: String,
    /// Whether the server must discard an earlier session.
    pub(crate) clean: bool,
    /// The keep-alive in seconds; 0 means no limit.
    pub(crate) keep_alive: u16,
    pub(crate) will: Option<Publish>,
    pub(crate) username: Option<String>,
    pub(crate) password: Option<Vec<u8>>,
    pub(crate) properties: Properties,
}

impl Connect {
    pub(crate) fn new(version: Version, client_id: &str) -> Self {
        Self {
            version,
            client_id: client_id.to_owned(),
            clean: true,
            keep_alive: 60,
            will: None,
            username: None,
            password: None,
            properties: Properties::default(),
        }
    }
}

impl fmt::Debug for Connect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connect")
            .field("version", &self.version)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// An application message, as a PUBLISH transports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Publish {
    pub(crate) topic: String,
    pub(crate) payload: Arc<[u8]>,
    pub(crate) qos: Qos,
    pub(crate) retain: bool,
    pub(crate) dup: bool,
    /// The packet id; 0 at QoS 0.
    pub(crate) id: u16,
}

impl Publish {
    pub(crate) fn new(topic: impl Into<String>, payload: impl Into<Arc<[u8]>>, qos: Qos) -> Self {
        let (topic, payload) = (topic.into(), payload.into());
        Self { topic, payload, qos, retain: false, dup: false, id: 0 }
    }

    /// Returns the memory of the message in bytes, including the payload, which other messages may
    /// share.
    pub(crate) fn memory(&self) -> usize {
        size_of::<Self>() + self.topic.len() + self.payload.len()
    }
}

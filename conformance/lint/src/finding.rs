//! The codes of findings that are not about a resource message.

/// The code of a finding about a line or packet that cannot be read.
pub const UNREADABLE: &str = "unreadable";
/// The code of a finding about a violation of MQTT on a connection with resource topics.
pub const MQTT: &str = "mqtt";

//! The codes of findings that are not about a resource message.

/// The code for a line or packet that cannot be read.
pub const UNREADABLE: &str = "unreadable";
/// The code for a packet that violates MQTT, on a connection with resource topics.
pub const MQTT: &str = "mqtt";

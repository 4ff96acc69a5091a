//! The codes of findings that are not about a message of ours.

/// The code of a line or packet that cannot be read.
pub const UNREADABLE: &str = "unreadable";
/// The code of a packet that MQTT forbids, on a connection with resource topics.
pub const MQTT: &str = "mqtt";

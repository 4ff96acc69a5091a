//! How MQTT packets begin, and what they are made of: as much as a reader of captures and a broker
//! have in common.

mod framing;
mod packet_type;
pub mod property;

pub use self::{
    framing::{FixedHeader, TooLong, VariableInteger},
    packet_type::{PacketType, PublishFlags},
    property::PropertyValue,
};

//! The parts of MQTT packets that both a reader of captures and a broker need.

mod framing;
mod packet_type;
pub mod property;

pub use self::{
    framing::{FixedHeader, TooLong, VariableInteger},
    packet_type::{PacketType, PublishFlags},
    property::PropertyValue,
};

//! MQTT 3.1, 3.1.1 and 5 on the wire.
//!
//! This project contains its own MQTT codec. A test tool must read everything that brokers accept,
//! for example the flags of MQTT 3.1 and payloads that are longer than ENC-1 permits. It must also
//! write packets that no other codec writes, and it needs access to every byte.

pub(crate) mod access;
mod broker_check;
mod bytes;
pub(crate) mod client;
mod connection;
mod decode;
mod encode;
pub(crate) mod endpoint;
mod entry;
mod filter;
mod filter_tree;
mod hub;
mod incoming;
mod lapse;
mod outbox;
mod packet;
mod packet_stream;
mod properties;
pub(crate) mod reason;
mod subscriptions;

pub use self::packet::Version;
pub(crate) use self::{
    broker_check::BrokerFault,
    incoming::Incoming,
    lapse::Lapse,
    packet::{Connect, Publish, Qos},
};

//! MQTT 3.1, 3.1.1 and 5 on the wire.
//!
//! The codec is our own: a testing tool has to read what brokers let through (flags that 3.1 allowed,
//! payloads beyond the protocol's limit), to write what no codec would, and to know every byte of
//! it.

pub(crate) mod access;
mod bytes;
pub(crate) mod client;
mod connection;
mod decode;
mod encode;
pub(crate) mod endpoint;
mod filter;
mod filter_tree;
mod hub;
mod incoming;
mod outbox;
mod packet;
mod packet_stream;
mod properties;
pub(crate) mod reason;
mod subscriptions;

pub use self::packet::Version;
pub(crate) use self::{
    incoming::Incoming,
    packet::{Connect, Publish, Qos},
};

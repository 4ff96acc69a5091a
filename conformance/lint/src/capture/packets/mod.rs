//! Reads recorded packets (pcap and pcapng) that contain unencrypted MQTT 3.1, 3.1.1 or 5, or
//! HTTP/1.
//!
//! [`Packets`] reads the packets of a file. [`Traffic`] receives them, puts the bytes of each TCP
//! connection into order, and returns messages, steps of transfers, and faults. Both types use
//! bounded memory.

mod connection;
mod file;
mod generations;
mod layers;
mod mirror;
mod mqtt;
mod opening;
mod ordered;
mod traffic;
mod web;
mod websocket;

pub use self::{
    file::{NoPacket, Packet, Packets, holds_packets},
    layers::NotRead,
    mqtt::Malformed,
    traffic::{Event, Traffic},
};

//! Recorded packets (pcap and pcapng), with unencrypted MQTT 3.1, 3.1.1 or 5 and HTTP/1 in
//! them.
//!
//! [`Packets`] takes packets off a file; [`Traffic`] is told them, puts the bytes of each TCP
//! connection into order, and hands out what was published. Both stay in bounded memory.

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

//! `serve` and the example device: real sockets, real clients, on loopback only.

mod flow;
mod hostile;
mod mosquitto;
mod platform;
mod serving;
mod usage;

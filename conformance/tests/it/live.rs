//! `serve` and the example device: real sockets, real clients, on loopback only.

mod flow;
mod hostile;
mod mosquitto;
mod serving;
mod usage;

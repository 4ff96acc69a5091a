//! `serve`, `device` and `platform` with real sockets and clients, on loopback only.

mod device;
mod device_command;
mod device_tls;
mod failed;
mod flow;
mod hostile;
mod hostile_platform;
mod mosquitto;
mod platform;
mod progress;
mod sanitizer;
pub(crate) mod serving;
mod slow;
mod tls_command;
mod triggers;
mod usage;

//! MQTT and HTTP for real: a platform that devices can be developed and tested against, a device
//! that behaves, and one that tests platforms.
//!
//! ```text
//! device ── MQTT ──> mqtt::endpoint ──(link)──> platform ──> session::platform of the protocol
//!    │                    (or a broker)             │
//!    └───── HTTP ──> http::server ──> store <───────┘ issues URLs
//! ```
//!
//! A `platform_server::PlatformServer` is all of that but the platform, which is well-behaved in `serve`. What
//! happens on the wire, and what the platform makes of it, goes to one
//! `record::Recorder`.

mod address;
mod allowance;
mod broker_client;
mod connections;
mod console;
pub mod credentials;
pub mod device;
mod event_size;
mod http;
mod limits;
mod link;
mod mqtt;
mod platform;
mod platform_server;
mod random;
mod record;
mod scenario;
pub mod serve;
mod store;
pub mod test_device;
pub mod test_platform;
#[cfg(test)]
mod tests;
pub mod transport;
mod wire_log;

pub use self::{address::Address, mqtt::Version, scenario::Scenario};

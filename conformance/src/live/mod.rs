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

mod accept;
mod broker_client;
pub(crate) mod console;
pub(crate) mod credentials;
pub mod device;
mod http;
mod limits;
mod link;
pub(crate) mod mqtt;
pub(crate) mod platform;
pub(crate) mod platform_server;
pub(crate) mod record;
mod store;
pub mod test_device;
pub(crate) mod test_platform;
#[cfg(test)]
mod tests;
pub(crate) mod transport;
mod wire_log;

/// The name that [`device`] had.
#[doc(hidden)]
pub use device as reference;

pub(crate) use {limits::Limits, mqtt::client::Address};

//! Real MQTT and HTTP: a platform for developing and testing devices, a well-behaved device, and a
//! device that tests platforms.
//!
//! ```text
//! device ── MQTT ──> mqtt::endpoint ──(link)──> platform ──> session::platform of the protocol
//!    │                    (or a broker)             │
//!    └───── HTTP ──> http::server ──> store <───────┘ issues URLs
//! ```
//!
//! A `platform_server::PlatformServer` contains all parts of this diagram except the device and the
//! platform itself. `serve` adds the platform. One `record::Recorder` receives the events on the
//! wire and the conclusions of the platform.

mod address;
mod allowance;
mod broker_client;
mod connections;
mod console;
pub mod credentials;
pub mod device;
mod event_size;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
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
mod tls;
pub mod transport;
mod wire_log;

pub use self::{
    address::Address, mqtt::Version, platform_server::TlsOptions, scenario::Scenario,
    tls::ServerIdentity,
};

//! Tests a live device: is the platform, as each scenario wants it, and judges what the device
//! makes of it.
//!
//! ```text
//! table ──> scenario ──> stage ──(site: MQTT, HTTP)──> device, started by a trigger
//!                          └── judge <── what is seen on the wire
//! ```

mod campaign;
mod judge;
mod phase;
mod platform;
mod scenario;
mod spell;
mod stage;
mod table;
mod transfers;
mod trigger;
mod verdict;

pub use self::{
    campaign::{Options, Stopped, run, run_within},
    scenario::{Flow, Scenario},
    table::scenarios,
    trigger::Trigger,
    verdict::Judged,
};

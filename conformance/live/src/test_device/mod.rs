//! Tests a live device. In each scenario, a platform with a specific behaviour judges the device.
//!
//! ```text
//! table ──> scenario ──> stage ──(server: MQTT, HTTP)──> device, started by a trigger
//!                          └── judge <── the events on the wire
//! ```

mod answers;
mod attempt;
mod certificates;
mod conclude;
mod defect;
mod explained;
mod flow;
#[cfg(any(test, feature = "misbehaviour"))]
mod in_process;
mod incident;
mod issue;
mod judge;
mod judge_http;
mod kept_file;
mod launch;
mod members;
mod options;
mod other_clients;
mod play;
mod reactions;
mod reported;
mod respond;
mod runner;
mod running;
mod sanitizer;
mod scenario;
mod scenario_folder;
mod scenario_run;
mod send;
mod spelling;
mod store_fault;
mod stored;
mod strangers;
mod table;
mod test_file;
mod transfers;
mod trigger;
mod wrong;

pub use self::{
    options::Options,
    runner::{Progress, Stopped, run, run_within},
    scenario::{DevicePlan, Flow, Scenario},
    stored::Judged,
    table::scenarios,
    trigger::Trigger,
};

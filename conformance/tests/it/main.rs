//! The tests of the crate, but for the fixtures themselves as tests: those are `tests/fixtures.rs`.

mod allocations;
mod cli;
mod command;
mod defects;
mod expectations;
mod explain;
mod fixtures;
mod folder;
mod fuzz;
#[cfg(unix)]
mod hostile;
mod html;
#[cfg(unix)]
mod interrupt;
mod lint;
#[path = "live/device.rs"]
mod live_device;
#[path = "live/device_command.rs"]
mod live_device_command;
mod manuals;
mod one_defect;
mod pipelining;
mod reports;

//! The tests of the crate. `tests/fixtures.rs` runs the fixtures themselves as tests.

#[cfg(unix)]
mod adapters;
mod allocations;
#[cfg(unix)]
mod attack;
mod check;
mod cli;
#[cfg(unix)]
mod clock;
mod command;
#[cfg(unix)]
mod confined;
mod defects;
mod examples;
mod expectations;
mod explain;
mod export;
mod fixtures;
mod folder;
mod fuzz;
#[cfg(unix)]
mod guides;
#[cfg(unix)]
mod hostile;
mod house;
mod html;
#[cfg(unix)]
mod interrupt;
mod links;
mod lint;
#[cfg(unix)]
mod live;
mod manuals;
#[cfg(unix)]
mod messages;
#[cfg(unix)]
mod mosquitto;
mod one_defect;
mod pipelining;
mod reports;
mod sentences;

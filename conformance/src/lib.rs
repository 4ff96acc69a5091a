//! The command `iothub-conformance`, and the whole suite as one library.
//!
//! To test an implementation, `iothub-conformance-suite` is enough, and has few dependencies. This
//! crate re-exports all of it.

pub mod cli;
mod codes;
mod export;
pub mod report;

pub use iothub_conformance_fuzzer as fuzzer;
pub use iothub_conformance_lint as lint;
pub use iothub_conformance_live as live;
pub use iothub_conformance_suite::*;

/// The examples in the README of the repository.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

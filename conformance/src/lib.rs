//! The command `iothub-conformance` and the whole suite as one library.
//!
//! The crate `iothub-conformance-suite` is sufficient to test an implementation and has few
//! dependencies. This crate re-exports all items of that crate.

pub mod cli;
mod codes;
mod export;
pub mod report;

pub use iothub_conformance_fuzzer as fuzzer;
pub use iothub_conformance_lint as lint;
pub use iothub_conformance_live as live;
pub use iothub_conformance_suite::*;

/// The README of the repository, whose examples run as documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

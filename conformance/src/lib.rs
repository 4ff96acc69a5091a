//! The command `iothub-conformance`, and all of the suite behind one name.
//!
//! What only puts an implementation under test needs no more than `iothub-conformance-suite`, which
//! has few dependencies; everything it has can be reached here, too.

pub mod cli;
mod export;
pub mod report;

pub use iothub_conformance_fuzzer as fuzzer;
pub use iothub_conformance_lint as lint;
pub use iothub_conformance_live as live;
pub use iothub_conformance_suite::*;

/// The examples of the repository's front page.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

//! Searches for requests that an implementation answers differently from the built-in one.
//!
//! A campaign ([`run`]) generates requests, sends them to a
//! [`Testee`](iothub_conformance_suite::Testee), compares the answers with those of the built-in
//! implementation, and shrinks each disagreement to a minimal [`Counterexample`]. A [`Folder`]
//! contains counterexamples as fixtures. The command `iothub-conformance fuzz` is a thin layer over
//! this crate.
//!
//! ```
//! use iothub_conformance_fuzzer::{Counterexample, End, Plan, Watcher, run};
//! use iothub_conformance_suite::{Builtin, Fixtures, InProcess};
//!
//! struct Quiet;
//!
//! impl Watcher for Quiet {
//!     fn asked(&mut self, _count: u64) {}
//!
//!     fn found(&mut self, _counterexample: &Counterexample) -> std::io::Result<()> {
//!         Ok(())
//!     }
//! }
//!
//! let requirements = Fixtures::embedded().requirements;
//! let mut testee = InProcess::new(Builtin::default());
//! let summary = run(Plan::new(1).end(End::After(100)), &mut testee, &requirements, &mut Quiet)?;
//! assert!(summary.counterexamples.is_empty());
//! # Ok::<(), std::io::Error>(())
//! ```

mod ambiguity;
mod campaign;
mod compare;
mod counterexample;
mod folder;
mod generate;
mod message_tree;
mod payloads;
mod plan;
mod requirement;
mod rng;
mod shrink;
mod tokens;

pub use self::{
    campaign::{Summary, Watcher, run},
    counterexample::Counterexample,
    folder::{Folder, FolderError},
    payloads::{GeneratedPayload, payloads},
    plan::{End, Plan},
};

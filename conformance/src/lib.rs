#![doc = include_str!("lib.md")]

pub mod cli;
mod excerpt;
pub mod harness;
pub(crate) mod implementation;
mod level;
pub mod lint;
pub mod report;
pub(crate) mod suite;

pub use iothub_resource::{Direction, Profile};

#[doc(hidden)]
pub use implementation::lines;
pub use implementation::{
    ADAPTER_VERSION, About, Accepted, Answer, Builtin, Child, ChildOptions, Event, Failure,
    FailureKind, Implementation, InProcess, NotAccepted, NotAnAdapter, Observed, Op, Refusal,
    Reply, Request, Stopped, Testee, TopicParts, TraceAdvice, serve_adapter,
};
pub use level::Level;
pub use suite::{
    Case, CaseResult, Expected, Fixtures, FixturesError, Judge, Judged, Outcome, Requirement,
    Selection, Shard, Verdict, run,
};

/// The examples of the repository's front page.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

#![doc = include_str!("lib.md")]

mod about;
pub(crate) mod case;
pub mod cli;
mod excerpt;
mod export;
pub(crate) mod fuzz;
pub mod harness;
pub(crate) mod implementation;
mod level;
pub mod lint;
mod literal;
pub mod live;
mod redact;
pub mod report;
pub(crate) mod result;
pub(crate) mod suite;

pub use iothub_resource::{Direction, Profile};

pub use about::About;
pub use case::{Case, Expected, Judge, Judged, Requirement, Verdict};
#[doc(hidden)]
pub use implementation::lines;
pub use implementation::{
    ADAPTER_VERSION, Accepted, Answer, Builtin, Child, ChildOptions, Event, Failure, FailureKind,
    Implementation, InProcess, NotAccepted, NotAnAdapter, Observed, Op, Refusal, Reply, Request,
    Stopped, Testee, TopicParts, TraceAdvice, serve_adapter,
};
pub use level::Level;
pub use result::Outcome;
pub use suite::{
    Blessed, CaseResult, Expectations, ExpectationsError, Fixtures, FixturesError, Selection,
    Shard, Stale, run, today,
};

/// The examples of the repository's front page.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

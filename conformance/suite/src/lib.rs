#![doc = include_str!("lib.md")]

mod about;
pub mod case;
pub mod excerpt;
mod filter;
#[cfg(feature = "harness")]
pub mod harness;
pub mod hidden;
pub mod implementation;
mod level;
pub mod literal;
pub mod redact;
pub mod replay;
pub mod result;
pub mod snippet;
pub mod url;

pub use iothub_resource::{Direction, Profile};

#[cfg(feature = "child")]
pub use self::implementation::{Child, ChildOptions};
#[cfg(feature = "expectations")]
pub use self::replay::{Blessed, Expectations, ExpectationsError, Stale, today};
pub use self::{
    about::About,
    case::{Answered, Case, Expected, Judge, Judged, Requirement, Verdict},
    filter::{Filter, Listed, NothingSelected},
    implementation::{
        ADAPTER_VERSION, Accepted, Answer, Builtin, Event, Failure, FailureKind, Implementation,
        InProcess, NotAccepted, NotAnAdapter, Observed, Op, Refusal, Reply, Request, Stopped,
        Testee, TopicParts, TraceAdvice, serve_adapter,
    },
    level::Level,
    replay::{CaseResult, Fixtures, FixturesError, Selection, Shard, run},
    result::{Conclusion, Outcome},
};

//! The result of a command as data, from which every report is rendered.

mod basis;
mod causes;
mod conclusion;
mod counts;
mod event;
mod finding;
mod invocation;
mod marked;
mod outcome;
mod side;
mod stored;

pub use self::{
    basis::BASIS,
    causes::{Cause, causes},
    conclusion::Conclusion,
    counts::FindingCounts,
    event::{Lane, StoredEvent, StoredSession},
    finding::{Finding, NO_REQUIREMENT},
    invocation::Invocation,
    marked::Marked,
    outcome::Outcome,
    side::Side,
    stored::{Exercised, StoredCase, StoredResult, Tool},
};

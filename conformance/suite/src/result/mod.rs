//! The result of a command as data, which every report is rendered from.

mod counts;
mod event;
mod finding;
mod marked;
mod outcome;
mod side;
mod stored;

pub use self::{
    counts::FindingCounts,
    event::{Lane, StoredEvent, StoredSession},
    finding::{Finding, NO_REQUIREMENT},
    marked::Marked,
    outcome::Outcome,
    side::Side,
    stored::{Exercised, StoredCase, StoredResult, Tool},
};

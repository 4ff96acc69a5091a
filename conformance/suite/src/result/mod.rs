//! The result of a command, as data: the one model that every report is rendered from.

mod event;
mod finding;
mod marked;
mod outcome;
mod stored;

pub use self::{
    event::{Lane, StoredEvent, StoredSession},
    finding::{Finding, NO_REQUIREMENT},
    marked::Marked,
    outcome::Outcome,
    stored::{StoredCase, StoredResult, Tool},
};

//! Fixtures to cases, cases to outcomes.

mod expectations;
mod fixture;
mod run;
mod select;
mod stored;

pub use self::{
    expectations::{Blessed, Expectations, ExpectationsError, Stale, today},
    fixture::{Fixtures, FixturesError},
    run::{CaseResult, run},
    select::{Selection, Shard},
};

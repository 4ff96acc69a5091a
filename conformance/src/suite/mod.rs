//! Fixtures to cases, cases to outcomes.

mod fixture;
mod judge;
mod run;
mod select;

pub use self::{
    fixture::{Case, Expected, Fixtures, FixturesError, Requirement, Verdict},
    judge::{Judge, Judged, Outcome},
    run::{CaseResult, run},
    select::{Selection, Shard},
};

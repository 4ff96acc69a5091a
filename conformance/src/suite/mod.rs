//! Fixtures to cases, cases to outcomes.

mod fixture;
mod run;
mod select;

pub use self::{
    fixture::{Fixtures, FixturesError},
    run::{CaseResult, run},
    select::{Selection, Shard},
};

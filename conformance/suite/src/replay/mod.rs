//! Reads fixtures, replays their cases, and stores the outcomes.

mod confined;
#[cfg(feature = "expectations")]
mod expectations;
mod fixture;
mod run;
mod select;
mod stored;

#[cfg(feature = "expectations")]
pub use self::expectations::{Blessed, Expectations, ExpectationsError, Stale, today};
pub use self::{
    fixture::{Fixtures, FixturesError},
    run::{CaseResult, run},
    select::{Selection, Shard},
};

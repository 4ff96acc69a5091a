//! Durations that fit in a byte.

use std::time::Duration;

use arbitrary::{Arbitrary, Result, Unstructured};

use super::byte;

/// A duration from 0 to 91 seconds, with finer steps for shorter durations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(clippy::exhaustive_structs, reason = "an input as it is written")]
pub struct Delay(
    /// The byte of the input that stands for the duration.
    pub u8,
);

impl Delay {
    /// Returns the duration that the byte stands for.
    #[must_use]
    pub const fn time(self) -> Duration {
        Duration::from_millis(match self.0 as u64 {
            short @ 0..160 => short * 2,
            middle @ 160..208 => (middle - 159) * 312,
            long => (long - 207) * 1_900,
        })
    }
}

impl<'a> Arbitrary<'a> for Delay {
    fn arbitrary(source: &mut Unstructured<'a>) -> Result<Self> {
        byte(source).map(Self)
    }
}

//! Counts findings by side and level.

use super::{finding::Finding, side::Side};
use crate::Level;

/// The numbers of errors and warnings against each side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FindingCounts([[usize; 2]; 3]);

impl FindingCounts {
    /// Adds one to the number of findings with the side and the level of `finding`.
    pub const fn add(&mut self, finding: &Finding) {
        self.put(finding.side, finding.level, 1);
    }

    /// Adds `count` to the number of findings of one level against one side.
    pub const fn put(&mut self, side: Side, level: Level, count: usize) {
        let own = &mut self.0[side as usize][level as usize];
        *own = own.saturating_add(count);
    }

    /// Returns the number of findings of one level against one side.
    #[must_use]
    pub const fn of(&self, side: Side, level: Level) -> usize {
        self.0[side as usize][level as usize]
    }

    /// Returns the number of findings of one level against all sides.
    #[must_use]
    pub fn all(&self, level: Level) -> usize {
        Side::ALL.into_iter().map(|side| self.of(side, level)).sum()
    }

    /// Returns the numbers for one side, with 0 for the other sides.
    #[must_use]
    pub fn only(&self, side: Side) -> Self {
        let mut only = Self::default();
        only.0[side as usize] = self.0[side as usize];
        only
    }
}

//! How much an observer may remember.

/// How much an [`Observer`](super::Observer) remembers of one device, so that its memory is bounded
/// however long it observes.
///
/// Beyond a limit it forgets what was not seen for longest. What it then says of a task it has
/// forgotten may be wrong; [`Observer::has_forgotten`](super::Observer::has_forgotten) tells
/// whether that can be. A request that it has forgotten is not told as unanswered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// How many different messages, to tell what MQTT delivers again (SES-11); about 40 bytes
    /// each. Half as many are remembered in any case. MQTT delivers again what was not
    /// acknowledged, and never that late.
    pub messages: usize,
    /// How many uploads, and how many downloads; about 200 bytes each. Half as many are
    /// remembered in any case.
    pub tasks: usize,
    /// How many unanswered creates, reports of uploads and reports of downloads, and how many
    /// answers to creates that may come besides (SES-11, SES-12); about 200 bytes each for a
    /// create, 16 for a report.
    pub unanswered: usize,
}

impl Limits {
    /// Remembers everything.
    pub const NONE: Self = Self { messages: usize::MAX, tasks: usize::MAX, unanswered: usize::MAX };

    /// Enough for one device that is observed for years: about 10 MiB when all of it is full.
    pub const LONG: Self = Self { messages: 1 << 16, tasks: 1 << 14, unanswered: 1 << 12 };
}

impl Default for Limits {
    fn default() -> Self {
        Self::NONE
    }
}

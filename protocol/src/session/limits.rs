//! Limits on the memory of an observer.

/// Limits on what an [`Observer`](super::Observer) remembers of one device. With them, its memory
/// is bounded, however long it observes.
///
/// Beyond a limit, the observer forgets the items that it has not seen for the longest time. Its
/// findings about a forgotten task may be wrong;
/// [`Observer::has_forgotten`](super::Observer::has_forgotten) returns whether this is possible. A
/// forgotten request is not reported as unanswered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The number of different messages, by which repeated messages are recognised (SES-11); about
    /// 40 bytes each. At least half as many are remembered. MQTT repeats messages that were not
    /// acknowledged, and never so late.
    pub messages: usize,
    /// The number of uploads, and also of downloads; about 200 bytes each. At least half as many
    /// are remembered.
    pub tasks: usize,
    /// The number of unanswered creates, of reports of uploads, of reports of downloads, and of
    /// additional answers to creates that may come (SES-11, SES-12). A create takes about 200
    /// bytes, a report 16.
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

//! Limits on the memory of an observer or a platform.

/// Limits on the memory that an [`Observer`](super::Observer) or a
/// [`Platform`](super::platform::Platform) uses for one device, regardless of the number of
/// messages.
///
/// Beyond a limit, the items that have not been used for the longest time are forgotten. Findings
/// about a forgotten task may be wrong. [`Observer::has_forgotten`](super::Observer::has_forgotten)
/// returns whether this is possible. A forgotten request is not reported as unanswered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The maximum number of different messages that are remembered to recognise repetitions
    /// (SES-11). Each message takes about 40 bytes. The most recent messages, at least half of this
    /// number, are always remembered. MQTT repeats only unacknowledged messages, which are far more
    /// recent than the forgotten ones.
    pub messages: usize,
    /// The maximum number of remembered uploads. The same limit applies separately to downloads.
    /// Each task takes about 200 bytes. The most recently used tasks, at least half of this number,
    /// are always remembered.
    pub tasks: usize,
    /// The maximum number of items of each of these kinds: unanswered creates, creates that did not
    /// decode, unanswered reports on uploads, unanswered reports on downloads, and additional
    /// answers to creates that may come (SES-11, SES-12). A create takes about 280 bytes, and a
    /// report takes 16 bytes.
    pub unanswered: usize,
}

impl Limits {
    /// No limits: nothing is forgotten.
    pub const NONE: Self = Self { messages: usize::MAX, tasks: usize::MAX, unanswered: usize::MAX };

    /// Limits that suffice for one device for years. With these limits, the memory is at most about
    /// 12 MiB.
    pub const LONG: Self = Self { messages: 1 << 16, tasks: 1 << 14, unanswered: 1 << 12 };
}

impl Default for Limits {
    fn default() -> Self {
        Self::NONE
    }
}

//! The settings with which a campaign starts.

use std::time::Duration;

use iothub_resource::Profile;

/// The settings of a campaign: its seed, its profile and its limits.
///
/// ```
/// use std::time::Duration;
///
/// use iothub_conformance_fuzzer::{End, Plan};
///
/// let plan = Plan::new(7).end(End::Within(Duration::from_secs(60))).max_counterexamples(3);
/// assert_eq!(plan.seed, 7);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Plan {
    /// The seed of the random numbers. With the same seed and profile, the campaign generates the
    /// same requests.
    pub seed: u64,
    /// The profile of all requests, or `None` for both profiles.
    pub profile: Option<Profile>,
    /// The limit on the length of the campaign: a number of requests, or a time.
    pub end: End,
    /// The number of counterexamples at which the campaign ends.
    pub max_counterexamples: usize,
    /// The time limit for each answer. A request without an answer in time is a counterexample. For
    /// requests in a batch, the campaign usually waits for only a part of this time. It sends an
    /// unanswered request again before it reports a time-out.
    pub timeout: Duration,
}

impl Plan {
    /// Creates a plan with 20,000 requests in both profiles, five seconds for each answer, and no
    /// limit on the number of counterexamples.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self {
            seed,
            profile: None,
            end: End::After(20_000),
            max_counterexamples: usize::MAX,
            timeout: Duration::from_secs(5),
        }
    }

    /// Sets the profile of all requests. With `None`, the requests are in both profiles.
    #[must_use]
    pub const fn profile(self, profile: Option<Profile>) -> Self {
        Self { profile, ..self }
    }

    /// Sets the limit on the number of requests or on the time.
    #[must_use]
    pub const fn end(self, end: End) -> Self {
        Self { end, ..self }
    }

    /// Sets the number of counterexamples at which the campaign ends.
    #[must_use]
    pub const fn max_counterexamples(self, max_counterexamples: usize) -> Self {
        Self { max_counterexamples, ..self }
    }

    /// Sets the time limit for each answer.
    #[must_use]
    pub const fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }
}

/// The limit on the length of a campaign.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::exhaustive_enums, reason = "either the work or the time is limited")]
pub enum End {
    /// The campaign ends after this many requests. Requests for shrinking are not counted.
    After(u64),
    /// The campaign ends after this time and a short wait for the requests that were already sent.
    Within(Duration),
}

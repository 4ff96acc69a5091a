//! The outcomes of cases, for example `pass` and `timed-out`.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The outcome of a case, as reports count it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(clippy::exhaustive_enums, reason = "each report shows every outcome")]
pub enum Outcome {
    /// The answer was right.
    Pass,
    /// The answer was wrong.
    Fail,
    /// A SHOULD rule was violated.
    Warn,
    /// The testee does not support the operation.
    Unsupported,
    /// The testee ended or panicked without an answer.
    Crashed,
    /// The testee did not answer within the time limit.
    TimedOut,
    /// The testee sent a line that is not an answer to the request.
    BadAnswer,
    /// The situation that the scenario tests did not occur, so the scenario has no verdict on the
    /// peer.
    NotReached,
    /// The case failed as expected.
    Expected,
    /// The case passed although it was expected to fail.
    UnexpectedPass,
    /// The outcome of an expectation, not of a case. The expectation matches no case or has
    /// expired.
    Stale,
}

impl Outcome {
    /// All outcomes.
    pub const ALL: [Self; 11] = [
        Self::Pass,
        Self::Fail,
        Self::Warn,
        Self::Unsupported,
        Self::Crashed,
        Self::TimedOut,
        Self::BadAnswer,
        Self::NotReached,
        Self::Expected,
        Self::UnexpectedPass,
        Self::Stale,
    ];

    /// Returns the name in reports, for example `timed-out`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Warn => "warn",
            Self::Unsupported => "unsupported",
            Self::Crashed => "crashed",
            Self::TimedOut => "timed-out",
            Self::BadAnswer => "bad-answer",
            Self::NotReached => "not-reached",
            Self::Expected => "expected",
            Self::UnexpectedPass => "unexpected-pass",
            Self::Stale => "stale",
        }
    }

    /// Returns whether a case with this outcome makes the run fail.
    #[must_use]
    pub const fn is_failure(self) -> bool {
        match self {
            Self::Pass | Self::Warn | Self::Unsupported | Self::NotReached | Self::Expected => {
                false
            }
            Self::Fail
            | Self::Crashed
            | Self::TimedOut
            | Self::BadAnswer
            | Self::UnexpectedPass
            | Self::Stale => true,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

//! What became of a case, in a word.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What became of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(clippy::exhaustive_enums, reason = "whoever shows outcomes shows all of them")]
pub enum Outcome {
    /// The answer was the right one.
    Pass,
    /// It was not.
    Fail,
    /// A SHOULD is not met.
    Warn,
    /// The implementation does not do this.
    Unsupported,
    /// It died.
    Crashed,
    /// It did not answer within the time limit.
    TimedOut,
    /// It answered with something that is no answer to the request.
    BadAnswer,
    /// It failed, and the expectations say so.
    Expected,
    /// It passed, and the expectations say that it fails.
    UnexpectedPass,
    /// No case, but an expectation that is about no case, or is not to be any more.
    Stale,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Pass,
        Self::Fail,
        Self::Warn,
        Self::Unsupported,
        Self::Crashed,
        Self::TimedOut,
        Self::BadAnswer,
        Self::Expected,
        Self::UnexpectedPass,
        Self::Stale,
    ];

    /// The word of the reports, such as `timed-out`.
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
            Self::Expected => "expected",
            Self::UnexpectedPass => "unexpected-pass",
            Self::Stale => "stale",
        }
    }

    /// Whether it makes the run fail.
    #[must_use]
    pub const fn is_failure(self) -> bool {
        match self {
            Self::Pass | Self::Warn | Self::Unsupported | Self::Expected => false,
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

//! The conclusion of a result as a whole.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The conclusion of a result as a whole: passed, incomplete or failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(clippy::exhaustive_enums, reason = "each report shows every conclusion")]
pub enum Conclusion {
    /// Every case passed or warned, and no finding counts as a failure.
    Passed,
    /// Nothing failed, but the run was interrupted or empty, or some cases neither passed nor
    /// warned.
    Incomplete,
    /// A case failed, a required operation is missing, or a finding counts as a failure.
    Failed,
}

impl Conclusion {
    /// Returns the word that reports show, for example `incomplete`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Incomplete => "incomplete",
            Self::Failed => "failed",
        }
    }
}

impl fmt::Display for Conclusion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

//! The levels MUST and SHOULD.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The level of a requirement. A MUST rule determines whether an input is accepted or rejected. A
/// violated SHOULD rule results only in advice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(clippy::exhaustive_enums, reason = "the specification has these two levels")]
pub enum Level {
    /// A conforming implementation must follow the rule.
    Must,
    /// A conforming implementation should follow the rule.
    Should,
}

impl Level {
    /// Returns the name of a finding of this level: `error` or `warning`.
    #[must_use]
    pub const fn as_fault(self) -> &'static str {
        match self {
            Self::Must => "error",
            Self::Should => "warning",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Must => "must",
            Self::Should => "should",
        })
    }
}

//! How much a requirement matters.

use std::fmt;

use serde::{Deserialize, Serialize};

/// MUST rules decide accept or reject; SHOULD rules only advise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(clippy::exhaustive_enums, reason = "the specification has these two")]
pub enum Level {
    /// MUST.
    Must,
    /// SHOULD.
    Should,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Must => "must",
            Self::Should => "should",
        })
    }
}

//! The name and the version of a testee.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The name and the version of a testee, as reports show them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct About {
    /// The name of the testee, for example `my-sdk`.
    pub name: String,
    /// The version, in any format.
    pub version: String,
}

impl About {
    /// Creates a value from a name and a version.
    #[must_use]
    pub fn new(name: impl Into<String>, version: impl Into<String>) -> Self {
        Self { name: name.into(), version: version.into() }
    }
}

impl fmt::Display for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}

//! The side that is responsible for a fault.

use std::fmt;

use iothub_resource::Direction;
use serde::{Deserialize, Serialize};

/// The side that is responsible for a fault and must correct the fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(clippy::exhaustive_enums, reason = "the stored result has these three sides")]
pub enum Side {
    /// The device, which publishes on the up topic.
    Device,
    /// The platform, including its object store.
    Platform,
    /// The recording, if its data cannot be read.
    Recording,
}

impl Side {
    /// All sides.
    pub const ALL: [Self; 3] = [Self::Device, Self::Platform, Self::Recording];

    /// Returns the name in the stored result, for example `device`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Platform => "platform",
            Self::Recording => "recording",
        }
    }

    /// Returns the side that sends in this direction.
    #[must_use]
    pub const fn sender(direction: Direction) -> Self {
        match direction {
            Direction::Up => Self::Device,
            Direction::Down => Self::Platform,
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

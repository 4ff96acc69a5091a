//! The two rule sets: the messages of the published pages, and the messages of deployed devices.

use core::{fmt, str::FromStr};

use serde::{Serialize, Serializer};

/// The rule set that messages must follow.
///
/// `documented`, the default, contains exactly the eight messages that the two published pages
/// describe. `deployed` adds the pushed [`download`](crate::MessageType::Download), the final
/// states `done` and `fail`, uppercase digests, and unknown keys, which are skipped. The vendor's
/// device SDK and the live service use these additions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(clippy::exhaustive_enums, reason = "a third profile would be another protocol")]
pub enum Profile {
    /// The messages that the published pages describe.
    #[default]
    Documented,
    /// The documented messages, and the additions of deployed devices and the service.
    Deployed,
}

impl Profile {
    /// Both profiles, the default one first.
    pub const ALL: [Self; 2] = [Self::Documented, Self::Deployed];

    /// Returns the name of the profile in fixtures and on the command line: `documented` or
    /// `deployed`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Deployed => "deployed",
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for Profile {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl FromStr for Profile {
    type Err = UnknownProfile;

    fn from_str(name: &str) -> Result<Self, UnknownProfile> {
        Self::ALL.into_iter().find(|profile| profile.as_str() == name).ok_or(UnknownProfile)
    }
}

/// The error for a name that is neither `documented` nor `deployed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownProfile;

impl fmt::Display for UnknownProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a profile must be \"documented\" or \"deployed\"")
    }
}

impl core::error::Error for UnknownProfile {}

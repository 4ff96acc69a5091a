//! A fault of one payload.

use std::ops::Range;

use iothub_conformance_suite::Level;
use iothub_resource::Profile;

/// Something that is wrong with a payload (MUST), or that should be otherwise (SHOULD).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fault {
    /// The code of the specification, for example `out-of-range`.
    pub code: &'static str,
    /// MUST makes the payload invalid, SHOULD is advice.
    pub level: Level,
    /// The id of the requirement, for example `VAL-1`.
    pub requirement: &'static str,
    /// The value that is at fault, such as `progress.percent`; empty for the message itself.
    pub path: String,
    /// The fault as a sentence, without its place.
    pub what: String,
    /// A right value or the remedy, if `what` does not already say it.
    pub expected: Option<String>,
    /// The bytes of the payload that are at fault. Where something is missing, the byte before
    /// which it belongs, or nothing at the end of the payload.
    pub range: Range<usize>,
    /// The profiles in which it is a fault.
    pub profiles: Vec<Profile>,
}

impl Fault {
    /// Whether a profile has the rule.
    #[must_use]
    pub fn is_in(&self, profile: Profile) -> bool {
        self.profiles.contains(&profile)
    }

    /// Whether it is the same fault, perhaps of another profile.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        (self.code, self.level, &self.range, &self.path)
            == (other.code, other.level, &other.range, &other.path)
    }
}

//! A fault in a payload, with its code, its place and the expected value.

use std::ops::Range;

use iothub_conformance_suite::Level;
use iothub_resource::Profile;

/// A fault in a payload: a violation of a MUST rule or a SHOULD rule.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fault {
    /// The code in the specification, for example `out-of-range`.
    pub code: &'static str,
    /// The level. A MUST fault makes the payload invalid, and a SHOULD fault is advice.
    pub level: Level,
    /// The id of the requirement, for example `VAL-1`.
    pub requirement: &'static str,
    /// The path of the wrong value, for example `progress.percent`, or an empty string for the
    /// message itself.
    pub path: String,
    /// The fault as a sentence, without its place.
    pub what: String,
    /// A right value or the remedy, if `what` does not already contain it.
    pub expected: Option<String>,
    /// The range of the faulty bytes in the payload. If a part is missing, the range is the byte
    /// before which the part belongs, or empty at the end of the payload.
    pub range: Range<usize>,
    /// The profiles whose rule the payload violates.
    pub profiles: Vec<Profile>,
}

impl Fault {
    /// Returns whether the payload violates the rule of the given profile.
    #[must_use]
    pub fn is_in(&self, profile: Profile) -> bool {
        self.profiles.contains(&profile)
    }

    /// Returns whether two faults are the same, possibly in different profiles.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        (self.code, self.level, &self.range, &self.path)
            == (other.code, other.level, &other.range, &other.path)
    }
}

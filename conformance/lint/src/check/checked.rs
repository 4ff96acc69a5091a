//! Checks a payload in both profiles.

use iothub_conformance_suite::{Direction, Level, Profile};
use iothub_resource::Message;

use super::{
    collect::{Found, collect},
    fault::Fault,
};

/// A payload that was judged in both profiles.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Checked {
    /// The bytes of the payload, as they were given.
    pub payload: Vec<u8>,
    /// The given direction, or else the direction of the message type. The value is `None` if both
    /// are unknown.
    pub direction: Option<Direction>,
    /// The faults in the payload, in the order of their places.
    pub faults: Vec<Fault>,
}

impl Checked {
    /// Judges a payload as a message in the direction of its type.
    #[must_use]
    pub fn payload(payload: &[u8]) -> Self {
        Self::new(None, payload)
    }

    /// Judges a payload as a message in the given direction.
    #[must_use]
    pub fn on(direction: Direction, payload: &[u8]) -> Self {
        Self::new(Some(direction), payload)
    }

    fn new(direction: Option<Direction>, payload: &[u8]) -> Self {
        let mut faults: Vec<Fault> = Vec::new();
        let mut known = direction;
        // The deployed profile is checked first because it keeps the unknown keys, which hint at
        // the intended message.
        for profile in [Profile::Deployed, Profile::Documented] {
            let Found { faults: own, direction } = collect(profile, direction, payload);
            known = known.or(direction);
            for fault in own {
                match faults.iter_mut().find(|other| other.is_same(&fault)) {
                    Some(other) => other.profiles.push(profile),
                    None => faults.push(fault),
                }
            }
        }
        faults.sort_by_key(|fault| (fault.range.start, fault.level));
        Self { payload: payload.to_vec(), direction: known, faults }
    }

    /// Returns whether a profile accepts the payload.
    #[must_use]
    pub fn is_valid(&self, profile: Profile) -> bool {
        self.of(profile, Level::Must).next().is_none()
    }

    /// Returns the message, or `None` if the profile rejects the payload.
    #[must_use]
    pub fn message(&self, profile: Profile) -> Option<Message<'_>> {
        Message::decode(profile, self.direction?, &self.payload).ok()
    }

    /// Returns the faults of the given level in a profile: the errors (MUST) or the warnings
    /// (SHOULD).
    pub fn of(&self, profile: Profile, level: Level) -> impl Iterator<Item = &Fault> {
        self.faults.iter().filter(move |fault| fault.level == level && fault.is_in(profile))
    }

    /// Returns the faults in a profile, and the errors that only the other profile has. The second
    /// list omits errors at the place of a fault in the first list.
    #[must_use]
    pub fn shown_in(&self, profile: Profile) -> (Vec<&Fault>, Vec<&Fault>) {
        let (mut own, mut others) = (Vec::new(), Vec::new());
        for fault in &self.faults {
            if fault.is_in(profile) {
                own.push(fault);
            } else if fault.level == Level::Must {
                others.push(fault);
            }
        }
        own.sort_by_key(|fault| (fault.level, fault.range.start));
        others.retain(|fault| !own.iter().any(|shown| shown.range == fault.range));
        (own, others)
    }
}

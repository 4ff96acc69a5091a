//! What is asked: every operation in both profiles, first everything that has a name, then by
//! chance.

mod digests;
mod edit;
mod enumerate;
mod integers;
mod layout;
mod messages;
mod sessions;
mod strings;
mod topics;
mod words;

use iothub_resource::Profile;

use self::{messages::Messages, topics::Topics};
use super::{chance::Chance, settled::is_settled};
use crate::implementation::Request;

/// A request, and what its maker knows of it.
#[derive(Clone, Debug)]
pub(super) struct Generated {
    pub(super) request: Request,
    /// The kind of thing that is special about it: requests of one class that lead to the same
    /// kind of disagreement are likely to have the same cause.
    pub(super) class: String,
    /// The requirement that it is about, where it is valid.
    pub(super) requirement: &'static str,
    /// Whether it is valid, where its maker knows.
    pub(super) valid: Option<bool>,
}

/// Makes the requests of a campaign, each by its number.
pub(super) struct Generator {
    seed: u64,
    profile: Option<Profile>,
    messages: Messages,
    topics: Topics,
    digests: Vec<Generated>,
}

impl Generator {
    pub(super) fn new(seed: u64, profile: Option<Profile>) -> Self {
        // The order in which things come. No case has this number.
        let mut chance = Chance::of(seed, u64::MAX);
        Self {
            seed,
            profile,
            messages: Messages::new(&mut chance),
            topics: Topics::new(&mut chance),
            digests: digests::enumerated(&mut chance),
        }
    }

    pub(super) fn make(&self, case: u64) -> Generated {
        const ATTEMPTS: u64 = 64;
        let mut chance = Chance::of(self.seed, case);
        for attempt in 0..ATTEMPTS {
            // What is named first, and what comes by chance once that has been asked, or if that
            // cannot be.
            let turn = if attempt == 0 { usize::try_from(case / 20).ok() } else { None };
            if let Some(made) =
                self.attempt(usize::try_from(case % 20).unwrap_or(0), turn, &mut chance)
                && is_settled(&made.request)
            {
                return made;
            }
        }
        topics::shortest()
    }

    fn attempt(&self, step: usize, turn: Option<usize>, chance: &mut Chance) -> Option<Generated> {
        /// What each of twenty cases in a row is about.
        const MESSAGES: [usize; 9] = [1, 3, 5, 7, 9, 11, 13, 15, 17];
        const ENCODING: [usize; 2] = [6, 18];
        const TOPICS: [usize; 2] = [2, 14];
        const DIGESTS: [usize; 2] = [10, 19];

        let profile = self.profile.unwrap_or_else(|| *chance.pick(&Profile::ALL));
        let turn_of = |steps: &[usize]| -> Option<Option<usize>> {
            let place = steps.iter().position(|&own| own == step)?;
            Some(turn.map(|turn| turn * steps.len() + place))
        };
        if let Some(turn) = turn_of(&MESSAGES) {
            Some(self.messages.decode(profile, turn, chance))
        } else if let Some(turn) = turn_of(&ENCODING) {
            self.messages.encode(profile, turn, chance)
        } else if let Some(turn) = turn_of(&TOPICS) {
            Some(self.topics.make(turn, chance))
        } else if let Some(turn) = turn_of(&DIGESTS) {
            Some(digests::make(&self.digests, turn, chance))
        } else {
            Some(sessions::make(profile, &self.messages, chance))
        }
    }
}

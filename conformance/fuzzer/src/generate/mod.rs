//! What is asked: every operation in both profiles, first everything that has a name, then by
//! chance.

mod digests;
mod edit;
mod enumerate;
mod generated;
mod layout;
mod messages;
mod sessions;
mod strings;
mod tables;
mod topics;

use iothub_resource::Profile;

pub(super) use self::generated::Generated;
use self::{messages::MessageGenerator, topics::TopicGenerator};
use super::{ambiguity::is_unambiguous, rng::Rng};

/// How many cases it takes until something of everything has been asked.
const CASES_PER_ROUND: u64 = 25;

/// Makes the requests of a campaign, each by its number.
pub(super) struct Generator {
    seed: u64,
    profile: Option<Profile>,
    messages: MessageGenerator,
    topics: TopicGenerator,
    digests: Vec<Generated>,
}

impl Generator {
    pub(super) fn new(seed: u64, profile: Option<Profile>) -> Self {
        // The order in which things come. No case has this number.
        let mut rng = Rng::of(seed, u64::MAX);
        Self {
            seed,
            profile,
            messages: MessageGenerator::new(profile, &mut rng),
            topics: TopicGenerator::new(&mut rng),
            digests: digests::enumerated(&mut rng),
        }
    }

    pub(super) fn make(&self, case: u64) -> Generated {
        const ATTEMPTS: u64 = 64;
        let mut rng = Rng::of(self.seed, case);
        for attempt in 0..ATTEMPTS {
            // What is named first, and what comes by chance once that has been asked, or if that
            // cannot be.
            let turn =
                if attempt == 0 { usize::try_from(case / CASES_PER_ROUND).ok() } else { None };
            if let Some(made) =
                self.attempt(usize::try_from(case % CASES_PER_ROUND).unwrap_or(0), turn, &mut rng)
                && is_unambiguous(&made.request)
            {
                return made;
            }
        }
        topics::shortest()
    }

    fn attempt(&self, step: usize, turn: Option<usize>, rng: &mut Rng) -> Option<Generated> {
        /// What each of so many cases in a row is about; the others are sessions.
        const MESSAGES: [usize; 13] = [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24];
        const ENCODING: [usize; 2] = [5, 17];
        const TOPICS: [usize; 3] = [3, 11, 19];
        const DIGESTS: [usize; 2] = [9, 21];

        let profile = self.profile.unwrap_or_else(|| *rng.pick(&Profile::ALL));
        let turn_of = |steps: &[usize]| -> Option<Option<usize>> {
            let place = steps.iter().position(|&own| own == step)?;
            Some(turn.map(|turn| turn * steps.len() + place))
        };
        if let Some(turn) = turn_of(&MESSAGES) {
            Some(self.messages.decode(profile, turn, rng))
        } else if let Some(turn) = turn_of(&ENCODING) {
            self.messages.encode(profile, turn, rng)
        } else if let Some(turn) = turn_of(&TOPICS) {
            Some(self.topics.make(turn, rng))
        } else if let Some(turn) = turn_of(&DIGESTS) {
            Some(digests::make(&self.digests, turn, rng))
        } else {
            Some(sessions::make(profile, &self.messages, rng))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use iothub_conformance_suite::{Op, Verdict};

    use super::*;
    use crate::compare::reference_case;

    /// As many as a campaign has that is not told how many.
    const CASES: u64 = 20_000;

    #[test]
    fn everything_is_asked_and_its_makers_know_what_is_valid() {
        let generator = Generator::new(1, None);
        let mut classes: BTreeMap<String, usize> = BTreeMap::new();
        let mut ops: BTreeMap<(Op, Option<&str>, bool), usize> = BTreeMap::new();
        for case in 0..CASES {
            let Generated { request, class, valid, .. } = generator.make(case);
            let (op, profile) = (request.op(), request.profile().map(Profile::as_str));
            let judged = reference_case(request.clone());
            let is_valid = matches!(judged.verdict, Verdict::Accept(_));
            if let Some(valid) = valid {
                assert_eq!(is_valid, valid, "{class}: {request:?}");
            }
            *ops.entry((op, profile, is_valid)).or_default() += 1;
            let class = class.split('/').next().unwrap_or_default().to_owned();
            *classes.entry(class).or_default() += 1;
        }
        for op in Op::ALL {
            for is_valid in [true, false] {
                if (op, is_valid) == (Op::Md5Digest, false) {
                    continue;
                }
                let of = |profile| ops.get(&(op, profile, is_valid)).copied().unwrap_or_default();
                let counts = [of(None), of(Some("documented")), of(Some("deployed"))];
                let enough = if op == Op::ContentMd5Encode { 50 } else { 100 };
                assert!(
                    counts[0] >= enough || counts[1].min(counts[2]) >= enough,
                    "{op:?}: {counts:?}"
                );
            }
        }
        let turns = usize::try_from(CASES / CASES_PER_ROUND).unwrap_or_default();
        let (enumerated, places) =
            (generator.messages.enumerated(), 13 * turns - 13 * turns / messages::BY_CHANCE);
        assert!(enumerated <= places, "{enumerated} in {places}");
        let enumerated = generator.messages.classes();
        assert!(enumerated.len() > 40, "{enumerated:?}");
        for class in enumerated {
            let count = classes.get(&class).copied().unwrap_or_default();
            assert!(count >= 10, "{class}: {count}");
        }
        for class in [
            "by-chance",
            "mutated",
            "session",
            "session-changed",
            "digest",
            "header",
            "read-header",
            "topic",
            "no-topic",
        ] {
            assert!(classes.get(class).is_some_and(|&count| count >= 20), "{class}: {classes:?}");
        }
    }

    #[test]
    fn a_seed_makes_the_same_requests_in_any_order() {
        let generators = [Generator::new(5, None), Generator::new(5, None)];
        let made = |generator: &Generator, case| format!("{:?}", generator.make(case));
        for case in (0..200).rev() {
            assert_eq!(made(&generators[0], case), made(&generators[1], case));
        }
        let other = Generator::new(6, None);
        let differ = (0..100).filter(|&case| made(&other, case) != made(&generators[0], case));
        assert!(differ.count() > 90);
    }

    #[test]
    fn a_profile_is_kept_to() {
        for profile in Profile::ALL {
            let generator = Generator::new(1, Some(profile));
            let of = |case| generator.make(case).request.profile();
            let others = (0..1000).filter(|&case| of(case).is_some_and(|own| own != profile));
            assert_eq!(others.count(), 0);
        }
    }
}

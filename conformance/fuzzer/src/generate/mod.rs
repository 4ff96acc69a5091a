//! Generates requests for every operation in both profiles: first enumerated requests, then random
//! requests.

mod digests;
mod edit;
mod enumerate;
mod generated;
mod layout;
mod messages;
mod mutate;
mod sessions;
mod strings;
mod tables;
mod topics;
mod turn;

use iothub_resource::Profile;

pub(super) use self::generated::Generated;
use self::{messages::MessageGenerator, topics::TopicGenerator, turn::Turn};
use super::{ambiguity::is_unambiguous, rng::Rng};

/// The subject of a request. The subject selects the generator.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Subject {
    Decode,
    Encode,
    Topic,
    Digest,
    Session,
}

/// The subjects of consecutive requests. After the last subject, the list begins again.
const ROUND: [Subject; 25] = {
    use Subject::{Decode, Digest, Encode, Session, Topic};
    [
        Decode, Session, Decode, Topic, Decode, Encode, Decode, Session, Decode, Digest, Decode,
        Topic, Decode, Session, Decode, Session, Decode, Encode, Decode, Topic, Decode, Digest,
        Decode, Session, Decode,
    ]
};

/// A generator that creates each request of a campaign from the number of the request.
pub(super) struct Generator {
    seed: u64,
    profile: Option<Profile>,
    messages: MessageGenerator,
    topics: TopicGenerator,
    digests: Vec<Generated>,
}

impl Generator {
    /// Creates a generator for one profile, or for both profiles if `profile` is `None`.
    pub(super) fn new(seed: u64, profile: Option<Profile>) -> Self {
        // This stream determines the order of the enumerated requests. No request has the number
        // `u64::MAX`.
        let mut rng = Rng::of(seed, u64::MAX);
        Self {
            seed,
            profile,
            messages: MessageGenerator::new(profile, &mut rng),
            topics: TopicGenerator::new(&mut rng),
            digests: digests::enumerated(&mut rng),
        }
    }

    /// Returns the request with this number. The request does not depend on other requests.
    pub(super) fn make(&self, case: u64) -> Generated {
        const ATTEMPTS: u64 = 64;
        let length = ROUND.len() as u64;
        let step = usize::try_from(case % length).unwrap_or_default();
        let round = usize::try_from(case / length).ok();
        let mut rng = Rng::of(self.seed, case);
        for attempt in 0..ATTEMPTS {
            // Enumerated requests come before random requests. A random request also replaces an
            // enumerated request that cannot be made.
            let turn = match round {
                Some(round) if attempt == 0 => turn_of(round, step),
                _ => Turn::Random,
            };
            if let Some(made) = self.attempt(ROUND[step], turn, &mut rng)
                && is_unambiguous(&made.request)
            {
                return made;
            }
        }
        topics::shortest()
    }

    fn attempt(&self, subject: Subject, turn: Turn, rng: &mut Rng) -> Option<Generated> {
        let profile = self.profile.unwrap_or_else(|| *rng.pick(&Profile::ALL));
        match subject {
            Subject::Decode => Some(self.messages.decode(profile, turn, rng)),
            Subject::Encode => self.messages.encode(profile, turn, rng),
            Subject::Topic => Some(self.topics.make(turn, rng)),
            Subject::Digest => Some(digests::make(&self.digests, turn, rng)),
            Subject::Session => Some(sessions::make(profile, &self.messages, rng)),
        }
    }
}

/// Returns the turn of this step: the number of earlier steps with the same subject.
fn turn_of(round: usize, step: usize) -> Turn {
    let count_in = |steps: &[Subject]| steps.iter().filter(|&&own| own == ROUND[step]).count();
    Turn::Enumerated(round * count_in(&ROUND) + count_in(&ROUND[..step]))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use iothub_conformance_suite::{Op, Verdict};

    use super::*;
    use crate::compare::reference_case;

    /// The default number of requests in a campaign.
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
        let turns = usize::try_from(CASES).unwrap_or_default() / ROUND.len();
        let (enumerated, places) =
            (generator.messages.enumerated(), 13 * turns - 13 * turns / messages::RANDOM_EVERY);
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

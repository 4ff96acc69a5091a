//! Sessions from random bytes and from edited seeds.

use std::collections::BTreeSet;

use iothub_oracles::session::{self, Written, bytes_of, read};
use iothub_resource::{
    Transfer,
    session::device::{Answer, Outcome, Reason},
};
use proptest::{collection::vec, prelude::*, strategy::ValueTree, test_runner::TestRunner};

use crate::edits::{edited, edits};

/// Returns a strategy for inputs. Half of them are random, and half are seeds with edits.
fn inputs(seeds: Vec<(String, Vec<u8>)>, most: usize) -> impl Strategy<Value = Vec<u8>> {
    let seeds: Vec<Vec<u8>> = seeds.into_iter().map(|(_, bytes)| bytes).collect();
    prop_oneof![vec(any::<u8>(), 0..most), edited(seeds, edits(7, any::<u8>(), 12))]
}

/// Returns the bytes of the input that `bytes` stand for. Checks that these bytes stand for the
/// same input.
fn is_inverse<T: Written + PartialEq + std::fmt::Debug>(bytes: &[u8]) -> Vec<u8> {
    let input: T = read(bytes);
    let written = bytes_of(&input);
    assert_eq!(read::<T>(&written), input);
    written
}

macro_rules! targets {
    ($($target:ident: $cases:literal inputs of at most $most:literal bytes;)*) => {$(
        mod $target {
            use super::{session::$target, *};

            proptest! {
                #![proptest_config(ProptestConfig::with_cases(
                    ProptestConfig::default().cases.max($cases)
                ))]

                #[test]
                fn holds(bytes in inputs($target::seeds(), $most)) {
                    $target::bytes(&bytes);
                }

                #[test]
                fn is_read_as_it_is_written(bytes in vec(any::<u8>(), 0..$most)) {
                    is_inverse::<$target::Input>(&bytes);
                }
            }

            #[test]
            fn seeds_hold_and_are_written_as_they_are_read() {
                let seeds = $target::seeds();
                assert!((12..=100).contains(&seeds.len()), "{}", seeds.len());
                for (index, (name, bytes)) in seeds.iter().enumerate() {
                    assert_eq!(is_inverse::<$target::Input>(bytes), *bytes, "{name}");
                    assert!(seeds[..index].iter().all(|(other, _)| other != name), "{name}");
                    $target::bytes(bytes);
                }
            }
        }
    )*};
}

targets! {
    observer: 1_000 inputs of at most 160 bytes;
    platform: 512 inputs of at most 160 bytes;
    device: 512 inputs of at most 100 bytes;
    channel: 768 inputs of at most 160 bytes;
}

/// The small traces are the same in each run. In these traces, several faults interact.
/// `TRACES=10000000 cargo test --release -p iothub-oracles --test it small_traces` runs millions of
/// them, which takes minutes.
#[test]
fn small_traces() {
    const DEBUG: u64 = 20_000;
    const RELEASE: u64 = 200_000;
    let traces = std::env::var("TRACES").ok().and_then(|traces| traces.parse().ok());
    let traces = traces.unwrap_or(if cfg!(debug_assertions) { DEBUG } else { RELEASE });
    for number in 0..traces {
        // The generator is SplitMix64, which is fast and gives the same numbers everywhere.
        let mut state = number;
        let mut next = || {
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mixed = (state ^ state >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
            mixed ^ mixed >> 31
        };
        let length = 4 + next() as usize % 60;
        let bytes: Vec<u8> = (0..length).map(|_| next() as u8).collect();
        session::observer::bytes(&bytes);
    }
}

/// The reasons for a failed transfer that the device itself does not cause.
const REASONS: [Reason; 7] = [
    Reason::TimeOut,
    Reason::Broken,
    Reason::Status(403),
    Reason::TooShort,
    Reason::TooLong,
    Reason::WrongRange,
    Reason::Md5Mismatch,
];

/// Returns the results of 600 inputs. The inputs are the same in every run.
fn seen<T: Ord, I: IntoIterator<Item = T>>(
    inputs: &impl Strategy<Value = Vec<u8>>,
    run: fn(&[u8]) -> I,
) -> BTreeSet<T> {
    let mut runner = TestRunner::deterministic();
    let mut next = || inputs.new_tree(&mut runner).expect("there are inputs").current();
    (0..600).flat_map(|_| run(&next())).collect()
}

/// Random scenarios must have every kind of result, even without seeds.
#[test]
fn the_scenarios_reach_every_end() {
    let seen = seen(&vec(any::<u8>(), 0..160), session::channel::outcomes);
    for transfer in [Transfer::Upload, Transfer::Download] {
        let ended = |wanted: &dyn Fn(Outcome) -> bool| {
            seen.iter().any(|(kind, outcome)| *kind == transfer && wanted(*outcome))
        };
        assert!(ended(&|outcome| outcome == Outcome::Unanswered), "{transfer:?}");
        for wanted in [Answer::Accepted, Answer::Missing] {
            let done = Outcome::Done { answer: wanted };
            assert!(ended(&|outcome| outcome == done), "{transfer:?} {done:?}");
        }
        let refused = |outcome| matches!(outcome, Outcome::Done { answer: Answer::Refused(_) });
        assert!(ended(&refused), "{transfer:?} refused");
        for wanted in REASONS {
            let of_downloads =
                matches!(wanted, Reason::TooLong | Reason::WrongRange | Reason::Md5Mismatch);
            let failed = |outcome| match outcome {
                Outcome::Failed { reason: Reason::Status(_), .. } => {
                    matches!(wanted, Reason::Status(_))
                }
                Outcome::Failed { reason, .. } => reason == wanted,
                _ => false,
            };
            let expected = transfer == Transfer::Download || !of_downloads;
            assert_eq!(ended(&failed), expected, "{transfer:?} {wanted:?}");
        }
    }
}

#[test]
fn what_devices_are_told_ends_them_in_every_way() {
    let outcome = session::device::outcome;
    let mut seen = seen(&vec(any::<u8>(), 0..100), outcome);
    seen.extend(session::device::seeds().iter().filter_map(|(_, bytes)| outcome(bytes)));
    for answer in [Answer::Accepted, Answer::Refused((-2).into()), Answer::Missing] {
        assert!(seen.contains(&Outcome::Done { answer }), "{answer:?}");
    }
    for wanted in REASONS.into_iter().chain([Reason::Local]) {
        let failed =
            |outcome| matches!(outcome, Outcome::Failed { reason, .. } if reason == wanted);
        assert!(seen.iter().copied().any(failed), "{wanted:?}");
    }
    assert!(seen.contains(&Outcome::Unanswered) && seen.contains(&Outcome::Abandoned));
}

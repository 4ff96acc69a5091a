//! Sessions.

use iothub_oracles::session::{self, Written, bytes_of, read};
use proptest::{collection::vec, prelude::*};

use crate::edits::{edited, edits};

/// Half of them random, half of them seeds with edits.
fn inputs(seeds: Vec<(String, Vec<u8>)>, most: usize) -> impl Strategy<Value = Vec<u8>> {
    let seeds: Vec<Vec<u8>> = seeds.into_iter().map(|(_, bytes)| bytes).collect();
    prop_oneof![vec(any::<u8>(), 0..most), edited(seeds, edits(7, any::<u8>(), 12))]
}

/// What is written is read again, and seeds are written as they are read.
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
}

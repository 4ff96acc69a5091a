//! The oracles on random bytes, and on seeds with random edits.

use std::{collections::BTreeMap, sync::OnceLock};

use iothub_oracles::{TARGETS, Target, seeds::Seed};
use proptest::{collection::vec, prelude::*, sample::Index};

use crate::edits::{edits, json_byte};

fn target() -> impl Strategy<Value = &'static Target> {
    (0..TARGETS.len()).prop_map(|index| &TARGETS[index])
}

fn edited_seed() -> impl Strategy<Value = (&'static Target, Vec<u8>)> {
    (0..TARGETS.len(), any::<Index>(), edits(3, json_byte(), 60)).prop_map(
        |(target, seed, edits)| {
            let target = &TARGETS[target];
            let mut seeds = seeds_of(target.name);
            let (_, mut bytes) = seeds.swap_remove(seed.index(seeds.len()));
            edits.iter().for_each(|edit| edit.apply(&mut bytes));
            (target, bytes)
        },
    )
}

type Seeds = BTreeMap<&'static str, Vec<Seed>>;

/// Returns the seeds of a target. This function creates the seeds only once, because their creation
/// reads the fixtures.
fn seeds_of(name: &str) -> Vec<Seed> {
    static SEEDS: OnceLock<Seeds> = OnceLock::new();
    let all = SEEDS.get_or_init(|| TARGETS.iter().map(|it| (it.name, (it.seeds)())).collect());
    all[name].clone()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases.max(4_000)))]

    #[test]
    fn random_bytes_break_nothing(target in target(), bytes in vec(any::<u8>(), 0..300)) {
        (target.run)(&bytes);
    }

    #[test]
    fn edited_seeds_break_nothing((target, bytes) in edited_seed()) {
        (target.run)(&bytes);
    }
}

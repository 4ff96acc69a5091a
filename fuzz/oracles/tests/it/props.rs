//! The oracles on random bytes, and on seeds with random edits.

use std::{collections::BTreeMap, sync::OnceLock};

use iothub_oracles::{TARGETS, Target, seeds::Seed};
use proptest::{
    collection::vec,
    prelude::*,
    sample::{Index, select},
};

#[derive(Clone, Debug)]
enum Edit {
    Set(Index, u8),
    Insert(Index, u8),
    Remove(Index, usize),
    Repeat(Index, usize, Index),
    Cut(Index),
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let json = b"{}[]\",:\\/u0159-+.eE tfn\n\r\t\0\x7f\xff";
    let byte = move || prop_oneof![3 => select(&json[..]), 1 => any::<u8>()];
    let edit = prop_oneof![
        3 => (any::<Index>(), byte()).prop_map(|(at, byte)| Edit::Set(at, byte)),
        3 => (any::<Index>(), byte()).prop_map(|(at, byte)| Edit::Insert(at, byte)),
        2 => (any::<Index>(), 1..20_usize).prop_map(|(at, count)| Edit::Remove(at, count)),
        1 => (any::<Index>(), 1..60_usize, any::<Index>())
            .prop_map(|(from, count, to)| Edit::Repeat(from, count, to)),
        1 => any::<Index>().prop_map(Edit::Cut),
    ];
    vec(edit, 0..4)
}

fn apply(bytes: &mut Vec<u8>, edit: &Edit) {
    let end = bytes.len();
    if end == 0 {
        return;
    }
    match edit {
        Edit::Set(at, byte) => bytes[at.index(end)] = *byte,
        Edit::Insert(at, byte) => bytes.insert(at.index(end + 1), *byte),
        Edit::Remove(at, count) => {
            let at = at.index(end);
            bytes.drain(at..end.min(at + count));
        }
        Edit::Repeat(from, count, to) => {
            let from = from.index(end);
            let piece = bytes[from..end.min(from + count)].to_vec();
            let to = to.index(end + 1);
            bytes.splice(to..to, piece);
        }
        Edit::Cut(at) => bytes.truncate(at.index(end)),
    }
}

fn target() -> impl Strategy<Value = &'static Target> {
    (0..TARGETS.len()).prop_map(|index| &TARGETS[index])
}

fn edited_seed() -> impl Strategy<Value = (&'static Target, Vec<u8>)> {
    (0..TARGETS.len(), any::<Index>(), edits()).prop_map(|(target, seed, edits)| {
        let target = &TARGETS[target];
        let mut seeds = seeds_of(target.name);
        let (_, mut bytes) = seeds.swap_remove(seed.index(seeds.len()));
        edits.iter().for_each(|edit| apply(&mut bytes, edit));
        (target, bytes)
    })
}

type Seeds = BTreeMap<&'static str, Vec<Seed>>;

/// Made once: the fixtures are read for it.
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

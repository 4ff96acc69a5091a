//! Random edits of valid inputs.

use proptest::{
    collection::vec,
    prelude::*,
    sample::{Index, select},
};

/// A change to the bytes of an input.
#[derive(Clone, Debug)]
pub(crate) enum Edit {
    Set(Index, u8),
    Insert(Index, u8),
    Remove(Index, usize),
    Repeat(Index, usize, Index),
    Cut(Index),
}

impl Edit {
    pub(crate) fn apply(&self, bytes: &mut Vec<u8>) {
        let end = bytes.len();
        if end == 0 {
            return;
        }
        match self {
            Self::Set(at, byte) => bytes[at.index(end)] = *byte,
            Self::Insert(at, byte) => bytes.insert(at.index(end + 1), *byte),
            Self::Remove(at, count) => {
                let at = at.index(end);
                bytes.drain(at..end.min(at + count));
            }
            Self::Repeat(from, count, to) => {
                let from = from.index(end);
                let piece = bytes[from..end.min(from + count)].to_vec();
                let to = to.index(end + 1);
                bytes.splice(to..to, piece);
            }
            Self::Cut(at) => bytes.truncate(at.index(end)),
        }
    }
}

/// Returns a strategy for up to `most` edits. Each edit writes one of these bytes, or removes or
/// repeats fewer than `piece` bytes.
pub(crate) fn edits(
    most: usize,
    byte: impl Strategy<Value = u8> + Clone,
    piece: usize,
) -> impl Strategy<Value = Vec<Edit>> {
    let edit = prop_oneof![
        3 => (any::<Index>(), byte.clone()).prop_map(|(at, byte)| Edit::Set(at, byte)),
        3 => (any::<Index>(), byte).prop_map(|(at, byte)| Edit::Insert(at, byte)),
        2 => (any::<Index>(), 1..piece).prop_map(|(at, count)| Edit::Remove(at, count)),
        1 => (any::<Index>(), 1..piece, any::<Index>())
            .prop_map(|(from, count, to)| Edit::Repeat(from, count, to)),
        1 => any::<Index>().prop_map(Edit::Cut),
    ];
    vec(edit, 0..=most)
}

/// Returns a strategy for bytes, most of which have a meaning in JSON.
pub(crate) fn json_byte() -> impl Strategy<Value = u8> + Clone {
    let marks = select(&b"{}[]\",:\\/u0159-+.eE tfn\n\r\t\0\x7f\xff"[..]);
    prop_oneof![3 => marks, 1 => any::<u8>()].boxed()
}

/// Returns a strategy for one of these inputs with edits.
pub(crate) fn edited(
    inputs: Vec<Vec<u8>>,
    edits: impl Strategy<Value = Vec<Edit>>,
) -> impl Strategy<Value = Vec<u8>> {
    (select(inputs), edits).prop_map(|(mut bytes, edits)| {
        edits.iter().for_each(|edit| edit.apply(&mut bytes));
        bytes
    })
}

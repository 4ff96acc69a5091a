//! Scans any message in one pass and keeps the text of the value of each key.

use super::{
    escape::{self, LoneSurrogate},
    reader::{Broken, Reader, Token},
};
use crate::{JsonFault, JsonType, Key};

/// The number of keys in the vocabulary. `ResultMsg` is the last key of the enum.
const SLOTS: usize = Key::ResultMsg as usize + 1;

/// The values of an object by key, and the first faults in the keys.
#[derive(Default)]
pub(super) struct Members<'a> {
    /// The JSON text of the object.
    pub(super) raw: &'a str,
    values: [Option<Token<'a>>; SLOTS],
    /// The keys that have a value, with one bit for each key.
    seen: u16,
    pub(super) duplicate: Option<Duplicate<'a>>,
    /// The JSON text of the first value whose key is not in the vocabulary, or `None` if there is
    /// none.
    unknown: Option<&'a str>,
    /// The offset of the first lone surrogate in a key, or `None` if there is none.
    pub(super) broken_key: Option<usize>,
}

/// The first key of the vocabulary that appears twice.
pub(super) struct Duplicate<'a> {
    pub(super) key: Key,
    /// The JSON text of the second value of the key.
    pub(super) value: &'a str,
}

/// The members of a message, and the members of `progress` if the value of that key is an object.
#[derive(Default)]
pub(super) struct Scanned<'a> {
    pub(super) top: Members<'a>,
    pub(super) progress: Option<Members<'a>>,
}

impl<'a> Scanned<'a> {
    /// Scans a whole text, which must be one object. The opening brace must be next.
    ///
    /// Checks the syntax of every value, but not its content. A string may contain lone surrogates,
    /// and a number may have any size.
    pub(super) fn read(&mut self, mut reader: Reader<'a>) -> Result<(), Broken> {
        let Self { top, progress } = self;
        top.read(&mut reader, Key::at_top, Some(progress))?;
        reader.end()
    }
}

impl<'a> Members<'a> {
    pub(super) fn get(&self, key: Key) -> Option<Token<'a>> {
        self.values.get(key as usize).copied().flatten()
    }

    /// Returns whether there is a key other than `type` and those in `own`.
    pub(super) fn has_foreign(&self, own: &[Key]) -> bool {
        let known = own.iter().fold(bit(Key::Type), |keys, key| keys | bit(*key));
        self.unknown.is_some() || self.seen & !known != 0
    }

    /// Returns the JSON text of the first value whose key is neither `type` nor in `own`, or `None`
    /// if there is none.
    pub(super) fn foreign(&self, own: &[Key]) -> Option<&'a str> {
        let of_other_messages = Key::TOP
            .iter()
            .copied()
            .filter(|key| *key != Key::Type && !own.contains(key))
            .filter_map(|key| Some(self.get(key)?.raw));
        of_other_messages.chain(self.unknown).min_by_key(|value| value.as_ptr())
    }

    /// Reads the object that is next and the object `progress` in it.
    fn read(
        &mut self,
        reader: &mut Reader<'a>,
        word: fn(&str) -> Option<Key>,
        mut progress: Option<&mut Option<Self>>,
    ) -> Result<(), Broken> {
        let start = reader.offset();
        let mut more = reader.enter_object().unwrap_or_default();
        while more {
            let at = reader.offset();
            let key = reader.key()?;
            let key = match known(key, word) {
                Ok(key) => key,
                Err(LoneSurrogate(half)) => {
                    let offset = at.saturating_add(half);
                    if progress.is_some() {
                        return Err(Broken { fault: JsonFault::LoneSurrogate, offset });
                    }
                    self.broken_key.get_or_insert(offset);
                    None
                }
            };
            let value = match (&mut progress, key, reader.peek()) {
                (Some(progress @ None), Some(Key::Progress), Some(b'{')) => {
                    let nested = progress.insert(Self::default());
                    nested.read(reader, Key::in_progress, None)?;
                    Token { raw: nested.raw, json_type: JsonType::Object, is_escaped: false }
                }
                _ => reader.value()?,
            };
            self.put(key, value);
            more = reader.another_member()?;
        }
        self.raw = reader.since(start);
        Ok(())
    }

    fn put(&mut self, key: Option<Key>, value: Token<'a>) {
        let Some(key) = key else {
            self.unknown.get_or_insert(value.raw);
            return;
        };
        self.seen |= bit(key);
        // Every key has a slot.
        if let Some(slot) = self.values.get_mut(key as usize) {
            if slot.is_none() {
                *slot = Some(value);
            } else {
                self.duplicate.get_or_insert(Duplicate { key, value: value.raw });
            }
        }
    }
}

const fn bit(key: Key) -> u16 {
    1 << key as u16
}

/// Decodes the escapes of a key and returns the key of the vocabulary. Returns `None` if the key is
/// unknown, and an error if the key has a lone surrogate.
fn known(key: Token<'_>, word: fn(&str) -> Option<Key>) -> Result<Option<Key>, LoneSurrogate> {
    if key.is_escaped {
        let text = escape::short::<{ Key::LONGEST }>(key.raw)?;
        Ok(text.and_then(|text| word(&text)))
    } else {
        Ok(word(escape::inner(key.raw)))
    }
}

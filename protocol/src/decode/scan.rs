//! One pass over the members of an object: a slot a key of the vocabulary.

use core::fmt;

use serde::de::{DeserializeSeed, Deserializer as _, Error, MapAccess, Visitor};
use serde_json::{Deserializer, value::RawValue};

use crate::Key;

/// `ResultMsg` is the last key.
const SLOTS: usize = Key::ResultMsg as usize + 1;

/// The members of an object, as the text of their values.
pub(super) struct Slots<'a> {
    values: [Option<&'a str>; SLOTS],
    /// The first key of the vocabulary that came again, with its second value.
    pub(super) duplicate: Option<(Key, &'a str)>,
    /// The value of the first key that is not in the vocabulary.
    unknown: Option<&'a str>,
}

impl<'a> Slots<'a> {
    pub(super) fn get(&self, key: Key) -> Option<&'a str> {
        self.values.get(key as usize).copied().flatten()
    }

    /// The value of the first key that is neither `type` nor one of `own`, if there is such a key.
    pub(super) fn foreign(&self, own: &[Key]) -> Option<&'a str> {
        let of_other_messages = Key::TOP
            .iter()
            .copied()
            .filter(|key| *key != Key::Type && !own.contains(key))
            .filter_map(|key| self.get(key));
        of_other_messages.chain(self.unknown).min_by_key(|value| value.as_ptr())
    }
}

/// Scans the whole text, which must be one object.
///
/// Every value is checked to be JSON, but not read: the text of a string may still have half of a
/// surrogate pair in it, and a number may be of any size.
pub(super) fn scan<'a>(text: &'a str, vocabulary: &[Key]) -> serde_json::Result<Slots<'a>> {
    let mut deserializer = Deserializer::from_str(text);
    let slots = deserializer.deserialize_map(Members { vocabulary })?;
    deserializer.end()?;
    Ok(slots)
}

struct Members<'v> {
    vocabulary: &'v [Key],
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = Slots<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Slots<'de>, A::Error> {
        let mut slots = Slots { values: [None; SLOTS], duplicate: None, unknown: None };
        while let Some(key) = members.next_key_seed(Word { vocabulary: self.vocabulary })? {
            let value = members.next_value::<&RawValue>()?.get();
            let Some(key) = key else {
                slots.unknown.get_or_insert(value);
                continue;
            };
            let slot = slots
                .values
                .get_mut(key as usize)
                .ok_or_else(|| A::Error::custom("every key has a slot"))?;
            if slot.is_none() {
                *slot = Some(value);
            } else {
                slots.duplicate.get_or_insert((key, value));
            }
        }
        Ok(slots)
    }
}

/// A key, unescaped, if it is in the vocabulary.
struct Word<'v> {
    vocabulary: &'v [Key],
}

impl<'de> DeserializeSeed<'de> for Word<'_> {
    type Value = Option<Key>;

    fn deserialize<D: serde::Deserializer<'de>>(self, key: D) -> Result<Option<Key>, D::Error> {
        key.deserialize_str(self)
    }
}

impl Visitor<'_> for Word<'_> {
    type Value = Option<Key>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, word: &str) -> Result<Option<Key>, E> {
        Ok(self.vocabulary.iter().copied().find(|key| key.as_str() == word))
    }
}

//! One pass over a message: a slot a key of the vocabulary.

use super::{
    reader::{Broken, Reader, Token},
    surrogate,
};
use crate::{JsonFault, Key};

/// `ResultMsg` is the last key.
const SLOTS: usize = Key::ResultMsg as usize + 1;

/// The members of an object.
pub(super) struct Members<'a> {
    /// The text of the object.
    pub(super) raw: &'a str,
    values: [Option<Token<'a>>; SLOTS],
    /// The first key of the vocabulary that came again, with its second value.
    pub(super) duplicate: Option<(Key, &'a str)>,
    /// The value of the first key that is not in the vocabulary.
    unknown: Option<&'a str>,
    /// Where the first key is broken that has half of a surrogate pair in it.
    pub(super) broken_key: Option<usize>,
}

/// A message, and its `progress` where that is an object.
pub(super) struct Scanned<'a> {
    pub(super) top: Members<'a>,
    pub(super) progress: Option<Members<'a>>,
}

impl<'a> Members<'a> {
    pub(super) fn get(&self, key: Key) -> Option<Token<'a>> {
        self.values.get(key as usize).copied().flatten()
    }

    /// The value of the first key that is neither `type` nor one of `own`, if there is such a key.
    pub(super) fn foreign(&self, own: &[Key]) -> Option<&'a str> {
        let of_other_messages = Key::TOP
            .iter()
            .copied()
            .filter(|key| *key != Key::Type && !own.contains(key))
            .filter_map(|key| Some(self.get(key)?.raw));
        of_other_messages.chain(self.unknown).min_by_key(|value| value.as_ptr())
    }

    /// Reads the object that is next, and in it the object that `progress` is.
    fn read(
        reader: &mut Reader<'a>,
        word: fn(&str) -> Option<Key>,
        mut progress: Option<&mut Option<Self>>,
    ) -> Result<Self, Broken> {
        let mut members = Self {
            raw: "",
            values: [None; SLOTS],
            duplicate: None,
            unknown: None,
            broken_key: None,
        };
        let start = reader.offset();
        let mut more = reader.enter_object();
        while more {
            let at = reader.offset();
            let key = reader.key()?;
            if key.is_escaped
                && let Some(escape) = surrogate::lone(key.raw)
            {
                let offset = at.saturating_add(escape);
                if progress.is_some() {
                    return Err(Broken { fault: JsonFault::LoneSurrogate, offset });
                }
                members.broken_key.get_or_insert(offset);
            }
            let key = known(key, word);
            let value = match (&mut progress, key, reader.peek()) {
                (Some(progress @ None), Some(Key::Progress), Some(b'{')) => {
                    let nested = Self::read(reader, Key::in_progress, None)?;
                    let raw = nested.raw;
                    **progress = Some(nested);
                    Token { raw, json_type: crate::JsonType::Object, is_escaped: false }
                }
                _ => reader.value()?,
            };
            members.put(key, value);
            more = reader.another_member()?;
        }
        members.raw = reader.since(start);
        Ok(members)
    }

    fn put(&mut self, key: Option<Key>, value: Token<'a>) {
        let Some(key) = key else {
            self.unknown.get_or_insert(value.raw);
            return;
        };
        // Every key has a slot.
        if let Some(slot) = self.values.get_mut(key as usize) {
            if slot.is_none() {
                *slot = Some(value);
            } else {
                self.duplicate.get_or_insert((key, value.raw));
            }
        }
    }
}

/// Scans a whole text, which must be one object; its brace is known to be next.
///
/// Every value is checked to be JSON, but not read: the text of a string may still have half of a
/// surrogate pair in it, and a number may be of any size.
pub(super) fn scan<'a>(mut reader: Reader<'a>) -> Result<Scanned<'a>, Broken> {
    let mut progress = None;
    let top = Members::read(&mut reader, Key::at_top, Some(&mut progress))?;
    reader.end()?;
    Ok(Scanned { top, progress })
}

/// The word of the vocabulary that a key is after unescaping, if it is one.
fn known(key: Token<'_>, word: fn(&str) -> Option<Key>) -> Option<Key> {
    let inner = key.raw.strip_prefix('"')?.strip_suffix('"')?;
    if !key.is_escaped {
        return word(inner);
    }
    let mut unescaped = arrayvec::ArrayString::<{ Key::LONGEST }>::new();
    let mut rest = inner;
    while !rest.is_empty() {
        let (letter, after) = first_letter(rest)?;
        unescaped.try_push(letter).ok()?;
        rest = after;
    }
    word(&unescaped)
}

/// The first letter of a string and what stands after it; nothing if it is escaped and none of ASCII.
fn first_letter(text: &str) -> Option<(char, &str)> {
    let Some(escape) = text.strip_prefix('\\') else {
        let mut letters = text.chars();
        return Some((letters.next()?, letters.as_str()));
    };
    match escape.strip_prefix('u') {
        Some(digits) => {
            let letter = u8::from_str_radix(digits.get(..4)?, 16).ok().filter(u8::is_ascii)?;
            Some((letter.into(), digits.get(4..)?))
        }
        // A key of the vocabulary has none of the characters that have a short escape.
        None => None,
    }
}

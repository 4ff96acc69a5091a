//! Mutated fixtures: a valid payload with edits that keep its meaning, and then one edit that
//! determines the verdict.

mod document;
mod tables;

use arbitrary::{Result, Unstructured};
use iothub_resource::{Code, Direction, Message, Profile};
use serde_json::Value;

use self::{
    document::{Document, Level, Member},
    tables::Replacement,
};
use crate::{json, reference::LONGEST_PAYLOAD};

/// Reads bytes as a fixture and its edits. Checks the verdict.
pub fn bytes(bytes: &[u8]) {
    let Ok(Edited { profile, direction, payload, expected }) = edited(bytes) else { return };
    let decoded = Message::decode(profile, direction, &payload);
    let shown = String::from_utf8_lossy(&payload);
    match (decoded, expected) {
        (Ok(message), Ok(meaning)) => {
            let said = serde_json::to_value(&message).expect("a message is JSON");
            assert_eq!(said, meaning, "{profile}: {shown}");
        }
        (Err(error), Err(codes)) => {
            assert!(codes.contains(&error.code()), "{profile}: {error}, not {codes:?}: {shown}");
        }
        (decoded, expected) => {
            panic!("{profile}: {decoded:?}, should be {expected:?}: {shown}")
        }
    }
}

/// A payload with its meaning, or with the codes that its rejection may have.
struct Edited {
    profile: Profile,
    direction: Direction,
    payload: Vec<u8>,
    expected: std::result::Result<Value, Vec<Code>>,
}

fn edited(bytes: &[u8]) -> Result<Edited> {
    let source = &mut Unstructured::new(bytes);
    let all = Document::all();
    let index = usize::from(u16::from_le_bytes([number(source)?, number(source)?]));
    let mut document = all[index % all.len()].clone();
    for _ in 0..number(source)? % 4 {
        keep(&mut document, source)?;
    }
    let (profile, direction) = (document.profile, document.direction);
    let (payload, codes) = change(&mut document, source)?;
    let direction = match codes[..] {
        [Code::WrongDirection] => match direction {
            Direction::Up => Direction::Down,
            Direction::Down => Direction::Up,
        },
        _ => direction,
    };
    let expected = if payload.len() > LONGEST_PAYLOAD {
        Err(vec![Code::PayloadTooLarge])
    } else if codes.is_empty() {
        Ok(document.message)
    } else {
        Err(codes)
    };
    Ok(Edited { profile, direction, payload, expected })
}

fn number(source: &mut Unstructured<'_>) -> Result<u8> {
    source.bytes(1).map(|byte| byte[0])
}

fn pick<'t, T>(source: &mut Unstructured<'_>, of: &'t [T]) -> Result<&'t T> {
    let index = usize::from(number(source)?);
    of.get(index.checked_rem(of.len()).unwrap_or_default()).ok_or(arbitrary::Error::EmptyChoose)
}

/// Returns the level and the index of a random member of the message or of its `progress`.
fn place(document: &mut Document, source: &mut Unstructured<'_>) -> Result<(Level, usize)> {
    let level = level(document, source)?;
    let count = document.members(level).len().max(1);
    Ok((level, usize::from(number(source)?) % count))
}

fn level(document: &Document, source: &mut Unstructured<'_>) -> Result<Level> {
    let inside = document.has_progress() && number(source)? % 2 == 1;
    Ok(if inside { Level::Progress } else { Level::Top })
}

/// Makes an edit that keeps the meaning: white space, order, spelling, or a skipped key.
fn keep(document: &mut Document, source: &mut Unstructured<'_>) -> Result<()> {
    let edit = number(source)?;
    if edit % 5 == 0 {
        document.space = pick(source, &["", " ", "\n", "\t", "\r\n", "\n \t\r"])?;
        return Ok(());
    }
    let (level, index) = place(document, source)?;
    let shift = usize::from(number(source)?);
    let profile = document.profile;
    let members = document.members(level);
    match edit % 5 {
        1 => {
            let count = members.len().max(1);
            members.rotate_left(shift % count);
        }
        2 => members.reverse(),
        3 => {
            if let Some(member) = members.get_mut(index) {
                member.spelt = respelt(&member.spelt, shift);
                member.value = respelt(&member.value, shift);
            }
        }
        _ if profile == Profile::Deployed => {
            let value = *pick(source, &tables::ANYTHING)?;
            members.insert(shift % (members.len() + 1), Member::new("skipped", value));
        }
        _ => {}
    }
    Ok(())
}

/// Returns a different spelling of a string, with all or some of its characters as escapes.
fn respelt(text: &str, style: usize) -> String {
    let Some(plain) = text.starts_with('"').then(|| json::unescaped(text)).flatten() else {
        return text.to_owned();
    };
    let mut spelt = String::from("\"");
    for (index, unit) in plain.encode_utf16().enumerate() {
        match char::from_u32(unit.into()) {
            Some(slash @ '/') if style % 3 == 1 => spelt.extend(['\\', slash]),
            Some(character)
                if style % 2 == 1
                    && index % 3 > 0
                    && !"\"\\".contains(character)
                    && character >= ' ' =>
            {
                spelt.push(character);
            }
            _ if style % 4 < 2 => spelt += &format!("\\u{unit:04x}"),
            _ => spelt += &format!("\\u{unit:04X}"),
        }
    }
    spelt + "\""
}

/// Makes the last edit. Returns the payload and the codes that its rejection may have. There are no
/// codes if the payload is valid.
fn change(document: &mut Document, source: &mut Unstructured<'_>) -> Result<(Vec<u8>, Vec<Code>)> {
    let edit = number(source)?;
    let codes = match edit % 16 {
        0 => vec![],
        1 => vec![Code::WrongDirection],
        2 => drop_member(document, source)?,
        3 => repeat(document, source)?,
        4 => rename(document, source)?,
        5 => retype(document, source)?,
        6 | 7 => replace(document, source)?,
        8 => insert(document, source)?,
        9 => break_value(document, source)?,
        10 => break_string(document, source)?,
        _ => return break_text(document.write(), edit, source),
    };
    Ok((document.write().into_bytes(), codes))
}

fn drop_member(document: &mut Document, source: &mut Unstructured<'_>) -> Result<Vec<Code>> {
    let (level, index) = place(document, source)?;
    if index >= document.members(level).len() {
        return Ok(vec![]);
    }
    let key = document.members(level).remove(index).key;
    Ok(lost(document, level, &key))
}

/// Returns the codes of a payload from which a key was removed. If the payload is still valid,
/// removes the key from the meaning too.
fn lost(document: &mut Document, level: Level, key: &str) -> Vec<Code> {
    if !document.has(level, key) || document.members(level).iter().any(|left| left.key == key) {
        return vec![];
    }
    match (level, key) {
        (Level::Top, "type") => vec![Code::MissingType],
        (Level::Progress, "percent") if document.is_final() => {
            document.meaning(level).remove(key);
            vec![]
        }
        _ => vec![Code::MissingField],
    }
}

fn repeat(document: &mut Document, source: &mut Unstructured<'_>) -> Result<Vec<Code>> {
    let (level, index) = place(document, source)?;
    let style = usize::from(number(source)?);
    let Some(member) = document.members(level).get(index) else { return Ok(vec![]) };
    let mut again = member.clone();
    if style % 2 == 1 {
        again.spelt = respelt(&again.spelt, style);
    }
    if style % 3 == 1 || again.value.is_empty() {
        again.value = "null".to_owned();
    }
    let refused = level.vocabulary().contains(&again.key.as_str());
    let members = document.members(level);
    members.insert(style % (members.len() + 1), again);
    Ok(if refused { vec![Code::DuplicateKey] } else { vec![] })
}

const OTHER_KEYS: [&str; 8] = ["", "Type", "size ", "nam", "md5_sum", "größe", "x", "result"];

fn rename(document: &mut Document, source: &mut Unstructured<'_>) -> Result<Vec<Code>> {
    let (level, index) = place(document, source)?;
    let other = *pick(source, &OTHER_KEYS)?;
    let profile = document.profile;
    let Some(member) = document.members(level).get_mut(index) else { return Ok(vec![]) };
    let old = std::mem::replace(member, Member::new(other, &member.value));
    if old.value.is_empty() {
        document.members(level)[index].value = "{}".to_owned();
    }
    let mut codes = lost(document, level, &old.key);
    if profile == Profile::Documented {
        codes.push(Code::UnknownField);
    }
    Ok(codes)
}

fn retype(document: &mut Document, source: &mut Unstructured<'_>) -> Result<Vec<Code>> {
    let (level, index) = place(document, source)?;
    let Some(member) = document.members(level).get_mut(index) else { return Ok(vec![]) };
    let key = member.key.clone();
    member.value = (*pick(source, tables::of_another_type(&key))?).to_owned();
    Ok(if document.has(level, &key) { vec![Code::WrongType] } else { vec![] })
}

fn replace(document: &mut Document, source: &mut Unstructured<'_>) -> Result<Vec<Code>> {
    let (level, index) = place(document, source)?;
    let profile = document.profile;
    let Some(member) = document.members(level).get_mut(index) else { return Ok(vec![]) };
    let key = member.key.clone();
    let rows = tables::values(&key, profile);
    let Ok(Replacement { value, code }) = pick(source, &rows) else { return Ok(vec![]) };
    member.value = (*value).to_owned();
    if !document.has(level, &key) {
        return Ok(vec![]);
    }
    if code.is_none() {
        let mut meaning: Value = serde_json::from_str(value).expect("the table has JSON");
        if key == "md5sum" {
            meaning = meaning.as_str().map(str::to_lowercase).into();
        }
        document.meaning(level).insert(key, meaning);
    }
    Ok(code.iter().copied().collect())
}

/// Inserts a key that the message does not have, or repeats a key. Returns the codes that the
/// rejection may have.
fn insert(document: &mut Document, source: &mut Unstructured<'_>) -> Result<Vec<Code>> {
    let level = level(document, source)?;
    let at = usize::from(number(source)?);
    let value = *pick(source, &tables::ANYTHING)?;
    let key = match number(source)? {
        word @ 0..8 => level.vocabulary()[usize::from(word) % level.vocabulary().len()],
        _ => pick(source, &OTHER_KEYS)?,
    };
    let is_word = level.vocabulary().contains(&key);
    let is_there = document.members(level).iter().any(|member| member.key == key);
    // `percent` is the only key of a message that may be absent.
    if document.has(level, key) && !is_there {
        return Ok(vec![]);
    }
    let members = document.members(level);
    members.insert(at % (members.len() + 1), Member::new(key, value));
    Ok(match document.profile {
        _ if is_word && is_there => vec![Code::DuplicateKey],
        Profile::Documented => vec![Code::UnknownField],
        Profile::Deployed => vec![],
    })
}

/// Replaces a value with a text that is not JSON. The decoder may read or skip this value. Returns
/// the codes that the rejection may have.
fn break_value(document: &mut Document, source: &mut Unstructured<'_>) -> Result<Vec<Code>> {
    let (level, index) = place(document, source)?;
    let broken = *pick(source, &tables::NOT_JSON)?;
    let is_progress = |member: &Member| level == Level::Top && member.key == "progress";
    match document.members(level).get_mut(index) {
        // An empty value would stand for the members in `progress`.
        Some(member) if broken.is_empty() && is_progress(member) => Ok(vec![]),
        Some(member) => {
            member.value = broken.to_owned();
            Ok(vec![Code::InvalidJson])
        }
        None => Ok(vec![]),
    }
}

/// Puts an invalid part into a string: a raw control character, an invalid escape, or half of a
/// surrogate pair. Returns the codes that the rejection may have.
fn break_string(document: &mut Document, source: &mut Unstructured<'_>) -> Result<Vec<Code>> {
    const HALVES: [&str; 5] =
        ["\\ud800", "\\uDFFF", "\\udc00\\ud800", "\\ud83d\\u0020", "\\uD83Dx"];
    let (level, index) = place(document, source)?;
    let in_key = number(source)? % 2 == 1;
    let kind = number(source)?;
    let Some(member) = document.members(level).get(index).cloned() else { return Ok(vec![]) };
    let text = if in_key { &member.spelt } else { &member.value };
    let Some(body) = text.strip_suffix('"') else { return Ok(vec![]) };
    let bad = match kind {
        0..32 => char::from(kind).to_string(),
        32..96 => format!("\\{}", char::from(b"acdeghijklmopqsvwxyz'0A"[usize::from(kind % 23)])),
        _ => pick(source, &HALVES)?.to_string(),
    };
    let is_read = in_key || document.has(level, &member.key);
    let is_half = kind >= 96;
    let changed = format!("{body}{bad}\"");
    let member = &mut document.members(level)[index];
    if in_key {
        member.spelt = changed;
    } else {
        member.value = changed;
    }
    // The crate accepts lone surrogates in values that it skips.
    Ok(if is_half && !is_read { vec![] } else { vec![Code::InvalidJson] })
}

/// Breaks the text as a whole: cuts it, adds text before or after it, or makes it invalid UTF-8.
/// Returns the payload and the codes that its rejection may have.
fn break_text(
    text: String,
    edit: u8,
    source: &mut Unstructured<'_>,
) -> Result<(Vec<u8>, Vec<Code>)> {
    const AFTER: [&str; 11] =
        [",", "}", "{}", "null", "\0", "\u{FEFF}", "//", "/**/", "\u{A0}", "x", "\u{C}"];
    const BEFORE: [&str; 8] = ["\u{FEFF}", "\u{A0}", "//\n", "0", "{}", "\0", ")]}'\n", "\u{B}"];
    let at = usize::from(u16::from_le_bytes([number(source)?, number(source)?])) % text.len();
    let mut payload = text.into_bytes();
    let code = match edit % 16 {
        11 => {
            let end = payload.trim_ascii_end().len();
            payload.truncate(at.min(end - 1));
            let is_text = std::str::from_utf8(&payload).is_ok();
            if is_text { Code::InvalidJson } else { Code::NotUtf8 }
        }
        12 => {
            payload.extend(pick(source, &AFTER)?.bytes());
            Code::InvalidJson
        }
        13 => {
            payload.splice(..0, pick(source, &BEFORE)?.bytes());
            Code::InvalidJson
        }
        14 => {
            payload.insert(at, *pick(source, &[0xFF, 0xFE, 0xC0, 0xC1, 0xF5])?);
            Code::NotUtf8
        }
        _ => {
            payload.insert(0, b'[');
            payload.push(b']');
            Code::NotAnObject
        }
    };
    Ok((payload, vec![code]))
}

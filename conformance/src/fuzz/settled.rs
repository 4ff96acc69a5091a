//! Whether the specification settles what is to be answered: a request whose answer hangs on a
//! reading that it leaves open accuses nobody.

use std::collections::{BTreeMap, BTreeSet};

use iothub_resource::{Key, MAX_PAYLOAD, Message, Profile, session::Observer};
use serde_json::value::RawValue;

use super::tokens::{tokens, unescaped};
use crate::implementation::{Event, Request};

pub(super) fn is_settled(request: &Request) -> bool {
    match request {
        Request::Decode { profile: Profile::Deployed, direction, payload } => {
            match Message::decode(Profile::Deployed, *direction, payload) {
                Ok(message) => !skips_what_is_open(payload, &message),
                Err(_) => true,
            }
        }
        Request::Encode { profile, message } => {
            is_plain(message.get().as_bytes()) && has_settled_length(*profile, message)
        }
        Request::Trace { profile, events } => {
            events.iter().all(|event| is_plain(event.message.get().as_bytes()))
                && !hangs_on_a_reading(*profile, events)
        }
        _ => true,
    }
}

/// Whether a value that a valid payload has, and that is skipped, has a key twice or a surrogate
/// without its pair (ENC-5).
fn skips_what_is_open(payload: &[u8], message: &Message<'_>) -> bool {
    let keys = message.message_type().keys();
    let is_read = |path: &[&str], key: &str| match path {
        [] => key == Key::Type.as_str() || keys.iter().any(|known| known.as_str() == key),
        ["progress"] if keys.contains(&Key::Progress) => {
            Key::IN_PROGRESS.iter().any(|known| known.as_str() == key)
        }
        _ => false,
    };
    // The keys of each object around, none for an array; the path to what is read.
    let mut around: Vec<Option<BTreeSet<String>>> = Vec::new();
    let mut path: Vec<String> = Vec::new();
    // How deep the value is that is skipped.
    let mut skipped: Option<usize> = None;
    let tokens: Vec<&[u8]> = tokens(payload).into_iter().map(|token| &payload[token]).collect();
    for (at, token) in tokens.iter().enumerate() {
        match token[0] {
            b'{' => around.push(Some(BTreeSet::new())),
            b'[' => around.push(None),
            b'}' | b']' => {
                around.pop();
                path.truncate(around.len().saturating_sub(1));
            }
            b',' => {
                path.truncate(around.len().saturating_sub(1));
                if skipped.is_some_and(|depth| around.len() <= depth) {
                    skipped = None;
                }
            }
            b'"' => {
                let mut rest = tokens[at + 1..].iter();
                let is_key = rest.find(|token| !token[0].is_ascii_whitespace()).copied()
                    == Some(b":".as_slice());
                let Some(text) = unescaped(token) else {
                    if skipped.is_some() {
                        return true;
                    }
                    continue;
                };
                if !is_key {
                    continue;
                }
                let depth = around.len();
                let Some(Some(keys)) = around.last_mut() else { continue };
                let is_new = keys.insert(text.clone());
                if skipped.is_some() && !is_new {
                    return true;
                }
                if skipped.is_none() {
                    let names: Vec<&str> = path.iter().map(String::as_str).collect();
                    if is_read(&names, &text) {
                        path.push(text);
                    } else {
                        skipped = Some(depth);
                    }
                }
            }
            _ => {}
        }
        let is_left = token[0] == b'}' && skipped.is_some_and(|depth| around.len() < depth);
        if around.is_empty() || is_left {
            skipped = None;
        }
    }
    false
}

/// Whether every JSON parser sees the same in it: an object of no great depth, with no key twice
/// and no surrogate without its pair, and with numbers that everybody keeps as they are.
pub(super) fn is_plain(text: &[u8]) -> bool {
    const DEEPEST: usize = 16;
    let mut around: Vec<Option<BTreeSet<String>>> = Vec::new();
    if text.first() != Some(&b'{') || serde_json::from_slice::<&RawValue>(text).is_err() {
        return false;
    }
    let tokens: Vec<&[u8]> = tokens(text).into_iter().map(|token| &text[token]).collect();
    for (at, token) in tokens.iter().enumerate() {
        match token[0] {
            b'{' => around.push(Some(BTreeSet::new())),
            b'[' => around.push(None),
            b'}' | b']' => drop(around.pop()),
            b'"' => {
                let Some(text) = unescaped(token) else { return false };
                let mut rest = tokens[at + 1..].iter();
                let next = rest.find(|token| !token[0].is_ascii_whitespace());
                if next.copied() == Some(b":")
                    && let Some(Some(keys)) = around.last_mut()
                    && !keys.insert(text)
                {
                    return false;
                }
            }
            b'-' | b'0'..=b'9' if !is_plain_number(token) => return false,
            _ => {}
        }
        if around.len() > DEEPEST {
            return false;
        }
    }
    true
}

fn is_plain_number(token: &[u8]) -> bool {
    const EXACT: u64 = 1 << 53;
    const POWER: u64 = 1 << 62;
    let Ok(token) = std::str::from_utf8(token) else { return false };
    if let Ok(integer) = token.parse::<i64>() {
        let size = integer.unsigned_abs();
        return (size <= EXACT || size == POWER) && integer.to_string() == token;
    }
    // A fraction that is one to everybody.
    let Some((whole, fraction)) = token.split_once('.') else { return false };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    whole.len() <= 4 && fraction.len() <= 3 && digits(fraction) && !fraction.ends_with('0')
}

/// An encoder may choose its spelling: where that decides whether it is too long (ENC-1), either
/// answer is right.
fn has_settled_length(profile: Profile, message: &RawValue) -> bool {
    /// For white space.
    const ROOM: usize = 250;
    let Ok(read) = Message::from_json(profile, message.get()) else { return true };
    let Ok(payload) = read.encode(profile) else { return true };
    let longest: usize = String::from_utf8_lossy(&payload)
        .chars()
        .map(|c| match c {
            ' ' | '!' | '#'..='%' | '('..='.' | '0'..=';' | '=' | '?'..='~' => 1,
            // Whole escapes are in here too, a character each.
            c => 6 * c.len_utf16(),
        })
        .sum();
    longest + ROOM <= MAX_PAYLOAD
}

/// Whether what is to be answered depends on which of two equal creates an answer belongs to, or
/// on which response is the last one.
fn hangs_on_a_reading(profile: Profile, events: &[Event]) -> bool {
    let mut observer = Observer::new(profile);
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut creates: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut queries = 0_usize;
    // Whether something has come since that may or may not count.
    let mut last: BTreeMap<(bool, String), bool> = BTreeMap::new();
    for (at, event) in events.iter().enumerate() {
        let Ok(message) = Message::from_json(profile, event.message.get()) else { return false };
        if message.message_type().direction() != event.direction {
            return false;
        }
        let name = message.name().map(|name| name.as_str().to_owned()).unwrap_or_default();
        let is_dropped = event.dup && seen.contains(&written(&message));
        seen.insert(written(&message));
        match &message {
            Message::CreateUploadTaskRsp(_) | Message::GetDownloadTaskRsp(_) if is_dropped => {
                let is_create = matches!(message, Message::CreateUploadTaskRsp(_));
                last.entry((is_create, name)).and_modify(|unclear| *unclear = true);
            }
            _ if is_dropped => {}
            Message::CreateUploadTask(resource) => {
                creates.entry(name).or_default().push(written_of(resource));
            }
            Message::CreateUploadTaskRsp(task) => {
                let open = creates.entry(name.clone()).or_default();
                let wanted = written_of(&task.resource());
                match open.iter().filter(|create| **create == wanted).count() {
                    0 if open.is_empty() => {
                        if last.get(&(true, name)) == Some(&true) {
                            return true;
                        }
                    }
                    0 => {}
                    1 => {
                        open.retain(|create| *create != wanted);
                        last.insert((true, name), false);
                    }
                    _ => return true,
                }
            }
            Message::GetDownloadTask => queries += 1,
            Message::GetDownloadTaskRsp(_) if queries > 0 => {
                queries -= 1;
                last.insert((false, name), false);
            }
            Message::GetDownloadTaskRsp(_) if last.get(&(false, name.clone())) == Some(&true) => {
                return true;
            }
            Message::Download(_) => {
                last.entry((false, name)).and_modify(|unclear| *unclear = true);
            }
            _ => {}
        }
        if observer.observe(at, event.dup, &message).is_err() {
            return false;
        }
    }
    false
}

fn written(message: &Message<'_>) -> String {
    serde_json::to_string(message).unwrap_or_default()
}

fn written_of(resource: &iothub_resource::Resource<'_>) -> String {
    format!("{} {}", resource.size, resource.md5sum)
}

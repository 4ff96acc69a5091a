//! Checks whether the specification determines the answer to a request. If the answer depends on an
//! open question of the specification, no answer is wrong.

use std::collections::BTreeSet;

use iothub_conformance_suite::Request;
use iothub_resource::{Key, MAX_PAYLOAD, Message, Profile};
use serde_json::value::RawValue;

use super::tokens::{tokens, unescaped};

pub(super) fn is_unambiguous(request: &Request) -> bool {
    match request {
        Request::Decode { profile: Profile::Deployed, direction, payload } => {
            match Message::decode(Profile::Deployed, *direction, payload) {
                Ok(message) => !skips_ambiguous_value(payload, &message),
                Err(_) => true,
            }
        }
        Request::Encode { profile, message } => {
            is_portable(message.get().as_bytes()) && fits_in_any_spelling(*profile, message)
        }
        Request::Trace { events, .. } => {
            events.iter().all(|event| is_portable(event.message.get().as_bytes()))
        }
        _ => true,
    }
}

/// Returns whether a skipped value of a valid payload contains a duplicate key or an unpaired
/// surrogate (ENC-5).
fn skips_ambiguous_value(payload: &[u8], message: &Message<'_>) -> bool {
    let keys = message.message_type().keys();
    let is_read = |path: &[&str], key: &str| match path {
        [] => key == Key::Type.as_str() || keys.iter().any(|known| known.as_str() == key),
        ["progress"] if keys.contains(&Key::Progress) => {
            Key::IN_PROGRESS.iter().any(|known| known.as_str() == key)
        }
        _ => false,
    };
    // The keys so far in each enclosing object, or `None` for an array, the outermost first.
    let mut around: Vec<Option<BTreeSet<String>>> = Vec::new();
    let mut path: Vec<String> = Vec::new();
    // The depth of the skipped value.
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
                let Some(text) = unescaped(token) else {
                    if skipped.is_some() {
                        return true;
                    }
                    continue;
                };
                if !is_key(&tokens, at) {
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
        if skipped.is_some_and(|depth| around.len() < depth) {
            skipped = None;
        }
    }
    false
}

/// Returns whether the string at index `at` is the key of a member, which means that a colon
/// follows.
fn is_key(tokens: &[&[u8]], at: usize) -> bool {
    let next = tokens[at + 1..].iter().find(|token| !token[0].is_ascii_whitespace());
    next.is_some_and(|token| *token == b":")
}

/// Returns whether every JSON parser reads the text in the same way. The text must be an object of
/// moderate depth, without duplicate keys or unpaired surrogates, and every parser must keep its
/// numbers exactly.
pub(super) fn is_portable(text: &[u8]) -> bool {
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
                if is_key(&tokens, at)
                    && let Some(Some(keys)) = around.last_mut()
                    && !keys.insert(text)
                {
                    return false;
                }
            }
            b'-' | b'0'..=b'9' if !is_portable_number(token) => return false,
            _ => {}
        }
        if around.len() > DEEPEST {
            return false;
        }
    }
    true
}

fn is_portable_number(token: &[u8]) -> bool {
    const EXACT: u64 = 1 << 53;
    const POWER: u64 = 1 << 62;
    let Ok(token) = std::str::from_utf8(token) else { return false };
    if let Ok(integer) = token.parse::<i64>() {
        let size = integer.unsigned_abs();
        return (size <= EXACT || size == POWER) && integer.to_string() == token;
    }
    // Every parser keeps a fraction with so few digits exactly.
    let Some((whole, fraction)) = token.split_once('.') else { return false };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    whole.len() <= 4 && fraction.len() <= 3 && digits(fraction) && !fraction.ends_with('0')
}

/// Returns whether the message fits into a payload in every spelling. Otherwise, the spelling
/// determines whether the payload is too long (ENC-1), so either answer is right.
fn fits_in_any_spelling(profile: Profile, message: &RawValue) -> bool {
    /// The number of bytes that are reserved for white space.
    const ROOM: usize = 250;
    let Ok(read) = Message::from_json(profile, message.get()) else { return true };
    let Ok(payload) = read.encode(profile) else { return true };
    let longest: usize = String::from_utf8_lossy(&payload)
        .chars()
        .map(|c| match c {
            ' ' | '!' | '#'..='%' | '('..='.' | '0'..=';' | '=' | '?'..='~' => 1,
            // The count is too high for an escape because each of its characters counts as an
            // escape.
            c => 6 * c.len_utf16(),
        })
        .sum();
    longest + ROOM <= MAX_PAYLOAD
}

#[cfg(test)]
mod tests {
    use iothub_resource::Direction;

    use super::*;

    fn decode(payload: &str) -> Request {
        let payload = payload.as_bytes().to_vec();
        Request::Decode { profile: Profile::Deployed, direction: Direction::Up, payload }
    }

    #[test]
    fn what_is_inside_a_skipped_value_is_open() {
        for open in [
            r#"{"type":"get_download_task","x":{"a":0,"a":0}}"#,
            r#"{"x":[[{"a":{"b":0,"\u0062":0}}]],"type":"get_download_task"}"#,
            r#"{"type":"get_download_task","x":"\ud800"}"#,
            r#"{"type":"get_download_task","progress":{"state":"\ud800"}}"#,
            r#"{"type":"get_download_task","x":0,"y":{"\udc00":0}}"#,
        ] {
            assert!(!is_unambiguous(&decode(open)), "{open}");
        }
        for settled in [
            r#"{"type":"get_download_task","x":0,"x":0}"#,
            r#"{"type":"get_download_task","x":{"a":0},"y":{"a":0,"b":{"a":0}}}"#,
            r#"{"type":"get_download_task","x":[{"a":0},{"a":0}]}"#,
            r#"{"type":"get_download_task","x":"\ud83d\ude00"}"#,
            r#"{"type":"get_download_task","\ud800":0}"#,
            r#"{"x":{"a":0,"a":0}}"#,
        ] {
            assert!(is_unambiguous(&decode(settled)), "{settled}");
        }
    }

    #[test]
    fn values_are_plain_that_every_parser_sees() {
        for plain in [r#"{"a":[0,-1,1.5,"\u0061",{"b":null}]}"#, r#"{"a":9007199254740992}"#] {
            assert!(is_portable(plain.as_bytes()), "{plain}");
        }
        for odd in [
            r#"{"a":1.0}"#,
            r#"{"a":-0}"#,
            r#"{"a":1e2}"#,
            r#"{"a":9007199254740993}"#,
            r#"{"a":0,"\u0061":0}"#,
            r#"{"a":"\ud800"}"#,
            "[]",
            r#"{"a":[[[[[[[[[[[[[[[[0]]]]]]]]]]]]]]]]}"#,
            r#"{"a":01}"#,
        ] {
            assert!(!is_portable(odd.as_bytes()), "{odd}");
        }
    }
}

//! Payloads and messages with less in them: tokens left out, tokens made plainer.

use std::ops::Range;

use iothub_conformance_suite::Request;
use serde_json::value::RawValue;

use crate::tokens::{is_space, tokens};

/// The text of a message in a request, and how to put another in its place.
pub(super) fn text_of(request: &Request) -> &[u8] {
    match request {
        Request::Decode { payload, .. } => payload,
        Request::Encode { message, .. } => message.get().as_bytes(),
        _ => b"",
    }
}

pub(super) fn with_text(request: &Request, text: Vec<u8>) -> Option<Request> {
    Some(match request {
        Request::Decode { profile, direction, .. } => {
            Request::Decode { profile: *profile, direction: *direction, payload: text }
        }
        Request::Encode { profile, .. } => {
            Request::Encode { profile: *profile, message: raw(text)? }
        }
        _ => return None,
    })
}

pub(super) fn raw(text: Vec<u8>) -> Option<Box<RawValue>> {
    RawValue::from_string(String::from_utf8(text).ok()?).ok()
}

/// Ranges of a list of `length` things worth leaving out: all of them where there are few, and
/// halves, quarters and so on down to single ones where there are many.
pub(super) fn ranges(length: usize, few: usize) -> Vec<Range<usize>> {
    const LONG: usize = 600;
    let most = if length > LONG { 4 } else { 24 };
    if length <= few {
        return (0..length).flat_map(|from| (from + 1..=length).map(move |to| from..to)).collect();
    }
    let mut ranges = Vec::new();
    let mut size = length;
    while size > 0 {
        let places = (length / size).min(most);
        for place in 0..places {
            let from = place * ((length - size) / places.max(1)).max(1);
            ranges.push(from.min(length - size)..from.min(length - size) + size);
        }
        ranges.push(length - size..length);
        size = if size <= 8 { size - 1 } else { size / 2 };
    }
    ranges
}

pub(super) fn without(text: &[u8], range: Range<usize>) -> Vec<u8> {
    [&text[..range.start], &text[range.end..]].concat()
}

/// Tokens left out: some in a row, and what stands around a value.
pub(super) fn deletions(request: &Request) -> Vec<Request> {
    const FEW: usize = 60;
    /// Among more tokens, not every place is looked at.
    const MANY: usize = 400;
    let text = text_of(request);
    let tokens = tokens(text);
    let mut texts = Vec::new();
    for range in ranges(tokens.len(), FEW) {
        texts.push(without(text, tokens[range.start].start..tokens[range.end - 1].end));
    }
    if (FEW..MANY).contains(&tokens.len()) {
        for width in 1..=8 {
            for row in tokens.windows(width) {
                texts.push(without(text, row[0].start..row[width - 1].end));
            }
        }
    }
    let pairs = pairs(text, &tokens);
    for places in ranges(pairs.len(), 24) {
        let (outer, inner) = (&pairs[places.start], pairs.get(places.end));
        texts.push(without(&without(text, outer.1.clone()), outer.0.clone()));
        // With the comma that then has nothing after it.
        if outer.0.start > 0 && text[outer.0.start - 1] == b',' {
            texts.push(without(text, outer.0.start - 1..outer.1.end));
        }
        // What is deeper in it, in its place.
        if let Some(inner) = inner
            && inner.1.end <= outer.1.start
        {
            let kept = &text[inner.0.start..inner.1.end];
            texts.push([&text[..outer.0.start], kept, &text[outer.1.end..]].concat());
        }
    }
    requests(request, texts)
}

/// The brackets that belong together, by the places of the first ones.
fn pairs(text: &[u8], tokens: &[Range<usize>]) -> Vec<(Range<usize>, Range<usize>)> {
    let (mut open, mut pairs) = (Vec::new(), Vec::new());
    for token in tokens {
        match text[token.start] {
            b'{' | b'[' => open.push(token.clone()),
            b'}' | b']' => pairs.extend(open.pop().map(|opened| (opened, token.clone()))),
            _ => {}
        }
    }
    pairs.sort_by_key(|(opened, _)| opened.start);
    pairs
}

/// In longer texts, not every place is looked at.
const LONG: usize = 700;
const FEW: usize = 12;

/// Tokens made plain as a whole.
pub(super) fn plain_tokens(request: &Request) -> Vec<Request> {
    const SHORT: usize = r#""http://""#.len();
    let text = text_of(request);
    let mut texts = Vec::new();
    for (old, put) in tokens_of(text) {
        texts.push(put(&plainer(old)));
        if is_space(old[0]) {
            texts.push(put(b" "));
        } else if old[0] == b'"' {
            texts.extend([put(b"\"\""), put(b"\"a\"")]);
            if old.len() > SHORT {
                let rest = vec![b'a'; old.len() - SHORT];
                texts.push(put(&[b"\"http://", rest.as_slice(), b"\""].concat()));
            }
        } else {
            texts.extend([put(b"0"), put(b"1"), put(b"\"\""), put(b"-1")]);
        }
        if matches!(old[0], b'-' | b'0'..=b'9') {
            let digits = old.len() - usize::from(old[0] == b'-');
            for zeros in digits.saturating_sub(3)..digits {
                let high = [b"9", vec![b'0'; zeros].as_slice()].concat();
                texts.extend([put(&high), put(&[b"-", high.as_slice()].concat())]);
            }
            if !old[1..].iter().all(u8::is_ascii_digit) {
                texts.extend([put(b"-0"), put(b"0.0"), put(b"0e0"), put(b"1.0")]);
            }
        }
    }
    let punctuation =
        |token: &Range<usize>| token.len() == 1 && b"{}[]:,".contains(&text[token.start]);
    let mut all_plain = Vec::new();
    for token in tokens(text) {
        let old = &text[token.clone()];
        all_plain.extend(if punctuation(&token) { old.to_vec() } else { plainer(old) });
    }
    texts.push(all_plain);
    requests(request, texts)
}

type Put<'t> = Box<dyn Fn(&[u8]) -> Vec<u8> + 't>;

/// The tokens that are not punctuation, each with how to put another in its place.
fn tokens_of(text: &[u8]) -> Vec<(&[u8], Put<'_>)> {
    let most = if text.len() > LONG { 4 * FEW } else { usize::MAX };
    tokens(text)
        .into_iter()
        .take(most)
        .map(|token| (&text[token.clone()], token))
        .filter(|(old, _)| !(old.len() == 1 && b"{}[]:,".contains(&old[0])))
        .map(|(old, token)| {
            let put = move |new: &[u8]| [&text[..token.start], new, &text[token.end..]].concat();
            (old, Box::new(put) as Put<'_>)
        })
        .collect()
}

/// Tokens with less in them, or plainer letters.
pub(super) fn simplifications(request: &Request) -> Vec<Request> {
    /// Of so many letters, all that stand in a row are left out.
    const MANY: usize = 24;
    let text = text_of(request);
    let is_long = text.len() > LONG;
    let mut texts = Vec::new();
    for (old, put) in tokens_of(text) {
        let units = units(old);
        if is_long && units.len() <= 3 * MANY {
            continue;
        }
        for range in ranges(units.len(), MANY) {
            let bytes = units[range.start].start..units[range.end - 1].end;
            texts.push(put(&without(old, bytes)));
        }
        for unit in units.iter().take(if is_long { FEW } else { LONG }) {
            let mut put_unit = |new: &[u8]| {
                let mut changed = old.to_vec();
                changed.splice(unit.clone(), new.iter().copied());
                texts.push(put(&changed));
            };
            put_unit(&vec![b'a'; unit.len()]);
            if is_long {
                continue;
            }
            for plain in ["a", "0", "1", "9", "b", "A", "/", "é"] {
                put_unit(plain.as_bytes());
            }
            if old[unit.clone()].starts_with(b"\\u") {
                for lone in [r"\ud800", r"\udc00", r"\u0061"] {
                    put_unit(lone.as_bytes());
                }
            }
        }
    }
    requests(request, texts)
}

/// The same length in plain letters.
fn plainer(token: &[u8]) -> Vec<u8> {
    match token {
        [b'"', inside @ .., b'"'] if !inside.is_empty() => {
            [b"\"", vec![b'a'; inside.len()].as_slice(), b"\""].concat()
        }
        _ if token.iter().all(|&byte| is_space(byte)) => vec![b' '; token.len()],
        _ => token.to_vec(),
    }
}

/// The characters of a token: escapes and letters of several bytes are one each, as far as they are
/// right.
fn units(token: &[u8]) -> Vec<Range<usize>> {
    let mut units = Vec::new();
    let mut at = 0;
    while at < token.len() {
        let rest = &token[at..];
        let length = match rest {
            [
                b'\\',
                b'u',
                b'd' | b'D',
                b'8'..=b'9' | b'a'..=b'b' | b'A'..=b'B',
                _,
                _,
                b'\\',
                b'u',
                b'd' | b'D',
                b'c'..=b'f' | b'C'..=b'F',
                _,
                _,
                ..,
            ] => 12,
            [b'\\', b'u', digits @ ..]
                if digits.len() >= 4 && digits[..4].iter().all(u8::is_ascii_hexdigit) =>
            {
                6
            }
            [b'\\', b'u', ..] => 1,
            [b'\\', next, ..] if next.is_ascii() => 2,
            [0xc2..=0xf4, ..] => (2..=4)
                .find(|&length| {
                    rest.get(..length).is_some_and(|bytes| std::str::from_utf8(bytes).is_ok())
                })
                .unwrap_or(1),
            _ => 1,
        };
        units.push(at..at + length);
        at += length;
    }
    units
}

fn requests(request: &Request, mut texts: Vec<Vec<u8>>) -> Vec<Request> {
    texts.retain(|text| text.len() <= text_of(request).len());
    texts.into_iter().filter_map(|text| with_text(request, text)).collect()
}

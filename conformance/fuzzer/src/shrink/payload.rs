//! Smaller payloads and messages: with tokens removed or simplified.

use std::ops::Range;

use iothub_conformance_suite::Request;
use serde_json::value::RawValue;

use crate::tokens::{is_punctuation, is_space, tokens};

/// Returns the message of a `decode` or `encode` request, or an empty slice for any other request.
pub(super) fn text_of(request: &Request) -> &[u8] {
    match request {
        Request::Decode { payload, .. } => payload,
        Request::Encode { message, .. } => message.get().as_bytes(),
        _ => b"",
    }
}

/// Returns the request with `text` in place of its message, or `None` if such a request cannot be
/// made.
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

/// For a list of `length` items, returns the ranges that are worth removing. For up to `few` items,
/// these are all ranges. Otherwise, they are the whole list, halves, quarters and so on, down to
/// single items.
pub(super) fn ranges(length: usize, few: usize) -> Vec<Range<usize>> {
    /// The length of a list above which fewer ranges of each size are returned.
    const LONG: usize = 600;
    /// The size up to which ranges of every size are returned.
    const SMALL: usize = 8;
    let most = if length > LONG { 4 } else { 24 };
    if length <= few {
        return (0..length).flat_map(|from| (from + 1..=length).map(move |to| from..to)).collect();
    }
    let mut ranges = Vec::new();
    let mut size = length;
    while size > 0 {
        let last = length - size;
        let places = (length / size).min(most);
        let distance = (last / places.max(1)).max(1);
        for place in 0..places {
            let from = (place * distance).min(last);
            ranges.push(from..from + size);
        }
        ranges.push(last..length);
        size = if size <= SMALL { size - 1 } else { size / 2 };
    }
    ranges
}

pub(super) fn without(text: &[u8], range: Range<usize>) -> Vec<u8> {
    [&text[..range.start], &text[range.end..]].concat()
}

/// Returns requests without some consecutive tokens, or without a pair of brackets.
pub(super) fn deletions(request: &Request) -> Vec<Request> {
    const FEW: usize = 60;
    /// The number of tokens at and above which not every place is tried.
    const MANY: usize = 400;
    /// The maximum number of consecutive tokens that are removed at every place in a text of medium
    /// length.
    const WIDEST_ROW: usize = 8;
    let text = text_of(request);
    let tokens = tokens(text);
    let mut texts = Vec::new();
    for range in ranges(tokens.len(), FEW) {
        texts.push(without(text, tokens[range.start].start..tokens[range.end - 1].end));
    }
    if (FEW..MANY).contains(&tokens.len()) {
        for width in 1..=WIDEST_ROW {
            for row in tokens.windows(width) {
                texts.push(without(text, row[0].start..row[width - 1].end));
            }
        }
    }
    unwrapped(text, &tokens, &mut texts);
    requests(request, texts)
}

/// Adds texts in which a pair of brackets is removed, alone or with a part or all of its content.
fn unwrapped(text: &[u8], tokens: &[Range<usize>], texts: &mut Vec<Vec<u8>>) {
    const FEW: usize = 24;
    let brackets = brackets(text, tokens);
    for places in ranges(brackets.len(), FEW) {
        let (outer, inner) = (&brackets[places.start], brackets.get(places.end));
        texts.push(without(&without(text, outer.close.clone()), outer.open.clone()));
        // The range includes the comma that would otherwise be left over.
        if outer.open.start > 0 && text[outer.open.start - 1] == b',' {
            texts.push(without(text, outer.open.start - 1..outer.close.end));
        }
        // Replaces the brackets and their content with an inner pair of brackets and its content.
        if let Some(inner) = inner
            && inner.close.end <= outer.close.start
        {
            let kept = &text[inner.open.start..inner.close.end];
            texts.push([&text[..outer.open.start], kept, &text[outer.close.end..]].concat());
        }
    }
}

/// A pair of matching brackets, each as a range of bytes in the text.
struct Brackets {
    open: Range<usize>,
    close: Range<usize>,
}

/// Returns the pairs of matching brackets, in the order of the opening brackets.
fn brackets(text: &[u8], tokens: &[Range<usize>]) -> Vec<Brackets> {
    let (mut open, mut all) = (Vec::new(), Vec::new());
    for token in tokens {
        match text[token.start] {
            b'{' | b'[' => open.push(token.clone()),
            b'}' | b']' => {
                all.extend(open.pop().map(|open| Brackets { open, close: token.clone() }));
            }
            _ => {}
        }
    }
    all.sort_by_key(|brackets| brackets.open.start);
    all
}

/// The length of a text, in bytes, above which not every place is tried.
const LONG: usize = 700;
/// The number of characters of a token that are changed in a long text.
const FEW: usize = 12;

/// Returns requests in which plain tokens replace whole tokens.
pub(super) fn plain_tokens(request: &Request) -> Vec<Request> {
    const SHORT: usize = r#""http://""#.len();
    let text = text_of(request);
    let mut texts = Vec::new();
    for place in places(text) {
        let old = place.token();
        let mut put = |new: &[u8]| texts.push(place.with(new));
        put(&plainer(old));
        if is_space(old[0]) {
            put(b" ");
        } else if old[0] == b'"' {
            put(b"\"\"");
            put(b"\"a\"");
            if old.len() > SHORT {
                let rest = vec![b'a'; old.len() - SHORT];
                put(&[b"\"http://", rest.as_slice(), b"\""].concat());
            }
        } else {
            [&b"0"[..], b"1", b"\"\"", b"-1"].into_iter().for_each(&mut put);
        }
        if matches!(old[0], b'-' | b'0'..=b'9') {
            let digits = old.len() - usize::from(old[0] == b'-');
            for zeros in digits.saturating_sub(3)..digits {
                let high = [b"9", vec![b'0'; zeros].as_slice()].concat();
                put(&high);
                put(&[b"-", high.as_slice()].concat());
            }
            if !old[1..].iter().all(u8::is_ascii_digit) {
                [&b"-0"[..], b"0.0", b"0e0", b"1.0"].into_iter().for_each(&mut put);
            }
        }
    }
    let all_plain = tokens(text).into_iter().map(|token| plainer(&text[token]));
    texts.push(all_plain.collect::<Vec<_>>().concat());
    requests(request, texts)
}

/// A token and the text around it.
struct Place<'t> {
    text: &'t [u8],
    range: Range<usize>,
}

impl<'t> Place<'t> {
    fn token(&self) -> &'t [u8] {
        &self.text[self.range.clone()]
    }

    /// Returns the text with `token` in this place.
    fn with(&self, token: &[u8]) -> Vec<u8> {
        [&self.text[..self.range.start], token, &self.text[self.range.end..]].concat()
    }
}

/// Returns the tokens other than punctuation. In a long text, these are only the tokens at the
/// beginning.
fn places(text: &[u8]) -> impl Iterator<Item = Place<'_>> {
    let most = if text.len() > LONG { 4 * FEW } else { usize::MAX };
    tokens(text)
        .into_iter()
        .take(most)
        .map(|range| Place { text, range })
        .filter(|place| !matches!(place.token(), [byte] if is_punctuation(*byte)))
}

/// Returns requests with a shorter token, or with a plainer character in a token.
pub(super) fn simplifications(request: &Request) -> Vec<Request> {
    /// The number of characters up to which every range of consecutive characters is removed.
    const MANY: usize = 24;
    let text = text_of(request);
    let is_long = text.len() > LONG;
    let mut texts = Vec::new();
    for place in places(text) {
        let old = place.token();
        let units = units(old);
        if is_long && units.len() <= 3 * MANY {
            continue;
        }
        for range in ranges(units.len(), MANY) {
            let bytes = units[range.start].start..units[range.end - 1].end;
            texts.push(place.with(&without(old, bytes)));
        }
        for unit in units.iter().take(if is_long { FEW } else { LONG }) {
            let mut put_unit = |new: &[u8]| {
                let mut changed = old.to_vec();
                changed.splice(unit.clone(), new.iter().copied());
                texts.push(place.with(&changed));
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

/// Returns a plainer token of the same length. A string becomes a string of plain letters, and
/// white space becomes spaces. Any other token stays unchanged.
fn plainer(token: &[u8]) -> Vec<u8> {
    match token {
        [b'"', inside @ .., b'"'] if !inside.is_empty() => {
            [b"\"", vec![b'a'; inside.len()].as_slice(), b"\""].concat()
        }
        _ if token.iter().all(|&byte| is_space(byte)) => vec![b' '; token.len()],
        _ => token.to_vec(),
    }
}

/// Returns the characters of a token. A valid escape or a valid multibyte sequence counts as one
/// character.
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

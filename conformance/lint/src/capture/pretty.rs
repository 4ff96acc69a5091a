//! Joins the lines of JSON objects, because `mosquitto_sub --pretty` and `jq` write one object over
//! several lines.

use super::lines::LONGEST_LINE;

/// An object that does not end on its first line.
#[derive(Debug, Default)]
pub(crate) struct Pretty {
    text: Vec<u8>,
    first: usize,
    first_length: usize,
    lines: usize,
    scan: Scan,
}

/// The effect of a line on the current object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Took {
    /// The object continues on the next line.
    More,
    /// The object is complete.
    Whole,
    /// The line does not belong to the object.
    No,
}

impl Pretty {
    const MOST_LINES: usize = 1000;

    /// Returns whether an object has begun.
    pub(crate) const fn is_open(&self) -> bool {
        self.lines > 0
    }

    /// Removes the current object, and begins an object with this line if the line may be the first
    /// of several. Returns whether an object has begun.
    pub(crate) fn begin(&mut self, number: usize, line: &[u8]) -> bool {
        *self = Self::default();
        let may_begin = line.trim_ascii_start().starts_with(b"{");
        if !may_begin || self.add(line) != Took::More {
            *self = Self::default();
            return false;
        }
        (self.first, self.first_length) = (number, line.len());
        true
    }

    /// Adds the next line and returns its effect.
    pub(crate) fn add(&mut self, line: &[u8]) -> Took {
        if self.lines >= Self::MOST_LINES || self.text.len() + line.len() > LONGEST_LINE {
            return Took::No;
        }
        self.lines += 1;
        match self.scan.line(line) {
            None => Took::No,
            Some(used) => {
                self.text.extend_from_slice(&line[..used]);
                self.text.push(b' ');
                if self.scan.expected == Expected::Nothing { Took::Whole } else { Took::More }
            }
        }
    }

    /// Removes the object. Returns the number of its first line, the length of that line in bytes,
    /// and the text of the object so far.
    pub(crate) fn take(&mut self) -> (usize, usize, Vec<u8>) {
        let Self { text, first, first_length, .. } = std::mem::take(self);
        (first, first_length, text)
    }
}

/// The state of a scan that reads the structure of JSON text and ignores the values.
#[derive(Debug, Default)]
struct Scan {
    /// The open brackets, with the outermost bracket first.
    open: Vec<u8>,
    expected: Expected,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Expected {
    #[default]
    Value,
    FirstKey,
    Key,
    Colon,
    FirstValue,
    CommaOrEnd,
    Nothing,
}

impl Scan {
    const DEEPEST: usize = 64;

    /// Scans a line. Returns the number of its bytes that belong to the text, or `None` if the line
    /// cannot continue the text.
    fn line(&mut self, line: &[u8]) -> Option<usize> {
        use Expected::{Colon, CommaOrEnd, FirstKey, FirstValue, Key, Nothing, Value};
        let mut at = 0;
        while let Some(&byte) = line.get(at) {
            let length = match (byte, self.expected) {
                (b' ' | b'\t' | b'\r', _) => 1,
                // The object may come from a list that was split into lines.
                (b',', Nothing) if line[at + 1..].trim_ascii().is_empty() => return Some(at),
                (b'{', Value | FirstValue) => {
                    self.push(byte)?;
                    self.expected = FirstKey;
                    1
                }
                (b'[', Value | FirstValue) => {
                    self.push(byte)?;
                    self.expected = FirstValue;
                    1
                }
                (b'}', FirstKey | CommaOrEnd) | (b']', FirstValue | CommaOrEnd) => {
                    let begin = if byte == b'}' { b'{' } else { b'[' };
                    if self.open.pop() != Some(begin) {
                        return None;
                    }
                    self.expected = if self.open.is_empty() { Nothing } else { CommaOrEnd };
                    1
                }
                (b'"', FirstKey | Key) => {
                    self.expected = Colon;
                    string(&line[at..])?
                }
                (b'"', Value | FirstValue) => {
                    self.expected = CommaOrEnd;
                    string(&line[at..])?
                }
                (b':', Colon) => {
                    self.expected = Value;
                    1
                }
                (b',', CommaOrEnd) => {
                    self.expected = if self.open.last() == Some(&b'{') { Key } else { Value };
                    1
                }
                (b'-' | b'0'..=b'9' | b't' | b'f' | b'n', Value | FirstValue) => {
                    self.expected = CommaOrEnd;
                    let is_scalar = |byte: &u8| {
                        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.')
                    };
                    line[at..].iter().take_while(|byte| is_scalar(byte)).count()
                }
                _ => return None,
            };
            at += length;
        }
        Some(at)
    }

    fn push(&mut self, bracket: u8) -> Option<()> {
        self.open.push(bracket);
        (self.open.len() <= Self::DEEPEST).then_some(())
    }
}

/// Returns the length in bytes of a string including its quotes, or `None` if the string does not
/// end on the line.
fn string(text: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        match text.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn took(lines: &[&str]) -> Vec<Took> {
        let mut pretty = Pretty::default();
        if !pretty.begin(7, lines[0].as_bytes()) {
            return Vec::new();
        }
        lines[1..].iter().map(|line| pretty.add(line.as_bytes())).collect()
    }

    #[test]
    fn objects_over_several_lines() {
        assert_eq!(took(&["{", "\t\"a\":\t\"x\",", " \"b\": {\"c\": [1,", "2]}", "}"]), {
            [Took::More, Took::More, Took::More, Took::Whole]
        });
        assert_eq!(took(&["  {", "\"a\": -1e5}, "]), [Took::Whole]);
        assert_eq!(took(&["{\"a\":", "{}", "}"]), [Took::More, Took::Whole]);
        for lines in [&["{}", ""][..], &["{\"a", ""], &["{\"a\"}", ""], &["x {", ""], &["[", ""]] {
            assert_eq!(took(lines), [], "{lines:?}");
        }
        for line in ["{\"a\":1}", "x", "]", "1", "\"a", "}x", ","] {
            assert_eq!(took(&["{", line]), [Took::No], "{line}");
        }
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let mut pretty = Pretty::default();
        assert!(pretty.begin(1, b"{\"a\":["));
        let added = (0..10_000).take_while(|_| pretty.add(b"1,") == Took::More).count();
        assert_eq!(added, Pretty::MOST_LINES - 1);
        assert!(pretty.begin(1, b"{\"a\":"));
        assert_eq!(pretty.add(&[b' '; LONGEST_LINE]), Took::No);
        assert!(pretty.begin(1, b"{\"a\":"));
        let added = (0..100).take_while(|_| pretty.add(b"[") == Took::More).count();
        assert_eq!(added, Scan::DEEPEST - 1);
    }
}

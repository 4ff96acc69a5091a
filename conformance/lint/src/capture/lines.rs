//! Reads lines in bounded memory.

use std::io::{self, BufRead};

use memchr::memchr;

/// The maximum length of a line in bytes, without its line end. Even with every byte escaped, the
/// longest valid payload (ENC-1) needs less than a tenth of this length.
pub const LONGEST_LINE: usize = 1 << 20;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// A reader of lines, which keeps one line of at most [`LONGEST_LINE`] bytes in memory.
#[derive(Debug)]
pub struct Lines<R> {
    reader: R,
    buffer: Vec<u8>,
    number: usize,
}

/// A numbered line without its line feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Line<'a> {
    /// The number of the line, starting at 1.
    pub number: usize,
    /// The bytes of the line, or `None` if it has more than [`LONGEST_LINE`] bytes, which were
    /// skipped.
    pub bytes: Option<&'a [u8]>,
}

impl<R: BufRead> Lines<R> {
    /// Creates a reader of lines from the current position of `reader`.
    pub fn new(reader: R) -> Self {
        Self { reader, buffer: Vec::new(), number: 0 }
    }

    /// Returns the next line as soon as its line end has been read, or `None` at the end of the
    /// input. The last line needs no line end. A byte-order mark before the first line is skipped.
    ///
    /// # Errors
    ///
    /// Returns an error if reading fails. The part of the line that was already read is lost.
    #[allow(clippy::should_implement_trait, reason = "it lends its buffer")]
    pub fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        self.buffer.clear();
        let (mut any, mut too_long) = (false, false);
        loop {
            let chunk = match self.reader.fill_buf() {
                Ok(chunk) => chunk,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if chunk.is_empty() {
                break;
            }
            any = true;
            let end = memchr(b'\n', chunk);
            let part = &chunk[..end.unwrap_or(chunk.len())];
            if self.buffer.len() + part.len() > LONGEST_LINE {
                too_long = true;
            } else if !too_long {
                self.buffer.extend_from_slice(part);
            }
            let used = part.len() + usize::from(end.is_some());
            self.reader.consume(used);
            if end.is_some() {
                break;
            }
        }
        if !any {
            return Ok(None);
        }
        self.number += 1;
        let mut bytes = &*self.buffer;
        if self.number == 1 {
            bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
        }
        Ok(Some(Line { number: self.number, bytes: (!too_long).then_some(bytes) }))
    }

    /// Returns the number of the line that was read last, or 0 if no line has been read.
    pub const fn number(&self) -> usize {
        self.number
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Read};

    use super::*;

    /// Returns the lengths of the lines, read through a buffer of `capacity` bytes.
    fn lengths(text: &[u8], capacity: usize) -> Vec<Option<usize>> {
        let mut lines = Lines::new(BufReader::with_capacity(capacity, text));
        let mut lengths = Vec::new();
        while let Some(line) = lines.next().expect("a slice can be read") {
            lengths.push(line.bytes.map(<[u8]>::len));
            assert_eq!(line.number, lengths.len());
        }
        lengths
    }

    #[test]
    fn a_last_line_needs_no_end() {
        for capacity in [1, 2, 3, 100] {
            assert_eq!(lengths(b"", capacity), []);
            assert_eq!(lengths(b"\n", capacity), [Some(0)]);
            assert_eq!(lengths(b"ab\n\nc\r\nd", capacity), [Some(2), Some(0), Some(2), Some(1)]);
        }
        assert_eq!(lengths(b"\xEF\xBB\xBFa\n\xEF\xBB\xBFa", 100), [Some(1), Some(4)]);
    }

    #[test]
    fn a_line_beyond_the_bound_is_passed_over() {
        let longest = vec![b'x'; LONGEST_LINE];
        let mut text = longest.clone();
        text.extend_from_slice(b"\nab\nx");
        text.extend_from_slice(&longest);
        text.extend_from_slice(b"\nc");
        for capacity in [4000, 1 << 16, 1 << 22] {
            assert_eq!(
                lengths(&text, capacity),
                [Some(LONGEST_LINE), Some(2), None, Some(1)],
                "{capacity}"
            );
        }
    }

    #[test]
    fn an_endless_line_takes_no_more_memory_than_the_longest() {
        let endless = io::repeat(b'x').take(64 << 20);
        let mut lines = Lines::new(BufReader::new(endless));
        assert_eq!(lines.next().expect("it can be read").map(|line| line.bytes), Some(None));
        assert!(lines.buffer.capacity() <= 2 * LONGEST_LINE);
        assert_eq!(lines.next().expect("it can be read"), None);
    }
}

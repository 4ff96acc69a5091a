//! Places in a message and in its payload.

use core::fmt;

use crate::Key;

/// A place in a payload: its offset, line and column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Position {
    /// The number of bytes before the place.
    pub offset: usize,
    /// The line, counted from 1. Lines end with a line feed.
    pub line: usize,
    /// The column in characters (not bytes), counted from 1.
    pub column: usize,
}

impl Position {
    /// Returns the place `offset` bytes into `payload`, or the end of a shorter payload.
    pub(crate) fn of(payload: &[u8], offset: usize) -> Self {
        let before = payload.get(..offset).unwrap_or(payload);
        let line_start =
            before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at.saturating_add(1));
        Self {
            offset: before.len(),
            line: count(before, |byte| byte == b'\n'),
            // Every character has exactly one byte that is not a continuation byte of UTF-8.
            column: count(before.get(line_start..).unwrap_or_default(), |byte| byte & 0xC0 != 0x80),
        }
    }
}

/// Returns one more than the number of bytes that `wanted` accepts.
fn count(bytes: &[u8], wanted: impl Fn(u8) -> bool) -> usize {
    // A chunk has at most 255 bytes, so its count fits in a byte. The compiler can then count 16
    // bytes at once.
    bytes.chunks(255).fold(1, |sum, chunk| {
        let count = chunk.iter().fold(0_u8, |sum, byte| sum.wrapping_add(wanted(*byte).into()));
        sum.saturating_add(count.into())
    })
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} column {}", self.line, self.column)
    }
}

/// A value in a message: the message itself, or the value of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Path {
    /// The message itself, which is also the place of an unknown key.
    Root,
    /// A key of the message. `progress` is also the place of an unknown key in that object.
    Top(Key),
    /// A key of `progress`.
    InProgress(Key),
}

impl fmt::Display for Path {
    /// Writes the path, for example `size` or `progress.percent`. Writes nothing for the message
    /// itself.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Top(key) => f.write_str(key.as_str()),
            Self::InProgress(key) => write!(f, "{}.{key}", Key::Progress),
        }
    }
}

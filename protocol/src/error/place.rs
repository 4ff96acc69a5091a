//! Where something is: in the message, and in the payload.

use core::fmt;

use crate::Key;

/// Where in a payload something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Position {
    /// Bytes before it.
    pub offset: usize,
    /// The line, from 1. Lines end at a line feed.
    pub line: usize,
    /// The column in its line, from 1, in characters.
    pub column: usize,
}

impl Position {
    /// The position `offset` bytes into `payload`, or its end where that is earlier.
    pub(crate) fn of(payload: &[u8], offset: usize) -> Self {
        let before = payload.get(..offset).unwrap_or(payload);
        let line_start =
            before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at.saturating_add(1));
        let count = |bytes: &[u8], wanted: fn(u8) -> bool| {
            bytes.iter().filter(|&&byte| wanted(byte)).count().saturating_add(1)
        };
        Self {
            offset: before.len(),
            line: count(before, |byte| byte == b'\n'),
            // Every character of UTF-8 has one byte that is not a continuation.
            column: count(before.get(line_start..).unwrap_or_default(), |byte| byte & 0xC0 != 0x80),
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} column {}", self.line, self.column)
    }
}

/// A place in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Path {
    /// The message itself: also where it has a key too many.
    Root,
    /// A key of the message: `progress` also where that has a key too many.
    Top(Key),
    /// A key of `progress`.
    InProgress(Key),
}

impl fmt::Display for Path {
    /// `size`, `progress.percent`; nothing for the message itself.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Top(key) => f.write_str(key.as_str()),
            Self::InProgress(key) => write!(f, "{}.{key}", Key::Progress),
        }
    }
}

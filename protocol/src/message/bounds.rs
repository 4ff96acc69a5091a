//! The bounds of the integers.

use core::fmt;

/// An integer beyond the bounds of its key (`out-of-range`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OutOfRange {
    /// A size is 0 to 2^53-1 bytes (VAL-1).
    Size,
    /// A percentage is 0 to 100 (VAL-5).
    Percent,
    /// A result code has 32 bits with sign (VAL-7).
    ResultCode,
}

impl OutOfRange {
    /// The requirement that states the bounds.
    #[must_use]
    pub const fn requirement(self) -> &'static str {
        match self {
            Self::Size => "VAL-1",
            Self::Percent => "VAL-5",
            Self::ResultCode => "VAL-7",
        }
    }
}

impl fmt::Display for OutOfRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Size => "a size is 0 to 9007199254740991 bytes",
            Self::Percent => "a percentage is 0 to 100",
            Self::ResultCode => "a result code is -2147483648 to 2147483647",
        })
    }
}

impl core::error::Error for OutOfRange {}

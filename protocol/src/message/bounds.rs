//! The bounds of payloads and integers.

use core::fmt;

/// The most bytes a payload may have (ENC-1): the platform's limit of an MQTT message.
pub const MAX_PAYLOAD: usize = 16_384;

/// The most bytes a resource may have (VAL-1).
pub(super) const MAX_SIZE: u64 = (1 << 53) - 1;

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
        match self {
            Self::Size => write!(f, "a size is 0 to {MAX_SIZE} bytes"),
            Self::Percent => f.write_str("a percentage is 0 to 100"),
            Self::ResultCode => {
                write!(f, "a result code is {} to {}", i32::MIN, i32::MAX)
            }
        }
    }
}

impl core::error::Error for OutOfRange {}

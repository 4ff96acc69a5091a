//! The bounds of payloads and integers.

use core::fmt;

/// The largest size of a payload in bytes (ENC-1): the platform's limit for MQTT messages.
pub const MAX_PAYLOAD: usize = 16_384;

/// The largest size of a resource in bytes (VAL-1): the largest integer that every JSON reader
/// represents exactly.
pub(super) const MAX_SIZE: u64 = (1 << 53) - 1;

/// The error for an integer beyond the bounds of its key (code `out-of-range`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OutOfRange {
    /// `size` must be from 0 to 2^53-1 bytes (VAL-1).
    Size,
    /// `percent` must be from 0 to 100 (VAL-5).
    Percent,
    /// `result_code` must be a signed 32-bit integer (VAL-7).
    ResultCode,
}

impl OutOfRange {
    /// Returns the id of the requirement that states the bounds, for example `VAL-1`.
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
            Self::Size => write!(f, "a size must be from 0 to {MAX_SIZE} bytes"),
            Self::Percent => f.write_str("a percentage must be from 0 to 100"),
            Self::ResultCode => {
                write!(f, "a result code must be from {} to {}", i32::MIN, i32::MAX)
            }
        }
    }
}

impl core::error::Error for OutOfRange {}

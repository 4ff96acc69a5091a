//! What is not wrong, but better done otherwise: the SHOULD rules about single messages.

use core::fmt;

use crate::{Excerpt, Path, Position, ResourceName, ResourceUrl};

/// Advice about one value of a valid message. It never makes a message invalid.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Advice {
    /// What could be better.
    pub kind: AdviceKind,
    /// The value it is about.
    pub path: Path,
    /// Where in the payload.
    pub position: Position,
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, at {}", self.kind, self.position)
    }
}

/// What could be better.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AdviceKind {
    /// The message has a key that it need not have; it was skipped (ENC-5, `deployed`).
    UnknownField {
        /// The first such key.
        key: Excerpt,
    },
    /// The digest has upper-case digits (VAL-3, `deployed`).
    UppercaseMd5sum,
    /// The name is longer than devices keep (VAL-2).
    LongName,
    /// The name cannot be a file name (VAL-2).
    UnsafeName,
    /// The URL is longer than devices keep (VAL-4).
    LongUrl,
    /// The URL is not `https` (VAL-4).
    PlainHttp,
}

impl AdviceKind {
    /// The advice in a word, such as `plain-http`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::UnknownField { .. } => "unknown-field",
            Self::UppercaseMd5sum => "uppercase-md5sum",
            Self::LongName => "long-name",
            Self::UnsafeName => "unsafe-name",
            Self::LongUrl => "long-url",
            Self::PlainHttp => "plain-http",
        }
    }

    /// The requirement that advises it.
    #[must_use]
    pub const fn requirement(&self) -> &'static str {
        match self {
            Self::UnknownField { .. } => "ENC-5",
            Self::UppercaseMd5sum => "VAL-3",
            Self::LongName | Self::UnsafeName => "VAL-2",
            Self::LongUrl | Self::PlainHttp => "VAL-4",
        }
    }
}

impl fmt::Display for AdviceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownField { key } => {
                write!(f, "the key {key} is not one of this message; it was skipped")
            }
            Self::UppercaseMd5sum => f.write_str("`md5sum` should be in lower case"),
            Self::LongName => {
                write!(f, "`name` should have at most {} bytes", ResourceName::ADVISED_LEN)
            }
            Self::UnsafeName => {
                f.write_str("`name` should have no `/` and no `\\`, and not be `.` or `..`")
            }
            Self::LongUrl => {
                write!(f, "`url` should have at most {} bytes", ResourceUrl::ADVISED_LEN)
            }
            Self::PlainHttp => f.write_str("`url` should be `https`"),
        }
    }
}

//! Advice on valid messages: violations of the SHOULD rules about single messages.

use core::fmt;

use crate::{Excerpt, Path, Position, ResourceName, ResourceUrl};

/// Advice about one value of a valid message. Advice never makes a message invalid.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Advice {
    /// The SHOULD rule that the message violates.
    pub kind: AdviceKind,
    /// The path of the value that the advice is about. For an unknown key, this is the path of the
    /// object that contains the key.
    pub path: Path,
    /// The position in the payload at which the value or the unknown key begins.
    pub position: Position,
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, at {}", self.kind, self.position)
    }
}

/// A kind of violation of a SHOULD rule about single messages.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AdviceKind {
    /// The message has an unknown key, which was skipped (ENC-5, only in the `deployed` profile).
    UnknownField {
        /// The first unknown key of the object, if it is safe to show.
        key: Excerpt,
    },
    /// `md5sum` has uppercase digits (VAL-3, only in the `deployed` profile).
    UppercaseMd5sum,
    /// `name` is longer than [`ResourceName::ADVISED_LEN`] (VAL-2).
    LongName,
    /// `name` is not safe as a file name, according to [`ResourceName::is_file_name`] (VAL-2).
    UnsafeName,
    /// `url` is longer than [`ResourceUrl::ADVISED_LEN`] (VAL-4).
    LongUrl,
    /// The scheme of `url` is `http` (VAL-4).
    PlainHttp,
}

impl AdviceKind {
    /// Returns the advice as adapters write it, for example `plain-http`.
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

    /// Returns the id of the violated requirement, for example `VAL-4`.
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
                write!(f, "the key {key} is unknown and was skipped")
            }
            Self::UppercaseMd5sum => f.write_str("`md5sum` should be lowercase"),
            Self::LongName => {
                write!(f, "`name` should be at most {} bytes long", ResourceName::ADVISED_LEN)
            }
            Self::UnsafeName => f.write_str(
                "`name` should contain neither `/` nor `\\` and should not be `.` or `..`",
            ),
            Self::LongUrl => {
                write!(f, "`url` should be at most {} bytes long", ResourceUrl::ADVISED_LEN)
            }
            Self::PlainHttp => f.write_str("`url` should be `https`"),
        }
    }
}

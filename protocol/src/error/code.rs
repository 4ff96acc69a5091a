//! The codes of the specification.

use core::fmt;

use serde::{Serialize, Serializer};

/// What an implementation answers to a bad message, topic or digest: the codes of the
/// specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Code {
    /// ENC-1.
    PayloadTooLarge,
    /// ENC-2.
    NotUtf8,
    /// ENC-3, ENC-8.
    InvalidJson,
    /// ENC-3.
    NotAnObject,
    /// ENC-4.
    DuplicateKey,
    /// ENC-5.
    UnknownField,
    /// ENC-6.
    MissingType,
    /// ENC-6.
    MissingField,
    /// ENC-6, ENC-9.
    WrongType,
    /// MSG-1 to MSG-9.
    UnknownType,
    /// TOP-6.
    WrongDirection,
    /// VAL-1, VAL-5, VAL-7.
    OutOfRange,
    /// VAL-2.
    InvalidName,
    /// VAL-3.
    InvalidMd5sum,
    /// VAL-4.
    InvalidUrl,
    /// VAL-6.
    InvalidState,
    /// TOP-3 to TOP-5.
    InvalidTopic,
    /// HTTP-2.
    InvalidContentMd5,
}

impl Code {
    /// All of them, in the order of the specification.
    pub const ALL: &'static [Self] = &[
        Self::PayloadTooLarge,
        Self::NotUtf8,
        Self::InvalidJson,
        Self::NotAnObject,
        Self::DuplicateKey,
        Self::UnknownField,
        Self::MissingType,
        Self::MissingField,
        Self::WrongType,
        Self::UnknownType,
        Self::WrongDirection,
        Self::OutOfRange,
        Self::InvalidName,
        Self::InvalidMd5sum,
        Self::InvalidUrl,
        Self::InvalidState,
        Self::InvalidTopic,
        Self::InvalidContentMd5,
    ];

    /// The code as fixtures and adapters write it, such as `payload-too-large`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PayloadTooLarge => "payload-too-large",
            Self::NotUtf8 => "not-utf8",
            Self::InvalidJson => "invalid-json",
            Self::NotAnObject => "not-an-object",
            Self::DuplicateKey => "duplicate-key",
            Self::UnknownField => "unknown-field",
            Self::MissingType => "missing-type",
            Self::MissingField => "missing-field",
            Self::WrongType => "wrong-type",
            Self::UnknownType => "unknown-type",
            Self::WrongDirection => "wrong-direction",
            Self::OutOfRange => "out-of-range",
            Self::InvalidName => "invalid-name",
            Self::InvalidMd5sum => "invalid-md5sum",
            Self::InvalidUrl => "invalid-url",
            Self::InvalidState => "invalid-state",
            Self::InvalidTopic => "invalid-topic",
            Self::InvalidContentMd5 => "invalid-content-md5",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

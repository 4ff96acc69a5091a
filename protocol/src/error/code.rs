//! The codes for rejected messages, topics and digests.

use core::fmt;

use serde::{Serialize, Serializer};

/// The reason why a message, topic or digest is rejected, as the code of the specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Code {
    /// The payload is longer than [`MAX_PAYLOAD`](crate::MAX_PAYLOAD) bytes (ENC-1).
    PayloadTooLarge,
    /// The payload is not UTF-8 (ENC-2).
    NotUtf8,
    /// The payload is not one JSON text, or an escape in it is invalid (ENC-3, ENC-8).
    InvalidJson,
    /// The payload is JSON, but not an object (ENC-3).
    NotAnObject,
    /// A key of the vocabulary appears twice in one object (ENC-4).
    DuplicateKey,
    /// The message has an unknown key (ENC-5).
    UnknownField,
    /// The key `type` is missing (ENC-6).
    MissingType,
    /// A required key other than `type` is missing (ENC-6).
    MissingField,
    /// A value does not have the JSON type that its key requires (ENC-6, ENC-9).
    WrongType,
    /// The profile has no message of this type (MSG-1 to MSG-9).
    UnknownType,
    /// Messages of this type belong on the other topic (TOP-6).
    WrongDirection,
    /// An integer is beyond the bounds of its key (VAL-1, VAL-5, VAL-7).
    OutOfRange,
    /// `name` is not a resource name (VAL-2).
    InvalidName,
    /// `md5sum` is not an MD5 digest in hexadecimal digits (VAL-3).
    InvalidMd5sum,
    /// `url` is not an HTTP URL (VAL-4).
    InvalidUrl,
    /// `state` has a value that the message cannot have (VAL-6).
    InvalidState,
    /// The text is not a valid topic or part of a topic (TOP-3 to TOP-5).
    InvalidTopic,
    /// `Content-MD5` is not the canonical Base64 of 16 bytes (HTTP-2).
    InvalidContentMd5,
}

impl Code {
    /// All codes, in the order of the specification.
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

    /// Returns the code as fixtures and adapters write it, for example `payload-too-large`.
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

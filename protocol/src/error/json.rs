//! What can be wrong with JSON, and what it can be.

use core::fmt;

/// Why a payload is not one JSON text, or not one that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum JsonFault {
    /// It begins with a byte-order mark.
    ByteOrderMark,
    /// It ends in the middle.
    UnexpectedEnd,
    /// Something stands after its end.
    TrailingData,
    /// A comma stands after the last member or element.
    TrailingComma,
    /// A control character stands unescaped in a string.
    ControlCharacter,
    /// A backslash is followed by something that is no escape.
    InvalidEscape,
    /// Half of a surrogate pair is escaped without the other.
    LoneSurrogate,
    /// A number is not written as JSON writes it.
    InvalidNumber,
    /// Something else stands where JSON wants a value, a key, a colon or a comma.
    Unexpected,
}

impl fmt::Display for JsonFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ByteOrderMark => "it begins with a byte-order mark",
            Self::UnexpectedEnd => "it ends too early",
            Self::TrailingData => "something stands after its end",
            Self::TrailingComma => "a comma stands after the last member",
            Self::ControlCharacter => "a control character in a string is not escaped",
            Self::InvalidEscape => "an escape in a string is not one of JSON's",
            Self::LoneSurrogate => "half of a surrogate pair stands alone",
            Self::InvalidNumber => "a number is not written as JSON writes it",
            Self::Unexpected => "something else stands where a value, key, colon or comma belongs",
        })
    }
}

/// A type of JSON value, as the protocol tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum JsonType {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean,
    /// A number without fraction and exponent that is not `-0` (ENC-9).
    Integer,
    /// A number with a fraction or an exponent, or `-0`.
    OtherNumber,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl fmt::Display for JsonType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Boolean => "a boolean",
            Self::Integer => "an integer",
            Self::OtherNumber => "a number with a fraction or an exponent, or `-0`",
            Self::String => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
        })
    }
}

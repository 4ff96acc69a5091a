//! Faults in JSON syntax, and the types of JSON values.

use core::fmt;

/// The reason why a payload is not one JSON text or cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum JsonFault {
    /// The text begins with a byte-order mark.
    ByteOrderMark,
    /// The text ends before its value is complete.
    UnexpectedEnd,
    /// Something other than white space follows the JSON text.
    TrailingData,
    /// A comma follows the last member of an object or the last element of an array.
    TrailingComma,
    /// A string contains a control character that is not escaped.
    ControlCharacter,
    /// A backslash does not begin a JSON escape.
    InvalidEscape,
    /// An escape is half of a surrogate pair, without the other half.
    LoneSurrogate,
    /// A number does not have the form of a JSON number, for example `01` or `1.`.
    InvalidNumber,
    /// The text contains something other than the expected JSON value, key, colon or comma.
    Unexpected,
}

impl fmt::Display for JsonFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ByteOrderMark => "it begins with a byte-order mark",
            Self::UnexpectedEnd => "it ends too early",
            Self::TrailingData => "there is text after its end",
            Self::TrailingComma => "a comma follows the last member",
            Self::ControlCharacter => "a control character in a string is not escaped",
            Self::InvalidEscape => "a string contains an escape that JSON does not define",
            Self::LoneSurrogate => "a `\\u` escape is half of a surrogate pair",
            Self::InvalidNumber => "a number does not have the form of a JSON number",
            Self::Unexpected => "unexpected text in the place of a value, key, colon or comma",
        })
    }
}

/// The type of a JSON value. Integers have their own type, because the protocol has no other
/// numbers (ENC-9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum JsonType {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean,
    /// A number without a fraction or an exponent, except `-0` (ENC-9).
    Integer,
    /// A number with a fraction or an exponent, or `-0` (ENC-9).
    OtherNumber,
    /// A string, such as `"zxc"`.
    String,
    /// An array, such as `[1]`.
    Array,
    /// An object, such as `{"size":1}`.
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

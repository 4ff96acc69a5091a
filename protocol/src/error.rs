//! What is wrong with a message, and where.
//!
//! An error is data; the words live only in `Display`. No value of the message is in it but short
//! plain words (an unknown key, type or state), so no signed URL can get into a log this way.

use core::fmt;

use arrayvec::ArrayString;

use crate::{
    Direction, Key, MessageType, NameError, OutOfRange, Profile, Transfer, UrlError,
    decode::MAX_PAYLOAD, digest::Md5SumError,
};

/// Why a payload was not decoded: what is wrong, at which value, at which byte.
///
/// ```
/// use iothub_resource::{Code, Direction, Message, Profile};
///
/// let payload = br#"{"type":"create_upload_task","size":-1,"name":"zxc","md5sum":"d41d8cd98f00b204e9800998ecf8427e"}"#;
/// let error = Message::decode(Profile::Documented, Direction::Up, payload).unwrap_err();
/// assert_eq!(error.code(), Code::OutOfRange);
/// assert_eq!(error.path().to_string(), "size");
/// assert_eq!(error.position().offset, 36);
/// assert_eq!(
///     error.to_string(),
///     "`size` is out of range: a size is 0 to 9007199254740991 bytes, at line 1 column 37",
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError {
    kind: ErrorKind,
    path: Path,
    position: Position,
}

impl DecodeError {
    pub(crate) const fn new(kind: ErrorKind, path: Path, position: Position) -> Self {
        Self { kind, path, position }
    }

    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// The code of the specification, for programs that only tell errors apart.
    #[must_use]
    pub const fn code(&self) -> Code {
        self.kind.code()
    }

    /// The value that is wrong, or the place where it is missing.
    #[must_use]
    pub const fn path(&self) -> Path {
        self.path
    }

    /// Where in the payload.
    #[must_use]
    pub const fn position(&self) -> Position {
        self.position
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.describe(self.path, f)?;
        match self.kind {
            ErrorKind::PayloadTooLarge { .. } => Ok(()),
            _ => write!(f, ", at {}", self.position),
        }
    }
}

impl core::error::Error for DecodeError {}

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
    /// The message itself, or a key of its that is not in the vocabulary.
    Root,
    /// A key of the message.
    Top(Key),
    /// The object `progress`, where a key of its is not in the vocabulary.
    Progress,
    /// A key of `progress`.
    InProgress(Key),
}

impl fmt::Display for Path {
    /// `size`, `progress.percent`; nothing for the message itself.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Top(key) => f.write_str(key.as_str()),
            Self::Progress => f.write_str(Key::Progress.as_str()),
            Self::InProgress(key) => write!(f, "{}.{key}", Key::Progress),
        }
    }
}

/// What is wrong with a message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// More than [`MAX_PAYLOAD`] bytes (ENC-1).
    PayloadTooLarge {
        /// How many there are.
        length: usize,
    },
    /// Not UTF-8 (ENC-2).
    NotUtf8,
    /// Not one JSON text (ENC-3, ENC-8).
    InvalidJson(JsonFault),
    /// JSON, but not an object (ENC-3).
    NotAnObject {
        /// What it is.
        found: JsonType,
    },
    /// A key of the vocabulary stands there twice (ENC-4).
    DuplicateKey,
    /// A key that the message does not have (ENC-5).
    UnknownField {
        /// The key.
        key: Excerpt,
        /// The message.
        message_type: MessageType,
    },
    /// The key `type` is missing (ENC-6).
    MissingType,
    /// A key that the message has is missing (ENC-6).
    MissingField {
        /// The message.
        message_type: MessageType,
    },
    /// A value of another type than its key has (ENC-6, ENC-9).
    WrongType {
        /// What its key has.
        expected: JsonType,
        /// What stands there.
        found: JsonType,
    },
    /// No message of the profile has this type (MSG-1 to MSG-9).
    UnknownType {
        /// The type.
        found: Excerpt,
        /// The profile.
        profile: Profile,
    },
    /// A message that travels the other way (TOP-6).
    WrongDirection {
        /// The message.
        message_type: MessageType,
    },
    /// An integer beyond the bounds of its key (VAL-1, VAL-5, VAL-7).
    OutOfRange(OutOfRange),
    /// Not a resource name (VAL-2).
    InvalidName(NameError),
    /// Not a digest (VAL-3).
    InvalidMd5sum(Md5SumError),
    /// Not a URL (VAL-4).
    InvalidUrl(UrlError),
    /// Not a state that the message can have (VAL-6).
    InvalidState {
        /// The state.
        found: Excerpt,
        /// Whose report it is.
        transfer: Transfer,
        /// The profile.
        profile: Profile,
    },
}

impl ErrorKind {
    /// The code of the specification.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::PayloadTooLarge { .. } => Code::PayloadTooLarge,
            Self::NotUtf8 => Code::NotUtf8,
            Self::InvalidJson(_) => Code::InvalidJson,
            Self::NotAnObject { .. } => Code::NotAnObject,
            Self::DuplicateKey => Code::DuplicateKey,
            Self::UnknownField { .. } => Code::UnknownField,
            Self::MissingType => Code::MissingType,
            Self::MissingField { .. } => Code::MissingField,
            Self::WrongType { .. } => Code::WrongType,
            Self::UnknownType { .. } => Code::UnknownType,
            Self::WrongDirection { .. } => Code::WrongDirection,
            Self::OutOfRange(_) => Code::OutOfRange,
            Self::InvalidName(_) => Code::InvalidName,
            Self::InvalidMd5sum(_) => Code::InvalidMd5sum,
            Self::InvalidUrl(_) => Code::InvalidUrl,
            Self::InvalidState { .. } => Code::InvalidState,
        }
    }

    /// The requirement that is not met.
    #[must_use]
    pub fn requirement(&self) -> &'static str {
        match self {
            Self::PayloadTooLarge { .. } => "ENC-1",
            Self::NotUtf8 => "ENC-2",
            Self::InvalidJson(JsonFault::LoneSurrogate | JsonFault::InvalidEscape) => "ENC-8",
            Self::InvalidJson(_) | Self::NotAnObject { .. } => "ENC-3",
            Self::DuplicateKey => "ENC-4",
            Self::UnknownField { .. } => "ENC-5",
            Self::WrongType { expected: JsonType::Integer, found } if found.is_number() => "ENC-9",
            Self::MissingType | Self::MissingField { .. } | Self::WrongType { .. } => "ENC-6",
            Self::UnknownType { found, .. } => match found.as_str() {
                "download" => "MSG-9",
                _ => "MSG-1",
            },
            Self::WrongDirection { .. } => "TOP-6",
            Self::OutOfRange(bounds) => bounds.requirement(),
            Self::InvalidName(_) => "VAL-2",
            Self::InvalidMd5sum(_) => "VAL-3",
            Self::InvalidUrl(_) => "VAL-4",
            Self::InvalidState { .. } => "VAL-6",
        }
    }

    fn describe(&self, path: Path, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PayloadTooLarge { length } => {
                write!(f, "a payload of {length} bytes is longer than {MAX_PAYLOAD}")
            }
            Self::NotUtf8 => f.write_str("the payload is not UTF-8"),
            Self::InvalidJson(fault) => write!(f, "the payload is not one JSON text: {fault}"),
            Self::NotAnObject { found } => {
                write!(f, "a message is a JSON object, this is {found}")
            }
            Self::DuplicateKey => write!(f, "`{path}` stands there twice"),
            Self::UnknownField { key, message_type } => match path {
                Path::Progress | Path::InProgress(_) => {
                    write!(f, "`progress` has no key {key}, it has ")?;
                    list_keys(&Key::IN_PROGRESS, f)
                }
                Path::Root | Path::Top(_) => {
                    write!(f, "`{message_type}` has no key {key}, ")?;
                    if message_type.keys().is_empty() {
                        return f.write_str("it has only `type`");
                    }
                    f.write_str("beside `type` it has ")?;
                    list_keys(message_type.keys(), f)
                }
            },
            Self::MissingType => f.write_str("`type` is missing"),
            Self::MissingField { message_type } => {
                write!(f, "`{path}` is missing in `{message_type}`")
            }
            Self::WrongType { expected, found } => {
                write!(f, "`{path}` is {expected}, not {found}")
            }
            Self::UnknownType { found, profile } => {
                write!(f, "no message of the {profile} profile has the type {found}")
            }
            Self::WrongDirection { message_type } => {
                let (sender, topic) = match message_type.direction() {
                    Direction::Up => ("device", "up"),
                    Direction::Down => ("platform", "down"),
                };
                write!(f, "`{message_type}` is sent by the {sender}, on the {topic} topic only")
            }
            Self::OutOfRange(bounds) => write!(f, "`{path}` is out of range: {bounds}"),
            Self::InvalidName(error) => write!(f, "`{path}` is invalid: {error}"),
            Self::InvalidMd5sum(error) => write!(f, "`{path}` is invalid: {error}"),
            Self::InvalidUrl(error) => write!(f, "`{path}` is invalid: {error}"),
            Self::InvalidState { found, transfer, profile } => {
                let running = match transfer {
                    Transfer::Upload => "uploading",
                    Transfer::Download => "downloading",
                };
                write!(f, "`{path}` cannot be {found}: it is `{running}`")?;
                match profile {
                    Profile::Documented => Ok(()),
                    Profile::Deployed => f.write_str(", `done` or `fail`"),
                }
            }
        }
    }
}

fn list_keys(keys: &[Key], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (index, key) in keys.iter().enumerate() {
        let separator = match keys.len().saturating_sub(index) {
            _ if index == 0 => "",
            1 => " and ",
            _ => ", ",
        };
        write!(f, "{separator}`{key}`")?;
    }
    Ok(())
}

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
    pub const ALL: [Self; 18] = [
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

/// Why a payload is not one JSON text.
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
            Self::Unexpected => "something else stands where it wants a value, key, colon or comma",
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

impl JsonType {
    const fn is_number(self) -> bool {
        matches!(self, Self::Integer | Self::OtherNumber)
    }
}

impl fmt::Display for JsonType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Boolean => "a boolean",
            Self::Integer => "an integer",
            Self::OtherNumber => "a number with a fraction, an exponent or a negative zero",
            Self::String => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
        })
    }
}

/// A word from a message, if it is short and plain enough to be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Excerpt(ArrayString<32>);

impl Excerpt {
    pub(crate) fn new(text: &str) -> Self {
        let plain =
            text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-. ".contains(&byte));
        let shown = if plain { text } else { "" };
        Self(ArrayString::from(shown).unwrap_or_default())
    }

    /// The word; empty where it is longer than 32 characters or has others than ASCII letters,
    /// digits, `_`, `-`, `.` and spaces.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", if self.0.is_empty() { "…" } else { &self.0 })
    }
}

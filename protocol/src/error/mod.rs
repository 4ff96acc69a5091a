//! What is wrong with a message, and where.
//!
//! An error is data; the words live only in `Display`. No value of the message is in it but short
//! plain words (an unknown key, type or state), so no signed URL can get into a log this way.

use core::fmt;

mod code;
mod excerpt;
mod json;
mod place;

pub use self::{
    code::Code,
    excerpt::Excerpt,
    json::{JsonFault, JsonType},
    place::{Path, Position},
};
use crate::{
    Direction, Key, Md5SumError, MessageType, NameError, OutOfRange, Profile, Transfer, UrlError,
    message::MAX_PAYLOAD,
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
            Self::WrongType { found: JsonType::OtherNumber, expected: JsonType::Integer } => {
                "ENC-9"
            }
            Self::MissingType | Self::MissingField { .. } | Self::WrongType { .. } => "ENC-6",
            Self::UnknownType { found, .. } => match found.as_str() {
                Some("download") => "MSG-9",
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
            Self::InvalidJson(fault) => write!(f, "the payload cannot be read as JSON: {fault}"),
            Self::NotAnObject { found } => {
                write!(f, "a message is a JSON object, this is {found}")
            }
            Self::DuplicateKey => write!(f, "`{path}` stands there twice"),
            Self::UnknownField { key, message_type } => match path {
                Path::Top(Key::Progress) => {
                    write!(f, "`progress` has no key {key}: it has ")?;
                    list_keys(Key::IN_PROGRESS, f)
                }
                _ => {
                    write!(f, "`{message_type}` has no key {key}: ")?;
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
                write!(f, "`{path}` must be {expected}, not {found}")
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
                let running = transfer.running_word();
                write!(f, "`{path}` cannot be {found}, only `{running}`")?;
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

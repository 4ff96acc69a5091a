//! The reasons why a message is rejected, and the places of the faults.
//!
//! Errors are data. Only `Display` turns them into text. Errors contain only short words from the
//! message (an unknown key, type or state), so no signed URL appears in a log.

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

/// The reason why a payload is rejected: the fault, the path of the value, and the position in the
/// payload.
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
///     "`size` is out of range: a size must be from 0 to 9007199254740991 bytes, at line 1 column 37",
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

    /// Returns the fault with its details, for example the expected JSON type and the actual one.
    #[must_use]
    pub const fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// Returns the code of the specification, for programs that distinguish only kinds of errors.
    #[must_use]
    pub const fn code(&self) -> Code {
        self.kind.code()
    }

    /// Returns the path of the value that is wrong or missing, for example `progress.percent`. For
    /// an unknown key, this is the path of the object that contains the key.
    #[must_use]
    pub const fn path(&self) -> Path {
        self.path
    }

    /// Returns the position of the fault in the payload. For a wrong value or a key that must not
    /// be there, this is the position of the value or the key. For a missing key, this is the
    /// position of the end of the object.
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

/// The fault in a rejected message, with its details.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The payload has more than [`MAX_PAYLOAD`] bytes (ENC-1).
    PayloadTooLarge {
        /// The length of the payload in bytes.
        length: usize,
    },
    /// The payload is not UTF-8 (ENC-2).
    NotUtf8,
    /// The payload is not one JSON text, or an escape in it is invalid (ENC-3, ENC-8).
    InvalidJson(JsonFault),
    /// The payload is JSON, but not an object (ENC-3).
    NotAnObject {
        /// The JSON type of the payload.
        found: JsonType,
    },
    /// A key of the vocabulary appears twice in one object (ENC-4).
    DuplicateKey,
    /// The message has an unknown key (ENC-5).
    UnknownField {
        /// The unknown key, if it is safe to show.
        key: Excerpt,
        /// The type of the message, from its key `type`.
        message_type: MessageType,
    },
    /// The key `type` is missing (ENC-6).
    MissingType,
    /// A required key other than `type` is missing (ENC-6).
    MissingField {
        /// The type of the message, from its key `type`.
        message_type: MessageType,
    },
    /// A value does not have the JSON type that its key requires (ENC-6, ENC-9).
    WrongType {
        /// The JSON type that the key requires.
        expected: JsonType,
        /// The JSON type of the value.
        found: JsonType,
    },
    /// The profile has no message of this type (MSG-1 to MSG-9).
    UnknownType {
        /// The value of `type`, if it is safe to show.
        found: Excerpt,
        /// The profile in which the message was read.
        profile: Profile,
    },
    /// Messages of this type belong on the other topic (TOP-6).
    WrongDirection {
        /// The type of the message, from its key `type`.
        message_type: MessageType,
    },
    /// An integer is beyond the bounds of its key (VAL-1, VAL-5, VAL-7).
    OutOfRange(OutOfRange),
    /// `name` is not a resource name (VAL-2).
    InvalidName(NameError),
    /// `md5sum` is not an MD5 digest in hexadecimal digits (VAL-3).
    InvalidMd5sum(Md5SumError),
    /// `url` is not an HTTP URL (VAL-4).
    InvalidUrl(UrlError),
    /// `state` has a value that the message cannot have (VAL-6).
    InvalidState {
        /// The value of `state`, if it is safe to show.
        found: Excerpt,
        /// The kind of task that the message reports on.
        transfer: Transfer,
        /// The profile in which the message was read.
        profile: Profile,
    },
}

impl ErrorKind {
    /// Returns the code of the specification, for example [`Code::OutOfRange`].
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

    /// Returns the id of the requirement that the message violates, for example `VAL-1`.
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
                write!(f, "a message must be a JSON object, not {found}")
            }
            Self::DuplicateKey => write!(f, "`{path}` occurs twice"),
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
                    f.write_str("besides `type` it has ")?;
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

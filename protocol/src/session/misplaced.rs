//! Events that come at the wrong moment.

use core::fmt;

use crate::EncodeError;

/// An event that does not fit the state of a machine. It has changed nothing.
///
/// That is neither a malformed message, which is a [`DecodeError`](crate::DecodeError), nor a
/// refusal, which is a valid answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Misplaced {
    /// The message travels the other way (TOP-6).
    WrongDirection,
    /// The profile does not have the message (MSG-9) or its state (VAL-6).
    NotInProfile,
    /// An answer to a request that was not published yet.
    TooEarly,
    /// The answer repeats another `size` or `md5sum` than was asked for (SES-2). Its URL is not
    /// used.
    EchoMismatch,
    /// An answer to nothing that is open (SES-1, SES-4, SES-6).
    Unsolicited,
    /// Something of an HTTP exchange that there is not, or at another point of it.
    NoExchange,
    /// More bytes are said to be sent than the resource has (HTTP-3).
    TooManyBytes,
    /// A message of the task would be longer than a payload can be (ENC-1).
    TooLong,
    /// The task has ended.
    Ended,
}

impl Misplaced {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::WrongDirection,
        Self::NotInProfile,
        Self::TooEarly,
        Self::EchoMismatch,
        Self::Unsolicited,
        Self::NoExchange,
        Self::TooManyBytes,
        Self::TooLong,
        Self::Ended,
    ];
}

impl fmt::Display for Misplaced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WrongDirection => "the message travels the other way",
            Self::NotInProfile => "the profile does not have this message",
            Self::TooEarly => "the answer came before the request was published",
            Self::EchoMismatch => {
                "the answer repeats another `size` or `md5sum` than was asked for"
            }
            Self::Unsolicited => "the answer answers no open request",
            Self::NoExchange => "there is no HTTP exchange at this point",
            Self::TooManyBytes => "more bytes are sent than the resource has",
            Self::TooLong => "a message of the task would be longer than a payload can be",
            Self::Ended => "the task has ended",
        })
    }
}

impl core::error::Error for Misplaced {}

impl From<EncodeError> for Misplaced {
    fn from(error: EncodeError) -> Self {
        match error {
            EncodeError::UnknownType | EncodeError::InvalidState => Self::NotInProfile,
            EncodeError::PayloadTooLarge => Self::TooLong,
        }
    }
}

//! Events that do not fit the state of a task or platform.

use core::fmt;

use crate::EncodeError;

/// The error for an event that does not fit the state of a task or platform. The event has changed
/// nothing.
///
/// A malformed message results in a [`DecodeError`](crate::DecodeError) instead. If the peer
/// rejects a message, the answer is a valid message with a [`ResultCode`](crate::ResultCode) other
/// than 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Misplaced {
    /// Messages of this type belong on the other topic (TOP-6).
    WrongDirection,
    /// The profile does not have this message (MSG-9) or this state (VAL-6).
    NotInProfile,
    /// The answer came before its request was published.
    TooEarly,
    /// The answer has a different `size` or `md5sum` from the create (SES-2). The URL in the answer
    /// is not used.
    EchoMismatch,
    /// The answer does not belong to an open request (SES-1, SES-4, SES-6).
    Unsolicited,
    /// The event belongs to an HTTP exchange that does not exist or that is in a different phase.
    NoExchange,
    /// The caller reports more bytes as sent than the resource has (HTTP-3).
    TooManyBytes,
    /// A message of the task would be longer than [`MAX_PAYLOAD`](crate::MAX_PAYLOAD) (ENC-1).
    TooLong,
    /// The task has ended.
    Ended,
}

impl Misplaced {
    /// All kinds of misplaced events.
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
            Self::WrongDirection => "the message belongs on the other topic",
            Self::NotInProfile => "the profile does not have this message",
            Self::TooEarly => "the answer came before the request was published",
            Self::EchoMismatch => "the answer has a different `size` or `md5sum` from the request",
            Self::Unsolicited => "the answer does not belong to an open request",
            Self::NoExchange => "there is no HTTP exchange at this point",
            Self::TooManyBytes => "more bytes were sent than the resource has",
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

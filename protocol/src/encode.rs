//! Messages to bytes: JSON without white space, keys in the documented order.

use alloc::vec::Vec;
use core::fmt;

use crate::{Code, MAX_PAYLOAD, Message, Profile, State};

impl Message<'_> {
    /// Writes the payload of a PUBLISH. In the same profile, [`decode`](Message::decode) reads the
    /// same message from it.
    ///
    /// # Errors
    ///
    /// - [`EncodeError::UnknownType`]: `download` in the `documented` profile (MSG-9)
    /// - [`EncodeError::InvalidState`]: `done` or `fail` in the `documented` profile (VAL-6)
    /// - [`EncodeError::PayloadTooLarge`]: the payload would have more than [`MAX_PAYLOAD`] bytes
    ///   (ENC-1)
    // Inlined, a constant profile leaves nothing to check.
    #[inline]
    pub fn encode(&self, profile: Profile) -> Result<Vec<u8>, EncodeError> {
        self.check(profile)?;
        let payload = serde_json::to_vec(self).map_err(|_| EncodeError::PayloadTooLarge)?;
        if payload.len() > MAX_PAYLOAD { Err(EncodeError::PayloadTooLarge) } else { Ok(payload) }
    }

    /// Checks that the profile has the message.
    ///
    /// # Errors
    ///
    /// [`EncodeError::UnknownType`] and [`EncodeError::InvalidState`], as
    /// [`encode`](Self::encode).
    pub fn check(&self, profile: Profile) -> Result<(), EncodeError> {
        match (profile, self) {
            (Profile::Deployed, _) => Ok(()),
            (Profile::Documented, _) if !self.message_type().is_in(profile) => {
                Err(EncodeError::UnknownType)
            }
            (
                Profile::Documented,
                Self::ReportUploadProgress(report) | Self::ReportDownloadProgress(report),
            ) if !matches!(report.progress.state, State::Running(_)) => {
                Err(EncodeError::InvalidState)
            }
            (Profile::Documented, _) => Ok(()),
        }
    }
}

/// Why a message was not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncodeError {
    /// No message of the profile has this type (MSG-9).
    UnknownType,
    /// The profile does not have this state (VAL-6).
    InvalidState,
    /// The payload would have more than [`MAX_PAYLOAD`] bytes (ENC-1).
    PayloadTooLarge,
}

impl EncodeError {
    /// The code of the specification, for example [`Code::PayloadTooLarge`].
    #[must_use]
    pub const fn code(self) -> Code {
        match self {
            Self::UnknownType => Code::UnknownType,
            Self::InvalidState => Code::InvalidState,
            Self::PayloadTooLarge => Code::PayloadTooLarge,
        }
    }
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownType => f.write_str("`download` is a message of the deployed profile"),
            Self::InvalidState => {
                f.write_str("`done` and `fail` are states of the deployed profile")
            }
            Self::PayloadTooLarge => {
                write!(f, "the payload would be longer than {MAX_PAYLOAD} bytes")
            }
        }
    }
}

impl core::error::Error for EncodeError {}

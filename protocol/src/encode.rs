//! Messages to bytes: compact, the documented keys in the documented order.

use alloc::vec::Vec;
use core::fmt;

use serde::Serialize;
use serde_json::Serializer;

use crate::{Code, MAX_PAYLOAD, Message, Profile, State};

impl Message<'_> {
    /// Writes the payload. In the same profile, [`decode`](Message::decode) reads the same message
    /// from it.
    ///
    /// # Errors
    ///
    /// - [`EncodeError::UnknownType`]: `download` is not in the `documented` profile (MSG-9)
    /// - [`EncodeError::InvalidState`]: `done` and `fail` are not in it either (VAL-6)
    /// - [`EncodeError::PayloadTooLarge`]: it would be longer than [`MAX_PAYLOAD`] (ENC-1)
    pub fn encode(&self, profile: Profile) -> Result<Vec<u8>, EncodeError> {
        self.check(profile)?;
        let mut payload = Vec::with_capacity(self.usual_length());
        self.serialize(&mut Serializer::new(&mut payload))
            .map_err(|_| EncodeError::PayloadTooLarge)?;
        if payload.len() > MAX_PAYLOAD { Err(EncodeError::PayloadTooLarge) } else { Ok(payload) }
    }

    /// How long its payload is, or a little less, where nothing has to be escaped.
    fn usual_length(&self) -> usize {
        /// Braces, keys and everything that has a bound.
        const REST: usize = 160;
        let texts = match self {
            Self::CreateUploadTask(resource) => [resource.name.as_str(), ""],
            Self::CreateUploadTaskRsp(task)
            | Self::GetDownloadTaskRsp(task)
            | Self::Download(task) => [task.name.as_str(), task.url.as_str()],
            Self::ReportUploadProgress(report) | Self::ReportDownloadProgress(report) => {
                [report.name.as_str(), &report.progress.result_msg]
            }
            Self::ReportUploadProgressRsp(response) | Self::ReportDownloadProgressRsp(response) => {
                [&*response.result_msg, ""]
            }
            Self::GetDownloadTask => [""; 2],
        };
        texts.iter().fold(REST, |sum, text| sum.saturating_add(text.len()))
    }

    /// Whether the message exists in a profile.
    ///
    /// # Errors
    ///
    /// [`EncodeError::UnknownType`] and [`EncodeError::InvalidState`] as
    /// [`encode`](Self::encode).
    pub fn check(&self, profile: Profile) -> Result<(), EncodeError> {
        if !self.message_type().is_in(profile) {
            return Err(EncodeError::UnknownType);
        }
        match (self, profile) {
            (
                Self::ReportUploadProgress(report) | Self::ReportDownloadProgress(report),
                Profile::Documented,
            ) if !matches!(report.progress.state, State::Running(_)) => {
                Err(EncodeError::InvalidState)
            }
            _ => Ok(()),
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
    /// The payload would be longer than [`MAX_PAYLOAD`] (ENC-1).
    PayloadTooLarge,
}

impl EncodeError {
    /// The code of the specification.
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

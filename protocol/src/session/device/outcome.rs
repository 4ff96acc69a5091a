//! The result of a device's task.

use alloc::{borrow::Cow, string::String};
use core::fmt::{self, Write as _};

use crate::ResultCode;

/// The result of a task from the point of view of the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// The whole resource arrived, and the final report confirmed it.
    Done {
        /// The platform's answer to the final report.
        answer: Answer,
    },
    /// The transfer failed, and the final report stated the failure.
    Failed {
        /// The reason for the failure.
        reason: Reason,
        /// The platform's answer to the final report.
        answer: Answer,
    },
    /// The platform did not answer the create or did not deliver a download. The device published
    /// no report.
    Unanswered,
    /// The device abandoned the task before it had a URL. The device published no report (SES-3,
    /// SES-5).
    Abandoned,
}

impl Outcome {
    pub(super) const fn new(result: Result<(), Reason>, answer: Answer) -> Self {
        match result {
            Ok(()) => Self::Done { answer },
            Err(reason) => Self::Failed { reason, answer },
        }
    }

    /// Returns whether the whole resource arrived.
    #[must_use]
    pub const fn is_done(self) -> bool {
        matches!(self, Self::Done { .. })
    }
}

/// The platform's answer to the final report.
///
/// A progress response does not name a task. It answers the oldest unanswered report (SES-6). The
/// final report is therefore answered once the number of answers equals the number of published
/// reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(clippy::exhaustive_enums, reason = "there is no fourth answer")]
pub enum Answer {
    /// The answer has code 0.
    Accepted,
    /// The answer has a code other than 0, which this variant contains.
    Refused(ResultCode),
    /// No answer came in time, or there were fewer answers than reports.
    Missing,
}

/// The reason for the failure of a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// The HTTP exchange was idle for too long. A download has this reason only if it may not
    /// resume again.
    TimeOut,
    /// The connection broke. A download has this reason only if it may not resume again.
    Broken,
    /// The object store responded with this HTTP status.
    Status(u16),
    /// Bytes are missing. The object store confirmed an upload before all bytes were sent (HTTP-3),
    /// or the body of a download ended early and the download may not resume again (HTTP-5).
    TooShort,
    /// The body of a download has more bytes than the resource (HTTP-5).
    TooLong,
    /// The response had status 206 without a `Content-Range` that fits the request (HTTP-6).
    WrongRange,
    /// The MD5 of a download is not the `md5sum` of the resource (HTTP-5).
    Md5Mismatch,
    /// The device could not read or keep the resource.
    Local,
}

impl Reason {
    /// Returns the `result_code` of the final report, which is never 0.
    ///
    /// If a code of the device SDK fits the reason, the result is that code (VAL-7):
    ///
    /// - `time_out`: an idle or broken exchange, or the status 0, 408 or 504
    /// - `sign invalid`: the status 401 or 403
    /// - `file_not_exist`: the status 404 or 410, or a resource that the device cannot read or keep
    /// - `md5sum not matched`: missing, additional or wrong bytes, status 206 without a
    ///   `Content-Range` that fits, or any other status from 200 to 299
    ///
    /// For any other status, the code equals the status.
    #[must_use]
    pub const fn code(self) -> ResultCode {
        match self {
            Self::TimeOut | Self::Broken | Self::Status(0 | 408 | 504) => ResultCode::TIME_OUT,
            Self::Status(401 | 403) => ResultCode::SIGN_INVALID,
            Self::Status(404 | 410) | Self::Local => ResultCode::FILE_NOT_EXIST,
            Self::Status(200..=299)
            | Self::TooShort
            | Self::TooLong
            | Self::WrongRange
            | Self::Md5Mismatch => ResultCode::MD5SUM_NOT_MATCHED,
            Self::Status(status) => ResultCode(status as i32),
        }
    }

    /// Returns the `result_msg` of the final report: the text of the device SDK, or `http` and the
    /// status, for example `http 500`.
    #[must_use]
    pub fn message(self) -> Cow<'static, str> {
        let code = self.code();
        match code.known_message() {
            Some(message) => Cow::Borrowed(message),
            None => {
                let mut message = String::new();
                // Writing to a string cannot fail. `format!` would panic if writing failed.
                let _ = write!(message, "http {code}");
                Cow::Owned(message)
            }
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimeOut => f.write_str("the HTTP exchange was idle for too long"),
            Self::Broken => f.write_str("the HTTP connection broke"),
            Self::Status(status) => write!(f, "the object store answered with status {status}"),
            Self::TooShort => f.write_str("there were fewer bytes than the resource has"),
            Self::TooLong => f.write_str("there were more bytes than the resource has"),
            Self::WrongRange => f.write_str("the object store did not send the requested part"),
            Self::Md5Mismatch => f.write_str("the MD5 of the bytes is not that of the resource"),
            Self::Local => f.write_str("the device could not read or keep the resource"),
        }
    }
}

impl core::error::Error for Reason {}

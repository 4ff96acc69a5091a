//! How a task of a device ends.

use alloc::{borrow::Cow, format};
use core::fmt;

use crate::ResultCode;

/// How a task ended for the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// The resource arrived, and the final report said so.
    Done {
        /// What the platform said to that.
        answer: Answer,
    },
    /// The transfer failed, and the final report said so.
    Failed {
        /// Why.
        reason: Reason,
        /// What the platform said to that.
        answer: Answer,
    },
    /// Nobody answered the create, or delivered a download. Nothing was reported.
    Unanswered,
    /// The device gave it up before there was a URL. Nothing was reported (SES-3, SES-5).
    Abandoned,
}

impl Outcome {
    pub(super) const fn new(result: Result<(), Reason>, answer: Answer) -> Self {
        match result {
            Ok(()) => Self::Done { answer },
            Err(reason) => Self::Failed { reason, answer },
        }
    }

    /// Whether the resource arrived.
    #[must_use]
    pub const fn is_done(self) -> bool {
        matches!(self, Self::Done { .. })
    }
}

/// What the platform answered to the final report.
///
/// A progress response names no task, and answers the oldest report (SES-6). So it is known that
/// the final report was answered when as many answers came as reports were published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(clippy::exhaustive_enums, reason = "there is no fourth answer")]
pub enum Answer {
    /// Code 0.
    Accepted,
    /// Another code.
    Refused(ResultCode),
    /// None within the time, or not one for every report.
    Missing,
}

/// Why a transfer failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// Nothing happened on the HTTP exchange for too long.
    TimeOut,
    /// The connection broke: in an upload, or too often in a download.
    Broken,
    /// The object store answered with this HTTP status.
    Status(u16),
    /// There were fewer bytes than the resource has: the object store confirmed an upload before
    /// all were sent, or ended the body of a download too early, too often (HTTP-3, HTTP-5).
    TooShort,
    /// The body of a download has more bytes than the resource (HTTP-5).
    TooLong,
    /// The object store brought another part of the resource than was asked for, or did not say
    /// which: status 206 without a `Content-Range` that fits (HTTP-6).
    WrongRange,
    /// The bytes of a download have another MD5 (HTTP-5).
    Md5Mismatch,
    /// The device could not read the resource, or not keep it.
    Local,
}

impl Reason {
    /// The `result_code` that the final report carries; never 0.
    ///
    /// A known code where one fits (VAL-7): `time_out` where nothing came or went any more,
    /// `sign invalid` for the statuses 401 and 403, `file_not_exist` for 404 and 410 and for what
    /// the device cannot read, `md5sum not matched` for other bytes than those of the resource, or
    /// none of them in spite of a status of success. Any other status is the code itself.
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

    /// The `result_msg` that goes with it: the device SDK's text, or `http` and the status.
    #[must_use]
    pub fn message(self) -> Cow<'static, str> {
        let code = self.code();
        code.known_message().map_or_else(|| Cow::Owned(format!("http {code}")), Cow::Borrowed)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimeOut => f.write_str("nothing happened on the HTTP exchange for too long"),
            Self::Broken => f.write_str("the HTTP connection broke"),
            Self::Status(status) => write!(f, "the object store answered with status {status}"),
            Self::TooShort => f.write_str("there were fewer bytes than the resource has"),
            Self::TooLong => f.write_str("there were more bytes than the resource has"),
            Self::WrongRange => {
                f.write_str("the object store brought another part than was asked for")
            }
            Self::Md5Mismatch => f.write_str("the bytes have another MD5 than the resource"),
            Self::Local => f.write_str("the device could not read or keep the resource"),
        }
    }
}

impl core::error::Error for Reason {}

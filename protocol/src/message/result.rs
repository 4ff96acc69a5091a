//! The result of a transfer: a code and a text.

use alloc::borrow::Cow;
use core::fmt;

use serde::{Serialize, ser::SerializeMap};

use super::Key;

/// The platform's answer to a progress report (MSG-4, MSG-8).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[allow(clippy::exhaustive_structs, reason = "ENC-5: no key beyond the documented ones")]
pub struct ProgressResponse<'a> {
    /// The value of the key `result_code`: 0 if the platform accepts the report.
    pub result_code: ResultCode,
    /// The value of the key `result_msg`: any text, which may be empty (VAL-8). Deployed devices
    /// expect exactly `ok`.
    pub result_msg: Cow<'a, str>,
}

impl ProgressResponse<'_> {
    /// The answer with code 0 and the text `ok`, as the service sends it.
    pub const OK: ProgressResponse<'static> =
        ProgressResponse { result_code: ResultCode::SUCCESS, result_msg: Cow::Borrowed("ok") };

    /// Returns the same value with owned texts. The result can outlive the payload.
    #[must_use]
    pub fn into_owned(self) -> ProgressResponse<'static> {
        let result_msg = Cow::Owned(self.result_msg.into_owned());
        ProgressResponse { result_code: self.result_code, result_msg }
    }

    pub(super) fn serialize_into<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry(Key::ResultCode.as_str(), &self.result_code)?;
        map.serialize_entry(Key::ResultMsg.as_str(), &self.result_msg)
    }
}

/// The value of the key `result_code`: a signed 32-bit integer (VAL-7). The value 0 means success.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[allow(clippy::exhaustive_structs, reason = "every integer of 32 bits is a result code")]
pub struct ResultCode(pub i32);

impl ResultCode {
    /// The code 0 (success), which the device SDK sends with an empty text.
    pub const SUCCESS: Self = Self(0);
    /// The code -1, which the device SDK sends with the text `time_out`.
    pub const TIME_OUT: Self = Self(-1);
    /// The code -2, which the device SDK sends with the text `file_not_exist`.
    pub const FILE_NOT_EXIST: Self = Self(-2);
    /// The code -3, which the device SDK sends with the text `sign invalid`.
    pub const SIGN_INVALID: Self = Self(-3);
    /// The code -4, which the device SDK sends with the text `md5sum not matched`.
    pub const MD5SUM_NOT_MATCHED: Self = Self(-4);

    /// Returns whether the code is 0.
    #[must_use]
    pub const fn is_success(self) -> bool {
        self.0 == 0
    }

    /// Returns the `result_msg` that the device SDK sends with the code, or `None` for codes that
    /// the SDK does not define.
    #[must_use]
    pub const fn known_message(self) -> Option<&'static str> {
        match self {
            Self::SUCCESS => Some(""),
            Self::TIME_OUT => Some("time_out"),
            Self::FILE_NOT_EXIST => Some("file_not_exist"),
            Self::SIGN_INVALID => Some("sign invalid"),
            Self::MD5SUM_NOT_MATCHED => Some("md5sum not matched"),
            Self(_) => None,
        }
    }
}

impl fmt::Display for ResultCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<ResultCode> for i32 {
    fn from(code: ResultCode) -> Self {
        code.0
    }
}

impl From<i32> for ResultCode {
    fn from(code: i32) -> Self {
        Self(code)
    }
}

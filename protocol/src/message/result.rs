//! How a transfer went, in a number and a text.

use alloc::borrow::Cow;
use core::fmt;

use serde::{Serialize, ser::SerializeMap};

use super::Key;

/// What the platform answers to a progress report (MSG-4, MSG-8).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[allow(clippy::exhaustive_structs, reason = "ENC-5: no key beyond the documented ones")]
pub struct ProgressResponse<'a> {
    /// 0 is success.
    pub result_code: ResultCode,
    /// Any text, may be empty (VAL-8). Deployed devices wait for exactly `ok`.
    pub result_msg: Cow<'a, str>,
}

impl ProgressResponse<'_> {
    /// Code 0 and the message `ok`, as the service sends it.
    pub const OK: ProgressResponse<'static> =
        ProgressResponse { result_code: ResultCode::SUCCESS, result_msg: Cow::Borrowed("ok") };

    /// The same, independent of the payload it was read from.
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

/// A result: an integer of 32 bits with sign, 0 is success (VAL-7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[allow(clippy::exhaustive_structs, reason = "every integer of 32 bits is a result code")]
pub struct ResultCode(pub i32);

impl ResultCode {
    /// It went well. The device SDK's text for it is empty.
    pub const SUCCESS: Self = Self(0);
    /// The device SDK's `time_out`.
    pub const TIME_OUT: Self = Self(-1);
    /// The device SDK's `file_not_exist`.
    pub const FILE_NOT_EXIST: Self = Self(-2);
    /// The device SDK's `sign invalid`.
    pub const SIGN_INVALID: Self = Self(-3);
    /// The device SDK's `md5sum not matched`.
    pub const MD5SUM_NOT_MATCHED: Self = Self(-4);

    /// Whether it is 0.
    #[must_use]
    pub const fn is_success(self) -> bool {
        self.0 == 0
    }

    /// The text that the device SDK sends with it, for the codes it knows.
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

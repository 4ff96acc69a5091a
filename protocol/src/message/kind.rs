//! The one table of the protocol: which message travels where and has which keys.

use core::{fmt, str::FromStr};

use serde::{Serialize, Serializer};

use crate::{Direction, Profile};

/// Whether a resource goes up to the platform or comes down to the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(clippy::exhaustive_enums, reason = "there is no third way")]
pub enum Transfer {
    /// From the device to the platform, by HTTP `PUT`.
    Upload,
    /// From the platform to the device, by HTTP `GET`.
    Download,
}

impl Transfer {
    /// The state of a transfer that goes on (VAL-6): `uploading` or `downloading`.
    #[must_use]
    pub const fn running_word(self) -> &'static str {
        match self {
            Self::Upload => "uploading",
            Self::Download => "downloading",
        }
    }
}

/// What the key `type` says (MSG-1 to MSG-9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum MessageType {
    /// MSG-1.
    CreateUploadTask,
    /// MSG-2.
    CreateUploadTaskRsp,
    /// MSG-3.
    ReportUploadProgress,
    /// MSG-4.
    ReportUploadProgressRsp,
    /// MSG-5.
    GetDownloadTask,
    /// MSG-6.
    GetDownloadTaskRsp,
    /// MSG-7.
    ReportDownloadProgress,
    /// MSG-8.
    ReportDownloadProgressRsp,
    /// MSG-9, only in the `deployed` profile.
    Download,
}

impl MessageType {
    /// All nine, in the order of the specification.
    pub const ALL: &'static [Self] = &[
        Self::CreateUploadTask,
        Self::CreateUploadTaskRsp,
        Self::ReportUploadProgress,
        Self::ReportUploadProgressRsp,
        Self::GetDownloadTask,
        Self::GetDownloadTaskRsp,
        Self::ReportDownloadProgress,
        Self::ReportDownloadProgressRsp,
        Self::Download,
    ];

    /// The word on the wire, such as `create_upload_task`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CreateUploadTask => "create_upload_task",
            Self::CreateUploadTaskRsp => "create_upload_task_rsp",
            Self::ReportUploadProgress => "report_upload_progress",
            Self::ReportUploadProgressRsp => "report_upload_progress_rsp",
            Self::GetDownloadTask => "get_download_task",
            Self::GetDownloadTaskRsp => "get_download_task_rsp",
            Self::ReportDownloadProgress => "report_download_progress",
            Self::ReportDownloadProgressRsp => "report_download_progress_rsp",
            Self::Download => "download",
        }
    }

    /// The direction it travels in (TOP-6).
    #[must_use]
    pub const fn direction(self) -> Direction {
        match self {
            Self::CreateUploadTask
            | Self::ReportUploadProgress
            | Self::GetDownloadTask
            | Self::ReportDownloadProgress => Direction::Up,
            Self::CreateUploadTaskRsp
            | Self::ReportUploadProgressRsp
            | Self::GetDownloadTaskRsp
            | Self::ReportDownloadProgressRsp
            | Self::Download => Direction::Down,
        }
    }

    /// The keys it has beside `type`, in the documented order. Every one is required (ENC-6).
    #[must_use]
    pub const fn keys(self) -> &'static [Key] {
        match self {
            Self::CreateUploadTask => &[Key::Size, Key::Name, Key::Md5sum],
            Self::CreateUploadTaskRsp | Self::GetDownloadTaskRsp | Self::Download => {
                &[Key::Size, Key::Name, Key::Md5sum, Key::Url]
            }
            Self::ReportUploadProgress | Self::ReportDownloadProgress => {
                &[Key::Name, Key::Progress]
            }
            Self::ReportUploadProgressRsp | Self::ReportDownloadProgressRsp => {
                &[Key::ResultCode, Key::ResultMsg]
            }
            Self::GetDownloadTask => &[],
        }
    }

    /// Whether messages of this type exist in a profile.
    #[must_use]
    pub const fn is_in(self, profile: Profile) -> bool {
        !matches!((self, profile), (Self::Download, Profile::Documented))
    }

    /// The requirement that defines it, such as `MSG-1`.
    #[must_use]
    pub const fn requirement(self) -> &'static str {
        match self {
            Self::CreateUploadTask => "MSG-1",
            Self::CreateUploadTaskRsp => "MSG-2",
            Self::ReportUploadProgress => "MSG-3",
            Self::ReportUploadProgressRsp => "MSG-4",
            Self::GetDownloadTask => "MSG-5",
            Self::GetDownloadTaskRsp => "MSG-6",
            Self::ReportDownloadProgress => "MSG-7",
            Self::ReportDownloadProgressRsp => "MSG-8",
            Self::Download => "MSG-9",
        }
    }
}

impl fmt::Display for MessageType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for MessageType {
    type Err = UnknownMessageType;

    fn from_str(word: &str) -> Result<Self, UnknownMessageType> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == word).ok_or(UnknownMessageType)
    }
}

impl Serialize for MessageType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A word that is no message type (`unknown-type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownMessageType;

impl fmt::Display for UnknownMessageType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a message type of this protocol")
    }
}

impl core::error::Error for UnknownMessageType {}

/// A word of the vocabulary: the keys that messages are written with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Key {
    /// `type`, a string.
    Type,
    /// `size`, an integer (VAL-1).
    Size,
    /// `name`, a string (VAL-2).
    Name,
    /// `md5sum`, a string (VAL-3).
    Md5sum,
    /// `url`, a string (VAL-4).
    Url,
    /// `progress`, an object.
    Progress,
    /// `state` in `progress`, a string (VAL-6).
    State,
    /// `percent` in `progress`, an integer (VAL-5).
    Percent,
    /// `result_code`, an integer (VAL-7).
    ResultCode,
    /// `result_msg`, a string (VAL-8).
    ResultMsg,
}

impl Key {
    /// The eight keys that stand at the top of some message, `type` among them.
    pub const TOP: &'static [Self] = &[
        Self::Type,
        Self::Size,
        Self::Name,
        Self::Md5sum,
        Self::Url,
        Self::Progress,
        Self::ResultCode,
        Self::ResultMsg,
    ];

    /// The four keys of `progress`.
    pub const IN_PROGRESS: &'static [Self] =
        &[Self::State, Self::Percent, Self::ResultCode, Self::ResultMsg];

    /// The length of the longest one.
    pub(crate) const LONGEST: usize = "result_code".len();

    /// The key of the top that a word is.
    pub(crate) fn at_top(word: &str) -> Option<Self> {
        Some(match word {
            "type" => Self::Type,
            "size" => Self::Size,
            "name" => Self::Name,
            "md5sum" => Self::Md5sum,
            "url" => Self::Url,
            "progress" => Self::Progress,
            "result_code" => Self::ResultCode,
            "result_msg" => Self::ResultMsg,
            _ => return None,
        })
    }

    /// The key of `progress` that a word is.
    pub(crate) fn in_progress(word: &str) -> Option<Self> {
        Some(match word {
            "state" => Self::State,
            "percent" => Self::Percent,
            "result_code" => Self::ResultCode,
            "result_msg" => Self::ResultMsg,
            _ => return None,
        })
    }

    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Size => "size",
            Self::Name => "name",
            Self::Md5sum => "md5sum",
            Self::Url => "url",
            Self::Progress => "progress",
            Self::State => "state",
            Self::Percent => "percent",
            Self::ResultCode => "result_code",
            Self::ResultMsg => "result_msg",
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

//! The central table of the protocol: the direction and the keys of every message type.

use core::{fmt, str::FromStr};

use serde::{Serialize, Serializer};

use crate::{Direction, Profile};

/// The kind of a task: an upload or a download.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(clippy::exhaustive_enums, reason = "there is no third way")]
pub enum Transfer {
    /// A transfer from the device to the platform, by HTTP `PUT`.
    Upload,
    /// A transfer from the platform to the device, by HTTP `GET`.
    Download,
}

impl Transfer {
    /// Returns the value of `state` during the transfer (VAL-6): `uploading` or `downloading`.
    #[must_use]
    pub const fn running_word(self) -> &'static str {
        match self {
            Self::Upload => "uploading",
            Self::Download => "downloading",
        }
    }
}

/// The type of a message, which the key `type` names (MSG-1 to MSG-9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum MessageType {
    /// `create_upload_task`: the device requests a URL for an upload (MSG-1, up).
    CreateUploadTask,
    /// `create_upload_task_rsp`: the platform issues the URL (MSG-2, down).
    CreateUploadTaskRsp,
    /// `report_upload_progress`: the device reports on an upload (MSG-3, up).
    ReportUploadProgress,
    /// `report_upload_progress_rsp`: the platform answers a report on an upload (MSG-4, down).
    ReportUploadProgressRsp,
    /// `get_download_task`: the device requests a download task (MSG-5, up).
    GetDownloadTask,
    /// `get_download_task_rsp`: the platform delivers a download task (MSG-6, down).
    GetDownloadTaskRsp,
    /// `report_download_progress`: the device reports on a download (MSG-7, up).
    ReportDownloadProgress,
    /// `report_download_progress_rsp`: the platform answers a report on a download (MSG-8, down).
    ReportDownloadProgressRsp,
    /// `download`: the platform pushes a download task (MSG-9, down, only in the `deployed`
    /// profile).
    Download,
}

impl MessageType {
    /// All nine types, in the order of the specification.
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

    /// Returns the value of the key `type`, for example `create_upload_task`.
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

    /// Returns the direction of messages of this type (TOP-6).
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

    /// Returns the keys other than `type`, in the documented order. All of them are required
    /// (ENC-6).
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

    /// Returns whether a profile has messages of this type. All types except
    /// [`Download`](Self::Download) are in both profiles.
    #[must_use]
    pub const fn is_in(self, profile: Profile) -> bool {
        !matches!((self, profile), (Self::Download, Profile::Documented))
    }

    /// Returns the id of the requirement that defines the type, for example `MSG-1`.
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
        // For a word of known length, the compiled code needs only one comparison.
        Ok(match word {
            "create_upload_task" => Self::CreateUploadTask,
            "create_upload_task_rsp" => Self::CreateUploadTaskRsp,
            "report_upload_progress" => Self::ReportUploadProgress,
            "report_upload_progress_rsp" => Self::ReportUploadProgressRsp,
            "get_download_task" => Self::GetDownloadTask,
            "get_download_task_rsp" => Self::GetDownloadTaskRsp,
            "report_download_progress" => Self::ReportDownloadProgress,
            "report_download_progress_rsp" => Self::ReportDownloadProgressRsp,
            "download" => Self::Download,
            _ => return Err(UnknownMessageType),
        })
    }
}

impl Serialize for MessageType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The error for a word that is not a message type (code `unknown-type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownMessageType;

impl fmt::Display for UnknownMessageType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a message type of this protocol")
    }
}

impl core::error::Error for UnknownMessageType {}

/// A key of the vocabulary: a key of any message, or of `progress`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Key {
    /// `type`, a string that names the [`MessageType`].
    Type,
    /// `size`, an integer (VAL-1).
    Size,
    /// `name`, a string (VAL-2).
    Name,
    /// `md5sum`, a string (VAL-3).
    Md5sum,
    /// `url`, a string (VAL-4).
    Url,
    /// `progress`, an object with the keys in [`IN_PROGRESS`](Self::IN_PROGRESS).
    Progress,
    /// `state` of `progress`, a string (VAL-6).
    State,
    /// `percent` of `progress`, an integer (VAL-5).
    Percent,
    /// `result_code` of a message or of `progress`, an integer (VAL-7).
    ResultCode,
    /// `result_msg` of a message or of `progress`, a string (VAL-8).
    ResultMsg,
}

impl Key {
    /// The eight keys that messages have at the top level, including `type`.
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

    /// The length of the longest key in bytes.
    pub(crate) const LONGEST: usize = "result_code".len();

    /// Returns the top-level key with this name, or `None` if there is no such key.
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

    /// Returns the key of `progress` with this name, or `None` if there is no such key.
    pub(crate) fn in_progress(word: &str) -> Option<Self> {
        Some(match word {
            "state" => Self::State,
            "percent" => Self::Percent,
            "result_code" => Self::ResultCode,
            "result_msg" => Self::ResultMsg,
            _ => return None,
        })
    }

    /// Returns the name of the key in JSON, for example `result_code`.
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

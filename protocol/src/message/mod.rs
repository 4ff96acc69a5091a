//! The nine messages and their values.

mod bounds;
mod kind;
mod progress;
mod resource;
mod result;
mod url;

use serde::{Serialize, Serializer, ser::SerializeMap};

pub use self::{
    bounds::{MAX_PAYLOAD, OutOfRange},
    kind::{Key, MessageType, Transfer, UnknownMessageType},
    progress::{Percent, Progress, ProgressReport, State},
    resource::{NameError, Resource, ResourceName, ResourceSize, ResourceTask},
    result::{ProgressResponse, ResultCode},
    url::{ResourceUrl, UrlError},
};

/// A message of the protocol: one of the eight documented messages, or the `download` that the
/// platform pushes in the [`deployed`](crate::Profile::Deployed) profile.
///
/// Texts borrow from the payload unless they contain escapes. [`into_owned`](Self::into_owned)
/// copies them. All values are valid by construction. [`decode`](Self::decode) and
/// [`encode`](Self::encode) check that the profile has the message, and [`session`](crate::session)
/// checks that earlier messages permit it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Message<'a> {
    /// `create_upload_task`: the device requests a URL for an upload (MSG-1, up).
    CreateUploadTask(Resource<'a>),
    /// `create_upload_task_rsp`: the platform issues the URL (MSG-2, down).
    CreateUploadTaskRsp(ResourceTask<'a>),
    /// `report_upload_progress`: the device reports on an upload (MSG-3, up).
    ReportUploadProgress(ProgressReport<'a>),
    /// `report_upload_progress_rsp`: the platform answers a report on an upload (MSG-4, down).
    ReportUploadProgressRsp(ProgressResponse<'a>),
    /// `get_download_task`: the device requests a download task (MSG-5, up).
    GetDownloadTask,
    /// `get_download_task_rsp`: the platform delivers a download task (MSG-6, down).
    GetDownloadTaskRsp(ResourceTask<'a>),
    /// `report_download_progress`: the device reports on a download (MSG-7, up).
    ReportDownloadProgress(ProgressReport<'a>),
    /// `report_download_progress_rsp`: the platform answers a report on a download (MSG-8, down).
    ReportDownloadProgressRsp(ProgressResponse<'a>),
    /// `download`: the platform pushes a download task, without a query (MSG-9, down, only in the
    /// `deployed` profile).
    Download(ResourceTask<'a>),
}

impl<'a> Message<'a> {
    /// Returns the value of the key `type`.
    #[must_use]
    pub const fn message_type(&self) -> MessageType {
        match self {
            Self::CreateUploadTask(_) => MessageType::CreateUploadTask,
            Self::CreateUploadTaskRsp(_) => MessageType::CreateUploadTaskRsp,
            Self::ReportUploadProgress(_) => MessageType::ReportUploadProgress,
            Self::ReportUploadProgressRsp(_) => MessageType::ReportUploadProgressRsp,
            Self::GetDownloadTask => MessageType::GetDownloadTask,
            Self::GetDownloadTaskRsp(_) => MessageType::GetDownloadTaskRsp,
            Self::ReportDownloadProgress(_) => MessageType::ReportDownloadProgress,
            Self::ReportDownloadProgressRsp(_) => MessageType::ReportDownloadProgressRsp,
            Self::Download(_) => MessageType::Download,
        }
    }

    /// Returns the value of the key `name`, or `None` for progress responses and
    /// `get_download_task`.
    #[must_use]
    pub const fn name(&self) -> Option<&ResourceName<'a>> {
        match self {
            Self::CreateUploadTask(resource) => Some(&resource.name),
            Self::CreateUploadTaskRsp(task)
            | Self::GetDownloadTaskRsp(task)
            | Self::Download(task) => Some(&task.name),
            Self::ReportUploadProgress(report) | Self::ReportDownloadProgress(report) => {
                Some(&report.name)
            }
            Self::ReportUploadProgressRsp(_)
            | Self::GetDownloadTask
            | Self::ReportDownloadProgressRsp(_) => None,
        }
    }

    /// Returns the same message with owned texts. The result can outlive the payload.
    #[must_use]
    pub fn into_owned(self) -> Message<'static> {
        match self {
            Self::CreateUploadTask(resource) => Message::CreateUploadTask(resource.into_owned()),
            Self::CreateUploadTaskRsp(task) => Message::CreateUploadTaskRsp(task.into_owned()),
            Self::ReportUploadProgress(report) => {
                Message::ReportUploadProgress(report.into_owned())
            }
            Self::ReportUploadProgressRsp(response) => {
                Message::ReportUploadProgressRsp(response.into_owned())
            }
            Self::GetDownloadTask => Message::GetDownloadTask,
            Self::GetDownloadTaskRsp(task) => Message::GetDownloadTaskRsp(task.into_owned()),
            Self::ReportDownloadProgress(report) => {
                Message::ReportDownloadProgress(report.into_owned())
            }
            Self::ReportDownloadProgressRsp(response) => {
                Message::ReportDownloadProgressRsp(response.into_owned())
            }
            Self::Download(task) => Message::Download(task.into_owned()),
        }
    }
}

/// Writes the keys in the documented order, `type` first.
impl Serialize for Message<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(Key::Type.as_str(), self.message_type().as_str())?;
        match self {
            Self::CreateUploadTask(resource) => resource.serialize_into(&mut map)?,
            Self::CreateUploadTaskRsp(task)
            | Self::GetDownloadTaskRsp(task)
            | Self::Download(task) => task.serialize_into(&mut map)?,
            Self::ReportUploadProgress(report) => {
                report.serialize_into(&mut map, Transfer::Upload)?;
            }
            Self::ReportDownloadProgress(report) => {
                report.serialize_into(&mut map, Transfer::Download)?;
            }
            Self::ReportUploadProgressRsp(response) | Self::ReportDownloadProgressRsp(response) => {
                response.serialize_into(&mut map)?
            }
            Self::GetDownloadTask => {}
        }
        map.end()
    }
}

//! Types with derived implementations and without any checks, as a user would write them.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// Any message, with the key `type` as the tag.
#[derive(Debug, Deserialize, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Tagged<'a> {
    #[serde(borrow)]
    CreateUploadTask(Resource<'a>),
    #[serde(borrow)]
    CreateUploadTaskRsp(Task<'a>),
    #[serde(borrow)]
    ReportUploadProgress(Report<'a>),
    #[serde(borrow)]
    ReportUploadProgressRsp(Response<'a>),
    GetDownloadTask,
    #[serde(borrow)]
    GetDownloadTaskRsp(Task<'a>),
    #[serde(borrow)]
    ReportDownloadProgress(Report<'a>),
    #[serde(borrow)]
    ReportDownloadProgressRsp(Response<'a>),
    #[serde(borrow)]
    Download(Task<'a>),
}

/// The keys of a `create_upload_task`. This struct and the following ones skip the key `type`,
/// because the type is already known.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Resource<'a> {
    pub(crate) size: u64,
    #[serde(borrow)]
    pub(crate) name: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) md5sum: Cow<'a, str>,
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Task<'a> {
    pub(crate) size: u64,
    #[serde(borrow)]
    pub(crate) name: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) md5sum: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) url: Cow<'a, str>,
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Report<'a> {
    #[serde(borrow)]
    pub(crate) name: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) progress: Progress<'a>,
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Progress<'a> {
    #[serde(borrow)]
    pub(crate) state: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) percent: Option<u8>,
    pub(crate) result_code: i32,
    #[serde(borrow)]
    pub(crate) result_msg: Cow<'a, str>,
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Response<'a> {
    pub(crate) result_code: i32,
    #[serde(borrow)]
    pub(crate) result_msg: Cow<'a, str>,
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Query<'a> {
    #[serde(skip)]
    nothing: std::marker::PhantomData<&'a ()>,
}

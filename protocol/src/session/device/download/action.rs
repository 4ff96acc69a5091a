//! The actions that a download requests from its caller.

use crate::{ByteRange, Message, ResourceUrl};

/// An action for the caller of a [`Download`](super::Download).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DownloadAction {
    /// Publish this message on the up topic (TOP-1).
    Publish(Message<'static>),
    /// Begin this HTTP exchange. The task has no other exchange at this time.
    Get(GetRequest),
    /// Close the HTTP exchange. Do not pass any later event of this exchange to the task.
    Close,
}

/// An HTTP `GET` of a resource or of its rest (HTTP-5, HTTP-6).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetRequest {
    /// The URL of the request, unchanged.
    pub url: ResourceUrl<'static>,
    /// The header `Range`. `None` requests the whole resource. In that case, discard the bytes
    /// that you already have.
    pub range: Option<ByteRange>,
}

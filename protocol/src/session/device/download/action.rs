//! What a download wants done.

use crate::{ByteRange, Message, ResourceUrl};

/// What a [`Download`](super::Download) wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DownloadAction {
    /// Publish this on the up topic (TOP-1).
    Publish(Message<'static>),
    /// Begin this HTTP exchange. There is never another one under way.
    Get(GetRequest),
    /// Let go of the HTTP exchange, and tell nothing more of it.
    Close,
}

/// An HTTP `GET` of a resource, or of the rest of it (HTTP-5, HTTP-6).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetRequest {
    /// Where from.
    pub url: ResourceUrl<'static>,
    /// The header `Range`. Without it, all of the resource is wanted, and what was kept before is
    /// to be forgotten.
    pub range: Option<ByteRange>,
}

//! A transfer that a gateway logged as one line of a capture.

use std::fmt;

use iothub_resource::{Md5Sum, ResourceUrl};

/// A request and its response, as a line of a capture describes them.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransferRecord {
    /// The method, such as `PUT`.
    pub method: String,
    /// The whole URL, including the query string.
    pub url: ResourceUrl<'static>,
    /// The status of the response, or `None` if there was no response.
    pub status: Option<u16>,
    /// The headers of the request. For a download, the list also contains the headers of the
    /// response. The value is `None` if the gateway did not log headers.
    pub headers: Option<Vec<(String, String)>>,
    /// The length in bytes of the body of the request (for an upload) or of the response (for a
    /// download). The value is `None` if the gateway did not log the length.
    pub body_length: Option<u64>,
    /// The MD5 of the body of the request (for an upload) or of the response (for a download). The
    /// value is `None` if the gateway did not log the MD5.
    pub body_md5: Option<Md5Sum>,
}

impl TransferRecord {
    /// Creates a record that contains only a method and a URL.
    #[must_use]
    pub const fn new(method: String, url: ResourceUrl<'static>) -> Self {
        Self { method, url, status: None, headers: None, body_length: None, body_md5: None }
    }
}

/// Hides the headers, and the path and query string of the URL, because they may contain a
/// signature.
impl fmt::Debug for TransferRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransferRecord")
            .field("method", &self.method)
            .field("url", &self.url)
            .field("status", &self.status)
            .field("body_length", &self.body_length)
            .field("body_md5", &self.body_md5)
            .finish_non_exhaustive()
    }
}

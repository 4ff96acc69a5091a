//! Describes an open exchange at an issued URL.

use iothub_resource::{Md5Hasher, Md5Sum, Transfer};

use super::{download::Part, event::End, shown::Shown, upload::UploadHead};

/// An exchange at an issued URL, until both its request and its response have ended.
#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) ticket: u64,
    /// Upload or download, according to the method.
    pub(super) transfer: Transfer,
    pub(super) method: String,
    pub(super) shown: Shown,
    /// The number of the packet or line with which the exchange began.
    pub(super) at: usize,
    /// The headers of an upload and their faults.
    pub(super) head: UploadHead,
    /// The `Range` header of a download.
    pub(super) range: Option<String>,
    /// Whether the device is at fault in this exchange.
    pub(super) is_at_fault: bool,
    /// Whether the store is at fault for a reason other than a refusal.
    pub(super) is_store_at_fault: bool,
    pub(super) body: RequestBody,
    /// The way in which the request ended, and the number of the packet or line with the end.
    pub(super) request_end: Option<(End, usize)>,
    pub(super) response: Option<Response>,
    /// The way in which the response ended. A response can end before it begins, for example if the
    /// connection ends.
    pub(super) response_end: Option<End>,
}

/// The response in an exchange, as far as it has arrived.
#[derive(Debug)]
pub(super) struct Response {
    pub(super) status: u16,
    /// The number of the packet or line with which the response began.
    pub(super) at: usize,
    pub(super) shown: Shown,
    /// The part that a download delivers, or `None` if the response delivers no known part of a
    /// resource.
    pub(super) part: Option<Part>,
    /// The length of the body so far in bytes, including the missing bytes.
    pub(super) length: u64,
    /// The number of bytes of the body that the capture lacks.
    pub(super) missing: u64,
}

/// The body of a request, as far as it has arrived.
#[derive(Debug, Default)]
pub(super) struct RequestBody {
    pub(super) length: u64,
    /// The number of bytes of the body that the capture lacks.
    pub(super) missing: u64,
    hasher: Md5Hasher,
    told: Told,
}

/// The known facts about the content of a body.
#[derive(Debug, Default)]
enum Told {
    /// The capture contains the bytes.
    #[default]
    Bytes,
    Digest(Md5Sum),
    /// The capture states no digest. It may state the length.
    NoDigest,
}

impl RequestBody {
    /// Creates a body for which the capture may state the length and the digest.
    pub(super) fn told(length: Option<u64>, digest: Option<Md5Sum>) -> Self {
        let told = digest.map_or(Told::NoDigest, Told::Digest);
        // If the length is unknown, one byte counts as missing.
        let missing = u64::from(length.is_none());
        Self { length: length.unwrap_or_default(), missing, told, ..Self::default() }
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.length += bytes.len() as u64;
        self.hasher.update(bytes);
    }

    pub(super) fn missing(&mut self, count: u64) {
        self.length += count;
        self.missing += count;
    }

    /// Returns the MD5 of the body, or `None` if it is unknown.
    pub(super) fn digest(&self) -> Option<Md5Sum> {
        match self.told {
            Told::Bytes => (self.missing == 0).then(|| self.hasher.clone().finish()),
            Told::Digest(digest) => Some(digest),
            Told::NoDigest => None,
        }
    }
}

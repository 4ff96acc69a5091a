//! A request at an issued URL that goes on.

use iothub_resource::{Md5Hasher, Md5Sum, Transfer};

use super::{download::Part, event::End, shown::Shown, upload::UploadHead};

/// What is known of it so far.
#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) ticket: u64,
    /// An upload or a download, by its method.
    pub(super) transfer: Transfer,
    pub(super) method: String,
    pub(super) shown: Shown,
    /// The packet or line with which it began.
    pub(super) at: usize,
    /// What an upload says of its body.
    pub(super) head: UploadHead,
    /// The `Range` of a download.
    pub(super) range: Option<String>,
    /// The device does something wrong in it.
    pub(super) is_at_fault: bool,
    /// So does the store, beyond refusing it.
    pub(super) is_store_at_fault: bool,
    pub(super) body: RequestBody,
    /// How the request ended, and with which packet or line.
    pub(super) request_end: Option<(End, usize)>,
    pub(super) response: Option<Response>,
    /// How the response ended, which may never have begun.
    pub(super) response_end: Option<End>,
}

/// What is known of a response.
#[derive(Debug)]
pub(super) struct Response {
    pub(super) status: u16,
    /// The packet or line with which it began.
    pub(super) at: usize,
    pub(super) shown: Shown,
    /// Of a download that is not refused.
    pub(super) part: Option<Part>,
    /// How many bytes of the body came, and how many of these are not in the capture.
    pub(super) length: u64,
    pub(super) missing: u64,
}

/// The bytes of a request.
#[derive(Debug, Default)]
pub(super) struct RequestBody {
    pub(super) length: u64,
    /// How many of them are not in the capture.
    pub(super) missing: u64,
    hasher: Md5Hasher,
    told: Told,
}

/// What a capture says of a body instead of its bytes.
#[derive(Debug, Default)]
enum Told {
    /// It has the bytes.
    #[default]
    Bytes,
    Digest(Md5Sum),
    /// The length at most.
    NoDigest,
}

impl RequestBody {
    /// A body of that length and digest, as far as the capture says them.
    pub(super) fn told(length: Option<u64>, digest: Option<Md5Sum>) -> Self {
        let told = digest.map_or(Told::NoDigest, Told::Digest);
        // Of a length that is not known, nothing was read.
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

    /// The digest, if it is known.
    pub(super) fn digest(&self) -> Option<Md5Sum> {
        match self.told {
            Told::Bytes => (self.missing == 0).then(|| self.hasher.clone().finish()),
            Told::Digest(digest) => Some(digest),
            Told::NoDigest => None,
        }
    }
}

//! Uploads that the object store must refuse.

use std::sync::Arc;

use base64ct::{Base64, Encoding};
use iothub_resource::{ContentMd5, Md5Sum, ResourceUrl, State, Transfer};

use super::{
    conversation::Conversation,
    flow::{CONTENT_LENGTH, CONTENT_MD5, Headers, HttpAnswer, TestUpload, report, well},
    hearing::Stop,
};
use crate::mqtt::Qos;
use iothub_conformance_suite::Level;

/// The fault of an upload that the object store must refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BadUpload {
    WrongBody,
    WrongDigest,
    OtherResource,
    HexDigest,
    NoDigest,
    ShortBody,
    LongBody,
    NoLength,
    NoQuery,
    OtherPath,
}

impl BadUpload {
    const fn fault(self) -> (&'static str, &'static str) {
        match self {
            Self::WrongBody => ("HTTP-4", "the MD5 of the body differs from the announced MD5"),
            Self::WrongDigest => ("HTTP-4", "`Content-MD5` does not represent the announced MD5"),
            Self::OtherResource => {
                ("HTTP-4", "the body and `Content-MD5` are those of a different resource")
            }
            Self::HexDigest => {
                ("HTTP-2", "`Content-MD5` is the Base64 of the hexadecimal digits of the MD5")
            }
            Self::NoDigest => ("HTTP-2", "`Content-MD5` is missing"),
            Self::ShortBody => ("HTTP-3", "the body is one byte shorter than announced"),
            Self::LongBody => ("HTTP-3", "the body is one byte longer than announced"),
            Self::NoLength => ("HTTP-3", "the body is sent in chunks, without `Content-Length`"),
            Self::NoQuery => ("HTTP-1", "the query string of the URL is missing"),
            Self::OtherPath => ("HTTP-1", "the path differs from the path of the issued URL"),
        }
    }

    fn url(self, url: ResourceUrl<'static>) -> Result<ResourceUrl<'static>, Stop> {
        let (bare, query) = match url.as_str().split_once('?') {
            Some((bare, query)) => (bare, Some(query)),
            None => (url.as_str(), None),
        };
        let altered = match (self, query) {
            (Self::NoQuery, None) => {
                return Err(Stop::Unsupported("the issued URL has no query string".to_owned()));
            }
            (Self::NoQuery, Some(_)) => bare.to_owned(),
            (Self::OtherPath, None) => format!("{bare}x"),
            (Self::OtherPath, Some(query)) => format!("{bare}x?{query}"),
            _ => return Ok(url),
        };
        ResourceUrl::new(altered).map_err(|error| Stop::Unsupported(error.to_string()))
    }

    fn request(self, task: &TestUpload) -> UploadRequest {
        let mut headers = well(task);
        let mut body = Arc::clone(&task.bytes);
        match self {
            Self::WrongBody => body = other(&body),
            Self::WrongDigest => {
                set(&mut headers, CONTENT_MD5, ContentMd5::from(Md5Sum::of(b"other")).to_string());
            }
            Self::OtherResource => {
                body = other(&body);
                set(&mut headers, CONTENT_MD5, ContentMd5::from(Md5Sum::of(&body)).to_string());
            }
            Self::HexDigest => {
                let hex = task.resource.md5sum.to_string();
                set(&mut headers, CONTENT_MD5, Base64::encode_string(hex.as_bytes()));
            }
            Self::NoDigest => headers.retain(|(name, _)| *name != CONTENT_MD5),
            Self::ShortBody => body = body[1..].into(),
            Self::LongBody => body = body.iter().copied().chain([b'.']).collect(),
            Self::NoLength => {
                let mut chunks = format!("{:x}\r\n", body.len()).into_bytes();
                chunks.extend_from_slice(&body);
                chunks.extend_from_slice(b"\r\n0\r\n\r\n");
                body = chunks.into();
                headers.retain(|(name, _)| *name != CONTENT_LENGTH);
                headers.push(("Transfer-Encoding", "chunked".to_owned()));
            }
            Self::NoQuery | Self::OtherPath => {}
        }
        if matches!(self, Self::ShortBody | Self::LongBody) {
            set(&mut headers, CONTENT_LENGTH, body.len().to_string());
        }
        UploadRequest { headers, body }
    }
}

/// The headers and the body of a faulty upload.
struct UploadRequest {
    headers: Headers,
    body: Arc<[u8]>,
}

/// Returns a body of the same length in which every byte is different.
fn other(body: &[u8]) -> Arc<[u8]> {
    body.iter().map(|byte| !byte).collect()
}

fn set(headers: &mut Headers, name: &str, new: String) {
    if let Some((_, value)) = headers.iter_mut().find(|(other, _)| *other == name) {
        *value = new;
    }
}

impl Conversation<'_> {
    /// Makes an upload that must be refused, reports the failure, and then uploads the resource
    /// correctly.
    pub(super) async fn put_badly(&mut self, put: BadUpload) -> Result<(), Stop> {
        let task = self.new_task(1000);
        let url = put.url(self.begin(&task).await?)?;
        let UploadRequest { headers, body } = put.request(&task);
        let (requirement, what) = put.fault();
        let HttpAnswer { at, outcome } =
            self.put(&task, &url, headers, body, &format!(" ({what})")).await?;
        if outcome.is_good() {
            let sentence = format!("{what}, but {}: expected a refusal", outcome.sentence());
            self.findings.add(at, "bad-upload-accepted", Level::Must, requirement, sentence);
            return Err(Stop::Found);
        }
        let failed = report(&task.resource.name, State::Fail(None));
        let answer = self.report(Transfer::Upload, &failed, Qos::AtLeastOnce).await?;
        self.taken(answer)?;
        self.upload(&task).await
    }
}

#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]
#![deny(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unreachable,
    clippy::unwrap_used
)]

extern crate alloc;

mod advice;
#[cfg(feature = "arbitrary")]
mod arbitrary;
mod decode;
mod digest;
mod encode;
mod error;
mod http;
mod json_text;
mod message;
mod profile;
#[cfg(feature = "proptest")]
mod proptest;
pub mod session;
mod split;
mod topic;

pub use advice::{Advice, AdviceKind};
pub use digest::{ContentMd5, ContentMd5Error, Md5Hasher, Md5Sum, Md5SumError};
pub use encode::EncodeError;
pub use error::{Code, DecodeError, ErrorKind, Excerpt, JsonFault, JsonType, Path, Position};
pub use http::{
    ByteRange, ByteRangeError, ContentRange, ContentRangeError, DownloadFault, UploadFault,
    check_download, check_upload_body, check_upload_head,
};
pub use message::{
    Key, MAX_PAYLOAD, Message, MessageType, NameError, OutOfRange, Percent, Progress,
    ProgressReport, ProgressResponse, Resource, ResourceName, ResourceSize, ResourceTask,
    ResourceUrl, ResultCode, State, Transfer, UnknownMessageType, UrlError,
};
pub use profile::{Profile, UnknownProfile};
pub use topic::{DeviceName, Direction, ProductId, Topic, TopicError};

/// Runs the examples of the guide as doctests. One of them needs the feature `proptest`.
#[cfg(all(doctest, feature = "proptest"))]
#[doc = include_str!("../../docs/how-to/depend-on-the-types.md")]
struct Guide;

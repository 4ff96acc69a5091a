//! Testees and the requests that they answer.
//!
//! A [`Request`] asks for one operation of the adapter protocol, and a [`Reply`] is the answer. A
//! type that implements [`Implementation`] is tested in the same process as the suite. A program in
//! any language is tested as a [`Child`] through the adapter protocol. The suite sends its requests
//! to both kinds through the trait [`Testee`].

mod adapter;
mod builtin;
#[cfg(feature = "child")]
mod child;
#[cfg(feature = "child")]
mod hello;
#[cfg(feature = "child")]
mod pipe;
#[cfg(feature = "child")]
pub mod program;
mod testee;
pub mod wire;

use std::fmt;

use iothub_resource::{Direction, Profile};
use serde::Serialize;
use serde_json::{Value, value::RawValue};

use crate::About;

#[cfg(feature = "child")]
pub use self::child::{Child, ChildOptions};
pub use self::{
    adapter::serve_adapter,
    builtin::Builtin,
    testee::{Failure, FailureKind, InProcess, NotAnAdapter, Observed, Stopped, Testee},
};

/// The version of the adapter protocol that the request `hello` contains.
pub const ADAPTER_VERSION: u32 = 1;

/// An implementation of the protocol that is tested in the same process as the suite.
///
/// All operations are optional. Cases for operations that are not implemented count as unsupported.
/// Inputs come from the fixtures and may be invalid in any way.
///
/// ```
/// use iothub_conformance_suite::{About, Answer, Implementation, Refusal};
///
/// struct Mine;
///
/// impl Implementation for Mine {
///     fn about(&self) -> About {
///         About::new("mine", "0.1.0")
///     }
///
///     fn content_md5_decode(&mut self, content_md5: &str) -> Answer<String> {
///         match content_md5 {
///             "1B2M2Y8AsgTpgAmY7PhCfg==" => Ok("d41d8cd98f00b204e9800998ecf8427e".to_owned()),
///             _ => Err(Refusal::code("invalid-content-md5").into()),
///         }
///     }
/// }
/// ```
#[allow(unused_variables, reason = "the documentation shows the names")]
pub trait Implementation {
    /// Returns the name and the version of the implementation for the report.
    fn about(&self) -> About;

    /// Decodes a payload. The answer is the message as a JSON object with the documented keys.
    fn decode(&mut self, profile: Profile, direction: Direction, payload: &[u8]) -> Answer<Value> {
        Err(NotAccepted::Unsupported)
    }

    /// Encodes a message, which is JSON text and may be invalid. The answer is the payload.
    fn encode(&mut self, profile: Profile, message: &str) -> Answer<Vec<u8>> {
        Err(NotAccepted::Unsupported)
    }

    /// Builds the topic of a device for one direction.
    fn topic_format(
        &mut self,
        direction: Direction,
        product_id: &str,
        device_name: &str,
    ) -> Answer<String> {
        Err(NotAccepted::Unsupported)
    }

    /// Splits a topic into its parts.
    fn topic_parse(&mut self, topic: &str) -> Answer<TopicParts> {
        Err(NotAccepted::Unsupported)
    }

    /// Computes the MD5 digest of `data`. The answer is 32 lowercase hexadecimal digits.
    fn md5_digest(&mut self, data: &[u8]) -> Answer<String> {
        Err(NotAccepted::Unsupported)
    }

    /// Converts 32 lowercase hexadecimal digits to the value of a `Content-MD5` header.
    fn content_md5_encode(&mut self, md5sum: &str) -> Answer<String> {
        Err(NotAccepted::Unsupported)
    }

    /// Converts the value of a `Content-MD5` header to 32 lowercase hexadecimal digits.
    fn content_md5_decode(&mut self, content_md5: &str) -> Answer<String> {
        Err(NotAccepted::Unsupported)
    }

    /// Observes the messages between one device and the platform. If a message violates a MUST
    /// rule, the answer is a rejection. Otherwise, the answer is the advice, or `None` if the
    /// implementation gives no advice.
    fn trace(&mut self, profile: Profile, events: &[Event]) -> Answer<Option<Vec<TraceAdvice>>> {
        Err(NotAccepted::Unsupported)
    }

    /// Calls the method for the operation of the request and returns the result of the method.
    fn answer(&mut self, request: &Request) -> Reply {
        match request {
            Request::Decode { profile, direction, payload } => {
                self.decode(*profile, *direction, payload).map(Accepted::Message)
            }
            Request::Encode { profile, message } => {
                self.encode(*profile, message.get()).map(Accepted::Payload)
            }
            Request::TopicFormat { direction, product_id, device_name } => {
                self.topic_format(*direction, product_id, device_name).map(Accepted::Topic)
            }
            Request::TopicParse { topic } => self.topic_parse(topic).map(Accepted::TopicParts),
            Request::Md5Digest { data } => self.md5_digest(data).map(Accepted::Md5sum),
            Request::ContentMd5Encode { md5sum } => {
                self.content_md5_encode(md5sum).map(Accepted::ContentMd5)
            }
            Request::ContentMd5Decode { content_md5 } => {
                self.content_md5_decode(content_md5).map(Accepted::Md5sum)
            }
            Request::Trace { profile, events } => self.trace(*profile, events).map(Accepted::Trace),
        }
    }
}

/// The operations of the adapter protocol, except for `hello`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the methods of `Implementation` describe the operations")]
pub enum Op {
    Decode,
    Encode,
    TopicFormat,
    TopicParse,
    Md5Digest,
    ContentMd5Encode,
    ContentMd5Decode,
    Trace,
}

impl Op {
    /// All operations, in the order of the variants.
    pub const ALL: [Self; 8] = [
        Self::Decode,
        Self::Encode,
        Self::TopicFormat,
        Self::TopicParse,
        Self::Md5Digest,
        Self::ContentMd5Encode,
        Self::ContentMd5Decode,
        Self::Trace,
    ];

    /// Returns the name in the adapter protocol, for example `topic_format`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Decode => "decode",
            Self::Encode => "encode",
            Self::TopicFormat => "topic_format",
            Self::TopicParse => "topic_parse",
            Self::Md5Digest => "md5_digest",
            Self::ContentMd5Encode => "content_md5_encode",
            Self::ContentMd5Decode => "content_md5_decode",
            Self::Trace => "trace",
        }
    }
}

impl std::str::FromStr for Op {
    type Err = String;

    /// Parses the name of an operation in the adapter protocol.
    fn from_str(word: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|op| op.as_str() == word).ok_or_else(|| {
            format!(
                "`{}` is not an operation: expected one of {}",
                word.escape_debug(),
                Self::ALL.map(Self::as_str).join(", ")
            )
        })
    }
}

/// A request to an implementation: an operation with its input.
#[derive(Clone, Debug)]
#[allow(
    clippy::exhaustive_enums,
    reason = "except for `hello`, the protocol has only these operations"
)]
#[allow(missing_docs, reason = "the methods of `Implementation` describe the operations")]
pub enum Request {
    Decode { profile: Profile, direction: Direction, payload: Vec<u8> },
    Encode { profile: Profile, message: Box<RawValue> },
    TopicFormat { direction: Direction, product_id: String, device_name: String },
    TopicParse { topic: String },
    Md5Digest { data: Vec<u8> },
    ContentMd5Encode { md5sum: String },
    ContentMd5Decode { content_md5: String },
    Trace { profile: Profile, events: Vec<Event> },
}

impl Request {
    /// Returns the operation of the request.
    #[must_use]
    pub const fn op(&self) -> Op {
        match self {
            Self::Decode { .. } => Op::Decode,
            Self::Encode { .. } => Op::Encode,
            Self::TopicFormat { .. } => Op::TopicFormat,
            Self::TopicParse { .. } => Op::TopicParse,
            Self::Md5Digest { .. } => Op::Md5Digest,
            Self::ContentMd5Encode { .. } => Op::ContentMd5Encode,
            Self::ContentMd5Decode { .. } => Op::ContentMd5Decode,
            Self::Trace { .. } => Op::Trace,
        }
    }

    /// Returns the profile, or `None` if the operation has no profile.
    #[must_use]
    pub const fn profile(&self) -> Option<Profile> {
        match self {
            Self::Decode { profile, .. }
            | Self::Encode { profile, .. }
            | Self::Trace { profile, .. } => Some(*profile),
            _ => None,
        }
    }
}

/// One message in a trace.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Event {
    /// The direction of the topic that carried the message.
    pub direction: Direction,
    /// The message as JSON text, which may be invalid.
    pub message: Box<RawValue>,
    /// Whether MQTT's DUP flag is set, which means that the message may have been sent before.
    pub dup: bool,
}

impl Event {
    /// Creates an event from its parts.
    #[must_use]
    pub const fn new(direction: Direction, message: Box<RawValue>, dup: bool) -> Self {
        Self { direction, message, dup }
    }

    /// Returns a copy of the event with the DUP flag set to `dup`.
    #[must_use]
    pub fn with_dup(&self, dup: bool) -> Self {
        Self { dup, ..self.clone() }
    }
}

/// The reason why an implementation gives no result.
#[derive(Clone, Debug, PartialEq)]
#[allow(
    clippy::exhaustive_enums,
    reason = "the adapter protocol has only these two answers without a result"
)]
pub enum NotAccepted {
    /// The implementation rejected the input.
    Refused(Refusal),
    /// The implementation does not support the operation.
    Unsupported,
}

impl From<Refusal> for NotAccepted {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// A result, or the reason why there is no result.
pub type Answer<T> = Result<T, NotAccepted>;

/// The answer to a request for any operation.
pub type Reply = Answer<Accepted>;

/// The reason why an input was rejected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// The code of the rejection or of the finding, if the implementation reports one.
    pub code: Option<String>,
    /// The index of the first offending event in a trace, from 0, if the implementation reports
    /// one.
    pub at: Option<usize>,
    /// A human-readable explanation, if there is one.
    pub detail: Option<String>,
}

impl Refusal {
    /// Creates a rejection with this code.
    pub fn code(code: impl Into<String>) -> Self {
        Self { code: Some(code.into()), ..Self::default() }
    }

    /// Adds a human-readable explanation.
    #[must_use]
    pub fn detail(self, detail: impl fmt::Display) -> Self {
        Self { detail: Some(detail.to_string()), ..self }
    }

    /// Adds the index of the first offending event in a trace, from 0.
    #[must_use]
    pub fn at(self, index: usize) -> Self {
        Self { at: Some(index), ..self }
    }
}

/// The result for an accepted input.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::exhaustive_enums, reason = "each operation has one kind of result")]
pub enum Accepted {
    /// The message from `decode`, as a JSON object with the documented keys.
    Message(Value),
    /// The payload from `encode`.
    Payload(Vec<u8>),
    /// The topic from `topic_format`.
    Topic(String),
    /// The parts of the topic from `topic_parse`.
    TopicParts(TopicParts),
    /// The digest from `md5_digest` or `content_md5_decode`: 32 hexadecimal digits.
    Md5sum(String),
    /// The header value from `content_md5_encode`: 24 characters of Base64.
    ContentMd5(String),
    /// The advice from `trace`, or `None` if the implementation gives no advice.
    Trace(Option<Vec<TraceAdvice>>),
}

/// The three variable parts of a topic, without validation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
#[allow(clippy::exhaustive_structs, reason = "a topic has these three variable parts")]
pub struct TopicParts {
    /// The second level of the topic: `up` or `down`.
    pub direction: String,
    /// The product id, for example `D95V6NB56B`.
    pub product_id: String,
    /// The device name, for example `floor-3:camera_12`.
    pub device_name: String,
}

/// Advice about one event in a trace (SES-8, SES-9, SES-11).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, serde::Deserialize)]
#[allow(clippy::exhaustive_structs, reason = "the adapter protocol has these two keys")]
pub struct TraceAdvice {
    /// The index of the event, from 0.
    pub at: usize,
    /// The code, for example `percent-decreased`.
    pub code: String,
}

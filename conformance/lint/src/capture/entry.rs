//! What a capture holds: messages, and what is none of ours or cannot be read.

use std::{borrow::Cow, fmt};

use iothub_resource::{Topic, TopicError};

use super::{lines::LONGEST_LINE, packets::NotRead};
use crate::http::TransferRecord;

/// What a line of a capture is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "a line is one of these")]
pub enum Entry<'a> {
    /// White space and nothing else. (`%J` writes such a line for a payload that is no JSON.)
    Blank,
    /// A message on somebody else's topic (TOP-5).
    Other(OtherTopic<'a>),
    /// A message on one of our topics.
    Message(Record<'a>),
    /// Several of them, in their order. Those on other topics are left out.
    Messages(Vec<Record<'a>>),
    /// An HTTP request and its response.
    Transfer(TransferRecord),
}

/// One PUBLISH on one of our topics, as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record<'a> {
    /// Where it was published.
    pub topic: Topic,
    /// What was published; as long as it was, even where [`fidelity`](Self::fidelity) is not
    /// `Bytes`.
    pub payload: Cow<'a, [u8]>,
    /// MQTT's DUP flag, if it was recorded. Not at QoS 0, where it means nothing (SES-11).
    pub dup: bool,
    /// How much of the payload was recorded.
    pub fidelity: Fidelity,
}

impl<'a> Record<'a> {
    /// A message of which every byte was recorded.
    #[must_use]
    pub const fn new(topic: Topic, payload: &'a [u8], dup: bool) -> Self {
        Self { topic, payload: Cow::Borrowed(payload), dup, fidelity: Fidelity::Bytes }
    }
}

/// How much of a payload was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fidelity {
    /// Every byte.
    Bytes,
    /// The JSON value, re-written: white space, escapes and the spelling of numbers are not those
    /// that were sent.
    Value,
    /// Less than was sent: the line says that the payload was longer. It was shortened by hand, or
    /// cut at a byte of zero.
    Shortened,
}

/// A topic that is none of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OtherTopic<'a> {
    /// The topic, in which what is not UTF-8 was replaced.
    pub topic: Cow<'a, str>,
    /// Where it resembles ours: what keeps it from being one.
    pub nearly: Option<TopicError>,
    /// One of our topics stands in what follows it, so it may be no topic at all.
    pub mentions_ours: bool,
}

impl<'a> OtherTopic<'a> {
    pub(super) fn new(topic: Cow<'a, str>, error: TopicError) -> Self {
        let resembles = topic
            .get(.."$resource".len())
            .is_some_and(|head| head.eq_ignore_ascii_case("$resource"));
        Self { topic, nearly: resembles.then_some(error), mentions_ours: false }
    }
}

/// Why nobody can tell what a line is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unreadable {
    /// It is longer than [`LONGEST_LINE`].
    TooLong,
    /// It begins like a JSON object, and is none.
    NoJson {
        /// What is wrong with it; no text of the line is in it.
        why: String,
    },
    /// A key is missing.
    Missing(&'static str),
    /// A value has another type than its key asks for.
    WrongType {
        /// The key.
        key: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// A line is a message and a transfer.
    TwoKinds,
    /// The payload is given twice.
    TwoPayloads,
    /// The payload should be Base64.
    NoBase64,
    /// The payload is an odd number of hexadecimal digits.
    HalfByte,
    /// The payload is said to have more bytes than a line.
    LongerThanLine,
    /// It is in none of the formats.
    NoMessage,
    /// A compressed file ends in the middle.
    CutFile,
    /// A compressed file cannot be unpacked to its end.
    DamagedFile,
    /// A part of a connection was not recorded.
    Gap {
        /// How many bytes.
        missing: u32,
    },
    /// The snapshot length of the capture has cut off a part of a connection.
    CutMessage {
        /// How many bytes.
        missing: u32,
    },
    /// The last message of a connection is not whole.
    UnfinishedMessage,
    /// A message of MQTT 5 has a number in the place of its topic, which was given before the
    /// capture began.
    UnknownAlias(u16),
    /// The messages in a WebSocket are compressed.
    Compressed,
    /// Packets that may have had TCP in them were not read.
    NotRead(NotRead),
    /// The file ends in the middle of a packet.
    CutPacket,
    /// What stands there is no packet.
    GarbledPacket,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(f, "the line is longer than {LONGEST_LINE} bytes"),
            Self::NoJson { why } => {
                write!(f, "the line begins like a JSON object, but cannot be read as one: {why}")
            }
            Self::Missing(key) => write!(f, "the line is a JSON object without `{key}`"),
            Self::WrongType { key, expected } => write!(f, "`{key}` must be {expected}"),
            Self::TwoKinds => {
                f.write_str("`topic` and `http` are in one line; each needs a line of its own")
            }
            Self::TwoPayloads => {
                f.write_str("`payload` and `payload_b64` stand in one line; one of them is enough")
            }
            Self::NoBase64 => f.write_str("`payload_b64` is not Base64"),
            Self::HalfByte => f.write_str(
                "the payload is an odd number of hexadecimal digits; two make a byte, so the line \
                 was cut",
            ),
            Self::LongerThanLine => {
                write!(f, "`payloadlen` is more than {LONGEST_LINE}, and the payload is not there")
            }
            Self::Gap { missing } => write!(
                f,
                "{missing} bytes of the connection are not in the capture; what was published in \
                 them is not judged, and may be missing in what follows"
            ),
            Self::CutMessage { missing } => write!(
                f,
                "the snapshot length has cut off {missing} bytes of the connection; what was \
                 published in them is not judged, and may be missing in what follows: record with \
                 `tcpdump -s 0`"
            ),
            Self::UnfinishedMessage => f.write_str(
                "the message that begins here is not whole at the end of its connection or of the \
                 capture, and is not judged",
            ),
            Self::UnknownAlias(alias) => write!(
                f,
                "the message has the topic alias {alias}, whose topic is not in the capture, and \
                 is not judged: record from the beginning of the connection"
            ),
            Self::Compressed => f.write_str(
                "the messages in this WebSocket are compressed (permessage-deflate) and are not \
                 judged: record without that extension",
            ),
            Self::NotRead(not_read) => not_read.fmt(f),
            Self::CutPacket => f.write_str("the capture ends in the middle of this packet"),
            Self::GarbledPacket => f.write_str(
                "what stands here is no packet; where the next one begins cannot be told, so \
                 nothing after it was read",
            ),
            Self::NoMessage => f.write_str(
                "the line is in no format that is known: neither a JSON object nor a topic, a \
                 blank and a payload; record with `mosquitto_sub -F '%t %x'`",
            ),
            Self::CutFile => f.write_str("the compressed file ends before its end"),
            Self::DamagedFile => {
                f.write_str("the compressed file is damaged; nothing after this could be unpacked")
            }
        }
    }
}

impl std::error::Error for Unreadable {}

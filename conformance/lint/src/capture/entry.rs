//! The entries of a capture: messages, transfers, other traffic, and lines that cannot be read.

use std::{borrow::Cow, fmt};

use iothub_conformance_suite::excerpt::counted;
use iothub_resource::{Topic, TopicError};

use super::{lines::LONGEST_LINE, packets::NotRead};
use crate::http::TransferRecord;

/// The content of one line of a capture.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "a line is one of these")]
pub enum Entry<'a> {
    /// The line contains only white space. (`mosquitto_sub -F '%J'` writes such a line for a
    /// payload that is not JSON.)
    Blank,
    /// A message on a topic that is not a resource topic (TOP-5).
    Other(OtherTopic<'a>),
    /// A message on a resource topic.
    Message(Record<'a>),
    /// Several messages on resource topics on one line, in the same order as on the line. Messages
    /// on other topics are omitted.
    Messages(Vec<Record<'a>>),
    /// An HTTP request and its response.
    Transfer(TransferRecord),
}

/// One PUBLISH on a resource topic, as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record<'a> {
    /// The topic of the message, with its direction, product id and device name.
    pub topic: Topic,
    /// The payload. If the capture states a greater original length, the payload is padded to this
    /// length, but to at most one byte more than the longest valid payload. A payload whose
    /// [`fidelity`](Self::fidelity) is `Shortened` is not padded.
    pub payload: Cow<'a, [u8]>,
    /// The MQTT DUP flag. The value is `false` if the flag was not recorded, and at QoS 0, where
    /// DUP has no meaning (SES-11).
    pub dup: bool,
    /// Whether every byte, only the JSON value, or only a part of the payload was recorded.
    pub fidelity: Fidelity,
}

impl<'a> Record<'a> {
    /// Creates a record of a message whose payload was recorded completely.
    #[must_use]
    pub const fn new(topic: Topic, payload: &'a [u8], dup: bool) -> Self {
        Self { topic, payload: Cow::Borrowed(payload), dup, fidelity: Fidelity::Bytes }
    }
}

/// The degree to which a payload was recorded: every byte, only the JSON value, or a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fidelity {
    /// Every byte was recorded.
    Bytes,
    /// Only the JSON value was recorded. White space, escapes and the spelling of numbers may
    /// differ from the message.
    Value,
    /// According to the line, the payload was longer than the recorded text. The record was
    /// probably shortened by hand.
    Shortened,
}

/// A topic that is not a resource topic.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OtherTopic<'a> {
    /// The topic. Bytes that are not UTF-8 are replaced with U+FFFD.
    pub topic: Cow<'a, str>,
    /// The reason why the topic is not a resource topic, or `None` if the topic does not begin with
    /// `$resource` (in uppercase, lowercase or mixed case).
    pub nearly: Option<TopicError>,
    /// Whether the text after the topic contains a resource topic. If so, the supposed topic may be
    /// ordinary text.
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

/// The reason why a line or packet cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unreadable {
    /// The line is longer than [`LONGEST_LINE`].
    TooLong,
    /// The line begins like a JSON object but is not one.
    NoJson {
        /// The fault in the JSON, without any text from the line.
        why: String,
    },
    /// The JSON object lacks this key.
    Missing(&'static str),
    /// A value has the wrong type for its key.
    WrongType {
        /// The key whose value has the wrong type.
        key: &'static str,
        /// The type that the key requires, for example `a string`.
        expected: &'static str,
    },
    /// The line contains both a message and a transfer.
    TwoKinds,
    /// The line contains both `payload` and `payload_b64`.
    TwoPayloads,
    /// `payload_b64` is not Base64.
    NoBase64,
    /// The payload has an odd number of hexadecimal digits.
    HalfByte,
    /// The declared length of the payload exceeds [`LONGEST_LINE`].
    LongerThanLine,
    /// The line has none of the known formats.
    NoMessage,
    /// A compressed file ends in the middle of a member.
    CutFile,
    /// A compressed file is damaged, so the rest cannot be decompressed.
    DamagedFile,
    /// The capture lacks a part of a connection.
    Gap {
        /// The number of missing bytes.
        missing: u32,
    },
    /// The snapshot length of the capture cut off a part of a connection.
    CutMessage {
        /// The number of missing bytes.
        missing: u32,
    },
    /// The last message of a connection is incomplete.
    UnfinishedMessage,
    /// An MQTT 5 message has a topic alias that was set before the capture began.
    UnknownAlias(u16),
    /// The messages in a WebSocket connection are compressed.
    Compressed,
    /// Some packets that may contain TCP could not be read.
    NotRead(NotRead),
    /// The file ends in the middle of a packet.
    CutPacket,
    /// The bytes at this place are not a packet.
    GarbledPacket,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(f, "the line is longer than {LONGEST_LINE} bytes"),
            Self::NoJson { why } => {
                write!(f, "the line begins like a JSON object but cannot be read as one: {why}")
            }
            Self::Missing(key) => write!(f, "the line is a JSON object without `{key}`"),
            Self::WrongType { key, expected } => write!(f, "`{key}` must be {expected}"),
            Self::TwoKinds => {
                f.write_str("`topic` and `http` are on one line: write each on a separate line")
            }
            Self::TwoPayloads => {
                f.write_str("the line has both `payload` and `payload_b64`: use one of them")
            }
            Self::NoBase64 => f.write_str("`payload_b64` is not Base64"),
            Self::HalfByte => f.write_str(
                "the payload has an odd number of hexadecimal digits, so a part of the line is \
                 probably missing",
            ),
            Self::LongerThanLine => {
                write!(
                    f,
                    "`payloadlen` is more than {LONGEST_LINE} bytes, but the payload is shorter"
                )
            }
            Self::Gap { missing } => {
                let verb = if *missing == 1 { "is" } else { "are" };
                write!(
                    f,
                    "{} of the connection {verb} not in the capture, so messages in this gap are \
                     not judged. The gap may explain later findings",
                    counted(*missing, "byte")
                )
            }
            Self::CutMessage { missing } => write!(
                f,
                "the snapshot length has cut off {} of the connection, so messages in this gap are \
                 not judged: record with `tcpdump -s 0`. The gap may explain later findings",
                counted(*missing, "byte")
            ),
            Self::UnfinishedMessage => f.write_str(
                "the message that begins here is not judged, because the connection or the \
                 capture ends before the message is complete",
            ),
            Self::UnknownAlias(alias) => write!(
                f,
                "the message has the topic alias {alias}, whose topic is not in the capture, so \
                 the message is not judged: record from the beginning of the connection"
            ),
            Self::Compressed => f.write_str(
                "the messages in this WebSocket connection are compressed (permessage-deflate) and \
                 are not judged: record without that extension",
            ),
            Self::NotRead(not_read) => not_read.fmt(f),
            Self::CutPacket => f.write_str("the capture ends in the middle of this packet"),
            Self::GarbledPacket => f.write_str(
                "there is no valid packet here, and the beginning of the next packet cannot be \
                found, so nothing after this place was read",
            ),
            Self::NoMessage => f.write_str(
                "the line has no known format: it is neither a JSON object nor a topic with a \
                 payload after it. Record with `mosquitto_sub -F '%t %x'`",
            ),
            Self::CutFile => f.write_str("the compressed file is incomplete: copy it again"),
            Self::DamagedFile => f.write_str(
                "the compressed file is damaged, so nothing after this place could be decompressed",
            ),
        }
    }
}

impl std::error::Error for Unreadable {}

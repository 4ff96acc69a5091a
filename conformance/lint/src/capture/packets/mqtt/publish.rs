//! Parses a PUBLISH: its topic, its payload, and the properties of MQTT 5 between them.

use std::{borrow::Cow, collections::HashMap};

use iothub_resource::Topic;

use super::malformed::Malformed;
use crate::mqtt::{FixedHeader, PropertyValue, PublishFlags, VariableInteger, property};

/// The maximum number of aliases that are remembered for one direction of an MQTT 5 connection.
const MOST_ALIASES: usize = 1 << 10;
/// The memory that one alias occupies, in bytes.
const ALIAS: usize = 160;

/// The topic, the payload and the DUP flag of a PUBLISH.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Publish<'a> {
    pub(super) topic: Name<'a>,
    /// The DUP flag. The value is `false` at QoS 0, where DUP has no meaning.
    pub(super) dup: bool,
    /// The part of the payload that was kept.
    pub(super) payload: &'a [u8],
    /// The length of the whole payload, in bytes.
    pub(super) length: usize,
}

/// The topic of a PUBLISH, as text or as an alias.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Name<'a> {
    Text(Cow<'a, str>),
    /// A resource topic that the message names by its alias.
    Known(Topic),
    /// A topic other than a resource topic: the topic of an alias, or a topic that is too long.
    Others,
    /// An alias that was set before the capture began.
    Unknown(u16),
}

/// The topic aliases of one direction. An alias of a topic that is not a resource topic has the
/// value `None`.
#[derive(Debug, Default)]
pub(super) struct Aliases(HashMap<u16, Option<Topic>>);

impl Aliases {
    /// Returns the number of bytes of memory that the aliases take.
    pub(super) fn kept_bytes(&self) -> usize {
        self.0.len() * ALIAS
    }

    fn name<'a>(&mut self, number: u16, topic: Cow<'a, str>) -> Name<'a> {
        if topic.is_empty() {
            return match self.0.get(&number) {
                Some(Some(topic)) => Name::Known(*topic),
                Some(None) => Name::Others,
                None => Name::Unknown(number),
            };
        }
        if self.0.len() < MOST_ALIASES || self.0.contains_key(&number) {
            self.0.insert(number, Topic::parse(&topic).ok());
        }
        Name::Text(topic)
    }
}

/// The protocol level: known from a CONNECT or a message, or guessed from a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    Known(u8),
    Likely(u8),
}

/// Returns the message in a PUBLISH and the protocol version. Stores a new topic alias in
/// `aliases`. The flags of the PUBLISH must be valid, and `body` must contain at least the topic
/// and the properties.
pub(super) fn read<'a>(
    header: &FixedHeader,
    body: &'a [u8],
    version: Option<u8>,
    aliases: &mut Aliases,
) -> Result<(Publish<'a>, Version), Malformed> {
    let PublishFlags { dup, qos, .. } = PublishFlags::of(header.first);
    let Some(topic) = topic(header, body)? else {
        let version = version.map_or(Version::Likely(4), Version::Known);
        let publish = Publish { topic: Name::Others, dup: false, payload: &[], length: 0 };
        return Ok((publish, version));
    };
    let identifier = if qos == 0 { 0 } else { 2 };
    let mut at = 2 + topic.len() + identifier;
    if at > header.remaining {
        return Err(Malformed::TopicOverrun);
    }
    let topic = match std::str::from_utf8(topic) {
        Ok(text) if text.contains(['+', '#']) => {
            return Err(Malformed::Topic("has a wildcard"));
        }
        Ok(text) if text.contains('\0') => {
            return Err(Malformed::Topic("has a zero byte"));
        }
        Ok(text) => Cow::Borrowed(text),
        Err(_) => return Err(Malformed::Topic("is not UTF-8")),
    };
    let rest = body.get(at..).unwrap_or_default();
    let found = properties(rest);
    let version = match version {
        Some(version) => Version::Known(version),
        None => likely(rest, found.as_ref()),
    };
    let (Version::Known(level) | Version::Likely(level)) = version;
    let mut alias = None;
    if level == 5 {
        let found = found.ok_or(Malformed::Properties)?;
        at += found.length;
        alias = found.alias;
    }
    let topic = match alias {
        Some(0) => return Err(Malformed::Properties),
        Some(number) => aliases.name(number, topic),
        None if topic.is_empty() => return Err(Malformed::Topic("is empty")),
        None => Name::Text(topic),
    };
    let payload = body.get(at..).unwrap_or_default();
    let length = header.remaining - at;
    Ok((Publish { topic, dup: dup && qos > 0, payload, length }, version))
}

/// Returns the bytes of the topic, or `None` for a topic that is too long for a resource topic.
fn topic<'a>(header: &FixedHeader, body: &'a [u8]) -> Result<Option<&'a [u8]>, Malformed> {
    let length = body.first_chunk().map(|length| usize::from(u16::from_be_bytes(*length)));
    let length = length.filter(|length| 2 + length <= header.remaining);
    let length = length.ok_or(Malformed::TopicOverrun)?;
    Ok(body.get(2..2 + length))
}

/// The properties of a PUBLISH that this module uses.
struct Properties {
    /// The length of all properties in bytes, including their length field.
    length: usize,
    alias: Option<u16>,
}

/// Returns the properties at the beginning of the bytes, or `None` if the bytes do not begin with
/// properties.
fn properties(text: &[u8]) -> Option<Properties> {
    let VariableInteger { value, length, .. } = VariableInteger::read(text).ok()??;
    let mut rest = text.get(length..length + value)?;
    let mut alias = None;
    while let Some(&kind) = rest.first() {
        let value = &rest[1..];
        let bytes = |at: usize| {
            let length = value.get(at..at + 2)?;
            Some(2 + usize::from(u16::from_be_bytes([length[0], length[1]])))
        };
        let length = match PropertyValue::in_publish(kind)? {
            PropertyValue::Byte => 1,
            PropertyValue::Short => 2,
            PropertyValue::Long => 4,
            PropertyValue::Variable => VariableInteger::read(value).ok()??.length,
            PropertyValue::Bytes => bytes(0)?,
            PropertyValue::Pair => {
                let key = bytes(0)?;
                key + bytes(key)?
            }
        };
        if kind == property::TOPIC_ALIAS {
            alias = Some(u16::from_be_bytes([*value.first()?, *value.get(1)?]));
        }
        rest = value.get(length..)?;
    }
    Some(Properties { length: length + value, alias })
}

/// Returns the likely protocol version of a connection whose CONNECT was not seen. The beginning of
/// a payload is never mistaken for properties.
fn likely(rest: &[u8], properties: Option<&Properties>) -> Version {
    let begins_a_message = |at: usize| matches!(rest.get(at), Some(b'{'));
    match properties {
        Some(properties) if properties.length > 1 => Version::Known(5),
        Some(_) if begins_a_message(1) => Version::Known(5),
        Some(_) => Version::Likely(5),
        None if begins_a_message(0) => Version::Known(4),
        None => Version::Likely(4),
    }
}

//! Payloads that do not decode, and their readable parts (SES-12).

use arbitrary::{Arbitrary, Result, Unstructured};
use iothub_resource::{Direction, MessageType};

use crate::session::{Written, byte, said::NAMES};

/// The readable parts of a payload that does not decode, and its layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, clippy::exhaustive_structs, reason = "an input as it is written")]
pub struct Garbled {
    pub direction: Direction,
    /// The index of the readable type, or `None` if the payload has none.
    pub kind: Option<u8>,
    /// The index of the readable name, or `None` if the payload has none.
    pub name: Option<u8>,
    pub layout: u8,
}

/// The layouts of payloads. The members replace `T` and `N`, each with a comma before it.
const LAYOUTS: [&str; 8] = [
    "{\"x\":1T N ",
    "{\"x\":1N ,\"size\":1T ,}",
    "{\"type\":1,\"name\":{}T N }}",
    "{\"type\":\"a\\\"b\",\"name\":\"x\\\\\"T N ]",
    "{\"x\":\"\\\"type\\\":\\\"download\\\"\"T N \0",
    "\"type\"type\"name\"name\"T N ",
    "{\"x\":[T N ,\"type\":\"download\",\"name\":\"pushed\"]}",
    "{\"x\":{\"type\":\"foo\",\"name\":\"\"}T N ",
];

impl Garbled {
    /// Returns the bytes of the payload.
    #[must_use]
    pub fn payload(&self) -> Vec<u8> {
        let kind = self.kind.map(|kind| MessageType::ALL[usize::from(kind)].as_str());
        let name = self.name.map(|name| NAMES[usize::from(name)]);
        let member = |key: &str, value: Option<&str>| {
            value.map_or(String::new(), |value| format!(",\"{key}\"\t\r\n : \"{value}\""))
        };
        let layout = LAYOUTS[usize::from(self.layout)];
        let text = layout.replace("T ", &member("type", kind)).replace("N ", &member("name", name));
        text.into_bytes()
    }
}

/// Returns the text of the group in the first match of `"key"[ \t\r\n]*:[ \t\r\n]*"([^"\\]*)"`,
/// tried at every position, or `None` if there is no match.
pub(super) fn captured(payload: &[u8], key: &str) -> Option<Vec<u8>> {
    let key = format!("\"{key}\"").into_bytes();
    let skip = |mut at: usize| {
        while payload.get(at).is_some_and(|byte| b" \t\r\n".contains(byte)) {
            at += 1;
        }
        at
    };
    (0..payload.len()).find_map(|start| {
        let colon = skip(start + payload[start..].starts_with(&key).then_some(key.len())?);
        let quote = skip(colon + 1);
        let end = (quote + 1..payload.len()).find(|at| matches!(payload[*at], b'"' | b'\\'))?;
        let is_match = payload[colon] == b':' && payload[quote] == b'"' && payload[end] == b'"';
        is_match.then(|| payload[quote + 1..end].to_vec())
    })
}

/// Returns the readable type, or `None` if the text is not one of the nine types.
pub(super) fn captured_type(payload: &[u8]) -> Option<MessageType> {
    let word = captured(payload, "type")?;
    MessageType::ALL.iter().copied().find(|kind| kind.as_str().as_bytes() == word)
}

impl<'a> Arbitrary<'a> for Garbled {
    fn arbitrary(source: &mut Unstructured<'a>) -> Result<Self> {
        let (first, second) = (byte(source)?, byte(source)?);
        let kind = first & 15;
        let name = second & 3;
        let kind = (usize::from(kind) < MessageType::ALL.len()).then_some(kind);
        Ok(Self {
            // The direction is usually that of the type.
            direction: match (first >> 4, kind) {
                (side @ 0..14, None) => [Direction::Up, Direction::Down][usize::from(side & 1)],
                (0..14, Some(kind)) => MessageType::ALL[usize::from(kind)].direction(),
                (14, _) => Direction::Up,
                _ => Direction::Down,
            },
            kind,
            name: (usize::from(name) < NAMES.len()).then_some(name),
            layout: second >> 2 & 7,
        })
    }
}

impl Written for Garbled {
    fn write(&self, bytes: &mut Vec<u8>) {
        let kind = self.kind.unwrap_or(MessageType::ALL.len() as u8);
        let side = if self.direction == Direction::Up { 14 } else { 15 };
        bytes.push(kind | side << 4);
        bytes.push(self.name.unwrap_or(NAMES.len() as u8) | self.layout << 2);
    }
}

//! Defines findings and their form in the stored result.

use std::borrow::Cow;

use iothub_resource::Topic;
use serde::{Deserialize, Serialize, Serializer};

use super::{marked::Marked, side::Side};
use crate::{
    Level,
    excerpt::{LONGEST_SENTENCE, shortened},
};

/// The value of `requirement` for a fault that violates no rule of the protocol.
pub const NO_REQUIREMENT: &str = "";

/// One fault that was observed in a capture or in a live session.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "Stored<'static>")]
#[non_exhaustive]
pub struct Finding {
    /// The number of the line in a capture, from 1. In a packet capture, it is the number of the
    /// packet. In a live session, it is the index of the event.
    pub line: usize,
    /// The topic of the message, or an empty string if there is no message.
    pub topic: String,
    /// The kind of fault, for example `after-end`.
    pub code: Cow<'static, str>,
    /// The level: MUST for an error, and SHOULD for a warning.
    pub level: Level,
    /// The side that is responsible for the fault.
    pub side: Side,
    /// The id of the violated requirement, or [`NO_REQUIREMENT`].
    pub requirement: Cow<'static, str>,
    /// The fault and the expected behaviour, in a sentence.
    pub sentence: String,
    /// An excerpt of the message without possible signatures, with the offending place marked, or
    /// `None` if the finding shows no message.
    pub message: Option<Marked>,
}

impl Finding {
    /// Creates a finding about the recording, without a topic or a message. A very long sentence is
    /// cut.
    #[must_use]
    pub fn new(
        line: usize,
        code: &'static str,
        level: Level,
        requirement: &'static str,
        sentence: String,
    ) -> Self {
        Self {
            line,
            topic: String::new(),
            code: Cow::Borrowed(code),
            level,
            side: Side::Recording,
            requirement: Cow::Borrowed(requirement),
            sentence: shortened(sentence, LONGEST_SENTENCE),
            message: None,
        }
    }

    /// Sets the side that is responsible for the fault.
    #[must_use]
    pub fn against(self, side: Side) -> Self {
        Self { side, ..self }
    }

    /// Sets the topic of the message.
    #[must_use]
    pub fn on(self, topic: String) -> Self {
        Self { topic, ..self }
    }

    /// Sets the excerpt of the message.
    #[must_use]
    pub fn showing(self, message: Marked) -> Self {
        Self { message: Some(message), ..self }
    }

    /// Returns the sentence, followed by a line with the message if there is one.
    #[must_use]
    pub fn detail(&self) -> String {
        match &self.message {
            None => self.sentence.clone(),
            Some(message) => format!("{}\n{}", self.sentence, message.text()),
        }
    }
}

/// A finding in the stored result: `detail` contains the sentence and the message.
#[derive(Serialize, Deserialize)]
struct Stored<'a> {
    line: usize,
    topic: Cow<'a, str>,
    code: Cow<'a, str>,
    level: Level,
    /// The side at fault. Results from older versions do not contain this key.
    side: Option<Side>,
    requirement: Cow<'a, str>,
    detail: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<Cow<'a, Marked>>,
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { line, topic, code, level, side, requirement, message, .. } = self;
        let stored = Stored {
            line: *line,
            topic: Cow::Borrowed(topic),
            code: Cow::Borrowed(code),
            level: *level,
            side: Some(*side),
            requirement: Cow::Borrowed(requirement),
            detail: self.detail(),
            message: message.as_ref().map(Cow::Borrowed),
        };
        stored.serialize(serializer)
    }
}

impl From<Stored<'static>> for Finding {
    fn from(stored: Stored<'static>) -> Self {
        let Stored { line, topic, code, level, side, requirement, detail, message } = stored;
        let message = message.map(Cow::into_owned);
        let shown = message.as_ref().map(|message| format!("\n{}", message.text()));
        let sentence = shown.and_then(|shown| detail.strip_suffix(&shown).map(str::to_owned));
        Self {
            line,
            side: side.unwrap_or_else(|| sender_on(&topic)),
            topic: topic.into_owned(),
            code,
            level,
            requirement,
            sentence: sentence.unwrap_or(detail),
            message,
        }
    }
}

/// Returns the side that publishes on a topic, or [`Side::Recording`] if the topic is invalid.
fn sender_on(topic: &str) -> Side {
    topic.parse::<Topic>().map_or(Side::Recording, |topic| Side::sender(topic.direction))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_peers_make_no_long_sentence() {
        let sentence = format!("it uploads {}", "x".repeat(1 << 20));
        let finding = Finding::new(7, "gap", Level::Must, NO_REQUIREMENT, sentence);
        assert!(finding.sentence.len() < LONGEST_SENTENCE + 10, "{}", finding.sentence.len());
    }

    #[test]
    fn it_survives_being_stored() {
        let plain = Finding::new(7, "gap", Level::Must, NO_REQUIREMENT, "3 bytes\nmissing".into());
        let shown = plain
            .clone()
            .against(Side::Device)
            .on("$resource/up/service/P/d".to_owned())
            .showing(Marked::range("{\"a\":1}", Some(5..6)));
        assert_eq!(shown.detail(), "3 bytes\nmissing\n{\"a\":1}");
        for finding in [plain, shown] {
            let json = serde_json::to_string(&finding).expect("it can be written");
            assert_eq!(serde_json::from_str::<Finding>(&json).expect("it can be read"), finding);
        }
    }
}

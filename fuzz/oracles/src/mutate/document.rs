//! Valid payloads of the fixtures, split into parts that can be edited and joined again.

use std::{fmt::Write, sync::OnceLock};

use iothub_conformance_suite::{Accepted, Expected, Fixtures, Request, Verdict};
use iothub_resource::{Direction, MessageType, Profile};
use serde_json::Value;

use crate::{
    json,
    reference::{KEYS, PROGRESS_KEYS},
};

/// The members of a payload, and the meaning of the payload.
#[derive(Clone, Debug)]
pub(super) struct Document {
    pub(super) profile: Profile,
    pub(super) direction: Direction,
    pub(super) message_type: MessageType,
    /// The message, as a JSON value.
    pub(super) message: Value,
    pub(super) top: Vec<Member>,
    /// The members of `progress`, if the message has one. The value of `progress` in `top` is
    /// empty.
    pub(super) progress: Vec<Member>,
    /// The white space between all tokens.
    pub(super) space: &'static str,
}

/// A key and a value, each with its spelling.
#[derive(Clone, Debug)]
pub(super) struct Member {
    /// The key without escapes.
    pub(super) key: String,
    /// The spelling of the key, with its quotes.
    pub(super) spelt: String,
    pub(super) value: String,
}

impl Member {
    pub(super) fn new(key: &str, value: &str) -> Self {
        let spelt = serde_json::to_string(key).unwrap_or_default();
        Self { key: key.to_owned(), spelt, value: value.to_owned() }
    }
}

/// An object of the message: the message itself or its `progress`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Top,
    Progress,
}

impl Level {
    /// Returns the keys that must not appear twice in the object (ENC-4).
    pub(super) fn vocabulary(self) -> &'static [&'static str] {
        match self {
            Self::Top => &KEYS,
            Self::Progress => &PROGRESS_KEYS,
        }
    }
}

impl Document {
    /// Returns all payloads that the fixtures accept.
    pub(super) fn all() -> &'static [Self] {
        static ALL: OnceLock<Vec<Document>> = OnceLock::new();
        ALL.get_or_init(|| {
            let cases = Fixtures::embedded().cases;
            cases
                .into_iter()
                .filter_map(|case| match (case.request, case.verdict) {
                    (
                        Request::Decode { profile, direction, payload },
                        Verdict::Accept(Expected::Exactly(Accepted::Message(message))),
                    ) => Some(Self::new(profile, direction, &payload, message)),
                    _ => None,
                })
                .collect()
        })
    }

    fn new(profile: Profile, direction: Direction, payload: &[u8], message: Value) -> Self {
        let text = std::str::from_utf8(payload).expect("accepted, so UTF-8");
        let object = json::value_of(text).expect("accepted, so JSON");
        let message_type = message["type"].as_str().and_then(|word| word.parse().ok());
        let message_type: MessageType = message_type.expect("accepted, so of a type");
        let mut document = Self {
            profile,
            direction,
            message_type,
            message,
            top: members(object),
            progress: Vec::new(),
            space: "",
        };
        if document.has_progress() {
            let progress = document.top.iter_mut().find(|member| member.key == "progress");
            let value = &mut progress.expect("accepted, so complete").value;
            document.progress = members(&std::mem::take(value));
        }
        document
    }

    pub(super) fn has_progress(&self) -> bool {
        matches!(
            self.message_type,
            MessageType::ReportUploadProgress | MessageType::ReportDownloadProgress
        )
    }

    pub(super) fn members(&mut self, level: Level) -> &mut Vec<Member> {
        match level {
            Level::Top => &mut self.top,
            Level::Progress => &mut self.progress,
        }
    }

    /// Returns whether messages of this type have a key at that level.
    pub(super) fn has(&self, level: Level, key: &str) -> bool {
        match level {
            Level::Top => {
                key == "type" || self.message_type.keys().iter().any(|own| own.as_str() == key)
            }
            Level::Progress => PROGRESS_KEYS.contains(&key),
        }
    }

    /// Returns whether `state` is `done` or `fail`, so that `percent` may be absent.
    pub(super) fn is_final(&self) -> bool {
        matches!(self.message["progress"]["state"].as_str(), Some("done" | "fail"))
    }

    /// Returns the part of the message at that level, as a map by key.
    pub(super) fn meaning(&mut self, level: Level) -> &mut serde_json::Map<String, Value> {
        let object = match level {
            Level::Top => &mut self.message,
            Level::Progress => &mut self.message["progress"],
        };
        object.as_object_mut().expect("a message and its progress are objects")
    }

    /// Returns the payload that consists of the members.
    pub(super) fn write(&self) -> String {
        let progress = self.has_progress().then(|| self.object(&self.progress, None));
        let object = self.object(&self.top, progress.as_deref());
        format!("{0}{object}{0}", self.space)
    }

    fn object(&self, members: &[Member], progress: Option<&str>) -> String {
        let space = self.space;
        let mut text = format!("{{{space}");
        for (index, Member { key, spelt, value }) in members.iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            let value = match progress {
                Some(progress) if key == "progress" && value.is_empty() => progress,
                _ => value,
            };
            let _ = write!(text, "{comma}{space}{spelt}{space}:{space}{value}{space}");
        }
        text + "}"
    }
}

fn members(object: &str) -> Vec<Member> {
    let members = json::members(object).expect("accepted, so an object");
    let member = |(key, value): (Option<String>, &str)| {
        Member::new(&key.expect("accepted, so readable"), value)
    };
    members.into_iter().map(member).collect()
}

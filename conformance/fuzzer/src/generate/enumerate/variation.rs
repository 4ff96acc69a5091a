//! One enumerated variation and the messages to which it applies.

use iothub_resource::{Key, MessageType, Profile};

use crate::{generate::edit::Edit, message_tree::Slot};

/// One special feature and the messages in which it is tried.
#[derive(Clone, Debug)]
pub(crate) struct Variation {
    pub(crate) edit: Edit,
    pub(crate) class: String,
    /// The id of the requirement that applies if the message is valid.
    pub(crate) requirement: &'static str,
    /// Whether the message is valid, or `None` if that is unknown.
    pub(crate) valid: Option<bool>,
    /// The only type of message that the variation applies to, or `None` for every type.
    pub(crate) host: Option<MessageType>,
    /// The only profile that the variation applies to, or `None` for both profiles.
    pub(crate) profile: Option<Profile>,
}

impl Variation {
    pub(super) fn new(edit: Edit, class: impl Into<String>, requirement: &'static str) -> Self {
        let class = class.into();
        Self { edit, class, requirement, valid: None, host: None, profile: None }
    }

    /// Creates a variation that replaces a value. Its class consists of `class` (the kind of the
    /// value) and the name of the key.
    pub(super) fn value(
        slot: Slot,
        token: impl Into<Vec<u8>>,
        class: &str,
        requirement: &'static str,
    ) -> Self {
        let class = format!("{class}/{}", named(slot));
        Self::new(Edit::Value(slot, token.into()), class, requirement)
    }

    pub(super) fn valid(self, valid: bool) -> Self {
        Self { valid: Some(valid), ..self }
    }

    pub(super) fn host(self, host: MessageType) -> Self {
        Self { host: Some(host), ..self }
    }

    pub(super) fn profile(self, profile: Profile) -> Self {
        Self { profile: Some(profile), ..self }
    }
}

pub(super) fn named(slot: Slot) -> String {
    match slot {
        Slot::Top(key) => key.to_string(),
        Slot::InProgress(key) => format!("progress.{key}"),
    }
}

pub(super) const INTEGER_SLOTS: [Slot; 4] = [
    Slot::Top(Key::Size),
    Slot::Top(Key::ResultCode),
    Slot::InProgress(Key::Percent),
    Slot::InProgress(Key::ResultCode),
];

pub(super) const TEXT_SLOTS: [Slot; 3] =
    [Slot::Top(Key::Name), Slot::Top(Key::ResultMsg), Slot::InProgress(Key::ResultMsg)];

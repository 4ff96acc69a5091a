//! Messages that are correct except for exactly one defect each.

use iothub_resource::ResourceTask;

use super::members::{Member, json, of_task, replaced};

/// A defect of a message, with the edit that causes it.
#[derive(Debug)]
pub(super) struct Defect {
    /// The last part of the ids of the scenarios with this defect.
    pub(super) id: &'static str,
    /// The code with which the message must be rejected.
    pub(super) code: &'static str,
    /// The violated requirement; empty for the requirement of the message itself.
    pub(super) requirement: &'static str,
    pub(super) title: &'static str,
    pub(super) edit: Edit,
}

/// A change of a message. In a new value, `{}` is the text of the old value without its quotes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Edit {
    /// Replaces the value of a key.
    Value(&'static str, &'static [u8]),
    /// Replaces the value of a key. In the new value, `{}` is the old value without its last
    /// character.
    Shortened(&'static str, &'static [u8]),
    /// Writes the value of a key in uppercase letters.
    Upper(&'static str),
    /// Writes a key in a different spelling, which includes the quotes.
    Key(&'static str, &'static str),
    /// Removes a key and its value.
    Without(&'static str),
    /// Adds the key again at the end, with the given spelling and the given value.
    Again(&'static str, &'static str, &'static [u8]),
    /// Adds text before and after the message.
    Around(&'static [u8], &'static [u8]),
    /// Adds text before the last brace.
    BeforeEnd(&'static str),
    /// Removes this many bytes from the end.
    Cut(usize),
    /// Replaces all occurrences of a text.
    Each(&'static str, &'static str),
    /// Adds white space after the message, up to one byte more than ENC-1 permits.
    TooLong,
}

impl Defect {
    /// Returns an answer of this type that has the defect.
    pub(super) fn in_task(&self, kind: &str, task: &ResourceTask<'_>) -> Vec<u8> {
        self.edit.apply(of_task(kind, task))
    }

    /// Returns a message that answers a report and has the defect. A device that accepts this
    /// message reads a refusal.
    pub(super) fn in_report_answer(&self, kind: &str) -> Vec<u8> {
        let members = [("type", format!("\"{kind}\"")), ("result_code", "-2".to_owned())];
        let text = ("result_msg", "\"refused\"".to_owned());
        self.edit.apply(members.into_iter().chain([text]).map(Member::from).collect())
    }
}

impl Edit {
    fn apply(self, mut members: Vec<Member>) -> Vec<u8> {
        /// The maximum length of a message in bytes (ENC-1).
        const MOST: usize = 16_384;
        let at = |key: &str, members: &[Member]| {
            let quoted = format!("\"{key}\"").into_bytes();
            members.iter().position(|member| member.key == quoted)
        };
        let mut last = Vec::new();
        match self {
            Self::Value(key, new) => {
                if let Some(at) = at(key, &members) {
                    members[at].value = changed(members[at].inner(), new);
                }
            }
            Self::Shortened(key, new) => {
                if let Some(at) = at(key, &members) {
                    let inner = members[at].inner();
                    members[at].value = changed(&inner[..inner.len().saturating_sub(1)], new);
                }
            }
            Self::Upper(key) => {
                if let Some(at) = at(key, &members) {
                    members[at].value.make_ascii_uppercase();
                }
            }
            Self::Key(key, new) => {
                if let Some(at) = at(key, &members) {
                    members[at].key = new.as_bytes().to_vec();
                }
            }
            Self::Without(key) => {
                if let Some(at) = at(key, &members) {
                    members.remove(at);
                }
            }
            Self::Again(key, spelling, new) => {
                if let Some(at) = at(key, &members) {
                    let value = changed(members[at].inner(), new);
                    members.push(Member { key: spelling.as_bytes().to_vec(), value });
                }
            }
            Self::BeforeEnd(text) => last = text.as_bytes().to_vec(),
            Self::Around(..) | Self::Cut(_) | Self::Each(..) | Self::TooLong => {}
        }
        let mut payload = json(&members, &last);
        match self {
            Self::Around(before, behind) => payload = [before, &payload, behind].concat(),
            Self::Cut(count) => payload.truncate(payload.len().saturating_sub(count)),
            Self::Each(from, to) => payload = replaced(&payload, from.as_bytes(), to.as_bytes()),
            Self::TooLong => payload.resize(MOST + 1, b' '),
            _ => {}
        }
        payload
    }
}

/// Returns an answer with a task, but without its URL.
pub(super) fn without_url(kind: &str, task: &ResourceTask<'_>) -> Vec<u8> {
    Edit::Without("url").apply(of_task(kind, task))
}

fn changed(old: &[u8], new: &[u8]) -> Vec<u8> {
    replaced(new, b"{}", old)
}

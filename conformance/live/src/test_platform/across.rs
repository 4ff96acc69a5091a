//! What outlives a scenario: names, advice on how messages are written, answers that are late.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use iothub_resource::{Direction, Message, MessageType, Profile};

use crate::random;
use iothub_conformance_lint::Finding;
use iothub_conformance_suite::{Fixtures, Request, Verdict};

/// A payload or a topic that must be refused.
pub(super) struct RejectedInput<T> {
    /// The fixture.
    pub(super) id: String,
    /// The code of the refusal.
    pub(super) code: String,
    pub(super) what: T,
}

/// An answer that somebody is owed: its type, and its name if it carries one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PendingAnswer(MessageType, Option<String>);

impl PendingAnswer {
    /// What a request is owed. A query may stay without an answer.
    pub(super) fn to(message: &Message<'_>) -> Option<Self> {
        match message {
            Message::CreateUploadTask(resource) => {
                let name = resource.name.as_str().to_owned();
                Some(Self(MessageType::CreateUploadTaskRsp, Some(name)))
            }
            Message::ReportUploadProgress(_) => {
                Some(Self(MessageType::ReportUploadProgressRsp, None))
            }
            Message::ReportDownloadProgress(_) => {
                Some(Self(MessageType::ReportDownloadProgressRsp, None))
            }
            Message::GetDownloadTask => Some(Self(MessageType::GetDownloadTaskRsp, None)),
            _ => None,
        }
    }

    /// Whether a message is one of these answers, which then is owed no more.
    pub(super) fn settle(owed: &mut Vec<Self>, message: &Message<'_>) -> bool {
        let name = message.name().map(|name| name.as_str());
        let is_it = |Self(message_type, of): &Self| {
            *message_type == message.message_type() && (of.is_none() || of.as_deref() == name)
        };
        let index = owed.iter().position(is_it);
        index.map(|index| owed.remove(index)).is_some()
    }
}

pub(super) struct AcrossScenarios {
    /// In front of names, so that they are new to the platform.
    tag: String,
    names: usize,
    pub(super) payloads: Vec<RejectedInput<Vec<u8>>>,
    pub(super) topics: Vec<RejectedInput<String>>,
    overdue: Vec<PendingAnswer>,
    /// The codes of advice about the way in which messages are written.
    writing: BTreeSet<&'static str>,
    /// The first of each code.
    advice: BTreeMap<Cow<'static, str>, WritingAdvice>,
    /// The scenario that is played.
    pub(super) scenario: String,
    /// How many messages the platform has sent.
    pub(super) heard: usize,
}

impl AcrossScenarios {
    pub(super) fn new(
        fixtures: &Fixtures,
        profile: Profile,
        writing: impl Iterator<Item = &'static str>,
    ) -> Self {
        let (mut payloads, mut topics) = (Vec::new(), Vec::new());
        for case in &fixtures.cases {
            let Verdict::Reject { code, .. } = &case.verdict else { continue };
            let (id, code) = (case.id.clone(), code.clone());
            match &case.request {
                Request::Decode { profile: own, direction: Direction::Up, payload }
                    if *own == profile =>
                {
                    payloads.push(RejectedInput { id, code, what: payload.clone() })
                }
                Request::TopicParse { topic } if can_be_published_to(topic) => {
                    topics.push(RejectedInput { id, code, what: topic.clone() });
                }
                _ => {}
            }
        }
        Self {
            tag: format!("{:08x}", random::bits() & 0xFFFF_FFFF),
            names: 0,
            payloads,
            topics,
            overdue: Vec::new(),
            writing: writing.collect(),
            advice: BTreeMap::new(),
            scenario: String::new(),
            heard: 0,
        }
    }

    /// A name that the platform has not heard yet.
    pub(super) fn name(&mut self) -> String {
        self.names += 1;
        format!("probe-{}-{}", self.tag, self.names)
    }

    /// Remembers an answer that was not waited for any longer.
    pub(super) fn overdue(&mut self, owed: PendingAnswer) {
        self.overdue.push(owed);
    }

    /// Whether a message that answers nothing may be the late answer to a request of a scenario
    /// that is over.
    pub(super) fn is_late(&mut self, message: &Message<'_>) -> bool {
        PendingAnswer::settle(&mut self.overdue, message)
    }

    /// Whether a finding is advice about the way in which messages are written.
    pub(super) fn is_writing(&self, code: &str) -> bool {
        self.writing.contains(code)
    }

    /// Takes advice about the way in which a message is written, of which a label says what it is.
    pub(super) fn advise(&mut self, label: String, finding: Finding) {
        let scenario = self.scenario.clone();
        let advice = self.advice.entry(finding.code.clone());
        advice.or_insert(WritingAdvice { scenario, label, finding, count: 0 }).count += 1;
    }

    /// The advice of a code, if it was ever given.
    pub(super) fn advised(&self, code: &str) -> Option<&WritingAdvice> {
        self.advice.get(code)
    }
}

/// Advice about the way in which a message is written.
pub(super) struct WritingAdvice {
    pub(super) scenario: String,
    pub(super) label: String,
    pub(super) finding: Finding,
    /// How often it was given.
    pub(super) count: usize,
}

/// Whether MQTT lets a message be published there.
fn can_be_published_to(topic: &str) -> bool {
    const LONGEST: usize = 1000;
    !topic.is_empty()
        && topic.len() <= LONGEST
        && !topic.contains(['+', '#'])
        && !topic.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_answer_is_told_from_one_to_nothing() {
        let mut across =
            AcrossScenarios::new(&Fixtures::embedded(), Profile::Deployed, [].into_iter());
        let response = Message::ReportUploadProgressRsp(iothub_resource::ProgressResponse::OK);
        assert!(!across.is_late(&response));
        across.overdue(PendingAnswer(MessageType::ReportUploadProgressRsp, None));
        assert!(across.is_late(&response));
        assert!(!across.is_late(&response));
    }
}

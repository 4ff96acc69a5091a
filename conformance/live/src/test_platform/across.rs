//! The state that outlives a scenario: names, advice about how messages are written, and late
//! answers.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use iothub_resource::{Direction, Message, MessageType, Profile, Topic};

use crate::{random, record::Device};
use iothub_conformance_lint::Finding;
use iothub_conformance_suite::{Fixtures, Request, Verdict};

/// A payload or a topic that must be rejected.
pub(super) struct RejectedInput<T> {
    /// The id of the fixture.
    pub(super) id: String,
    /// The code of the rejection.
    pub(super) code: String,
    pub(super) what: T,
}

/// An answer that the platform has not sent yet: its type, and its name if it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PendingAnswer(MessageType, Option<String>);

impl PendingAnswer {
    /// Returns the pending answer to a request; `None` for other messages. A query may remain
    /// unanswered.
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

    /// Returns whether a message is one of the pending answers. If so, removes this answer
    /// from `owed`.
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
    /// The random part of each name, which makes the name new to the platform.
    tag: String,
    names: usize,
    pub(super) payloads: Vec<RejectedInput<Vec<u8>>>,
    pub(super) topics: Vec<RejectedInput<String>>,
    overdue: Vec<PendingAnswer>,
    /// The codes of advice about how messages are written.
    writing: BTreeSet<&'static str>,
    /// The first piece of advice for each code.
    advice: BTreeMap<Cow<'static, str>, WritingAdvice>,
    /// The id of the current scenario.
    pub(super) scenario: String,
    /// The number of messages from the platform in all scenarios so far.
    pub(super) heard: usize,
    /// Whether the platform has delivered a download.
    pub(super) has_delivered: bool,
    /// Whether the broker has failed to acknowledge a message at QoS 1 or to answer a PINGREQ.
    pub(super) is_unacknowledged: bool,
}

impl AcrossScenarios {
    pub(super) fn new(
        fixtures: &Fixtures,
        profile: Profile,
        device: Device,
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
                    let what = resembling(topic, device);
                    topics.push(RejectedInput { id, code, what });
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
            has_delivered: false,
            is_unacknowledged: false,
        }
    }

    /// Returns a name that is new to the platform, for example `probe-0a1b2c3d-1`.
    pub(super) fn name(&mut self) -> String {
        self.names += 1;
        format!("probe-{}-{}", self.tag, self.names)
    }

    /// Records an answer that is no longer awaited.
    pub(super) fn overdue(&mut self, owed: PendingAnswer) {
        self.overdue.push(owed);
    }

    /// Returns whether an unsolicited message may be a late answer to a request from an earlier
    /// scenario. If so, removes the answer from the overdue answers.
    pub(super) fn is_late(&mut self, message: &Message<'_>) -> bool {
        PendingAnswer::settle(&mut self.overdue, message)
    }

    /// Returns whether a finding is advice about how messages are written.
    pub(super) fn is_writing(&self, code: &str) -> bool {
        self.writing.contains(code)
    }

    /// Records advice about how a message is written. The label describes the message.
    pub(super) fn advise(&mut self, label: String, finding: Finding) {
        let scenario = self.scenario.clone();
        let advice = self.advice.entry(finding.code.clone());
        advice.or_insert(WritingAdvice { scenario, label, finding, count: 0 }).count += 1;
    }

    /// Returns the first piece of advice with this code; `None` if there was no such advice.
    pub(super) fn advised(&self, code: &str) -> Option<&WritingAdvice> {
        self.advice.get(code)
    }
}

/// A piece of advice about how messages are written.
pub(super) struct WritingAdvice {
    pub(super) scenario: String,
    pub(super) label: String,
    pub(super) finding: Finding,
    /// The number of messages that the advice concerns.
    pub(super) count: usize,
}

/// Returns whether advice with this code concerns only downloads. In the answer to a create, the
/// platform must repeat the values that the device has chosen.
pub(super) fn is_of_downloads(code: &str) -> bool {
    matches!(code, "zero-size" | "long-name" | "unsafe-name")
}

/// Returns a malformed topic from the fixtures, changed to resemble the topics of this device, or
/// unchanged if the change would make it valid. A platform that is lenient about topics then
/// answers on a topic to which the device subscribes.
fn resembling(topic: &str, (product_id, device_name): Device) -> String {
    const PRODUCT: &str = "PEERTEST01";
    const DEVICE: &str = "cdev001";
    let (product, device) = (product_id.to_string(), device_name.to_string());
    let escaped = |name: &str| format!("%{:02x}{}", name.as_bytes()[0], &name[1..]);
    let own = topic
        .replace(PRODUCT, &product)
        .replace(DEVICE, &device)
        .replace(&escaped(DEVICE), &escaped(&device));
    // Some faults need names of a certain length.
    if Topic::parse(&own).is_err() { own } else { topic.to_owned() }
}

/// Returns whether brokers usually permit clients to publish on this topic.
fn can_be_published_to(topic: &str) -> bool {
    const LONGEST: usize = 1000;
    !topic.is_empty()
        && topic.len() <= LONGEST
        && !topic.contains(['+', '#'])
        && !topic.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use iothub_resource::{DeviceName, ProductId};

    use super::*;

    fn device() -> Device {
        (ProductId::new("EXAMPLE").unwrap(), DeviceName::new("a:device").unwrap())
    }

    #[test]
    fn malformed_topics_resemble_those_of_the_device() {
        let of_device = |topic| resembling(topic, device());
        for (of_fixture, own) in [
            ("/$resource/up/service/PEERTEST01/cdev001", "/$resource/up/service/EXAMPLE/a:device"),
            (
                "$resource/up/service/PEERTEST01/%63dev001",
                "$resource/up/service/EXAMPLE/%61:device",
            ),
            ("$resource/up/service/a{/cdev001", "$resource/up/service/a{/a:device"),
        ] {
            assert_eq!(of_device(of_fixture), own);
        }
        // The result would be a resource topic of the device.
        assert_eq!(
            of_device("$resource/up/service/PEERTEST01x/d"),
            "$resource/up/service/PEERTEST01x/d"
        );
    }

    #[test]
    fn a_late_answer_is_told_from_one_to_nothing() {
        let mut across = AcrossScenarios::new(
            &Fixtures::embedded(),
            Profile::Deployed,
            device(),
            [].into_iter(),
        );
        let response = Message::ReportUploadProgressRsp(iothub_resource::ProgressResponse::OK);
        assert!(!across.is_late(&response));
        across.overdue(PendingAnswer(MessageType::ReportUploadProgressRsp, None));
        assert!(across.is_late(&response));
        assert!(!across.is_late(&response));
    }
}

//! Tracks the requirements that a capture exercises. A capture exercises a requirement if a peer
//! could have violated the requirement in this capture.

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash, Hasher},
};

use iothub_conformance_suite::{Level, Requirement, result::Finding};
use iothub_resource::{Direction, Message, Profile, ProgressReport, Topic, session::End};

use super::capture::{Fidelity, Record};

/// The maximum number of remembered names. A report or task with a remembered name is not the first
/// with this name.
const NAMES: usize = 65_536;

/// A set of requirements, with one bit for each requirement in the order of [`SECTIONS`].
#[derive(Clone, Copy, Debug, Default)]
struct Set(u64);

/// The sections whose requirements a capture can exercise, each with the number of its
/// requirements.
const SECTIONS: [(&str, u32); 7] =
    [("TOP", 6), ("ENC", 9), ("MSG", 9), ("VAL", 8), ("HTTP", 6), ("SES", 12), ("ADV", 6)];

impl Set {
    /// Returns the set with the one requirement that has this id, for example `SES-7`. The set is
    /// empty for an unknown id.
    fn of(id: &str) -> Self {
        let Some((section, number)) = id.split_once('-') else { return Self::default() };
        let number: u32 = number.parse().unwrap_or_default();
        let mut first = 0;
        for (name, count) in SECTIONS {
            if name == section && (1..=count).contains(&number) {
                return Self(1 << (first + number - 1));
            }
            first += count;
        }
        Self::default()
    }

    const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn is_empty(self) -> bool {
        self.0 == 0
    }

    const fn has(self, other: Self) -> bool {
        other.0 != 0 && self.0 & other.0 == other.0
    }
}

/// The groups of requirements that are exercised together.
#[derive(Debug)]
struct Groups {
    payload: Set,
    answer: Set,
    resource: Set,
    task: Set,
    report: Set,
    response: Set,
}

impl Groups {
    fn new() -> Self {
        let set = |ids: &str| ids.split(' ').map(Set::of).fold(Set::default(), Set::with);
        Self {
            payload: set("TOP-3 TOP-4 TOP-5 TOP-6 ENC-1 ENC-2 ENC-3 ENC-4 ENC-5 ENC-6 ENC-7"),
            answer: set("ADV-1 ADV-2 ADV-3"),
            resource: set("VAL-1 VAL-2 VAL-3 ENC-9"),
            task: set("VAL-1 VAL-2 VAL-3 VAL-4 ENC-9 ADV-4 ADV-5"),
            report: set("VAL-2 VAL-6 VAL-7 VAL-8 ENC-9 SES-9"),
            response: set("VAL-7 VAL-8 ENC-9 SES-6 ADV-6"),
        }
    }
}

/// The requirements that a capture has exercised so far.
#[derive(Debug)]
pub(super) struct Coverage {
    profile: Profile,
    groups: Groups,
    seen: Set,
    /// The hashes of the kind, device and name of the messages so far. At most [`NAMES`] hashes are
    /// kept.
    names: HashSet<u64>,
}

impl Coverage {
    pub(super) fn new(profile: Profile) -> Self {
        let groups = Groups::new();
        Self { profile, groups, seen: Set::default(), names: HashSet::new() }
    }

    /// Records a payload, its findings and, if the payload is valid, its message.
    pub(super) fn payload(
        &mut self,
        record: &Record<'_>,
        message: Option<&Message<'_>>,
        findings: &[Finding],
    ) {
        self.put(self.groups.payload);
        self.see(match record.topic.direction {
            Direction::Up => "TOP-1",
            Direction::Down => "TOP-2",
        });
        if record.fidelity == Fidelity::Bytes && record.payload.contains(&b'\\') {
            self.see("ENC-8");
        }
        if record.dup {
            self.see("SES-11");
        }
        for finding in findings {
            self.see(&finding.requirement);
            if finding.level == Level::Must {
                self.see("SES-12");
            }
        }
        if let Some(message) = message {
            self.message(record.topic, message);
        }
    }

    /// Records that a requirement was exercised.
    pub(super) fn see(&mut self, requirement: &str) {
        self.put(Set::of(requirement));
    }

    /// Returns the ids of the exercised requirements, and the ids of the other requirements. Both
    /// lists omit requirements that the profile does not have or that a capture cannot exercise.
    pub(super) fn split<'r>(
        &self,
        requirements: &'r [Requirement],
    ) -> (Vec<&'r str>, Vec<&'r str>) {
        let profile = self.profile.as_str();
        requirements
            .iter()
            .filter(|requirement| requirement.profiles.iter().any(|own| own == profile))
            .map(|requirement| &*requirement.id)
            .filter(|id| !Set::of(id).is_empty())
            .partition(|id| self.seen.has(Set::of(id)))
    }

    fn put(&mut self, set: Set) {
        self.seen = self.seen.with(set);
    }

    fn message(&mut self, topic: Topic, message: &Message<'_>) {
        self.see(message.message_type().requirement());
        if topic.direction == Direction::Down {
            self.put(self.groups.answer);
        }
        match message {
            Message::CreateUploadTask(resource) => {
                self.put(self.groups.resource);
                self.see("SES-9");
                self.see_again("SES-10", "create", topic, resource.name.as_str());
            }
            Message::CreateUploadTaskRsp(_) => {
                self.put(self.groups.task);
                self.see("SES-1");
                self.see("SES-2");
            }
            Message::GetDownloadTaskRsp(task) | Message::Download(task) => {
                self.put(self.groups.task);
                if matches!(message, Message::GetDownloadTaskRsp(_)) {
                    self.see("SES-4");
                }
                self.see_again("SES-10", "delivery", topic, task.name.as_str());
            }
            Message::ReportUploadProgress(report) => {
                self.see("SES-3");
                self.report(topic, "upload", report);
            }
            Message::ReportDownloadProgress(report) => {
                self.see("SES-5");
                self.report(topic, "download", report);
            }
            Message::ReportUploadProgressRsp(_) | Message::ReportDownloadProgressRsp(_) => {
                self.put(self.groups.response);
            }
            _ => {}
        }
    }

    fn report(&mut self, topic: Topic, kind: &str, report: &ProgressReport<'_>) {
        self.put(self.groups.report);
        if report.progress.state.percent().is_some() {
            self.see("VAL-5");
            self.see_again("SES-8", kind, topic, report.name.as_str());
        }
        if End::of(self.profile, report).is_some() {
            self.see("SES-7");
        }
    }

    /// If an earlier message of this kind and device had the same name, records that the
    /// requirement was exercised. Remembers the name.
    fn see_again(&mut self, requirement: &str, kind: &str, topic: Topic, name: &str) {
        let mut hasher = DefaultHasher::new();
        (kind, topic.product_id, topic.device_name, name).hash(&mut hasher);
        if self.names.len() >= NAMES {
            self.names.clear();
        }
        if !self.names.insert(hasher.finish()) {
            self.see(requirement);
        }
    }
}

#[cfg(test)]
mod tests {
    use iothub_conformance_suite::Fixtures;

    use super::*;

    #[test]
    fn every_requirement_has_a_place() {
        let mut all = Set::default();
        let mut requirements = Fixtures::embedded_requirements();
        // A capture does not show which certificates a device accepts.
        requirements.retain(|requirement| requirement.section != "TLS");
        for requirement in &requirements {
            let own = Set::of(&requirement.id);
            assert_eq!((own.0.count_ones(), all.has(own)), (1, false), "{}", requirement.id);
            all = all.with(own);
        }
        assert_eq!(all.0.count_ones() as usize, requirements.len());
        for id in ["", "SES", "SES-0", "SES-13", "LIVE-1", "ENC-x"] {
            assert_eq!(Set::of(id).0, 0, "{id}");
        }
    }
}

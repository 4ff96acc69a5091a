//! Judges messages and creates findings for their faults.

use iothub_conformance_suite::{
    Level, Requirement, redact,
    result::{Finding, FindingCounts, Marked, NO_REQUIREMENT, Side},
};
use iothub_resource::{
    Advice, DecodeError, Direction, Message, Profile, Topic,
    session::{FindingKind, TraceAdviceKind},
};

use super::{
    capture::{Fidelity, OtherTopic, Record, Unreadable, packets::Malformed},
    coverage::Coverage,
    dedup::Heard,
    deployed,
    devices::{Device, Devices},
    finding::{MQTT, UNREADABLE},
    http::{HttpEvent, JudgedTransfer, TransferRecord, Transfers},
    issue::{self, Verdict},
    wording,
};

/// The options for judging a capture.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Options {
    /// The profile, which determines the permitted messages.
    pub profile: Profile,
    /// Whether the capture may begin in the middle or have gaps. If so, a fault that an unseen
    /// message could explain is a warning.
    pub partial: bool,
}

impl Options {
    /// Creates options for a complete capture with the messages of `profile`.
    #[must_use]
    pub const fn new(profile: Profile) -> Self {
        Self { profile, partial: false }
    }
}

impl Default for Options {
    /// Returns options for a complete capture with the messages of the `deployed` profile.
    fn default() -> Self {
        Self::new(Profile::Deployed)
    }
}

/// The numbers of messages and findings in a capture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tally {
    /// The number of messages on resource topics.
    pub messages: usize,
    /// The number of messages on topics that are not resource topics. These messages are not
    /// judged.
    pub others: usize,
    /// The number of lines that could not be read, or of unreadable places in a capture of packets.
    pub unreadable: usize,
    /// The number of unreadable lines that have no known format.
    pub in_no_format: usize,
    /// The numbers of findings for each responsible side. Violations of a MUST rule and unreadable
    /// lines are errors. Violations of a SHOULD rule are warnings.
    pub findings: FindingCounts,
    /// The number of messages of which only the JSON value was recorded ([`Fidelity::Value`]).
    pub values: usize,
    /// The number of messages whose record is shorter than the message ([`Fidelity::Shortened`]).
    pub shortened: usize,
    /// The number of copies of messages that were already seen on a different connection, in a
    /// capture of packets.
    pub copies: usize,
    /// The first topic that resembles a resource topic: its line, the topic, and the reason why it
    /// is not a resource topic.
    pub nearly: Option<(usize, String, String)>,
    /// Whether devices, tasks or URLs were forgotten because there were too many. A fault that this
    /// loss may explain is a warning.
    pub forgot: bool,
    /// The hosts of issued URLs that received TLS connections, in alphabetical order. Transfers to
    /// these hosts cannot be judged.
    pub tls_hosts: Vec<String>,
}

/// The decoded message and its faults, as [`Judge::message`] returns them.
#[derive(Debug)]
#[non_exhaustive]
pub struct Judged<'a> {
    /// The decoded message, or `None` if the payload is invalid.
    pub message: Option<Message<'a>>,
    /// The faults in the message, in no particular order.
    pub findings: Vec<Finding>,
}

/// A judge that checks each message in a capture, alone and together with the other messages of the
/// same device.
///
/// After a finding, the judge continues with the meaning that the sender probably intended, so that
/// one fault leads to one finding (SES-12).
#[derive(Debug)]
pub struct Judge {
    options: Options,
    devices: Devices,
    transfers: Transfers,
    tally: Tally,
    coverage: Coverage,
}

impl Judge {
    /// Creates a judge for a new capture.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self {
            options,
            devices: Devices::new(options.profile),
            transfers: Transfers::new(options.partial),
            tally: Tally::default(),
            coverage: Coverage::new(options.profile),
        }
    }

    /// Judges the next message on a resource topic. Returns the decoded message and its faults.
    pub fn message<'r>(&mut self, line: usize, record: &'r Record<'_>) -> Judged<'r> {
        self.tally.messages += 1;
        match record.fidelity {
            Fidelity::Bytes => {}
            Fidelity::Value => self.tally.values += 1,
            Fidelity::Shortened => self.tally.shortened += 1,
        }
        let mut found = Found { line, record, findings: Vec::new() };
        let Self { options, devices, transfers, .. } = self;
        let message =
            devices.with(record.topic, |device| judge(*options, device, transfers, &mut found));
        let findings = self.counted(found.findings);
        self.coverage.payload(record, message.as_ref(), &findings);
        Judged { message, findings }
    }

    /// Judges a message in a capture of packets. Returns the decoded message and its faults, or
    /// `None` if the message is a copy of an earlier message. A broker receives a message on one
    /// connection and delivers copies on other connections. `is_open` returns whether a connection
    /// has not ended.
    pub fn packet<'r>(
        &mut self,
        number: usize,
        record: &'r Record<'_>,
        heard: Heard,
        is_open: impl Fn(u64) -> bool,
    ) -> Option<Judged<'r>> {
        let direction = record.topic.direction;
        let is_new =
            self.devices.with(record.topic, |device| device.home.takes(direction, heard, is_open));
        if is_new {
            return Some(self.message(number, record));
        }
        self.tally.copies += 1;
        None
    }

    /// Judges a transfer that a gateway logged. Returns the faults and the events of the transfer.
    pub fn transfer(&mut self, line: usize, record: &TransferRecord) -> JudgedTransfer {
        let judged = self.transfers.record(line, record);
        self.seen(judged)
    }

    /// Judges the next step of an HTTP exchange in a capture of packets. Returns the faults and the
    /// events of the step.
    pub fn http(&mut self, number: usize, event: HttpEvent) -> JudgedTransfer {
        let judged = self.transfers.event(number, event);
        let is_unreadable = |finding: &&Finding| finding.code == UNREADABLE;
        self.tally.unreadable += judged.findings.iter().filter(is_unreadable).count();
        self.seen(judged)
    }

    fn seen(&mut self, judged: JudgedTransfer) -> JudgedTransfer {
        judged.exercised.iter().for_each(|requirement| self.coverage.see(requirement));
        JudgedTransfer { findings: self.counted(judged.findings), ..judged }
    }

    /// Records a TLS connection to a host, or to an address if the client names no host.
    pub fn tls(&mut self, host: &str) {
        self.transfers.tls(host);
    }

    /// Creates and counts a finding for data that a capture of packets lacks. In a partial capture,
    /// the finding is a warning.
    pub fn missing(&mut self, number: usize, why: &Unreadable) -> Finding {
        self.tally.unreadable += 1;
        self.transfers.has_unreadable();
        let level = if self.options.partial { Level::Should } else { Level::Must };
        let finding = Finding::new(number, UNREADABLE, level, NO_REQUIREMENT, why.to_string());
        self.tally.findings.add(&finding);
        finding
    }

    /// Creates and counts a finding for a packet that violates MQTT.
    pub fn malformed(&mut self, number: usize, why: Malformed, by_device: Option<bool>) -> Finding {
        let (sender, side) = match by_device {
            Some(true) => ("the device", Side::Device),
            Some(false) => ("the platform", Side::Platform),
            None => ("the sender", Side::Recording),
        };
        let sentence = format!("{sender} violates MQTT: {why} (the packet is not judged)");
        let finding =
            Finding::new(number, MQTT, Level::Must, NO_REQUIREMENT, sentence).against(side);
        self.tally.findings.add(&finding);
        finding
    }

    /// Counts a copy of a message that was already seen before address translation.
    pub const fn copy(&mut self) {
        self.tally.copies += 1;
    }

    /// Counts a message on a topic that is not a resource topic. Remembers the first topic that
    /// resembles a resource topic.
    pub fn other(&mut self, line: usize, other: &OtherTopic<'_>) {
        const LONGEST: usize = 100;
        self.tally.others += 1;
        if self.tally.nearly.is_none()
            && let Some(error) = other.nearly
        {
            let topic = other.topic.chars().take(LONGEST).collect();
            self.tally.nearly = Some((line, topic, error.to_string()));
        }
    }

    /// Creates and counts a finding for a line of text that cannot be read. Returns `None` for a
    /// line without a known format, except for the first such line. The other lines are only
    /// counted, because they probably have the same format.
    pub fn unreadable_line(
        &mut self,
        line: usize,
        bytes: &[u8],
        why: &Unreadable,
    ) -> Option<Finding> {
        if matches!(why, Unreadable::NoMessage | Unreadable::Missing("topic")) {
            self.tally.in_no_format += 1;
            if self.tally.in_no_format > 1 {
                self.tally.unreadable += 1;
                return None;
            }
        }
        Some(self.unreadable(line, bytes, why))
    }

    /// Creates and counts a finding for a line that cannot be read. `bytes` is the content of the
    /// line, or empty if the content is unknown.
    pub fn unreadable(&mut self, line: usize, bytes: &[u8], why: &Unreadable) -> Finding {
        const HTTP: &[u8] = b"\"http\"";
        // The headers of a transfer may contain secrets.
        let has_headers = bytes.windows(HTTP.len()).any(|window| window == HTTP);
        let is_object = bytes.trim_ascii_start().starts_with(b"{") && !has_headers;
        self.tally.unreadable += 1;
        self.transfers.has_unreadable();
        let finding = Finding::new(line, UNREADABLE, Level::Must, NO_REQUIREMENT, why.to_string());
        self.tally.findings.add(&finding);
        if is_object {
            finding.showing(Marked::range(&redact::excerpt(bytes), None))
        } else {
            finding
        }
    }

    /// Returns and counts the findings about unanswered messages (SES-9) and unfinished transfers
    /// at the end of the capture, in the order of the lines.
    pub fn end(&mut self) -> Vec<Finding> {
        let kind = TraceAdviceKind::Unanswered;
        let mut findings = Vec::new();
        for ((product_id, device_name), device) in self.devices.iter() {
            let topic = Topic::new(Direction::Up, *product_id, *device_name).to_string();
            findings.extend(device.observer.unanswered().into_iter().map(|advice| {
                let (code, requirement) = (kind.as_str(), kind.requirement());
                let sentence = wording::advised(kind);
                Finding::new(advice.at, code, Level::Should, requirement, sentence)
                    .against(Side::Platform)
                    .on(topic.clone())
            }));
        }
        findings.extend(self.transfers.end());
        findings.sort_by_key(|finding| finding.line);
        self.counted(findings)
    }

    /// Returns the ids of the requirements that the capture has exercised so far, and the ids of
    /// the other requirements. Both lists omit requirements that the profile does not have.
    #[must_use]
    pub fn exercised<'r>(&self, requirements: &'r [Requirement]) -> (Vec<&'r str>, Vec<&'r str>) {
        self.coverage.split(requirements)
    }

    /// Returns the numbers of messages and findings so far.
    #[must_use]
    pub fn tally(&self) -> Tally {
        Tally {
            forgot: self.devices.has_forgotten() || self.transfers.has_forgotten(),
            tls_hosts: self.transfers.tls_hosts(),
            ..self.tally.clone()
        }
    }

    fn counted(&mut self, findings: Vec<Finding>) -> Vec<Finding> {
        for finding in &findings {
            self.tally.findings.add(finding);
        }
        findings
    }
}

fn judge<'r>(
    options: Options,
    device: &mut Device,
    transfers: &mut Transfers,
    found: &mut Found<'r>,
) -> Option<Message<'r>> {
    let Found { line, record, .. } = *found;
    let direction = record.topic.direction;
    let decoded =
        Message::decode_with_advice(options.profile, direction, &record.payload, |advice| {
            found.message_advice(&advice);
        });
    let message = match decoded {
        Ok(message) => message,
        Err(error) => {
            device.observer.observe_undecodable(direction, &record.payload);
            issue::take_undecodable(transfers, record);
            found.undecodable(options, &error);
            return None;
        }
    };
    if options.profile == Profile::Deployed && direction == Direction::Down {
        for advice in deployed::advise(&record.payload, record.fidelity, &message) {
            let sentence = advice.to_string();
            found.push(Level::Should, advice.code(), advice.requirement(), sentence, None);
        }
    }
    let verdict = match device.observer.observe(line, record.dup, &message) {
        Ok(None) => Verdict::Right,
        Ok(Some(advice)) => {
            let (code, requirement) = (advice.kind.as_str(), advice.kind.requirement());
            found.push(Level::Should, code, requirement, wording::advised(advice.kind), None);
            Verdict::Advised(advice.kind)
        }
        Err(finding) => {
            found.misplaced(options, device, finding.kind, &message);
            Verdict::AtFault(finding.kind)
        }
    };
    let of_transfer = issue::take(transfers, options.profile, line, record, &message, verdict);
    found.findings.extend(of_transfer);
    Some(message)
}

/// The findings about one message, while they are collected.
struct Found<'a> {
    line: usize,
    record: &'a Record<'a>,
    findings: Vec<Finding>,
}

impl Found<'_> {
    fn push(
        &mut self,
        level: Level,
        code: &'static str,
        requirement: &'static str,
        sentence: String,
        offset: Option<usize>,
    ) {
        let (message, mark) = redact::excerpt_with_mark(&self.record.payload, offset);
        let finding = Finding::new(self.line, code, level, requirement, sentence)
            .against(Side::sender(self.record.topic.direction))
            .on(self.record.topic.to_string())
            .showing(Marked::range(&message, mark));
        self.findings.push(finding);
    }

    fn undecodable(&mut self, options: Options, error: &DecodeError) {
        let (profile, direction) = (options.profile, self.record.topic.direction);
        let sentence = wording::zeros(profile, direction, &self.record.payload)
            .unwrap_or_else(|| wording::undecodable(profile, direction, error));
        let offset = error.position().offset;
        let requirement = error.kind().requirement();
        self.push(Level::Must, error.code().as_str(), requirement, sentence, Some(offset));
    }

    fn message_advice(&mut self, advice: &Advice) {
        let sentence = format!("{advice} of the payload");
        let (code, requirement) = (advice.kind.as_str(), advice.kind.requirement());
        self.push(Level::Should, code, requirement, sentence, Some(advice.position.offset));
    }

    /// Adds a finding about a message at the wrong moment. The finding is a warning if the message
    /// that would explain it may be missing from the capture or may have been forgotten.
    fn misplaced(
        &mut self,
        options: Options,
        device: &Device,
        kind: FindingKind,
        message: &Message<'_>,
    ) {
        let mut sentence = wording::misplaced(kind, message);
        let level = if options.partial {
            sentence += "; a message that was not recorded may explain this finding";
            Level::Should
        } else if device.has_forgotten() {
            sentence += "; there were so many devices or tasks that some were forgotten, which may \
                         explain this finding";
            Level::Should
        } else {
            Level::Must
        };
        self.push(level, kind.as_str(), kind.requirement(message.message_type()), sentence, None);
    }
}

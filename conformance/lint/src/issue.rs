//! Records the effects of a message on transfers. A message may issue a URL or end a task.

use iothub_conformance_suite::{
    redact,
    result::{Finding, Marked},
};
use iothub_resource::{
    Direction, Message, MessageType, Profile, ProgressReport, ResourceUrl, Transfer,
    session::{End, FindingKind, TraceAdviceKind},
};

use super::{
    capture::Record,
    http::{Transfers, string_of},
};

/// The observer's judgement of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Right,
    Advised(TraceAdviceKind),
    AtFault(FindingKind),
}

/// Records the effects of a message on transfers. If the message is a report, returns the faults in
/// transfers that the report reveals.
pub(super) fn take(
    transfers: &mut Transfers,
    profile: Profile,
    line: usize,
    record: &Record<'_>,
    message: &Message<'_>,
    verdict: Verdict,
) -> Vec<Finding> {
    let (transfer, task) = match message {
        Message::CreateUploadTaskRsp(task) => (Transfer::Upload, task),
        Message::GetDownloadTaskRsp(task) | Message::Download(task) => (Transfer::Download, task),
        Message::ReportUploadProgress(report) => {
            return end(transfers, profile, line, record, Transfer::Upload, report, verdict);
        }
        Message::ReportDownloadProgress(report) => {
            return end(transfers, profile, line, record, Transfer::Download, report, verdict);
        }
        _ => return Vec::new(),
    };
    let device = (record.topic.product_id, record.topic.device_name);
    let is_trusted = verdict != Verdict::AtFault(FindingKind::EchoMismatch);
    let is_again = record.dup || verdict == Verdict::Advised(TraceAdviceKind::Repeated);
    transfers.issued(device, Some(transfer), task, is_trusted, is_again);
    Vec::new()
}

fn end(
    transfers: &mut Transfers,
    profile: Profile,
    line: usize,
    record: &Record<'_>,
    transfer: Transfer,
    report: &ProgressReport<'_>,
    verdict: Verdict,
) -> Vec<Finding> {
    let counts =
        matches!(verdict, Verdict::Right | Verdict::Advised(TraceAdviceKind::PercentDecreased));
    let Some(end) = End::of(profile, report).filter(|_| counts) else { return Vec::new() };
    let device = (record.topic.product_id, record.topic.device_name);
    let shown = Marked::range(&redact::excerpt(&record.payload), None);
    transfers.reported(line, device, transfer, report.name.as_str(), end, shown)
}

/// Records the URL in a payload that cannot be decoded. A device may still use this URL.
pub(super) fn take_undecodable(transfers: &mut Transfers, record: &Record<'_>) {
    if record.topic.direction != Direction::Down {
        return;
    }
    let Some(url) = string_of(&record.payload, "url") else { return };
    let Ok(url) = ResourceUrl::new(url) else { return };
    let word = string_of(&record.payload, "type");
    let is_word = |kind: &&MessageType| word.as_deref() == Some(kind.as_str());
    let transfer = match MessageType::ALL.iter().find(is_word) {
        Some(MessageType::CreateUploadTaskRsp) => Some(Transfer::Upload),
        Some(MessageType::GetDownloadTaskRsp | MessageType::Download) => Some(Transfer::Download),
        _ => None,
    };
    let name = string_of(&record.payload, "name");
    let device = (record.topic.product_id, record.topic.device_name);
    transfers.issued_in_malformed(device, transfer, name.as_deref(), &url);
}

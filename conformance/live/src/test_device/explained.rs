//! The consequences of a fault that was already found, which are not separate findings (SES-12).

use iothub_conformance_lint::http::string_of;
use iothub_resource::{Message, MessageType};

/// The consequences of the faults in one start of the device. They do not lead to further findings.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Explained {
    /// Whether a payload that was not read may have been the missing request.
    pub(super) request: bool,
    /// Whether a faulty report, or a payload that was not read, may have been the missing final
    /// report.
    pub(super) end: bool,
    /// Whether the transfer may have failed because of a faulty request from the device.
    pub(super) failure: bool,
    /// Whether the device is silent because its connection had to be refused or closed.
    pub(super) silence: bool,
    /// Whether the device has used a wrong URL, so that its later reports are not judged.
    pub(super) reports: bool,
    /// Whether a request had DUP and was the same as an earlier request. Such a request counts as a
    /// repetition and is not answered (SES-11).
    pub(super) repetition: bool,
    /// Whether a finding already reports that the device uses RETAIN.
    pub(super) retain: bool,
}

impl Explained {
    /// Records that a payload was not read, so that a request or a final report may seem to be
    /// missing. If the type is not readable, the payload may have been any message.
    pub(super) fn by_lost(&mut self, payload: &[u8]) {
        let message_type = type_of(payload);
        let is_request = matches!(
            message_type,
            Some(MessageType::CreateUploadTask | MessageType::GetDownloadTask)
        );
        self.request |= !message_type.is_some_and(is_report);
        self.end |= !is_request;
    }

    /// Returns whether the faults of a payload follow from an earlier fault. After the use of a
    /// wrong URL, reports may repeat values of the message with that URL, including values that
    /// cannot be read.
    pub(super) fn excuses(&self, payload: &[u8], message: Option<&Message<'_>>) -> bool {
        let message_type = message.map(Message::message_type).or_else(|| type_of(payload));
        self.reports && message_type.is_some_and(is_report)
    }
}

fn type_of(payload: &[u8]) -> Option<MessageType> {
    string_of(payload, "type").and_then(|text| text.parse().ok())
}

const fn is_report(message_type: MessageType) -> bool {
    matches!(message_type, MessageType::ReportUploadProgress | MessageType::ReportDownloadProgress)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_says_what_a_payload_was_meant_for() {
        for (payload, expected) in [
            (r#"{"type":"create_upload_task",}"#, (true, false)),
            (r#"{"type":"get_download_task",}"#, (true, false)),
            (r#"{"type":"report_upload_progress",}"#, (false, true)),
            (r#"{"tipe":"report_upload_progress"}"#, (true, true)),
        ] {
            let mut explained = Explained::default();
            explained.by_lost(payload.as_bytes());
            assert_eq!((explained.request, explained.end), expected, "{payload}");
        }
    }
}

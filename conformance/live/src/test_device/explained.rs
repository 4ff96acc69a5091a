//! What follows from a fault that was found already, and is therefore no finding of its own (SES-12).

use iothub_conformance_lint::http::string_of;
use iothub_resource::MessageType;

/// What the faults of one start of the device explain.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Explained {
    /// No request was read: one was at fault.
    pub(super) request: bool,
    /// No final report was read: a report at fault may have been it.
    pub(super) end: bool,
    /// The transfer failed: the store has refused a request because of a fault of the device.
    pub(super) failure: bool,
    /// The device is silent: its connection had to be closed.
    pub(super) silence: bool,
}

impl Explained {
    /// Records a payload that was not read. If its type is not readable, it may have been any.
    pub(super) fn by_lost(&mut self, payload: &[u8]) {
        let message_type = string_of(payload, "type").and_then(|text| text.parse().ok());
        let is_request = matches!(
            message_type,
            Some(MessageType::CreateUploadTask | MessageType::GetDownloadTask)
        );
        let is_report = matches!(
            message_type,
            Some(MessageType::ReportUploadProgress | MessageType::ReportDownloadProgress)
        );
        self.request |= !is_report;
        self.end |= !is_request;
    }
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

//! The meaning of a device's messages for a transfer.

use iothub_resource::{Message, Profile, Transfer, session::End};

/// Returns the kind of transfer on which a message reports; `None` if the message is not a report.
pub(super) const fn reported(message: &Message<'_>) -> Option<Transfer> {
    match message {
        Message::ReportUploadProgress(_) => Some(Transfer::Upload),
        Message::ReportDownloadProgress(_) => Some(Transfer::Download),
        _ => None,
    }
}

/// Returns the end of a transfer according to a final report; `None` for any other message.
pub(super) fn end_in(profile: Profile, message: &Message<'_>) -> Option<End> {
    match message {
        Message::ReportUploadProgress(report) | Message::ReportDownloadProgress(report) => {
            End::of(profile, report)
        }
        _ => None,
    }
}

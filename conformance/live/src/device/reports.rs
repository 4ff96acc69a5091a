//! The meaning of a device's messages for a transfer.

use iothub_resource::{Message, Profile, Transfer, session::End};

/// Returns the kind of transfer that a message reports on.
pub(super) const fn reported(message: &Message<'_>) -> Option<Transfer> {
    match message {
        Message::ReportUploadProgress(_) => Some(Transfer::Upload),
        Message::ReportDownloadProgress(_) => Some(Transfer::Download),
        _ => None,
    }
}

/// Returns the end of a transfer in a message, if it is a final report.
pub(super) fn end_in(profile: Profile, message: &Message<'_>) -> Option<End> {
    match message {
        Message::ReportUploadProgress(report) | Message::ReportDownloadProgress(report) => {
            End::of(profile, report)
        }
        _ => None,
    }
}

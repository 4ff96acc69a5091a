//! The messages with which the platform answers a device.

use iothub_resource::{Message, MessageType, ProgressResponse, ResourceTask, Transfer};

/// Returns the message with `task` that answers a create (upload) or a query (download).
pub(super) fn answer_of(task: &ResourceTask<'static>, transfer: Transfer) -> Message<'static> {
    match transfer {
        Transfer::Upload => Message::CreateUploadTaskRsp(task.clone()),
        Transfer::Download => Message::GetDownloadTaskRsp(task.clone()),
    }
}

/// Returns the type of the message that answers a create (upload) or a query (download).
pub(super) const fn answer_type(transfer: Transfer) -> MessageType {
    match transfer {
        Transfer::Upload => MessageType::CreateUploadTaskRsp,
        Transfer::Download => MessageType::GetDownloadTaskRsp,
    }
}

pub(super) fn report_answer(
    transfer: Transfer,
    response: ProgressResponse<'static>,
) -> Message<'static> {
    match transfer {
        Transfer::Upload => Message::ReportUploadProgressRsp(response),
        Transfer::Download => Message::ReportDownloadProgressRsp(response),
    }
}

pub(super) const fn other_than(transfer: Transfer) -> Transfer {
    match transfer {
        Transfer::Upload => Transfer::Download,
        Transfer::Download => Transfer::Upload,
    }
}

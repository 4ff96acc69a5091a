//! The effect of a message on a task.

use crate::ResultCode;

/// The effect of a message on a task, as `handle_message` returns it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Handled {
    /// The task accepts the URL or the delivery that it waited for. A running download also accepts
    /// a new URL for its next `GET`. If a delivery has a different resource with the same name, the
    /// download begins again with that resource (SES-10).
    Taken,
    /// The message answers the oldest unanswered report of the task (SES-6). With a code other than
    /// 0, the platform rejects that report. A rejection does not end the transfer.
    Answered(ResultCode),
    /// The message delivers nothing new: a further URL for an upload that already has one, or the
    /// same download with the same URL. The message has no effect on the transfer.
    Repeated,
    /// The message delivers a different download, or the same resource with a different URL after
    /// its transfer has ended. Begin the download with [`Download::of`](super::Download::of). If
    /// several downloads with one name wait to begin, begin only the newest (SES-10).
    NewTask,
    /// The message belongs to a different task or to the other kind of transfer. The message has
    /// changed nothing.
    NotMine,
}

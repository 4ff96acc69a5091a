//! The effect of a message on a task.

use crate::ResultCode;

/// The effect of a message on a task, as `handle_message` returns it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Handled {
    /// The task accepts the message that it waited for: a URL or a task. A running download also
    /// accepts a new URL, from which it gets the missing bytes, or a different resource with the
    /// same name, with which it begins again (SES-10).
    Taken,
    /// The message answers the oldest unanswered report of the task (SES-6). With a code other than
    /// 0, the platform rejects that report. The transfer continues.
    Answered(ResultCode),
    /// The message delivers nothing new: a further URL for an upload that has one, or the same
    /// download again. No visible state has changed.
    Repeated,
    /// The message delivers a different download, or the download of this task again after its
    /// transfer. Begin the download with [`Download::of`](super::Download::of). If several
    /// downloads with one name wait to begin, begin only the newest (SES-10).
    NewTask,
    /// The message belongs to a different task or to the other kind of transfer. The message has
    /// changed nothing.
    NotMine,
}

//! What became of a message.

use crate::ResultCode;

/// What a message was to a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Handled {
    /// What it waited for: a URL, a task; or, to a download that runs, a new URL, from which it
    /// gets what is missing, or another resource of the same name, with which it begins anew
    /// (SES-10).
    Taken,
    /// The answer to its oldest unanswered report (SES-6). A code other than 0 is the platform's
    /// refusal of that report; the transfer goes on all the same.
    Answered(ResultCode),
    /// Something it knew already: a URL for the upload that has one, or the same task once more.
    /// It has changed nothing that shows.
    Repeated,
    /// A delivery of another download, or a new one of this after its transfer, to be begun with
    /// [`Download::of`](super::Download::of). Of several that were not begun yet, the newest of
    /// each name is begun, once: an older one is replaced by it (SES-10).
    NewTask,
    /// About another task, or the other kind of transfer. It has changed nothing.
    NotMine,
}

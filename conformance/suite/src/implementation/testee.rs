//! Something that is asked many requests, and may fail at any of them.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use super::{Implementation, Reply, Request};
use crate::{
    About,
    excerpt::{LONGEST_SENTENCE, shortened},
};

/// What a request led to.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::exhaustive_enums, reason = "there was an answer, or not")]
pub enum Observed {
    /// There was a proper answer.
    Answered(Reply),
    /// There was none.
    Failed(Failure),
}

/// Why there was no proper answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// The kind of it, as the report tells them apart.
    pub kind: FailureKind,
    /// A sentence, and what the testee wrote to its standard error.
    pub detail: String,
}

impl Failure {
    /// A testee's own words may be in the sentence, as long as it likes.
    pub(super) fn new(kind: FailureKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: shortened(detail.into(), LONGEST_SENTENCE) }
    }
}

/// How a testee can fail to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(clippy::exhaustive_enums, reason = "the adapter protocol names these")]
pub enum FailureKind {
    /// It died.
    Crashed,
    /// It answered with something that is no answer to the request.
    BadAnswer,
    /// It did not answer within the time limit.
    TimedOut,
}

/// What can be asked many requests.
pub trait Testee: Send {
    /// Its name and version.
    fn about(&self) -> About;

    /// From now on, an answer may take so long. Whoever cannot be hurried need not heed it.
    fn limit(&mut self, _time: Duration) {}

    /// Asks all of `requests`, and tells `observed` what each led to, by its index, once, and
    /// nearly in order.
    ///
    /// # Errors
    ///
    /// [`Stopped`] where it was not asked to the end.
    fn ask(
        &mut self,
        requests: &[&Request],
        observed: &mut dyn FnMut(usize, Observed),
    ) -> Result<(), Stopped>;
}

/// An [`Implementation`] in this process. A panic is a crash of the case, not of the run.
#[derive(Clone, Debug)]
pub struct InProcess<I>(I);

impl<I> InProcess<I> {
    /// Puts an implementation under test.
    pub const fn new(implementation: I) -> Self {
        Self(implementation)
    }
}

impl<I: Implementation + Send> Testee for InProcess<I> {
    fn about(&self) -> About {
        self.0.about()
    }

    fn ask(
        &mut self,
        requests: &[&Request],
        observed: &mut dyn FnMut(usize, Observed),
    ) -> Result<(), Stopped> {
        for (index, request) in requests.iter().enumerate() {
            let answer = catch_unwind(AssertUnwindSafe(|| self.0.answer(request)));
            observed(
                index,
                match answer {
                    Ok(reply) => Observed::Answered(reply),
                    Err(panic) => {
                        let words = panic
                            .downcast_ref::<&str>()
                            .map(|words| (*words).to_owned())
                            .or_else(|| panic.downcast_ref::<String>().cloned())
                            .unwrap_or_default();
                        Observed::Failed(Failure::new(
                            FailureKind::Crashed,
                            format!("it panicked: {words}"),
                        ))
                    }
                },
            );
        }
        Ok(())
    }
}

/// A program could not be started, or twice gave no proper answer to `hello`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotAnAdapter {
    /// The command.
    pub command: String,
    /// What happened.
    pub reason: String,
}

impl fmt::Display for NotAnAdapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not an adapter: {}", self.command, self.reason)
    }
}

impl std::error::Error for NotAnAdapter {}

/// Why not all was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "a run ends early for these reasons")]
pub enum Stopped {
    /// The program had to be started again, and could not be.
    NotAnAdapter(NotAnAdapter),
    /// Somebody asked to stop.
    Interrupted,
}

impl From<NotAnAdapter> for Stopped {
    fn from(error: NotAnAdapter) -> Self {
        Self::NotAnAdapter(error)
    }
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnAdapter(error) => error.fmt(f),
            Self::Interrupted => f.write_str("interrupted"),
        }
    }
}

impl std::error::Error for Stopped {}

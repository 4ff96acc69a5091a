//! Testees, which answer many requests and may fail at any request.

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

/// The behaviour that was observed for a request: an answer or a failure.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::exhaustive_enums, reason = "a testee gives a valid answer or fails")]
pub enum Observed {
    /// The testee gave a valid answer.
    Answered(Reply),
    /// The testee gave no valid answer.
    Failed(Failure),
}

/// The reason why there was no valid answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// The way in which the testee failed.
    pub kind: FailureKind,
    /// An explanation. For a program, the last lines of its standard error follow.
    pub detail: String,
}

impl Failure {
    /// Creates a failure. The explanation, which may quote the testee, is shortened.
    pub(super) fn new(kind: FailureKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: shortened(detail.into(), LONGEST_SENTENCE) }
    }
}

/// The ways in which a testee fails to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(clippy::exhaustive_enums, reason = "the adapter protocol names these failures")]
pub enum FailureKind {
    /// The testee ended or panicked without an answer.
    Crashed,
    /// The testee sent a line that is not an answer to the request.
    BadAnswer,
    /// The testee did not answer within the time limit.
    TimedOut,
}

/// The interface through which the suite sends requests to a testee.
pub trait Testee: Send {
    /// Returns the name and version of the testee.
    fn about(&self) -> About;

    /// Sets the time limit for answers. A testee without time limits may ignore this limit.
    fn limit(&mut self, _time: Duration) {}

    /// Sends all requests. Passes the observation for each request to `observed` once, with the
    /// index of the request. The observations arrive nearly in the order of the requests.
    ///
    /// # Errors
    ///
    /// Returns [`Stopped`] if the run ended before there was an observation for each request.
    fn ask(
        &mut self,
        requests: &[&Request],
        observed: &mut dyn FnMut(usize, Observed),
    ) -> Result<(), Stopped>;
}

/// A testee that calls an [`Implementation`] in this process. A panic counts as a crash for the
/// current case, and the run continues.
#[derive(Clone, Debug)]
pub struct InProcess<I>(I);

impl<I> InProcess<I> {
    /// Creates a testee from an implementation.
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

/// The error for a program that could not be started or failed twice to answer `hello` correctly.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotAnAdapter {
    /// The command for the adapter, with its words separated by spaces.
    pub command: String,
    /// The reason why the program does not count as an adapter, as a sentence.
    pub reason: String,
}

impl fmt::Display for NotAnAdapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not an adapter: {}", self.command, self.reason)
    }
}

impl std::error::Error for NotAnAdapter {}

/// The reason why a run ended early.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "a run ends early only for these reasons")]
pub enum Stopped {
    /// The program could not be started or failed twice to answer `hello` correctly.
    NotAnAdapter(NotAnAdapter),
    /// The caller stopped the run.
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

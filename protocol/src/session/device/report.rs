//! The reports on uploads and downloads: their times, their content, and the end of a task.

use alloc::borrow::Cow;
use core::time::Duration;

use super::{
    handled::Handled,
    outcome::{Answer, Outcome, Reason},
    policy::Policy,
};
use crate::{
    EncodeError, Message, Percent, Profile, Progress, ProgressReport, ResourceName, ResourceSize,
    ResultCode, State, Transfer, session::Misplaced,
};

/// The task that the device reports on, and the profile of the reports.
#[derive(Clone, Copy)]
pub(super) struct Reporter<'a> {
    pub(super) profile: Profile,
    pub(super) transfer: Transfer,
    pub(super) name: &'a ResourceName<'static>,
}

impl Reporter<'_> {
    /// Checks that every report can be encoded (ENC-1). The longest reports are the report with
    /// 100% and the final report on a wrong MD5.
    pub(super) fn check(self) -> Result<(), EncodeError> {
        self.running(Percent::FULL).encode(self.profile)?;
        self.last(most(self.profile), Err(Reason::Md5Mismatch)).encode(self.profile)?;
        Ok(())
    }

    /// Returns a report that does not end the task.
    fn running(self, percent: Percent) -> Message<'static> {
        self.report(State::Running(percent), ResultCode::SUCCESS, Cow::Borrowed(""))
    }

    /// Returns the report that ends the task (SES-7). In the documented profile, the report on a
    /// failure repeats the last percentage, so that the percentage does not decrease (SES-8).
    fn last(self, reached: Percent, result: Result<(), Reason>) -> Message<'static> {
        let state = match (self.profile, result) {
            (Profile::Documented, Ok(())) => State::Running(Percent::FULL),
            (Profile::Documented, Err(_)) => State::Running(reached),
            (Profile::Deployed, Ok(())) => State::Done(None),
            (Profile::Deployed, Err(_)) => State::Fail(None),
        };
        match result {
            Ok(()) => self.report(state, ResultCode::SUCCESS, Cow::Borrowed("")),
            Err(reason) => self.report(state, reason.code(), reason.message()),
        }
    }

    fn report(
        self,
        state: State,
        result_code: ResultCode,
        result_msg: Cow<'static, str>,
    ) -> Message<'static> {
        let progress = Progress { state, result_code, result_msg };
        let report = ProgressReport { name: self.name.clone(), progress };
        match self.transfer {
            Transfer::Upload => Message::ReportUploadProgress(report),
            Transfer::Download => Message::ReportDownloadProgress(report),
        }
    }
}

/// Returns the percentage for a report during the transfer: the percentage of the transferred
/// bytes, but at most the value that `most` returns.
pub(super) fn shown(profile: Profile, transferred: u64, size: ResourceSize) -> Percent {
    Percent::of(transferred, size).min(most(profile))
}

/// Returns the highest percentage that a report during the transfer may have: 99 in the documented
/// profile, in which 100 ends the task (SES-7), and 100 in the deployed profile.
fn most(profile: Profile) -> Percent {
    match profile {
        Profile::Documented => Percent::new(99).unwrap_or(Percent::FULL),
        Profile::Deployed => Percent::FULL,
    }
}

/// The reports that have been published for a task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Reports {
    /// The percentage of the last report.
    reached: Percent,
    /// The earliest time of the next report.
    next: Duration,
    /// The number of reports without an answer.
    unanswered: u64,
}

impl Reports {
    /// Returns the first report of a transfer (0%) and records it as published.
    pub(super) fn begin(
        &mut self,
        now: Duration,
        policy: &Policy,
        reporter: Reporter<'_>,
    ) -> Message<'static> {
        self.publish(now, policy, reporter, Percent::ZERO)
    }

    /// Returns the report that is due now and records it as published. Returns `None` if no report
    /// is due.
    pub(super) fn poll(
        &mut self,
        now: Duration,
        policy: &Policy,
        reporter: Reporter<'_>,
        percent: Percent,
    ) -> Option<Message<'static>> {
        let due = self.wake(percent).is_some_and(|next| next <= now);
        due.then(|| self.publish(now, policy, reporter, percent))
    }

    /// Returns the time at which a report with this percentage is due, or `None` if the percentage
    /// has not risen.
    pub(super) fn wake(&self, percent: Percent) -> Option<Duration> {
        (percent > self.reached).then_some(self.next)
    }

    /// Handles an answer to the oldest unanswered report (SES-6) and returns [`Handled::Answered`].
    /// Returns [`Misplaced::Unsolicited`] if no report is unanswered.
    pub(super) fn handle_answer(&mut self, code: ResultCode) -> Result<Handled, Misplaced> {
        self.unanswered = self.unanswered.checked_sub(1).ok_or(Misplaced::Unsolicited)?;
        Ok(Handled::Answered(code))
    }

    fn publish(
        &mut self,
        now: Duration,
        policy: &Policy,
        reporter: Reporter<'_>,
        percent: Percent,
    ) -> Message<'static> {
        let unanswered = self.unanswered.saturating_add(1);
        *self =
            Self { reached: percent, next: now.saturating_add(policy.report_interval), unanswered };
        reporter.running(percent)
    }
}

/// The end of a task that has a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// The next action is the final report.
    Report {
        reports: Reports,
        result: Result<(), Reason>,
    },
    /// The final report was published and is the last of `unanswered` reports.
    Reported {
        unanswered: u64,
        until: Duration,
        result: Result<(), Reason>,
    },
    Over(Outcome),
}

impl Ending {
    pub(super) fn poll(
        &mut self,
        now: Duration,
        policy: &Policy,
        reporter: Reporter<'_>,
    ) -> Option<Message<'static>> {
        let Self::Report { reports, result } = *self else { return None };
        *self = Self::Reported {
            unanswered: reports.unanswered.saturating_add(1),
            until: now.saturating_add(policy.answer),
            result,
        };
        Some(reporter.last(reports.reached, result))
    }

    pub(super) fn deadline(&self) -> Option<Duration> {
        match self {
            Self::Reported { until, .. } => Some(*until),
            Self::Report { .. } | Self::Over(_) => None,
        }
    }

    pub(super) fn outcome(&self) -> Option<Outcome> {
        match self {
            Self::Over(outcome) => Some(*outcome),
            Self::Report { .. } | Self::Reported { .. } => None,
        }
    }

    pub(super) fn handle_answer(&mut self, code: ResultCode) -> Result<Handled, Misplaced> {
        match self {
            Self::Report { reports, .. } => return reports.handle_answer(code),
            Self::Reported { unanswered: 0 | 1, result, .. } => {
                let answer =
                    if code.is_success() { Answer::Accepted } else { Answer::Refused(code) };
                *self = Self::Over(Outcome::new(*result, answer));
            }
            Self::Reported { unanswered, .. } => *unanswered = unanswered.saturating_sub(1),
            Self::Over(_) => return Err(Misplaced::Ended),
        }
        Ok(Handled::Answered(code))
    }

    pub(super) fn handle_timeout(&mut self, now: Duration) {
        match self {
            Self::Reported { until, result, .. } if *until <= now => {
                *self = Self::Over(Outcome::new(*result, Answer::Missing));
            }
            Self::Report { .. } | Self::Reported { .. } | Self::Over(_) => {}
        }
    }
}

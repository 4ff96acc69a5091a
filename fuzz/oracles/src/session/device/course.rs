//! The reports and the end of uploads and downloads.

use std::{borrow::Cow, time::Duration};

use iothub_resource::{
    Direction, Message, Percent, Profile, Progress, ProgressReport, ResourceName, ResourceSize,
    ResultCode, State, Transfer,
    session::{
        Misplaced, Observer,
        device::{Answer, Handled, Outcome, Policy, Reason},
    },
};

/// The reports of a task, and its end.
pub(super) struct Course {
    pub(super) profile: Profile,
    pub(super) policy: Policy,
    transfer: Transfer,
    observer: Observer,
    /// The last report before the final one, or `None` if there is no such report.
    last: Option<Reported>,
    /// The number of unanswered reports.
    open: u64,
    /// The result of the transfer, or `None` while the transfer continues.
    pub(super) result: Option<Result<(), Reason>>,
    /// The time of the final report, or `None` before this report.
    final_at: Option<Duration>,
    pub(super) outcome: Option<Outcome>,
}

struct Reported {
    at: Duration,
    percent: u8,
}

/// The number of transferred bytes, and the size of the resource.
#[derive(Clone, Copy)]
pub(super) struct Transferred {
    pub(super) bytes: u64,
    pub(super) size: ResourceSize,
}

impl Course {
    pub(super) fn new(profile: Profile, policy: Policy, transfer: Transfer) -> Self {
        Self {
            profile,
            policy,
            transfer,
            observer: Observer::new(profile),
            last: None,
            open: 0,
            result: None,
            final_at: None,
            outcome: None,
        }
    }

    /// Records and returns the first report, which has 0%.
    pub(super) fn begin(
        &mut self,
        now: Duration,
        name: &ResourceName<'static>,
    ) -> Message<'static> {
        self.publish(now, name, 0)
    }

    /// Records and returns a report during the transfer. Returns `None` if no report is due.
    pub(super) fn due(
        &mut self,
        now: Duration,
        name: &ResourceName<'static>,
        transferred: Transferred,
    ) -> Option<Message<'static>> {
        self.wake(transferred).filter(|wake| *wake <= now)?;
        Some(self.publish(now, name, self.shown(transferred)))
    }

    /// Returns the time at which the next report is due, or `None` if the percentage has not risen.
    pub(super) fn wake(&self, transferred: Transferred) -> Option<Duration> {
        let last = self.last.as_ref()?;
        (self.shown(transferred) > last.percent).then(|| last.at + self.policy.report_interval)
    }

    fn shown(&self, Transferred { bytes, size }: Transferred) -> u8 {
        let percent = (bytes * 100).checked_div(size.bytes()).unwrap_or(100) as u8;
        // In the documented profile, 100 ends a task (SES-7).
        percent.min(if self.profile == Profile::Documented { 99 } else { 100 })
    }

    fn publish(
        &mut self,
        now: Duration,
        name: &ResourceName<'static>,
        percent: u8,
    ) -> Message<'static> {
        self.last = Some(Reported { at: now, percent });
        self.open += 1;
        let percent = Percent::new(percent).expect("it is one");
        self.report(name, State::Running(percent), ResultCode::SUCCESS, Cow::Borrowed(""))
    }

    /// Returns the final report once, or `None` if it was already returned or the transfer
    /// continues.
    pub(super) fn last_word(
        &mut self,
        now: Duration,
        name: &ResourceName<'static>,
    ) -> Option<Message<'static>> {
        let result = self.result.filter(|_| self.final_at.is_none())?;
        self.final_at = Some(now);
        self.open += 1;
        let reached = match result {
            Ok(()) => 100,
            Err(_) => self.last.as_ref().map_or(0, |last| last.percent),
        };
        let state = match (self.profile, result) {
            (Profile::Documented, _) => State::Running(Percent::new(reached).expect("it is one")),
            (Profile::Deployed, Ok(())) => State::Done(None),
            (Profile::Deployed, Err(_)) => State::Fail(None),
        };
        let (code, text) = match result {
            Ok(()) => (ResultCode::SUCCESS, Cow::Borrowed("")),
            Err(reason) => {
                assert_ne!(reason.code(), ResultCode::SUCCESS, "{reason:?}");
                (reason.code(), reason.message())
            }
        };
        Some(self.report(name, state, code, text))
    }

    fn report(
        &self,
        name: &ResourceName<'static>,
        state: State,
        result_code: ResultCode,
        result_msg: Cow<'static, str>,
    ) -> Message<'static> {
        let progress = Progress { state, result_code, result_msg };
        let report = ProgressReport { name: name.clone(), progress };
        match self.transfer {
            Transfer::Upload => Message::ReportUploadProgress(report),
            Transfer::Download => Message::ReportDownloadProgress(report),
        }
    }

    pub(super) fn answer(&mut self, code: ResultCode) -> Result<Handled, Misplaced> {
        if self.outcome.is_some() {
            return Err(Misplaced::Ended);
        }
        self.open = self.open.checked_sub(1).ok_or(Misplaced::Unsolicited)?;
        if self.final_at.is_some() && self.open == 0 {
            self.end(if code.0 == 0 { Answer::Accepted } else { Answer::Refused(code) });
        }
        Ok(Handled::Answered(code))
    }

    /// Returns the deadline for the answer to the final report, or `None` if the task does not wait
    /// for it.
    pub(super) fn deadline(&self) -> Option<Duration> {
        let waits = self.outcome.is_none();
        self.final_at.filter(|_| waits).map(|at| at + self.policy.answer)
    }

    pub(super) fn timeout(&mut self, now: Duration) {
        if self.deadline().is_some_and(|until| until <= now) {
            self.end(Answer::Missing);
        }
    }

    /// Returns whether the transfer runs or may still begin.
    pub(super) fn goes_on(&self) -> bool {
        self.result.is_none() && self.outcome.is_none()
    }

    fn end(&mut self, answer: Answer) {
        self.outcome = self.result.map(|result| match result {
            Ok(()) => Outcome::Done { answer },
            Err(reason) => Outcome::Failed { reason, answer },
        });
    }

    /// Checks that a published message breaks no rule for an observer at the device.
    pub(super) fn published(&mut self, message: &Message<'static>) {
        assert!(message.encode(self.profile).is_ok(), "{message:?}");
        assert_eq!(message.message_type().direction(), Direction::Up);
        assert_eq!(self.observer.observe(0, false, message), Ok(None), "{message:?}");
    }

    /// Passes a received message, which may be misplaced, to the observer.
    pub(super) fn came(&mut self, message: &Message<'static>) {
        let is_down = message.message_type().direction() == Direction::Down;
        if is_down && message.check(self.profile).is_ok() {
            let _ = self.observer.observe(0, false, message);
        }
    }
}

//! The transfer of a delivered task, from the first report to the last byte.

use core::time::Duration;

use super::{DownloadAction, GetRequest};
use crate::{
    ByteRange, ContentRange, Percent, Profile, ResourceTask, Transfer,
    session::{
        Misplaced,
        device::{
            outcome::Reason,
            policy::Policy,
            received::{Body, Received},
            report::{Reporter, Reports, shown},
        },
    },
};

/// The transfer of a delivered task: its reports, the bytes that have arrived, and the current
/// step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) task: ResourceTask<'static>,
    pub(super) reports: Reports,
    received: Received,
    /// The number of times that the transfer may still resume.
    resumes: u32,
    step: Step,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// The next action is the first report.
    Begin,
    /// The next action is a `GET`.
    Get,
    /// The transfer waits for the response.
    Requested { range: Option<ByteRange>, until: Duration },
    /// The transfer receives the body of the response.
    Body { until: Duration },
}

/// Whether the transfer continues after an event, or its result if it has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    GoesOn,
    Ended(Result<(), Reason>),
}

impl Run {
    pub(super) fn new(task: ResourceTask<'static>, reports: Reports, resumes: u32) -> Self {
        Self { task, reports, received: Received::default(), resumes, step: Step::Begin }
    }

    pub(super) fn poll(
        &mut self,
        now: Duration,
        profile: Profile,
        policy: &Policy,
    ) -> Option<DownloadAction> {
        let percent = self.percent(profile);
        let reporter = Reporter { profile, transfer: Transfer::Download, name: &self.task.name };
        match self.step {
            Step::Begin => {
                self.step = Step::Get;
                Some(DownloadAction::Publish(self.reports.begin(now, policy, reporter)))
            }
            Step::Get => {
                let range = self.received.missing(self.task.size);
                self.step = Step::Requested { range, until: now.saturating_add(policy.idle) };
                Some(DownloadAction::Get(GetRequest { url: self.task.url.clone(), range }))
            }
            Step::Requested { .. } | Step::Body { .. } => {
                self.reports.poll(now, policy, reporter, percent).map(DownloadAction::Publish)
            }
        }
    }

    /// Returns the next time at which a report is due or the exchange times out, or `None` if there
    /// is no exchange.
    pub(super) fn wake(&self, profile: Profile) -> Option<Duration> {
        let idle = self.idle()?;
        let report = self.reports.wake(self.percent(profile));
        Some(report.map_or(idle, |report| report.min(idle)))
    }

    /// Returns the time at which the exchange times out, or `None` if there is no exchange.
    pub(super) const fn idle(&self) -> Option<Duration> {
        match self.step {
            Step::Requested { until, .. } | Step::Body { until } => Some(until),
            Step::Begin | Step::Get => None,
        }
    }

    /// Handles the response and returns whether the transfer continues. `until` is the time at
    /// which the exchange times out if no body arrives.
    pub(super) fn handle_response(
        &mut self,
        until: Duration,
        status: u16,
        content_range: Option<ContentRange>,
    ) -> Result<Flow, Misplaced> {
        let Step::Requested { range, .. } = self.step else { return Err(Misplaced::NoExchange) };
        match status {
            100..=199 => return Ok(Flow::GoesOn),
            200 => self.received = Received::default(),
            206 if self.fits(range, content_range) => {}
            206 => return Ok(Flow::Ended(Err(Reason::WrongRange))),
            _ => return Ok(Flow::Ended(Err(Reason::Status(status)))),
        }
        self.step = Step::Body { until };
        Ok(Flow::GoesOn)
    }

    /// Handles the next bytes of the body and returns whether to keep them. `until` is the time at
    /// which the exchange times out if no more bytes arrive. If `bytes` is empty, `until` has no
    /// effect.
    pub(super) fn handle_body(&mut self, until: Duration, bytes: &[u8]) -> Result<Body, Misplaced> {
        let Step::Body { until: idle } = &mut self.step else { return Err(Misplaced::NoExchange) };
        if !bytes.is_empty() {
            *idle = until;
        }
        Ok(self.received.take(self.task.size, bytes))
    }

    pub(super) fn handle_end(&mut self) -> Result<Flow, Misplaced> {
        match self.step {
            Step::Body { .. } => self.handle_break(Reason::TooShort),
            Step::Begin | Step::Get | Step::Requested { .. } => Err(Misplaced::NoExchange),
        }
    }

    /// Handles the end of the exchange and returns whether the transfer continues. If bytes are
    /// missing, the transfer requests the rest. If it may not resume, it fails with `reason`.
    pub(super) fn handle_break(&mut self, reason: Reason) -> Result<Flow, Misplaced> {
        let checked = match self.step {
            Step::Begin | Step::Get => return Err(Misplaced::NoExchange),
            Step::Requested { .. } => Err(Reason::TooShort),
            Step::Body { .. } => self.received.check(&self.task.resource()),
        };
        if checked != Err(Reason::TooShort) {
            return Ok(Flow::Ended(checked));
        }
        let Some(resumes) = self.resumes.checked_sub(1) else {
            return Ok(Flow::Ended(Err(reason)));
        };
        self.resumes = resumes;
        self.step = Step::Get;
        Ok(Flow::GoesOn)
    }

    /// Returns whether the `Content-Range` of a partial response begins with the first requested
    /// byte and states the size of the resource.
    fn fits(&self, asked: Option<ByteRange>, brought: Option<ContentRange>) -> bool {
        asked.zip(brought).is_some_and(|(asked, brought)| {
            brought.range().first() == asked.first() && brought.size() == self.task.size
        })
    }

    fn percent(&self, profile: Profile) -> Percent {
        shown(profile, self.received.count(), self.task.size)
    }
}

//! The device's side of a download.

use core::time::Duration;

use super::{
    Handled, Outcome, Policy, Reason,
    received::Received,
    report::{Ending, Reporter, Reports, shown},
};
use crate::{
    ByteRange, Direction, Message, Percent, Profile, ResourceTask, ResourceUrl, Transfer,
    session::Misplaced,
};

/// One download, as the device does it: ask for a task or be given one, `GET` it, report.
///
/// See the [module](super) for how to drive it, with an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Download {
    profile: Profile,
    policy: Policy,
    /// How many published `get_download_task` are unanswered.
    owed: u32,
    state: State,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    /// The next `get_download_task` is to be published; `asked` of them were.
    Query { asked: u32 },
    /// The last one of them waits for its answer.
    Queried { asked: u32, until: Duration },
    /// It waits for the platform to push a task.
    Waiting { until: Option<Duration> },
    /// A task was delivered.
    Running(Run),
    /// The transfer is over.
    Ending { task: ResourceTask<'static>, ending: Ending },
    /// There never was a task.
    Over(Outcome),
}

/// A task while its bytes are got.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Run {
    task: ResourceTask<'static>,
    received: Received,
    reports: Reports,
    /// How often it may still resume.
    resumes: u32,
    step: Step,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// The first report is to be published.
    Begin,
    /// A `GET` is to be made.
    Get,
    /// It waits for its response.
    Requested { range: Option<ByteRange>, until: Duration },
    /// The body arrives.
    Body { until: Duration },
    /// The exchange is to be let go of.
    Close(Next),
}

/// What comes after an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Begin,
    Get,
    End(Result<(), Reason>),
}

/// What a [`Download`] wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DownloadAction {
    /// Publish this on the up topic (TOP-1).
    Publish(Message<'static>),
    /// Begin this HTTP exchange. There is never another one under way.
    Get(GetRequest),
    /// Let go of the HTTP exchange, and tell nothing more of it.
    Close,
}

/// An HTTP `GET` of a resource, or of the rest of it (HTTP-5, HTTP-6).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetRequest {
    /// Where from.
    pub url: ResourceUrl<'static>,
    /// The header `Range`. Without it, all of the resource is wanted, and what was kept before is
    /// to be forgotten.
    pub range: Option<ByteRange>,
}

impl Download {
    /// A download that asks for its task with `get_download_task`. In the deployed profile it
    /// takes one that is pushed meanwhile, too.
    #[must_use]
    pub const fn ask(profile: Profile, policy: Policy) -> Self {
        Self { profile, policy, owed: 0, state: State::Query { asked: 0 } }
    }

    /// A download that waits for the platform to push its task, which it does only in the
    /// deployed profile (MSG-9). It gives up at the time `until`, if there is one.
    #[must_use]
    pub const fn wait(policy: Policy, until: Option<Duration>) -> Self {
        Self { profile: Profile::Deployed, policy, owed: 0, state: State::Waiting { until } }
    }

    /// A download of a task that was delivered already: one that was [`Handled::NewTask`] to
    /// another.
    #[must_use]
    pub fn of(profile: Profile, policy: Policy, task: ResourceTask<'static>) -> Self {
        let run = Run::new(task, Reports::default(), policy.resumes);
        Self { profile, policy, owed: 0, state: State::Running(run) }
    }

    /// What is downloaded; `None` as long as nothing was delivered.
    ///
    /// It changes when another resource of the same name is delivered before the end: the
    /// download then begins anew (SES-10).
    #[must_use]
    pub const fn task(&self) -> Option<&ResourceTask<'static>> {
        match &self.state {
            State::Running(Run { task, .. }) | State::Ending { task, .. } => Some(task),
            _ => None,
        }
    }

    /// How it ended; `None` as long as it goes on.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        match &self.state {
            State::Ending { ending, .. } => ending.outcome(),
            State::Over(outcome) => Some(*outcome),
            _ => None,
        }
    }

    /// The next thing to do. To be asked after every event until there is nothing more.
    ///
    /// A message counts as published, and a `GET` as begun, when it was handed out here.
    pub fn poll(&mut self, now: Duration) -> Option<DownloadAction> {
        let Self { profile, policy, .. } = *self;
        match &mut self.state {
            State::Query { asked } => {
                let asked = asked.saturating_add(1);
                let until = now.saturating_add(policy.answer);
                self.state = State::Queried { asked, until };
                self.owed = self.owed.saturating_add(1);
                Some(DownloadAction::Publish(Message::GetDownloadTask))
            }
            State::Running(run) => {
                if let Step::Close(Next::End(result)) = run.step {
                    self.end(result);
                    return Some(DownloadAction::Close);
                }
                run.poll(now, profile, &policy)
            }
            State::Ending { task, ending } => {
                let reporter = Reporter { profile, transfer: Transfer::Download, name: &task.name };
                ending.poll(now, &policy, reporter).map(DownloadAction::Publish)
            }
            State::Queried { .. } | State::Waiting { .. } | State::Over(_) => None,
        }
    }

    /// The next moment at which it wants [`handle_timeout`](Self::handle_timeout), once
    /// [`poll`](Self::poll) has nothing more. It may have passed already.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Duration> {
        match &self.state {
            State::Queried { until, .. } => Some(*until),
            State::Waiting { until } => *until,
            State::Running(run) => run.deadline(self.profile),
            State::Ending { ending, .. } => ending.deadline(),
            State::Query { .. } | State::Over(_) => None,
        }
    }

    /// Lets time pass. Too early, it does nothing.
    pub fn handle_timeout(&mut self, now: Duration) {
        match &mut self.state {
            State::Queried { asked, until } if *until <= now => {
                self.state = if *asked < self.policy.asks.get() {
                    State::Query { asked: *asked }
                } else {
                    State::Over(Outcome::Unanswered)
                };
            }
            State::Waiting { until: Some(until) } if *until <= now => {
                self.state = State::Over(Outcome::Unanswered);
            }
            State::Running(run) => match run.step {
                Step::Requested { until, .. } | Step::Body { until } if until <= now => {
                    let next = run.after_break(Reason::TimeOut);
                    run.step = Step::Close(next);
                }
                _ => {}
            },
            State::Ending { ending, .. } => ending.handle_timeout(now),
            _ => {}
        }
    }

    /// Takes a message from the down topic that is no [repetition](crate::session::Deliveries).
    ///
    /// # Errors
    ///
    /// [`Misplaced`], and nothing has changed:
    ///
    /// - a message of the up topic ([`WrongDirection`](Misplaced::WrongDirection))
    /// - `download` in the documented profile ([`NotInProfile`](Misplaced::NotInProfile), MSG-9)
    /// - `get_download_task_rsp` before it was asked for ([`TooEarly`](Misplaced::TooEarly)), or
    ///   one that answers nothing and is another resource of this name
    ///   ([`Unsolicited`](Misplaced::Unsolicited), SES-4)
    /// - a task after nobody had delivered one in time ([`Ended`](Misplaced::Ended))
    /// - `report_download_progress_rsp` with no report to answer
    ///   ([`Unsolicited`](Misplaced::Unsolicited), SES-6), or after the end
    ///   ([`Ended`](Misplaced::Ended))
    pub fn handle_message(&mut self, message: &Message<'_>) -> Result<Handled, Misplaced> {
        match message {
            Message::GetDownloadTaskRsp(task) => self.handle_answer_to_query(task),
            Message::Download(_) if self.profile == Profile::Documented => {
                Err(Misplaced::NotInProfile)
            }
            Message::Download(task) => self.deliver(task),
            Message::ReportDownloadProgressRsp(response) => match &mut self.state {
                State::Running(run) => run.reports.handle_answer(response.result_code),
                State::Ending { ending, .. } => ending.handle_answer(response.result_code),
                State::Over(_) => Err(Misplaced::Ended),
                _ => Err(Misplaced::Unsolicited),
            },
            other if other.message_type().direction() == Direction::Up => {
                Err(Misplaced::WrongDirection)
            }
            _ => Ok(Handled::NotMine),
        }
    }

    /// Takes the head of the response: its status, and where its `Content-Range` begins, if it
    /// has one. Interim statuses (100 to 199) change nothing.
    ///
    /// The body is wanted only after 200, which brings the whole resource whatever was asked for,
    /// and after 206, if a range was asked for and it begins where that does. After any other
    /// response the exchange is closed.
    ///
    /// # Errors
    ///
    /// [`NoExchange`](Misplaced::NoExchange) if no response is waited for; nothing has changed.
    pub fn handle_http_response(
        &mut self,
        now: Duration,
        status: u16,
        begins_at: Option<u64>,
    ) -> Result<(), Misplaced> {
        let State::Running(run) = &mut self.state else { return Err(Misplaced::NoExchange) };
        let Step::Requested { range, .. } = run.step else { return Err(Misplaced::NoExchange) };
        let until = now.saturating_add(self.policy.idle);
        match (status, range) {
            (100..=199, _) => {}
            (200, _) => {
                run.received = Received::default();
                run.step = Step::Body { until };
            }
            (206, Some(range)) if begins_at == Some(range.first()) => {
                run.step = Step::Body { until };
            }
            _ => run.step = Step::Close(Next::End(Err(Reason::Status(status)))),
        }
        Ok(())
    }

    /// Takes the next bytes of the body, and says where in the resource they belong, in bytes
    /// from its beginning; `None` if there are more of them than the resource has: then the
    /// download has failed, and they are not to be kept.
    ///
    /// # Errors
    ///
    /// [`NoExchange`](Misplaced::NoExchange) if no body is wanted; nothing has changed.
    pub fn handle_http_body(
        &mut self,
        now: Duration,
        bytes: &[u8],
    ) -> Result<Option<u64>, Misplaced> {
        let State::Running(run) = &mut self.state else { return Err(Misplaced::NoExchange) };
        let Step::Body { until } = &mut run.step else { return Err(Misplaced::NoExchange) };
        let place = run.received.take(run.task.size, bytes);
        if place.is_none() {
            run.step = Step::Close(Next::End(Err(Reason::TooLong)));
        } else if !bytes.is_empty() {
            *until = now.saturating_add(self.policy.idle);
        }
        Ok(place)
    }

    /// Takes that the body is complete, as far as HTTP is concerned.
    ///
    /// With all bytes there, size and MD5 decide (HTTP-5). With fewer, the rest is asked for, as
    /// long as the [`Policy`] allows.
    ///
    /// # Errors
    ///
    /// [`NoExchange`](Misplaced::NoExchange) if there is no body; nothing has changed.
    pub fn handle_http_end(&mut self) -> Result<(), Misplaced> {
        let State::Running(run) = &mut self.state else { return Err(Misplaced::NoExchange) };
        let Step::Body { .. } = run.step else { return Err(Misplaced::NoExchange) };
        let next = run.after_break(Reason::TooShort);
        self.go_on(next);
        Ok(())
    }

    /// Takes that the exchange ended in the middle: the connection was refused, or broke.
    ///
    /// If all bytes had come, size and MD5 decide; else the rest is asked for, as long as the
    /// [`Policy`] allows.
    ///
    /// # Errors
    ///
    /// [`NoExchange`](Misplaced::NoExchange) if there is no exchange; nothing has changed.
    pub fn handle_http_failure(&mut self) -> Result<(), Misplaced> {
        let State::Running(run) = &mut self.state else { return Err(Misplaced::NoExchange) };
        let (Step::Requested { .. } | Step::Body { .. }) = run.step else {
            return Err(Misplaced::NoExchange);
        };
        let next = run.after_break(Reason::Broken);
        self.go_on(next);
        Ok(())
    }

    /// Takes that the device cannot go on: it cannot keep the resource.
    ///
    /// Before a task was delivered the download ends at once; after that with a final report.
    ///
    /// # Errors
    ///
    /// [`Ended`](Misplaced::Ended) if the transfer is over already; nothing has changed.
    pub fn handle_local_failure(&mut self) -> Result<(), Misplaced> {
        let result = Err(Reason::Local);
        match &mut self.state {
            State::Query { .. } | State::Queried { .. } | State::Waiting { .. } => {
                self.state = State::Over(Outcome::Abandoned);
            }
            State::Running(run) => match run.step {
                Step::Begin | Step::Get => self.end(result),
                Step::Close(Next::End(_)) => return Err(Misplaced::Ended),
                Step::Requested { .. } | Step::Body { .. } | Step::Close(_) => {
                    run.step = Step::Close(Next::End(result));
                }
            },
            State::Ending { .. } | State::Over(_) => return Err(Misplaced::Ended),
        }
        Ok(())
    }

    /// A `get_download_task_rsp`. One that answers nothing must change nothing: an observer
    /// would not count it as a delivery.
    fn handle_answer_to_query(&mut self, task: &ResourceTask<'_>) -> Result<Handled, Misplaced> {
        if let State::Query { asked: 0 } = self.state {
            return Err(Misplaced::TooEarly);
        }
        match (self.owed.checked_sub(1), self.task()) {
            (Some(owed), _) => {
                let handled = self.deliver(task)?;
                self.owed = owed;
                Ok(handled)
            }
            (None, Some(mine)) if mine.name == task.name => {
                if mine.resource() == task.resource() {
                    Ok(Handled::Repeated)
                } else {
                    Err(Misplaced::Unsolicited)
                }
            }
            (None, _) => Ok(Handled::NotMine),
        }
    }

    fn deliver(&mut self, task: &ResourceTask<'_>) -> Result<Handled, Misplaced> {
        let resumes = self.policy.resumes;
        match &mut self.state {
            State::Query { .. } | State::Queried { .. } | State::Waiting { .. } => {
                let run = Run::new(task.clone().into_owned(), Reports::default(), resumes);
                self.state = State::Running(run);
                Ok(Handled::Taken)
            }
            State::Running(Run { task: mine, .. }) | State::Ending { task: mine, .. }
                if mine.resource() == task.resource() =>
            {
                Ok(Handled::Repeated)
            }
            State::Running(run) if run.task.name == task.name => {
                run.restart(task.clone().into_owned(), resumes);
                Ok(Handled::Taken)
            }
            State::Running(_) | State::Ending { .. } => Ok(Handled::NewTask),
            State::Over(_) => Err(Misplaced::Ended),
        }
    }

    fn go_on(&mut self, next: Next) {
        match (next, &mut self.state) {
            (Next::End(result), _) => self.end(result),
            (Next::Begin, State::Running(run)) => run.step = Step::Begin,
            (Next::Get, State::Running(run)) => run.step = Step::Get,
            _ => {}
        }
    }

    fn end(&mut self, result: Result<(), Reason>) {
        if let State::Running(run) = &self.state {
            let ending = Ending::Report { reports: run.reports, result };
            self.state = State::Ending { task: run.task.clone(), ending };
        }
    }
}

impl Run {
    fn new(task: ResourceTask<'static>, reports: Reports, resumes: u32) -> Self {
        Self { task, received: Received::default(), reports, resumes, step: Step::Begin }
    }

    /// Another resource of the same name takes its place (SES-10).
    fn restart(&mut self, task: ResourceTask<'static>, resumes: u32) {
        let step = match self.step {
            Step::Begin | Step::Get => Step::Begin,
            Step::Requested { .. } | Step::Body { .. } | Step::Close(_) => Step::Close(Next::Begin),
        };
        *self = Self { step, ..Self::new(task, self.reports, resumes) };
    }

    fn poll(&mut self, now: Duration, profile: Profile, policy: &Policy) -> Option<DownloadAction> {
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
            Step::Close(next) => {
                self.step = match next {
                    Next::Begin => Step::Begin,
                    Next::Get => Step::Get,
                    Next::End(_) => return None,
                };
                Some(DownloadAction::Close)
            }
        }
    }

    fn deadline(&self, profile: Profile) -> Option<Duration> {
        match self.step {
            Step::Requested { until, .. } | Step::Body { until } => {
                let report = self.reports.wake(self.percent(profile));
                Some(report.map_or(until, |report| report.min(until)))
            }
            Step::Begin | Step::Get | Step::Close(_) => None,
        }
    }

    /// What comes after an exchange that brings nothing more.
    fn after_break(&mut self, reason: Reason) -> Next {
        let checked = match self.step {
            Step::Body { .. } => self.received.check(&self.task.resource()),
            _ => Err(Reason::TooShort),
        };
        if checked != Err(Reason::TooShort) {
            return Next::End(checked);
        }
        match self.resumes.checked_sub(1) {
            Some(resumes) => {
                self.resumes = resumes;
                Next::Get
            }
            None => Next::End(Err(reason)),
        }
    }

    fn percent(&self, profile: Profile) -> Percent {
        shown(profile, self.received.count(), self.task.size)
    }
}

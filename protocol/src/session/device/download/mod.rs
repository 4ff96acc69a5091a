//! The device's side of a download.

mod action;
mod run;

use core::{mem, time::Duration};

pub use self::action::{DownloadAction, GetRequest};
use self::run::{Flow, Run};
use super::{
    handled::Handled,
    outcome::{Outcome, Reason},
    policy::Policy,
    received::Body,
    report::{Ending, Reporter, Reports},
};
use crate::{
    ContentRange, Direction, EncodeError, Message, Profile, ResourceTask, Transfer,
    session::Misplaced,
};

/// One download on the device's side: it requests a task or takes a pushed one, gets the resource,
/// and reports its progress.
///
/// The [module](super) describes how to use a download, with an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Download {
    profile: Profile,
    policy: Policy,
    /// The number of published queries that have no answer yet.
    owed: u32,
    /// Whether the next action is `Close`.
    close: bool,
    state: State,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    /// The next action is a query. The download has already published `asked` queries.
    Query { asked: u32 },
    /// The download waits for the answer to the last query.
    Queried { asked: u32, until: Duration },
    /// The download waits for the platform to push a task.
    Waiting { until: Option<Duration> },
    /// A task was delivered, and its transfer has not ended.
    Running(Run),
    /// The transfer has ended, and its final report is due or unanswered.
    Ending { task: ResourceTask<'static>, ending: Ending },
    /// The download has ended without a task.
    Over(Outcome),
}

impl Download {
    /// Creates a download that requests its task with `get_download_task`. In the deployed profile,
    /// it also takes a task that the platform pushes before the answer to the query.
    #[must_use]
    pub const fn ask(profile: Profile, policy: Policy) -> Self {
        Self { profile, policy, owed: 0, close: false, state: State::Query { asked: 0 } }
    }

    /// Creates a download of the deployed profile that waits for the platform to push its task
    /// (MSG-9). If no task arrives before the time `until`, the download ends without a task. If
    /// `until` is `None`, the download waits without a limit.
    #[must_use]
    pub const fn wait(policy: Policy, until: Option<Duration>) -> Self {
        Self {
            profile: Profile::Deployed,
            policy,
            owed: 0,
            close: false,
            state: State::Waiting { until },
        }
    }

    /// Creates a download of a task that was already delivered. Use this function if a different
    /// download returned [`Handled::NewTask`] for the task.
    ///
    /// # Errors
    ///
    /// Returns [`EncodeError::PayloadTooLarge`] if a report with the name of the task would be too
    /// long (ENC-1).
    pub fn of(
        profile: Profile,
        policy: Policy,
        task: ResourceTask<'static>,
    ) -> Result<Self, EncodeError> {
        Reporter { profile, transfer: Transfer::Download, name: &task.name }.check()?;
        let run = Run::new(task, Reports::default(), policy.resumes);
        Ok(Self { profile, policy, owed: 0, close: false, state: State::Running(run) })
    }

    /// Returns the task of the download, or `None` until one is delivered.
    ///
    /// A later delivery can change the task during the transfer. If the delivery has the same
    /// resource with a different URL, the next `GET` uses the new URL. If it has a different
    /// resource with the same name, the download begins again (SES-10).
    #[must_use]
    pub const fn task(&self) -> Option<&ResourceTask<'static>> {
        match &self.state {
            State::Running(Run { task, .. }) | State::Ending { task, .. } => Some(task),
            _ => None,
        }
    }

    /// Returns the result of the task, or `None` while the task continues.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        match &self.state {
            State::Ending { ending, .. } => ending.outcome(),
            State::Over(outcome) => Some(*outcome),
            _ => None,
        }
    }

    /// Returns the next action. After every event, call this method until it returns `None`.
    ///
    /// A message counts as published, and a `GET` as begun, once this method has returned it.
    pub fn poll(&mut self, now: Duration) -> Option<DownloadAction> {
        if mem::take(&mut self.close) {
            return Some(DownloadAction::Close);
        }
        let Self { profile, policy, .. } = *self;
        match &mut self.state {
            State::Query { asked } => {
                let asked = asked.saturating_add(1);
                let until = now.saturating_add(policy.answer);
                self.state = State::Queried { asked, until };
                self.owed = self.owed.saturating_add(1);
                Some(DownloadAction::Publish(Message::GetDownloadTask))
            }
            State::Running(run) => run.poll(now, profile, &policy),
            State::Ending { task, ending } => {
                let reporter = Reporter { profile, transfer: Transfer::Download, name: &task.name };
                ending.poll(now, &policy, reporter).map(DownloadAction::Publish)
            }
            State::Queried { .. } | State::Waiting { .. } | State::Over(_) => None,
        }
    }

    /// Returns the time at which the caller must call [`handle_timeout`](Self::handle_timeout),
    /// once [`poll`](Self::poll) returns `None`. This time may be in the past. Returns `None` if
    /// the download has no deadline.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Duration> {
        match &self.state {
            State::Queried { until, .. } => Some(*until),
            State::Waiting { until } => *until,
            State::Running(run) => run.wake(self.profile),
            State::Ending { ending, .. } => ending.deadline(),
            State::Query { .. } | State::Over(_) => None,
        }
    }

    /// Ends the waits whose deadline has passed. Before the next deadline, the call has no effect.
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
            State::Running(run) if run.idle().is_some_and(|idle| idle <= now) => {
                let flow = run.handle_break(Reason::TimeOut);
                self.close = true;
                self.go_on(flow.unwrap_or(Flow::GoesOn));
            }
            State::Ending { ending, .. } => ending.handle_timeout(now),
            _ => {}
        }
    }

    /// Handles a message from the down topic that is not a
    /// [repetition](crate::session::Deliveries).
    ///
    /// # Errors
    ///
    /// Returns [`Misplaced`] and changes nothing in these cases:
    ///
    /// - a message of the up topic ([`WrongDirection`](Misplaced::WrongDirection))
    /// - `download` in the documented profile ([`NotInProfile`](Misplaced::NotInProfile), MSG-9)
    /// - `get_download_task_rsp` before the first query ([`TooEarly`](Misplaced::TooEarly)), or a
    ///   different task with the name of the current task, without an open query
    ///   ([`Unsolicited`](Misplaced::Unsolicited), SES-4)
    /// - a task whose reports would be too long ([`TooLong`](Misplaced::TooLong), ENC-1)
    /// - a task after the download has ended without a task ([`Ended`](Misplaced::Ended))
    /// - `report_download_progress_rsp` without an open report
    ///   ([`Unsolicited`](Misplaced::Unsolicited), SES-6), or after the end of the
    ///   download ([`Ended`](Misplaced::Ended))
    pub fn handle_message(&mut self, message: &Message<'_>) -> Result<Handled, Misplaced> {
        match message {
            Message::GetDownloadTaskRsp(task) => self.handle_answer_to_query(task),
            Message::Download(_) if self.profile == Profile::Documented => {
                Err(Misplaced::NotInProfile)
            }
            Message::Download(task) => self.deliver(task.clone().into_owned()),
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

    /// Handles the status of the response and its `Content-Range`, which is `None` if the header is
    /// missing or malformed. Interim statuses (100 to 199) change nothing.
    ///
    /// The body follows after status 200, which delivers the whole resource. The body also follows
    /// after status 206 if the request had a range and `Content-Range` states the first byte of
    /// that range and the size of the resource. After any other response, the download fails, and
    /// its next action is `Close`.
    ///
    /// # Errors
    ///
    /// Returns [`NoExchange`](Misplaced::NoExchange) and changes nothing if the download does not
    /// wait for a response.
    pub fn handle_http_response(
        &mut self,
        now: Duration,
        status: u16,
        content_range: Option<ContentRange>,
    ) -> Result<(), Misplaced> {
        let until = now.saturating_add(self.policy.idle);
        let flow = self.run()?.handle_response(until, status, content_range)?;
        self.close |= flow != Flow::GoesOn;
        self.go_on(flow);
        Ok(())
    }

    /// Handles the next bytes of the body and returns their place in the resource. If the body has
    /// more bytes than the resource, the download fails, and its next action is `Close`.
    ///
    /// # Errors
    ///
    /// Returns [`NoExchange`](Misplaced::NoExchange) and changes nothing if the download does not
    /// wait for a body.
    pub fn handle_http_body(&mut self, now: Duration, bytes: &[u8]) -> Result<Body, Misplaced> {
        let until = now.saturating_add(self.policy.idle);
        let body = self.run()?.handle_body(until, bytes)?;
        if body == Body::TooLong {
            self.close = true;
            self.end(Err(Reason::TooLong));
        }
        Ok(body)
    }

    /// Handles the end of the body, as the HTTP client detects it.
    ///
    /// If all bytes have arrived, their MD5 determines the outcome (HTTP-5). If some bytes are
    /// missing, the download requests the rest, as often as the [`Policy`] allows.
    ///
    /// # Errors
    ///
    /// Returns [`NoExchange`](Misplaced::NoExchange) and changes nothing if the download does not
    /// wait for a body.
    pub fn handle_http_end(&mut self) -> Result<(), Misplaced> {
        let flow = self.run()?.handle_end()?;
        self.go_on(flow);
        Ok(())
    }

    /// Handles the failure of the exchange: the connection was refused, or it broke.
    ///
    /// If all bytes have arrived, their MD5 determines the outcome (HTTP-5). If some bytes are
    /// missing, the download requests the rest, as often as the [`Policy`] allows.
    ///
    /// # Errors
    ///
    /// Returns [`NoExchange`](Misplaced::NoExchange) and changes nothing if there is no exchange.
    pub fn handle_http_failure(&mut self) -> Result<(), Misplaced> {
        let flow = self.run()?.handle_break(Reason::Broken)?;
        self.go_on(flow);
        Ok(())
    }

    /// Handles a local failure: the device cannot keep the resource.
    ///
    /// Before a task is delivered, the download ends at once. After the delivery, it ends with a
    /// final report. If there is an exchange, the next action is `Close`.
    ///
    /// # Errors
    ///
    /// Returns [`Ended`](Misplaced::Ended) and changes nothing if the transfer or the download has
    /// ended.
    pub fn handle_local_failure(&mut self) -> Result<(), Misplaced> {
        match &self.state {
            State::Query { .. } | State::Queried { .. } | State::Waiting { .. } => {
                self.state = State::Over(Outcome::Abandoned);
            }
            State::Running(run) => {
                self.close |= run.idle().is_some();
                self.end(Err(Reason::Local));
            }
            State::Ending { .. } | State::Over(_) => return Err(Misplaced::Ended),
        }
        Ok(())
    }

    /// Handles an answer to a query. Without an open query, the answer must change nothing, because
    /// an observer would not count it as a delivery.
    fn handle_answer_to_query(&mut self, task: &ResourceTask<'_>) -> Result<Handled, Misplaced> {
        if let State::Query { asked: 0 } = self.state {
            return Err(Misplaced::TooEarly);
        }
        match (self.owed.checked_sub(1), self.task()) {
            (Some(owed), _) => {
                let handled = self.deliver(task.clone().into_owned())?;
                self.owed = owed;
                Ok(handled)
            }
            (None, Some(mine)) if mine == task => Ok(Handled::Repeated),
            (None, Some(mine)) if mine.name == task.name => Err(Misplaced::Unsolicited),
            (None, _) => Ok(Handled::NotMine),
        }
    }

    fn deliver(&mut self, task: ResourceTask<'static>) -> Result<Handled, Misplaced> {
        let Self { profile, policy: Policy { resumes, .. }, .. } = *self;
        Reporter { profile, transfer: Transfer::Download, name: &task.name }.check()?;
        match &mut self.state {
            State::Query { .. } | State::Queried { .. } | State::Waiting { .. } => {
                self.state = State::Running(Run::new(task, Reports::default(), resumes));
                Ok(Handled::Taken)
            }
            State::Running(Run { task: mine, .. }) | State::Ending { task: mine, .. }
                if *mine == task =>
            {
                Ok(Handled::Repeated)
            }
            State::Running(run) if run.task.resource() == task.resource() => {
                run.task = task;
                Ok(Handled::Taken)
            }
            State::Running(run) if run.task.name == task.name => {
                self.close |= run.idle().is_some();
                *run = Run::new(task, run.reports, resumes);
                Ok(Handled::Taken)
            }
            State::Running(_) | State::Ending { .. } => Ok(Handled::NewTask),
            State::Over(_) => Err(Misplaced::Ended),
        }
    }

    fn run(&mut self) -> Result<&mut Run, Misplaced> {
        match &mut self.state {
            State::Running(run) => Ok(run),
            _ => Err(Misplaced::NoExchange),
        }
    }

    fn go_on(&mut self, flow: Flow) {
        if let Flow::Ended(result) = flow {
            self.end(result);
        }
    }

    /// Ends the transfer. The next action is the final report, or `Close` if it is due.
    fn end(&mut self, result: Result<(), Reason>) {
        if let State::Running(run) = &self.state {
            let ending = Ending::Report { reports: run.reports, result };
            self.state = State::Ending { task: run.task.clone(), ending };
        }
    }
}

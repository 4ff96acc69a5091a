//! The device's side of an upload.

use core::time::Duration;

use super::{
    handled::Handled,
    outcome::{Outcome, Reason},
    policy::Policy,
    report::{Ending, Reporter, Reports, shown},
};
use crate::{
    ContentMd5, Direction, EncodeError, Message, Percent, Profile, Resource, ResourceSize,
    ResourceTask, ResourceUrl, Transfer, session::Misplaced,
};

/// One upload on the device's side: it requests a URL, sends the resource to that URL, and reports
/// its progress.
///
/// The [module](super) describes how to use an upload, with an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    profile: Profile,
    policy: Policy,
    resource: Resource<'static>,
    state: State,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    /// The next action is a create. The upload has already published `asked` creates.
    Create { asked: u32 },
    /// The upload waits for the answer to the last create.
    Created { asked: u32, until: Duration },
    /// The URL was issued. The next action is the first report.
    Issued { url: ResourceUrl<'static> },
    /// The next action is the `PUT`.
    Put { url: ResourceUrl<'static>, reports: Reports },
    /// The `PUT` is under way.
    Sending { sent: u64, until: Duration, reports: Reports },
    /// The next action is to close the exchange.
    Close { reports: Reports, result: Result<(), Reason> },
    /// The exchange has ended, or there was none.
    Ending(Ending),
}

/// An action for the caller of an [`Upload`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UploadAction {
    /// Publish this message on the up topic (TOP-1).
    Publish(Message<'static>),
    /// Begin this HTTP exchange. The task has no other exchange at this time.
    Put(PutRequest),
    /// Close the HTTP exchange. Do not pass any later event of this exchange to the task.
    Close,
}

/// An HTTP `PUT` of a whole resource (HTTP-1).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PutRequest {
    /// The URL of the request, unchanged, including the query string. Do not follow redirections.
    pub url: ResourceUrl<'static>,
    /// The value of the header `Content-Length`, in bytes (HTTP-3).
    pub content_length: ResourceSize,
    /// The value of the header `Content-MD5` (HTTP-2), for example `1B2M2Y8AsgTpgAmY7PhCfg==`.
    pub content_md5: ContentMd5,
}

impl Upload {
    /// Creates an upload of a resource. The first action of the upload is the create.
    ///
    /// # Errors
    ///
    /// Returns [`EncodeError::PayloadTooLarge`] if the create or a report with the name of the
    /// resource would be too long (ENC-1).
    pub fn new(
        profile: Profile,
        policy: Policy,
        resource: Resource<'static>,
    ) -> Result<Self, EncodeError> {
        Message::CreateUploadTask(resource.clone()).encode(profile)?;
        Reporter { profile, transfer: Transfer::Upload, name: &resource.name }.check()?;
        Ok(Self { profile, policy, resource, state: State::Create { asked: 0 } })
    }

    /// Returns the resource that is uploaded.
    #[must_use]
    pub const fn resource(&self) -> &Resource<'static> {
        &self.resource
    }

    /// Returns the result of the task, or `None` while the task continues.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        match &self.state {
            State::Ending(ending) => ending.outcome(),
            _ => None,
        }
    }

    /// Returns the next action. After every event, call this method until it returns `None`.
    ///
    /// A message counts as published, and the `PUT` as begun, once this method has returned it.
    pub fn poll(&mut self, now: Duration) -> Option<UploadAction> {
        let profile = self.profile;
        let reporter = Reporter { profile, transfer: Transfer::Upload, name: &self.resource.name };
        let (action, next) = match &mut self.state {
            State::Create { asked } => {
                let create = Message::CreateUploadTask(self.resource.clone());
                let asked = asked.saturating_add(1);
                let until = now.saturating_add(self.policy.answer);
                (UploadAction::Publish(create), State::Created { asked, until })
            }
            State::Issued { url } => {
                let mut reports = Reports::default();
                let report = reports.begin(now, &self.policy, reporter);
                (UploadAction::Publish(report), State::Put { url: url.clone(), reports })
            }
            State::Put { url, reports } => {
                let put = PutRequest {
                    url: url.clone(),
                    content_length: self.resource.size,
                    content_md5: ContentMd5::from(self.resource.md5sum),
                };
                let until = now.saturating_add(self.policy.idle);
                (UploadAction::Put(put), State::Sending { sent: 0, until, reports: *reports })
            }
            State::Sending { sent, reports, .. } => {
                let percent = shown(profile, *sent, self.resource.size);
                let report = reports.poll(now, &self.policy, reporter, percent)?;
                return Some(UploadAction::Publish(report));
            }
            State::Close { reports, result } => {
                let ending = Ending::Report { reports: *reports, result: *result };
                (UploadAction::Close, State::Ending(ending))
            }
            State::Ending(ending) => {
                let report = ending.poll(now, &self.policy, reporter)?;
                return Some(UploadAction::Publish(report));
            }
            State::Created { .. } => return None,
        };
        self.state = next;
        Some(action)
    }

    /// Returns the time at which the caller must call [`handle_timeout`](Self::handle_timeout),
    /// once [`poll`](Self::poll) returns `None`. This time may be in the past. Returns `None` if
    /// the upload has no deadline.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Duration> {
        match &self.state {
            State::Created { until, .. } => Some(*until),
            State::Sending { until, reports, .. } => {
                Some(reports.wake(self.percent()).map_or(*until, |next| next.min(*until)))
            }
            State::Ending(ending) => ending.deadline(),
            State::Create { .. }
            | State::Issued { .. }
            | State::Put { .. }
            | State::Close { .. } => None,
        }
    }

    /// Ends the waits whose deadline has passed. Before the next deadline, the call has no effect.
    pub fn handle_timeout(&mut self, now: Duration) {
        match &mut self.state {
            State::Created { asked, until } if *until <= now => {
                self.state = if *asked < self.policy.asks.get() {
                    State::Create { asked: *asked }
                } else {
                    State::Ending(Ending::Over(Outcome::Unanswered))
                };
            }
            State::Sending { until, reports, .. } if *until <= now => {
                self.state = State::Close { reports: *reports, result: Err(Reason::TimeOut) };
            }
            State::Ending(ending) => ending.handle_timeout(now),
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
    /// - a `create_upload_task_rsp` with the name of the resource and a different size or digest
    ///   ([`EchoMismatch`](Misplaced::EchoMismatch), SES-2)
    /// - a `create_upload_task_rsp` for the resource before the first create
    ///   ([`TooEarly`](Misplaced::TooEarly)), or after the upload has ended without a URL
    ///   ([`Ended`](Misplaced::Ended))
    /// - a `report_upload_progress_rsp` without an open report
    ///   ([`Unsolicited`](Misplaced::Unsolicited), SES-6), or after the end of the upload
    ///   ([`Ended`](Misplaced::Ended))
    pub fn handle_message(&mut self, message: &Message<'_>) -> Result<Handled, Misplaced> {
        match message {
            Message::CreateUploadTaskRsp(task) if task.name == self.resource.name => {
                self.handle_issue(task)
            }
            Message::ReportUploadProgressRsp(response) => {
                let code = response.result_code;
                match &mut self.state {
                    State::Put { reports, .. }
                    | State::Sending { reports, .. }
                    | State::Close { reports, .. } => reports.handle_answer(code),
                    State::Ending(ending) => ending.handle_answer(code),
                    State::Create { .. } | State::Created { .. } | State::Issued { .. } => {
                        Err(Misplaced::Unsolicited)
                    }
                }
            }
            other if other.message_type().direction() == Direction::Up => {
                Err(Misplaced::WrongDirection)
            }
            _ => Ok(Handled::NotMine),
        }
    }

    /// Records that the connection has accepted `count` more bytes of the body. Unless `count` is
    /// 0, the time limit [`Policy::idle`] begins again.
    ///
    /// # Errors
    ///
    /// Returns [`Misplaced`] and changes nothing in these cases:
    ///
    /// - there is no `PUT` at this time ([`NoExchange`](Misplaced::NoExchange))
    /// - the body would have more bytes than the resource
    ///   ([`TooManyBytes`](Misplaced::TooManyBytes), HTTP-3)
    pub fn handle_http_sent(&mut self, now: Duration, count: u64) -> Result<(), Misplaced> {
        let State::Sending { sent, until, .. } = &mut self.state else {
            return Err(Misplaced::NoExchange);
        };
        let total = sent.checked_add(count).ok_or(Misplaced::TooManyBytes)?;
        if total > self.resource.size.bytes() {
            return Err(Misplaced::TooManyBytes);
        }
        if count > 0 {
            *sent = total;
            *until = now.saturating_add(self.policy.idle);
        }
        Ok(())
    }

    /// Handles the status of the response. Interim statuses (100 to 199) change nothing.
    ///
    /// A status from 200 to 299 confirms the upload if all bytes were sent before it. Any other
    /// status ends the upload with a failure. If some bytes were not sent before the response, the
    /// upload also fails, and its next action is `Close`.
    ///
    /// # Errors
    ///
    /// Returns [`NoExchange`](Misplaced::NoExchange) and changes nothing if there is no `PUT` at
    /// this time.
    pub fn handle_http_response(&mut self, _now: Duration, status: u16) -> Result<(), Misplaced> {
        let State::Sending { sent, reports, .. } = self.state else {
            return Err(Misplaced::NoExchange);
        };
        let complete = sent == self.resource.size.bytes();
        let result = match status {
            100..=199 => return Ok(()),
            200..=299 if complete => Ok(()),
            200..=299 => Err(Reason::TooShort),
            _ => Err(Reason::Status(status)),
        };
        self.state = if complete {
            State::Ending(Ending::Report { reports, result })
        } else {
            State::Close { reports, result }
        };
        Ok(())
    }

    /// Handles the failure of the exchange: the connection was refused, or it broke without a
    /// response. The next action is the final report.
    ///
    /// # Errors
    ///
    /// Returns [`NoExchange`](Misplaced::NoExchange) and changes nothing if there is no `PUT` at
    /// this time.
    pub fn handle_http_failure(&mut self) -> Result<(), Misplaced> {
        let State::Sending { reports, .. } = self.state else { return Err(Misplaced::NoExchange) };
        self.state = State::Ending(Ending::Report { reports, result: Err(Reason::Broken) });
        Ok(())
    }

    /// Handles a local failure: the device cannot read the resource.
    ///
    /// Before the URL is issued, the upload ends at once. After the URL is issued, the upload ends
    /// with a final report.
    ///
    /// # Errors
    ///
    /// Returns [`Ended`](Misplaced::Ended) and changes nothing if the transfer or the upload has
    /// ended.
    pub fn handle_local_failure(&mut self) -> Result<(), Misplaced> {
        let result = Err(Reason::Local);
        let end = |reports| State::Ending(Ending::Report { reports, result });
        self.state = match &self.state {
            State::Create { .. } | State::Created { .. } => {
                State::Ending(Ending::Over(Outcome::Abandoned))
            }
            State::Issued { .. } => end(Reports::default()),
            State::Put { reports, .. } => end(*reports),
            State::Sending { reports, .. } => State::Close { reports: *reports, result },
            State::Close { .. } | State::Ending(_) => return Err(Misplaced::Ended),
        };
        Ok(())
    }

    fn handle_issue(&mut self, task: &ResourceTask<'_>) -> Result<Handled, Misplaced> {
        if task.size != self.resource.size || task.md5sum != self.resource.md5sum {
            return Err(Misplaced::EchoMismatch);
        }
        match self.state {
            State::Create { asked: 0 } => Err(Misplaced::TooEarly),
            State::Create { .. } | State::Created { .. } => {
                self.state = State::Issued { url: task.url.clone().into_owned() };
                Ok(Handled::Taken)
            }
            State::Ending(Ending::Over(Outcome::Unanswered | Outcome::Abandoned)) => {
                Err(Misplaced::Ended)
            }
            // This message answers a further create of this task. The first URL stays in use.
            _ => Ok(Handled::Repeated),
        }
    }

    fn percent(&self) -> Percent {
        match self.state {
            State::Sending { sent, .. } => shown(self.profile, sent, self.resource.size),
            _ => Percent::ZERO,
        }
    }
}

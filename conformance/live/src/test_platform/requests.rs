//! The requests from a device and the answers to these requests.

use iothub_resource::{
    Message, Percent, Profile, ProgressReport, ProgressResponse, Resource, ResourceTask,
    ResourceUrl, State, Transfer,
};
use tokio::time::Duration;

use super::{
    conversation::Conversation,
    hearing::{AnswerNeed, ReportAnswer, Stop},
    settings::Settings,
};
use crate::mqtt::Qos;
use iothub_conformance_suite::Level;

impl Conversation<'_> {
    /// Returns a report in the form that the profile requires. The vendor's documentation
    /// contains neither `done` nor `fail`. It uses 100% for success and a code other than 0 for failure.
    pub(super) fn said(
        &self,
        transfer: Transfer,
        mut report: ProgressReport<'static>,
    ) -> Message<'static> {
        if self.settings.profile == Profile::Documented {
            report.progress.state = match report.progress.state {
                State::Done(_) => State::Running(Percent::FULL),
                State::Fail(percent) => State::Running(percent.unwrap_or(Percent::ZERO)),
                running => running,
            };
        }
        match transfer {
            Transfer::Upload => Message::ReportUploadProgress(report),
            Transfer::Download => Message::ReportDownloadProgress(report),
        }
    }

    /// Requests an upload. Returns the place of the create in the log.
    pub(super) async fn create(&mut self, resource: &Resource<'static>) -> Result<usize, Stop> {
        self.say(&Message::CreateUploadTask(resource.clone()), Qos::AtLeastOnce).await
    }

    /// Permits the platform to leave the request at the place `at` in the log unanswered.
    pub(super) fn excuse(&mut self, at: usize) {
        self.excused.insert(at);
    }

    /// Waits for the answer to the create at the place `at` in the log. Returns the URL; `None` if
    /// no answer arrives in time. If `need` is [`AnswerNeed::Must`], a missing answer instead adds
    /// a finding and stops the scenario. If `need` is [`AnswerNeed::May`], the platform may leave
    /// the create unanswered.
    pub(super) async fn issued(
        &mut self,
        resource: &Resource<'static>,
        at: usize,
        need: AnswerNeed,
    ) -> Result<Option<ResourceUrl<'static>>, Stop> {
        let answer = self
            .wait(self.settings.timeout, |message| match message {
                Message::CreateUploadTaskRsp(task) if task.resource() == *resource => {
                    Some(task.url.clone())
                }
                _ => None,
            })
            .await?;
        if answer.is_none() {
            match need {
                AnswerNeed::Must => {
                    let waited = self.settings.timeout;
                    self.findings.add(
                        at,
                        "unanswered",
                        Level::Must,
                        "MSG-2",
                        format!(
                            "no `create_upload_task_rsp` arrived within {waited:?}: expected one \
                             with the same `name`, `size` and `md5sum`, and with a `url`"
                        ),
                    );
                    return Err(Stop::Found);
                }
                AnswerNeed::Should => {}
                AnswerNeed::May => self.excuse(at),
            }
        }
        Ok(answer)
    }

    /// Discards earlier answers, publishes a report and waits for the answer. Returns the answer,
    /// if one arrives in time, and the place of the report in the log.
    pub(super) async fn report(
        &mut self,
        transfer: Transfer,
        report: &ProgressReport<'static>,
        qos: Qos,
    ) -> Result<ReportAnswer, Stop> {
        // Earlier messages do not answer the report.
        self.forget(|message| response_to(transfer, message).is_some());
        let at = self.say(&self.said(transfer, report.clone()), qos).await?;
        Ok(ReportAnswer { at, response: self.report_answered(transfer).await? })
    }

    /// Waits for the answer to a report. Returns the answer; `None` if no answer arrives in time.
    /// After a missing answer, later calls wait for a shorter time.
    pub(super) async fn report_answered(
        &mut self,
        transfer: Transfer,
    ) -> Result<Option<ProgressResponse<'static>>, Stop> {
        let Settings { timeout, settle, .. } = *self.settings;
        let patience = if self.impatient { settle } else { timeout };
        let answer = self.wait(patience, |message| response_to(transfer, message).cloned()).await?;
        self.impatient |= answer.is_none();
        Ok(answer)
    }

    /// Waits for the answer to a repeated report. This answer is optional (SES-11) and must not be
    /// mistaken for the answer to the next report. If this answer is missing, the waits for later
    /// answers do not become shorter.
    pub(super) async fn answered_again(&mut self, transfer: Transfer) -> Result<(), Stop> {
        let impatient = self.impatient;
        self.report_answered(transfer).await?;
        self.impatient = impatient;
        Ok(())
    }

    /// Requests a download and waits for the delivery. An earlier push counts as the delivery.
    /// Returns the task; `None` if no download arrives in time.
    pub(super) async fn delivery(&mut self) -> Result<Option<ResourceTask<'static>>, Stop> {
        self.say(&Message::GetDownloadTask, Qos::AtLeastOnce).await?;
        let Settings { timeout, .. } = *self.settings;
        // Without a download, no answer arrives, so the wait is short. It is longer if the general
        // time-out is long.
        let patience = timeout.min(Duration::from_secs(2).max(timeout / 5));
        self.wait(patience, |message| match message {
            Message::GetDownloadTaskRsp(task) | Message::Download(task) => Some(task.clone()),
            _ => None,
        })
        .await
    }
}

/// Returns the response in a message that answers a report; `None` for any other message.
fn response_to<'a>(
    transfer: Transfer,
    message: &'a Message<'static>,
) -> Option<&'a ProgressResponse<'static>> {
    match (transfer, message) {
        (Transfer::Upload, Message::ReportUploadProgressRsp(response))
        | (Transfer::Download, Message::ReportDownloadProgressRsp(response)) => Some(response),
        _ => None,
    }
}

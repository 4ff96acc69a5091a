//! Progress of uploads: in and out of order.

use std::borrow::Cow;

use iothub_resource::{Percent, ProgressReport, ResourceName, ResultCode, State, Transfer};

use super::{
    conversation::{AnswerNeed, Conversation, Stop},
    flow::{TestUpload, report, running},
};
use crate::mqtt::Qos;

/// How a device reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReportSequence {
    Usual,
    Decreasing,
    /// A percentage of 100, and then the end.
    HundredGoesOn,
    DoneWithPercent,
    Failed,
    LongReason,
    /// An end by its code alone, and one more report.
    CodeEnds,
    Qos0,
    Dup,
    ManyAtOnce,
    WithTheCreate,
    BeforeCreate,
    NoSuchTask,
    AfterDone,
    AfterFail,
    RepeatedEnd,
    AsDownload,
}

impl Conversation<'_> {
    pub(super) async fn reports(&mut self, order: ReportSequence) -> Result<(), Stop> {
        let task = self.new_task(40);
        match order {
            ReportSequence::Usual => self.states(&task, &[0, 50, 99], State::Done(None)).await,
            ReportSequence::Decreasing => {
                self.states(&task, &[50, 30, 40], State::Done(None)).await
            }
            ReportSequence::HundredGoesOn => {
                self.states(&task, &[99, 100], State::Done(None)).await
            }
            ReportSequence::DoneWithPercent => {
                self.states(&task, &[0], State::Done(Some(Percent::FULL))).await
            }
            ReportSequence::Failed => {
                self.begin(&task).await?;
                self.progress(&task, running(10)).await?;
                self.progress(&task, State::Fail(None)).await
            }
            ReportSequence::LongReason => {
                self.begin(&task).await?;
                let mut failed = report(&task.resource.name, State::Fail(None));
                failed.progress.result_code = ResultCode(i32::MIN);
                failed.progress.result_msg = Cow::Owned("磁盘 \"full\"\t\u{1F4BE} \\ ".repeat(60));
                self.at_its_moment(&failed, Qos::AtLeastOnce).await
            }
            ReportSequence::CodeEnds => {
                self.begin(&task).await?;
                let mut failed = report(&task.resource.name, running(20));
                failed.progress.result_code = ResultCode::FILE_NOT_EXIST;
                self.at_its_moment(&failed, Qos::AtLeastOnce).await?;
                self.out_of_place(Transfer::Upload, &task.resource.name, "SES-7").await?;
                self.alive().await
            }
            ReportSequence::Qos0 => {
                self.begin(&task).await?;
                for percent in [0, 60] {
                    let report = report(&task.resource.name, running(percent));
                    self.at_its_moment(&report, Qos::AtMostOnce).await?;
                }
                self.progress(&task, State::Done(None)).await
            }
            ReportSequence::Dup => self.report_with_dup(&task).await,
            ReportSequence::ManyAtOnce => self.many_reports(&task).await,
            ReportSequence::WithTheCreate => {
                let at = self.create(&task.resource).await?;
                let early = self.said(Transfer::Upload, report(&task.resource.name, running(0)));
                self.say(&early, Qos::AtLeastOnce).await?;
                // The platform may have issued the URL before the report came: any code will do.
                let url = self.issued(&task.resource, at, AnswerNeed::Must).await?;
                self.report_answered(Transfer::Upload).await?;
                match url {
                    Some(url) => self.transfer(&task, &url).await,
                    None => Ok(()),
                }
            }
            ReportSequence::BeforeCreate => {
                self.out_of_place(Transfer::Upload, &task.resource.name, "SES-3").await?;
                self.upload(&task).await
            }
            ReportSequence::NoSuchTask => {
                self.begin(&task).await?;
                let other = self.new_task(1).resource.name;
                self.out_of_place(Transfer::Upload, &other, "SES-3").await?;
                self.progress(&task, State::Done(None)).await?;
                self.alive().await
            }
            ReportSequence::AfterDone => {
                self.upload(&task).await?;
                self.out_of_place(Transfer::Upload, &task.resource.name, "SES-7").await?;
                self.alive().await
            }
            ReportSequence::AfterFail => {
                self.begin(&task).await?;
                self.progress(&task, State::Fail(None)).await?;
                self.out_of_place(Transfer::Upload, &task.resource.name, "SES-7").await?;
                self.upload(&task).await
            }
            ReportSequence::RepeatedEnd => {
                self.upload(&task).await?;
                // It is owed no answer: whatever comes is one too many.
                let again =
                    self.said(Transfer::Upload, report(&task.resource.name, State::Done(None)));
                self.say(&again, Qos::AtLeastOnce).await?;
                self.settle().await?;
                self.alive().await
            }
            ReportSequence::AsDownload => {
                self.begin(&task).await?;
                self.out_of_place(Transfer::Download, &task.resource.name, "SES-5").await?;
                self.progress(&task, State::Done(None)).await?;
                self.alive().await
            }
        }
    }

    /// An upload with these reports, of which the last one comes after the `PUT`.
    async fn states(&mut self, task: &TestUpload, percents: &[u8], end: State) -> Result<(), Stop> {
        let url = self.begin(task).await?;
        for percent in percents {
            self.progress(task, running(*percent)).await?;
        }
        self.put_well(task, &url).await?;
        self.progress(task, end).await
    }

    async fn at_its_moment(
        &mut self,
        report: &ProgressReport<'static>,
        qos: Qos,
    ) -> Result<(), Stop> {
        let (at, response) = self.report(Transfer::Upload, report, qos).await?;
        self.taken(at, response)
    }

    /// A report that is not at its moment. It is owed its answer all the same (SES-12).
    pub(super) async fn out_of_place(
        &mut self,
        transfer: Transfer,
        name: &ResourceName<'static>,
        requirement: &'static str,
    ) -> Result<(), Stop> {
        let report = report(name, running(70));
        let (at, response) = self.report(transfer, &report, Qos::AtLeastOnce).await?;
        self.refused(at, requirement, response);
        Ok(())
    }

    async fn report_with_dup(&mut self, task: &TestUpload) -> Result<(), Stop> {
        let url = self.begin(task).await?;
        let message = self.said(Transfer::Upload, report(&task.resource.name, running(10)));
        let at = self.say(&message, Qos::AtLeastOnce).await?;
        self.say_again(&message).await?;
        let response = self.report_answered(Transfer::Upload).await?;
        self.taken(at, response)?;
        // An answer to the second copy is not taken for that to the next report.
        self.settle().await?;
        self.put_well(task, &url).await?;
        self.progress(task, State::Done(None)).await
    }

    async fn many_reports(&mut self, task: &TestUpload) -> Result<(), Stop> {
        const MANY: u8 = 20;
        let url = self.begin(task).await?;
        let mut places = Vec::new();
        for step in 0..MANY {
            let report = report(&task.resource.name, running(step * 5));
            places.push(self.say(&self.said(Transfer::Upload, report), Qos::AtLeastOnce).await?);
        }
        for at in places {
            let response = self.report_answered(Transfer::Upload).await?;
            self.taken(at, response)?;
        }
        self.put_well(task, &url).await?;
        self.progress(task, State::Done(None)).await
    }
}

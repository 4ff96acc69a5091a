//! Sends valid and misplaced reports on the progress of uploads.

use std::borrow::Cow;

use iothub_resource::{Percent, ProgressReport, ResourceName, ResultCode, State, Transfer};

use super::{
    conversation::Conversation,
    flow::{self, TestUpload, report, running},
    hearing::{AnswerNeed, ReportAnswer, Stop},
};
use crate::mqtt::Qos;

/// The reports that the device sends in one scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReportSequence {
    Usual,
    Decreasing,
    /// A percentage of 100, and then a final report.
    HundredGoesOn,
    DoneWithPercent,
    Failed,
    LongReason,
    /// A report that is final because of its code, and a further report.
    CodeEnds,
    Qos0,
    Dup,
    ManyAtOnce,
    WithTheCreate,
}

/// A misplaced or repeated report from a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MisplacedReport {
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
            ReportSequence::Usual => self.follow(&task, &[0, 50, 99], State::Done(None)).await,
            ReportSequence::Decreasing => {
                self.follow(&task, &[50, 30, 40], State::Done(None)).await
            }
            ReportSequence::HundredGoesOn => {
                self.follow(&task, &[99, 100], State::Done(None)).await
            }
            ReportSequence::DoneWithPercent => {
                self.follow(&task, &[0], State::Done(Some(Percent::FULL))).await
            }
            ReportSequence::Failed => {
                self.begin(&task).await?;
                self.progress(&task, running(10)).await?;
                self.progress(&task, State::Fail(None)).await
            }
            ReportSequence::LongReason => self.report_long_reason(&task).await,
            ReportSequence::CodeEnds => self.report_by_code(&task).await,
            ReportSequence::Qos0 => self.report_at_qos_0(&task).await,
            ReportSequence::Dup => self.report_with_dup(&task).await,
            ReportSequence::ManyAtOnce => self.many_reports(&task).await,
            ReportSequence::WithTheCreate => self.report_with_the_create(&task).await,
        }
    }

    /// Sends a misplaced report, after which an upload must succeed.
    pub(super) async fn misplaced_report(&mut self, report: MisplacedReport) -> Result<(), Stop> {
        let task = &self.new_task(40);
        let name = &task.resource.name;
        match report {
            MisplacedReport::BeforeCreate => {
                self.out_of_place(Transfer::Upload, name, "SES-3").await?;
                self.upload(task).await
            }
            MisplacedReport::NoSuchTask => {
                let url = self.begin(task).await?;
                let other = self.new_task(1).resource.name;
                self.out_of_place(Transfer::Upload, &other, "SES-3").await?;
                self.finish(task, &url).await?;
                self.alive().await
            }
            MisplacedReport::AfterDone => {
                self.upload(task).await?;
                self.out_of_place(Transfer::Upload, name, "SES-7").await?;
                self.alive().await
            }
            MisplacedReport::AfterFail => {
                self.begin(task).await?;
                self.progress(task, State::Fail(None)).await?;
                self.out_of_place(Transfer::Upload, name, "SES-7").await?;
                self.upload(task).await
            }
            MisplacedReport::RepeatedEnd => {
                self.upload(task).await?;
                let end = flow::report(name, State::Done(None));
                let again = self.said(Transfer::Upload, end);
                self.say(&again, Qos::AtLeastOnce).await?;
                self.answered_again(Transfer::Upload).await?;
                self.alive().await
            }
            MisplacedReport::AsDownload => {
                let url = self.begin(task).await?;
                self.out_of_place(Transfer::Download, name, "SES-5").await?;
                self.finish(task, &url).await?;
                self.alive().await
            }
        }
    }

    async fn report_long_reason(&mut self, task: &TestUpload) -> Result<(), Stop> {
        self.begin(task).await?;
        let mut failed = report(&task.resource.name, State::Fail(None));
        failed.progress.result_code = ResultCode(i32::MIN);
        failed.progress.result_msg = Cow::Owned("磁盘 \"full\"\t\u{1F4BE} \\ ".repeat(60));
        self.at_its_moment(&failed, Qos::AtLeastOnce).await
    }

    async fn report_by_code(&mut self, task: &TestUpload) -> Result<(), Stop> {
        self.begin(task).await?;
        let mut failed = report(&task.resource.name, running(20));
        failed.progress.result_code = ResultCode::FILE_NOT_EXIST;
        self.at_its_moment(&failed, Qos::AtLeastOnce).await?;
        self.out_of_place(Transfer::Upload, &task.resource.name, "SES-7").await?;
        self.alive().await
    }

    async fn report_at_qos_0(&mut self, task: &TestUpload) -> Result<(), Stop> {
        let url = self.begin(task).await?;
        for percent in [0, 60] {
            let report = report(&task.resource.name, running(percent));
            self.at_its_moment(&report, Qos::AtMostOnce).await?;
        }
        self.finish(task, &url).await
    }

    async fn report_with_the_create(&mut self, task: &TestUpload) -> Result<(), Stop> {
        let at = self.create(&task.resource).await?;
        let early = self.said(Transfer::Upload, report(&task.resource.name, running(0)));
        self.say(&early, Qos::AtLeastOnce).await?;
        // The platform may have issued the URL before the report arrived, so any code is
        // acceptable.
        let url = self.issued(&task.resource, at, AnswerNeed::Must).await?;
        self.report_answered(Transfer::Upload).await?;
        match url {
            Some(url) => self.transfer(task, &url).await,
            None => Ok(()),
        }
    }

    /// Makes an upload with these reports. The last report follows the `PUT`.
    async fn follow(&mut self, task: &TestUpload, percents: &[u8], end: State) -> Result<(), Stop> {
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
        let answer = self.report(Transfer::Upload, report, qos).await?;
        self.taken(answer)
    }

    /// Publishes a misplaced report and checks that the platform rejects the report. The platform
    /// must still answer (SES-12).
    pub(super) async fn out_of_place(
        &mut self,
        transfer: Transfer,
        name: &ResourceName<'static>,
        requirement: &'static str,
    ) -> Result<(), Stop> {
        let report = report(name, running(70));
        let answer = self.report(transfer, &report, Qos::AtLeastOnce).await?;
        self.refused(answer, requirement);
        Ok(())
    }

    async fn report_with_dup(&mut self, task: &TestUpload) -> Result<(), Stop> {
        let url = self.begin(task).await?;
        let message = self.said(Transfer::Upload, report(&task.resource.name, running(10)));
        let at = self.say(&message, Qos::AtLeastOnce).await?;
        self.say_again(&message).await?;
        let response = self.report_answered(Transfer::Upload).await?;
        self.taken(ReportAnswer { at, response })?;
        self.answered_again(Transfer::Upload).await?;
        self.finish(task, &url).await
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
            self.taken(ReportAnswer { at, response })?;
        }
        self.finish(task, &url).await
    }
}

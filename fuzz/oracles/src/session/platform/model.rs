//! What a platform is to do.

use std::{borrow::Cow, collections::VecDeque};

use iothub_resource::{
    Direction, Message, Percent, Profile, ProgressReport, ProgressResponse, Resource, ResourceTask,
    ResultCode, State, Transfer,
    session::{
        End, Misplaced,
        platform::{PlatformAction, PlatformEvent},
    },
};

use super::{Op, Place};
use crate::session::observer::model::{REPEATED, Trace, Verdict};

/// What happened to a platform, and what is still to be asked of it.
pub(super) struct Model {
    pub(super) profile: Profile,
    /// All that it was told and has decided to publish, judged.
    trace: Trace,
    /// The creates that are neither answered nor refused.
    open: Vec<Resource<'static>>,
    /// The downloads that are kept, and whether they were handed out.
    offers: Vec<(ResourceTask<'static>, bool)>,
    pub(super) actions: VecDeque<PlatformAction>,
    pub(super) events: VecDeque<PlatformEvent>,
}

impl Model {
    pub(super) const fn new(profile: Profile) -> Self {
        Self {
            profile,
            trace: Trace::new(profile),
            open: Vec::new(),
            offers: Vec::new(),
            actions: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    pub(super) fn offers(&self) -> impl Iterator<Item = &ResourceTask<'static>> {
        self.offers.iter().map(|(task, _)| task)
    }

    pub(super) fn tell(&mut self, op: Op) -> Result<(), Misplaced> {
        match op {
            Op::Message { dup, said } => self.message(dup, said.message()),
            Op::Issue(place) => self.issue(place),
            Op::Refuse(place) => self.settle(&place.task().resource()),
            Op::Offer(Place { long: true, .. }) => Err(Misplaced::TooLong),
            Op::Offer(place) => {
                let task = place.task();
                self.offers.retain(|(other, _)| other.name != task.name);
                self.offers.push((task, false));
                Ok(())
            }
            Op::Push(_) if self.profile == Profile::Documented => Err(Misplaced::NotInProfile),
            Op::Push(Place { long: true, .. }) => Err(Misplaced::TooLong),
            Op::Push(place) => {
                let task = place.task();
                self.publish(Message::Download(task.clone()));
                self.events.push_back(PlatformEvent::Delivered(task));
                Ok(())
            }
            Op::Poll | Op::PollEvent => Ok(()),
        }
    }

    fn message(&mut self, dup: bool, message: Message<'static>) -> Result<(), Misplaced> {
        if message.message_type().direction() == Direction::Down {
            return Err(Misplaced::WrongDirection);
        }
        if message.check(self.profile).is_err() {
            return Err(Misplaced::NotInProfile);
        }
        let verdict = self.trace.observe(dup, message.clone());
        if verdict == Verdict::Ignored {
            return Ok(());
        }
        match message {
            Message::CreateUploadTask(resource) => {
                self.open.push(resource.clone());
                self.actions.push_back(PlatformAction::IssueUrl(resource));
            }
            Message::GetDownloadTask => {
                if let Some((task, handed_out)) = self.offers.first_mut() {
                    *handed_out = true;
                    let task = task.clone();
                    self.publish(Message::GetDownloadTaskRsp(task.clone()));
                    self.events.push_back(PlatformEvent::Delivered(task));
                }
            }
            Message::ReportUploadProgress(report) => self.report(Transfer::Upload, report, verdict),
            Message::ReportDownloadProgress(report) => {
                self.report(Transfer::Download, report, verdict);
            }
            other => panic!("{other:?}"),
        }
        Ok(())
    }

    fn issue(&mut self, place: Place) -> Result<(), Misplaced> {
        let task = place.task();
        let resource = task.resource();
        if place.long {
            return Err(Misplaced::TooLong);
        }
        self.settle(&resource)?;
        self.publish(Message::CreateUploadTaskRsp(task));
        self.events.push_back(PlatformEvent::Issued(resource));
        Ok(())
    }

    /// Each create is answered or refused once.
    fn settle(&mut self, resource: &Resource<'static>) -> Result<(), Misplaced> {
        let open = self.open.iter().position(|open| open == resource);
        self.open.remove(open.ok_or(Misplaced::Unsolicited)?);
        Ok(())
    }

    /// Every report is answered once, but for the one that ended its task (SES-11).
    fn report(&mut self, transfer: Transfer, report: ProgressReport<'static>, verdict: Verdict) {
        if verdict == REPEATED {
            return;
        }
        let response = match verdict {
            Verdict::Wrong(_) => ProgressResponse {
                result_code: ResultCode(-2),
                result_msg: Cow::Borrowed("file_not_exist"),
            },
            _ => ProgressResponse { result_code: ResultCode(0), result_msg: Cow::Borrowed("ok") },
        };
        self.publish(match transfer {
            Transfer::Upload => Message::ReportUploadProgressRsp(response),
            Transfer::Download => Message::ReportDownloadProgressRsp(response),
        });
        if let Verdict::Wrong(kind) = verdict {
            self.events.push_back(PlatformEvent::BrokenRule { transfer, report, kind });
            return;
        }
        let name = report.name.clone();
        if transfer == Transfer::Download {
            self.offers.retain(|(task, handed_out)| !(*handed_out && task.name == name));
        }
        let end = self.end(&report);
        self.events.push_back(PlatformEvent::Progress { transfer, report });
        self.events.extend(end.map(|end| PlatformEvent::Ended { transfer, name, end }));
    }

    /// SES-7.
    fn end(&self, report: &ProgressReport<'_>) -> Option<End> {
        let code = report.progress.result_code;
        let full = report.progress.state.percent() == Some(Percent::FULL);
        match (self.profile, report.progress.state) {
            _ if code.0 != 0 => Some(End::Failure(code)),
            (Profile::Documented, _) => full.then_some(End::Success),
            (Profile::Deployed, State::Running(_)) => None,
            (Profile::Deployed, State::Done(_)) => Some(End::Success),
            (Profile::Deployed, State::Fail(_)) => Some(End::Failure(code)),
        }
    }

    fn publish(&mut self, message: Message<'static>) {
        let verdict = self.trace.observe(false, message.clone());
        assert_eq!(verdict, Verdict::Fine, "the model keeps the rules: {message:?}");
        self.actions.push_back(PlatformAction::Publish(message));
    }
}

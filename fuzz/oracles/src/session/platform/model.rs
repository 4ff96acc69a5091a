//! The model of a platform, which derives its actions from the whole trace.

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

/// The history of a platform, and its expected actions.
pub(super) struct Model {
    pub(super) profile: Profile,
    /// The judged messages that the platform received or decided to publish, except for violations
    /// and repetitions.
    trace: Trace,
    /// The messages from the device, and whether each was rejected.
    seen: Vec<(Message<'static>, bool)>,
    /// The answers to creates that may be repeated.
    issued: VecDeque<ResourceTask<'static>>,
    /// The creates that are neither answered nor refused.
    open: Vec<Resource<'static>>,
    /// The downloads that are offered.
    offers: Vec<Offer>,
    pub(super) actions: VecDeque<PlatformAction>,
    pub(super) events: VecDeque<PlatformEvent>,
}

struct Offer {
    task: ResourceTask<'static>,
    handed_out: bool,
}

impl Model {
    pub(super) const fn new(profile: Profile) -> Self {
        Self {
            profile,
            trace: Trace::new(profile),
            seen: Vec::new(),
            issued: VecDeque::new(),
            open: Vec::new(),
            offers: Vec::new(),
            actions: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    pub(super) fn offers(&self) -> impl Iterator<Item = &ResourceTask<'static>> {
        self.offers.iter().map(|offer| &offer.task)
    }

    pub(super) fn tell(&mut self, op: Op) -> Result<(), Misplaced> {
        match op {
            Op::Message { dup, said } => self.message(dup, said.message()),
            Op::Issue(place) => self.issue(place),
            Op::Refuse(place) => self.settle(&place.task().resource()),
            Op::Offer(Place { long: true, .. }) => Err(Misplaced::TooLong),
            Op::Offer(place) => {
                let task = place.task();
                self.offers.retain(|other| other.task.name != task.name);
                self.offers.push(Offer { task, handed_out: false });
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
        let before = self.seen.iter().rev().find(|(before, _)| *before == message);
        if let (true, Some((_, refused))) = (dup, before) {
            self.again(message, *refused);
            return Ok(());
        }
        let mut trace = self.trace.clone();
        let verdict = trace.observe(false, message.clone());
        self.seen.push((message.clone(), matches!(verdict, Verdict::Wrong(_))));
        if verdict != REPEATED && !matches!(verdict, Verdict::Wrong(_)) {
            self.trace = trace;
        }
        match message {
            Message::CreateUploadTask(resource) => {
                self.issued.retain(|task| task.resource() != resource);
                self.open.push(resource.clone());
                self.actions.push_back(PlatformAction::IssueUrl(resource));
            }
            Message::GetDownloadTask => self.hand_out(),
            Message::ReportUploadProgress(report) => self.report(Transfer::Upload, report, verdict),
            Message::ReportDownloadProgress(report) => {
                self.report(Transfer::Download, report, verdict);
            }
            other => panic!("{other:?}"),
        }
        Ok(())
    }

    /// Takes a repetition, which changes nothing. The platform answers it as before (SES-11).
    fn again(&mut self, message: Message<'static>, refused: bool) {
        let answer = match message {
            Message::CreateUploadTask(resource) => {
                let task = self.issued.iter().find(|task| task.resource() == resource);
                task.map(|task| Message::CreateUploadTaskRsp(task.clone()))
            }
            Message::GetDownloadTask => match self.offers.first() {
                Some(Offer { task, handed_out: true }) => {
                    Some(Message::GetDownloadTaskRsp(task.clone()))
                }
                _ => {
                    return if self.trace.owes_a_download() {
                        self.hand_out()
                    };
                }
            },
            Message::ReportUploadProgress(_) => Some(response(Transfer::Upload, refused)),
            _ => Some(response(Transfer::Download, refused)),
        };
        self.actions.extend(answer.map(PlatformAction::Publish));
    }

    fn hand_out(&mut self) {
        if let Some(offer) = self.offers.first_mut() {
            offer.handed_out = true;
            let task = offer.task.clone();
            self.publish(Message::GetDownloadTaskRsp(task.clone()));
            self.events.push_back(PlatformEvent::Delivered(task));
        }
    }

    fn issue(&mut self, place: Place) -> Result<(), Misplaced> {
        let task = place.task();
        let resource = task.resource();
        if place.long {
            return Err(Misplaced::TooLong);
        }
        self.settle(&resource)?;
        self.publish(Message::CreateUploadTaskRsp(task.clone()));
        self.issued.push_back(task);
        if self.issued.len() > 16 {
            self.issued.pop_front();
        }
        self.events.push_back(PlatformEvent::Issued(resource));
        Ok(())
    }

    /// Closes a create, which can be answered or refused only once.
    fn settle(&mut self, resource: &Resource<'static>) -> Result<(), Misplaced> {
        let open = self.open.iter().position(|open| open == resource);
        self.open.remove(open.ok_or(Misplaced::Unsolicited)?);
        Ok(())
    }

    /// Takes a report. The platform answers every report, including a repeated one (SES-11).
    fn report(&mut self, transfer: Transfer, report: ProgressReport<'static>, verdict: Verdict) {
        match verdict {
            REPEATED => {
                let answer = response(transfer, false);
                return self.actions.push_back(PlatformAction::Publish(answer));
            }
            Verdict::Wrong(kind) => {
                self.actions.push_back(PlatformAction::Publish(response(transfer, true)));
                let broken = PlatformEvent::BrokenRule { transfer, report, kind };
                return self.events.push_back(broken);
            }
            _ => self.publish(response(transfer, false)),
        }
        let name = report.name.clone();
        match transfer {
            Transfer::Upload => self.issued.retain(|task| task.name != name),
            Transfer::Download => {
                self.offers.retain(|offer| !(offer.handed_out && offer.task.name == name));
            }
        }
        let end = self.end(&report);
        self.events.push_back(PlatformEvent::Progress { transfer, report });
        self.events.extend(end.map(|end| PlatformEvent::Ended { transfer, name, end }));
    }

    /// Returns the end of a task according to a report (SES-7), or `None` if the task continues.
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

fn response(transfer: Transfer, refused: bool) -> Message<'static> {
    let response = if refused {
        let result_msg = Cow::Borrowed("file_not_exist");
        ProgressResponse { result_code: ResultCode(-2), result_msg }
    } else {
        ProgressResponse { result_code: ResultCode(0), result_msg: Cow::Borrowed("ok") }
    };
    match transfer {
        Transfer::Upload => Message::ReportUploadProgressRsp(response),
        Transfer::Download => Message::ReportDownloadProgressRsp(response),
    }
}

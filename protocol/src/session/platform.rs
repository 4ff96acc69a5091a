//! The platform's side of all uploads and downloads of one device.
//!
//! [`Platform`] is told what the device publishes, and asked what to publish. It does nothing
//! itself, and needs no time: it answers at once, and waits for nothing.
//!
//! ```
//! use iothub_resource::{
//!     Message, Profile, ResourceUrl,
//!     session::platform::{Platform, PlatformAction, PlatformEvent},
//! };
//!
//! let mut platform = Platform::new(Profile::Documented);
//! let create = r#"{"type":"create_upload_task","size":5,"name":"zxc",
//!     "md5sum":"5d41402abc4b2a76b9719d911017c592"}"#;
//! platform.handle_message(false, &Message::from_json(Profile::Documented, create)?)?;
//!
//! // It wants a URL for that, and gets one.
//! let Some(PlatformAction::IssueUrl(resource)) = platform.poll() else { panic!() };
//! platform.url_issued(&resource, ResourceUrl::new("https://host/zxc?sign=a")?)?;
//! let Some(PlatformAction::Publish(issued)) = platform.poll() else { panic!() };
//! assert!(matches!(issued, Message::CreateUploadTaskRsp(_)));
//! assert_eq!(platform.poll_event(), Some(PlatformEvent::Issued(resource)));
//!
//! // The device reports; it is answered.
//! let report = r#"{"type":"report_upload_progress","name":"zxc",
//!     "progress":{"state":"uploading","percent":89,"result_code":0,"result_msg":""}}"#;
//! platform.handle_message(false, &Message::from_json(Profile::Documented, report)?)?;
//! let Some(PlatformAction::Publish(answer)) = platform.poll() else { panic!() };
//! assert!(matches!(answer, Message::ReportUploadProgressRsp(_)));
//! assert!(matches!(platform.poll_event(), Some(PlatformEvent::Progress { .. })));
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```

use alloc::{borrow::Cow, collections::VecDeque};

use super::{
    End, FindingKind, Limits, Misplaced, TraceAdviceKind, fingerprint::Fingerprint,
    generations::Generations, rules::Rules,
};
use crate::{
    Direction, Message, Profile, ProgressReport, ProgressResponse, Resource, ResourceName,
    ResourceTask, ResourceUrl, ResultCode, Transfer,
};

/// The platform, as one device sees it.
///
/// `handle_message`, `url_issued`, `offer` and `push` tell it what happened; after each of them,
/// [`poll`](Self::poll) says what to do, and [`poll_event`](Self::poll_event) what became of the
/// tasks, until there is nothing more.
///
/// It judges the device with the rules of the [`Observer`](super::Observer), and remembers what
/// that remembers. What it publishes can be encoded: what would be too long is refused at the door
/// ([`TooLong`](Misplaced::TooLong), ENC-1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Platform {
    profile: Profile,
    /// They are told what is at its moment, of both directions, and nothing twice.
    rules: Rules,
    /// The different messages of the device; of a report, whether it was refused.
    seen: Generations<bool>,
    /// The answers to the last creates, until the device reports on their tasks.
    issued: VecDeque<ResourceTask<'static>>,
    offers: VecDeque<Offer>,
    actions: VecDeque<PlatformAction>,
    events: VecDeque<PlatformEvent>,
}

/// How many answers to creates are kept, to be published again. More creates are hardly on their way
/// at once; and an answer can be as long as a payload.
const ISSUED: usize = 16;

/// A download that the device has not begun.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Offer {
    task: ResourceTask<'static>,
    delivered: bool,
}

/// What a [`Platform`] wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlatformAction {
    /// Publish this on the down topic (TOP-2).
    Publish(Message<'static>),
    /// The device wants to upload this: answer with [`Platform::url_issued`] or
    /// [`Platform::url_refused`], now or later.
    IssueUrl(Resource<'static>),
}

/// What became of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlatformEvent {
    /// The URL of an upload was issued.
    Issued(Resource<'static>),
    /// A download was handed out: as the answer to a query, or pushed.
    Delivered(ResourceTask<'static>),
    /// The device reported on a task. An [`Ended`](Self::Ended) follows if that ends it.
    Progress {
        /// Which kind of task.
        transfer: Transfer,
        /// What it said.
        report: ProgressReport<'static>,
    },
    /// The device ended a task (SES-7). It is the device's word: whether an upload is really
    /// there, [`check_upload_head`](crate::check_upload_head) and
    /// [`check_upload_body`](crate::check_upload_body) tell.
    Ended {
        /// Which kind of task.
        transfer: Transfer,
        /// Which one.
        name: ResourceName<'static>,
        /// How.
        end: End,
    },
    /// The device sent a report that breaks a rule (SES-3, SES-5, SES-7). It was answered, and has
    /// changed no task: a platform that refuses a report is no checker that goes on (SES-12).
    BrokenRule {
        /// Which kind of task.
        transfer: Transfer,
        /// What it said.
        report: ProgressReport<'static>,
        /// The rule.
        kind: FindingKind,
    },
}

impl Platform {
    /// A platform that has seen nothing of the device, and remembers everything.
    #[must_use]
    pub fn new(profile: Profile) -> Self {
        Self::with_limits(profile, Limits::NONE)
    }

    /// One whose memory is bounded, however long it lives and whatever the device sends. Of a task
    /// that it has forgotten, it takes a report for misplaced.
    #[must_use]
    pub fn with_limits(profile: Profile, limits: Limits) -> Self {
        Self {
            profile,
            rules: Rules::new(profile, limits),
            seen: Generations::new(limits.messages),
            issued: VecDeque::new(),
            offers: VecDeque::new(),
            actions: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    /// About how many bytes it takes, but for what it was not asked for yet with [`poll`](Self::poll)
    /// and [`poll_event`](Self::poll_event).
    #[must_use]
    pub fn memory(&self) -> usize {
        const PLATFORM: usize = 2048;
        const MESSAGE: usize = 40;
        let text = |task: &ResourceTask<'_>| {
            let texts = task.name.as_str().len().saturating_add(task.url.as_str().len());
            texts.saturating_add(size_of::<ResourceTask<'_>>())
        };
        let messages = self.seen.len().saturating_mul(MESSAGE);
        let tasks = self.issued.iter().chain(self.offers()).map(text);
        let kept = PLATFORM.saturating_add(messages).saturating_add(self.rules.memory());
        tasks.fold(kept, usize::saturating_add)
    }

    /// The next thing to do.
    pub fn poll(&mut self) -> Option<PlatformAction> {
        self.actions.pop_front()
    }

    /// What happened next.
    pub fn poll_event(&mut self) -> Option<PlatformEvent> {
        self.events.pop_front()
    }

    /// Takes a message from the up topic, with MQTT's DUP flag as it was seen (SES-11).
    ///
    /// Every progress report is answered: with code 0 and `ok`, or, where it breaks a rule, with
    /// `file_not_exist` (-2; never -1, ADV-6).
    ///
    /// What is sent again changes nothing, and is answered again in the same way, since a device
    /// that has lost the first answer would wait for ever otherwise: a report, also a final one
    /// without the flag; a create whose URL was issued, until the device reports on its task; a
    /// query, until the device reports on the download.
    ///
    /// # Errors
    ///
    /// [`Misplaced`], and nothing has changed:
    ///
    /// - a message of the down topic ([`WrongDirection`](Misplaced::WrongDirection))
    /// - one that the profile does not have ([`NotInProfile`](Misplaced::NotInProfile))
    pub fn handle_message(&mut self, dup: bool, message: &Message<'_>) -> Result<(), Misplaced> {
        if message.message_type().direction() == Direction::Down {
            return Err(Misplaced::WrongDirection);
        }
        message.check(self.profile).map_err(|_| Misplaced::NotInProfile)?;
        let verdict = self.rules.verdict(message);
        let seen = Fingerprint::of(message);
        if dup && let Some(&mut refused) = self.seen.get_mut(seen) {
            self.answer_again(message, refused);
            return Ok(());
        }
        *self.seen.get_or_put(seen, || false) = verdict.is_err();
        match message {
            Message::CreateUploadTask(resource) => {
                self.issued.retain(|task| task.resource() != *resource);
                self.rules.take(0, message);
                self.actions.push_back(PlatformAction::IssueUrl(resource.clone().into_owned()));
            }
            Message::GetDownloadTask => {
                self.rules.take(0, message);
                self.answer_query();
            }
            Message::ReportUploadProgress(report) => {
                self.answer_report(Transfer::Upload, message, report, verdict);
            }
            Message::ReportDownloadProgress(report) => {
                self.answer_report(Transfer::Download, message, report, verdict);
            }
            _ => {}
        }
        Ok(())
    }

    /// Answers an open create of this resource with its URL (SES-1, SES-2).
    ///
    /// A newer create of the same name leaves an older one open: each is owed its own answer
    /// (SES-10).
    ///
    /// # Errors
    ///
    /// [`Misplaced`], and nothing has changed:
    ///
    /// - there is no such create open ([`Unsolicited`](Misplaced::Unsolicited))
    /// - the answer would be too long with this URL ([`TooLong`](Misplaced::TooLong), ENC-1)
    pub fn url_issued(
        &mut self,
        resource: &Resource<'_>,
        url: ResourceUrl<'static>,
    ) -> Result<(), Misplaced> {
        let resource = resource.clone().into_owned();
        let task = ResourceTask::new(resource.clone(), url);
        self.publish(Message::CreateUploadTaskRsp(task.clone()))?;
        if self.issued.len() >= ISSUED {
            self.issued.pop_front();
        }
        self.issued.push_back(task);
        self.events.push_back(PlatformEvent::Issued(resource));
        Ok(())
    }

    /// Leaves the oldest open create of this resource unanswered: the pages give no way to refuse
    /// one.
    ///
    /// # Errors
    ///
    /// [`Unsolicited`](Misplaced::Unsolicited) if there is no such create open; nothing has
    /// changed.
    pub fn url_refused(&mut self, resource: &Resource<'_>) -> Result<(), Misplaced> {
        if self.rules.decline(resource) { Ok(()) } else { Err(Misplaced::Unsolicited) }
    }

    /// Keeps a download for the device to ask for. It takes the place of another one of the same
    /// name that was not begun yet.
    ///
    /// A `get_download_task` is answered with the oldest one, and not at all if there is none. An
    /// answer may be lost, so a download is handed out again until the device reports on it.
    ///
    /// # Errors
    ///
    /// [`TooLong`](Misplaced::TooLong) if it could not be handed out (ENC-1); nothing has changed.
    pub fn offer(&mut self, task: ResourceTask<'static>) -> Result<(), Misplaced> {
        Message::GetDownloadTaskRsp(task.clone()).encode(self.profile)?;
        self.offers.retain(|offer| offer.task.name != task.name);
        self.offers.push_back(Offer { task, delivered: false });
        Ok(())
    }

    /// The downloads that are kept, oldest first.
    pub fn offers(&self) -> impl Iterator<Item = &ResourceTask<'static>> {
        self.offers.iter().map(|offer| &offer.task)
    }

    /// Delivers a download that nobody asked for (MSG-9). It is not kept as an
    /// [`offer`](Self::offer).
    ///
    /// # Errors
    ///
    /// [`Misplaced`], and nothing has changed:
    ///
    /// - the documented profile has no such message ([`NotInProfile`](Misplaced::NotInProfile))
    /// - it would be too long ([`TooLong`](Misplaced::TooLong), ENC-1)
    pub fn push(&mut self, task: ResourceTask<'static>) -> Result<(), Misplaced> {
        self.publish(Message::Download(task.clone()))?;
        self.events.push_back(PlatformEvent::Delivered(task));
        Ok(())
    }

    fn answer_query(&mut self) {
        let Some(offer) = self.offers.front_mut() else { return };
        offer.delivered = true;
        let task = offer.task.clone();
        if self.publish(Message::GetDownloadTaskRsp(task.clone())).is_ok() {
            self.events.push_back(PlatformEvent::Delivered(task));
        }
    }

    /// Says once more what it said to a message that is sent again (SES-11). The rules are told
    /// neither: both together change nothing.
    fn answer_again(&mut self, message: &Message<'_>, refused: bool) {
        match message {
            Message::CreateUploadTask(resource) => {
                if let Some(task) = self.issued.iter().find(|task| task.resource() == *resource) {
                    self.say(Message::CreateUploadTaskRsp(task.clone()));
                }
            }
            Message::GetDownloadTask => match self.offers.front() {
                Some(Offer { task, delivered: true }) => {
                    self.say(Message::GetDownloadTaskRsp(task.clone()));
                }
                // There was nothing to answer the first copy with.
                _ if self.rules.owes_a_download() => self.answer_query(),
                _ => {}
            },
            Message::ReportUploadProgress(_) => self.say(response(Transfer::Upload, refused)),
            Message::ReportDownloadProgress(_) => self.say(response(Transfer::Download, refused)),
            _ => {}
        }
    }

    fn answer_report(
        &mut self,
        transfer: Transfer,
        message: &Message<'_>,
        report: &ProgressReport<'_>,
        verdict: Result<Option<TraceAdviceKind>, FindingKind>,
    ) {
        self.say(response(transfer, verdict.is_err()));
        let report = report.clone().into_owned();
        match verdict {
            Ok(Some(TraceAdviceKind::Repeated)) => {}
            Ok(_) => {
                self.rules.take(0, message);
                self.rules.take(0, &response(transfer, false));
                self.take_report(transfer, report);
            }
            Err(kind) => {
                self.events.push_back(PlatformEvent::BrokenRule { transfer, report, kind });
            }
        }
    }

    fn take_report(&mut self, transfer: Transfer, report: ProgressReport<'static>) {
        let name = report.name.clone();
        match transfer {
            Transfer::Upload => self.issued.retain(|task| task.name != name),
            Transfer::Download => {
                self.offers.retain(|offer| !offer.delivered || offer.task.name != name);
            }
        }
        let end = End::of(self.profile, &report);
        self.events.push_back(PlatformEvent::Progress { transfer, report });
        if let Some(end) = end {
            self.events.push_back(PlatformEvent::Ended { transfer, name, end });
        }
    }

    /// Publishes what can be encoded and breaks no rule. What is refused has changed nothing.
    fn publish(&mut self, message: Message<'static>) -> Result<(), Misplaced> {
        message.encode(self.profile)?;
        if self.rules.verdict(&message) != Ok(None) {
            return Err(Misplaced::Unsolicited);
        }
        self.rules.take(0, &message);
        self.say(message);
        Ok(())
    }

    fn say(&mut self, message: Message<'static>) {
        self.actions.push_back(PlatformAction::Publish(message));
    }
}

/// The answer to a report.
fn response(transfer: Transfer, refused: bool) -> Message<'static> {
    let response = if refused {
        let result_code = ResultCode::FILE_NOT_EXIST;
        let result_msg = Cow::Borrowed(result_code.known_message().unwrap_or_default());
        ProgressResponse { result_code, result_msg }
    } else {
        ProgressResponse::OK
    };
    match transfer {
        Transfer::Upload => Message::ReportUploadProgressRsp(response),
        Transfer::Download => Message::ReportDownloadProgressRsp(response),
    }
}

//! The platform's side of all uploads and downloads of one device.
//!
//! Pass each message from the device to a [`Platform`], and poll the platform for the messages to
//! publish. A platform performs no I/O and needs no clock, because it has no time limits.
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
//! // The platform requests a URL for the upload.
//! let Some(PlatformAction::IssueUrl(resource)) = platform.poll() else { panic!() };
//! platform.url_issued(&resource, ResourceUrl::new("https://host/zxc?sign=a")?)?;
//! let Some(PlatformAction::Publish(issued)) = platform.poll() else { panic!() };
//! assert!(matches!(issued, Message::CreateUploadTaskRsp(_)));
//! assert_eq!(platform.poll_event(), Some(PlatformEvent::Issued(resource)));
//!
//! // The device reports, and the platform answers.
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

/// The platform's side of the session with one device.
///
/// Call `handle_message`, `url_issued`, `url_refused`, `offer` or `push` for each event. After each
/// call, get the actions from [`poll`](Self::poll) and the events of the tasks from
/// [`poll_event`](Self::poll_event), until both return `None`.
///
/// The platform judges the device with the rules of the [`Observer`](super::Observer) and remembers
/// as much as an observer. All messages that a platform publishes can be encoded, because a task
/// whose messages would be too long is rejected at the beginning ([`TooLong`](Misplaced::TooLong),
/// ENC-1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Platform {
    profile: Profile,
    /// The rules. They take every message in either direction, except repetitions and messages that
    /// violate a rule.
    rules: Rules,
    /// The different messages from the device, by fingerprint. The value is `true` for a report
    /// that was rejected.
    seen: Generations<bool>,
    /// The answers to the last creates, until the device reports on their tasks.
    issued: VecDeque<ResourceTask<'static>>,
    offers: VecDeque<Offer>,
    actions: VecDeque<PlatformAction>,
    events: VecDeque<PlatformEvent>,
}

/// The number of answers to creates that are kept so that they can be published again. A device
/// rarely has more creates open at the same time, and an answer can be as long as a payload.
const ISSUED: usize = 16;

/// A download that the device has not begun yet.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Offer {
    task: ResourceTask<'static>,
    delivered: bool,
}

/// An action that a [`Platform`] requests.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlatformAction {
    /// Publish this message on the down topic (TOP-2).
    Publish(Message<'static>),
    /// The device requests an upload of this resource. Answer with [`Platform::url_issued`] or
    /// [`Platform::url_refused`], now or later.
    IssueUrl(Resource<'static>),
}

/// An event that the platform reports to its caller: a change in the state of a task, a progress
/// report, or a report that violates a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlatformEvent {
    /// The URL of an upload was issued.
    Issued(Resource<'static>),
    /// A download was delivered as the answer to a query, or was pushed.
    Delivered(ResourceTask<'static>),
    /// The device reported on a task. If the report ends the task, [`Ended`](Self::Ended) follows.
    Progress {
        /// The kind of the task: upload or download.
        transfer: Transfer,
        /// The report, with its name, state, percentage and result code.
        report: ProgressReport<'static>,
    },
    /// A report from the device ended the task (SES-7). Use
    /// [`check_upload_head`](crate::check_upload_head) and
    /// [`check_upload_body`](crate::check_upload_body) to check whether an upload has arrived.
    Ended {
        /// The kind of the task: upload or download.
        transfer: Transfer,
        /// The name of the task, which is the name of its resource.
        name: ResourceName<'static>,
        /// The result of the task: success, or failure with a `result_code`.
        end: End,
    },
    /// The device sent a report that violates a rule (SES-3, SES-5, SES-7). The platform answered
    /// the report and changed no task. SES-12 applies to checkers that continue after a fault, not
    /// to platforms that reject a report.
    BrokenRule {
        /// The kind of the task: upload or download.
        transfer: Transfer,
        /// The report that violates the rule.
        report: ProgressReport<'static>,
        /// The rule that the report violates.
        kind: FindingKind,
    },
}

impl Platform {
    /// Creates a platform that has received no message from the device. The memory of the platform
    /// has no bound.
    #[must_use]
    pub fn new(profile: Profile) -> Self {
        Self::with_limits(profile, Limits::NONE)
    }

    /// Creates a platform whose memory stays bounded, regardless of the messages from the device.
    /// The platform rejects a report on a forgotten task ([`NoSuchTask`](FindingKind::NoSuchTask)).
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

    /// Returns the approximate memory of the platform in bytes. This number does not include the
    /// actions and events that [`poll`](Self::poll) and [`poll_event`](Self::poll_event) have not
    /// returned yet.
    #[must_use]
    pub fn memory(&self) -> usize {
        // Most of this is for the first task, because a B-tree reserves space for 11 items. The
        // queues of actions and events also keep their space.
        const PLATFORM: usize = 6144;
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

    /// Returns the next action, or `None` if there is none at present.
    pub fn poll(&mut self) -> Option<PlatformAction> {
        self.actions.pop_front()
    }

    /// Returns the next event, or `None` if there is none at present.
    pub fn poll_event(&mut self) -> Option<PlatformEvent> {
        self.events.pop_front()
    }

    /// Processes a message from the up topic, with its MQTT DUP flag (SES-11).
    ///
    /// The platform answers every progress report. If the report violates no rule, the answer has
    /// code 0 and the text `ok`. Otherwise, the answer has code -2 and the text `file_not_exist`.
    /// The code is never -1 (ADV-6).
    ///
    /// A repeated message changes nothing, unless it is a query that is still unanswered and there
    /// is now an offer to deliver. The platform answers a repeated message again in the same way,
    /// because a device that did not receive the first answer would otherwise wait forever. The
    /// platform repeats its answer to these messages:
    ///
    /// - a report, including a final report that is sent again without the DUP flag
    /// - a create whose URL was issued, until the device reports on its task
    /// - a query, until the device reports on the download
    ///
    /// # Errors
    ///
    /// Returns [`Misplaced`] and changes nothing in these cases:
    ///
    /// - a message of the down topic ([`WrongDirection`](Misplaced::WrongDirection))
    /// - a message that the profile does not have ([`NotInProfile`](Misplaced::NotInProfile))
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

    /// Answers the newest open create of this resource with the issued URL (SES-1, SES-2).
    ///
    /// An older create with the same name stays open, because each create is owed its own answer
    /// (SES-10).
    ///
    /// # Errors
    ///
    /// Returns [`Misplaced`] and changes nothing in these cases:
    ///
    /// - no such create is open ([`Unsolicited`](Misplaced::Unsolicited))
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

    /// Leaves the oldest open create of this resource unanswered, because the published pages
    /// describe no way to reject a create.
    ///
    /// # Errors
    ///
    /// Returns [`Unsolicited`](Misplaced::Unsolicited) and changes nothing if no such create is
    /// open.
    pub fn url_refused(&mut self, resource: &Resource<'_>) -> Result<(), Misplaced> {
        if self.rules.decline(resource) { Ok(()) } else { Err(Misplaced::Unsolicited) }
    }

    /// Offers a download for the next query of the device. The offer replaces an earlier offer with
    /// the same name.
    ///
    /// The platform answers a `get_download_task` with the oldest offer. If there is no offer, the
    /// platform does not answer. An answer may be lost, so the platform delivers a download again
    /// until the device reports on it.
    ///
    /// # Errors
    ///
    /// Returns [`TooLong`](Misplaced::TooLong) and changes nothing if the delivery would be too
    /// long (ENC-1).
    pub fn offer(&mut self, task: ResourceTask<'static>) -> Result<(), Misplaced> {
        Message::GetDownloadTaskRsp(task.clone()).encode(self.profile)?;
        self.offers.retain(|offer| offer.task.name != task.name);
        self.offers.push_back(Offer { task, delivered: false });
        Ok(())
    }

    /// Returns the offered downloads, oldest first.
    pub fn offers(&self) -> impl Iterator<Item = &ResourceTask<'static>> {
        self.offers.iter().map(|offer| &offer.task)
    }

    /// Delivers a download that the device did not request (MSG-9). The platform does not keep the
    /// download as an [`offer`](Self::offer).
    ///
    /// # Errors
    ///
    /// Returns [`Misplaced`] and changes nothing in these cases:
    ///
    /// - the profile of the platform is the documented profile, which does not have this message
    ///   ([`NotInProfile`](Misplaced::NotInProfile))
    /// - the message would be too long ([`TooLong`](Misplaced::TooLong), ENC-1)
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

    /// Repeats the answer to a message that is sent again (SES-11). The rules take neither the
    /// message nor its repeated answer, because the two together change nothing.
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
                // The first copy was not answered either.
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

    /// Publishes a message that can be encoded and violates no rule. Returns an error and changes
    /// nothing for any other message.
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

/// Returns the answer to a report, with code -2 if `refused` is `true` and with code 0 otherwise.
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

//! A device that does one upload and one download at a time.

use std::{collections::VecDeque, time::Duration};

use iothub_resource::{
    Md5Sum, Message, Profile, ProgressReport, Resource, ResourceTask, State, Transfer,
    session::{
        Deliveries, End, Misplaced,
        device::{Body, Download, DownloadAction, Handled, Outcome, Policy, Upload, UploadAction},
    },
};

use super::store::{Exchange, HttpEvent, Store};

pub(super) struct Device {
    profile: Profile,
    policy: Policy,
    deliveries: Deliveries,
    uploading: Option<Uploading>,
    downloading: Option<Downloading>,
    /// What was delivered while something else was downloaded.
    pub(super) delivered: VecDeque<ResourceTask<'static>>,
    pub(super) outcomes: Vec<(Transfer, Outcome)>,
    /// All that it sent and received, in its order.
    pub(super) trace: Vec<(bool, Message<'static>)>,
}

struct Uploading {
    task: Upload,
    body: Vec<u8>,
    url: Option<String>,
    exchange: Exchange,
    pace: Pace,
}

struct Downloading {
    task: Download,
    file: Vec<u8>,
    exchange: Exchange,
    pace: Pace,
}

impl Device {
    pub(super) fn new(profile: Profile) -> Self {
        let mut policy = Policy::default();
        policy.report_interval = Duration::from_millis(500);
        policy.resumes = 1;
        Self {
            profile,
            policy,
            deliveries: Deliveries::new(),
            uploading: None,
            downloading: None,
            delivered: VecDeque::new(),
            outcomes: Vec::new(),
            trace: Vec::new(),
        }
    }

    /// The trace up to a message, a line each.
    pub(super) fn story(&self, last: usize) -> String {
        let line = |(dup, message): &(bool, Message<'static>)| {
            let payload = message.encode(self.profile).expect("it was sent");
            let dup = if *dup { "DUP " } else { "" };
            format!("{dup}{}\n", String::from_utf8_lossy(&payload))
        };
        self.trace.iter().take(last + 1).map(line).collect()
    }

    pub(super) fn uploads(&self) -> bool {
        self.uploading.is_some()
    }

    pub(super) fn downloads(&self) -> bool {
        self.downloading.is_some()
    }

    /// How many tasks were pushed.
    pub(super) fn pushes(&self) -> usize {
        self.trace.iter().filter(|(_, message)| matches!(message, Message::Download(_))).count()
    }

    pub(super) fn upload(&mut self, resource: Resource<'static>, body: &[u8]) {
        self.uploading = Some(Uploading {
            task: Upload::new(self.profile, self.policy, resource).expect("short"),
            body: body.to_vec(),
            url: None,
            exchange: Exchange::default(),
            pace: Pace::default(),
        });
    }

    pub(super) fn ask(&mut self) {
        self.download(Download::ask(self.profile, self.policy));
    }

    pub(super) fn wait(&mut self, until: Duration) {
        self.download(Download::wait(self.policy, Some(until)));
    }

    pub(super) fn download_delivered(&mut self, task: ResourceTask<'static>) {
        self.download(Download::of(self.profile, self.policy, task).expect("short"));
    }

    fn download(&mut self, task: Download) {
        let (exchange, pace) = (Exchange::default(), Pace::default());
        self.downloading = Some(Downloading { task, file: Vec::new(), exchange, pace });
    }

    /// Does all there is to do now, and returns what it publishes.
    pub(super) fn act(&mut self, now: Duration, store: &mut Store) -> Vec<Message<'static>> {
        let mut published = Vec::new();
        if let Some(uploading) = &mut self.uploading {
            while let Some(action) = uploading.task.poll(now) {
                match action {
                    UploadAction::Publish(message) => {
                        uploading.pace.check(now, &self.policy, self.profile, &message);
                        if ends_well(self.profile, &message) {
                            let url =
                                uploading.url.as_ref().expect("nothing is done without a PUT");
                            assert_eq!(store.kept.get(url), Some(&uploading.body), "it says done");
                        }
                        published.push(message);
                    }
                    UploadAction::Put(put) => {
                        assert_eq!(uploading.url, None, "one PUT (HTTP-1)");
                        let issued = store.issued.get(put.url.as_str());
                        assert_eq!(issued, Some(uploading.task.resource()), "issued for this");
                        uploading.url = Some(put.url.as_str().to_owned());
                        uploading.exchange = store.put(now, &put, &uploading.body);
                    }
                    UploadAction::Close => uploading.exchange = Exchange::default(),
                    other => panic!("{other:?}"),
                }
            }
        }
        if let Some(downloading) = &mut self.downloading {
            while let Some(action) = downloading.task.poll(now) {
                match action {
                    DownloadAction::Publish(message) => {
                        downloading.pace.check(now, &self.policy, self.profile, &message);
                        if ends_well(self.profile, &message) {
                            let task =
                                downloading.task.task().expect("nothing is done without a task");
                            assert_eq!(
                                downloading.file.len() as u64,
                                task.size.bytes(),
                                "it says done"
                            );
                            assert_eq!(Md5Sum::of(&downloading.file), task.md5sum, "it says done");
                        }
                        published.push(message);
                    }
                    DownloadAction::Get(get) => {
                        let task = downloading.task.task().expect("no GET without a task");
                        assert_eq!(get.url, task.url);
                        match get.range {
                            None => downloading.file.clear(),
                            Some(range) => {
                                assert_eq!(range.first(), downloading.file.len() as u64);
                                assert_eq!(range.last() + 1, task.size.bytes(), "HTTP-6");
                            }
                        }
                        downloading.exchange = store.get(now, &get);
                    }
                    DownloadAction::Close => downloading.exchange = Exchange::default(),
                    other => panic!("{other:?}"),
                }
            }
        }
        self.trace.extend(published.iter().map(|message| (false, message.clone())));
        self.retire();
        published
    }

    pub(super) fn receive(&mut self, dup: bool, message: &Message<'static>) {
        self.trace.push((dup, message.clone()));
        if self.deliveries.repeats(dup, message) {
            return;
        }
        if let Some(uploading) = &mut self.uploading {
            let before = uploading.task.clone();
            changes_only_if_handled(
                uploading.task.handle_message(message),
                &before,
                &uploading.task,
            );
        }
        if let Some(downloading) = &mut self.downloading {
            let before = downloading.task.clone();
            let handled = downloading.task.handle_message(message);
            changes_only_if_handled(handled, &before, &downloading.task);
            if let (
                Ok(Handled::NewTask),
                Message::GetDownloadTaskRsp(task) | Message::Download(task),
            ) = (handled, message)
            {
                self.queue(task);
            }
        } else if let Message::Download(task) = message {
            self.queue(task);
        }
        self.retire();
    }

    /// Of two deliveries of one name only the newer counts (SES-10).
    fn queue(&mut self, task: &ResourceTask<'static>) {
        self.delivered.retain(|queued| queued.name != task.name);
        self.delivered.push_back(task.clone());
    }

    pub(super) fn next(&self) -> Option<Duration> {
        let upload =
            self.uploading.iter().flat_map(|it| [it.task.poll_timeout(), it.exchange.next()]);
        let download =
            self.downloading.iter().flat_map(|it| [it.task.poll_timeout(), it.exchange.next()]);
        upload.chain(download).flatten().min()
    }

    /// One event of HTTP at most, then the deadlines.
    pub(super) fn pass(&mut self, now: Duration) {
        if let Some(uploading) = &mut self.uploading {
            let happened = uploading.exchange.happen(now);
            let taken = match happened {
                Some(HttpEvent::Sent(count)) => uploading.task.handle_http_sent(now, count),
                Some(HttpEvent::Response { status, .. }) => {
                    uploading.task.handle_http_response(now, status)
                }
                Some(HttpEvent::Failure) => uploading.task.handle_http_failure(),
                None => Ok(()),
                Some(other) => panic!("{other:?}"),
            };
            taken.expect("HTTP is told as it happens");
            uploading.task.handle_timeout(now);
        }
        if let Some(Downloading { task, file, exchange, .. }) = &mut self.downloading {
            let taken = match exchange.happen(now) {
                Some(HttpEvent::Response { status, content_range }) => {
                    task.handle_http_response(now, status, content_range)
                }
                Some(HttpEvent::Body(bytes)) => task.handle_http_body(now, &bytes).map(|body| {
                    if let Body::At(place) = body {
                        if place == 0 {
                            file.clear();
                        }
                        assert_eq!(file.len() as u64, place, "no gap in the file");
                        file.extend(bytes);
                    }
                }),
                Some(HttpEvent::End) => task.handle_http_end(),
                Some(HttpEvent::Failure) => task.handle_http_failure(),
                None => Ok(()),
                Some(other) => panic!("{other:?}"),
            };
            taken.expect("HTTP is told as it happens");
            task.handle_timeout(now);
        }
        self.retire();
    }

    fn retire(&mut self) {
        if let Some(outcome) = self.uploading.as_ref().and_then(|it| it.task.outcome()) {
            self.outcomes.push((Transfer::Upload, outcome));
            self.uploading = None;
        }
        if let Some(downloading) = &self.downloading
            && let Some(outcome) = downloading.task.outcome()
        {
            if outcome.is_done() {
                let md5sum = downloading.task.task().map(|task| task.md5sum);
                assert_eq!(md5sum, Some(Md5Sum::of(&downloading.file)), "HTTP-5");
            }
            self.outcomes.push((Transfer::Download, outcome));
            self.downloading = None;
        }
    }
}

fn changes_only_if_handled<T: PartialEq + std::fmt::Debug>(
    handled: Result<Handled, Misplaced>,
    before: &T,
    after: &T,
) {
    if matches!(handled, Err(_) | Ok(Handled::NotMine)) {
        assert_eq!(before, after, "{handled:?} changes nothing");
    }
}

fn ends_well(profile: Profile, message: &Message<'static>) -> bool {
    progress(message).and_then(|report| End::of(profile, report)) == Some(End::Success)
}

fn progress<'a>(message: &'a Message<'static>) -> Option<&'a ProgressReport<'static>> {
    match message {
        Message::ReportUploadProgress(report) | Message::ReportDownloadProgress(report) => {
            Some(report)
        }
        _ => None,
    }
}

/// When the last report was, and what it said.
#[derive(Default)]
struct Pace(Option<(Duration, u8)>);

impl Pace {
    /// The first report says 0; the others rise, no faster than the interval.
    fn check(
        &mut self,
        now: Duration,
        policy: &Policy,
        profile: Profile,
        message: &Message<'static>,
    ) {
        let Some(report) = progress(message) else { return };
        let State::Running(percent) = report.progress.state else { return };
        let percent = percent.value();
        if let Some((last, reached)) = self.0
            && End::of(profile, report).is_none()
            && percent != 0
        {
            assert!(now >= last + policy.report_interval, "too often");
            assert!(percent > reached, "nothing new");
        }
        if self.0.is_none() && report.progress.result_code.is_success() {
            assert_eq!(percent, 0, "the first report");
        }
        self.0 = Some((now, percent));
    }
}

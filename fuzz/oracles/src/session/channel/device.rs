//! A device that does one upload and one download at a time.

use std::{collections::VecDeque, fmt::Debug, time::Duration};

use iothub_resource::{
    Message, Profile, Resource, ResourceTask, Transfer,
    session::{
        Deliveries, Misplaced,
        device::{Download, Handled, Outcome, Policy, Upload},
    },
};

use super::{
    downloading::Downloading, link::Passed, pace::Pace, store::Store, uploading::Uploading,
};

pub(super) struct Device {
    profile: Profile,
    policy: Policy,
    deliveries: Deliveries,
    uploading: Option<Uploading>,
    downloading: Option<Downloading>,
    /// The tasks that the platform delivered during a different download.
    pub(super) delivered: VecDeque<ResourceTask<'static>>,
    pub(super) outcomes: Vec<(Transfer, Outcome)>,
    /// All messages that the device sent and received, in the order in which the device handled
    /// them.
    pub(super) trace: Vec<Passed>,
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

    /// Returns the payloads of the trace up to a message, one on each line.
    pub(super) fn story(&self, last: usize) -> String {
        let line = |Passed { dup, message }: &Passed| {
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

    /// Returns the number of tasks that the platform pushed.
    pub(super) fn pushes(&self) -> usize {
        let is_push = |passed: &&Passed| matches!(passed.message, Message::Download(_));
        self.trace.iter().filter(is_push).count()
    }

    pub(super) fn upload(&mut self, resource: Resource<'static>, body: &[u8]) {
        let task = Upload::new(self.profile, self.policy, resource).expect("short");
        self.uploading = Some(Uploading::new(task, body, self.pace()));
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
        self.downloading = Some(Downloading::new(task, self.pace()));
    }

    const fn pace(&self) -> Pace {
        Pace::new(self.profile, self.policy.report_interval)
    }

    /// Performs all actions that are due and returns the messages that the device publishes.
    pub(super) fn act(&mut self, now: Duration, store: &mut Store) -> Vec<Message<'static>> {
        let mut published = Vec::new();
        published.extend(self.uploading.iter_mut().flat_map(|upload| upload.act(now, store)));
        published.extend(self.downloading.iter_mut().flat_map(|download| download.act(now, store)));
        let passed = |message: &Message<'static>| Passed { dup: false, message: message.clone() };
        self.trace.extend(published.iter().map(passed));
        self.retire();
        published
    }

    pub(super) fn receive(&mut self, passed: Passed) {
        self.trace.push(passed.clone());
        let Passed { dup, message } = &passed;
        if self.deliveries.repeats(*dup, message) {
            return;
        }
        if let Some(Uploading { task, .. }) = &mut self.uploading {
            let before = task.clone();
            changes_only_if_handled(task.handle_message(message), &before, task);
        }
        let handled = self.downloading.as_mut().map(|Downloading { task, .. }| {
            let before = task.clone();
            let handled = task.handle_message(message);
            changes_only_if_handled(handled, &before, task);
            handled
        });
        match (handled, message) {
            (None, Message::Download(task))
            | (
                Some(Ok(Handled::NewTask)),
                Message::GetDownloadTaskRsp(task) | Message::Download(task),
            ) => self.queue(task),
            _ => {}
        }
        self.retire();
    }

    /// Queues a delivered task. Of several deliveries with one name, only the newest counts
    /// (SES-10).
    fn queue(&mut self, task: &ResourceTask<'static>) {
        self.delivered.retain(|queued| queued.name != task.name);
        self.delivered.push_back(task.clone());
    }

    pub(super) fn next(&self) -> Option<Duration> {
        let upload = self.uploading.as_ref().and_then(Uploading::next);
        let download = self.downloading.as_ref().and_then(Downloading::next);
        [upload, download].into_iter().flatten().min()
    }

    pub(super) fn pass(&mut self, now: Duration) {
        self.uploading.iter_mut().for_each(|upload| upload.pass(now));
        self.downloading.iter_mut().for_each(|download| download.pass(now));
        self.retire();
    }

    fn retire(&mut self) {
        if let Some(outcome) = self.uploading.as_ref().and_then(|upload| upload.task.outcome()) {
            self.outcomes.push((Transfer::Upload, outcome));
            self.uploading = None;
        }
        if let Some(outcome) = self.downloading.as_ref().and_then(Downloading::outcome) {
            self.outcomes.push((Transfer::Download, outcome));
            self.downloading = None;
        }
    }
}

fn changes_only_if_handled<T: PartialEq + Debug>(
    handled: Result<Handled, Misplaced>,
    before: &T,
    after: &T,
) {
    if matches!(handled, Err(_) | Ok(Handled::NotMine)) {
        assert_eq!(before, after, "{handled:?} changes nothing");
    }
}

//! A download of the device, with its exchange and its file.

use std::time::Duration;

use iothub_resource::{
    Md5Sum, Message,
    session::device::{Body, Download, DownloadAction, GetRequest, Outcome},
};

use super::{
    pace::Pace,
    store::{Exchange, HttpEvent, Store},
};

pub(super) struct Downloading {
    pub(super) task: Download,
    file: Vec<u8>,
    exchange: Exchange,
    pace: Pace,
}

impl Downloading {
    pub(super) fn new(task: Download, pace: Pace) -> Self {
        Self { task, file: Vec::new(), exchange: Exchange::default(), pace }
    }

    /// Performs all actions that are due and returns the messages that the download publishes.
    pub(super) fn act(&mut self, now: Duration, store: &mut Store) -> Vec<Message<'static>> {
        let mut published = Vec::new();
        while let Some(action) = self.task.poll(now) {
            match action {
                DownloadAction::Publish(message) => {
                    self.pace.check(now, &message);
                    if self.pace.ends_well(&message) {
                        let task = self.task.task().expect("nothing is done without a task");
                        assert_eq!(self.file.len() as u64, task.size.bytes(), "it says done");
                        assert_eq!(Md5Sum::of(&self.file), task.md5sum, "it says done");
                    }
                    published.push(message);
                }
                DownloadAction::Get(get) => {
                    self.begin(&get);
                    self.exchange = store.get(now, &get);
                }
                DownloadAction::Close => self.exchange = Exchange::default(),
                other => panic!("{other:?}"),
            }
        }
        published
    }

    fn begin(&mut self, get: &GetRequest) {
        let task = self.task.task().expect("no GET without a task");
        assert_eq!(get.url, task.url);
        match get.range {
            None => self.file.clear(),
            Some(range) => {
                assert_eq!(range.first(), self.file.len() as u64);
                assert_eq!(range.last() + 1, task.size.bytes(), "HTTP-6");
            }
        }
    }

    pub(super) fn next(&self) -> Option<Duration> {
        [self.task.poll_timeout(), self.exchange.next()].into_iter().flatten().min()
    }

    /// Passes at most one HTTP event to the download, and then the time.
    pub(super) fn pass(&mut self, now: Duration) {
        let taken = match self.exchange.due(now) {
            Some(HttpEvent::Response { status, content_range }) => {
                self.task.handle_http_response(now, status, content_range)
            }
            Some(HttpEvent::Body(bytes)) => {
                self.task.handle_http_body(now, &bytes).map(|body| self.keep(body, &bytes))
            }
            Some(HttpEvent::End) => self.task.handle_http_end(),
            Some(HttpEvent::Failure) => self.task.handle_http_failure(),
            None => Ok(()),
            Some(other) => panic!("{other:?}"),
        };
        taken.expect("HTTP is told as it happens");
        self.task.handle_timeout(now);
    }

    fn keep(&mut self, body: Body, bytes: &[u8]) {
        if let Body::At(place) = body {
            if place == 0 {
                self.file.clear();
            }
            assert_eq!(self.file.len() as u64, place, "no gap in the file");
            self.file.extend(bytes);
        }
    }

    /// Returns the outcome, or `None` if the download continues. If the outcome is `Done`, the file
    /// must have the digest of the resource.
    pub(super) fn outcome(&self) -> Option<Outcome> {
        let outcome = self.task.outcome()?;
        if outcome.is_done() {
            let md5sum = self.task.task().map(|task| task.md5sum);
            assert_eq!(md5sum, Some(Md5Sum::of(&self.file)), "HTTP-5");
        }
        Some(outcome)
    }
}

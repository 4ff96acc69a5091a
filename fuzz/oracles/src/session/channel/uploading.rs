//! An upload of the device, with its exchange.

use std::time::Duration;

use iothub_resource::{
    Message,
    session::device::{Upload, UploadAction},
};

use super::{
    pace::Pace,
    store::{Exchange, HttpEvent, Store},
};

pub(super) struct Uploading {
    pub(super) task: Upload,
    body: Vec<u8>,
    /// The URL of the `PUT`, or `None` before the `PUT`.
    url: Option<String>,
    exchange: Exchange,
    pace: Pace,
}

impl Uploading {
    pub(super) fn new(task: Upload, body: &[u8], pace: Pace) -> Self {
        Self { task, body: body.to_vec(), url: None, exchange: Exchange::default(), pace }
    }

    /// Performs all actions that are due and returns the messages that the upload publishes.
    pub(super) fn act(&mut self, now: Duration, store: &mut Store) -> Vec<Message<'static>> {
        let mut published = Vec::new();
        while let Some(action) = self.task.poll(now) {
            match action {
                UploadAction::Publish(message) => {
                    self.pace.check(now, &message);
                    if self.pace.ends_well(&message) {
                        let url = self.url.as_ref().expect("nothing is done without a PUT");
                        assert_eq!(store.kept.get(url), Some(&self.body), "it says done");
                    }
                    published.push(message);
                }
                UploadAction::Put(put) => {
                    assert_eq!(self.url, None, "one PUT (HTTP-1)");
                    let issued = store.issued.get(put.url.as_str());
                    assert_eq!(issued, Some(self.task.resource()), "issued for this");
                    self.url = Some(put.url.as_str().to_owned());
                    self.exchange = store.put(now, &put, &self.body);
                }
                UploadAction::Close => self.exchange = Exchange::default(),
                other => panic!("{other:?}"),
            }
        }
        published
    }

    pub(super) fn next(&self) -> Option<Duration> {
        [self.task.poll_timeout(), self.exchange.next()].into_iter().flatten().min()
    }

    /// Passes at most one HTTP event to the upload, and then the time.
    pub(super) fn pass(&mut self, now: Duration) {
        let taken = match self.exchange.due(now) {
            Some(HttpEvent::Sent(count)) => self.task.handle_http_sent(now, count),
            Some(HttpEvent::Response { status, .. }) => self.task.handle_http_response(now, status),
            Some(HttpEvent::Failure) => self.task.handle_http_failure(),
            None => Ok(()),
            Some(other) => panic!("{other:?}"),
        };
        taken.expect("HTTP is told as it happens");
        self.task.handle_timeout(now);
    }
}

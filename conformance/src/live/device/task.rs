//! An upload or a download, whichever it is.

use std::{path::PathBuf, time::Duration};

use iothub_resource::{
    Message, Resource, Transfer,
    session::{
        Misplaced,
        device::{
            Body, Download, DownloadAction, GetRequest, Handled, Outcome, PutRequest, Upload,
            UploadAction,
        },
    },
};

use super::sink::Sink;
use crate::live::http::client::{Exchange, ExchangeEvent};

pub(super) struct Task {
    pub(super) kind: Kind,
    /// What goes on over HTTP, and its key.
    pub(super) exchange: Option<(u64, Exchange)>,
    /// Bytes that were transferred.
    pub(super) bytes: u64,
    /// Where a download is kept that is done.
    pub(super) kept: Option<PathBuf>,
    /// It was told how it ended.
    pub(super) told: bool,
}

pub(super) enum Kind {
    Upload { session: Upload, file: PathBuf },
    Download { session: Download, place: PathBuf, sink: Option<Sink> },
}

/// What a task wants done.
pub(super) enum Action {
    Publish(Message<'static>),
    Put(PutRequest),
    Get(GetRequest),
    Close,
}

impl Task {
    pub(super) const fn new(kind: Kind) -> Self {
        Self { kind, exchange: None, bytes: 0, kept: None, told: false }
    }

    pub(super) const fn transfer(&self) -> Transfer {
        match self.kind {
            Kind::Upload { .. } => Transfer::Upload,
            Kind::Download { .. } => Transfer::Download,
        }
    }

    pub(super) fn resource(&self) -> Option<Resource<'static>> {
        match &self.kind {
            Kind::Upload { session, .. } => Some(session.resource().clone()),
            Kind::Download { session, .. } => session.task().map(|task| task.resource()),
        }
    }

    pub(super) fn outcome(&self) -> Option<Outcome> {
        match &self.kind {
            Kind::Upload { session, .. } => session.outcome(),
            Kind::Download { session, .. } => session.outcome(),
        }
    }

    pub(super) fn poll(&mut self, now: Duration) -> Option<Action> {
        match &mut self.kind {
            Kind::Upload { session, .. } => match session.poll(now)? {
                UploadAction::Publish(message) => Some(Action::Publish(message)),
                UploadAction::Put(put) => Some(Action::Put(put)),
                UploadAction::Close => Some(Action::Close),
                _ => None,
            },
            Kind::Download { session, .. } => match session.poll(now)? {
                DownloadAction::Publish(message) => Some(Action::Publish(message)),
                DownloadAction::Get(get) => Some(Action::Get(get)),
                DownloadAction::Close => Some(Action::Close),
                _ => None,
            },
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<Duration> {
        match &self.kind {
            Kind::Upload { session, .. } => session.poll_timeout(),
            Kind::Download { session, .. } => session.poll_timeout(),
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Duration) {
        match &mut self.kind {
            Kind::Upload { session, .. } => session.handle_timeout(now),
            Kind::Download { session, .. } => session.handle_timeout(now),
        }
    }

    pub(super) fn handle_message(&mut self, message: &Message<'_>) -> Result<Handled, Misplaced> {
        match &mut self.kind {
            Kind::Upload { session, .. } => session.handle_message(message),
            Kind::Download { session, .. } => session.handle_message(message),
        }
    }

    /// Takes what HTTP brings. An event that does not fit any more changes nothing.
    pub(super) fn handle_http(&mut self, now: Duration, news: ExchangeEvent) {
        match &mut self.kind {
            Kind::Upload { session, .. } => {
                let _ = match news {
                    ExchangeEvent::Sent(count) => {
                        self.bytes += count;
                        session.handle_http_sent(now, count)
                    }
                    ExchangeEvent::Response { status, .. } => {
                        session.handle_http_response(now, status)
                    }
                    ExchangeEvent::Body(_) | ExchangeEvent::End => Ok(()),
                    ExchangeEvent::Failed(_) => session.handle_http_failure(),
                };
            }
            Kind::Download { session, sink, .. } => {
                let _ = match news {
                    ExchangeEvent::Sent(_) => Ok(()),
                    ExchangeEvent::Response { status, content_range, .. } => {
                        let range = content_range.and_then(|range| range.parse().ok());
                        session.handle_http_response(now, status, range)
                    }
                    ExchangeEvent::Body(bytes) => match session.handle_http_body(now, &bytes) {
                        Ok(Body::At(at)) => {
                            self.bytes = at + bytes.len() as u64;
                            let kept = sink.as_mut().map(|sink| sink.write(at, &bytes));
                            if matches!(kept, Some(Ok(()))) {
                                Ok(())
                            } else {
                                session.handle_local_failure()
                            }
                        }
                        Ok(Body::TooLong) => Ok(()),
                        Err(error) => Err(error),
                    },
                    ExchangeEvent::End => session.handle_http_end(),
                    ExchangeEvent::Failed(_) => session.handle_http_failure(),
                };
            }
        }
    }

    pub(super) fn handle_local_failure(&mut self) {
        let _ = match &mut self.kind {
            Kind::Upload { session, .. } => session.handle_local_failure(),
            Kind::Download { session, .. } => session.handle_local_failure(),
        };
    }

    /// Makes room for a download that begins, from its first byte or not.
    pub(super) fn prepare(&mut self, from_begin: bool) -> bool {
        let Kind::Download { session, place, sink } = &mut self.kind else { return true };
        let Some(task) = session.task() else { return false };
        if sink.is_none() {
            *sink = Sink::create(place, task.name.as_str()).ok();
        }
        match sink {
            Some(sink) if from_begin => sink.begin_anew().is_ok(),
            Some(_) => true,
            None => false,
        }
    }

    /// Keeps a download that is done.
    pub(super) fn keep(&mut self) {
        if let Kind::Download { sink, .. } = &mut self.kind
            && let Some(sink) = sink.take()
        {
            self.kept = sink.keep().ok();
        }
    }
}

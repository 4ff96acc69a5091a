//! A task of the device: an upload or a download.

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

use super::download_file::DownloadFile;
use crate::http::client::{Body as RequestBody, Exchange, ExchangeEvent, Request};

pub(super) struct Task {
    pub(super) kind: TaskKind,
    /// The open HTTP exchange; `None` between exchanges.
    pub(super) exchange: Option<OpenExchange>,
    /// The number of bytes transferred so far.
    pub(super) bytes: u64,
    /// The path of a finished download; `None` before it is stored.
    pub(super) kept: Option<PathBuf>,
    /// Whether the outcome has been reported to the caller.
    pub(super) told: bool,
}

/// The HTTP exchange of a running transfer.
pub(super) struct OpenExchange {
    /// The key of the events of this exchange.
    pub(super) key: u64,
    /// A handle that closes the exchange when dropped.
    pub(super) _exchange: Exchange,
}

pub(super) enum TaskKind {
    Upload { session: Upload, file: PathBuf },
    Download { session: Download, place: PathBuf, file: Option<DownloadFile> },
}

/// An action that the session of a task requires.
pub(super) enum TaskAction {
    Publish(Message<'static>),
    Put(PutRequest),
    Get(GetRequest),
    Close,
}

impl Task {
    pub(super) const fn new(kind: TaskKind) -> Self {
        Self { kind, exchange: None, bytes: 0, kept: None, told: false }
    }

    pub(super) const fn transfer(&self) -> Transfer {
        match self.kind {
            TaskKind::Upload { .. } => Transfer::Upload,
            TaskKind::Download { .. } => Transfer::Download,
        }
    }

    pub(super) fn resource(&self) -> Option<Resource<'static>> {
        match &self.kind {
            TaskKind::Upload { session, .. } => Some(session.resource().clone()),
            TaskKind::Download { session, .. } => session.task().map(|task| task.resource()),
        }
    }

    pub(super) fn outcome(&self) -> Option<Outcome> {
        match &self.kind {
            TaskKind::Upload { session, .. } => session.outcome(),
            TaskKind::Download { session, .. } => session.outcome(),
        }
    }

    pub(super) fn poll(&mut self, now: Duration) -> Option<TaskAction> {
        match &mut self.kind {
            TaskKind::Upload { session, .. } => match session.poll(now)? {
                UploadAction::Publish(message) => Some(TaskAction::Publish(message)),
                UploadAction::Put(put) => Some(TaskAction::Put(put)),
                UploadAction::Close => Some(TaskAction::Close),
                _ => None,
            },
            TaskKind::Download { session, .. } => match session.poll(now)? {
                DownloadAction::Publish(message) => Some(TaskAction::Publish(message)),
                DownloadAction::Get(get) => Some(TaskAction::Get(get)),
                DownloadAction::Close => Some(TaskAction::Close),
                _ => None,
            },
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<Duration> {
        match &self.kind {
            TaskKind::Upload { session, .. } => session.poll_timeout(),
            TaskKind::Download { session, .. } => session.poll_timeout(),
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Duration) {
        match &mut self.kind {
            TaskKind::Upload { session, .. } => session.handle_timeout(now),
            TaskKind::Download { session, .. } => session.handle_timeout(now),
        }
    }

    pub(super) fn handle_message(&mut self, message: &Message<'_>) -> Result<Handled, Misplaced> {
        match &mut self.kind {
            TaskKind::Upload { session, .. } => session.handle_message(message),
            TaskKind::Download { session, .. } => session.handle_message(message),
        }
    }

    /// Processes an event of an HTTP exchange. An event that is too late changes nothing.
    pub(super) fn handle_http(&mut self, now: Duration, news: ExchangeEvent) {
        match &mut self.kind {
            TaskKind::Upload { session, .. } => {
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
            TaskKind::Download { session, file, .. } => {
                let _ = match news {
                    ExchangeEvent::Sent(_) => Ok(()),
                    ExchangeEvent::Response { status, content_range, .. } => {
                        let range = content_range.and_then(|range| range.parse().ok());
                        session.handle_http_response(now, status, range)
                    }
                    ExchangeEvent::Body(bytes) => match session.handle_http_body(now, &bytes) {
                        Ok(Body::At(at)) => {
                            self.bytes = at + bytes.len() as u64;
                            let kept = file.as_mut().map(|file| file.write(at, &bytes));
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
            TaskKind::Upload { session, .. } => session.handle_local_failure(),
            TaskKind::Download { session, .. } => session.handle_local_failure(),
        };
    }

    /// Returns the request of an upload; `None` for a download.
    pub(super) fn put_request(&self, put: PutRequest) -> Option<Request> {
        let TaskKind::Upload { file, .. } = &self.kind else { return None };
        let length = put.content_length.bytes();
        let headers = vec![
            ("Content-MD5", put.content_md5.to_string()),
            ("Content-Length", length.to_string()),
            ("Content-Type", "application/octet-stream".to_owned()),
        ];
        let body = RequestBody::File(file.clone(), length);
        Some(Request { method: "PUT", url: put.url, headers, body })
    }

    /// Prepares the file for a download and returns the request; `None` if the file cannot be
    /// prepared.
    pub(super) fn get_request(&mut self, get: GetRequest) -> Option<Request> {
        if !self.prepare(get.range.is_none()) {
            return None;
        }
        let range = get.range.map(|range| ("Range", range.to_string()));
        let headers = range.into_iter().collect();
        Some(Request { method: "GET", url: get.url, headers, body: RequestBody::None })
    }

    /// Prepares the file for a download that begins or continues. Returns whether the file is
    /// ready.
    fn prepare(&mut self, from_begin: bool) -> bool {
        let TaskKind::Download { session, place, file } = &mut self.kind else { return true };
        let Some(task) = session.task() else { return false };
        if file.is_none() {
            *file = DownloadFile::create(place, task.name.as_str()).ok();
        }
        match file {
            Some(file) if from_begin => file.begin_anew().is_ok(),
            Some(_) => true,
            None => false,
        }
    }

    /// Moves the file of a finished download to its final place, and records the path.
    pub(super) fn keep(&mut self) {
        if let TaskKind::Download { file, .. } = &mut self.kind
            && let Some(file) = file.take()
        {
            self.kept = file.keep().ok();
        }
    }
}

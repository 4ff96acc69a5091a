//! The device's side of an upload or a download.
//!
//! An [`Upload`] or a [`Download`] is one task, from the first request to the answer to the final
//! report. A task performs no I/O. The caller drives the task with these methods:
//!
//! - `handle_*` handles an event: a message, an HTTP event, or a timeout. An event that does not
//!   fit the state of the task results in [`Misplaced`](super::Misplaced) and changes nothing.
//! - `poll` returns the next action. After every event, call this method until it returns `None`.
//! - `poll_timeout` returns the time at which the caller must call `handle_timeout`, or `None` if
//!   the task has no deadline.
//! - `outcome` returns the result of the task, or `None` while the task continues. Once there is a
//!   result, there are no more actions.
//!
//! Times are [`Duration`](core::time::Duration)s since a moment that the caller chooses. The times
//! that are passed to a task must not decrease.
//!
//! The caller transfers the bytes. The task supervises the HTTP exchange. If, for example, an
//! exchange is idle for too long or delivers too many bytes, the task requests that the caller
//! close it. Otherwise, an exchange ends with the response to a `PUT` that was sent completely,
//! with the end of the body of a `GET`, or with a broken connection.
//!
//! A task always ends, even if the channel loses, delays, repeats or reorders messages, because
//! every wait has a deadline ([`Policy`]) and every repetition has a bound. The only exception is a
//! download that waits for a push without a time limit ([`Download::wait`]). An
//! [`Observer`](super::Observer) at the device's end of the channel finds no violation of a MUST
//! rule in the messages that a task publishes. All of these messages can be encoded, because a task
//! whose messages would be too long is rejected when it begins (ENC-1).
//!
//! # Several tasks of one device
//!
//! Any number of tasks can run at the same time if their names differ. Pass each message to each
//! task in turn. For messages of other tasks, `handle_message` returns [`Handled::NotMine`] or
//! [`Handled::NewTask`]. Progress responses are the only messages from the platform without a name.
//! If several tasks of one kind (upload or download) run at the same time, pass a progress response
//! to the task with the oldest unanswered report (SES-6).
//!
//! Use one [`Deliveries`](super::Deliveries) for all tasks. It recognises the messages that MQTT
//! repeats. Do not pass these messages to a task (SES-11).
//!
//! # An upload
//!
//! ```
//! use core::time::Duration;
//! use iothub_resource::{
//!     Md5Sum, Message, Profile, ProgressResponse, Resource, ResourceName, ResourceSize,
//!     ResourceTask, ResourceUrl,
//!     session::device::{Answer, Outcome, Policy, Upload, UploadAction},
//! };
//!
//! let body = b"hello";
//! let resource = Resource {
//!     size: ResourceSize::from(5),
//!     name: ResourceName::new("zxc")?,
//!     md5sum: Md5Sum::of(body),
//! };
//! let mut now = Duration::ZERO;
//! let mut upload = Upload::new(Profile::Documented, Policy::default(), resource.clone())?;
//!
//! // The upload requests a URL. Your MQTT client publishes this message.
//! let create = Message::CreateUploadTask(resource.clone());
//! assert_eq!(upload.poll(now), Some(UploadAction::Publish(create)));
//! assert_eq!(upload.poll(now), None);
//!
//! // After the answer, the upload reports 0%. Then it requests the `PUT`.
//! let url = ResourceUrl::new("https://iothub.cos.ap-guangzhou.myqcloud.com/a?sign=b")?;
//! let issued = Message::CreateUploadTaskRsp(ResourceTask::new(resource, url.clone()));
//! upload.handle_message(&issued)?;
//! assert!(matches!(upload.poll(now), Some(UploadAction::Publish(Message::ReportUploadProgress(_)))));
//! let Some(UploadAction::Put(put)) = upload.poll(now) else { panic!() };
//! assert_eq!(put.url, url);
//! assert_eq!(put.content_md5.to_string(), "XUFAKrxLKna5cZ2REBfFkg==");
//!
//! // After the `PUT`, the upload reports 100% and waits for two answers.
//! now += Duration::from_millis(200);
//! upload.handle_http_sent(now, 5)?;
//! upload.handle_http_response(now, 200)?;
//! assert!(matches!(upload.poll(now), Some(UploadAction::Publish(Message::ReportUploadProgress(_)))));
//! upload.handle_message(&Message::ReportUploadProgressRsp(ProgressResponse::OK))?;
//! assert_eq!(upload.outcome(), None);
//! upload.handle_message(&Message::ReportUploadProgressRsp(ProgressResponse::OK))?;
//! assert_eq!(upload.outcome(), Some(Outcome::Done { answer: Answer::Accepted }));
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! # A download
//!
//! ```
//! use core::time::Duration;
//! use iothub_resource::{
//!     Message, Profile,
//!     session::device::{Answer, Body, Download, DownloadAction, Outcome, Policy},
//! };
//!
//! let mut now = Duration::ZERO;
//! let mut download = Download::ask(Profile::Documented, Policy::default());
//! assert_eq!(download.poll(now), Some(DownloadAction::Publish(Message::GetDownloadTask)));
//!
//! let task = r#"{"type":"get_download_task_rsp","size":5,"name":"AAAA",
//!     "md5sum":"5d41402abc4b2a76b9719d911017c592","url":"https://host/down"}"#;
//! download.handle_message(&Message::from_json(Profile::Documented, task)?)?;
//! assert!(matches!(download.poll(now), Some(DownloadAction::Publish(_))), "0%");
//! let Some(DownloadAction::Get(get)) = download.poll(now) else { panic!() };
//! assert_eq!(get.range, None);
//!
//! // The connection breaks in the middle. The download requests the rest.
//! download.handle_http_response(now, 200, None)?;
//! assert_eq!(download.handle_http_body(now, b"hel")?, Body::At(0));
//! download.handle_http_failure()?;
//! let Some(DownloadAction::Get(get)) = download.poll(now) else { panic!() };
//! assert_eq!(get.range.map(|range| range.to_string()).as_deref(), Some("bytes=3-4"));
//! download.handle_http_response(now, 206, "bytes 3-4/5".parse().ok())?;
//! assert_eq!(download.handle_http_body(now, b"lo")?, Body::At(3));
//! download.handle_http_end()?;
//!
//! // Size and MD5 match, so the download reports 100%.
//! assert!(matches!(download.poll(now), Some(DownloadAction::Publish(_))));
//! let deadline = download.poll_timeout().unwrap();
//! now = deadline;
//! download.handle_timeout(now);
//! assert_eq!(download.outcome(), Some(Outcome::Done { answer: Answer::Missing }));
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```

mod download;
mod handled;
mod outcome;
mod policy;
mod received;
mod report;
mod upload;

pub use self::{
    download::{Download, DownloadAction, GetRequest},
    handled::Handled,
    outcome::{Answer, Outcome, Reason},
    policy::Policy,
    received::Body,
    upload::{PutRequest, Upload, UploadAction},
};

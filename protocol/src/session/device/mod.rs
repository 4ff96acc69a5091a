//! The device's side of an upload and of a download.
//!
//! [`Upload`] and [`Download`] are one task each, from the first request to the answer to the
//! final report. They do nothing themselves:
//!
//! - `handle_*` tells one what happened: a message came, HTTP moved on, time passed. An event that
//!   does not fit is a [`Misplaced`](super::Misplaced), and changes nothing.
//! - `poll` asks what to do next: after every event, until there is nothing more.
//! - `poll_timeout` says until when it can wait for the next event.
//! - `outcome` says how it ended. Then there is nothing more to do.
//!
//! Times are [`Duration`](core::time::Duration)s since a moment of the caller's choice, which
//! never run backwards.
//!
//! The caller moves the bytes, and tells of them. The task watches over the exchange: it wants it
//! closed when it takes too long or brings what is not wanted. An exchange ends otherwise with the
//! response to a `PUT` that was sent completely, with the end of the body of a `GET`, and with a
//! broken connection.
//!
//! Whatever the channel loses, delays, repeats and mixes up, a task ends: every wait has a
//! deadline ([`Policy`]), and every repetition a bound. What it publishes breaks no MUST rule for
//! an [`Observer`](super::Observer) at the device's end of the channel, and can be encoded: a task
//! whose messages would be too long is refused when it begins (ENC-1).
//!
//! # Several tasks of one device
//!
//! Any number can run at once, under different names. What concerns another task, a task answers
//! with [`Handled::NotMine`] or [`Handled::NewTask`]; so a message can be offered to one after the
//! other. Only a progress response has no name: with several uploads at once, give it to the one
//! whose unanswered report is the oldest (SES-6).
//!
//! What MQTT delivers a second time is kept from all of them with one
//! [`Deliveries`](super::Deliveries) (SES-11).
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
//! // It asks for a URL. With an MQTT client at hand, it would be published here.
//! let create = Message::CreateUploadTask(resource.clone());
//! assert_eq!(upload.poll(now), Some(UploadAction::Publish(create)));
//! assert_eq!(upload.poll(now), None);
//!
//! // The answer comes; it reports 0 percent, then it wants the bytes put there.
//! let url = ResourceUrl::new("https://iothub.cos.ap-guangzhou.myqcloud.com/a?sign=b")?;
//! let issued = Message::CreateUploadTaskRsp(ResourceTask::new(resource, url.clone()));
//! upload.handle_message(&issued)?;
//! assert!(matches!(upload.poll(now), Some(UploadAction::Publish(Message::ReportUploadProgress(_)))));
//! let Some(UploadAction::Put(put)) = upload.poll(now) else { panic!() };
//! assert_eq!(put.url, url);
//! assert_eq!(put.content_md5.to_string(), "XUFAKrxLKna5cZ2REBfFkg==");
//!
//! // HTTP is done; it reports 100 percent, and waits for two answers.
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
//! assert!(matches!(download.poll(now), Some(DownloadAction::Publish(_))), "0 percent");
//! let Some(DownloadAction::Get(get)) = download.poll(now) else { panic!() };
//! assert_eq!(get.range, None);
//!
//! // The connection breaks in the middle: the rest is asked for.
//! download.handle_http_response(now, 200, None)?;
//! assert_eq!(download.handle_http_body(now, b"hel")?, Body::At(0));
//! download.handle_http_failure()?;
//! let Some(DownloadAction::Get(get)) = download.poll(now) else { panic!() };
//! assert_eq!(get.range.map(|range| range.to_string()).as_deref(), Some("bytes=3-4"));
//! download.handle_http_response(now, 206, "bytes 3-4/5".parse().ok())?;
//! assert_eq!(download.handle_http_body(now, b"lo")?, Body::At(3));
//! download.handle_http_end()?;
//!
//! // Size and MD5 match, so it reports 100 percent.
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

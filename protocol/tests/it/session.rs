//! The observer, the device and the platform: every transition, and every event that does not fit.

mod after_faults;
mod download;
mod observer;
mod platform;
mod sent_again;
mod upload;

use std::borrow::Cow;
use std::time::Duration;

use iothub_resource::{
    ByteRange, ContentRange, Md5Sum, Message, Percent, Profile, Progress, ProgressReport,
    ProgressResponse, Resource, ResourceName, ResourceSize, ResourceTask, ResourceUrl, ResultCode,
    State, Transfer, session::device::Policy,
};

pub(crate) const URL: &str = "https://store/object?sign=1";

pub(crate) fn resource(name: &str, body: &[u8]) -> Resource<'static> {
    Resource {
        size: ResourceSize::new(body.len() as u64).unwrap(),
        name: ResourceName::new(name.to_owned()).unwrap(),
        md5sum: Md5Sum::of(body),
    }
}

pub(crate) fn task(name: &str, body: &[u8], url: &str) -> ResourceTask<'static> {
    ResourceTask::new(resource(name, body), ResourceUrl::new(url.to_owned()).unwrap())
}

/// Returns a progress report with an empty `result_msg`.
pub(crate) fn report(transfer: Transfer, name: &str, state: State, code: i32) -> Message<'static> {
    let code = ResultCode(code);
    let report = ProgressReport {
        name: ResourceName::new(name.to_owned()).unwrap(),
        progress: Progress {
            state,
            result_code: code,
            result_msg: Cow::Borrowed(code.known_message().unwrap_or("")),
        },
    };
    match transfer {
        Transfer::Upload => Message::ReportUploadProgress(report),
        Transfer::Download => Message::ReportDownloadProgress(report),
    }
}

pub(crate) fn running(percent: u8) -> State {
    State::Running(Percent::new(percent).unwrap())
}

pub(crate) fn answer(transfer: Transfer, code: i32) -> Message<'static> {
    let response = match code {
        0 => ProgressResponse::OK,
        _ => ProgressResponse { result_code: ResultCode(code), result_msg: Cow::Borrowed("no") },
    };
    match transfer {
        Transfer::Upload => Message::ReportUploadProgressRsp(response),
        Transfer::Download => Message::ReportDownloadProgressRsp(response),
    }
}

/// Returns the state in a final report of success.
pub(crate) fn success(profile: Profile) -> State {
    match profile {
        Profile::Documented => running(100),
        Profile::Deployed => State::Done(None),
    }
}

/// Returns the state in a final report of failure.
pub(crate) fn failure(profile: Profile, reached: u8) -> State {
    match profile {
        Profile::Documented => running(reached),
        Profile::Deployed => State::Fail(None),
    }
}

pub(crate) fn policy() -> Policy {
    let mut policy = Policy::DEFAULT;
    policy.asks = 2.try_into().unwrap();
    policy.resumes = 1;
    policy
}

/// Returns the `Content-Range`, or `None` if a resource of that size has no such part.
pub(crate) fn content_range(first: u64, last: u64, size: u64) -> Option<ContentRange> {
    let range = ByteRange::new(first, last).ok()?;
    ContentRange::new(range, ResourceSize::new(size).ok()?).ok()
}

pub(crate) const fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

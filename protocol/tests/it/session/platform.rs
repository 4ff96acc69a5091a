//! Tests of the platform's side of a session.

use iothub_resource::{
    Message, Profile, ProgressResponse, Resource, ResourceTask, ResourceUrl, ResultCode, State,
    Transfer,
    session::{
        End, FindingKind, Limits, Misplaced,
        platform::{Platform, PlatformAction, PlatformEvent},
    },
};

use super::{URL, answer, failure, report, resource, running, success, task};

const BODY: &[u8] = b"0123456789";

fn url() -> ResourceUrl<'static> {
    ResourceUrl::new(URL).unwrap()
}

fn create() -> Message<'static> {
    Message::CreateUploadTask(resource("zxc", BODY))
}

fn issued() -> Message<'static> {
    Message::CreateUploadTaskRsp(task("zxc", BODY, URL))
}

fn publish(message: Message<'static>) -> Option<PlatformAction> {
    Some(PlatformAction::Publish(message))
}

/// Returns a platform that has issued the URL of `zxc`.
fn with_upload(profile: Profile) -> Platform {
    let mut platform = Platform::new(profile);
    platform.handle_message(false, &create()).unwrap();
    assert_eq!(platform.poll(), Some(PlatformAction::IssueUrl(resource("zxc", BODY))));
    assert_eq!(platform.poll(), None);
    platform.url_issued(&resource("zxc", BODY), url()).unwrap();
    assert_eq!(platform.poll(), publish(issued()));
    assert_eq!(platform.poll_event(), Some(PlatformEvent::Issued(resource("zxc", BODY))));
    assert_eq!((platform.poll(), platform.poll_event()), (None, None));
    platform
}

/// Returns a platform that has delivered `AAAA`.
fn with_download(profile: Profile) -> Platform {
    let mut platform = Platform::new(profile);
    platform.offer(task("AAAA", BODY, URL)).unwrap();
    platform.handle_message(false, &Message::GetDownloadTask).unwrap();
    assert_eq!(platform.poll(), publish(Message::GetDownloadTaskRsp(task("AAAA", BODY, URL))));
    assert_eq!(platform.poll_event(), Some(PlatformEvent::Delivered(task("AAAA", BODY, URL))));
    assert_eq!((platform.poll(), platform.poll_event()), (None, None));
    platform
}

fn refusal(transfer: Transfer) -> Message<'static> {
    let response = ProgressResponse {
        result_code: ResultCode::FILE_NOT_EXIST,
        result_msg: "file_not_exist".into(),
    };
    match transfer {
        Transfer::Upload => Message::ReportUploadProgressRsp(response),
        Transfer::Download => Message::ReportDownloadProgressRsp(response),
    }
}

#[track_caller]
fn takes_report(platform: &mut Platform, message: &Message<'static>) {
    let (Message::ReportUploadProgress(report) | Message::ReportDownloadProgress(report)) = message
    else {
        panic!("{message:?}")
    };
    let transfer = match message {
        Message::ReportUploadProgress(_) => Transfer::Upload,
        _ => Transfer::Download,
    };
    platform.handle_message(false, message).unwrap();
    assert_eq!(platform.poll(), publish(answer(transfer, 0)));
    assert_eq!(platform.poll(), None);
    let report = report.clone();
    assert_eq!(platform.poll_event(), Some(PlatformEvent::Progress { transfer, report }));
}

#[track_caller]
fn finds(platform: &mut Platform, message: &Message<'static>, kind: FindingKind) {
    let transfer = match message {
        Message::ReportUploadProgress(_) => Transfer::Upload,
        _ => Transfer::Download,
    };
    platform.handle_message(false, message).unwrap();
    assert_eq!(platform.poll(), publish(refusal(transfer)));
    assert_eq!(platform.poll(), None);
    let event = platform.poll_event();
    assert!(
        matches!(event, Some(PlatformEvent::BrokenRule { kind: found, .. }) if found == kind),
        "{event:?}"
    );
    assert_eq!(platform.poll_event(), None);
}

#[test]
fn an_upload_from_beginning_to_end() {
    for profile in Profile::ALL {
        let mut platform = with_upload(profile);
        takes_report(&mut platform, &report(Transfer::Upload, "zxc", running(0), 0));
        takes_report(&mut platform, &report(Transfer::Upload, "zxc", running(50), 0));
        assert_eq!(platform.poll_event(), None);
        takes_report(&mut platform, &report(Transfer::Upload, "zxc", success(profile), 0));
        let name = resource("zxc", BODY).name;
        let end = PlatformEvent::Ended { transfer: Transfer::Upload, name, end: End::Success };
        assert_eq!(platform.poll_event(), Some(end));
    }
}

#[test]
fn failures_end_a_task_too() {
    for (profile, state, code) in [
        (Profile::Documented, failure(Profile::Documented, 3), -4),
        (Profile::Deployed, failure(Profile::Deployed, 3), -4),
        (Profile::Deployed, State::Fail(None), 0),
        (Profile::Deployed, State::Done(None), 7),
        (Profile::Deployed, running(100), -1),
    ] {
        let mut platform = with_download(profile);
        takes_report(&mut platform, &report(Transfer::Download, "AAAA", state, code));
        let end = End::Failure(ResultCode(code));
        let name = resource("AAAA", BODY).name;
        let transfer = Transfer::Download;
        assert_eq!(platform.poll_event(), Some(PlatformEvent::Ended { transfer, name, end }));
    }
    let mut platform = with_download(Profile::Deployed);
    takes_report(&mut platform, &report(Transfer::Download, "AAAA", running(100), 0));
    assert_eq!(platform.poll_event(), None, "100 alone ends nothing here");
}

#[test]
fn misplaced_reports_are_answered_and_change_nothing() {
    let upload = |percent| report(Transfer::Upload, "zxc", running(percent), 0);
    let mut platform = Platform::new(Profile::Documented);
    finds(&mut platform, &upload(0), FindingKind::NoSuchTask);
    platform.handle_message(false, &create()).unwrap();
    platform.poll();
    finds(&mut platform, &upload(0), FindingKind::ProgressBeforeUrl);
    platform.url_issued(&resource("zxc", BODY), url()).unwrap();
    platform.poll();
    platform.poll_event();
    takes_report(&mut platform, &upload(100));
    platform.poll_event();
    finds(&mut platform, &upload(99), FindingKind::AfterEnd);
    let download = report(Transfer::Download, "zxc", running(0), 0);
    finds(&mut platform, &download, FindingKind::NoSuchTask);
}

#[test]
fn what_is_sent_again_changes_nothing_and_is_answered_again() {
    let end = report(Transfer::Upload, "zxc", running(100), 0);
    let mut platform = with_upload(Profile::Documented);
    let again = |platform: &mut Platform, dup: bool, message: &Message<'static>, answer| {
        let before = platform.clone();
        platform.handle_message(dup, message).unwrap();
        assert_eq!(platform.poll(), answer, "{message:?}");
        assert_eq!(*platform, before, "{message:?}");
    };
    // The platform answers a create again until the device shows that it has the URL.
    again(&mut platform, true, &create(), publish(issued()));
    takes_report(&mut platform, &end);
    platform.poll_event();
    again(&mut platform, true, &create(), None);
    // The platform answers a report again, and a final one even without the flag.
    let ok = || publish(answer(Transfer::Upload, 0));
    again(&mut platform, true, &end, ok());
    again(&mut platform, false, &end, ok());
    // If a rejected report is sent again, the platform rejects it again.
    let late = report(Transfer::Upload, "zxc", running(50), 0);
    finds(&mut platform, &late, FindingKind::AfterEnd);
    again(&mut platform, true, &late, publish(refusal(Transfer::Upload)));
    again(&mut platform, true, &end, ok());

    let mut platform = Platform::new(Profile::Documented);
    platform.handle_message(true, &create()).unwrap();
    assert!(platform.poll().is_some(), "DUP alone means nothing");
    again(&mut platform, true, &create(), None);
}

#[test]
fn a_create_is_answered_again_with_its_own_url() {
    let mut platform = with_upload(Profile::Documented);
    let newer = ResourceUrl::new("https://store/newer").unwrap();
    platform.handle_message(false, &create()).unwrap();
    platform.poll();
    platform.handle_message(true, &create()).unwrap();
    assert_eq!(platform.poll(), None, "the newer create is not answered yet");
    platform.url_issued(&resource("zxc", BODY), newer.clone()).unwrap();
    let answered = publish(Message::CreateUploadTaskRsp(task("zxc", BODY, newer.as_str())));
    assert_eq!(platform.poll(), answered);
    platform.handle_message(true, &create()).unwrap();
    assert_eq!(platform.poll(), answered);

    // The platform keeps only 16 answers, because an answer can be as long as a payload.
    for number in 0..16 {
        let other = resource(&format!("upload {number}"), BODY);
        platform.handle_message(false, &Message::CreateUploadTask(other.clone())).unwrap();
        platform.url_issued(&other, url()).unwrap();
        assert!(platform.poll().is_some() && platform.poll().is_some());
    }
    platform.handle_message(true, &create()).unwrap();
    assert_eq!(platform.poll(), None);
    let first = Message::CreateUploadTask(resource("upload 0", BODY));
    platform.handle_message(true, &first).unwrap();
    assert!(platform.poll().is_some());
}

#[test]
fn a_query_is_answered_again_until_the_download_is_begun() {
    let delivered = || publish(Message::GetDownloadTaskRsp(task("AAAA", BODY, URL)));
    let mut platform = with_download(Profile::Documented);
    platform.offer(task("BBBB", BODY, URL)).unwrap();
    platform.handle_message(true, &Message::GetDownloadTask).unwrap();
    assert_eq!((platform.poll(), platform.poll_event()), (delivered(), None));
    takes_report(&mut platform, &report(Transfer::Download, "AAAA", running(0), 0));
    platform.handle_message(true, &Message::GetDownloadTask).unwrap();
    assert_eq!(platform.poll(), None, "it did not ask for another one");

    // The first copy was not answered either.
    let mut platform = Platform::new(Profile::Documented);
    platform.handle_message(false, &Message::GetDownloadTask).unwrap();
    assert_eq!(platform.poll(), None);
    platform.offer(task("AAAA", BODY, URL)).unwrap();
    platform.handle_message(true, &Message::GetDownloadTask).unwrap();
    assert_eq!(platform.poll(), delivered());
    let event = PlatformEvent::Delivered(task("AAAA", BODY, URL));
    assert_eq!(platform.poll_event(), Some(event));
}

#[test]
fn every_create_is_owed_its_answer() {
    let other = resource("zxc", b"other");
    let mut platform = Platform::new(Profile::Documented);
    platform.handle_message(false, &create()).unwrap();
    platform.handle_message(false, &Message::CreateUploadTask(other.clone())).unwrap();
    platform.handle_message(false, &create()).unwrap();
    for resource in [resource("zxc", BODY), other.clone(), resource("zxc", BODY)] {
        assert_eq!(platform.poll(), Some(PlatformAction::IssueUrl(resource)));
    }
    platform.url_issued(&other, url()).unwrap();
    platform.poll();
    platform.poll_event();
    let progress = report(Transfer::Upload, "zxc", running(0), 0);
    finds(&mut platform, &progress, FindingKind::ProgressBeforeUrl);
    platform.url_issued(&resource("zxc", BODY), url()).unwrap();
    assert_eq!(platform.poll(), publish(issued()));
    platform.poll_event();
    takes_report(&mut platform, &progress);
    platform.url_issued(&resource("zxc", BODY), url()).unwrap();
    assert_eq!(platform.poll(), publish(issued()));
    let before = platform.clone();
    assert_eq!(platform.url_issued(&other, url()), Err(Misplaced::Unsolicited));
    assert_eq!(platform.url_refused(&other), Err(Misplaced::Unsolicited));
    assert_eq!(platform, before);
}

#[test]
fn a_task_begins_anew_with_its_create() {
    let mut platform = with_upload(Profile::Documented);
    takes_report(&mut platform, &report(Transfer::Upload, "zxc", running(100), 0));
    platform.poll_event();
    platform.handle_message(false, &create()).unwrap();
    assert_eq!(platform.poll(), Some(PlatformAction::IssueUrl(resource("zxc", BODY))));
    platform.url_issued(&resource("zxc", BODY), url()).unwrap();
    assert_eq!(platform.poll(), publish(issued()));
    platform.poll_event();
    takes_report(&mut platform, &report(Transfer::Upload, "zxc", running(0), 0));
}

#[test]
fn a_declined_create_stays_unanswered() {
    let mut platform = Platform::new(Profile::Documented);
    platform.handle_message(false, &create()).unwrap();
    platform.poll();
    platform.url_refused(&resource("zxc", BODY)).unwrap();
    assert_eq!((platform.poll(), platform.poll_event()), (None, None));
    let before = platform.clone();
    assert_eq!(platform.url_issued(&resource("zxc", BODY), url()), Err(Misplaced::Unsolicited));
    assert_eq!(platform, before);
}

#[test]
fn downloads_are_handed_out_oldest_first_until_they_are_begun() {
    let (a, b) = (task("AAAA", BODY, URL), task("BBBB", BODY, URL));
    let mut platform = Platform::new(Profile::Documented);
    platform.handle_message(false, &Message::GetDownloadTask).unwrap();
    assert_eq!((platform.poll(), platform.poll_event()), (None, None), "there is none");
    platform.offer(a.clone()).unwrap();
    platform.offer(b.clone()).unwrap();
    assert_eq!(platform.poll(), None, "an old query is not answered later");
    for _ in 0..2 {
        platform.handle_message(false, &Message::GetDownloadTask).unwrap();
        assert_eq!(platform.poll(), publish(Message::GetDownloadTaskRsp(a.clone())));
        assert_eq!(platform.poll(), None, "one answer each");
        assert_eq!(platform.poll_event(), Some(PlatformEvent::Delivered(a.clone())));
    }
    takes_report(&mut platform, &report(Transfer::Download, "AAAA", running(0), 0));
    assert!(platform.offers().eq([&b]));
    platform.handle_message(false, &Message::GetDownloadTask).unwrap();
    assert_eq!(platform.poll(), publish(Message::GetDownloadTaskRsp(b)));
}

#[test]
fn a_newer_offer_takes_the_place_of_one_of_its_name() {
    let newer = task("AAAA", b"newer", URL);
    let mut platform = Platform::new(Profile::Documented);
    platform.offer(task("AAAA", BODY, URL)).unwrap();
    platform.offer(task("BBBB", BODY, URL)).unwrap();
    platform.offer(newer.clone()).unwrap();
    assert!(platform.offers().eq([&task("BBBB", BODY, URL), &newer]));

    let mut platform = with_download(Profile::Documented);
    platform.offer(newer.clone()).unwrap();
    takes_report(&mut platform, &report(Transfer::Download, "AAAA", running(0), 0));
    assert!(platform.offers().eq([&newer]), "the report was about the one delivered before");
}

#[test]
fn a_push_needs_no_query_and_the_deployed_profile() {
    let task = task("AAAA", BODY, URL);
    let mut platform = Platform::new(Profile::Deployed);
    platform.push(task.clone()).unwrap();
    assert_eq!(platform.poll(), publish(Message::Download(task.clone())));
    assert_eq!(platform.poll_event(), Some(PlatformEvent::Delivered(task.clone())));
    takes_report(&mut platform, &report(Transfer::Download, "AAAA", running(0), 0));

    let mut platform = Platform::new(Profile::Documented);
    assert_eq!(platform.push(task), Err(Misplaced::NotInProfile));
    assert_eq!(platform, Platform::new(Profile::Documented));
}

#[test]
fn what_is_not_a_devices_changes_nothing() {
    for profile in Profile::ALL {
        for before in [Platform::new(profile), with_upload(profile), with_download(profile)] {
            for down in [
                issued(),
                Message::GetDownloadTaskRsp(task("AAAA", BODY, URL)),
                Message::Download(task("AAAA", BODY, URL)),
                answer(Transfer::Upload, 0),
                answer(Transfer::Download, 0),
            ] {
                let mut platform = before.clone();
                let misplaced = platform.handle_message(false, &down);
                assert_eq!(misplaced, Err(Misplaced::WrongDirection));
                assert_eq!(platform, before);
            }
        }
    }
    let before = with_upload(Profile::Documented);
    let mut platform = before.clone();
    let done = report(Transfer::Upload, "zxc", State::Done(None), 0);
    assert_eq!(platform.handle_message(false, &done), Err(Misplaced::NotInProfile));
    assert_eq!(platform, before);
}

#[test]
fn what_cannot_be_encoded_is_refused() {
    let long = ResourceUrl::new(format!("https://store/{}", "u".repeat(16_384))).unwrap();
    let long_task = ResourceTask::new(resource("zxc", BODY), long.clone());
    let mut platform = Platform::new(Profile::Deployed);
    platform.handle_message(false, &create()).unwrap();
    platform.poll();
    let before = platform.clone();
    assert_eq!(platform.url_issued(&resource("zxc", BODY), long), Err(Misplaced::TooLong));
    assert_eq!(platform.offer(long_task.clone()), Err(Misplaced::TooLong));
    assert_eq!(platform.push(long_task), Err(Misplaced::TooLong));
    assert_eq!(platform, before);
    platform.url_issued(&resource("zxc", BODY), url()).unwrap();
    assert_eq!(platform.poll(), publish(issued()));
}

#[test]
fn of_equal_creates_the_oldest_is_declined() {
    let progress = report(Transfer::Upload, "zxc", running(0), 0);
    let mut platform = Platform::new(Profile::Documented);
    for _ in 0..2 {
        platform.handle_message(false, &create()).unwrap();
        platform.poll();
    }
    platform.url_refused(&resource("zxc", BODY)).unwrap();
    finds(&mut platform, &progress, FindingKind::ProgressBeforeUrl);
    platform.url_issued(&resource("zxc", BODY), url()).unwrap();
    assert_eq!(platform.poll(), publish(issued()));
    platform.poll_event();
    takes_report(&mut platform, &progress);
    assert_eq!(platform.url_refused(&resource("zxc", BODY)), Err(Misplaced::Unsolicited));
}

/// This test would take minutes if every answer had to search all open creates.
#[test]
fn many_creates_may_be_open() {
    let mut platform = Platform::new(Profile::Documented);
    let resources: Vec<_> = (0..50_000_u32)
        .map(|size| Resource { size: size.into(), ..resource("zxc", BODY) })
        .collect();
    for resource in &resources {
        platform.handle_message(false, &Message::CreateUploadTask(resource.clone())).unwrap();
    }
    for (index, resource) in resources.iter().enumerate() {
        if index % 2 == 0 {
            platform.url_refused(resource).unwrap();
        } else {
            platform.url_issued(resource, url()).unwrap();
        }
    }
}

#[test]
fn what_was_forgotten_is_no_task_any_more() {
    let mut limits = Limits::NONE;
    (limits.messages, limits.tasks, limits.unanswered) = (4, 2, 2);
    let mut platform = Platform::with_limits(Profile::Documented, limits);
    let upload = |platform: &mut Platform, name: &str| {
        let wanted = resource(name, BODY);
        platform.handle_message(false, &Message::CreateUploadTask(wanted.clone())).unwrap();
        assert_eq!(platform.poll(), Some(PlatformAction::IssueUrl(wanted.clone())));
        platform.url_issued(&wanted, url()).unwrap();
        assert_eq!(platform.poll(), publish(Message::CreateUploadTaskRsp(task(name, BODY, URL))));
        assert_eq!(platform.poll_event(), Some(PlatformEvent::Issued(wanted)));
    };
    upload(&mut platform, "zxc");
    for name in ["a", "b", "c", "d"] {
        upload(&mut platform, name);
        takes_report(&mut platform, &report(Transfer::Upload, name, running(1), 0));
    }
    platform.handle_message(false, &report(Transfer::Upload, "zxc", running(1), 0)).unwrap();
    assert_eq!(platform.poll(), publish(refusal(Transfer::Upload)));
}

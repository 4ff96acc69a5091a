//! Tests of the device's side of a download.

mod delivery;

use iothub_resource::{
    ByteRange, EncodeError, MAX_PAYLOAD, Message, Profile, ResultCode, State, Transfer,
    session::{
        Misplaced,
        device::{Answer, Body, Download, DownloadAction, GetRequest, Handled, Outcome, Reason},
    },
};

use super::{
    URL, answer, at, content_range, failure, policy, report, resource, running, success, task,
};

const BODY: &[u8] = b"0123456789";

fn reported(state: State, code: i32) -> Option<DownloadAction> {
    Some(DownloadAction::Publish(report(Transfer::Download, "AAAA", state, code)))
}

fn delivered() -> Message<'static> {
    Message::GetDownloadTaskRsp(task("AAAA", BODY, URL))
}

fn pushed() -> Message<'static> {
    Message::Download(task("AAAA", BODY, URL))
}

/// Returns the push of a different resource with the same name.
fn replaced() -> Message<'static> {
    Message::Download(task("AAAA", b"new", "https://store/new"))
}

fn get(action: Option<DownloadAction>) -> GetRequest {
    match action {
        Some(DownloadAction::Get(get)) => get,
        other => panic!("{other:?}"),
    }
}

/// Returns a download after its query was published.
fn queried(profile: Profile) -> Download {
    let mut download = Download::ask(profile, policy());
    let query = DownloadAction::Publish(Message::GetDownloadTask);
    assert_eq!(download.poll(at(0)), Some(query));
    assert_eq!(download.poll(at(0)), None);
    download
}

/// Returns a download after the delivery of its task, before its next action.
fn with_task(profile: Profile) -> Download {
    let mut download = queried(profile);
    assert_eq!(download.handle_message(&delivered()), Ok(Handled::Taken));
    assert_eq!(download.task(), Some(&task("AAAA", BODY, URL)));
    download
}

/// Returns a download that waits for the response to its `GET`.
fn requested(profile: Profile) -> Download {
    let mut download = with_task(profile);
    assert_eq!(download.poll(at(0)), reported(running(0), 0));
    let request = get(download.poll(at(0)));
    assert_eq!((request.url.as_str(), request.range), (URL, None));
    assert_eq!(download.poll(at(0)), None);
    download
}

/// Returns a download that has received the first bytes.
fn receiving(profile: Profile, first: &[u8]) -> Download {
    let mut download = requested(profile);
    download.handle_http_response(at(0), 200, None).unwrap();
    assert_eq!(download.handle_http_body(at(0), first), Ok(Body::At(0)));
    download
}

/// Returns a download after its final report. Neither the first nor the final report is answered.
fn finished(profile: Profile) -> Download {
    let mut download = receiving(profile, BODY);
    download.handle_http_end().unwrap();
    assert_eq!(download.poll(at(0)), reported(success(profile), 0));
    assert_eq!(download.poll(at(0)), None);
    download
}

#[track_caller]
fn refuses(
    download: &Download,
    event: impl FnOnce(&mut Download) -> Result<(), Misplaced>,
    misplaced: Misplaced,
) {
    let mut after = download.clone();
    assert_eq!(event(&mut after), Err(misplaced));
    assert_eq!(&after, download);
}

#[track_caller]
fn refuses_message(download: &Download, message: &Message<'_>, misplaced: Misplaced) {
    refuses(download, |download| download.handle_message(message).map(drop), misplaced);
}

#[track_caller]
fn fails_with(mut download: Download, reached: u8, reason: Reason, code: i32) {
    let Some(DownloadAction::Publish(Message::ReportDownloadProgress(report))) =
        download.poll(at(1))
    else {
        panic!("no final report")
    };
    assert_eq!(report.progress.state, failure(Profile::Documented, reached));
    assert_eq!(report.progress.result_code, ResultCode(code));
    assert_eq!(report.progress.result_msg, reason.message());
    download.handle_timeout(at(1000));
    assert_eq!(download.outcome(), Some(Outcome::Failed { reason, answer: Answer::Missing }));
}

#[test]
fn it_ends_when_every_report_is_answered() {
    for profile in Profile::ALL {
        let mut download = finished(profile);
        let ok = answer(Transfer::Download, 0);
        assert_eq!(download.handle_message(&ok), Ok(Handled::Answered(ResultCode::SUCCESS)));
        assert_eq!(download.outcome(), None, "that was the answer to the first report");
        assert_eq!(download.handle_message(&ok), Ok(Handled::Answered(ResultCode::SUCCESS)));
        assert_eq!(download.outcome(), Some(Outcome::Done { answer: Answer::Accepted }));
        assert_eq!(download.poll(at(2)), None);
        assert_eq!(download.poll_timeout(), None);
        refuses_message(&download, &ok, Misplaced::Ended);
        refuses(&download, Download::handle_local_failure, Misplaced::Ended);
    }
}

#[test]
fn it_asks_again_and_then_gives_up() {
    let mut download = queried(Profile::Documented);
    assert_eq!(download.poll_timeout(), Some(at(10)));
    download.handle_timeout(at(9));
    assert_eq!(download.poll(at(9)), None);
    download.handle_timeout(at(10));
    assert!(download.poll(at(10)).is_some());
    download.handle_timeout(at(20));
    assert_eq!(download.outcome(), Some(Outcome::Unanswered));
    assert_eq!(download.poll(at(20)), None);
    refuses_message(&download, &delivered(), Misplaced::Ended);
    refuses_message(&download, &answer(Transfer::Download, 0), Misplaced::Ended);
}

#[test]
fn it_waits_for_a_push() {
    let mut download = Download::wait(policy(), None);
    assert_eq!((download.poll(at(0)), download.poll_timeout()), (None, None));
    assert_eq!(download.handle_message(&delivered()), Ok(Handled::NotMine));
    assert_eq!(download.handle_message(&pushed()), Ok(Handled::Taken));
    assert_eq!(download.poll(at(0)), reported(running(0), 0));

    let mut download = Download::wait(policy(), Some(at(7)));
    assert_eq!(download.poll_timeout(), Some(at(7)));
    download.handle_timeout(at(6));
    assert_eq!(download.outcome(), None);
    download.handle_timeout(at(7));
    assert_eq!(download.outcome(), Some(Outcome::Unanswered));
}

#[test]
fn a_push_is_of_the_deployed_profile() {
    let mut download = queried(Profile::Deployed);
    assert_eq!(download.handle_message(&pushed()), Ok(Handled::Taken));
    for download in [
        Download::ask(Profile::Documented, policy()),
        queried(Profile::Documented),
        requested(Profile::Documented),
        finished(Profile::Documented),
    ] {
        refuses_message(&download, &pushed(), Misplaced::NotInProfile);
    }
}

#[test]
fn a_delivered_task_is_downloaded_without_asking() {
    let task = task("AAAA", BODY, URL);
    let mut download = Download::of(Profile::Documented, policy(), task.clone()).unwrap();
    assert_eq!(download.task(), Some(&task));
    assert_eq!(download.poll(at(0)), reported(running(0), 0));
    get(download.poll(at(0)));
}

#[test]
fn a_task_whose_reports_cannot_be_encoded_is_refused() {
    for profile in Profile::ALL {
        let fits = (16_000..16_384).rev().find(|len| {
            Download::of(profile, policy(), task(&"n".repeat(*len), BODY, URL)).is_ok()
        });
        let fits = task(&"n".repeat(fits.unwrap()), BODY, URL);
        let longer = task(&format!("{}n", fits.name), BODY, URL);
        let refused = Download::of(profile, policy(), longer.clone());
        assert_eq!(refused, Err(EncodeError::PayloadTooLarge));
        let longer = Message::GetDownloadTaskRsp(longer);
        refuses_message(&queried(profile), &longer, Misplaced::TooLong);

        let mut longest = 0;
        for body in [BODY, b"9876543210"] {
            let mut download = Download::of(profile, policy(), fits.clone()).unwrap();
            for second in 0..5 {
                while let Some(action) = download.poll(at(second)) {
                    match action {
                        DownloadAction::Publish(message) => {
                            longest = longest.max(message.encode(profile).unwrap().len());
                        }
                        _ => download.handle_http_response(at(0), 200, None).unwrap(),
                    }
                }
                match second {
                    0 => assert_eq!(download.handle_http_body(at(0), body), Ok(Body::At(0))),
                    2 => download.handle_http_end().unwrap(),
                    _ => {}
                }
            }
        }
        assert_eq!(longest, MAX_PAYLOAD);
    }
}

#[test]
fn what_comes_too_early_changes_nothing() {
    let new = Download::ask(Profile::Documented, policy());
    refuses_message(&new, &delivered(), Misplaced::TooEarly);
    let waiting = Download::wait(policy(), None);
    for download in [new, waiting, queried(Profile::Documented), with_task(Profile::Documented)] {
        refuses_message(&download, &answer(Transfer::Download, 0), Misplaced::Unsolicited);
    }
}

#[test]
fn what_is_not_about_it_changes_nothing() {
    for download in [
        Download::ask(Profile::Deployed, policy()),
        Download::wait(policy(), None),
        queried(Profile::Deployed),
        requested(Profile::Deployed),
        finished(Profile::Deployed),
    ] {
        for other in
            [Message::CreateUploadTaskRsp(task("AAAA", BODY, URL)), answer(Transfer::Upload, 0)]
        {
            let mut after = download.clone();
            assert_eq!(after.handle_message(&other), Ok(Handled::NotMine));
            assert_eq!(after, download);
        }
        for up in [
            Message::CreateUploadTask(resource("AAAA", BODY)),
            Message::GetDownloadTask,
            report(Transfer::Upload, "AAAA", running(0), 0),
            report(Transfer::Download, "AAAA", running(0), 0),
        ] {
            refuses_message(&download, &up, Misplaced::WrongDirection);
        }
    }
}

#[test]
fn http_happens_only_while_there_is_a_get() {
    let response = |it: &mut Download| it.handle_http_response(at(1), 200, None);
    let body = |it: &mut Download| it.handle_http_body(at(1), b"0").map(drop);
    for download in [
        Download::ask(Profile::Documented, policy()),
        Download::wait(policy(), None),
        queried(Profile::Documented),
        with_task(Profile::Documented),
        finished(Profile::Documented),
    ] {
        refuses(&download, response, Misplaced::NoExchange);
        refuses(&download, body, Misplaced::NoExchange);
        refuses(&download, Download::handle_http_end, Misplaced::NoExchange);
        refuses(&download, Download::handle_http_failure, Misplaced::NoExchange);
    }
    let requested = requested(Profile::Documented);
    refuses(&requested, body, Misplaced::NoExchange);
    refuses(&requested, Download::handle_http_end, Misplaced::NoExchange);
    refuses(&receiving(Profile::Documented, b"0"), response, Misplaced::NoExchange);
}

#[test]
fn reports_come_not_more_often_than_the_interval_and_tell_something_new() {
    let mut download = receiving(Profile::Documented, b"012");
    assert_eq!(download.poll(at(0)), None);
    assert_eq!(download.poll_timeout(), Some(at(1)));
    assert_eq!(download.poll(at(1)), reported(running(30), 0));
    assert_eq!(download.poll(at(5)), None, "nothing new");
    assert_eq!(download.handle_http_body(at(5), b"3456789"), Ok(Body::At(3)));
    assert_eq!(download.poll(at(5)), reported(running(99), 0), "100 would end the task");
    assert_eq!(download.poll_timeout(), Some(at(35)));
}

#[test]
fn other_bytes_are_never_done() {
    let mut download = receiving(Profile::Documented, b"012345678X");
    download.handle_http_end().unwrap();
    fails_with(download, 0, Reason::Md5Mismatch, -4);

    let mut download = receiving(Profile::Documented, BODY);
    assert_eq!(download.handle_http_body(at(0), b""), Ok(Body::At(10)));
    assert_eq!(download.handle_http_body(at(0), b"X"), Ok(Body::TooLong));
    refuses(&download, Download::handle_http_end, Misplaced::NoExchange);
    refuses(&download, Download::handle_local_failure, Misplaced::Ended);
    assert_eq!(download.poll(at(0)), Some(DownloadAction::Close));
    fails_with(download, 0, Reason::TooLong, -4);
}

#[test]
fn a_body_cut_short_is_resumed_where_it_ended() {
    let mut download = receiving(Profile::Documented, b"0123");
    download.handle_http_end().unwrap();
    assert_eq!(get(download.poll(at(1))).range, ByteRange::new(4, 9).ok());
    download.handle_http_response(at(1), 206, content_range(4, 9, 10)).unwrap();
    assert_eq!(download.handle_http_body(at(1), b"456789"), Ok(Body::At(4)));
    download.handle_http_end().unwrap();
    assert_eq!(download.poll(at(1)), reported(running(100), 0));

    let mut download = receiving(Profile::Documented, b"0123");
    download.handle_http_failure().unwrap();
    assert_eq!(get(download.poll(at(0))).range, ByteRange::new(4, 9).ok());
    download.handle_http_failure().unwrap();
    fails_with(download, 0, Reason::Broken, -1);

    let mut download = receiving(Profile::Documented, b"0123");
    download.handle_http_end().unwrap();
    get(download.poll(at(0)));
    download.handle_http_response(at(0), 206, content_range(4, 9, 10)).unwrap();
    download.handle_http_end().unwrap();
    fails_with(download, 0, Reason::TooShort, -4);
}

#[test]
fn without_a_byte_all_of_it_is_asked_for_again() {
    let mut download = requested(Profile::Documented);
    download.handle_http_failure().unwrap();
    assert_eq!(get(download.poll(at(0))).range, None);
}

#[test]
fn with_all_bytes_there_size_and_md5_decide_however_it_ended() {
    let mut download = receiving(Profile::Documented, BODY);
    download.handle_http_failure().unwrap();
    assert_eq!(download.poll(at(0)), reported(running(100), 0));
    let mut download = receiving(Profile::Documented, BODY);
    download.handle_timeout(at(30));
    assert_eq!(download.poll(at(30)), Some(DownloadAction::Close));
    assert_eq!(download.poll(at(30)), reported(running(100), 0));
}

#[test]
fn a_server_that_ignores_the_range_is_followed_from_the_beginning() {
    let mut download = receiving(Profile::Documented, b"01234");
    assert_eq!(download.poll(at(1)), reported(running(50), 0));
    download.handle_http_failure().unwrap();
    get(download.poll(at(1)));
    download.handle_http_response(at(1), 200, None).unwrap();
    assert_eq!(download.handle_http_body(at(1), b"0123"), Ok(Body::At(0)));
    assert_eq!(download.poll(at(5)), None, "40% were told already");
    assert_eq!(download.handle_http_body(at(5), b"456789"), Ok(Body::At(4)));
    download.handle_http_end().unwrap();
    assert_eq!(download.poll(at(5)), reported(running(100), 0));
}

#[test]
fn a_partial_response_must_fit_the_range() {
    let mut download = requested(Profile::Documented);
    download.handle_http_response(at(0), 206, content_range(0, 9, 10)).unwrap();
    assert_eq!(download.poll(at(0)), Some(DownloadAction::Close));
    fails_with(download, 0, Reason::WrongRange, -4);
    for content_range in
        [None, content_range(0, 9, 10), content_range(5, 9, 10), content_range(4, 9, 11)]
    {
        let mut download = receiving(Profile::Documented, b"0123");
        download.handle_http_failure().unwrap();
        get(download.poll(at(0)));
        download.handle_http_response(at(0), 206, content_range).unwrap();
        assert_eq!(download.poll(at(0)), Some(DownloadAction::Close));
        fails_with(download, 0, Reason::WrongRange, -4);
    }
}

#[test]
fn every_status_but_success_ends_it() {
    for (status, code) in
        [(204, -4), (299, -4), (304, 304), (403, -3), (404, -2), (416, 416), (500, 500), (504, -1)]
    {
        let mut download = requested(Profile::Documented);
        download.handle_http_response(at(0), status, None).unwrap();
        assert_eq!(download.poll(at(0)), Some(DownloadAction::Close));
        fails_with(download, 0, Reason::Status(status), code);
    }
    let mut download = requested(Profile::Documented);
    let before = download.clone();
    download.handle_http_response(at(9), 103, None).unwrap();
    assert_eq!(download, before, "an interim response");
}

#[test]
fn an_idle_exchange_is_closed_and_resumed() {
    let mut download = receiving(Profile::Documented, b"01");
    assert_eq!(download.poll(at(1)), reported(running(20), 0));
    assert_eq!(download.handle_http_body(at(20), b""), Ok(Body::At(2)));
    assert_eq!(download.poll_timeout(), Some(at(30)), "no byte is no progress");
    download.handle_timeout(at(30));
    assert_eq!(download.poll(at(30)), Some(DownloadAction::Close));
    assert_eq!(get(download.poll(at(30))).range, ByteRange::new(2, 9).ok());
    download.handle_timeout(at(60));
    assert_eq!(download.poll(at(60)), Some(DownloadAction::Close));
    fails_with(download, 20, Reason::TimeOut, -1);
}

#[test]
fn an_empty_resource_is_asked_for_without_a_range() {
    let mut download = Download::of(Profile::Documented, policy(), task("AAAA", b"", URL)).unwrap();
    assert_eq!(download.poll(at(0)), reported(running(0), 0));
    assert_eq!(get(download.poll(at(0))).range, None);
    download.handle_http_failure().unwrap();
    assert_eq!(get(download.poll(at(0))).range, None);
    download.handle_http_response(at(0), 200, None).unwrap();
    let mut longer = download.clone();
    download.handle_http_end().unwrap();
    assert_eq!(download.poll(at(0)), reported(running(100), 0));
    assert_eq!(longer.handle_http_body(at(0), b"x"), Ok(Body::TooLong));
}

#[test]
fn a_local_failure_is_reported_once_there_is_a_task() {
    for mut download in [
        Download::ask(Profile::Documented, policy()),
        Download::wait(policy(), None),
        queried(Profile::Documented),
    ] {
        download.handle_local_failure().unwrap();
        assert_eq!(download.outcome(), Some(Outcome::Abandoned));
        assert_eq!(download.poll(at(0)), None);
    }
    let mut download = with_task(Profile::Documented);
    download.handle_local_failure().unwrap();
    fails_with(download, 0, Reason::Local, -2);
    for mut download in [requested(Profile::Documented), receiving(Profile::Documented, b"01")] {
        download.handle_local_failure().unwrap();
        assert_eq!(download.poll(at(0)), Some(DownloadAction::Close));
        fails_with(download, 0, Reason::Local, -2);
    }
}

/// Callers compare a task with its earlier state to check that a misplaced event changed nothing.
#[test]
fn tasks_are_equal_where_the_same_bytes_have_arrived() {
    for profile in Profile::ALL {
        assert_eq!(receiving(profile, b"012"), receiving(profile, b"012"));
        assert_ne!(receiving(profile, b"012"), receiving(profile, b"01"));
        assert_ne!(receiving(profile, b"012"), receiving(profile, b"01x"));
    }
}

#[test]
fn only_an_outcome_of_success_is_done() {
    let answers = [Answer::Accepted, Answer::Refused(ResultCode(-2)), Answer::Missing];
    for answer in answers {
        assert!(Outcome::Done { answer }.is_done());
        assert!(!Outcome::Failed { reason: Reason::Broken, answer }.is_done());
    }
    assert!(!Outcome::Unanswered.is_done());
    assert!(!Outcome::Abandoned.is_done());
}

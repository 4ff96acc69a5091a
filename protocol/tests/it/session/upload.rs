//! Tests of the device's side of an upload.

use std::time::Duration;

use iothub_resource::{
    ContentMd5, EncodeError, MAX_PAYLOAD, Message, Profile, ResultCode, State, Transfer,
    session::{
        Misplaced,
        device::{Answer, Handled, Outcome, Reason, Upload, UploadAction},
    },
};

use super::{URL, answer, at, failure, policy, report, resource, running, success, task};

const BODY: &[u8] = b"0123456789";

fn new(profile: Profile) -> Upload {
    Upload::new(profile, policy(), resource("zxc", BODY)).unwrap()
}

fn published(action: Option<UploadAction>) -> Message<'static> {
    match action {
        Some(UploadAction::Publish(message)) => message,
        other => panic!("{other:?}"),
    }
}

fn reported(state: State, code: i32) -> Option<UploadAction> {
    Some(UploadAction::Publish(report(Transfer::Upload, "zxc", state, code)))
}

fn issued() -> Message<'static> {
    Message::CreateUploadTaskRsp(task("zxc", BODY, URL))
}

/// Returns an upload after its create was published.
fn created(profile: Profile) -> Upload {
    let mut upload = new(profile);
    assert_eq!(published(upload.poll(at(0))), Message::CreateUploadTask(resource("zxc", BODY)));
    assert_eq!(upload.poll(at(0)), None);
    upload
}

/// Returns an upload after its URL was issued, before its next action.
fn with_url(profile: Profile) -> Upload {
    let mut upload = created(profile);
    assert_eq!(upload.handle_message(&issued()), Ok(Handled::Taken));
    upload
}

/// Returns an upload after its `PUT` has begun.
fn sending(profile: Profile) -> Upload {
    let mut upload = with_url(profile);
    assert_eq!(upload.poll(at(0)), reported(running(0), 0));
    let Some(UploadAction::Put(put)) = upload.poll(at(0)) else { panic!("no PUT") };
    assert_eq!(put.url.as_str(), URL);
    assert_eq!(put.content_length, resource("zxc", BODY).size);
    assert_eq!(put.content_md5, ContentMd5::from(resource("zxc", BODY).md5sum));
    assert_eq!(upload.poll(at(0)), None);
    upload
}

/// Returns an upload after its final report. Neither the first nor the final report is answered.
fn finished(profile: Profile) -> Upload {
    let mut upload = sending(profile);
    upload.handle_http_sent(at(0), 10).unwrap();
    upload.handle_http_response(at(1), 200).unwrap();
    assert_eq!(upload.poll(at(1)), reported(success(profile), 0));
    assert_eq!(upload.poll(at(1)), None);
    upload
}

/// Checks that an event results in an error and changes nothing.
#[track_caller]
fn refuses(
    upload: &Upload,
    event: impl FnOnce(&mut Upload) -> Result<(), Misplaced>,
    misplaced: Misplaced,
) {
    let mut after = upload.clone();
    assert_eq!(event(&mut after), Err(misplaced));
    assert_eq!(&after, upload);
}

#[track_caller]
fn refuses_message(upload: &Upload, message: &Message<'_>, misplaced: Misplaced) {
    refuses(upload, |upload| upload.handle_message(message).map(drop), misplaced);
}

fn fails_with(mut upload: Upload, reached: u8, reason: Reason, code: i32) {
    assert_eq!(published(upload.poll(at(1))), {
        let state = failure(Profile::Documented, reached);
        let mut message = report(Transfer::Upload, "zxc", state, code);
        if let Message::ReportUploadProgress(report) = &mut message {
            report.progress.result_msg = reason.message();
        }
        message
    });
    upload.handle_timeout(at(1000));
    assert_eq!(upload.outcome(), Some(Outcome::Failed { reason, answer: Answer::Missing }));
}

#[test]
fn it_ends_when_every_report_is_answered() {
    for profile in Profile::ALL {
        let mut upload = finished(profile);
        assert_eq!(upload.poll_timeout(), Some(at(11)));
        let ok = answer(Transfer::Upload, 0);
        assert_eq!(upload.handle_message(&ok), Ok(Handled::Answered(ResultCode::SUCCESS)));
        assert_eq!(upload.outcome(), None, "that was the answer to the first report");
        assert_eq!(upload.handle_message(&ok), Ok(Handled::Answered(ResultCode::SUCCESS)));
        assert_eq!(upload.outcome(), Some(Outcome::Done { answer: Answer::Accepted }));
        assert_eq!(upload.poll(at(2)), None);
        assert_eq!(upload.poll_timeout(), None);
        refuses_message(&upload, &ok, Misplaced::Ended);
        assert_eq!(upload.handle_message(&issued()), Ok(Handled::Repeated));
    }
}

#[test]
fn it_ends_without_an_answer_to_its_final_report() {
    let mut upload = finished(Profile::Documented);
    upload.handle_timeout(at(10));
    assert_eq!(upload.outcome(), None, "too early");
    upload.handle_timeout(at(11));
    assert_eq!(upload.outcome(), Some(Outcome::Done { answer: Answer::Missing }));
    assert_eq!(upload.poll(at(11)), None);
}

#[test]
fn a_refused_final_report_is_told_apart() {
    let mut upload = finished(Profile::Deployed);
    upload.handle_message(&answer(Transfer::Upload, -2)).unwrap();
    upload.handle_message(&answer(Transfer::Upload, -3)).unwrap();
    let answer = Answer::Refused(ResultCode::SIGN_INVALID);
    assert_eq!(upload.outcome(), Some(Outcome::Done { answer }));
}

#[test]
fn it_asks_again_and_then_gives_up() {
    let mut upload = created(Profile::Documented);
    assert_eq!(upload.poll_timeout(), Some(at(10)));
    upload.handle_timeout(at(9));
    assert_eq!(upload.poll(at(9)), None);
    upload.handle_timeout(at(10));
    assert!(matches!(published(upload.poll(at(10))), Message::CreateUploadTask(_)));
    assert_eq!(upload.poll(at(10)), None);
    upload.handle_timeout(at(20));
    assert_eq!(upload.outcome(), Some(Outcome::Unanswered));
    assert_eq!(upload.poll(at(20)), None);
    refuses_message(&upload, &issued(), Misplaced::Ended);
    refuses(&upload, Upload::handle_local_failure, Misplaced::Ended);
}

#[test]
fn an_answer_that_comes_before_the_second_create_saves_it() {
    let mut upload = created(Profile::Documented);
    upload.handle_timeout(at(10));
    assert_eq!(upload.handle_message(&issued()), Ok(Handled::Taken));
    assert_eq!(upload.poll(at(10)), reported(running(0), 0));
}

#[test]
fn the_first_url_is_used_and_no_other() {
    let mut upload = with_url(Profile::Documented);
    let other = Message::CreateUploadTaskRsp(task("zxc", BODY, "https://other/"));
    assert_eq!(upload.handle_message(&other), Ok(Handled::Repeated));
    upload.poll(at(0));
    let Some(UploadAction::Put(put)) = upload.poll(at(0)) else { panic!("no PUT") };
    assert_eq!(put.url.as_str(), URL);
    assert_eq!(upload.handle_message(&other), Ok(Handled::Repeated));
    assert_eq!(upload.poll(at(0)), None);
}

#[test]
fn an_answer_about_another_resource_is_not_used() {
    let upload = created(Profile::Documented);
    for body in [&b"012345678"[..], b"9876543210", b""] {
        let echo = Message::CreateUploadTaskRsp(task("zxc", body, URL));
        refuses_message(&upload, &echo, Misplaced::EchoMismatch);
        refuses_message(&sending(Profile::Documented), &echo, Misplaced::EchoMismatch);
    }
}

#[test]
fn what_is_not_about_it_changes_nothing() {
    let others = [
        Message::CreateUploadTaskRsp(task("abc", BODY, URL)),
        Message::GetDownloadTaskRsp(task("zxc", BODY, URL)),
        Message::Download(task("zxc", BODY, URL)),
        answer(Transfer::Download, 0),
    ];
    let ups = [
        Message::CreateUploadTask(resource("zxc", BODY)),
        Message::GetDownloadTask,
        report(Transfer::Upload, "zxc", running(0), 0),
        report(Transfer::Download, "zxc", running(0), 0),
    ];
    for profile in Profile::ALL {
        for upload in
            [new(profile), created(profile), with_url(profile), sending(profile), finished(profile)]
        {
            for other in &others {
                let mut after = upload.clone();
                assert_eq!(after.handle_message(other), Ok(Handled::NotMine));
                assert_eq!(after, upload);
            }
            for up in &ups {
                refuses_message(&upload, up, Misplaced::WrongDirection);
            }
        }
    }
}

#[test]
fn what_comes_too_early_changes_nothing() {
    let (new, created) = (new(Profile::Documented), created(Profile::Documented));
    let with_url = with_url(Profile::Documented);
    refuses_message(&new, &issued(), Misplaced::TooEarly);
    for upload in [new, created, with_url] {
        refuses_message(&upload, &answer(Transfer::Upload, 0), Misplaced::Unsolicited);
    }
    let mut answered = sending(Profile::Documented);
    answered.handle_message(&answer(Transfer::Upload, 0)).unwrap();
    refuses_message(&answered, &answer(Transfer::Upload, 0), Misplaced::Unsolicited);
}

#[test]
fn http_happens_only_while_there_is_a_put() {
    for upload in [
        new(Profile::Documented),
        created(Profile::Documented),
        with_url(Profile::Documented),
        finished(Profile::Documented),
    ] {
        refuses(&upload, |upload| upload.handle_http_sent(at(1), 1), Misplaced::NoExchange);
        refuses(&upload, |upload| upload.handle_http_response(at(1), 200), Misplaced::NoExchange);
        refuses(&upload, Upload::handle_http_failure, Misplaced::NoExchange);
    }
}

#[test]
fn no_more_is_sent_than_there_is() {
    let mut upload = sending(Profile::Documented);
    let too_many = |count| move |upload: &mut Upload| upload.handle_http_sent(at(1), count);
    refuses(&upload, too_many(11), Misplaced::TooManyBytes);
    refuses(&upload, too_many(u64::MAX), Misplaced::TooManyBytes);
    upload.handle_http_sent(at(1), 10).unwrap();
    refuses(&upload, too_many(1), Misplaced::TooManyBytes);
    refuses(&upload, too_many(u64::MAX), Misplaced::TooManyBytes);
}

#[test]
fn reports_come_not_more_often_than_the_interval_and_tell_something_new() {
    let mut upload = sending(Profile::Documented);
    upload.handle_http_sent(Duration::from_millis(200), 3).unwrap();
    assert_eq!(upload.poll(Duration::from_millis(200)), None);
    assert_eq!(upload.poll_timeout(), Some(at(1)));
    upload.handle_timeout(at(1));
    assert_eq!(upload.poll(at(1)), reported(running(30), 0));
    assert_eq!(upload.poll(at(5)), None, "nothing new");
    assert_eq!(upload.poll_timeout(), Some(Duration::from_millis(30_200)), "the exchange is idle");
    upload.handle_http_sent(at(5), 7).unwrap();
    assert_eq!(upload.poll(at(5)), reported(running(99), 0), "100 would end the task");

    let mut upload = sending(Profile::Deployed);
    upload.handle_http_sent(at(5), 10).unwrap();
    assert_eq!(upload.poll(at(5)), reported(running(100), 0));
    upload.handle_http_response(at(1), 204).unwrap();
    assert_eq!(upload.poll(at(5)), reported(State::Done(None), 0));
}

#[test]
fn a_name_whose_messages_cannot_be_encoded_is_refused() {
    for profile in Profile::ALL {
        let begin = |len| Upload::new(profile, policy(), resource(&"n".repeat(len), BODY));
        let fits = (16_000..16_384).rev().find(|len| begin(*len).is_ok()).unwrap();
        assert_eq!(begin(fits + 1), Err(EncodeError::PayloadTooLarge));

        let name = "n".repeat(fits);
        let mut longest = 0;
        for sent in [9, 10] {
            let mut upload = begin(fits).unwrap();
            for second in 0..5 {
                while let Some(action) = upload.poll(at(second)) {
                    if let UploadAction::Publish(message) = action {
                        longest = longest.max(message.encode(profile).unwrap().len());
                    }
                }
                match second {
                    0 => {
                        let issued = Message::CreateUploadTaskRsp(task(&name, BODY, URL));
                        assert_eq!(upload.handle_message(&issued), Ok(Handled::Taken));
                    }
                    1 => upload.handle_http_sent(at(1), sent).unwrap(),
                    3 => upload.handle_http_response(at(3), 200).unwrap(),
                    _ => {}
                }
            }
        }
        assert_eq!(longest, MAX_PAYLOAD);
    }
}

#[test]
fn an_empty_resource_is_put_like_any_other() {
    let mut upload = Upload::new(Profile::Documented, policy(), resource("zxc", b"")).unwrap();
    upload.poll(at(0));
    upload.handle_message(&Message::CreateUploadTaskRsp(task("zxc", b"", URL))).unwrap();
    assert_eq!(upload.poll(at(0)), reported(running(0), 0));
    assert!(matches!(upload.poll(at(0)), Some(UploadAction::Put(_))));
    upload.handle_http_response(at(1), 200).unwrap();
    assert_eq!(upload.poll(at(0)), reported(running(100), 0));
}

#[test]
fn every_status_but_success_ends_it() {
    for (status, code) in [
        (100, None),
        (199, None),
        (301, Some(301)),
        (400, Some(400)),
        (403, Some(-3)),
        (404, Some(-2)),
        (408, Some(-1)),
        (503, Some(503)),
        (504, Some(-1)),
        (0, Some(-1)),
        (65535, Some(65535)),
    ] {
        let mut upload = sending(Profile::Documented);
        upload.handle_http_sent(at(0), 4).unwrap();
        let before = upload.clone();
        upload.handle_http_response(at(1), status).unwrap();
        match code {
            None => assert_eq!(upload, before, "an interim response"),
            Some(code) => {
                assert_eq!(upload.poll(at(0)), Some(UploadAction::Close), "not all was sent");
                fails_with(upload, 0, Reason::Status(status), code);
            }
        }
    }
    let mut upload = sending(Profile::Documented);
    upload.handle_http_sent(at(0), 10).unwrap();
    upload.handle_http_response(at(1), 400).unwrap();
    fails_with(upload, 0, Reason::Status(400), 400);

    let mut upload = sending(Profile::Documented);
    upload.handle_http_sent(at(1), 9).unwrap();
    assert_eq!(upload.poll(at(1)), reported(running(90), 0));
    upload.handle_http_response(at(1), 200).unwrap();
    assert_eq!(upload.poll(at(1)), Some(UploadAction::Close));
    fails_with(upload, 90, Reason::TooShort, -4);
}

#[test]
fn a_broken_connection_ends_it() {
    let mut upload = sending(Profile::Documented);
    upload.handle_http_failure().unwrap();
    fails_with(upload, 0, Reason::Broken, -1);
}

#[test]
fn an_idle_exchange_is_closed() {
    let mut upload = sending(Profile::Documented);
    assert_eq!(upload.poll_timeout(), Some(at(30)));
    upload.handle_http_sent(at(10), 0).unwrap();
    assert_eq!(upload.poll_timeout(), Some(at(30)), "no byte is no progress");
    upload.handle_timeout(at(29));
    assert_eq!(upload.poll(at(29)), None);
    upload.handle_timeout(at(30));
    refuses(&upload, |upload| upload.handle_http_response(at(1), 200), Misplaced::NoExchange);
    upload.handle_message(&answer(Transfer::Upload, 0)).unwrap();
    assert_eq!(upload.poll(at(30)), Some(UploadAction::Close));
    fails_with(upload, 0, Reason::TimeOut, -1);
}

#[test]
fn a_local_failure_is_reported_once_there_is_a_url() {
    for mut upload in [new(Profile::Documented), created(Profile::Documented)] {
        upload.handle_local_failure().unwrap();
        assert_eq!(upload.outcome(), Some(Outcome::Abandoned));
        assert_eq!(upload.poll(at(0)), None);
        refuses_message(&upload, &issued(), Misplaced::Ended);
    }
    let mut upload = with_url(Profile::Documented);
    upload.handle_local_failure().unwrap();
    fails_with(upload, 0, Reason::Local, -2);

    let mut upload = with_url(Profile::Documented);
    upload.poll(at(0));
    upload.handle_local_failure().unwrap();
    fails_with(upload, 0, Reason::Local, -2);

    let mut upload = sending(Profile::Documented);
    upload.handle_local_failure().unwrap();
    refuses(&upload, Upload::handle_local_failure, Misplaced::Ended);
    assert_eq!(upload.poll(at(0)), Some(UploadAction::Close));
    refuses(&upload, Upload::handle_local_failure, Misplaced::Ended);
    fails_with(upload, 0, Reason::Local, -2);
}

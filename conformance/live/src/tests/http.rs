//! Tests HTTP responses of every kind.

use std::time::Duration;

use iothub_resource::{
    Transfer,
    session::device::{Answer as Said, Outcome, Reason},
};

use super::{Play, ResponseFaults, Seen, bytes};
use crate::http::Trickle;

const DONE: Outcome = Outcome::Done { answer: Said::Accepted };

const fn failed(reason: Reason) -> Outcome {
    Outcome::Failed { reason, answer: Said::Accepted }
}

fn upload(answer: ResponseFaults) -> Seen {
    let seen = Play::answering([answer]).run(Transfer::Upload);
    seen.is_proper();
    assert_eq!(seen.requests().len(), 1, "an upload is one PUT: {:?}", seen.requests());
    seen
}

fn download(answers: impl IntoIterator<Item = ResponseFaults>) -> Seen {
    let seen = Play::answering(answers).run(Transfer::Download);
    seen.is_proper();
    let done = seen.outcomes[0].is_done();
    let right = seen.downloaded == Some(bytes(50_000));
    assert_eq!((done, seen.downloaded.is_some()), (right, right), "{:?}", seen.outcomes);
    seen
}

fn here() -> ResponseFaults {
    ResponseFaults::default()
}

#[test]
fn statuses_of_an_upload() {
    for status in [200, 201, 204] {
        assert_eq!(upload(ResponseFaults::status(status)).outcomes, [DONE], "{status}");
    }
    for status in [301, 302, 303, 307, 308, 400, 401, 403, 404, 500, 503] {
        let location = Some("http://127.0.0.1:1/elsewhere".to_owned());
        let seen = upload(ResponseFaults { location, ..ResponseFaults::status(status) });
        assert_eq!(seen.outcomes, [failed(Reason::Status(status))]);
    }
    // The response arrives before the whole body was sent.
    let play = Play {
        size: 3_000_000,
        ..Play::answering([ResponseFaults { answers_early: true, ..ResponseFaults::status(403) }])
    };
    let seen = play.run(Transfer::Upload);
    seen.is_proper();
    assert_eq!(seen.outcomes, [failed(Reason::Status(403))]);
}

#[test]
fn an_upload_that_is_not_answered() {
    assert_eq!(
        upload(ResponseFaults { never_answers: true, ..here() }).outcomes,
        [failed(Reason::TimeOut)]
    );
    let cut = upload(ResponseFaults { cut_upload_at: Some(20_000), ..here() });
    assert_eq!(cut.outcomes, [failed(Reason::Broken)]);
    let slow = upload(ResponseFaults { delay: Duration::from_millis(100), ..here() });
    assert_eq!(slow.outcomes, [DONE]);
}

#[test]
fn statuses_of_a_download() {
    for status in [301, 302, 400, 403, 404, 416, 500, 503] {
        let location = Some("http://127.0.0.1:1/elsewhere".to_owned());
        let seen = download([ResponseFaults { location, ..ResponseFaults::status(status) }]);
        assert_eq!(seen.outcomes, [failed(Reason::Status(status))]);
        assert_eq!(seen.requests().len(), 1);
    }
}

#[test]
fn a_download_that_is_good_in_the_end() {
    let cut = || ResponseFaults { cut_download_at: Some(20_000), ..here() };
    for (answers, requests) in [
        (vec![cut(), here()], 2),
        (vec![cut(), ResponseFaults { ignores_range: true, ..here() }], 2),
        (vec![ResponseFaults { chunked: true, ..here() }], 1),
        (vec![ResponseFaults { chunked: true, ..cut() }, here()], 2),
        (
            vec![ResponseFaults {
                trickle: Some(Trickle { step: 10_000, pause: Duration::from_millis(20) }),
                ..here()
            }],
            1,
        ),
        (vec![ResponseFaults { delay: Duration::from_millis(100), ..here() }], 1),
        // The response announces more bytes than it has, and all bytes of the resource arrive.
        (vec![ResponseFaults { content_length: Some(60_000), ..here() }], 1),
        // The body ends too early for HTTP.
        (vec![ResponseFaults { content_length: Some(20_000), ..here() }, here()], 2),
        (vec![ResponseFaults { never_answers: true, ..here() }, here()], 2),
    ] {
        let seen = download(answers.clone());
        assert_eq!(seen.outcomes, [DONE], "{answers:?}");
        assert_eq!(seen.requests().len(), requests, "{answers:?}");
    }
}

#[test]
fn a_download_that_is_not_the_resource() {
    let wrong = ResponseFaults { wrong_body: true, ..here() };
    assert_eq!(download([wrong]).outcomes, [failed(Reason::Md5Mismatch)]);
    let long = ResponseFaults { extra_bytes: 1, ..here() };
    assert_eq!(download([long]).outcomes, [failed(Reason::TooLong)]);
    let never_ends = ResponseFaults { cut_download_at: Some(10), ..here() };
    assert_eq!(download([never_ends]).outcomes, [failed(Reason::Broken)]);
    let silent = ResponseFaults { never_answers: true, ..here() };
    assert_eq!(download([silent]).outcomes, [failed(Reason::TimeOut)]);
}

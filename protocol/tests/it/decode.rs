//! Every way to read and write a message.

use std::borrow::Cow;

use iothub_resource::{
    Advice, AdviceKind, Code, DecodeError, Direction, EncodeError, ErrorKind, Key, MAX_PAYLOAD,
    Message, MessageType, Path, Position, Profile, ProgressResponse, ResultCode, State, Transfer,
};

use crate::{
    samples::{
        ALL, CREATE, CREATE_RSP, DOWNLOAD, DOWNLOADING, GET, GET_RSP, UPLOADING, UPLOADING_RSP,
        direction, edited, read,
    },
    session::{answer, report, resource, running, task},
};

const DOCUMENTED: Profile = Profile::Documented;
const DEPLOYED: Profile = Profile::Deployed;

fn decode(profile: Profile, payload: &str) -> Result<Message<'_>, DecodeError> {
    Message::decode(profile, direction(payload), payload.as_bytes())
}

/// Returns the messages of the samples, in the same order.
fn expected() -> [Message<'static>; 9] {
    let task = || task("zxc", b"hello", "https://store/zxc?sign=a");
    [
        Message::CreateUploadTask(resource("zxc", b"hello")),
        Message::CreateUploadTaskRsp(task()),
        report(Transfer::Upload, "zxc", running(89), 0),
        answer(Transfer::Upload, 0),
        Message::GetDownloadTask,
        Message::GetDownloadTaskRsp(task()),
        report(Transfer::Download, "zxc", running(89), 0),
        answer(Transfer::Download, 0),
        Message::Download(task()),
    ]
}

#[test]
fn every_message_is_read_and_written() {
    for ((payload, message), message_type) in ALL.into_iter().zip(expected()).zip(MessageType::ALL)
    {
        let message_type = message_type.to_owned();
        assert_eq!(message.message_type(), message_type);
        for profile in Profile::ALL {
            let bytes = payload.as_bytes();
            if !message_type.is_in(profile) {
                let unknown = Code::UnknownType;
                assert_eq!(decode(profile, payload).unwrap_err().code(), unknown);
                assert_eq!(Message::from_json(profile, payload).unwrap_err().code(), unknown);
                assert_eq!(message.encode(profile), Err(EncodeError::UnknownType));
                assert_eq!(message.check(profile), Err(EncodeError::UnknownType));
                continue;
            }
            let direction = message_type.direction();
            assert_eq!(Message::decode(profile, direction, bytes).as_ref(), Ok(&message));
            assert_eq!(Message::from_json(profile, payload).as_ref(), Ok(&message));
            let no_advice = &mut |advice: Advice| panic!("{advice}");
            let advised = Message::decode_with_advice(profile, direction, bytes, no_advice);
            assert_eq!(advised.as_ref(), Ok(&message));
            assert_eq!(message.encode(profile).as_deref(), Ok(bytes));
            assert_eq!(message.check(profile), Ok(()));
            assert_eq!(serde_json::to_string(&message).unwrap(), payload);

            let other = Direction::ALL.into_iter().find(|other| *other != direction).unwrap();
            let wrong = Message::decode(profile, other, bytes).unwrap_err();
            assert_eq!(*wrong.kind(), ErrorKind::WrongDirection { message_type });
        }
        assert_eq!(
            message.name().map(|name| name.as_str()),
            payload.contains("zxc").then_some("zxc")
        );
        assert_eq!(message.clone().into_owned(), message);
        assert_eq!(read(payload).into_owned(), message);
    }
}

/// Returns whether each text of a message borrows from the payload, in the documented order.
fn borrowed(message: &Message<'_>, payload: &str) -> Vec<bool> {
    let inside = |text: &str| payload.as_bytes().as_ptr_range().contains(&text.as_ptr());
    match message {
        Message::CreateUploadTask(resource) => vec![inside(resource.name.as_str())],
        Message::CreateUploadTaskRsp(task)
        | Message::GetDownloadTaskRsp(task)
        | Message::Download(task) => vec![inside(task.name.as_str()), inside(task.url.as_str())],
        Message::ReportUploadProgress(report) | Message::ReportDownloadProgress(report) => vec![
            inside(report.name.as_str()),
            matches!(report.progress.result_msg, Cow::Borrowed(text) if inside(text)),
        ],
        Message::ReportUploadProgressRsp(response)
        | Message::ReportDownloadProgressRsp(response) => {
            vec![matches!(response.result_msg, Cow::Borrowed(text) if inside(text))]
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn texts_are_borrowed_where_nothing_is_escaped() {
    let escaped_name = edited(CREATE_RSP, r#""zxc""#, r#""\u007Axc""#);
    let escaped_url = edited(CREATE_RSP, "https://store/zxc", r"https:\/\/store\/zxc");
    let escaped_text = edited(UPLOADING_RSP, "ok", r"o\u006b");
    let escaped_keys = edited(CREATE_RSP, "\"name\"", r#""n\u0061me""#);
    let text = r#""result_msg":"größe""#;
    let reported = edited(UPLOADING, r#""result_msg":"""#, text);
    let escaped_report = edited(UPLOADING, r#""result_msg":"""#, r#""result_msg":"\t""#);
    for (payload, expected) in [
        (CREATE, vec![true]),
        (CREATE_RSP, vec![true, true]),
        (&*escaped_name, vec![false, true]),
        (&*escaped_url, vec![true, false]),
        (&*escaped_keys, vec![true, true]),
        (UPLOADING_RSP, vec![true]),
        (&*escaped_text, vec![false]),
        (&*reported, vec![true, true]),
        (&*escaped_report, vec![true, false]),
    ] {
        let message = read(payload);
        assert_eq!(borrowed(&message, payload), expected, "{payload}");
        let owned = message.clone().into_owned();
        assert_eq!(owned, message);
        assert!(!borrowed(&owned, payload).contains(&true), "{payload}");
    }
    assert_eq!(read(&escaped_name), expected()[1]);
    assert_eq!(read(&escaped_url), expected()[1]);
    assert_eq!(read(&escaped_text), expected()[3]);
}

#[test]
fn white_space_and_order_are_free() {
    let spaced = CREATE.replace(',', "\r\n\t ,\r\n\t ").replace(':', " : ");
    let payload = format!(" \t\r\n{}\r\n", spaced.replace('{', "{ ").replace('}', " }"));
    assert_eq!(decode(DOCUMENTED, &payload).as_ref(), Ok(&expected()[0]));
    let type_last = r#"{"name":"zxc","size":5,"md5sum":"5d41402abc4b2a76b9719d911017c592","type":"create_upload_task"}"#;
    assert_eq!(decode(DOCUMENTED, type_last).as_ref(), Ok(&expected()[0]));
    let reordered = edited(
        UPLOADING,
        r#"{"state":"uploading","percent":89,"result_code":0,"result_msg":""}"#,
        r#"{"result_msg":"","percent":89,"result_code":0,"state":"uploading"}"#,
    );
    assert_eq!(decode(DOCUMENTED, &reordered).as_ref(), Ok(&expected()[2]));
}

#[test]
fn a_payload_has_at_most_16384_bytes() {
    assert_eq!(MAX_PAYLOAD, 16_384);
    let longest = format!("{GET}{}", " ".repeat(MAX_PAYLOAD - GET.len()));
    assert_eq!(decode(DOCUMENTED, &longest), Ok(Message::GetDownloadTask));
    let longer = format!("{longest} ");
    let error = Message::decode(DOCUMENTED, Direction::Up, longer.as_bytes()).unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::PayloadTooLarge { length: MAX_PAYLOAD + 1 });
    let advised =
        Message::decode_with_advice(DOCUMENTED, Direction::Up, longer.as_bytes(), &mut |_| {});
    assert_eq!(advised.unwrap_err(), error);
    assert_eq!(Message::from_json(DOCUMENTED, &longer), Ok(Message::GetDownloadTask));

    let response = |length: usize| {
        let response = ProgressResponse {
            result_code: ResultCode::SUCCESS,
            result_msg: Cow::Owned("x".repeat(length)),
        };
        Message::ReportUploadProgressRsp(response)
    };
    let empty = response(0).encode(DOCUMENTED).unwrap().len();
    let full = response(MAX_PAYLOAD - empty).encode(DOCUMENTED).unwrap();
    assert_eq!(full.len(), MAX_PAYLOAD);
    assert!(Message::decode(DOCUMENTED, Direction::Down, &full).is_ok());
    let too_long = response(MAX_PAYLOAD - empty + 1);
    assert_eq!(too_long.encode(DOCUMENTED), Err(EncodeError::PayloadTooLarge));
    assert_eq!(too_long.check(DOCUMENTED), Ok(()));
}

#[test]
fn final_states_are_of_the_deployed_profile() {
    for (payload, word) in [(UPLOADING, "\"uploading\""), (DOWNLOADING, "\"downloading\"")] {
        for (state, without) in [("done", State::Done(None)), ("fail", State::Fail(None))] {
            let with_percent = edited(payload, word, &format!("\"{state}\""));
            let payload = edited(&with_percent, "\"percent\":89,", "");
            let message = decode(DEPLOYED, &payload).unwrap();
            let (Message::ReportUploadProgress(report) | Message::ReportDownloadProgress(report)) =
                &message
            else {
                panic!("{message:?}");
            };
            assert_eq!(report.progress.state, without);
            assert_eq!(message.encode(DEPLOYED).unwrap(), payload.as_bytes());
            for payload in [&payload, &with_percent] {
                let message = decode(DEPLOYED, payload).unwrap();
                assert_eq!(message.check(DOCUMENTED), Err(EncodeError::InvalidState));
                assert_eq!(message.encode(DOCUMENTED), Err(EncodeError::InvalidState));
                let error = decode(DOCUMENTED, payload).unwrap_err();
                assert_eq!(error.code(), Code::InvalidState);
            }
        }
    }
}

fn advice(profile: Profile, payload: &str) -> Vec<(String, Path, usize)> {
    let mut all = Vec::new();
    let direction = direction(payload);
    Message::decode_with_advice(profile, direction, payload.as_bytes(), |advice| {
        let Position { offset, line, column, .. } = advice.position;
        assert_eq!((line, column), (1, offset + 1), "one line of ASCII");
        assert_eq!(advice.to_string(), format!("{}, at line 1 column {column}", advice.kind));
        let shown = match &advice.kind {
            AdviceKind::UnknownField { key } => {
                format!("UnknownField {}", key.as_str().unwrap_or("…"))
            }
            other => format!("{other:?}"),
        };
        all.push((shown, advice.path, offset));
    })
    .unwrap();
    all
}

#[test]
fn advice_is_given_about_each_place_once() {
    let name = |name: &str| edited(CREATE, "zxc", name);
    let url = |url: &str| edited(GET_RSP, "https://store/zxc?sign=a", url);
    let path_url = Path::Top(Key::Url);
    let url_of = |length: usize| format!("https://s/{}", "u".repeat(length - 10));
    for (payload, expected) in [
        (name(&"n".repeat(63)), vec![]),
        (name(&"n".repeat(64)), vec![("LongName", Path::Top(Key::Name), 45)]),
        (name(&"é".repeat(31)), vec![]),
        (name("."), vec![("UnsafeName", Path::Top(Key::Name), 45)]),
        (name(r"a\/b"), vec![("UnsafeName", Path::Top(Key::Name), 45)]),
        (
            name(&"/".repeat(64)),
            vec![("LongName", Path::Top(Key::Name), 45), ("UnsafeName", Path::Top(Key::Name), 45)],
        ),
        (edited(UPLOADING, "zxc", ".."), vec![("UnsafeName", Path::Top(Key::Name), 40)]),
        (url(&url_of(1_023)), vec![]),
        (url(&url_of(1_024)), vec![("LongUrl", path_url, 104)]),
        (url("http://store/"), vec![("PlainHttp", path_url, 104)]),
        (url("HttpS://store/"), vec![]),
        (url(&url_of(1_024).replace("s:", ":")), vec![("PlainHttp", path_url, 104)]),
        (
            url(&url_of(1_025).replace("s:", ":")),
            vec![("LongUrl", path_url, 104), ("PlainHttp", path_url, 104)],
        ),
        (edited(CREATE_RSP, "https", "http"), vec![("PlainHttp", path_url, 105)]),
    ] {
        let expected: Vec<(String, Path, usize)> =
            expected.into_iter().map(|(kind, path, at)| (kind.to_owned(), path, at)).collect();
        for profile in Profile::ALL {
            assert_eq!(advice(profile, &payload), expected, "{payload}");
        }
    }
}

#[test]
fn what_the_deployed_profile_lets_through_is_advised() {
    let upper = "5D41402abc4b2a76b9719d911017c592";
    let digest = "5d41402abc4b2a76b9719d911017c592";
    let deep = format!(r#","deep":{}{}}}"#, "[".repeat(5_000), "]".repeat(5_000));
    for (payload, expected) in [
        (edited(CREATE, digest, upper), vec![("UppercaseMd5sum", Path::Top(Key::Md5sum), 60)]),
        (
            edited(CREATE, &format!("\"{digest}\""), r#""5\u004441402abc4b2a76b9719d911017c592""#),
            vec![("UppercaseMd5sum", Path::Top(Key::Md5sum), 60)],
        ),
        (edited(DOWNLOAD, "http", "HTTP"), vec![]),
        (edited(DOWNLOAD, "https", "http"), vec![("PlainHttp", Path::Top(Key::Url), 91)]),
        (edited(GET, "}", r#","extra":1,"more":2}"#), vec![("UnknownField extra", Path::Root, 28)]),
        (
            edited(GET, "}", r#","size":"x","extra":1}"#),
            vec![("UnknownField size", Path::Root, 28)],
        ),
        (
            edited(GET, "}", r#","extra":1,"size":"x"}"#),
            vec![("UnknownField extra", Path::Root, 28)],
        ),
        (
            edited(GET, "}", r#","url":1,"name":2,"size":3}"#),
            vec![("UnknownField url", Path::Root, 28)],
        ),
        (
            edited(GET, "}", r#","extra":"\ud800","extra":1e999}"#),
            vec![("UnknownField extra", Path::Root, 28)],
        ),
        (edited(GET, "}", &deep), vec![("UnknownField deep", Path::Root, 28)]),
        (
            edited(GET, "}", r#","progress":{"state":1,"extra":2}}"#),
            vec![("UnknownField progress", Path::Root, 28)],
        ),
        (
            edited(UPLOADING, r#""percent""#, r#""type":1,"percent""#),
            vec![("UnknownField type", Path::Top(Key::Progress), 78)],
        ),
        (
            edited(UPLOADING, r#","progress":{"#, r#","md5sum":"A","progress":{"name":1,"#),
            vec![
                ("UnknownField md5sum", Path::Root, 46),
                ("UnknownField name", Path::Top(Key::Progress), 71),
            ],
        ),
    ] {
        let expected: Vec<(String, Path, usize)> =
            expected.into_iter().map(|(kind, path, at)| (kind.to_owned(), path, at)).collect();
        assert_eq!(advice(DEPLOYED, &payload), expected, "{payload}");
        if expected.iter().all(|(kind, _, _)| kind != "PlainHttp") && !payload.contains("HTTP") {
            assert!(decode(DOCUMENTED, &payload).is_err(), "{payload}");
        }
    }
    let upper = edited(CREATE, digest, upper);
    assert_eq!(read(&upper).encode(DEPLOYED).unwrap(), CREATE.as_bytes(), "lowercase again");
}

#[test]
fn nothing_is_advised_about_what_is_refused() {
    let payload = edited(CREATE, "zxc", "../\\n");
    let silent = |advice: Advice| panic!("{advice}");
    for profile in Profile::ALL {
        let bytes = payload.as_bytes();
        assert!(Message::decode_with_advice(profile, Direction::Up, bytes, silent).is_err());
        let up = CREATE.as_bytes();
        assert!(Message::decode_with_advice(profile, Direction::Down, up, silent).is_err());
    }
}

/// Each payload has two faults. `decode` documents the order of all faults.
#[test]
fn the_first_fault_decides() {
    for (payload, code) in [
        (format!("\u{7f}{}", " ".repeat(MAX_PAYLOAD)), Code::PayloadTooLarge),
        (edited(GET, "}", r#","type":1} x"#), Code::InvalidJson),
        (edited(GET, "\"get_download_task\"}", r#"1,"type":1}"#), Code::DuplicateKey),
        (edited(GET, "}", r#","size":1,"size":1}"#), Code::DuplicateKey),
        (edited(GET, "}", r#","extra":1,"size":1,"size":1}"#), Code::DuplicateKey),
        (r#"{"extra":1}"#.to_owned(), Code::MissingType),
        (r#"{"type":"x","extra":1}"#.to_owned(), Code::UnknownType),
        (r#"{"type":"create_upload_task","extra":1}"#.to_owned(), Code::UnknownField),
        (
            edited(UPLOADING, "{\"state\"", "{\"state\":1,\"state\"").replacen(
                '{',
                r#"{"x":1,"#,
                1,
            ),
            Code::DuplicateKey,
        ),
        (r#"{"type":"create_upload_task","size":"x"}"#.to_owned(), Code::WrongType),
        (r#"{"type":"create_upload_task","name":""}"#.to_owned(), Code::MissingField),
        (edited(UPLOADING, "\"uploading\",\"percent\":89", "\"x\""), Code::InvalidState),
    ] {
        let error = Message::decode(DOCUMENTED, Direction::Up, payload.as_bytes()).unwrap_err();
        assert_eq!(error.code(), code, "{payload}");
    }
}

#[test]
fn only_the_progress_of_reports_is_looked_into() {
    let twice = r#","progress":{"state":1,"state":2}}"#;
    assert!(decode(DEPLOYED, &edited(GET, "}", twice)).is_ok());
    let in_report = edited(UPLOADING, "\"percent\"", "\"state\":1,\"percent\"");
    for profile in Profile::ALL {
        let error = Message::decode(profile, Direction::Up, in_report.as_bytes()).unwrap_err();
        assert_eq!(*error.kind(), ErrorKind::DuplicateKey);
        assert_eq!(error.path(), Path::InProgress(Key::State));
    }
}

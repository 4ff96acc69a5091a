//! The texts of advice and of all errors other than decoding errors.

use std::fmt::Write;

use insta::assert_snapshot;
use iothub_resource::{
    ByteRangeError, Code, ContentMd5, DeviceName, EncodeError, Md5Sum, Message, MessageType,
    ProductId, Profile, Topic,
    session::{FindingKind, Misplaced, TraceAdviceKind, device::Reason},
};

use super::DEPLOYED;
use crate::samples::{CREATE, CREATE_RSP, UPLOADING, direction, edited};

fn listed<E: std::error::Error>(errors: impl IntoIterator<Item = E>) -> String {
    errors.into_iter().fold(String::new(), |all, error| all + &error.to_string() + "\n")
}

/// Returns the advice of the deployed profile for samples in which one place was changed.
fn advised(cases: &[(&str, &str, &str)]) -> String {
    let mut all = String::new();
    for (sample, place, replacement) in cases {
        let payload = edited(sample, place, replacement);
        Message::decode_with_advice(DEPLOYED, direction(sample), payload.as_bytes(), |advice| {
            let line: String = payload.chars().take(120).collect();
            let mark = " ".repeat(advice.position.column - 1);
            let (requirement, offset) = (advice.kind.requirement(), advice.position.offset);
            let path = advice.path;
            writeln!(all, "{line}\n{mark}^ {requirement} at byte {offset}, path {path:?}").unwrap();
            writeln!(all, "{advice}\n").unwrap();
        })
        .unwrap();
    }
    all
}

#[test]
fn advice() {
    let long_name = "n".repeat(64);
    let long_url = format!("https://store/{}", "u".repeat(1_010));
    let all = advised(&[
        (CREATE, "}", r#","extra":1}"#),
        (CREATE, "}", r#","https://store/?sign=secret":1}"#),
        (CREATE, r#""name""#, r#""url":1,"extra":1,"name""#),
        (UPLOADING, r#""percent""#, r#""https://store/?sign=secret":1,"percent""#),
        (CREATE, "5d41402abc4b2a76b9719d911017c592", "5D41402ABC4B2A76B9719D911017C592"),
        (CREATE, "zxc", &long_name),
        (CREATE, "zxc", "../zxc"),
        (CREATE_RSP, "https://store/zxc?sign=a", &long_url),
        (CREATE_RSP, "https://store/zxc?sign=a", "HTTP://store/zxc?sign=secret"),
    ]);
    assert_snapshot!(all, @r#"
    {"type":"create_upload_task","size":5,"name":"zxc","md5sum":"5d41402abc4b2a76b9719d911017c592","extra":1}
                                                                                                   ^ ENC-5 at byte 95, path Root
    the key `extra` is unknown and was skipped, at line 1 column 96

    {"type":"create_upload_task","size":5,"name":"zxc","md5sum":"5d41402abc4b2a76b9719d911017c592","https://store/?sign=secr
                                                                                                   ^ ENC-5 at byte 95, path Root
    the key `…` is unknown and was skipped, at line 1 column 96

    {"type":"create_upload_task","size":5,"url":1,"extra":1,"name":"zxc","md5sum":"5d41402abc4b2a76b9719d911017c592"}
                                          ^ ENC-5 at byte 38, path Root
    the key `url` is unknown and was skipped, at line 1 column 39

    {"type":"report_upload_progress","name":"zxc","progress":{"state":"uploading","https://store/?sign=secret":1,"percent":8
                                                                                  ^ ENC-5 at byte 78, path Top(Progress)
    the key `…` is unknown and was skipped, at line 1 column 79

    {"type":"create_upload_task","size":5,"name":"zxc","md5sum":"5D41402ABC4B2A76B9719D911017C592"}
                                                                ^ VAL-3 at byte 60, path Top(Md5sum)
    `md5sum` should be lowercase, at line 1 column 61

    {"type":"create_upload_task","size":5,"name":"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn","md5sum"
                                                 ^ VAL-2 at byte 45, path Top(Name)
    `name` should be at most 63 bytes long, at line 1 column 46

    {"type":"create_upload_task","size":5,"name":"../zxc","md5sum":"5d41402abc4b2a76b9719d911017c592"}
                                                 ^ VAL-2 at byte 45, path Top(Name)
    `name` should contain neither `/` nor `\` and should not be `.` or `..`, at line 1 column 46

    {"type":"create_upload_task_rsp","size":5,"name":"zxc","md5sum":"5d41402abc4b2a76b9719d911017c592","url":"https://store/
                                                                                                             ^ VAL-4 at byte 105, path Top(Url)
    `url` should be at most 1023 bytes long, at line 1 column 106

    {"type":"create_upload_task_rsp","size":5,"name":"zxc","md5sum":"5d41402abc4b2a76b9719d911017c592","url":"HTTP://store/z
                                                                                                             ^ VAL-4 at byte 105, path Top(Url)
    `url` should be `https`, at line 1 column 106
    "#);
}

#[test]
fn topics_and_digests() {
    let all = [
        Topic::parse("$resource/up/service/P").unwrap_err().to_string(),
        ProductId::new("PRODUCT_ID").unwrap_err().to_string(),
        DeviceName::new("+").unwrap_err().to_string(),
        Md5Sum::from_hex("").unwrap_err().to_string(),
        Md5Sum::from_hex(&"*".repeat(32)).unwrap_err().to_string(),
        ContentMd5::from_base64("").unwrap_err().to_string(),
        "x".parse::<Profile>().unwrap_err().to_string(),
        "x".parse::<MessageType>().unwrap_err().to_string(),
    ];
    assert_snapshot!(all.join("\n"), @r#"
    a topic must be `$resource/up/service/{product_id}/{device_name}` or the same with `down`
    a product id must have 1 to 10 ASCII letters or digits
    a device name must have 1 to 48 ASCII letters, digits, colons, underscores or hyphens
    an MD5 digest must have 32 hexadecimal digits
    an MD5 digest must consist of the characters `0` to `9` and `a` to `f`
    a `Content-MD5` must be 16 bytes in canonical Base64: 24 characters that end in `==`
    a profile must be "documented" or "deployed"
    not a message type of this protocol
    "#);
    let requirements = ["$resource", "$resource/up/service//d", "$resource/up/service/P/"]
        .map(|topic| Topic::parse(topic).unwrap_err().requirement());
    assert_eq!(requirements, ["TOP-5", "TOP-3", "TOP-4"]);
}

#[test]
fn encoding() {
    let errors =
        [EncodeError::UnknownType, EncodeError::InvalidState, EncodeError::PayloadTooLarge];
    let codes = errors.map(EncodeError::code);
    assert_eq!(codes, [Code::UnknownType, Code::InvalidState, Code::PayloadTooLarge]);
    assert_snapshot!(listed(errors), @r#"
    `download` exists only in the deployed profile
    `done` and `fail` exist only in the deployed profile
    the payload would be longer than 16384 bytes
    "#);
}

#[test]
fn sessions() {
    assert_snapshot!(listed(Misplaced::ALL), @r#"
    the message belongs on the other topic
    the profile does not have this message
    the answer came before the request was published
    the answer has a different `size` or `md5sum` from the request
    the answer does not belong to an open request
    there is no HTTP exchange at this point
    more bytes were sent than the resource has
    a message of the task would be longer than a payload can be
    the task has ended
    "#);
    let findings: Vec<String> =
        FindingKind::ALL.iter().map(|kind| format!("{}: {kind}", kind.as_str())).collect();
    assert_snapshot!(findings.join("\n"), @r#"
    unsolicited-response: the response does not answer an open request
    echo-mismatch: the response has a different `size` or `md5sum` from the create
    progress-before-url: progress is reported before the platform has issued the URL of the task
    no-such-task: progress is reported on a task that does not exist
    after-end: progress is reported after the report that ended the task
    "#);
    let advice: Vec<String> = TraceAdviceKind::ALL
        .iter()
        .map(|kind| format!("{} {}: {kind}", kind.requirement(), kind.as_str()))
        .collect();
    assert_snapshot!(advice.join("\n"), @r#"
    SES-8 percent-decreased: the percentage is lower than in the previous report
    SES-9 unanswered: the request was never answered
    SES-11 repeated: the message was sent again without MQTT's DUP flag
    "#);
    let reasons = [
        Reason::TimeOut,
        Reason::Broken,
        Reason::Status(403),
        Reason::Status(500),
        Reason::TooShort,
        Reason::TooLong,
        Reason::WrongRange,
        Reason::Md5Mismatch,
        Reason::Local,
    ];
    let reasons = reasons.map(|reason| format!("{} {}: {reason}", reason.code(), reason.message()));
    assert_snapshot!(reasons.join("\n"), @r#"
    -1 time_out: the HTTP exchange was idle for too long
    -1 time_out: the HTTP connection broke
    -3 sign invalid: the object store answered with status 403
    500 http 500: the object store answered with status 500
    -4 md5sum not matched: there were fewer bytes than the resource has
    -4 md5sum not matched: there were more bytes than the resource has
    -4 md5sum not matched: the object store did not send the requested part
    -4 md5sum not matched: the MD5 of the bytes is not that of the resource
    -2 file_not_exist: the device could not read or keep the resource
    "#);
}

#[test]
fn ranges() {
    assert_snapshot!(
        listed([ByteRangeError::Syntax, ByteRangeError::Order, ByteRangeError::Bounds]), @r#"
    a byte range must be `bytes=A-B` with two plain decimal numbers
    a byte range must not end before it begins
    a byte range must end at 9007199254740991 at the latest
    "#,
    );
}

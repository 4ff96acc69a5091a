//! Messages are written in the same way as `serde_json` writes them.

use std::borrow::Cow;

use iothub_resource::{Md5Sum, Message, Profile, ProgressResponse, ResourceTask, ResultCode};

use crate::{
    samples::{ALL, CREATE_RSP, edited, read},
    session::task,
};

#[track_caller]
fn is_that_of_serde_json(message: &Message<'_>) {
    let payload = message.encode(Profile::Deployed).unwrap();
    assert_eq!(String::from_utf8(payload).unwrap(), serde_json::to_string(message).unwrap());
}

fn response(result_code: i32, result_msg: &str) -> Message<'_> {
    let result_msg = Cow::Borrowed(result_msg);
    Message::ReportUploadProgressRsp(ProgressResponse {
        result_code: ResultCode(result_code),
        result_msg,
    })
}

#[test]
fn every_message() {
    ALL.iter().for_each(|payload| is_that_of_serde_json(&read(payload)));
}

/// The text contains each character of one or two bytes, and some others, at every place in the
/// chunks that the search for special characters uses.
#[test]
fn every_character() {
    let others = ['\u{800}', '\u{2028}', '\u{D7FF}', '\u{E000}', '\u{FFFF}', '🦀'];
    for character in ('\0'..'\u{800}').chain(others) {
        for before in [0, 1, 7, 8, 31, 32, 33, 63, 64, 96, 97, 130] {
            let text = format!("{}{character}é{character}", "a".repeat(before));
            is_that_of_serde_json(&response(0, &text));
        }
    }
}

#[test]
fn every_length_of_a_number() {
    for digits in 0..10 {
        let number = 10_i32.pow(digits);
        for code in [number, number - 1, -number, 1 - number, i32::MIN, i32::MAX] {
            is_that_of_serde_json(&response(code, ""));
        }
    }
}

#[test]
fn urls_and_names_that_need_escapes() {
    let payload = edited(CREATE_RSP, "/zxc?sign=a", r#"/\"a\\b\""#);
    let payload = edited(&payload, r#""name":"zxc""#, r#""name":"\"\\ é""#);
    let Message::CreateUploadTaskRsp(task) = read(&payload) else { panic!("it is one") };
    assert_eq!(task.url.as_str(), r#"https://store/"a\b""#);
    is_that_of_serde_json(&Message::Download(task));
}

#[test]
fn every_byte_of_a_digest() {
    for byte in 0..=u8::MAX {
        let mut bytes = [0x5A; 16];
        bytes[usize::from(byte % 16)] = byte;
        let md5sum = Md5Sum::from_bytes(bytes);
        let task = ResourceTask { md5sum, ..task("zxc", b"x", "https://h/") };
        is_that_of_serde_json(&Message::GetDownloadTaskRsp(task));
    }
}

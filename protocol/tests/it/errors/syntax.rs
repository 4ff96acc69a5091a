//! Payloads that are not JSON, and the place of the fault. Most comments in the list quote the
//! error that `serde_json` reports.

use std::fmt::Write;

use insta::assert_snapshot;
use iothub_resource::{Direction, ErrorKind, JsonFault, Message};

use super::{DOCUMENTED, broken, refused};
use crate::samples::{CREATE, GET, UPLOADING, edited};

#[test]
fn every_fault_is_told_at_its_byte() {
    for (payload, offset, fault) in [
        ("", 0, JsonFault::UnexpectedEnd),
        ("\u{feff}{}", 0, JsonFault::ByteOrderMark),
        // `serde_json` reports "EOF while parsing an object".
        ("{", 1, JsonFault::UnexpectedEnd),
        (r#"{"a":1 "#, 7, JsonFault::UnexpectedEnd),
        // `serde_json` reports "EOF while parsing a list".
        (r#"{"a":[1"#, 7, JsonFault::UnexpectedEnd),
        // `serde_json` reports "EOF while parsing a value".
        (r#"{"a":"#, 5, JsonFault::UnexpectedEnd),
        (r#"{"a":tr"#, 7, JsonFault::UnexpectedEnd),
        // `serde_json` reports "EOF while parsing a string".
        (r#"{"a":"b"#, 7, JsonFault::UnexpectedEnd),
        (r#"{"a":"\"#, 7, JsonFault::UnexpectedEnd),
        (r#"{"a":"\u12"#, 10, JsonFault::UnexpectedEnd),
        // `serde_json` reports "trailing comma".
        (r#"{"a":1,}"#, 7, JsonFault::TrailingComma),
        (r#"{"a":[1 , ]}"#, 10, JsonFault::TrailingComma),
        (r#"{"a":{"b":1, }}"#, 13, JsonFault::TrailingComma),
        (r#"{"a":[,]}"#, 6, JsonFault::Unexpected),
        (r#"{"a":[{]}"#, 7, JsonFault::Unexpected),
        // `serde_json` reports "trailing characters".
        ("{}}", 2, JsonFault::TrailingData),
        ("1 2", 2, JsonFault::TrailingData),
        ("[] []", 3, JsonFault::TrailingData),
        // `serde_json` reports "control character (\u0000-\u001F) found while parsing a string".
        ("{\"a\n\":1}", 3, JsonFault::ControlCharacter),
        ("{\"a\":\"\u{0}\"}", 6, JsonFault::ControlCharacter),
        ("{\"a\":\"b \n\"}", 8, JsonFault::ControlCharacter),
        ("{\"a\":\"\u{7f}\n\"}", 7, JsonFault::ControlCharacter),
        ("{\"\u{7f}\t\":1}", 3, JsonFault::ControlCharacter),
        // `serde_json` reports "invalid escape".
        (r#"{"\a":1}"#, 2, JsonFault::InvalidEscape),
        (r#"{"a":"\u12g4"}"#, 6, JsonFault::InvalidEscape),
        // `serde_json` reports "lone leading surrogate in hex escape".
        (r#"{"\udfff":1}"#, 2, JsonFault::LoneSurrogate),
        (r#"{"\ud800\ud800":1}"#, 2, JsonFault::LoneSurrogate),
        // `serde_json` reports "unexpected end of hex escape".
        (r#"{"\ud800a":1}"#, 2, JsonFault::LoneSurrogate),
        (r#"{"\ud800\n":1}"#, 2, JsonFault::LoneSurrogate),
        (r#"{"\u0041x\ud800\u0041":1}"#, 9, JsonFault::LoneSurrogate),
        (r#"{"a":"\ud800","\ud83d\ude00\udc00":1}"#, 27, JsonFault::LoneSurrogate),
        // The number ends too early.
        (r#"{"a":-"#, 6, JsonFault::UnexpectedEnd),
        (r#"{"a":1."#, 7, JsonFault::UnexpectedEnd),
        (r#"{"a":1e"#, 7, JsonFault::UnexpectedEnd),
        // `serde_json` reports "invalid number".
        (r#"{"a":-}"#, 6, JsonFault::InvalidNumber),
        (r#"{"a":1.}"#, 7, JsonFault::InvalidNumber),
        (r#"{"a":1e+}"#, 8, JsonFault::InvalidNumber),
        (r#"{"a":00}"#, 6, JsonFault::InvalidNumber),
        // `serde_json` reports "expected value".
        (r#"{"a":}"#, 5, JsonFault::Unexpected),
        ("'a'", 0, JsonFault::Unexpected),
        // `serde_json` reports "expected ident".
        (r#"{"a":nil}"#, 6, JsonFault::Unexpected),
        // `serde_json` reports "expected `:`".
        (r#"{"a" 1}"#, 5, JsonFault::Unexpected),
        // `serde_json` reports "expected `,` or `}`".
        (r#"{"a":1 "b":2}"#, 7, JsonFault::Unexpected),
        // `serde_json` reports "expected `,` or `]`".
        (r#"{"a":[1 2]}"#, 8, JsonFault::Unexpected),
        // `serde_json` reports "key must be a string".
        ("{a:1}", 1, JsonFault::Unexpected),
        ("{1:1}", 1, JsonFault::Unexpected),
        // The payload is neither an object nor JSON.
        ("[1,", 3, JsonFault::UnexpectedEnd),
        ("[1,]", 3, JsonFault::TrailingComma),
        ("12x", 2, JsonFault::TrailingData),
        ("01", 1, JsonFault::InvalidNumber),
        ("trap", 2, JsonFault::Unexpected),
        ("\"\n\"", 1, JsonFault::ControlCharacter),
    ] {
        let error = Message::decode(DOCUMENTED, Direction::Up, payload.as_bytes()).unwrap_err();
        assert_eq!(*error.kind(), ErrorKind::InvalidJson(fault), "{payload:?}");
        assert_eq!(error.position().offset, offset, "{payload:?}");
    }
}

#[test]
fn the_ends() {
    let all = broken(
        DOCUMENTED,
        &[(GET, "{", "\u{feff}{"), (GET, "\"}", "\""), (GET, "}", "} {}"), (GET, "}", ",}")],
    );
    assert_snapshot!(all, @r#"
    ﻿{"type":"get_download_task"}
    ^ invalid-json ENC-3 at byte 0, path -
    the payload cannot be read as JSON: it begins with a byte-order mark, at line 1 column 1

    {"type":"get_download_task"
                               ^ invalid-json ENC-3 at byte 27, path -
    the payload cannot be read as JSON: it ends too early, at line 1 column 28

    {"type":"get_download_task"} {}
                                 ^ invalid-json ENC-3 at byte 29, path -
    the payload cannot be read as JSON: there is text after its end, at line 1 column 30

    {"type":"get_download_task",}
                                ^ invalid-json ENC-3 at byte 28, path -
    the payload cannot be read as JSON: a comma follows the last member, at line 1 column 29
    "#);
}

#[test]
fn strings() {
    let all = broken(
        DOCUMENTED,
        &[
            (GET, "get_download_task", "get\tdownload"),
            (GET, "get_download_task", r"get\_download_task"),
            (GET, "get_download_task", r"get\u00g0"),
            (GET, "type", r"\ud800"),
            (GET, "type", r"\udc00"),
            (CREATE, "zxc", r"z\ud83dxc"),
            (UPLOADING, r#""percent""#, r#""\ud83d": 1, "percent""#),
        ],
    );
    assert_snapshot!(all, @r#"
    {"type":"get→download"}
                ^ invalid-json ENC-3 at byte 12, path -
    the payload cannot be read as JSON: a control character in a string is not escaped, at line 1 column 13

    {"type":"get\_download_task"}
                ^ invalid-json ENC-8 at byte 12, path -
    the payload cannot be read as JSON: a string contains an escape that JSON does not define, at line 1 column 13

    {"type":"get\u00g0"}
                ^ invalid-json ENC-8 at byte 12, path -
    the payload cannot be read as JSON: a string contains an escape that JSON does not define, at line 1 column 13

    {"\ud800":"get_download_task"}
      ^ invalid-json ENC-8 at byte 2, path -
    the payload cannot be read as JSON: a `\u` escape is half of a surrogate pair, at line 1 column 3

    {"\udc00":"get_download_task"}
      ^ invalid-json ENC-8 at byte 2, path -
    the payload cannot be read as JSON: a `\u` escape is half of a surrogate pair, at line 1 column 3

    {"type":"create_upload_task","size":5,"name":"z\ud83dxc","md5sum":"5d41402abc4b2a76b9719d911017c592"}
                                                   ^ invalid-json ENC-8 at byte 47, path name
    the payload cannot be read as JSON: a `\u` escape is half of a surrogate pair, at line 1 column 48

    {"type":"report_upload_progress","name":"zxc","progress":{"state":"uploading","\ud83d": 1, "percent":89,"result_code":0,"result_msg":""}}
                                                                                   ^ invalid-json ENC-8 at byte 79, path progress
    the payload cannot be read as JSON: a `\u` escape is half of a surrogate pair, at line 1 column 80
    "#);
}

#[test]
fn values_and_punctuation() {
    let all = broken(
        DOCUMENTED,
        &[
            (CREATE, "5,", "05,"),
            (CREATE, "5,", "5.,"),
            (CREATE, "5,", "five,"),
            (GET, r#":"g"#, r#"="g"#),
            (GET, r#"{"#, r#"{/* a comment */"#),
        ],
    );
    assert_snapshot!(all, @r#"
    {"type":"create_upload_task","size":05,"name":"zxc","md5sum":"5d41402abc4b2a76b9719d911017c592"}
                                         ^ invalid-json ENC-3 at byte 37, path -
    the payload cannot be read as JSON: a number does not have the form of a JSON number, at line 1 column 38

    {"type":"create_upload_task","size":5.,"name":"zxc","md5sum":"5d41402abc4b2a76b9719d911017c592"}
                                          ^ invalid-json ENC-3 at byte 38, path -
    the payload cannot be read as JSON: a number does not have the form of a JSON number, at line 1 column 39

    {"type":"create_upload_task","size":five,"name":"zxc","md5sum":"5d41402abc4b2a76b9719d911017c592"}
                                         ^ invalid-json ENC-3 at byte 37, path -
    the payload cannot be read as JSON: unexpected text in the place of a value, key, colon or comma, at line 1 column 38

    {"type"="get_download_task"}
           ^ invalid-json ENC-3 at byte 7, path -
    the payload cannot be read as JSON: unexpected text in the place of a value, key, colon or comma, at line 1 column 8

    {/* a comment */"type":"get_download_task"}
     ^ invalid-json ENC-3 at byte 1, path -
    the payload cannot be read as JSON: unexpected text in the place of a value, key, colon or comma, at line 1 column 2
    "#);
}

#[test]
fn positions() {
    let pretty = |sample: &str| sample.replace("{", "{\n\t").replace(",\"", ",\n\t\"");
    let crlf = |sample: &str| pretty(sample).replace('\n', "\r\n");
    let mut all = String::new();
    for payload in [
        edited(&pretty(CREATE), "5,", "-5,"),
        edited(&crlf(UPLOADING), "89", "890"),
        edited(&crlf(UPLOADING), ",\r\n\t\"percent\":89", ""),
        edited(&pretty(CREATE), ",\n\t\"md5sum\":\"5d41402abc4b2a76b9719d911017c592\"}", "\n}\n"),
        edited(CREATE, r#""name":"zxc","md5sum":"5"#, r#""name":"größe 文件 🦀","md5sum":"x"#),
        edited(&crlf(CREATE), "\"zxc\"", "'zxc'"),
        edited(&pretty(UPLOADING), "\"percent\"", "\"é\" \t : [{\"k\":\"\\\"\"}],\n\"percent\""),
        edited(&pretty(UPLOADING), "\"percent\"", "\"a\\\\\\\"b\":1,\"percent\""),
        edited(&pretty(UPLOADING), "\"percent\"", "\n\"\\ud83d\":1,\"percent\""),
        edited(&pretty(UPLOADING), "\"percent\":89", "\"percent\":89,\r\n\"percent\"\r\n:\r\n90"),
        format!("{}\n\n  x", pretty(CREATE)),
        "\n\n".to_owned(),
        "\n\"\n\"".to_owned(),
    ] {
        writeln!(all, "{}", refused(DOCUMENTED, Direction::Up, payload.as_bytes())).unwrap();
    }
    assert_snapshot!(all, @r#"
    →"size":-5,
            ^ out-of-range VAL-1 at byte 40, path size
    `size` is out of range: a size must be from 0 to 9007199254740991 bytes, at line 3 column 9

    →"percent":890,␍
               ^ out-of-range VAL-5 at byte 103, path progress.percent
    `progress.percent` is out of range: a percentage must be from 0 to 100, at line 6 column 12

    →"result_msg":""}}
                    ^ missing-field ENC-6 at byte 127, path progress.percent
    `progress.percent` is missing in `report_upload_progress`, at line 7 column 17

    }
    ^ missing-field ENC-6 at byte 57, path md5sum
    `md5sum` is missing in `create_upload_task`, at line 5 column 1

    {"type":"create_upload_task","size":5,"name":"größe 文件 🦀","md5sum":"xd41402abc4b2a76b9719d911017c592"}
                                                                       ^ invalid-md5sum VAL-3 at byte 76, path md5sum
    `md5sum` is invalid: an MD5 digest must consist of the characters `0` to `9` and `a` to `f`, at line 1 column 68

    →"name":'zxc',␍
            ^ invalid-json ENC-3 at byte 54, path -
    the payload cannot be read as JSON: unexpected text in the place of a value, key, colon or comma, at line 4 column 9

    →"é" → : [{"k":"\""}],
     ^ unknown-field ENC-5 at byte 88, path progress
    `progress` has no key `…`: it has `state`, `percent`, `result_code` and `result_msg`, at line 6 column 2

    →"a\\\"b":1,"percent":89,
     ^ unknown-field ENC-5 at byte 88, path progress
    `progress` has no key `…`: it has `state`, `percent`, `result_code` and `result_msg`, at line 6 column 2

    "\ud83d":1,"percent":89,
     ^ invalid-json ENC-8 at byte 90, path progress
    the payload cannot be read as JSON: a `\u` escape is half of a surrogate pair, at line 7 column 2

    "percent"␍
    ^ duplicate-key ENC-4 at byte 103, path progress.percent
    `progress.percent` occurs twice, at line 7 column 1

      x
      ^ invalid-json ENC-3 at byte 107, path -
    the payload cannot be read as JSON: there is text after its end, at line 7 column 3


    ^ invalid-json ENC-3 at byte 2, path -
    the payload cannot be read as JSON: it ends too early, at line 3 column 1

    "
     ^ invalid-json ENC-3 at byte 2, path -
    the payload cannot be read as JSON: a control character in a string is not escaped, at line 2 column 2
    "#);
}

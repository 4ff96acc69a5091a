//! The text of every decoding error, with its place in the payload.

mod beyond_decoding;
mod syntax;

use std::fmt::Write;

use insta::assert_snapshot;
use iothub_resource::{DecodeError, Direction, Message, Profile};

use crate::samples::{
    CREATE, CREATE_RSP, DOWNLOAD, DOWNLOADING, GET, GET_RSP, UPLOADING, UPLOADING_RSP, direction,
    edited,
};

const DOCUMENTED: Profile = Profile::Documented;
const DEPLOYED: Profile = Profile::Deployed;

/// Returns the line with the fault, a mark below the place, and the error. A tab is shown as `→`,
/// and a carriage return as `␍`.
fn shown(payload: &[u8], error: &DecodeError) -> String {
    let position = error.position();
    let text = String::from_utf8_lossy(payload).replace('\t', "→").replace('\r', "␍");
    let line: String = text.split('\n').nth(position.line - 1).unwrap().chars().take(160).collect();
    let mark = " ".repeat(position.column.min(161) - 1);
    let path = Some(error.path().to_string()).filter(|path| !path.is_empty());
    format!(
        "{line}\n{mark}^ {} {} at byte {}, path {}\n{error}\n",
        error.code(),
        error.kind().requirement(),
        position.offset,
        path.as_deref().unwrap_or("-"),
    )
}

#[track_caller]
fn refused(profile: Profile, direction: Direction, payload: &[u8]) -> String {
    match Message::decode(profile, direction, payload) {
        Err(error) => shown(payload, &error),
        Ok(message) => panic!("{message:?}"),
    }
}

/// Returns the errors for samples in which one place was changed.
#[track_caller]
fn broken(profile: Profile, cases: &[(&str, &str, &str)]) -> String {
    let mut all = String::new();
    for (sample, place, replacement) in cases {
        let payload = edited(sample, place, replacement);
        writeln!(all, "{}", refused(profile, direction(sample), payload.as_bytes())).unwrap();
    }
    all
}

#[test]
fn bytes() {
    let mut all = refused(DOCUMENTED, Direction::Up, " ".repeat(16_385).as_bytes());
    for payload in [&b"{\"type\":\"\xff\"}"[..], b"\xe2\x82", b"[1]", b" \n\t\"text\" ", b"-1.5"] {
        writeln!(all, "{}", refused(DOCUMENTED, Direction::Up, payload)).unwrap();
    }
    assert_snapshot!(all, @r#"
                                                                                                                                                                    
                                                                                                                                                                    ^ payload-too-large ENC-1 at byte 16384, path -
    a payload of 16385 bytes is longer than 16384
    {"type":"�"}
             ^ not-utf8 ENC-2 at byte 9, path -
    the payload is not UTF-8, at line 1 column 10

    �
    ^ not-utf8 ENC-2 at byte 0, path -
    the payload is not UTF-8, at line 1 column 1

    [1]
    ^ not-an-object ENC-3 at byte 0, path -
    a message must be a JSON object, not an array, at line 1 column 1

    →"text" 
     ^ not-an-object ENC-3 at byte 3, path -
    a message must be a JSON object, not a string, at line 2 column 2

    -1.5
    ^ not-an-object ENC-3 at byte 0, path -
    a message must be a JSON object, not a number with a fraction or an exponent, or `-0`, at line 1 column 1
    "#);
}

#[test]
fn keys() {
    let all = broken(
        DOCUMENTED,
        &[
            (CREATE, r#""size":5"#, r#""size":5,"size":5"#),
            (CREATE, r#""name":"zxc""#, r#""name":"zxc","url":1,"url":2"#),
            (CREATE, r#"}"#, r#","\u0074ype":null}"#),
            (UPLOADING, r#""percent":89"#, r#""percent":89,"percent":89"#),
            (CREATE, r#""type":"create_upload_task","#, ""),
            (CREATE, r#""size":5,"#, ""),
            (GET_RSP, r#""size":5,"#, ""),
            (UPLOADING, r#","percent":89"#, ""),
            (CREATE, "}", r#","url":"https://store/zxc"}"#),
            (CREATE, "}", r#","https://store/?sign=secret":1}"#),
            (CREATE, "}", r#","file name.v-1_2":1}"#),
            (GET, "}", r#","size":5}"#),
            (UPLOADING, r#""percent":89"#, r#""percent":89,"extra":{}"#),
        ],
    );
    assert_snapshot!(all, @r#"
    {"type":"create_upload_task","size":5,"size":5,"name":"zxc","md5sum":"5d41402abc4b2a76b9719d911017c592"}
                                          ^ duplicate-key ENC-4 at byte 38, path size
    `size` occurs twice, at line 1 column 39

    {"type":"create_upload_task","size":5,"name":"zxc","url":1,"url":2,"md5sum":"5d41402abc4b2a76b9719d911017c592"}
                                                               ^ duplicate-key ENC-4 at byte 59, path url
    `url` occurs twice, at line 1 column 60

    {"type":"create_upload_task","size":5,"name":"zxc","md5sum":"5d41402abc4b2a76b9719d911017c592","\u0074ype":null}
                                                                                                   ^ duplicate-key ENC-4 at byte 95, path type
    `type` occurs twice, at line 1 column 96

    {"type":"report_upload_progress","name":"zxc","progress":{"state":"uploading","percent":89,"percent":89,"result_code":0,"result_msg":""}}
                                                                                               ^ duplicate-key ENC-4 at byte 91, path progress.percent
    `progress.percent` occurs twice, at line 1 column 92

    {"size":5,"name":"zxc","md5sum":"5d41402abc4b2a76b9719d911017c592"}
                                                                      ^ missing-type ENC-6 at byte 66, path type
    `type` is missing, at line 1 column 67

    {"type":"create_upload_task","name":"zxc","md5sum":"5d41402abc4b2a76b9719d911017c592"}
                                                                                         ^ missing-field ENC-6 at byte 85, path size
    `size` is missing in `create_upload_task`, at line 1 column 86

    {"type":"get_download_task_rsp","name":"zxc","md5sum":"5d41402abc4b2a76b9719d911017c592","url":"https://store/zxc?sign=a"}
                                                                                                                             ^ missing-field ENC-6 at byte 121, path size
    `size` is missing in `get_download_task_rsp`, at line 1 column 122

    {"type":"report_upload_progress","name":"zxc","progress":{"state":"uploading","result_code":0,"result_msg":""}}
                                                                                                                 ^ missing-field ENC-6 at byte 109, path progress.percent
    `progress.percent` is missing in `report_upload_progress`, at line 1 column 110

    {"type":"create_upload_task","size":5,"name":"zxc","md5sum":"5d41402abc4b2a76b9719d911017c592","url":"https://store/zxc"}
                                                                                                   ^ unknown-field ENC-5 at byte 95, path -
    `create_upload_task` has no key `url`: besides `type` it has `size`, `name` and `md5sum`, at line 1 column 96

    {"type":"create_upload_task","size":5,"name":"zxc","md5sum":"5d41402abc4b2a76b9719d911017c592","https://store/?sign=secret":1}
                                                                                                   ^ unknown-field ENC-5 at byte 95, path -
    `create_upload_task` has no key `…`: besides `type` it has `size`, `name` and `md5sum`, at line 1 column 96

    {"type":"create_upload_task","size":5,"name":"zxc","md5sum":"5d41402abc4b2a76b9719d911017c592","file name.v-1_2":1}
                                                                                                   ^ unknown-field ENC-5 at byte 95, path -
    `create_upload_task` has no key `file name.v-1_2`: besides `type` it has `size`, `name` and `md5sum`, at line 1 column 96

    {"type":"get_download_task","size":5}
                                ^ unknown-field ENC-5 at byte 28, path -
    `get_download_task` has no key `size`: it has only `type`, at line 1 column 29

    {"type":"report_upload_progress","name":"zxc","progress":{"state":"uploading","percent":89,"extra":{},"result_code":0,"result_msg":""}}
                                                                                               ^ unknown-field ENC-5 at byte 91, path progress
    `progress` has no key `extra`: it has `state`, `percent`, `result_code` and `result_msg`, at line 1 column 92
    "#);
}

#[test]
fn types() {
    let all = broken(
        DOCUMENTED,
        &[
            (CREATE, "5,", "null,"),
            (CREATE, "5,", "\"5\","),
            (CREATE, "5,", "5.0,"),
            (CREATE, "5,", "-0,"),
            (CREATE, "\"zxc\"", "17"),
            (CREATE, "\"zxc\"", "true"),
            (CREATE, "\"zxc\"", "[]"),
            (GET, "\"get_download_task\"", "{}"),
            (UPLOADING, "89", "\"89\""),
            (
                UPLOADING,
                r#"{"state":"uploading","percent":89,"result_code":0,"result_msg":""}"#,
                "1e3",
            ),
        ],
    );
    assert_snapshot!(all, @r#"
    {"type":"create_upload_task","size":null,"name":"zxc","md5sum":"5d41402abc4b2a76b9719d911017c592"}
                                        ^ wrong-type ENC-6 at byte 36, path size
    `size` must be an integer, not null, at line 1 column 37

    {"type":"create_upload_task","size":"5","name":"zxc","md5sum":"5d41402abc4b2a76b9719d911017c592"}
                                        ^ wrong-type ENC-6 at byte 36, path size
    `size` must be an integer, not a string, at line 1 column 37

    {"type":"create_upload_task","size":5.0,"name":"zxc","md5sum":"5d41402abc4b2a76b9719d911017c592"}
                                        ^ wrong-type ENC-9 at byte 36, path size
    `size` must be an integer, not a number with a fraction or an exponent, or `-0`, at line 1 column 37

    {"type":"create_upload_task","size":-0,"name":"zxc","md5sum":"5d41402abc4b2a76b9719d911017c592"}
                                        ^ wrong-type ENC-9 at byte 36, path size
    `size` must be an integer, not a number with a fraction or an exponent, or `-0`, at line 1 column 37

    {"type":"create_upload_task","size":5,"name":17,"md5sum":"5d41402abc4b2a76b9719d911017c592"}
                                                 ^ wrong-type ENC-6 at byte 45, path name
    `name` must be a string, not an integer, at line 1 column 46

    {"type":"create_upload_task","size":5,"name":true,"md5sum":"5d41402abc4b2a76b9719d911017c592"}
                                                 ^ wrong-type ENC-6 at byte 45, path name
    `name` must be a string, not a boolean, at line 1 column 46

    {"type":"create_upload_task","size":5,"name":[],"md5sum":"5d41402abc4b2a76b9719d911017c592"}
                                                 ^ wrong-type ENC-6 at byte 45, path name
    `name` must be a string, not an array, at line 1 column 46

    {"type":{}}
            ^ wrong-type ENC-6 at byte 8, path type
    `type` must be a string, not an object, at line 1 column 9

    {"type":"report_upload_progress","name":"zxc","progress":{"state":"uploading","percent":"89","result_code":0,"result_msg":""}}
                                                                                            ^ wrong-type ENC-6 at byte 88, path progress.percent
    `progress.percent` must be an integer, not a string, at line 1 column 89

    {"type":"report_upload_progress","name":"zxc","progress":1e3}
                                                             ^ wrong-type ENC-6 at byte 57, path progress
    `progress` must be an object, not a number with a fraction or an exponent, or `-0`, at line 1 column 58
    "#);
}

#[test]
fn messages() {
    let mut all = broken(
        DOCUMENTED,
        &[
            (GET, "get_download_task", "get_upload_task"),
            (GET, "get_download_task", ""),
            (GET, "get_download_task", "https://store/?sign=secret"),
        ],
    );
    for (profile, direction, payload) in [
        (DOCUMENTED, Direction::Down, DOWNLOAD),
        (DEPLOYED, Direction::Down, r#"{"type":"upload"}"#),
        (DOCUMENTED, Direction::Up, UPLOADING_RSP),
        (DOCUMENTED, Direction::Down, UPLOADING),
    ] {
        writeln!(all, "{}", refused(profile, direction, payload.as_bytes())).unwrap();
    }
    assert_snapshot!(all, @r#"
    {"type":"get_upload_task"}
            ^ unknown-type MSG-1 at byte 8, path type
    no message of the documented profile has the type `get_upload_task`, at line 1 column 9

    {"type":""}
            ^ unknown-type MSG-1 at byte 8, path type
    no message of the documented profile has the type ``, at line 1 column 9

    {"type":"https://store/?sign=secret"}
            ^ unknown-type MSG-1 at byte 8, path type
    no message of the documented profile has the type `…`, at line 1 column 9

    {"type":"download","size":5,"name":"zxc","md5sum":"5d41402abc4b2a76b9719d911017c592","url":"https://store/zxc?sign=a"}
            ^ unknown-type MSG-9 at byte 8, path type
    no message of the documented profile has the type `download`, at line 1 column 9

    {"type":"upload"}
            ^ unknown-type MSG-1 at byte 8, path type
    no message of the deployed profile has the type `upload`, at line 1 column 9

    {"type":"report_upload_progress_rsp","result_code":0,"result_msg":"ok"}
            ^ wrong-direction TOP-6 at byte 8, path type
    `report_upload_progress_rsp` is sent by the platform, on the down topic only, at line 1 column 9

    {"type":"report_upload_progress","name":"zxc","progress":{"state":"uploading","percent":89,"result_code":0,"result_msg":""}}
            ^ wrong-direction TOP-6 at byte 8, path type
    `report_upload_progress` is sent by the device, on the up topic only, at line 1 column 9
    "#);
}

#[test]
fn numbers_and_names() {
    let all = broken(
        DOCUMENTED,
        &[
            (CREATE, "5,", "-1,"),
            (UPLOADING, "89", "101"),
            (UPLOADING_RSP, "0", "2147483648"),
            (CREATE, "zxc", ""),
            (CREATE, "zxc", r"z\tc"),
        ],
    );
    assert_snapshot!(all, @r#"
    {"type":"create_upload_task","size":-1,"name":"zxc","md5sum":"5d41402abc4b2a76b9719d911017c592"}
                                        ^ out-of-range VAL-1 at byte 36, path size
    `size` is out of range: a size must be from 0 to 9007199254740991 bytes, at line 1 column 37

    {"type":"report_upload_progress","name":"zxc","progress":{"state":"uploading","percent":101,"result_code":0,"result_msg":""}}
                                                                                            ^ out-of-range VAL-5 at byte 88, path progress.percent
    `progress.percent` is out of range: a percentage must be from 0 to 100, at line 1 column 89

    {"type":"report_upload_progress_rsp","result_code":2147483648,"result_msg":"ok"}
                                                       ^ out-of-range VAL-7 at byte 51, path result_code
    `result_code` is out of range: a result code must be from -2147483648 to 2147483647, at line 1 column 52

    {"type":"create_upload_task","size":5,"name":"","md5sum":"5d41402abc4b2a76b9719d911017c592"}
                                                 ^ invalid-name VAL-2 at byte 45, path name
    `name` is invalid: a resource name must not be empty, at line 1 column 46

    {"type":"create_upload_task","size":5,"name":"z\tc","md5sum":"5d41402abc4b2a76b9719d911017c592"}
                                                 ^ invalid-name VAL-2 at byte 45, path name
    `name` is invalid: a resource name must not contain a control character, at line 1 column 46
    "#);
}

#[test]
fn digests() {
    let all = broken(
        DOCUMENTED,
        &[
            (CREATE, "5d41402abc4b2a76b9719d911017c592", "5d41402abc4b2a76b9719d911017c59"),
            (CREATE, "5d41402abc4b2a76b9719d911017c592", "5D41402ABC4B2A76B9719D911017C592"),
        ],
    ) + &broken(
        DEPLOYED,
        &[(CREATE, "5d41402abc4b2a76b9719d911017c592", "********************************")],
    );
    assert_snapshot!(all, @r#"
    {"type":"create_upload_task","size":5,"name":"zxc","md5sum":"5d41402abc4b2a76b9719d911017c59"}
                                                                ^ invalid-md5sum VAL-3 at byte 60, path md5sum
    `md5sum` is invalid: an MD5 digest must have 32 hexadecimal digits, at line 1 column 61

    {"type":"create_upload_task","size":5,"name":"zxc","md5sum":"5D41402ABC4B2A76B9719D911017C592"}
                                                                ^ invalid-md5sum VAL-3 at byte 60, path md5sum
    `md5sum` is invalid: an MD5 digest must consist of the characters `0` to `9` and `a` to `f`, at line 1 column 61

    {"type":"create_upload_task","size":5,"name":"zxc","md5sum":"********************************"}
                                                                ^ invalid-md5sum VAL-3 at byte 60, path md5sum
    `md5sum` is invalid: an MD5 digest must consist of the characters `0` to `9` and `a` to `f`, at line 1 column 61
    "#);
}

#[test]
fn urls() {
    let all = broken(
        DOCUMENTED,
        &[
            (CREATE_RSP, "https://store/zxc?sign=a", "ftp://store/zxc?sign=secret"),
            (CREATE_RSP, "https://store/zxc?sign=a", "https:///zxc?sign=secret"),
            (CREATE_RSP, "https://store/zxc?sign=a", "https://store/z c?sign=secret"),
        ],
    );
    assert_snapshot!(all, @r#"
    {"type":"create_upload_task_rsp","size":5,"name":"zxc","md5sum":"5d41402abc4b2a76b9719d911017c592","url":"ftp://store/zxc?sign=secret"}
                                                                                                             ^ invalid-url VAL-4 at byte 105, path url
    `url` is invalid: a URL must begin with `http://` or `https://`, at line 1 column 106

    {"type":"create_upload_task_rsp","size":5,"name":"zxc","md5sum":"5d41402abc4b2a76b9719d911017c592","url":"https:///zxc?sign=secret"}
                                                                                                             ^ invalid-url VAL-4 at byte 105, path url
    `url` is invalid: a URL must name a host, at line 1 column 106

    {"type":"create_upload_task_rsp","size":5,"name":"zxc","md5sum":"5d41402abc4b2a76b9719d911017c592","url":"https://store/z c?sign=secret"}
                                                                                                             ^ invalid-url VAL-4 at byte 105, path url
    `url` is invalid: a URL must consist of visible ASCII characters without spaces, at line 1 column 106
    "#);
}

#[test]
fn states() {
    let all = broken(
        DOCUMENTED,
        &[
            (UPLOADING, "\"uploading\"", "\"downloading\""),
            (DOWNLOADING, "\"downloading\"", "\"done\""),
        ],
    ) + &broken(DEPLOYED, &[(UPLOADING, "\"uploading\"", "\"paused\"")]);
    assert_snapshot!(all, @r#"
    {"type":"report_upload_progress","name":"zxc","progress":{"state":"downloading","percent":89,"result_code":0,"result_msg":""}}
                                                                      ^ invalid-state VAL-6 at byte 66, path progress.state
    `progress.state` cannot be `downloading`, only `uploading`, at line 1 column 67

    {"type":"report_download_progress","name":"zxc","progress":{"state":"done","percent":89,"result_code":0,"result_msg":""}}
                                                                        ^ invalid-state VAL-6 at byte 68, path progress.state
    `progress.state` cannot be `done`, only `downloading`, at line 1 column 69

    {"type":"report_upload_progress","name":"zxc","progress":{"state":"paused","percent":89,"result_code":0,"result_msg":""}}
                                                                      ^ invalid-state VAL-6 at byte 66, path progress.state
    `progress.state` cannot be `paused`, only `uploading`, `done` or `fail`, at line 1 column 67
    "#);
}

//! HTTP transfers in JSON lines, as gateways log them.

use super::{assert_codes, codes, found, line, lint_bytes};

const URL: &str = "http://store.example/p/d/zxc.log?sign=secret";
/// The MD5 of `hello`.
const MD5: &str = "5d41402abc4b2a76b9719d911017c592";

fn create() -> String {
    let create =
        format!(r#"{{"type":"create_upload_task","size":5,"name":"zxc","md5sum":"{MD5}"}}"#);
    let answer = format!(
        r#"{{"type":"create_upload_task_rsp","size":5,"name":"zxc","md5sum":"{MD5}","url":"{URL}"}}"#
    );
    [line("up", &create), line("down", &answer)].concat()
}

fn deliver() -> String {
    let task =
        format!(r#"{{"type":"download","size":5,"name":"zxc","md5sum":"{MD5}","url":"{URL}"}}"#);
    line("down", &task)
}

fn report(kind: &str, state: &str) -> String {
    let code = if state == "fail" { -1 } else { 0 };
    let report = format!(
        r#"{{"type":"report_{kind}_progress","name":"zxc","progress":{{"state":"{state}","result_code":{code},"result_msg":""}}}}"#
    );
    let answer =
        format!(r#"{{"type":"report_{kind}_progress_rsp","result_code":0,"result_msg":"ok"}}"#);
    [line("up", &report), line("down", &answer)].concat()
}

fn put(members: &str) -> String {
    format!("{{\"http\":{{\"method\":\"PUT\",\"url\":\"{URL}\"{members}}}}}\n")
}

const HEADERS: &str =
    r#","headers":{"Content-Length":"5","Content-MD5":"XUFAKrxLKna5cZ2REBfFkg=="}"#;

fn right(status: u16) -> String {
    put(&format!(r#","status":{status}{HEADERS},"body_length":5,"body_md5":"{MD5}""#))
}

/// Checks the findings without the advice about plain HTTP, and returns the output.
#[track_caller]
fn check(capture: &str, arguments: &[&str], expected: &[(usize, &str)]) -> String {
    let run = lint_bytes(capture.as_bytes(), arguments);
    let told: Vec<_> = codes(&run).into_iter().filter(|(_, code)| code != "plain-http").collect();
    assert_codes(&told, expected);
    assert!(!run.stdout.contains("secret"), "{}", run.stdout);
    run.stdout
}

#[test]
fn a_right_upload() {
    let capture = [create(), right(200), report("upload", "done")].concat();
    check(&capture, &[], &[]);
    // Only the method and the URL are known.
    let capture = [create(), put(""), report("upload", "done")].concat();
    check(&capture, &[], &[]);
}

#[test]
fn wrong_uploads() {
    let body = format!(r#""body_length":5,"body_md5":"{MD5}""#);
    for (members, code, words) in [
        (r#""headers":{"Content-Length":"5"}"#, "missing-content-md5", "has no `Content-MD5`"),
        (
            r#""headers":{"Content-Length":"5","content-md5":"5d41402abc4b2a76b9719d911017c592"}"#,
            "invalid-content-md5",
            "it is the 32 hexadecimal digits of the MD5",
        ),
        (
            r#""headers":{"Content-Length":"5","Content-MD5":["XUFAKrxLKna5cZ2REBfFkg==","XUFAKrxLKna5cZ2REBfFkg=="]}"#,
            "invalid-content-md5",
            "the header occurs 2 times",
        ),
        (
            r#""headers":{"Content-Length":"5","Content-MD5":"XUFAKrxLKna5cZ2REBfFkg"}"#,
            "invalid-content-md5",
            "its padding `==` is missing",
        ),
        (
            r#""headers":{"Transfer-Encoding":"chunked","Content-MD5":"XUFAKrxLKna5cZ2REBfFkg=="}"#,
            "missing-content-length",
            "the body is sent in chunks",
        ),
        (
            r#""headers":{"Host":"other.example","Content-Length":"5","Content-MD5":"XUFAKrxLKna5cZ2REBfFkg=="}"#,
            "",
            "",
        ),
    ] {
        let capture = [create(), put(&format!(r#","status":400,{members},{body}"#))].concat();
        let expected = if code.is_empty() { vec![(3, "upload-refused")] } else { vec![(3, code)] };
        let shown = check(&capture, &[], &expected);
        assert!(shown.contains(words), "{shown}");
    }
    for (body, code) in [
        (format!(r#""body_length":4,"body_md5":"{MD5}""#), "body-length"),
        (r#""body_length":5,"body_md5":"00000000000000000000000000000000""#.to_owned(), "body-md5"),
        (r#""body_length":4"#.to_owned(), "body-length"),
    ] {
        let capture = [create(), put(&format!(r#","status":200{HEADERS},{body}"#))].concat();
        check(&capture, &[], &[(3, code)]);
    }
}

#[test]
fn other_urls() {
    let at = |url: &str| right(200).replace(URL, url);
    for (url, code, words) in [
        ("http://store.example/p/d/zxc.log", "altered-url", "its query string is missing"),
        (
            "http://store.example/p/d/zxc.log?sign=other",
            "altered-url",
            "its query string is different",
        ),
        ("http://store.example/p/d/zxc.log?sign=secre", "altered-url", "cut after 23 of 24"),
        ("http://store.example/p/D/zxc%2elog?sign=x", "altered-url", "its path is different"),
        ("http://store.example/other?sign=secret", "url-not-issued", "this URL was not issued"),
        (
            "http://elsewhere.example/p/d/zxc.log?sign=secret",
            "host",
            "is not the host of the issued URL",
        ),
    ] {
        let capture = [create(), at(url)].concat();
        let shown = check(&capture, &[], &[(3, code)]);
        assert!(shown.contains(words), "{shown}");
    }
    let other_host = [create(), at("http://elsewhere.example/x")].concat();
    check(&other_host, &[], &[]);
    let before = [right(200), create()].concat();
    check(&before, &[], &[]);
    // With gaps, the finding is uncertain.
    let capture = [create(), at("http://store.example/other")].concat();
    let run = lint_bytes(capture.as_bytes(), &["--partial"]);
    let level =
        |(_, level, code): (usize, String, String)| (code == "url-not-issued").then_some(level);
    assert_eq!(found(&run).into_iter().find_map(level).as_deref(), Some("warning"));
    let get = [create(), right(200).replace("PUT", "POST")].concat();
    check(&get, &[], &[(3, "wrong-method")]);
    let again = [create(), right(200), right(200)].concat();
    check(&again, &[], &[(4, "put-again")]);
}

#[test]
fn done_for_bytes_that_did_not_arrive() {
    let done = || report("upload", "done");
    let shown = check(&[create(), right(503), done()].concat(), &[], &[(4, "done-without-bytes")]);
    assert!(shown.contains("the response is 503"), "{shown}");
    check(
        &[create(), right(503), report("upload", "fail")].concat(),
        &[],
        &[(3, "upload-refused")],
    );
    check(&[create(), right(503)].concat(), &[], &[(3, "upload-refused")]);
    // The second attempt succeeded.
    check(&[create(), right(503), right(200), done()].concat(), &[], &[(4, "put-again")]);
    // Without any HTTP of this host, there is no finding.
    check(&[create(), done()].concat(), &[], &[]);
    let two = |second: &str| {
        [create(), right(200), done(), create().replace("zxc", "abc"), second.to_owned()].concat()
    };
    let other = done().replace("zxc", "abc");
    check(&two(&other), &[], &[(8, "done-without-bytes")]);
    check(&two(&other), &["--partial"], &[]);
    check(&two(&[other, right(200).replace("zxc", "abc")].concat()), &[], &[(8, "done-too-early")]);
}

#[test]
fn downloads() {
    let get =
        |members: &str| format!("{{\"http\":{{\"method\":\"GET\",\"url\":\"{URL}\"{members}}}}}\n");
    let done = || report("download", "done");
    let right = get(&format!(r#","status":200,"body_length":5,"body_md5":"{MD5}""#));
    check(&[deliver(), right.clone(), done()].concat(), &[], &[]);
    let parts = [
        get(
            r#","status":206,"headers":{"Range":"bytes=0-2","Content-Range":"bytes 0-2/5"},"body_length":3"#,
        ),
        get(
            r#","status":206,"headers":{"Range":"bytes=3-5","Content-Range":"bytes 3-4/5"},"body_length":2"#,
        ),
    ];
    check(&[deliver(), parts.concat(), done()].concat(), &[], &[(3, "range")]);
    check(&[deliver(), parts[0].clone(), done()].concat(), &[], &[(3, "done-without-bytes")]);
    for (members, code) in [
        (r#","status":200,"body_length":4"#, "download-differs"),
        (r#","status":200,"headers":{"Content-Length":"6"},"body_length":6"#, "download-differs"),
        (
            r#","status":200,"body_length":5,"body_md5":"00000000000000000000000000000000""#,
            "download-differs",
        ),
        (
            r#","status":206,"headers":{"Range":"bytes=2-4","Content-Range":"bytes 2-4/6"},"body_length":3"#,
            "wrong-part",
        ),
        (r#","status":416,"headers":{"Range":"bytes=2-4"}"#, "range-refused"),
        (r#","status":404"#, "download-refused"),
    ] {
        check(&[deliver(), get(members)].concat(), &[], &[(2, code)]);
    }
}

/// The schema and the parser accept the same lines.
#[test]
fn the_schema_of_a_transfer() {
    let schema = include_str!("../../../schema/transfer.schema.json");
    let schema: serde_json::Value = serde_json::from_str(schema).expect("it is JSON");
    let validator = jsonschema::validator_for(&schema).expect("it is a schema");
    let mut lines: Vec<String> = schema["examples"]
        .as_array()
        .expect("there are examples")
        .iter()
        .map(ToString::to_string)
        .collect();
    let count = lines.len();
    lines.extend([put(""), right(200)]);
    let right_ones = lines.len();
    lines.extend(
        [
            r#"{"method":"PUT"}"#,
            r#"{"method":"PUT","url":"/a"}"#,
            r#"{"method":"PUT","url":"http://h/","status":"200"}"#,
            r#"{"method":"PUT","url":"http://h/","headers":{"a":1}}"#,
            r#"{"method":"PUT","url":"http://h/","body_length":-1}"#,
            r#"{"method":"PUT","url":"http://h/","body_md5":"x"}"#,
        ]
        .map(|http| format!("{{\"http\":{http}}}\n")),
    );
    assert!(count >= 2);
    for (at, line) in lines.iter().enumerate() {
        let json: serde_json::Value = serde_json::from_str(line).expect("it is JSON");
        assert_eq!(validator.is_valid(&json), at < right_ones, "{line}");
        let run = lint_bytes([&*create(), line, "\n"].concat().as_bytes(), &[]);
        let is_unreadable = codes(&run).iter().any(|(_, code)| code == "unreadable");
        assert_eq!(!is_unreadable, at < right_ones, "{line}");
    }
}

/// The consequences of a faulty message are not reported as other faults.
#[test]
fn a_url_of_a_message_at_fault() {
    let malformed = create().replace(r#"secret\"}"#, r#"secret\",}"#);
    check(&[malformed, right(200), report("upload", "done")].concat(), &[], &[(2, "invalid-json")]);
    let mismatch = create();
    let (create, answer) = mismatch.split_once('\n').unwrap();
    let answer = answer.replace(r#"\"size\":5"#, r#"\"size\":6"#);
    check(&[create, "\n", &answer, &right(200)].concat(), &[], &[(2, "echo-mismatch")]);
}

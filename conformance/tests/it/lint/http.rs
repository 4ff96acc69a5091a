//! HTTP transfers in generated packet captures.

use super::{
    codes, errors, found, lint_bytes, stored,
    transfer_wire::{CLIENT, SERVER, Wire},
};
use crate::command::Run;

const MQTT: u16 = 40_000;
const HTTP: u16 = 40_001;
const UP: &str = "$resource/up/service/P/d";
const DOWN: &str = "$resource/down/service/P/d";
const URL: &str = "http://store.example/p/d/zxc.log?sign=secret";
/// The MD5 of `hello`.
const MD5: &str = "5d41402abc4b2a76b9719d911017c592";
const ABOUT_URLS: [&str; 2] = ["plain-http", "url-for-devices"];
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

fn publish(topic: &str, payload: &str) -> Vec<u8> {
    let length = (topic.len() as u16).to_be_bytes();
    let body = [&length, topic.as_bytes(), payload.as_bytes()].concat();
    let mut packet = vec![0x30];
    let mut remaining = body.len();
    while remaining >= 0x80 {
        packet.push((remaining & 0x7F) as u8 | 0x80);
        remaining >>= 7;
    }
    packet.push(remaining as u8);
    packet.extend_from_slice(&body);
    packet
}

/// A connected device, and its MQTT traffic.
struct Capture {
    wire: Wire,
}

impl Capture {
    fn new() -> Self {
        let mut wire = Wire::default();
        wire.open(MQTT, 1883);
        wire.send(MQTT, CLIENT, b"\x10\x0d\0\x04MQTT\x04\x02\0\x3c\0\x01c");
        wire.send(MQTT, SERVER, &[0x20, 2, 0, 0]);
        Self { wire }
    }

    fn up(&mut self, payload: &str) {
        self.wire.send(MQTT, CLIENT, &publish(UP, payload));
    }

    fn down(&mut self, payload: &str) {
        self.wire.send(MQTT, SERVER, &publish(DOWN, payload));
    }

    /// Returns a capture with an upload task for `hello`.
    fn with_upload() -> Self {
        Self::with_upload_to(URL)
    }

    fn with_upload_to(url: &str) -> Self {
        let mut capture = Self::new();
        capture.create("zxc", url);
        capture
    }

    fn create(&mut self, name: &str, url: &str) {
        self.up(&format!(
            r#"{{"type":"create_upload_task","size":5,"name":"{name}","md5sum":"{MD5}"}}"#
        ));
        self.down(&format!(
            r#"{{"type":"create_upload_task_rsp","size":5,"name":"{name}","md5sum":"{MD5}","url":"{url}"}}"#
        ));
    }

    fn with_download(size: usize, md5: &str) -> Self {
        let mut capture = Self::new();
        capture.down(&format!(
            r#"{{"type":"download","size":{size},"name":"zxc","md5sum":"{md5}","url":"{URL}"}}"#
        ));
        capture
    }

    fn report(&mut self, kind: &str, state: &str) {
        let code = if state == "fail" { -1 } else { 0 };
        self.up(&format!(
            r#"{{"type":"report_{kind}_progress","name":"zxc","progress":{{"state":"{state}","result_code":{code},"result_msg":""}}}}"#
        ));
        self.down(&format!(
            r#"{{"type":"report_{kind}_progress_rsp","result_code":0,"result_msg":"ok"}}"#
        ));
    }

    /// Sends a request without its end, on a new connection.
    fn ask(&mut self, request: &str) {
        self.wire.open(HTTP, 80);
        self.wire.send(HTTP, CLIENT, request.as_bytes());
    }

    fn answer(&mut self, answer: &str) {
        self.wire.send(HTTP, SERVER, answer.as_bytes());
    }

    fn lint(&self, arguments: &[&str]) -> Run {
        let run = lint_bytes(&self.wire.pcap(), arguments);
        assert!(!run.stdout.contains("secret"), "{}", run.stdout);
        run
    }

    /// Checks the codes without the advice about the URL, and returns the output.
    #[track_caller]
    fn check(&self, expected: &[&str]) -> String {
        let run = self.lint(&[]);
        let codes: Vec<_> = codes(&run).into_iter().map(|(_, code)| code).collect();
        let codes: Vec<_> = codes.iter().filter(|code| !ABOUT_URLS.contains(&&***code)).collect();
        assert_eq!(codes, expected, "{}", run.stdout);
        run.stdout
    }
}

/// Returns a `PUT` with these headers in addition to `Host`, and with this body.
fn put(target: &str, headers: &str, body: &str) -> String {
    format!("PUT {target} HTTP/1.1\r\nHost: store.example\r\n{headers}\r\n{body}")
}

const TARGET: &str = "/p/d/zxc.log?sign=secret";
const RIGHT: &str = "Content-Length: 5\r\nContent-MD5: XUFAKrxLKna5cZ2REBfFkg==\r\n";

/// Checks an upload that is answered with 200 and reported as done, and returns the output.
#[track_caller]
fn check_upload(request: &str, expected: &[&str]) -> String {
    let mut capture = Capture::with_upload();
    capture.ask(request);
    capture.answer(OK);
    capture.wire.finish(HTTP, SERVER);
    capture.wire.finish(HTTP, CLIENT);
    capture.report("upload", "done");
    capture.check(expected)
}

#[test]
fn right_uploads() {
    check_upload(&put(TARGET, RIGHT, "hello"), &[]);
    // Header names may be in any case, and a proxy receives the whole URL.
    check_upload(&put(TARGET, &RIGHT.replace("MD5", "md5"), "hello"), &[]);
    check_upload(&put(URL, RIGHT, "hello").replace("Host: store.example\r\n", ""), &[]);
    check_upload(&put(TARGET, RIGHT, "hello").replace("store.example", "STORE.example:80"), &[]);
    // The URL has a port, on any connection.
    let mut capture = Capture::with_upload_to("http://store.example:8080/x?sign=secret");
    capture.wire.open(HTTP, 8080);
    let request = put("/x?sign=secret", RIGHT, "hello");
    capture.wire.send(HTTP, CLIENT, request.as_bytes());
    capture.answer(OK);
    capture.report("upload", "done");
    capture.check(&[]);
}

#[test]
fn wrong_requests() {
    let replaced = |from: &str, to: &str| put(TARGET, RIGHT, "hello").replace(from, to);
    for (request, code) in [
        (replaced("?sign=secret", ""), "altered-url"),
        (replaced("secret", "secre"), "altered-url"),
        (replaced("/p/d/zxc.log?sign=secret", "/other"), "url-not-issued"),
        (replaced("Host: store.example\r\n", ""), "host"),
        (replaced("Host: store.example", "Host: 10.0.0.2"), "host"),
        (replaced("Host: store.example", "Host: store.example\r\nHost: store.example"), "host"),
        (replaced("Host: store.example", "Host: store.example:8080"), "host"),
        (replaced("PUT", "POST"), "wrong-method"),
        (replaced("Content-Length: 5", "Content-Length: 6"), "content-length"),
        (replaced("hello", "HELLO"), "body-md5"),
        (replaced("hello", "hello, world"), "body-length"),
        (replaced("==", ""), "invalid-content-md5"),
        (put(TARGET, "Content-Length: 5\r\n", "hello"), "missing-content-md5"),
    ] {
        check_upload(&request, &[code]);
    }
    let chunked = RIGHT.replace("Content-Length: 5", "Transfer-Encoding: chunked");
    let body = "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n";
    check_upload(&put(TARGET, &chunked, body), &["missing-content-length"]);
    let shown = check_upload(
        &put(
            TARGET,
            "Content-Length: 5\r\nContent-MD5: 5d41402abc4b2a76b9719d911017c592\r\n",
            "hello",
        ),
        &["invalid-content-md5"],
    );
    let sentence = "`Content-MD5` is not 16 bytes in canonical Base64: it is the 32 hexadecimal \
                    digits of the MD5, expected `XUFAKrxLKna5cZ2REBfFkg==`";
    assert!(shown.contains(sentence), "{shown}");
    let request = "PUT http://store.example/…, Host: store.example, Content-Length: 5, \
                   Content-MD5: 5d41402abc4b2a76b9719d911017c592\n";
    assert!(shown.contains(request), "{shown}");
}

/// The device announces a length, and sends fewer bytes.
#[test]
fn a_body_that_ends_too_early() {
    let mut capture = Capture::with_upload();
    capture.ask(&put(TARGET, RIGHT, "hell"));
    capture.wire.finish(HTTP, CLIENT);
    capture.wire.finish(HTTP, SERVER);
    capture.report("upload", "fail");
    capture.check(&["body-length"]);
    // If the store closes the connection, the fault is that of the store.
    let mut capture = Capture::with_upload();
    capture.ask(&put(TARGET, RIGHT, "hell"));
    capture.wire.finish(HTTP, SERVER);
    capture.wire.finish(HTTP, CLIENT);
    capture.report("upload", "fail");
    let shown = capture.check(&["upload-refused"]);
    assert!(shown.contains("ends the connection after 4 bytes"), "{shown}");
}

#[test]
fn what_the_store_says() {
    let with_status = |status: &str, end: &str| {
        let mut capture = Capture::with_upload();
        capture.ask(&put(TARGET, RIGHT, "hello"));
        capture.answer(&OK.replace("200 OK", status));
        capture.report("upload", end);
        capture
    };
    with_status("204 No Content", "done").check(&[]);
    with_status("403 Forbidden", "fail").check(&["upload-refused"]);
    with_status("503 Wait", "done").check(&["done-without-bytes"]);
    // The report precedes the response, or the bytes.
    let early = |before: &str, after: &str| {
        let mut capture = Capture::with_upload();
        let request = put(TARGET, RIGHT, before);
        capture.ask(&request);
        capture.report("upload", "done");
        capture.wire.send(HTTP, CLIENT, after.as_bytes());
        capture.answer(OK);
        capture
    };
    early("hello", "").check(&[]);
    early("hel", "lo").check(&["done-too-early"]);
    // The capture does not show the result.
    let mut capture = Capture::with_upload();
    capture.ask(&put(TARGET, RIGHT, "hello"));
    capture.report("upload", "done");
    capture.check(&[]);
}

#[test]
fn where_redirections_point() {
    let mut capture = Capture::with_upload();
    capture.ask(&put(TARGET, RIGHT, "hello"));
    capture.answer(
        "HTTP/1.1 307 Elsewhere\r\nLocation: http://elsewhere/x\r\nContent-Length: 0\r\n\r\n",
    );
    capture.wire.open(HTTP + 1, 80);
    let request = put("/x", RIGHT, "hello").replace("store.example", "elsewhere");
    capture.wire.send(HTTP + 1, CLIENT, request.as_bytes());
    capture.wire.send(HTTP + 1, SERVER, OK.as_bytes());
    capture.report("upload", "done");
    capture.check(&["url-not-issued"]);
}

fn get(range: &str) -> String {
    let range = if range.is_empty() { String::new() } else { format!("Range: {range}\r\n") };
    format!("GET {TARGET} HTTP/1.1\r\nHost: store.example\r\n{range}\r\n")
}

fn with_body(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n{headers}\r\n{body}", body.len())
}

#[test]
fn downloads() {
    let check = |exchanges: &[(&str, String)], state: &str, expected: &[&str]| {
        let mut capture = Capture::with_download(5, MD5);
        capture.wire.open(HTTP, 80);
        for (range, answer) in exchanges {
            capture.wire.send(HTTP, CLIENT, get(range).as_bytes());
            capture.answer(answer);
        }
        capture.wire.finish(HTTP, SERVER);
        capture.report("download", state);
        capture.check(expected);
    };
    let part = |range: &str, body: &str| {
        with_body("206 Part", &format!("Content-Range: bytes {range}\r\n"), body)
    };
    let whole = || with_body("200 OK", "", "hello");
    check(&[("", whole())], "done", &[]);
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
    check(&[("", chunked.to_owned())], "done", &[]);
    check(&[("", "HTTP/1.1 200 OK\r\n\r\nhello".to_owned())], "done", &[]);
    check(&[("bytes=0-1", part("0-1/5", "he")), ("bytes=2-4", part("2-4/5", "llo"))], "done", &[]);
    // The device requests a range like deployed devices.
    check(&[("bytes=0-5", part("0-4/5", "hello"))], "done", &["range"]);
    check(&[("", with_body("200 OK", "", "HELLO"))], "fail", &["download-differs"]);
    check(&[("", with_body("200 OK", "", "hello!"))], "fail", &["download-differs"]);
    check(&[("", "HTTP/1.1 200 OK\r\n\r\nhell".to_owned())], "fail", &["download-differs"]);
    check(
        &[("", with_body("200 OK", "", "HELLO"))],
        "done",
        &["download-differs", "done-without-bytes"],
    );
    check(&[("bytes=2-4", part("0-2/5", "hel"))], "fail", &["wrong-part"]);
    check(
        &[("bytes=0-1", part("0-1/5", "HE")), ("bytes=2-4", part("2-4/5", "llo"))],
        "fail",
        &["download-differs"],
    );
    check(&[("bytes=2-4", whole())], "done", &["range-ignored"]);
    check(&[("bytes=5-9", with_body("416 No", "", ""))], "fail", &["range"]);
    check(&[("bytes=2-4", with_body("416 No", "", ""))], "fail", &["range-refused"]);
    check(&[("", with_body("404 No", "", ""))], "fail", &["download-refused"]);
    check(&[("", with_body("404 No", "", ""))], "done", &["done-without-bytes"]);
    check(&[("bytes=0-1", part("0-1/5", "he"))], "done", &["done-without-bytes"]);
    // The connection breaks, and the device requests the rest.
    let cut = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe".to_owned();
    check(&[("", cut.clone())], "fail", &["download-refused"]);
    let mut capture = Capture::with_download(5, MD5);
    capture.ask(&get(""));
    capture.answer(&cut);
    capture.wire.finish(HTTP, SERVER);
    capture.wire.finish(HTTP, CLIENT);
    capture.wire.open(HTTP + 1, 80);
    capture.wire.send(HTTP + 1, CLIENT, get("bytes=2-4").as_bytes());
    capture.wire.send(HTTP + 1, SERVER, part("2-4/5", "llo").as_bytes());
    capture.report("download", "done");
    capture.check(&[]);
}

#[test]
fn what_was_not_recorded() {
    let mut capture = Capture::with_upload();
    capture.ask(&put(TARGET, RIGHT, "h"));
    capture.wire.lose(HTTP, CLIENT, 2);
    capture.wire.send(HTTP, CLIENT, b"lo");
    capture.answer(OK);
    capture.report("upload", "done");
    let shown = capture.check(&["unreadable"]);
    assert!(
        shown
            .contains("2 bytes are not in the capture, so the body of this transfer is not judged")
    );
    let run = capture.lint(&["--partial"]);
    assert_eq!((run.status, errors(&run)), (Some(0), vec![]));
    // Other traffic does not matter.
    let mut capture = Capture::with_upload();
    capture.ask("GET / HTTP/1.1\r\nHost: news.example\r\n\r\n");
    capture.answer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx");
    capture.wire.lose(HTTP, SERVER, 5);
    capture.answer("yyy");
    capture.check(&[]);
}

#[test]
fn where_nothing_can_be_seen() {
    let done_elsewhere = |seen: bool| {
        let mut capture = Capture::with_upload();
        if seen {
            capture.create("abc", "http://store.example/p/d/abc.log?sign=secret");
            let request = put("/p/d/abc.log?sign=secret", RIGHT, "hello");
            capture.ask(&request);
            capture.answer(OK);
        }
        capture.report("upload", "done");
        capture
    };
    done_elsewhere(false).check(&[]);
    done_elsewhere(true).check(&["done-without-bytes"]);
    assert_eq!(errors(&done_elsewhere(true).lint(&["--partial"])), []);
    // TLS.
    let mut capture = Capture::with_upload_to("https://store.example/x?sign=secret");
    for (port, host) in [(HTTP, "store.example"), (HTTP + 1, "other.example")] {
        capture.wire.open(port, 443);
        capture.wire.send(port, CLIENT, &client_hello(host));
    }
    capture.report("upload", "done");
    let shown = capture.check(&[]);
    let note = "note: transfers to store.example use TLS, so they cannot be judged\n";
    assert!(shown.contains(note), "{shown}");
}

fn client_hello(host: &str) -> Vec<u8> {
    let short = |bytes: &[u8]| [&(bytes.len() as u16).to_be_bytes()[..], bytes].concat();
    let name = [&[0][..], &short(host.as_bytes())].concat();
    let extension = [&[0, 0][..], &short(&short(&name))].concat();
    let body = [&[3; 34][..], &[0], &[0, 2, 0x13, 1], &[1, 0], &short(&extension)].concat();
    let message = [&[1, 0][..], &short(&body)].concat();
    [&[0x16, 3, 1][..], &short(&message)].concat()
}

#[test]
fn the_diagram_shows_what_was_seen() {
    let mut capture = Capture::with_upload();
    capture.create("abc", "http://store.example/p/d/abc.log?sign=secret");
    let at = capture.wire.count() + 3;
    capture.ask(&put(TARGET, RIGHT, "HELLO"));
    capture.answer(OK);
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let report = folder.path().join("result.json");
    capture.lint(&["--report-json", report.to_str().expect("the path is UTF-8")]);
    let result = stored(&report);
    let events = result["sessions"][0]["events"].as_array().expect("there are some").clone();
    let label = |event: &serde_json::Value| event["label"].as_str().unwrap_or_default().to_owned();
    let is_transfer =
        |event: &&serde_json::Value| event["from"] == "store" || event["to"] == "store";
    let transfers: Vec<_> = events.iter().filter(is_transfer).collect();
    let labels: Vec<_> = transfers.iter().map(|event| label(event)).collect();
    // The other request was not seen, so it is a guess.
    assert_eq!(labels, ["PUT \"abc\"", "PUT \"zxc\"", "200"]);
    assert_eq!(transfers[0]["inferred"], true);
    assert_eq!(transfers[1]["at"], at);
    assert_eq!(transfers[1]["codes"], serde_json::json!(["body-md5"]));
    assert!(transfers[1].get("inferred").is_none());
}

#[test]
fn other_traffic_of_the_host() {
    let mut capture = Capture::with_upload();
    for request in ["GET /index.html", "POST /x", "GET /p/d/zxc.log"] {
        capture.ask(&format!("{request} HTTP/1.1\r\nHost: store.example\r\n\r\n"));
        capture.answer(OK);
    }
    capture.check(&[]);
    let run = capture.lint(&[]);
    assert!(found(&run).iter().all(|(_, level, _)| level == "warning"));
}

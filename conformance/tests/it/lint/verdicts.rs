//! Findings in valid and invalid captures.

use super::{assert_codes, capture, codes, errors, found, line, lint, lint_bytes, on};

const MD5: &str = "d41d8cd98f00b204e9800998ecf8427e";

#[test]
fn real_traffic_has_no_error() {
    for (name, warnings) in [
        ("real-service-upload.jsonl", &[][..]),
        ("c-sdk-upload.jsonl", &[(2, "plain-http")]),
        ("c-sdk-download.jsonl", &[(2, "plain-http")]),
        ("python-sdk-upload.jsonl", &[(2, "plain-http"), (2, "url-for-devices")]),
    ] {
        let run = lint(&[name]);
        assert_eq!((run.status, &*run.stderr), (Some(0), ""), "{name}");
        assert_codes(&errors(&run), &[]);
        assert_codes(&codes(&run), warnings);
        let strict = if warnings.is_empty() { 0 } else { 1 };
        assert_eq!(lint(&[name, "--strict"]).status, Some(strict), "{name}");
    }
}

/// The pages do not show the final reports. Their answers are not faults (SES-12).
#[test]
fn real_traffic_is_not_what_the_pages_show() {
    for (name, line) in [
        ("real-service-upload.jsonl", 53),
        ("c-sdk-upload.jsonl", 7),
        ("c-sdk-download.jsonl", 7),
        ("python-sdk-upload.jsonl", 5),
    ] {
        let run = lint(&[name, "--profile", "documented"]);
        assert_eq!(run.status, Some(1), "{name}");
        assert_codes(&errors(&run), &[(line, "invalid-state")]);
    }
}

#[test]
fn looks_like_this() {
    let run = lint(&["bad.jsonl"]);
    assert_eq!((run.status, &*run.stderr), (Some(1), ""));
    insta::assert_snapshot!("bad", run.stdout);
    insta::assert_snapshot!("good", lint(&["real-service-upload.jsonl"]).stdout);
}

#[test]
fn colours_only_where_they_are_wanted() {
    let forced = |arguments: &[&str]| {
        let mut command = crate::command::binary();
        command.current_dir(capture("")).arg("lint").args(arguments).env("CLICOLOR_FORCE", "1");
        crate::command::start(&mut command).end().stdout
    };
    let coloured = forced(&["bad.jsonl"]);
    assert!(coloured.contains("\u{1b}[31mdevice error: no-such-task\u{1b}["), "{coloured}");
    assert!(coloured.contains("\u{1b}[33mplatform warning: repeated\u{1b}["), "{coloured}");
    assert!(!lint(&["bad.jsonl"]).stdout.contains('\u{1b}'));
}

#[test]
fn no_signature_is_shown() {
    let path = tempfile::NamedTempFile::new().expect("there is room").into_temp_path();
    let report = path.to_str().expect("the path is UTF-8");
    let run = lint(&["bad.jsonl", "--report-json", report]);
    let written = std::fs::read_to_string(&path).expect("it was written");
    for shown in [&run.stdout, &run.stderr, &written] {
        for secret in ["sign", "0123456789abcdef", "?q", "/zxc", "xxxx", ":8080"] {
            assert!(!shown.contains(secret), "{secret}: {shown}");
        }
    }
    assert!(run.stdout.contains("https://store.example/…"));
}

/// Every secret is the text `SECRET`, wherever the line is cut.
#[test]
fn no_secret_is_shown_of_what_is_no_message() {
    let url = "https://user:SECRET@store.example/SECRET?q=SECRET#SECRET";
    let payloads = [
        format!(r#"{{"type":"download","url":"{url}"#),
        format!(r#"{{"type":"download","url":"{}""#, url.replace('/', "\\/")),
        format!(r#"{{"type":"download","u"rl":"{url}"}}"#),
        format!(r#"{{"type":"download",{url}"#),
        r#"{"type":"download","\u0075\u0072l":"\u0068\u0074tp\u003a\u002f/SECRET"#.to_owned(),
        url.to_owned(),
        format!(r#""{url}""#),
        format!(r#"["{url}"]"#),
        format!(r#"{{"{url}":1}}"#),
        format!(r#"{{"type":"{url}"}}"#),
        format!(r#"{{"type":"download","size":1,"name":"{url}","md5sum":"{MD5}","url":"{url}"}}"#),
        format!(r#"{{"type":"download","size":1,"name":"a","md5sum":"{url}","url":"{url} "}}"#),
        format!(r#"{{"type":"download","size":1,"name":"a","md5sum":"{MD5}","url":["{url}"]}}"#),
        "/SECRET?q=SECRET\"}".to_owned(),
        format!("{}\u{7f}", url.to_uppercase()),
    ];
    for payload in &payloads {
        let escaped = serde_json::to_string(payload).expect("it is a string");
        let mut lines = line("down", payload);
        lines.push_str(&format!("$resource/down/service/P/d {}\n", payload.replace('\n', "")));
        // Lines that end in the payload, or before it.
        lines.push_str(&format!(
            "{{\"topic\":\"$resource/down/service/P/d\",\"payload\":{escaped}\n"
        ));
        lines.push_str(&format!("{}\n", payload.replace(' ', "")));
        lines.push_str(&format!("$resource/down/service/P/d {}f\n", "53454352455".repeat(2)));
        let run = lint_bytes(lines.as_bytes(), &[]);
        assert_eq!(run.status, Some(1), "{payload}");
        for shown in [&run.stdout, &run.stderr] {
            assert!(!shown.contains("SECRET"), "{payload}: {shown}");
        }
    }
}

#[test]
fn devices_do_not_influence_each_other() {
    let create = format!(r#"{{"type":"create_upload_task","size":0,"name":"a","md5sum":"{MD5}"}}"#);
    let issued = format!(
        r#"{{"type":"create_upload_task_rsp","size":0,"name":"a","md5sum":"{MD5}","url":"https://h/"}}"#
    );
    let capture = [
        on("$resource/up/service/P/d", &create),
        on("$resource/up/service/Q/d", &create),
        on("$resource/down/service/P/d2", &issued),
        on("$resource/down/service/Q/d", &issued),
        on("$resource/down/service/P/d", &issued),
        on("$resource/down/service/p/d", &issued),
    ]
    .concat();
    let run = lint_bytes(capture.as_bytes(), &[]);
    assert_codes(&errors(&run), &[(3, "unsolicited-response"), (6, "unsolicited-response")]);
}

#[test]
fn what_was_not_recorded_explains_a_misplaced_message() {
    let task = |word: &str, size: u32| {
        format!(
            r#"{{"type":"{word}","size":{size},"name":"a","md5sum":"{MD5}","url":"https://h/"}}"#
        )
    };
    let create = |size: u32| {
        format!(r#"{{"type":"create_upload_task","size":{size},"name":"a","md5sum":"{MD5}"}}"#)
    };
    let report = |word: &str, state: &str| {
        format!(
            r#"{{"type":"report_{word}_progress","name":"a","progress":{{"state":"{state}","percent":9,"result_code":0,"result_msg":""}}}}"#
        )
    };
    let ok = r#"{"type":"report_upload_progress_rsp","result_code":0,"result_msg":"ok"}"#;
    let capture = [
        line("down", ok),                                 // 1
        line("up", &report("upload", "uploading")),       // 2
        line("down", ok),                                 // 3
        line("up", &report("download", "downloading")),   // 4
        line("up", &create(1)),                           // 5
        line("up", &report("upload", "uploading")),       // 6
        line("down", ok),                                 // 7
        line("down", &task("create_upload_task_rsp", 2)), // 8
        line("down", &task("create_upload_task_rsp", 1)), // 9
        line("up", &report("upload", "done")),            // 10
        line("down", ok),                                 // 11
        line("up", &report("upload", "fail")),            // 12
        line("down", ok),                                 // 13
        line("down", &task("get_download_task_rsp", 1)),  // 14
        line("up", "{}"),                                 // 15
    ]
    .concat();
    let misplaced = [
        (1, "unsolicited-response"),
        (2, "no-such-task"),
        (4, "no-such-task"),
        (6, "progress-before-url"),
        (8, "echo-mismatch"),
        (12, "after-end"),
        (14, "unsolicited-response"),
        (15, "missing-type"),
    ];
    let whole = lint_bytes(capture.as_bytes(), &[]);
    assert_codes(&errors(&whole), &misplaced);
    let partial = lint_bytes(capture.as_bytes(), &["--partial"]);
    assert_codes(&errors(&partial), &[(15, "missing-type")]);
    assert_eq!(codes(&partial), codes(&whole));
    assert_eq!(partial.status, Some(1));
    let without_the_last: String =
        capture.lines().take(14).map(|line| format!("{line}\n")).collect();
    assert_eq!(lint_bytes(without_the_last.as_bytes(), &["--partial"]).status, Some(0));
    assert_eq!(lint_bytes(without_the_last.as_bytes(), &["--partial", "--strict"]).status, Some(1));
}

#[test]
fn what_deployed_devices_need() {
    let task = |size: u64, url: &str| {
        format!(r#"{{"type":"download","size":{size},"name":"a","md5sum":"{MD5}","url":"{url}"}}"#)
    };
    let response = |code: i32, message: &str| {
        format!(
            r#"{{"type":"report_upload_progress_rsp","result_code":{code},"result_msg":"{message}"}}"#
        )
    };
    let fit = task(1, "https://h/");
    let padded = |length: usize| fit.replace('}', &format!("{}}}", " ".repeat(length - fit.len())));
    let url = |length: usize| task(1, &format!("https://h/{}", "x".repeat(length - 10)));
    for (payload, requirement, code) in [
        (padded(2047), "", ""),
        (padded(2048), "ADV-1", "too-long-for-devices"),
        (format!(" {fit}"), "ADV-2", "leading-space"),
        (format!("{fit}\n"), "", ""),
        (fit.replace("//", "\\/\\/"), "ADV-3", "escaped"),
        (fit.replace("\"a\"", r#""\u00e9""#), "ADV-3", "escaped"),
        (fit.replace("\"a\"", r#""\"u\"""#), "", ""),
        (task(0, "https://h/"), "ADV-4", "zero-size"),
        (url(820), "", ""),
        (url(821), "ADV-5", "url-for-devices"),
        (task(1, "https://h:443/"), "ADV-5", "url-for-devices"),
        (task(1, "https://h:/"), "", ""),
        (response(0, "ok"), "", ""),
        (response(0, "OK"), "ADV-6", "odd-response"),
        (response(-1, "ok"), "ADV-6", "odd-response"),
        (response(-2, "file_not_exist"), "", ""),
    ] {
        // A report about an unknown task is an error, but the platform must still answer it, so the
        // answer gives no advice.
        let report = r#"{"type":"report_upload_progress","name":"a","progress":{"state":"fail","result_code":1,"result_msg":""}}"#;
        let capture = [line("up", report), line("down", &payload)].concat();
        let advice = |arguments: &[&str]| {
            let run = lint_bytes(capture.as_bytes(), arguments);
            let about = |(line, level, code): (usize, String, String)| {
                (line == 2 && level == "warning").then_some(code)
            };
            let codes: Vec<String> = found(&run).into_iter().filter_map(about).collect();
            (codes.join(" "), run.stdout)
        };
        let (codes, shown) = advice(&[]);
        assert_eq!(codes, code, "{payload}");
        assert!(shown.contains(requirement));
        // Other advice does not exist in the documented profile.
        assert_eq!(advice(&["--profile", "documented"]).0, "", "{payload}");
    }
}

#[test]
fn dup_is_settled_before_anything_else() {
    let report = r#"{"type":"report_upload_progress","name":"a","progress":{"state":"done","result_code":0,"result_msg":""}}"#;
    let again =
        |dup: &str| line("up", report).replace("\"topic\"", &format!("\"dup\":{dup},\"topic\""));
    let advised = [(2, "repeated")];
    for (dup, expected) in [("true", &[][..]), ("1", &[]), ("false", &advised), ("0", &advised)] {
        let run = lint_bytes([again("false"), again(dup)].concat().as_bytes(), &[]);
        assert_codes(&errors(&run), &[(1, "no-such-task")]);
        let warnings: Vec<(usize, String)> = found(&run)
            .into_iter()
            .filter_map(|(line, level, code)| {
                (level == "warning" && code != "unanswered").then_some((line, code))
            })
            .collect();
        assert_codes(&warnings, expected);
    }
}

/// One fault makes one error, regardless of the reactions of the other side (SES-12).
#[test]
fn a_fault_is_taken_for_what_was_meant() {
    let task = |word: &str, size: u32| {
        format!(
            r#"{{"type":"{word}","size":{size},"name":"a","md5sum":"{MD5}","url":"https://h/"}}"#
        )
    };
    let create = |size: &str| {
        format!(r#"{{"type":"create_upload_task","size":{size},"name":"a","md5sum":"{MD5}"}}"#)
    };
    let report = |percent: u32| {
        format!(
            r#"{{"type":"report_upload_progress","name":"a","progress":{{"state":"uploading","percent":{percent},"result_code":0,"result_msg":""}}}}"#
        )
    };
    let ok =
        line("down", r#"{"type":"report_upload_progress_rsp","result_code":0,"result_msg":"ok"}"#);
    let issued = line("down", &task("create_upload_task_rsp", 1));
    for (lines, expected) in [
        // A create whose answer is correct, and reports about it.
        (
            vec![line("up", &create("\"1\"")), issued.clone(), line("up", &report(1)), ok.clone()],
            (1, "wrong-type"),
        ),
        // An answer that the device can still read.
        (
            vec![
                line("up", &create("1")),
                line("down", &format!("{},", task("create_upload_task_rsp", 1))),
                line("up", &report(1)),
                ok.clone(),
            ],
            (2, "invalid-json"),
        ),
        // A report, and a report that is too long.
        (
            vec![line("up", &create("1")), issued.clone(), line("up", &report(101)), ok.clone()],
            (3, "out-of-range"),
        ),
        (
            vec![
                line("up", &create("1")),
                issued,
                line("up", &format!("{}{}", report(1), " ".repeat(16_384))),
                ok.clone(),
            ],
            (3, "payload-too-large"),
        ),
        // Nothing is readable, and the payload explains one of two answers.
        (vec![line("up", "\u{1}"), ok.clone()], (1, "invalid-json")),
        (vec![line("down", "{}"), line("up", &report(1)), ok], (1, "missing-type")),
    ] {
        let run = lint_bytes(lines.concat().as_bytes(), &[]);
        assert_codes(&errors(&run), &[expected]);
    }
}

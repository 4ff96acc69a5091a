//! `check`: one payload, its faults and their places.

use std::{
    collections::BTreeSet, fmt::Write as _, fs, io::Write as _, path::Path, process::Stdio,
    time::Duration,
};

use iothub_conformance::{
    Fixtures, Level, Profile, Request, Verdict,
    lint::check::{Checked, View, show},
};
use iothub_resource::Message;
use serde_json::Value;
use tempfile::TempDir;

use crate::command::{Run, binary, run, start_with};

fn check(arguments: &[&str]) -> Run {
    run(["check"].iter().chain(arguments))
}

/// Runs the command with these bytes on standard input.
fn piped(arguments: &[&str], input: &[u8]) -> Run {
    let mut going = start_with(binary().arg("check").args(arguments), Stdio::piped());
    let mut stdin = going.process.stdin.take().expect("it is piped");
    stdin.write_all(input).expect("it is read");
    drop(stdin);
    going.end()
}

fn pages(name: &str) -> String {
    format!("{}/../fixtures/decode/pages/{name}.payload", env!("CARGO_MANIFEST_DIR"))
}

/// A rejected fixture has one defect: `check` finds this defect and no other. In an accepted
/// fixture, it finds none.
#[test]
fn each_fixture_has_the_faults_of_its_verdict() {
    let mut flaws = String::new();
    let mut count = 0;
    for case in Fixtures::embedded().cases {
        let Request::Decode { profile, direction, payload } = &case.request else { continue };
        let checked = Checked::on(*direction, payload);
        let mut found: BTreeSet<_> =
            checked.of(*profile, Level::Must).map(|fault| fault.code).collect();
        let expected: BTreeSet<&str> = match &case.verdict {
            Verdict::Reject { code, .. } => [&**code].into(),
            Verdict::Accept(_) => BTreeSet::new(),
        };
        // The example of the page has an additional comma, and its digest is masked.
        if case.id.starts_with("decode/pages/") && expected.contains("invalid-json") {
            found.remove("invalid-md5sum");
        }
        // A repeated key may also be unknown to the message. `{,}` also has no type.
        for (first, second) in [
            ("duplicate-key", "unknown-field"),
            ("invalid-json", "unknown-field"),
            ("invalid-json", "missing-type"),
        ] {
            if expected.contains(first) && found.contains(first) {
                found.remove(second);
            }
        }
        count += 1;
        if found != expected {
            writeln!(flaws, "{}: {found:?}, not {expected:?}", case.id).expect("a string");
        }
    }
    assert!(count > 3000, "{count}");
    assert!(flaws.is_empty(), "{} flaws:\n{flaws}", flaws.lines().count());
}

/// `check` agrees with the decoder on any input, and shows the fault.
#[test]
fn mutated_payloads_are_judged_as_the_decoder_does() {
    const PIECES: [&[u8]; 12] =
        [b"\"", b"{", b"}", b",", b":", b"\\", b"\\u", b"\xFF", b"\n", b"'", b"//", b"null"];
    // A linear congruential generator gives the same inputs each time.
    let mut state = 7_u64;
    let mut below = |bound: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap_or_default() % bound.max(1)
    };
    for case in Fixtures::embedded().cases {
        let Request::Decode { direction, payload, .. } = &case.request else { continue };
        if payload.len() > 2000 {
            continue;
        }
        let mut bytes = payload.clone();
        for _ in 0..=below(3) {
            let at = below(bytes.len() + 1);
            match below(4) {
                0 => bytes.truncate(at),
                1 if at < bytes.len() => drop(bytes.remove(at)),
                2 if at < bytes.len() => bytes[at] = bytes[at].wrapping_add(1),
                _ => drop(bytes.splice(at..at, PIECES[below(PIECES.len())].iter().copied())),
            }
        }
        let checked = Checked::on(*direction, &bytes);
        for profile in Profile::ALL {
            let decoded = Message::decode(profile, *direction, &bytes);
            assert_eq!(checked.is_valid(profile), decoded.is_ok(), "{checked}");
            let mut view = View::new("payload", profile);
            view.width = 20 + below(60);
            let mut shown = String::new();
            show(&checked, &view, &mut shown).expect("a string");
            assert!(checked.is_valid(profile) || shown.contains('^'), "{shown}");
        }
        for fault in &checked.faults {
            assert!(fault.range.start <= fault.range.end && fault.range.end <= bytes.len());
        }
    }
}

/// The first caret is below the first faulty byte.
#[test]
fn carets_stand_at_the_right_byte() {
    let mut pages = String::new();
    let mut others = String::new();
    let mut requirements = BTreeSet::new();
    let cases = Fixtures::embedded().cases;
    let payloads = cases.iter().filter_map(|case| match (&case.request, &case.verdict) {
        (Request::Decode { profile, direction, payload }, Verdict::Reject { .. }) => {
            Some((case, *profile, *direction, payload))
        }
        _ => None,
    });
    for (index, (case, profile, direction, payload)) in payloads.enumerate() {
        let is_page = case.id.starts_with("decode/pages/");
        // Tests each kind of fault, with a sample of the many fixtures of each kind.
        let is_new = requirements.insert(case.id.split('/').take(3).collect::<Vec<_>>().join("/"));
        if !is_page && (!is_new || payload.len() > 300 || index % 7 > 0) {
            continue;
        }
        let mut view = View::new("payload", profile);
        view.width = 80;
        let mut shown = String::new();
        show(&Checked::on(direction, payload), &view, &mut shown).expect("a string");
        let text = if is_page { &mut pages } else { &mut others };
        writeln!(text, "## {}\n{shown}", case.id).expect("a string");
    }
    let count = others.matches("\n## ").count() + 1;
    assert!(count >= 200, "{count}");
    insta::assert_snapshot!("pages", pages);
    insta::assert_snapshot!("others", others);
}

#[test]
fn the_published_example() {
    let run = check(&[&pages("en-create-upload-task")]);
    assert_eq!((run.status, &*run.stderr), (Some(1), ""));
    let stdout = run.stdout.replace(&pages("en-create-upload-task"), "example.json");
    insta::assert_snapshot!("published_example", stdout);
}

#[test]
fn a_valid_payload_is_one_line_and_its_values() {
    let run =
        check(&[r#"{"type":"report_upload_progress_rsp","result_code":0,"result_msg":"ok"}"#]);
    assert_eq!(run.status, Some(0));
    assert_eq!(
        run.stdout,
        "payload: valid in both profiles\n  report_upload_progress_rsp (MSG-4, platform to device): \
         result_code 0,\n  result_msg \"ok\"\n"
    );
}

#[test]
fn the_profile_decides() {
    let push = r#"{"type":"download","size":1,"name":"a","md5sum":"0cc175b9c0f1b6a831c399e269772661","url":"https://h/a"}"#;
    assert_eq!(check(&[push]).status, Some(0));
    let run = check(&["--profile", "documented", push]);
    assert_eq!(run.status, Some(1));
    assert!(run.stdout.contains("error[unknown-type]"), "{}", run.stdout);
}

#[test]
fn all_faults_are_told() {
    for (payload, codes) in [
        (
            r#"{"type":"create_upload_task","size":-1,"name":"","md5sum":"x"}"#,
            &["out-of-range", "invalid-name", "invalid-md5sum"][..],
        ),
        (
            "{'type': 'create_upload_task', 'size': 01, 'name': None}",
            &["invalid-json", "invalid-json", "invalid-json", "missing-field"],
        ),
        ("\u{feff}{\"type\":\"get_download_task\",}", &["invalid-json", "invalid-json"]),
        ("{\"type\":\"get_download_task\"}\0", &["invalid-json"]),
        ("{type:\"get_download_task\"}", &["invalid-json"]),
        ("{\"type\" \"get_download_task\"}", &["invalid-json"]),
        ("{\u{201c}type\u{201d}: \u{201c}get_download_task\u{201d}}", &["invalid-json"]),
        ("{\"type\":\"get_download_task\" // the type\n}", &["invalid-json"]),
        (
            "{\"type\":\"create_upload_task\",\"size\":1.5,\"name\":\"a",
            &["wrong-type", "invalid-json"],
        ),
        ("{\"type\":\"create_upload_task\",\"size\":5", &["invalid-json"]),
        (
            "{\"size\":5,\"name\":\"\",\"md5sum\":\"\"}",
            &["invalid-name", "invalid-md5sum", "missing-type"],
        ),
        ("[]", &["not-an-object"]),
        ("hello", &["invalid-json"]),
    ] {
        let checked = Checked::payload(payload.as_bytes());
        let found: Vec<_> =
            checked.of(Profile::Deployed, Level::Must).map(|fault| fault.code).collect();
        assert_eq!(found, codes, "{payload}\n{checked}");
    }
}

#[test]
fn no_signature_is_shown() {
    let secret = "SIGNATURE";
    for payload in [
        r#"{"type":"create_upload_task_rsp","size":1,"name":"a","md5sum":"x","url":"https://h/a?sign=SIGNATURE"}"#,
        r#"{"type":"create_upload_task_rsp","size":1,"name":"a","md5sum":"x","url":"https://h/a?sign=SIGNATURE",}"#,
        r#"{"type":"create_upload_task_rsp","url":"https://h/a?sign=SIGNATURE"#,
        r#"{"type":"create_upload_task_rsp","url":"ftp://h/a?sign=SIGNATURE"}"#,
        r#"{"type":"create_upload_task_rsp","url":https://h/a?sign=SIGNATURE}"#,
        r#"{'type':'create_upload_task_rsp','url':'https://h/a?sign=SIGNATURE'}"#,
        r#"{"type":"create_upload_task_rsp" "url":"https://h/a?sign=SIGNATURE"}"#,
        r#"{"type":"create_upload_task_rsp","URL":"https://h/a?sign=SIGNATURE"}"#,
    ] {
        for format in ["text", "json", "sarif", "github"] {
            let run = check(&["--format", format, payload]);
            assert_eq!(run.status, Some(1), "{payload}");
            assert!(!run.stdout.contains(secret), "{format} {payload}\n{}", run.stdout);
        }
    }
}

#[test]
fn forms_are_recognised_and_said() {
    let payload = r#"{"type":"get_download_task"}"#;
    let hex: String = payload.bytes().map(|byte| format!("{byte:02x}")).collect();
    for (text, form) in [
        (hex, "note: read as hexadecimal digits: 28 bytes"),
        ("eyJ0eXBlIjoiZ2V0X2Rvd25sb2FkX3Rhc2sifQ==".to_owned(), "note: read as Base64: 28 bytes"),
        (format!("b'{payload}'"), "note: read as bytes as Python prints them: 28 bytes"),
        (r"{\x22type\x22:\x22get_download_task\x22}".to_owned(), "note: read as text with escapes"),
    ] {
        for run in [check(&[&text]), check(&["-"].map(|_| &*text)), piped(&[], text.as_bytes())] {
            assert_eq!(run.status, Some(0), "{text}: {run:?}");
            assert!(run.stdout.starts_with(form), "{}", run.stdout);
        }
    }
}

#[test]
fn several_payloads() {
    let good = "{\"type\":\"get_download_task\"}\n";
    let pretty = "{\n  \"type\": \"get_download_tusk\"\n}\n";
    let run = piped(&["-"], format!("{good}\n{pretty}{good}").as_bytes());
    assert_eq!(run.status, Some(1));
    assert!(run.stdout.contains("standard input, line 3:4:11\n"), "{}", run.stdout);
    assert!(
        run.stdout.ends_with("\n3 payloads: 2 valid, 1 invalid in deployed\n"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_topic_is_judged_too() {
    let payload = r#"{"type":"get_download_task"}"#;
    let on = |topic: &str| check(&["--topic", topic, payload]);
    assert_eq!(on("$resource/up/service/P/d").status, Some(0));
    let down = on("$resource/down/service/P/d");
    assert_eq!(down.status, Some(1));
    assert!(down.stdout.contains("error[wrong-direction]"), "{}", down.stdout);
    let bad = on("$resource/up/service/TOO-LONG-AN-ID/d");
    assert_eq!(bad.status, Some(1));
    assert!(bad.stdout.starts_with("error[invalid-topic]"), "{}", bad.stdout);
    assert!(
        bad.stdout
            .contains("$resource/up/service/TOO-LONG-AN-ID/d\n  |                      ^^^^^"),
        "{}",
        bad.stdout
    );
}

#[test]
fn nothing_to_judge_is_wrong_usage() {
    for (run, words) in [
        (check(&["no-such-file"]), "neither a payload nor a file that exists"),
        (check(&[""]), "neither a payload nor a file"),
        (piped(&[], b"\n"), "standard input is empty"),
        (check(&["."]), "is a directory"),
        (check(&["--file", "x", "{}"]), "--content-md5"),
        (check(&["--content-md5", "x", "--md5sum", "5"]), "32 hexadecimal digits"),
    ] {
        assert_eq!((run.status, &*run.stdout), (Some(2), ""), "{run:?}");
        assert!(run.stderr.contains(words), "{words}: {}", run.stderr);
    }
}

#[test]
fn a_header_is_right_or_which_mistake_it_is() {
    let folder = TempDir::new().expect("there is room");
    let file = folder.path().join("hello");
    fs::write(&file, "hello").expect("there is room");
    let file = file.to_str().expect("the path is UTF-8");
    let header = |value: &str| check(&["--content-md5", value, "--file", file]);
    let right = header("XUFAKrxLKna5cZ2REBfFkg==");
    assert_eq!(right.status, Some(0), "{right:?}");
    for (value, what) in [
        ("5d41402abc4b2a76b9719d911017c592", "the 32 hexadecimal digits"),
        ("NWQ0MTQwMmFiYzRiMmE3NmI5NzE5ZDkxMTAxN2M1OTI=", "the Base64 of the 32 hexadecimal digits"),
        ("XUFAKrxLKna5cZ2REBfFkg", "padding"),
        ("1B2M2Y8AsgTpgAmY7PhCfg==", "of different bytes"),
    ] {
        let run = header(value);
        assert_eq!(run.status, Some(1));
        assert!(run.stdout.contains(what), "{}", run.stdout);
        assert!(run.stdout.contains("expected: XUFAKrxLKna5cZ2REBfFkg=="), "{}", run.stdout);
    }
    let by_digest = [
        "--content-md5",
        "XUFAKrxLKna5cZ2REBfFkg==",
        "--md5sum",
        "5d41402abc4b2a76b9719d911017c592",
    ];
    assert_eq!(check(&by_digest).status, Some(0));
    assert_eq!(check(&["--content-md5", "XUFAKrxLKna5cZ2REBfFkg=="]).status, Some(0));
}

#[test]
fn json_has_all_that_is_shown() {
    let run = check(&["--format", "json", r#"{"type":"create_upload_task","size":-1}"#]);
    assert_eq!(run.status, Some(1));
    let result: Value = serde_json::from_str(&run.stdout).expect("it is JSON");
    let faults = result["payloads"][0]["faults"].as_array().expect("there are faults");
    let codes: Vec<_> = faults.iter().map(|fault| fault["code"].as_str()).collect();
    assert_eq!(codes, [Some("out-of-range"), Some("missing-field"), Some("missing-field")]);
    assert_eq!((&faults[0]["offset"], &faults[0]["length"]), (&36.into(), &2.into()));
    assert_eq!(result["payloads"][0]["valid"]["deployed"], false);
}

#[test]
fn github_annotations() {
    let folder = TempDir::new().expect("there is room");
    let file = folder.path().join("a,b.json");
    fs::write(&file, "{\n\"type\":\"get_download_task\",\n}").expect("there is room");
    let name = file.to_str().expect("the path is UTF-8");
    let run = check(&["--format", "github", name]);
    let path = name.replace(',', "%2C");
    assert_eq!(
        run.stdout,
        format!(
            "::error file={path},line=2,col=27,endColumn=27,title=invalid-json ENC-3::the payload \
             cannot be read as JSON: a comma follows the last member; expected: no comma after \
             the last member\n"
        )
    );
}

/// Returns SARIF about a broken page, a broken payload, a valid payload, and a capture.
fn sarif_logs() -> Vec<Value> {
    let capture = format!("{}/tests/captures/bad.jsonl", env!("CARGO_MANIFEST_DIR"));
    let page = pages("en-create-upload-task");
    let commands = [
        &["check", "--format", "sarif", &*page][..],
        &["check", "--format", "sarif", "{}"],
        &["check", "--format", "sarif", r#"{"type":"get_download_task"}"#],
        &["lint", "--format", "sarif", &*capture],
    ];
    let log = |arguments: &&[&str]| serde_json::from_str(&run(*arguments).stdout);
    commands.iter().map(log).collect::<Result<_, _>>().expect("it is JSON")
}

#[test]
fn sarif_keeps_to_its_schema() {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/sarif/schema.json");
    let Ok(schema) = fs::read_to_string(schema) else {
        eprintln!("skipped: needs target/sarif/schema.json, which .ci/run fetches");
        return;
    };
    // The pattern of languages in the schema has a bracket that most engines do not accept.
    let schema = schema.replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}$");
    let schema = serde_json::from_str(&schema).expect("the schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema is one");
    for log in sarif_logs() {
        let errors: Vec<_> = validator.iter_errors(&log).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?}\n{log}");
    }
    assert!(!validator.is_valid(&serde_json::json!({ "version": "2.1.0", "runs": [{}] })));
}

/// Code scanning has more requirements than the schema.
#[test]
fn sarif_is_what_code_scanning_reads() {
    for log in sarif_logs() {
        let keys = |value: &Value| -> BTreeSet<String> {
            value.as_object().expect("an object").keys().cloned().collect()
        };
        let has = |value: &Value, wanted: &[&str], allowed: &[&str]| {
            let own = keys(value);
            assert!(wanted.iter().all(|key| own.contains(*key)), "{wanted:?} {value}");
            let known = |key: &String| wanted.contains(&&**key) || allowed.contains(&&**key);
            assert!(own.iter().all(known), "{value}");
        };
        has(&log, &["$schema", "version", "runs"], &[]);
        assert_eq!(log["version"], "2.1.0");
        let [run] = log["runs"].as_array().expect("runs").as_slice() else { panic!("{log}") };
        has(run, &["tool", "results", "columnKind"], &[]);
        has(&run["tool"]["driver"], &["name", "rules"], &["semanticVersion"]);
        let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
        for rule in rules {
            has(rule, &["id", "shortDescription", "fullDescription", "help"], &[]);
        }
        for result in run["results"].as_array().expect("results") {
            let allowed = ["locations", "properties"];
            has(result, &["ruleId", "ruleIndex", "level", "message"], &allowed);
            let index = usize::try_from(result["ruleIndex"].as_u64().expect("an index"));
            assert_eq!(rules[index.expect("a small one")]["id"], result["ruleId"]);
            assert!(matches!(result["level"].as_str(), Some("error" | "warning")), "{result}");
            let region = &result["locations"][0]["physicalLocation"]["region"];
            for key in ["startLine", "startColumn", "endColumn"] {
                assert!(region[key].is_null() || region[key].as_u64() >= Some(1), "{result}");
            }
        }
    }
}

/// A person waits for the answer, so it must be fast.
#[test]
fn an_answer_costs_little() {
    let file = pages("en-create-upload-task");
    let least = (0..5).map(|_| check(&[&file]).cpu).min().expect("there are five");
    // A release build needs a tenth of this time.
    assert!(least < Duration::from_millis(500), "{least:?}");
    assert!(Path::new(&file).exists());
}

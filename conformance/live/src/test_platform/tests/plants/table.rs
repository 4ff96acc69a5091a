//! The planted fault for each scenario, and the expected findings.

use iothub_resource::{Message, Profile};

use super::{
    NO, NO_DOWNLOAD, OK, Plant, Planting, answers, answers_elsewhere, broker, dies_of, early,
    forgets, forgets_at_disconnect, is_create, is_malformed, is_report, knows_already, misses,
    misses_some, name_of, plant, reads_topics_laxly, renames, repeats, replaced, says, shouts,
    sloppy_store, takes_everything, text_of, writes,
};
use crate::{
    http::ResponseFaults,
    mqtt::Qos,
    test_platform::{all, tests::stage::Hearing},
};

pub(super) fn table() -> Vec<Plant> {
    let rows = [
        uploads(),
        names(),
        spellings(),
        creates(),
        bad_uploads(),
        reports(),
        downloads(),
        download_reports(),
        topics(),
        broker::brokers(),
        writing(),
    ];
    let mut rows: Vec<_> = rows.into_iter().flatten().collect();
    for profile in Profile::ALL {
        // A payload that both profiles reject is tested once.
        let malformed = all(profile).into_iter().filter(|scenario| {
            let is_tried = all(Profile::Deployed).iter().any(|other| other.id == scenario.id);
            scenario.id.starts_with("malformed/") && (profile == Profile::Deployed || !is_tried)
        });
        for scenario in malformed {
            let answered: Planting = Box::new(move |stage| {
                stage.ear = Box::new(move |message| {
                    if is_malformed(profile, message) {
                        Hearing::Says(OK.as_bytes().to_vec())
                    } else {
                        Hearing::Hears
                    }
                });
            });
            let dies = dies_of(move |message| is_malformed(profile, message));
            for (found, plant) in [
                (&["unsolicited-response SES-6"], answered),
                (&["unanswered MSG-2"], dies),
                (&["report-refused VAL-7"], forgets(profile)),
            ] {
                rows.push(Plant { profile, scenario: scenario.id.clone().into(), found, plant });
            }
        }
    }
    rows.extend(documented());
    rows
}

fn row(scenario: &'static str, found: &'static [&'static str], plant: Planting) -> Plant {
    Plant { profile: Profile::Deployed, scenario: scenario.into(), found, plant }
}

/// Returns the text with the first occurrence of `from` replaced with `to`.
fn first(text: &str, from: &str, to: &str) -> Vec<String> {
    vec![text.replacen(from, to, 1)]
}

fn uploads() -> Vec<Plant> {
    vec![
        row("upload/small", &["unanswered MSG-2"], misses(|_| true)),
        row("upload/small", &["unanswered SES-9"], misses(|m| is_report(&text_of(m)))),
        row("upload/small", &["echo-mismatch SES-2"], replaced("\"size\":5", "\"size\":6")),
        row("upload/small", &["invalid-json ENC-3"], replaced("\"}", "\",}")),
        row("upload/small", &["invalid-url VAL-4"], replaced("http://", "http:///")),
        row("upload/small", &["missing-field ENC-6"], replaced("\"url\"", "\"uri\"")),
        row("upload/small", &["upload-refused HTTP-1"], answers(vec![ResponseFaults::status(403)])),
        row("upload/small", &["upload-refused HTTP-1"], answers(vec![ResponseFaults::status(302)])),
        row("upload/small", &["report-refused VAL-7"], says(is_report, NO)),
        row(
            "upload/small",
            &["unsolicited-response SES-6"],
            repeats("report_upload_progress_rsp", 2),
        ),
        row("upload/small", &["unsolicited-response SES-1"], repeats("create_upload_task_rsp", 2)),
        row(
            "upload/small",
            &["repeated SES-11"],
            writes(|message, text| {
                let again = message.message_type().as_str() == "create_upload_task_rsp";
                vec![text; 1 + usize::from(again)]
            }),
        ),
        row(
            "upload/one-byte",
            &["echo-mismatch SES-2"],
            writes(move |_, text| first(&text, "\"size\":1", "\"size\":10")),
        ),
        row(
            "upload/large",
            &["upload-refused HTTP-1"],
            answers(vec![ResponseFaults {
                cut_upload_at: Some(70_000),
                ..ResponseFaults::default()
            }]),
        ),
        row("upload/empty", &["unanswered SES-9"], misses(|m| text_of(m).contains("\"size\":0"))),
        row(
            "upload/announced-maximum",
            &["echo-mismatch SES-2"],
            replaced("9007199254740991", "2147483647"),
        ),
        row(
            "upload/announced-maximum",
            &["unanswered MSG-2"],
            dies_of(|m| text_of(m).contains("9007199254740991")),
        ),
    ]
}

fn names() -> Vec<Plant> {
    vec![
        row("name/one-letter", &["unanswered MSG-2"], misses(|m| name_of(&text_of(m)) == "a")),
        row(
            "name/63-bytes",
            &["unsolicited-response SES-1"],
            renames(|name| name[..62].to_owned()),
        ),
        row(
            "name/capitals",
            &["unsolicited-response SES-1"],
            renames(|name| name.to_ascii_lowercase()),
        ),
        row(
            "name/spaces-and-dots",
            &["unsolicited-response SES-1"],
            renames(|name| name.trim().to_owned()),
        ),
        row("name/quotes", &["invalid-json ENC-3"], replaced("\\\"", "\"")),
        row(
            "name/percent",
            &["unsolicited-response SES-1"],
            renames(|name| name.replace("%25", "%")),
        ),
        row(
            "name/chinese",
            &["unsolicited-response SES-1"],
            renames(|name| name.replace(|c: char| !c.is_ascii(), "?")),
        ),
        row("name/emoji", &["invalid-json ENC-8"], replaced("\u{1F4E6}", "\\ud83d")),
        row("name/combining", &["unsolicited-response SES-1"], renames(|_| "\u{e9}".to_owned())),
        row(
            "name/64-bytes",
            &["unsolicited-response SES-1"],
            renames(|name| name[..63].to_owned()),
        ),
        row("name/255-bytes", &["unanswered SES-9"], misses(|m| name_of(&text_of(m)).len() > 200)),
        row("name/slash", &["unsolicited-response SES-1"], renames(|_| "b".to_owned())),
        row(
            "name/backslash",
            &["unanswered SES-9"],
            misses(|m| name_of(&text_of(m)).contains('\\')),
        ),
        row("name/dot-dot", &["unanswered SES-9"], misses(|m| name_of(&text_of(m)) == "..")),
        row("name/path", &["unsolicited-response SES-1"], renames(|_| "probe".to_owned())),
    ]
}

fn spellings() -> Vec<Plant> {
    vec![
        row(
            "spelling/key-order",
            &["unanswered MSG-2"],
            misses(|m| !m.payload.starts_with(b"{\"type\"")),
        ),
        row(
            "spelling/white-space",
            &["unanswered MSG-2"],
            misses(|m| m.payload.starts_with(b"\r")),
        ),
        row("spelling/escapes", &["unanswered MSG-2"], misses(|m| text_of(m).contains("\\u"))),
        row(
            "spelling/unknown-key",
            &["unanswered MSG-2"],
            misses(|m| text_of(m).contains("clientToken")),
        ),
        row(
            "spelling/upper-digest",
            &["unanswered MSG-2"],
            misses(|m| {
                let text = text_of(m);
                text.rsplit("md5sum")
                    .next()
                    .is_some_and(|rest| rest.contains(|c: char| c.is_ascii_uppercase()))
            }),
        ),
        row("spelling/16384-bytes", &["unanswered MSG-2"], misses(|m| m.payload.len() > 16_000)),
    ]
}

fn creates() -> Vec<Plant> {
    vec![
        row("create/same-twice", &["unanswered SES-9"], knows_already(str::to_owned)),
        row("create/one-name", &["unanswered SES-9"], knows_already(name_of)),
        row("create/one-name", &["echo-mismatch SES-2"], replaced("\"size\":65", "\"size\":67")),
        row("create/dup", &["unsolicited-response SES-1"], repeats("create_upload_task_rsp", 3)),
        row("create/after-end", &["unanswered MSG-2"], knows_already(name_of)),
        row("create/before-end", &["unanswered MSG-2"], knows_already(name_of)),
        row("create/many", &["unanswered MSG-2"], misses_some(is_create)),
        row("create/lost-answer", &["unanswered MSG-2"], knows_already(str::to_owned)),
        plant("create/reconnect", &["report-refused VAL-7"], forgets_at_disconnect),
    ]
}

fn bad_uploads() -> Vec<Plant> {
    vec![
        row("put/wrong-body", &["bad-upload-accepted HTTP-4"], answers(vec![early()])),
        row("put/wrong-content-md5", &["bad-upload-accepted HTTP-4"], answers(vec![early()])),
        row("put/other-resource", &["bad-upload-accepted HTTP-4"], answers(vec![early()])),
        row("put/hex-content-md5", &["bad-upload-accepted HTTP-2"], answers(vec![early()])),
        row("put/no-content-md5", &["bad-upload-accepted HTTP-2"], answers(vec![early()])),
        row("put/short", &["bad-upload-accepted HTTP-3"], answers(vec![early()])),
        row("put/long", &["bad-upload-accepted HTTP-3"], answers(vec![early()])),
        row("put/chunked", &["bad-upload-accepted HTTP-3"], answers(vec![early()])),
        plant("put/no-query", &["bad-upload-accepted HTTP-1"], sloppy_store),
        plant("put/other-path", &["bad-upload-accepted HTTP-1"], sloppy_store),
    ]
}

fn reports() -> Vec<Plant> {
    vec![
        row(
            "report/in-order",
            &["unsolicited-response SES-6"],
            repeats("report_upload_progress_rsp", 2),
        ),
        row(
            "report/decreasing",
            &["report-refused VAL-7"],
            says(|text| text.contains("\"percent\":30"), NO),
        ),
        row(
            "report/hundred-goes-on",
            &["report-refused VAL-7"],
            says(|text| text.contains("\"done\""), NO),
        ),
        row(
            "report/done-with-percent",
            &["report-refused VAL-7"],
            says(|text| text.contains("\"done\"") && text.contains("\"percent\""), NO),
        ),
        row("report/failed", &["report-refused VAL-7"], says(|text| text.contains("\"fail\""), NO)),
        row("report/long-reason", &["unanswered SES-9"], misses(|m| m.payload.len() > 1000)),
        row("report/qos-0", &["unanswered SES-9"], misses(|m| m.qos == Qos::AtMostOnce)),
        row(
            "report/dup",
            &["unsolicited-response SES-6"],
            repeats("report_upload_progress_rsp", 3),
        ),
        row("report/many", &["unanswered SES-9"], misses_some(is_report)),
        row("report/with-the-create", &["unanswered SES-9"], misses(|m| is_report(&text_of(m)))),
        row("report/before-the-create", &["misplaced-accepted SES-3"], takes_everything()),
        row("report/no-such-task", &["misplaced-accepted SES-3"], takes_everything()),
        row("report/after-done", &["misplaced-accepted SES-7"], takes_everything()),
        row("report/after-failure", &["misplaced-accepted SES-7"], takes_everything()),
        row("report/after-code", &["misplaced-accepted SES-7"], takes_everything()),
        row("report/as-download", &["misplaced-accepted SES-5"], takes_everything()),
        row(
            "report/end-repeated",
            &["unsolicited-response SES-6"],
            writes(|message, text| match message {
                Message::ReportUploadProgressRsp(_) => vec![text.clone(), text],
                _ => vec![text],
            }),
        ),
    ]
}

fn downloads() -> Vec<Plant> {
    vec![
        row(
            "download/query",
            &["invalid-md5sum VAL-3"],
            writes(|message, text| match message {
                Message::GetDownloadTaskRsp(task) => {
                    vec![text.replace(&task.md5sum.to_string(), "************")]
                }
                _ => vec![text],
            }),
        ),
        row(
            "download/query-twice",
            &["unsolicited-response SES-4"],
            repeats("get_download_task_rsp", 2),
        ),
        row(
            "download/get",
            &["download-differs HTTP-5"],
            answers(vec![ResponseFaults { wrong_body: true, ..ResponseFaults::default() }]),
        ),
        row(
            "download/get",
            &["download-differs HTTP-5"],
            answers(vec![ResponseFaults {
                cut_download_at: Some(10),
                ..ResponseFaults::default()
            }]),
        ),
        row(
            "download/get",
            &["download-differs HTTP-5"],
            answers(vec![ResponseFaults::status(404)]),
        ),
        row(
            "download/first-half",
            &["range-ignored HTTP-6"],
            answers(vec![ResponseFaults { ignores_range: true, ..ResponseFaults::default() }]),
        ),
        row(
            "download/second-half",
            &["wrong-part HTTP-6"],
            answers(vec![
                ResponseFaults::default(),
                ResponseFaults { wrong_body: true, ..ResponseFaults::default() },
            ]),
        ),
        row(
            "download/clamped",
            &["range-refused HTTP-6"],
            answers(vec![ResponseFaults::default(), ResponseFaults::status(416)]),
        ),
        row(
            "download/behind-the-end",
            &["range-refused HTTP-6"],
            answers(vec![ResponseFaults::default(), ResponseFaults::status(500)]),
        ),
    ]
}

fn download_reports() -> Vec<Plant> {
    vec![
        row("download/no-such-task", &["misplaced-accepted SES-5"], takes_everything()),
        row(
            "download/in-order",
            &["report-refused VAL-7"],
            says(|text| text.contains("\"report_download_progress\""), NO_DOWNLOAD),
        ),
        row(
            "download/in-order",
            &["unanswered SES-9"],
            misses(|m| text_of(m).contains("\"report_download_progress\"")),
        ),
        row("download/after-end", &["misplaced-accepted SES-7"], takes_everything()),
        row(
            "download/failed",
            &["report-refused VAL-7"],
            says(|text| text.contains("\"fail\""), NO_DOWNLOAD),
        ),
    ]
}

fn topics() -> Vec<Plant> {
    vec![
        plant("topic/malformed", &["unsolicited-response SES-6"], reads_topics_laxly),
        row("topic/malformed", &["unsolicited-response SES-6"], Box::new(answers_elsewhere)),
        plant("topic/own-down", &["down-topic-open TOP-2"], |_| {}),
        row("topic/other-device", &["unsolicited-response SES-6"], Box::new(answers_elsewhere)),
    ]
}

fn writing() -> Vec<Plant> {
    vec![
        row(
            "writing/too-long-for-devices",
            &["too-long-for-devices ADV-1"],
            writes(move |_, text| first(&text, ",", &format!(",{}", " ".repeat(2000)))),
        ),
        row(
            "writing/leading-space",
            &["leading-space ADV-2"],
            writes(|_, text| vec![format!("\n{text}")]),
        ),
        row("writing/escaped", &["escaped ADV-3"], replaced("/", "\\/")),
        row("writing/escaped", &["escaped ADV-3"], replaced("写", "\\u5199")),
        plant("writing/zero-size", &["zero-size ADV-4"], |stage| stage.offers = vec![("empty", 0)]),
        plant("writing/url-for-devices", &["url-for-devices ADV-5"], |stage| {
            stage.names_port = true
        }),
        row("writing/odd-response", &["odd-response ADV-6"], replaced("\"ok\"", "\"OK\"")),
        row("writing/odd-response", &["odd-response ADV-6"], replaced(":-2,", ":-1,")),
        plant("writing/plain-http", &["plain-http VAL-4"], |_| {}),
        row(
            "writing/long-url",
            &["long-url VAL-4"],
            writes(|message, text| match message {
                Message::GetDownloadTaskRsp(_) => {
                    vec![text.replace("sign=", &format!("sign={}", "0".repeat(1000)))]
                }
                _ => vec![text],
            }),
        ),
        row(
            "writing/unknown-field",
            &["unknown-field ENC-5"],
            writes(move |_, text| first(&text, "{", "{\"version\":1,")),
        ),
        row("writing/uppercase-md5sum", &["uppercase-md5sum VAL-3"], shouts()),
        plant("writing/long-name", &["long-name VAL-2"], |stage| {
            stage.offers =
                vec![("an-offer-whose-name-is-longer-than-what-deployed-devices-keep-of-it", 9)];
        }),
        row(
            "writing/unsafe-name",
            &["unsafe-name VAL-2"],
            writes(|message, text| match message {
                Message::GetDownloadTaskRsp(_) => vec![text.replace("\"one\"", "\"../one\"")],
                _ => vec![text],
            }),
        ),
    ]
}

/// Returns the faults that are not possible in the deployed profile.
fn documented() -> impl Iterator<Item = Plant> {
    let rows: [(_, &'static [&'static str], Planting); 3] = [
        (
            "upload/small",
            &["unknown-field ENC-5"],
            writes(|_, text| vec![text.replacen('{', "{\"version\":1,", 1)]),
        ),
        ("upload/small", &["invalid-md5sum VAL-3"], shouts()),
        (
            "download/query",
            &["unknown-type MSG-9"],
            replaced("\"get_download_task_rsp\"", "\"download\""),
        ),
    ];
    rows.into_iter().map(|(scenario, found, plant)| Plant {
        profile: Profile::Documented,
        scenario: scenario.into(),
        found,
        plant,
    })
}

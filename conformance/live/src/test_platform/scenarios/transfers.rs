//! Scenarios with invalid uploads and with valid and misplaced reports.

use crate::test_platform::{
    bad_uploads::BadUpload,
    reports::{MisplacedReport, ReportSequence},
    scenario::{Row, Script},
};
use iothub_conformance_suite::Level;

/// The expected behaviour in a scenario with a faulty upload.
const REFUSED: &str = "The store responds with a status other than 2xx or closes the connection. \
                       The platform accepts the report of the failure. After a new create, a \
                       correct upload of the resource succeeds.";

pub(super) const STORE_AND_REPORTS: &[Row] = &[
    Row {
        id: "put/wrong-body",
        requirements: &["HTTP-4", "HTTP-1"],
        level: Level::Must,
        script: Script::Put(BadUpload::WrongBody),
        title: "a different body of the same length",
        expected: REFUSED,
        reason: "`Content-MD5` and `md5sum` must both represent the MD5 of the body.",
    },
    Row {
        id: "put/wrong-content-md5",
        requirements: &["HTTP-4", "HTTP-1"],
        level: Level::Must,
        script: Script::Put(BadUpload::WrongDigest),
        title: "a `Content-MD5` with the digest of different bytes",
        expected: REFUSED,
        reason: "`Content-MD5` and `md5sum` must both represent the MD5 of the body.",
    },
    Row {
        id: "put/other-resource",
        requirements: &["HTTP-4", "HTTP-1"],
        level: Level::Must,
        script: Script::Put(BadUpload::OtherResource),
        title: "a different body of the same length, with the digest of that body in `Content-MD5`",
        expected: REFUSED,
        reason: "`Content-MD5` and `md5sum` must both represent the MD5 of the body. A store that \
                 compares the body only with `Content-MD5` accepts a different resource.",
    },
    Row {
        id: "put/hex-content-md5",
        requirements: &["HTTP-2", "HTTP-1"],
        level: Level::Must,
        script: Script::Put(BadUpload::HexDigest),
        title: "a `Content-MD5` with the Base64 of the hexadecimal digits of the MD5",
        expected: REFUSED,
        reason: "`Content-MD5` must be the Base64 of the 16 bytes of the MD5. If a device \
                 encodes the 32 hexadecimal digits instead, the value is wrong.",
    },
    Row {
        id: "put/no-content-md5",
        requirements: &["HTTP-2", "HTTP-1"],
        level: Level::Must,
        script: Script::Put(BadUpload::NoDigest),
        title: "an upload without `Content-MD5`",
        expected: REFUSED,
        reason: "The vendor's documentation requires the header `Content-MD5`.",
    },
    Row {
        id: "put/short",
        requirements: &["HTTP-3", "HTTP-1"],
        level: Level::Must,
        script: Script::Put(BadUpload::ShortBody),
        title: "a body that is one byte too short",
        expected: REFUSED,
        reason: "`Content-Length` must equal the announced size.",
    },
    Row {
        id: "put/long",
        requirements: &["HTTP-3", "HTTP-1"],
        level: Level::Must,
        script: Script::Put(BadUpload::LongBody),
        title: "a body that is one byte too long",
        expected: REFUSED,
        reason: "`Content-Length` must equal the announced size.",
    },
    Row {
        id: "put/chunked",
        requirements: &["HTTP-3", "HTTP-1"],
        level: Level::Must,
        script: Script::Put(BadUpload::NoLength),
        title: "an upload in chunks, without `Content-Length`",
        expected: REFUSED,
        reason: "`Content-Length` is required.",
    },
    Row {
        id: "put/no-query",
        requirements: &["HTTP-1"],
        level: Level::Must,
        script: Script::Put(BadUpload::NoQuery),
        title: "an upload without the query string of the URL",
        expected: REFUSED,
        reason: "A client that does not know the signature must not be able to store a resource.",
    },
    Row {
        id: "put/other-path",
        requirements: &["HTTP-1"],
        level: Level::Must,
        script: Script::Put(BadUpload::OtherPath),
        title: "an upload to a different path",
        expected: REFUSED,
        reason: "A URL permits only the request for which it was issued.",
    },
    Row {
        id: "report/in-order",
        requirements: &["SES-6", "MSG-4", "SES-3"],
        level: Level::Must,
        script: Script::Report(ReportSequence::Usual),
        title: "progress reports of 0%, 50% and 99%, and then a final report",
        expected: "The platform answers each report with `result_code` 0.",
        reason: "The published pages describe progress reports and their answers.",
    },
    Row {
        id: "report/decreasing",
        requirements: &["SES-6", "SES-8"],
        level: Level::Must,
        script: Script::Report(ReportSequence::Decreasing),
        title: "progress reports of 50%, 30% and 40%, and then a final report",
        expected: "The platform answers each report with `result_code` 0.",
        reason: "A percentage that is lower than in the previous report causes only advice. The \
                 report is still valid.",
    },
    Row {
        id: "report/hundred-goes-on",
        requirements: &["SES-7", "VAL-6"],
        level: Level::Must,
        script: Script::Report(ReportSequence::HundredGoesOn),
        title: "progress reports of 99% and 100%, and then `done`",
        expected: "The platform answers each report with `result_code` 0.",
        reason: "Deployed devices report 100% before `done`, so the report of 100% does not end \
                 the task.",
    },
    Row {
        id: "report/done-with-percent",
        requirements: &["VAL-6"],
        level: Level::Must,
        script: Script::Report(ReportSequence::DoneWithPercent),
        title: "`done` with a percentage",
        expected: "The platform answers each report with `result_code` 0.",
        reason: "`percent` is optional in a report with `done`.",
    },
    Row {
        id: "report/failed",
        requirements: &["VAL-6", "SES-7"],
        level: Level::Must,
        script: Script::Report(ReportSequence::Failed),
        title: "a report of a failure, with a reason",
        expected: "The platform answers each report with `result_code` 0.",
        reason: "The platform must answer reports of failures in the same way as other reports.",
    },
    Row {
        id: "report/long-reason",
        requirements: &["VAL-7", "VAL-8"],
        level: Level::Must,
        script: Script::Report(ReportSequence::LongReason),
        title: "a report of a failure with the lowest possible code and a long reason",
        expected: "The platform answers each report with `result_code` 0.",
        reason: "A code is a signed 32-bit integer. A reason may be any string.",
    },
    Row {
        id: "report/qos-0",
        requirements: &["SES-6", "SES-9"],
        level: Level::Should,
        script: Script::Report(ReportSequence::Qos0),
        title: "progress reports at QoS 0",
        expected: "The platform answers each report with `result_code` 0.",
        reason: "Some deployed devices send progress reports at QoS 0, and the service answers \
                 each report.",
    },
    Row {
        id: "report/dup",
        requirements: &["SES-6", "SES-11"],
        level: Level::Must,
        script: Script::Report(ReportSequence::Dup),
        title: "the same report twice, the second time with DUP",
        expected: "The platform answers once or twice.",
        reason: "A message that is sent again changes nothing, but the platform may answer it \
                 again (SES-11).",
    },
    Row {
        id: "report/many",
        requirements: &["SES-6"],
        level: Level::Must,
        script: Script::Report(ReportSequence::ManyAtOnce),
        title: "20 reports at once",
        expected: "The platform answers each report with `result_code` 0.",
        reason: "The platform must answer each report once.",
    },
    Row {
        id: "report/with-the-create",
        requirements: &["SES-3", "SES-12"],
        level: Level::Must,
        script: Script::Report(ReportSequence::WithTheCreate),
        title: "a progress report directly after the create, before the URL arrives",
        expected: "The platform answers the create, and it answers the report with any \
                   `result_code`. The upload succeeds.",
        reason: "The platform cannot detect whether the URL arrived before the device sent the \
                 report.",
    },
    Row {
        id: "report/before-the-create",
        requirements: &["SES-3", "SES-12"],
        level: Level::Should,
        script: Script::MisplacedReport(MisplacedReport::BeforeCreate),
        title: "a progress report before the create with the same name",
        expected: "The platform answers the report once, with a `result_code` other than 0. A \
                   later upload succeeds.",
        reason: "The report names a task that does not exist yet. The platform must still answer \
                 the report (SES-12), and 0 would mean success (VAL-7).",
    },
    Row {
        id: "report/no-such-task",
        requirements: &["SES-3", "SES-12"],
        level: Level::Should,
        script: Script::MisplacedReport(MisplacedReport::NoSuchTask),
        title: "a progress report with a different name during an upload",
        expected: "The platform answers the report once, with a `result_code` other than 0. A \
                   later upload succeeds.",
        reason: "The report names a task that does not exist. Another task exists, but it has a \
                 different name. The platform must still answer the report (SES-12), and 0 would \
                 mean success (VAL-7).",
    },
    Row {
        id: "report/after-done",
        requirements: &["SES-7", "SES-12"],
        level: Level::Should,
        script: Script::MisplacedReport(MisplacedReport::AfterDone),
        title: "a progress report after the upload is done",
        expected: "The platform answers the report once, with a `result_code` other than 0. A \
                   later upload succeeds.",
        reason: "No report may follow the final report of a task. The platform must still answer \
                 such a report (SES-12), and 0 would mean success (VAL-7).",
    },
    Row {
        id: "report/after-failure",
        requirements: &["SES-7", "SES-12"],
        level: Level::Should,
        script: Script::MisplacedReport(MisplacedReport::AfterFail),
        title: "a progress report after the upload has failed",
        expected: "The platform answers the report once, with a `result_code` other than 0. A \
                   later upload succeeds.",
        reason: "No report may follow the final report of a task. The platform must still answer \
                 such a report (SES-12), and 0 would mean success (VAL-7).",
    },
    Row {
        id: "report/after-code",
        requirements: &["SES-7", "SES-12"],
        level: Level::Should,
        script: Script::Report(ReportSequence::CodeEnds),
        title: "a progress report after a report with a code other than 0",
        expected: "The platform answers the report once, with a `result_code` other than 0. A \
                   later upload succeeds.",
        reason: "A code other than 0 ends the task, regardless of the state. The platform must \
                 still answer the later report (SES-12), and 0 would mean success (VAL-7).",
    },
    Row {
        id: "report/as-download",
        requirements: &["SES-5", "SES-12"],
        level: Level::Should,
        script: Script::MisplacedReport(MisplacedReport::AsDownload),
        title: "the progress of an upload in a report on a download",
        expected: "The platform answers the report once, with a `result_code` other than 0. A \
                   later upload succeeds.",
        reason: "Uploads and downloads are separate, even if they have the same name. The platform \
                 must still answer the report (SES-12), and 0 would mean success (VAL-7).",
    },
    Row {
        id: "report/end-repeated",
        requirements: &["SES-6", "SES-11"],
        level: Level::Must,
        script: Script::MisplacedReport(MisplacedReport::RepeatedEnd),
        title: "a repetition of the report that ended the upload",
        expected: "The platform answers each copy at most once. A later upload succeeds.",
        reason: "A repeated final report changes nothing. The platform may answer both \
                 copies, but it must not send a third answer (SES-11).",
    },
];

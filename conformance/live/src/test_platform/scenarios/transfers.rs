//! Scenarios with invalid uploads, and with valid and misplaced reports.

use crate::test_platform::{
    bad_uploads::BadUpload,
    reports::{MisplacedReport, ReportSequence},
    scenario::{Row, Script},
};
use iothub_conformance_suite::Level;

pub(super) const STORE_AND_REPORTS: &[Row] = &[
    Row {
        id: "put/wrong-body",
        requirements: &["HTTP-4", "HTTP-1"],
        level: Level::Must,
        script: Script::Put(BadUpload::WrongBody),
        title: "another body of the same length",
        expected: "a refusal (not 2xx); then the device reports a failure, and the same upload \
                   succeeds when it is created again",
        reason: "The MD5 of the body, the header and `md5sum` must be the same 16 bytes.",
    },
    Row {
        id: "put/wrong-content-md5",
        requirements: &["HTTP-4", "HTTP-1"],
        level: Level::Must,
        script: Script::Put(BadUpload::WrongDigest),
        title: "the digest of other bytes in `Content-MD5`",
        expected: "a refusal (not 2xx); then the device reports a failure, and the same upload \
                   succeeds when it is created again",
        reason: "The MD5 of the body, the header and `md5sum` must be the same 16 bytes.",
    },
    Row {
        id: "put/other-resource",
        requirements: &["HTTP-4", "HTTP-1"],
        level: Level::Must,
        script: Script::Put(BadUpload::OtherResource),
        title: "another body of the same length, with its own digest in `Content-MD5`",
        expected: "a refusal (not 2xx); then the device reports a failure, and the same upload \
                   succeeds when it is created again",
        reason: "The MD5 of the body, the header and `md5sum` must be the same 16 bytes. A store \
        that compares only the first two accepts another resource.",
    },
    Row {
        id: "put/hex-content-md5",
        requirements: &["HTTP-2", "HTTP-1"],
        level: Level::Must,
        script: Script::Put(BadUpload::HexDigest),
        title: "the Base64 of hexadecimal digits in `Content-MD5`",
        expected: "a refusal (not 2xx); then the device reports a failure, and the same upload \
                   succeeds when it is created again",
        reason: "The header must be the Base64 of the 16 bytes. Devices often send the Base64 of \
                 the digits.",
    },
    Row {
        id: "put/no-content-md5",
        requirements: &["HTTP-2", "HTTP-1"],
        level: Level::Must,
        script: Script::Put(BadUpload::NoDigest),
        title: "an upload without `Content-MD5`",
        expected: "a refusal (not 2xx); then the device reports a failure, and the same upload \
                   succeeds when it is created again",
        reason: "The page requires the header.",
    },
    Row {
        id: "put/short",
        requirements: &["HTTP-3", "HTTP-1"],
        level: Level::Must,
        script: Script::Put(BadUpload::ShortBody),
        title: "a body that is one byte too short",
        expected: "a refusal (not 2xx); then the device reports a failure, and the same upload \
                   succeeds when it is created again",
        reason: "`Content-Length` must equal the announced size.",
    },
    Row {
        id: "put/long",
        requirements: &["HTTP-3", "HTTP-1"],
        level: Level::Must,
        script: Script::Put(BadUpload::LongBody),
        title: "a body that is one byte too long",
        expected: "a refusal (not 2xx); then the device reports a failure, and the same upload \
                   succeeds when it is created again",
        reason: "`Content-Length` must equal the announced size.",
    },
    Row {
        id: "put/chunked",
        requirements: &["HTTP-3", "HTTP-1"],
        level: Level::Must,
        script: Script::Put(BadUpload::NoLength),
        title: "an upload in chunks, without `Content-Length`",
        expected: "a refusal (not 2xx); then the device reports a failure, and the same upload \
                   succeeds when it is created again",
        reason: "`Content-Length` is required.",
    },
    Row {
        id: "put/no-query",
        requirements: &["HTTP-1"],
        level: Level::Must,
        script: Script::Put(BadUpload::NoQuery),
        title: "an upload without the query string of the URL",
        expected: "a refusal (not 2xx); then the device reports a failure, and the same upload \
                   succeeds when it is created again",
        reason: "A client without the signature must not write.",
    },
    Row {
        id: "put/other-path",
        requirements: &["HTTP-1"],
        level: Level::Must,
        script: Script::Put(BadUpload::OtherPath),
        title: "an upload to another path",
        expected: "a refusal (not 2xx); then the device reports a failure, and the same upload \
                   succeeds when it is created again",
        reason: "A URL permits only the request that it was issued for.",
    },
    Row {
        id: "report/in-order",
        requirements: &["SES-6", "MSG-4", "SES-3"],
        level: Level::Must,
        script: Script::Report(ReportSequence::Usual),
        title: "progress at 0, 50 and 99 per cent, and then `done`",
        expected: "an answer to each report, with `result_code` 0",
        reason: "This is the flow in the documentation.",
    },
    Row {
        id: "report/decreasing",
        requirements: &["SES-6", "SES-8"],
        level: Level::Must,
        script: Script::Report(ReportSequence::Decreasing),
        title: "progress at 50, 30 and 40 per cent, and then `done`",
        expected: "an answer to each report, with `result_code` 0",
        reason: "A lower percentage gets advice only, so the report still counts.",
    },
    Row {
        id: "report/hundred-goes-on",
        requirements: &["SES-7", "VAL-6"],
        level: Level::Must,
        script: Script::Report(ReportSequence::HundredGoesOn),
        title: "progress at 99 and 100 per cent, and then `done`",
        expected: "an answer to each report, with `result_code` 0",
        reason: "Deployed devices report 100 per cent before `done`, so this report does not end \
                 the task.",
    },
    Row {
        id: "report/done-with-percent",
        requirements: &["VAL-6"],
        level: Level::Must,
        script: Script::Report(ReportSequence::DoneWithPercent),
        title: "`done` with a percentage",
        expected: "an answer to each report, with `result_code` 0",
        reason: "`percent` is optional in a final report.",
    },
    Row {
        id: "report/failed",
        requirements: &["VAL-6", "SES-7"],
        level: Level::Must,
        script: Script::Report(ReportSequence::Failed),
        title: "a failure, with a reason",
        expected: "an answer to each report, with `result_code` 0",
        reason: "The report of a failure is a report like any other.",
    },
    Row {
        id: "report/long-reason",
        requirements: &["VAL-7", "VAL-8"],
        level: Level::Must,
        script: Script::Report(ReportSequence::LongReason),
        title: "a failure with the lowest possible code and a long reason",
        expected: "an answer to each report, with `result_code` 0",
        reason: "A code is a signed 32-bit integer. A reason may be any string.",
    },
    Row {
        id: "report/qos-0",
        requirements: &["SES-6", "SES-9"],
        level: Level::Should,
        script: Script::Report(ReportSequence::Qos0),
        title: "progress at QoS 0",
        expected: "an answer to each report, with `result_code` 0",
        reason: "Deployed devices report at QoS 0, and the service answers each report.",
    },
    Row {
        id: "report/dup",
        requirements: &["SES-6", "SES-11"],
        level: Level::Must,
        script: Script::Report(ReportSequence::Dup),
        title: "the same report twice, the second with DUP",
        expected: "one answer, or two if the broker does not forward DUP",
        reason: "A redelivery changes nothing, but brokers do not forward the flag to subscribers.",
    },
    Row {
        id: "report/many",
        requirements: &["SES-6"],
        level: Level::Must,
        script: Script::Report(ReportSequence::ManyAtOnce),
        title: "20 reports at once",
        expected: "an answer to each report, with `result_code` 0",
        reason: "Each report is answered once.",
    },
    Row {
        id: "report/with-the-create",
        requirements: &["SES-3", "SES-12"],
        level: Level::Must,
        script: Script::Report(ReportSequence::WithTheCreate),
        title: "progress directly after the create, before the URL",
        expected: "an answer to both, with any code for the report; the upload succeeds afterwards",
        reason: "The platform cannot detect whether its answer arrived in time.",
    },
    Row {
        id: "report/before-the-create",
        requirements: &["SES-3", "SES-12"],
        level: Level::Should,
        script: Script::MisplacedReport(MisplacedReport::BeforeCreate),
        title: "progress on a name before its create",
        expected: "one answer, with a `result_code` other than 0; an upload succeeds afterwards",
        reason: "There is no such task yet. The platform must still answer the report (SES-12), \
                 and 0 would mean success (VAL-7).",
    },
    Row {
        id: "report/no-such-task",
        requirements: &["SES-3", "SES-12"],
        level: Level::Should,
        script: Script::MisplacedReport(MisplacedReport::NoSuchTask),
        title: "progress on another name during an upload",
        expected: "one answer, with a `result_code` other than 0; an upload succeeds afterwards",
        reason: "There is no such task, even if another task exists. The platform must still \
                 answer the report (SES-12), and 0 would mean success (VAL-7).",
    },
    Row {
        id: "report/after-done",
        requirements: &["SES-7", "SES-12"],
        level: Level::Should,
        script: Script::MisplacedReport(MisplacedReport::AfterDone),
        title: "progress after the upload is done",
        expected: "one answer, with a `result_code` other than 0; an upload succeeds afterwards",
        reason: "No report follows the end. The platform must still answer the report (SES-12), \
                 and 0 would mean success (VAL-7).",
    },
    Row {
        id: "report/after-failure",
        requirements: &["SES-7", "SES-12"],
        level: Level::Should,
        script: Script::MisplacedReport(MisplacedReport::AfterFail),
        title: "progress after the upload has failed",
        expected: "one answer, with a `result_code` other than 0; an upload succeeds afterwards",
        reason: "No report follows the end. The platform must still answer the report (SES-12), \
                 and 0 would mean success (VAL-7).",
    },
    Row {
        id: "report/after-code",
        requirements: &["SES-7", "SES-12"],
        level: Level::Should,
        script: Script::Report(ReportSequence::CodeEnds),
        title: "progress after a report whose code is not 0",
        expected: "one answer, with a `result_code` other than 0; an upload succeeds afterwards",
        reason: "A code that is not 0 ends the task, whatever the state is. The platform must \
                 still answer the report (SES-12), and 0 would mean success (VAL-7).",
    },
    Row {
        id: "report/as-download",
        requirements: &["SES-5", "SES-12"],
        level: Level::Should,
        script: Script::MisplacedReport(MisplacedReport::AsDownload),
        title: "progress of an upload, reported as progress of a download",
        expected: "one answer, with a `result_code` other than 0; an upload succeeds afterwards",
        reason: "Uploads and downloads are separate, even if they have the same name. The platform \
                 must still answer the report (SES-12), and 0 would mean success (VAL-7).",
    },
    Row {
        id: "report/end-repeated",
        requirements: &["SES-6", "SES-11"],
        level: Level::Must,
        script: Script::MisplacedReport(MisplacedReport::RepeatedEnd),
        title: "a repetition of the report that ended the upload",
        expected: "at most one answer to each copy; an upload succeeds afterwards",
        reason: "A repeated final report changes nothing. A platform that has not received the \
                 first copy answers the repetition, so a second answer may arrive, but not a third \
                 one (SES-11).",
    },
];

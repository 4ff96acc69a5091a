//! Scenarios with downloads, if the platform has any. The scenarios with final reports are the last
//! ones, since a platform does not offer a finished download again.

use crate::test_platform::{
    downloads::DownloadCheck,
    scenario::{Row, Script},
};
use iothub_conformance_suite::Level;

pub(super) const DOWNLOADS: &[Row] = &[
    Row {
        id: "download/query",
        requirements: &["MSG-6", "SES-4"],
        level: Level::Must,
        script: Script::Download(DownloadCheck::Query),
        title: "a query for downloads",
        expected: "one answer, if there is a download",
        reason: "According to the page, the platform answers a query \"if there is a download \
                 task\".",
    },
    Row {
        id: "download/query-twice",
        requirements: &["SES-4"],
        level: Level::Must,
        script: Script::Download(DownloadCheck::QueryTwice),
        title: "two queries",
        expected: "at most one answer to each query",
        reason: "Each query is answered at most once.",
    },
    Row {
        id: "download/get",
        requirements: &["HTTP-5"],
        level: Level::Must,
        script: Script::Download(DownloadCheck::Get),
        title: "the whole download",
        expected: "200, and bytes with the announced size and digest",
        reason: "The store must deliver the announced bytes.",
    },
    Row {
        id: "download/first-half",
        requirements: &["HTTP-6", "HTTP-5"],
        level: Level::Must,
        script: Script::Download(DownloadCheck::FirstHalf),
        title: "the first half of the download",
        expected: "206 and these bytes",
        reason: "Devices resume a download with a range.",
    },
    Row {
        id: "download/second-half",
        requirements: &["HTTP-6", "HTTP-5"],
        level: Level::Must,
        script: Script::Download(DownloadCheck::SecondHalf),
        title: "the second half of the download",
        expected: "206 and these bytes",
        reason: "Devices resume a download with a range.",
    },
    Row {
        id: "download/clamped",
        requirements: &["HTTP-6"],
        level: Level::Must,
        script: Script::Download(DownloadCheck::Clamped),
        title: "a range whose end is the size",
        expected: "206 and the rest",
        reason: "Deployed devices request one byte too many, and servers shorten the range.",
    },
    Row {
        id: "download/behind-the-end",
        requirements: &["HTTP-6"],
        level: Level::Must,
        script: Script::Download(DownloadCheck::Behind),
        title: "a range that begins after the end",
        expected: "416",
        reason: "The resource has no bytes there.",
    },
    Row {
        id: "download/no-such-task",
        requirements: &["SES-5", "SES-12"],
        level: Level::Should,
        script: Script::Download(DownloadCheck::NoSuchTask),
        title: "progress on a download that was not delivered",
        expected: "one answer, with a `result_code` other than 0; an upload succeeds afterwards",
        reason: "There is no such task. The platform must still answer the report (SES-12), and 0 \
                 would mean success (VAL-7).",
    },
    Row {
        id: "download/in-order",
        requirements: &["SES-5", "SES-6", "MSG-8"],
        level: Level::Must,
        script: Script::Download(DownloadCheck::InOrder),
        title: "a download with progress at 0 and 100 per cent, and then `done`",
        expected: "an answer to each report, with `result_code` 0",
        reason: "This is the flow in the documentation.",
    },
    Row {
        id: "download/after-end",
        requirements: &["SES-7", "SES-12"],
        level: Level::Should,
        script: Script::Download(DownloadCheck::AfterEnd),
        title: "progress after the download is done",
        expected: "one answer, with a `result_code` other than 0; an upload succeeds afterwards",
        reason: "No report may follow the end. The platform must still answer the report (SES-12), \
                 and 0 would mean success (VAL-7).",
    },
    Row {
        id: "download/failed",
        requirements: &["VAL-6", "SES-7"],
        level: Level::Must,
        script: Script::Download(DownloadCheck::Failed),
        title: "a download that fails, with a reason",
        expected: "an answer to each report, with `result_code` 0",
        reason: "The report of a failure is a report like any other.",
    },
];

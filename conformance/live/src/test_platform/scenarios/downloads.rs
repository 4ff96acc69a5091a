//! Scenarios with downloads, if the platform has any. The scenarios with final reports come
//! last, because a platform does not offer a finished download again.

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
        expected: "If there is a download, the platform answers once.",
        reason: "According to the published page, the platform answers a query \"if there is a \
                 download task\".",
    },
    Row {
        id: "download/query-twice",
        requirements: &["SES-4"],
        level: Level::Must,
        script: Script::Download(DownloadCheck::QueryTwice),
        title: "two queries for downloads",
        expected: "The platform answers each query at most once.",
        reason: "A query has at most one answer.",
    },
    Row {
        id: "download/get",
        requirements: &["HTTP-5"],
        level: Level::Must,
        script: Script::Download(DownloadCheck::Get),
        title: "a request for the whole download",
        expected: "The store responds with status 200 and with bytes that have the announced size \
                   and digest.",
        reason: "The store must deliver the announced bytes.",
    },
    Row {
        id: "download/first-half",
        requirements: &["HTTP-6", "HTTP-5"],
        level: Level::Must,
        script: Script::Download(DownloadCheck::FirstHalf),
        title: "a request for the first half of the download",
        expected: "The store responds with status 206 and the requested bytes.",
        reason: "Devices use ranges to resume downloads.",
    },
    Row {
        id: "download/second-half",
        requirements: &["HTTP-6", "HTTP-5"],
        level: Level::Must,
        script: Script::Download(DownloadCheck::SecondHalf),
        title: "a request for the second half of the download",
        expected: "The store responds with status 206 and the requested bytes.",
        reason: "Devices use ranges to resume downloads.",
    },
    Row {
        id: "download/clamped",
        requirements: &["HTTP-6"],
        level: Level::Must,
        script: Script::Download(DownloadCheck::Clamped),
        title: "a range whose last position equals the size of the download",
        expected: "The store responds with status 206 and the rest of the download.",
        reason: "The vendor's C SDK requests one byte too many. HTTP servers shorten such a range.",
    },
    Row {
        id: "download/behind-the-end",
        requirements: &["HTTP-6"],
        level: Level::Must,
        script: Script::Download(DownloadCheck::Behind),
        title: "a range that begins after the end of the download",
        expected: "The store responds with status 416.",
        reason: "The resource has no bytes in this range.",
    },
    Row {
        id: "download/no-such-task",
        requirements: &["SES-5", "SES-12"],
        level: Level::Should,
        script: Script::Download(DownloadCheck::NoSuchTask),
        title: "a progress report on a download that was not delivered",
        expected: "The platform answers the report once, with a `result_code` other than 0. A \
                   later upload succeeds.",
        reason: "The report names a task that does not exist. The platform must still answer the \
                 report (SES-12), and 0 would mean success (VAL-7).",
    },
    Row {
        id: "download/in-order",
        requirements: &["SES-5", "SES-6", "MSG-8"],
        level: Level::Must,
        script: Script::Download(DownloadCheck::InOrder),
        title: "progress reports on a download, from 0% to the final report",
        expected: "The platform answers each report with `result_code` 0.",
        reason: "The published pages describe progress reports and their answers.",
    },
    Row {
        id: "download/after-end",
        requirements: &["SES-7", "SES-12"],
        level: Level::Should,
        script: Script::Download(DownloadCheck::AfterEnd),
        title: "a progress report after the download is done",
        expected: "The platform answers the report once, with a `result_code` other than 0. A \
                   later upload succeeds.",
        reason: "No report may follow the final report of a task. The platform must still answer \
                 such a report (SES-12), and 0 would mean success (VAL-7).",
    },
    Row {
        id: "download/failed",
        requirements: &["VAL-6", "SES-7"],
        level: Level::Must,
        script: Script::Download(DownloadCheck::Failed),
        title: "a report of a failed download, with a reason",
        expected: "The platform answers each report with `result_code` 0.",
        reason: "The platform must answer reports of failures in the same way as other reports.",
    },
];

//! Scenarios with long URLs and with a port in the URL.

use super::row::{Insistence, Row, Table, usual};
use crate::{
    store::UrlShape,
    test_device::scenario::{Flow, Setup},
};

/// The parts of a scenario that depend on the form of the URL.
struct UrlRow {
    id: &'static str,
    /// A space and the id of the advice for platforms that a URL in this form does not follow;
    /// empty if the URL follows all advice.
    advice: &'static str,
    shape: UrlShape,
    insistence: Insistence,
    title: &'static str,
    reason: &'static str,
}

const LONG: &str = "A URL with a signature can be long. A truncated URL is a different URL.";

const URLS: &[UrlRow] = &[
    UrlRow {
        id: "820",
        advice: "",
        shape: UrlShape::Length(820),
        insistence: Insistence::Must,
        title: "a URL of 820 bytes",
        reason: LONG,
    },
    UrlRow {
        id: "1023",
        advice: " ADV-5",
        shape: UrlShape::Length(1_023),
        insistence: Insistence::Advised,
        title: "a URL of 1,023 bytes",
        reason: LONG,
    },
    UrlRow {
        id: "1024",
        advice: " ADV-5",
        shape: UrlShape::Length(1_024),
        insistence: Insistence::Should,
        title: "a URL of 1,024 bytes, which not every device can store",
        reason: "In a buffer of 1,024 bytes, this URL leaves no space for a terminator.",
    },
    UrlRow {
        id: "port",
        advice: " ADV-5",
        shape: UrlShape::Port,
        insistence: Insistence::Advised,
        title: "a URL with a port",
        reason: "The port is a part of the URL.",
    },
];

pub(super) fn add(table: &mut Table) {
    for flow in [Flow::Upload, Flow::Download] {
        let transfer = if flow == Flow::Upload { "HTTP-1" } else { "HTTP-5" };
        for UrlRow { id, advice, shape, insistence, title, reason } in URLS {
            let row = Row {
                id: &format!("url/{id}"),
                requirements: &format!("VAL-4 {transfer}{advice}"),
                title,
                reason,
            };
            let done_level = insistence.level(table);
            table.add(flow, row, Setup { url: *shape, done_level, ..usual() });
        }
    }
}

//! Scenarios with late, lost, repeated, wrong or negative answers.

use super::row::{Row, Table, response_of, usual};
use crate::test_device::scenario::{
    Expectation, Flow, ReportResponse, SecondStart, Setup, TaskResponse, WrongMessage,
};
use iothub_conformance_suite::Level;

/// The parts of a scenario that depend on the answer to a create or a query.
struct ResponseRow {
    id: &'static str,
    /// The requirements for an upload and for a download.
    requirements: [&'static str; 2],
    response: TaskResponse,
    expectation: Expectation,
    title: &'static str,
    reason: &'static str,
}

/// The requirements for answers: one for an upload and one for a download.
const ANSWERS: [&str; 2] = ["SES-3", "SES-5"];
const REPETITIONS: [&str; 2] = ["SES-1 SES-11 HTTP-1", "SES-4 SES-11"];

const RESPONSES: &[ResponseRow] = &[
    ResponseRow {
        id: "late",
        requirements: ANSWERS,
        response: TaskResponse::Late,
        expectation: Expectation::Ends,
        title: "an answer that arrives late",
        reason: "Networks can be slow.",
    },
    ResponseRow {
        id: "lost-once",
        requirements: ANSWERS,
        response: TaskResponse::LostOnce,
        expectation: Expectation::Free,
        title: "no answer to the first request, but an answer to the second request",
        reason: "If the answer was lost, the device receives an answer only if it sends its \
                 request again.",
    },
    ResponseRow {
        id: "lost",
        requirements: ANSWERS,
        response: TaskResponse::Lost,
        expectation: Expectation::Free,
        title: "no answer to any request",
        reason: "Without a URL or a task, a device has nothing to transfer and nothing to report.",
    },
    ResponseRow {
        id: "twice",
        requirements: REPETITIONS,
        response: TaskResponse::Twice { dup: false },
        expectation: Expectation::Done,
        title: "an answer that arrives twice",
        reason: "At QoS 1, brokers may deliver a message more than once, but the transfer must \
                 take place only once.",
    },
    ResponseRow {
        id: "twice-with-dup",
        requirements: REPETITIONS,
        response: TaskResponse::Twice { dup: true },
        expectation: Expectation::Done,
        title: "an answer that is delivered again with DUP",
        reason: "A repeated message changes nothing.",
    },
    ResponseRow {
        id: "other-url-too",
        requirements: ["SES-1 HTTP-1", "SES-4 HTTP-5"],
        response: TaskResponse::OtherUrlToo,
        expectation: Expectation::Done,
        title: "a second answer to the same request, with a different URL",
        reason: "A request has one answer, so the first URL counts.",
    },
];

/// Adds the scenario in which a short message follows a longer message, as if in the same buffer.
fn add_stale(table: &mut Table, flow: Flow) {
    let row = Row {
        id: "response/stale-url",
        requirements: &format!("ENC-6 {}", response_of(flow)),
        title: "a long message with a different URL, and then a short answer without `url`, before \
                the correct answer",
        reason: "A message ends with its last byte, even if a longer message has left text in the \
                 receive buffer of the device.",
    };
    let setup = Setup { response: TaskResponse::Stale, done_level: Level::Should, ..usual() };
    table.add(flow, row, setup);
}

/// A wrong message, which is sent before the answer or immediately after the answer.
struct WrongRow {
    id: &'static str,
    requirements: &'static str,
    wrong: WrongMessage,
    what: &'static str,
}

const WRONG: &[WrongRow] = &[WrongRow {
    id: "progress-response",
    requirements: "SES-6",
    wrong: WrongMessage::ProgressResponse,
    what: "an answer to a report that the device has not sent",
}];

/// Wrong answers to a create. In each of them, one value differs from the announced value.
const WRONG_ECHOES: &[WrongRow] = &[
    WrongRow {
        id: "other-name",
        requirements: "SES-1",
        wrong: WrongMessage::OtherName,
        what: "an answer for a different name",
    },
    WrongRow {
        id: "other-size",
        requirements: "SES-2",
        wrong: WrongMessage::OtherSize,
        what: "an answer with a different size",
    },
    WrongRow {
        id: "other-digest",
        requirements: "SES-2",
        wrong: WrongMessage::OtherDigest,
        what: "an answer with a different digest",
    },
];

/// The parts of a scenario that depend on the answers to progress reports.
struct ReportRow {
    id: &'static str,
    reports: ReportResponse,
    title: &'static str,
    reason: &'static str,
}

const REPORTS: &[ReportRow] = &[
    ReportRow {
        id: "lost",
        reports: ReportResponse::Lost,
        title: "no answer to any report",
        reason: "The answer to a report may be lost even if the transfer has succeeded.",
    },
    ReportRow {
        id: "late",
        reports: ReportResponse::Late,
        title: "late answers to reports",
        reason: "Networks are slow.",
    },
    ReportRow {
        id: "twice",
        reports: ReportResponse::Twice,
        title: "two answers to every report",
        reason: "At QoS 1, brokers may deliver a message more than once.",
    },
    ReportRow {
        id: "other-kind",
        reports: ReportResponse::OtherKind,
        title: "the answer to a report on the other kind of transfer, before the correct answer",
        reason: "Uploads and downloads are separate.",
    },
    ReportRow {
        id: "refused",
        reports: ReportResponse::Refused(-2),
        title: "the code -2 in the answer to each report",
        reason: "A code other than 0 in the answer concerns the report, not the transfer.",
    },
    ReportRow {
        id: "refused-as-time-out",
        reports: ReportResponse::Refused(-1),
        title: "the code -1 in the answer to each report",
        reason: "The vendor's C SDK cannot distinguish -1 from a missing answer.",
    },
    ReportRow {
        id: "end-refused-as-time-out",
        reports: ReportResponse::EndRefused(-1),
        title: "the code -1 in the answer to the last report, and a different code at the second \
                start",
        reason: "The code -1 is an ordinary code. A device that continues to wait treats -1 as a \
                 missing answer.",
    },
];

pub(super) fn add(table: &mut Table) {
    for flow in [Flow::Upload, Flow::Download] {
        responses(table, flow);
        add_stale(table, flow);
        add_other_topics(table, flow);
        wrong_messages(table, flow);
        reports(table, flow);
    }
}

/// Adds the scenario in which the platform also publishes messages on topics that only resemble the
/// topic of the device. These messages reach only a device that has subscribed to more than its own
/// topic.
fn add_other_topics(table: &mut Table, flow: Flow) {
    let row = Row {
        id: "response/other-topics",
        requirements: "TOP-2 TOP-5",
        title: "answers on topics that only resemble the topic of the device, before the \
                correct answer",
        reason: "Messages on a topic that only resembles the topic of the device are not for the \
                 device.",
    };
    table.add(flow, row, Setup { response: TaskResponse::OtherTopics, ..usual() });
}

fn responses(table: &mut Table, flow: Flow) {
    for ResponseRow { id, requirements, response, expectation, title, reason } in RESPONSES {
        let id = &*format!("response/{id}");
        let [upload, download] = requirements;
        let requirements = if flow == Flow::Upload { upload } else { download };
        let setup = Setup { response: response.clone(), expectation: *expectation, ..usual() };
        table.add(flow, Row { id, requirements, title, reason }, setup);
    }
}

fn wrong_messages(table: &mut Table, flow: Flow) {
    let (requirements, what) = match flow {
        Flow::Upload => ("TOP-6 MSG-2", "the answer to a request for a download"),
        Flow::Download => ("TOP-6 MSG-6", "the answer to a request for an upload"),
    };
    let wrong = WrongMessage::OtherKind;
    let other_kind = WrongRow { id: "other-kind", requirements, wrong, what };
    let echoes = if flow == Flow::Upload { WRONG_ECHOES } else { &[] };
    for WrongRow { id, requirements, wrong, what } in
        WRONG.iter().chain(echoes).chain([&other_kind])
    {
        let id = &*format!("response/{id}");
        let reason =
            "A misplaced answer changes nothing, and the later correct answer still counts.";
        let response = TaskResponse::After(wrong.clone());
        let setup = Setup { response, done_level: Level::Should, ..usual() };
        let title = &*format!("{what}, before the correct answer");
        table.add(flow, Row { id, requirements, title, reason }, setup);
        // Directly after the answer, the device may already have sent a report.
        if matches!(wrong, WrongMessage::ProgressResponse) {
            continue;
        }
        let id = &*format!("{id}-after");
        let title = &*format!("{what}, directly after the correct answer");
        let reason = "A misplaced answer changes nothing, and the task continues.";
        let setup = Setup { response: TaskResponse::Then(wrong.clone()), ..usual() };
        table.add(flow, Row { id, requirements, title, reason }, setup);
    }
}

fn reports(table: &mut Table, flow: Flow) {
    for ReportRow { id, reports, title, reason } in REPORTS {
        // A device may decide how to react to a negative answer after success.
        let expectation = match reports {
            ReportResponse::Refused(_) | ReportResponse::EndRefused(_) => Expectation::Ends,
            _ => Expectation::Done,
        };
        let row = Row { id: &format!("report/{id}"), requirements: "SES-6 SES-7", title, reason };
        let second_start = match reports {
            ReportResponse::EndRefused(_) => SecondStart::OtherRefusal,
            _ => SecondStart::Same,
        };
        let setup = Setup { reports: reports.clone(), expectation, second_start, ..usual() };
        table.add(flow, row, setup);
    }
}

//! Answers that are late, lost, repeated, wrong or refused.

use super::row::{Table, response_of, usual};
use crate::test_device::scenario::{
    Expectation, Flow, ReportResponse, Setup, TaskResponse, WrongMessage,
};
use iothub_conformance_suite::Level;

pub(super) fn add(table: &mut Table) {
    for flow in [Flow::Upload, Flow::Download] {
        responses(table, flow);
        reports(table, flow);
    }
}

fn responses(table: &mut Table, flow: Flow) {
    let (rule, repeats) = match flow {
        Flow::Upload => ("SES-3", "SES-1 SES-11 HTTP-1"),
        Flow::Download => ("SES-5", "SES-4 SES-11"),
    };
    let rows = [
        (
            "late",
            rule,
            TaskResponse::Late,
            Expectation::Ends,
            "the answer comes late",
            "networks are slow",
        ),
        (
            "lost-once",
            rule,
            TaskResponse::LostOnce,
            Expectation::Free,
            "the first request is not answered, the second one is",
            "messages get lost; asking again is the only cure",
        ),
        (
            "lost",
            rule,
            TaskResponse::Lost,
            Expectation::Free,
            "no request is answered",
            "without a URL or a task there is nothing to report on, and nothing to send",
        ),
        (
            "twice",
            repeats,
            TaskResponse::Twice { dup: false },
            Expectation::Done,
            "the answer comes twice",
            "brokers deliver at least once; a transfer is made once",
        ),
        (
            "twice-with-dup",
            repeats,
            TaskResponse::Twice { dup: true },
            Expectation::Done,
            "the answer is delivered again, with DUP",
            "what was seen already changes nothing",
        ),
    ];
    for (id, requirements, response, expectation, title, reason) in rows {
        let setup = Setup { response, expectation, done_level: Level::Must, ..usual() };
        table.add(flow, &format!("response/{id}"), requirements, (title, reason), setup);
    }
    let about = (
        "a second answer, with another URL, that answers nothing",
        "a request is owed one answer; the first URL is the one that counts",
    );
    let rule = if flow == Flow::Upload { "SES-1 HTTP-1" } else { "SES-4 HTTP-5" };
    let setup = Setup { response: TaskResponse::OtherUrlToo, ..usual() };
    table.add(flow, "response/other-url-too", rule, about, setup);

    let after = |wrong| Setup {
        response: TaskResponse::After(wrong),
        done_level: Level::Should,
        ..usual()
    };
    let kind = format!("TOP-6 {}", response_of(flow));
    let mut rows = vec![
        (
            "other-kind",
            &*kind,
            WrongMessage::OtherKind,
            "first the answer to the other kind of request",
        ),
        (
            "progress-response",
            "SES-6",
            WrongMessage::ProgressResponse,
            "first the answer to a report that was not made",
        ),
    ];
    if flow == Flow::Upload {
        rows.extend([
            ("other-name", "SES-1", WrongMessage::OtherName, "first an answer for another name"),
            ("other-size", "SES-2", WrongMessage::OtherSize, "first an answer with another size"),
            (
                "other-digest",
                "SES-2",
                WrongMessage::OtherDigest,
                "first an answer with another digest",
            ),
        ]);
    }
    for (id, requirements, wrong, title) in rows {
        let about = (title, "what does not fit changes nothing; the answer that fits still does");
        table.add(flow, &format!("response/{id}"), requirements, about, after(wrong));
    }
}

fn reports(table: &mut Table, flow: Flow) {
    let rows = [
        (
            "lost",
            ReportResponse::Lost,
            "no report is answered",
            "an answer may be lost; the bytes are there all the same",
        ),
        ("late", ReportResponse::Late, "reports are answered late", "networks are slow"),
        (
            "twice",
            ReportResponse::Twice,
            "every report is answered twice",
            "brokers deliver at least once",
        ),
        (
            "other-kind",
            ReportResponse::OtherKind,
            "first the answer to the other kind of report",
            "uploads and downloads are counted apart",
        ),
        (
            "refused",
            ReportResponse::Refused(-2),
            "reports are refused with -2",
            "the platform refuses a report, not the transfer",
        ),
        (
            "refused-as-time-out",
            ReportResponse::Refused(-1),
            "reports are refused with -1",
            "the vendor's SDK cannot tell this from silence",
        ),
    ];
    for (id, reports, title, reason) in rows {
        // What a refused device makes of a transfer that went well is its own affair.
        let expectation = if matches!(reports, ReportResponse::Refused(_)) {
            Expectation::Ends
        } else {
            Expectation::Done
        };
        let setup = Setup { reports, expectation, ..usual() };
        table.add(flow, &format!("report/{id}"), "SES-6 SES-7", (title, reason), setup);
    }
}

//! Answers that are late, lost, repeated, wrong or refused.

use super::row::{Table, response_of, usual};
use crate::{
    Level,
    live::test_device::scenario::{Flow, Play, Reports, Response, Want, Wrong},
};

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
        ("late", rule, Response::Late, Want::Ends, "the answer comes late", "networks are slow"),
        (
            "lost-once",
            rule,
            Response::LostOnce,
            Want::Free,
            "the first request is not answered, the second one is",
            "messages get lost; asking again is the only cure",
        ),
        (
            "lost",
            rule,
            Response::Lost,
            Want::Free,
            "no request is answered",
            "without a URL or a task there is nothing to report on, and nothing to send",
        ),
        (
            "twice",
            repeats,
            Response::Twice { dup: false },
            Want::Done,
            "the answer comes twice",
            "brokers deliver at least once; a transfer is made once",
        ),
        (
            "twice-with-dup",
            repeats,
            Response::Twice { dup: true },
            Want::Done,
            "the answer is delivered again, with DUP",
            "what was seen already changes nothing",
        ),
    ];
    for (id, requirements, response, want, title, reason) in rows {
        let play = Play { response, want, insist: Level::Must, ..usual() };
        table.add(flow, &format!("response/{id}"), requirements, (title, reason), play);
    }
    let about = (
        "a second answer, with another URL, that answers nothing",
        "a request is owed one answer; the first URL is the one that counts",
    );
    let rule = if flow == Flow::Upload { "SES-1 HTTP-1" } else { "SES-4 HTTP-5" };
    let play = Play { response: Response::OtherUrlToo, ..usual() };
    table.add(flow, "response/other-url-too", rule, about, play);

    let after = |wrong| Play { response: Response::After(wrong), insist: Level::Should, ..usual() };
    let kind = format!("TOP-6 {}", response_of(flow));
    let mut rows = vec![
        ("other-kind", &*kind, Wrong::OtherKind, "first the answer to the other kind of request"),
        (
            "progress-response",
            "SES-6",
            Wrong::ProgressResponse,
            "first the answer to a report that was not made",
        ),
    ];
    if flow == Flow::Upload {
        rows.extend([
            ("other-name", "SES-1", Wrong::OtherName, "first an answer for another name"),
            ("other-size", "SES-2", Wrong::OtherSize, "first an answer with another size"),
            ("other-digest", "SES-2", Wrong::OtherDigest, "first an answer with another digest"),
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
            Reports::Lost,
            "no report is answered",
            "an answer may be lost; the bytes are there all the same",
        ),
        ("late", Reports::Late, "reports are answered late", "networks are slow"),
        (
            "twice",
            Reports::Twice,
            "every report is answered twice",
            "brokers deliver at least once",
        ),
        (
            "other-kind",
            Reports::OtherKind,
            "first the answer to the other kind of report",
            "uploads and downloads are counted apart",
        ),
        (
            "refused",
            Reports::Refused(-2),
            "reports are refused with -2",
            "the platform refuses a report, not the transfer",
        ),
        (
            "refused-as-time-out",
            Reports::Refused(-1),
            "reports are refused with -1",
            "the vendor's SDK cannot tell this from silence",
        ),
    ];
    for (id, reports, title, reason) in rows {
        // What a refused device makes of a transfer that went well is its own affair.
        let want = if matches!(reports, Reports::Refused(_)) { Want::Ends } else { Want::Done };
        let play = Play { reports, want, ..usual() };
        table.add(flow, &format!("report/{id}"), "SES-6 SES-7", (title, reason), play);
    }
}

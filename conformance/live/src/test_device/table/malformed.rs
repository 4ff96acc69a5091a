//! Malformed messages from the fixtures: one for every rejection code and kind.

use iothub_resource::{Direction, Profile};

use super::row::{Row, Table, usual};
use crate::test_device::scenario::{
    Flow, MalformedMessage, ReportResponse, Setup, TaskResponse, WrongMessage,
};
use iothub_conformance_suite::{Case, Level, Request, Verdict};

/// The text in the fixtures that is replaced by the task's own values.
pub(in crate::test_device) const NAME: &str = "\"zxc\"";
pub(in crate::test_device) const SIZE: &str = "\"size\":100,";
pub(in crate::test_device) const MD5SUM: &str = "900150983cd24fb0d6963f7d28e17f72";
pub(in crate::test_device) const URL: &str =
    "https://iothub.cos.ap-guangzhou.myqcloud.com/zxc?sign=q1";

/// The reason for all of these scenarios.
const REASON: &str =
    "a message that must be rejected changes nothing; the right one after it still counts";

pub(super) fn add(table: &mut Table, cases: &[Case]) {
    let profile = table.profile;
    for flow in [Flow::Upload, Flow::Download] {
        let (response, report) = match flow {
            Flow::Upload => ("create_upload_task_rsp", "report_upload_progress_rsp"),
            Flow::Download => ("get_download_task_rsp", "report_download_progress_rsp"),
        };
        for Candidate { case, malformed, .. } in of_each_code(profile, cases, response) {
            let row = Row {
                id: &format!("malformed/{}", malformed.code),
                requirements: case.main_requirement(),
                title: &format!("first a malformed answer: {}", case.title),
                reason: REASON,
            };
            let response = TaskResponse::After(WrongMessage::Malformed(malformed));
            let setup = Setup { response, done_level: Level::Should, ..usual() };
            table.add(flow, row, setup);
        }
        for Candidate { case, malformed, .. } in of_each_code(profile, cases, report) {
            // Without parts of the message, the payload was already sent with another kind.
            if !contains(&malformed.payload, "result_code") {
                continue;
            }
            let row = Row {
                id: &format!("malformed-report/{}", malformed.code),
                requirements: case.main_requirement(),
                title: &format!("a malformed answer to each report first: {}", case.title),
                reason: REASON,
            };
            let reports = ReportResponse::Malformed(malformed);
            let setup = Setup { reports, done_level: Level::Should, ..usual() };
            table.add(flow, row, setup);
        }
    }
}

/// A case that may represent its code.
struct Candidate<'c> {
    /// How similar the payload is to an answer; higher is better.
    likeness: usize,
    case: &'c Case,
    malformed: MalformedMessage,
}

/// For each code, the case that is most similar to an answer: only its one defect may distinguish
/// it.
fn of_each_code<'c>(profile: Profile, cases: &'c [Case], kind: &str) -> Vec<Candidate<'c>> {
    let mut best: Vec<Candidate<'c>> = Vec::new();
    for case in cases {
        let (
            Request::Decode { profile: own, direction: Direction::Down, payload },
            Verdict::Reject { code, at: None },
        ) = (&case.request, &case.verdict)
        else {
            continue;
        };
        if *own != profile {
            continue;
        }
        // First its kind counts, then everything that makes it plausible.
        let likeness = usize::from(contains(payload, kind)) * 8
            + [NAME, SIZE, MD5SUM, URL].iter().filter(|part| contains(payload, part)).count();
        let known = best.iter().position(|candidate| candidate.malformed.code == *code);
        if known.is_some_and(|at| best[at].likeness >= likeness) {
            continue;
        }
        let malformed = MalformedMessage { code: code.clone(), payload: payload.clone() };
        let candidate = Candidate { likeness, case, malformed };
        match known {
            Some(at) => best[at] = candidate,
            None => best.push(candidate),
        }
    }
    best
}

fn contains(payload: &[u8], part: &str) -> bool {
    payload.windows(part.len()).any(|window| window == part.as_bytes())
}

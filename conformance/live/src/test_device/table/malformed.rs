//! Messages that have to be refused, from the fixtures: one of every rejection code and kind.

use iothub_resource::{Direction, Profile};

use super::row::{Row, Table, usual};
use crate::test_device::scenario::{
    Flow, MalformedMessage, ReportResponse, Setup, TaskResponse, WrongMessage,
};
use iothub_conformance_suite::{Case, Level, Request, Verdict};

/// What the fixtures have where a task's own values belong.
pub(in crate::test_device) const NAME: &str = "\"zxc\"";
pub(in crate::test_device) const SIZE: &str = "\"size\":100,";
pub(in crate::test_device) const MD5SUM: &str = "900150983cd24fb0d6963f7d28e17f72";
pub(in crate::test_device) const URL: &str =
    "https://iothub.cos.ap-guangzhou.myqcloud.com/zxc?sign=q1";

/// Why all of them are there.
const REASON: &str =
    "a message that has to be refused changes nothing; the right one after it still does";

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
                title: &format!("a malformed answer first: {}", case.title),
                reason: REASON,
            };
            let response = TaskResponse::After(WrongMessage::Malformed(malformed));
            let setup = Setup { response, done_level: Level::Should, ..usual() };
            table.add(flow, row, setup);
        }
        for Candidate { case, malformed, .. } in of_each_code(profile, cases, report) {
            // What has none of the message in it was sent already.
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

/// A case whose payload may stand for its code.
struct Candidate<'c> {
    /// The higher, the more it is like an answer to the device.
    likeness: usize,
    case: &'c Case,
    malformed: MalformedMessage,
}

/// Of each code the case that is most like an answer to the device: only its one defect may keep
/// it from being one.
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
        // Of its kind first, then with all that makes it believable.
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

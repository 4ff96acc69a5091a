//! Scenarios with malformed messages: a message with each defect, and a message from the fixtures
//! for each rejection code and each kind of answer.

use iothub_resource::{
    Direction, Md5Sum, Message, MessageType, Profile, Resource, ResourceName, ResourceSize,
    ResourceTask, ResourceUrl,
};

use super::{
    defects::{OF_ANY, OF_REPORT_ANSWERS, OF_TASKS},
    row::{Row, Table, usual},
};
use crate::test_device::{
    defect::Defect,
    scenario::{Flow, MalformedMessage, ReportResponse, Setup, TaskResponse, WrongMessage},
};
use iothub_conformance_suite::{Case, Level, Request, Verdict};

/// The name in the fixtures, which is replaced with the name of the task.
pub(in crate::test_device) const NAME: &str = "\"zxc\"";
/// The size in the fixtures, which is replaced with the size of the task.
pub(in crate::test_device) const SIZE: &str = "\"size\":100,";
/// The digest in the fixtures, which is replaced with the digest of the task.
pub(in crate::test_device) const MD5SUM: &str = "900150983cd24fb0d6963f7d28e17f72";
/// The URL in the fixtures, which is replaced with the URL of the task.
pub(in crate::test_device) const URL: &str =
    "https://iothub.cos.ap-guangzhou.myqcloud.com/zxc?sign=q1";

/// The reason in each scenario with a malformed message before the correct answer.
const REASON: &str = "A message that must be rejected changes nothing, and the later correct \
                      answer still counts.";

pub(super) fn add(table: &mut Table, cases: &[Case]) {
    add_from_fixtures(table, cases);
    for flow in [Flow::Upload, Flow::Download] {
        add_spoilt_tasks(table, flow);
        add_spoilt_report_answers(table, flow);
    }
}

fn add_spoilt_tasks(table: &mut Table, flow: Flow) {
    let (own, kind) = match flow {
        Flow::Upload => ("MSG-2", MessageType::CreateUploadTaskRsp),
        Flow::Download => ("MSG-6", MessageType::GetDownloadTaskRsp),
    };
    for defect in OF_ANY.iter().chain(OF_TASKS) {
        let example = defect.in_task(kind.as_str(), &example());
        if !is_rejected(table.profile, defect, &example) {
            continue;
        }
        let Defect { id, title, .. } = defect;
        let requirements = &*requirements(defect, own);
        let row = Row {
            id: &format!("malformed/{id}"),
            requirements,
            title: &format!("a malformed answer before the correct answer: {title}"),
            reason: REASON,
        };
        let wrong = WrongMessage::Spoilt(defect);
        let response = TaskResponse::After(wrong.clone());
        table.add(flow, row, Setup { response, done_level: Level::Should, ..usual() });
        let row = Row {
            id: &format!("malformed-after/{id}"),
            requirements,
            title: &format!("a malformed answer directly after the correct answer: {title}"),
            reason: "A message that must be rejected changes nothing, and the task continues.",
        };
        table.add(flow, row, Setup { response: TaskResponse::Then(wrong), ..usual() });
    }
}

fn add_spoilt_report_answers(table: &mut Table, flow: Flow) {
    let (own, kind) = match flow {
        Flow::Upload => ("MSG-4", MessageType::ReportUploadProgressRsp),
        Flow::Download => ("MSG-8", MessageType::ReportDownloadProgressRsp),
    };
    for defect in OF_ANY.iter().chain(OF_REPORT_ANSWERS) {
        let example = defect.in_report_answer(kind.as_str());
        if !is_rejected(table.profile, defect, &example) {
            continue;
        }
        let row = Row {
            id: &format!("malformed-report/{}", defect.id),
            requirements: &requirements(defect, own),
            title: &format!(
                "malformed answers before and after the correct answer to each report: {}",
                defect.title
            ),
            reason: "A message that must be rejected changes nothing, and the correct answer \
                     counts.",
        };
        let reports = ReportResponse::Spoilt(defect);
        table.add(flow, row, Setup { reports, done_level: Level::Should, ..usual() });
    }
}

/// Returns whether a profile rejects a message because of the defect.
fn is_rejected(profile: Profile, defect: &Defect, payload: &[u8]) -> bool {
    let decoded = Message::decode(profile, Direction::Down, payload);
    decoded.is_err_and(|error| error.code().as_str() == defect.code)
}

/// Returns the requirements of the scenarios with this defect. `own` is the requirement of the
/// message.
fn requirements(defect: &Defect, own: &str) -> String {
    if defect.requirement.is_empty() {
        own.to_owned()
    } else {
        format!("{} {own}", defect.requirement)
    }
}

/// Returns a task with arbitrary values.
fn example() -> ResourceTask<'static> {
    let (size, md5sum) = (ResourceSize::from(100), Md5Sum::of(b"zxc"));
    let name = ResourceName::new("zxc").unwrap_or_else(|_| unreachable!("a legal name"));
    let url =
        ResourceUrl::new("http://h/zxc?sign=1").unwrap_or_else(|_| unreachable!("a legal URL"));
    ResourceTask::new(Resource { size, name, md5sum }, url)
}

fn add_from_fixtures(table: &mut Table, cases: &[Case]) {
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
                title: &format!("a malformed answer before the correct answer: {}", case.title),
                reason: REASON,
            };
            let response = TaskResponse::After(WrongMessage::Malformed(malformed));
            let setup = Setup { response, done_level: Level::Should, ..usual() };
            table.add(flow, row, setup);
        }
        for Candidate { case, malformed, .. } in of_each_code(profile, cases, report) {
            // Scenarios for answers to a request already contain the payloads without
            // `result_code`.
            if !contains(&malformed.payload, "result_code") {
                continue;
            }
            let row = Row {
                id: &format!("malformed-report/{}", malformed.code),
                requirements: case.main_requirement(),
                title: &format!(
                    "a malformed answer before the correct answer to each report: {}",
                    case.title
                ),
                reason: REASON,
            };
            let reports = ReportResponse::Malformed(malformed);
            let setup = Setup { reports, done_level: Level::Should, ..usual() };
            table.add(flow, row, setup);
        }
    }
}

/// A case that may be used in the scenario about its rejection code.
struct Candidate<'c> {
    /// The similarity of the payload to an answer. A higher value is better.
    likeness: usize,
    case: &'c Case,
    malformed: MalformedMessage,
}

/// Returns, for each code, the case that is most similar to an answer, so that only the defect
/// distinguishes the case from an answer.
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
        let known = best.iter().position(|candidate| candidate.malformed.code == *code);
        let to_beat = known.map(|at| best[at].likeness);
        if to_beat == Some(MOST_LIKE) {
            continue;
        }
        let likeness = likeness(payload, kind);
        if to_beat.is_some_and(|to_beat| to_beat >= likeness) {
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

/// The similarity of a payload that has all parts.
const MOST_LIKE: usize = 8 + PARTS.len();
const PARTS: [&str; 4] = [NAME, SIZE, MD5SUM, URL];

/// Returns the similarity of a payload to an answer of this kind. The kind counts eight times as
/// much as each of the other parts.
fn likeness(payload: &[u8], kind: &str) -> usize {
    usize::from(contains(payload, kind)) * 8
        + PARTS.iter().filter(|part| contains(payload, part)).count()
}

fn contains(payload: &[u8], part: &str) -> bool {
    String::from_utf8_lossy(payload).contains(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_defect_is_the_only_one() {
        for profile in Profile::ALL {
            let assert_rejected = |defect: &Defect, payload: &[u8]| {
                // The digest is valid in this profile, or the unknown key is a second defect.
                let is_left_out = match profile {
                    Profile::Deployed => defect.id == "md5sum-capital",
                    Profile::Documented => defect.id == "url-capital",
                };
                let is_rejected = is_rejected(profile, defect, payload);
                assert_eq!(is_rejected, !is_left_out, "{profile}: {}", defect.id);
            };
            for defect in OF_ANY.iter().chain(OF_TASKS) {
                for kind in ["create_upload_task_rsp", "get_download_task_rsp"] {
                    assert_rejected(defect, &defect.in_task(kind, &example()));
                }
            }
            for defect in OF_ANY.iter().chain(OF_REPORT_ANSWERS) {
                for kind in ["report_upload_progress_rsp", "report_download_progress_rsp"] {
                    assert_rejected(defect, &defect.in_report_answer(kind));
                }
            }
        }
    }
}

//! The observer after a fault: a test for each row of the table for SES-12.

use iothub_resource::{
    Direction::{Down, Up},
    Message, Profile, Resource, ResourceTask, ResourceUrl,
    Transfer::{Download, Upload},
    session::{
        FindingKind::{
            self, AfterEnd, EchoMismatch, NoSuchTask, ProgressBeforeUrl, UnsolicitedResponse,
        },
        Observer, TraceAdviceKind,
    },
};

use super::{URL, answer, report, resource, running};

type Judged = Result<Option<TraceAdviceKind>, FindingKind>;

const FINE: Judged = Ok(None);
const REPEATED: Judged = Ok(Some(TraceAdviceKind::Repeated));

const QUERY: Message<'static> = Message::GetDownloadTask;

/// An observer, and the number of messages that it has judged.
struct Seen(Observer, usize);

impl Seen {
    fn new(messages: &[Message<'static>]) -> Self {
        let mut seen = Self(Observer::new(Profile::Deployed), 0);
        for message in messages {
            seen.judges(message, FINE);
        }
        seen
    }

    #[track_caller]
    fn judges(&mut self, message: &Message<'static>, expected: Judged) -> &mut Self {
        let judged = self.0.observe(self.1, false, message);
        self.1 += 1;
        let judged = judged.map(|advice| advice.map(|it| it.kind)).map_err(|it| it.kind);
        assert_eq!(judged, expected, "{message:?}");
        self
    }

    #[track_caller]
    fn takes(&mut self, message: &Message<'static>) -> &mut Self {
        self.judges(message, FINE)
    }

    #[track_caller]
    fn finds(&mut self, kind: FindingKind, message: &Message<'static>) -> &mut Self {
        self.judges(message, Err(kind))
    }

    fn up(&mut self, payload: &str) -> &mut Self {
        self.0.observe_undecodable(Up, payload.as_bytes());
        self.1 += 1;
        self
    }

    fn down(&mut self, payload: &str) -> &mut Self {
        self.0.observe_undecodable(Down, payload.as_bytes());
        self.1 += 1;
        self
    }

    #[track_caller]
    fn owes(&self, expected: &[usize]) {
        let owed: Vec<usize> = self.0.unanswered().iter().map(|advice| advice.at).collect();
        assert_eq!(owed, expected);
    }
}

fn of(name: &str, size: u32) -> Resource<'static> {
    Resource { size: size.into(), ..resource(name, b"") }
}

fn create(name: &str, size: u32) -> Message<'static> {
    Message::CreateUploadTask(of(name, size))
}

fn task(name: &str, size: u32) -> ResourceTask<'static> {
    ResourceTask::new(of(name, size), ResourceUrl::new(URL).unwrap())
}

fn issued(name: &str, size: u32) -> Message<'static> {
    Message::CreateUploadTaskRsp(task(name, size))
}

fn delivered(name: &str) -> Message<'static> {
    Message::GetDownloadTaskRsp(task(name, 0))
}

fn uploading(name: &str, percent: u8) -> Message<'static> {
    report(Upload, name, running(percent), 0)
}

fn downloading(name: &str, percent: u8) -> Message<'static> {
    report(Download, name, running(percent), 0)
}

fn failed(name: &str) -> Message<'static> {
    report(Upload, name, running(0), -1)
}

#[test]
fn a_type_of_the_other_direction() {
    let mut seen = Seen::new(&[create("a", 1), QUERY, create("b", 1)]);
    for payload in [r#"{"type":"get_download_task"}"#, r#"{"type":"report_upload_progress"}"#] {
        seen.down(payload);
    }
    seen.up(r#"{"type":"create_upload_task_rsp","name":"b"}"#);
    seen.up(r#"{"type":"download","name":"b"}"#);
    seen.finds(UnsolicitedResponse, &answer(Upload, 0));
    seen.finds(NoSuchTask, &downloading("b", 0));
    seen.finds(ProgressBeforeUrl, &uploading("a", 0));
}

#[test]
fn nothing_readable_up() {
    for payload in ["", "{", r#"{"type":"upload"}"#, r#"{"type":"create_upload_task","size":1}"#] {
        // One response of any type is excused.
        for response in [issued("a", 1), delivered("a"), answer(Upload, 0), answer(Download, 0)] {
            Seen::new(&[]).up(payload).takes(&response);
            let twice = Seen::new(&[]).up(payload).up(payload).takes(&response).0.clone();
            let other = answer(Upload, -1);
            Seen(twice, 3).takes(&other).finds(UnsolicitedResponse, &other);
        }
        // A task response begins its task.
        let mut seen = Seen::new(&[create("a", 1), issued("a", 1), failed("a"), create("b", 1)]);
        seen.up(payload).takes(&issued("a", 2)).takes(&uploading("a", 0));
        seen.finds(ProgressBeforeUrl, &uploading("b", 0));
        let mut seen = Seen::new(&[create("a", 1)]);
        seen.up(payload).takes(&issued("a", 2)).takes(&uploading("a", 0));
        seen.takes(&issued("a", 1)).owes(&[3]);
        Seen::new(&[]).up(payload).takes(&delivered("a")).takes(&downloading("a", 0));
        // A repetition needs no excuse.
        let mut seen = Seen::new(&[create("a", 1), issued("a", 1)]);
        seen.up(payload).judges(&issued("a", 1), REPEATED).takes(&issued("a", 2));
    }
}

#[test]
fn nothing_readable_down() {
    // The newest create of the task with the oldest unanswered create may have been answered.
    let mut seen = Seen::new(&[create("a", 1), create("b", 1), create("a", 2), create("c", 1)]);
    seen.down("{").owes(&[0, 1, 3]);
    seen.takes(&issued("a", 2)).takes(&uploading("a", 0));
    // Alternatively, the oldest unanswered report on an upload or a download may have been
    // answered.
    let upload = uploading_after("a");
    let mut seen = Seen::new(&upload);
    seen.takes(&Message::Download(task("a", 0))).takes(&downloading("a", 0));
    seen.down("{").owes(&[4]);
    seen.down("{").owes(&[]);
    seen.takes(&answer(Upload, 0)).takes(&answer(Download, 0));
    seen.finds(UnsolicitedResponse, &answer(Upload, 0));
    // One report on an unknown task is excused.
    let mut seen = Seen::new(&[]);
    seen.down("{").takes(&uploading("a", 50)).takes(&uploading("a", 60));
    seen.finds(NoSuchTask, &downloading("a", 0));
    let mut seen = Seen::new(&[]);
    seen.down("{").takes(&downloading("a", 50)).finds(NoSuchTask, &uploading("a", 0));
    // Alternatively, this message may have been the answer for a task, so one report on the task is
    // excused.
    let mut seen = Seen::new(&[create("a", 1)]);
    seen.down("{").takes(&uploading("a", 0)).takes(&issued("a", 1)).owes(&[2]);
    let mut seen = Seen::new(&[create("a", 1), create("b", 1)]);
    seen.down("{").takes(&uploading("b", 0)).owes(&[3]);
    seen.finds(ProgressBeforeUrl, &uploading("a", 0));
}

/// Returns a create, its answer and a report.
fn uploading_after(name: &str) -> [Message<'static>; 3] {
    [create(name, 1), issued(name, 1), uploading(name, 0)]
}

#[test]
fn a_create_that_does_not_decode() {
    let garbled = r#"{"type":"create_upload_task","name":"a","size":-1}"#;
    // One answer with any values is excused and issues the URL.
    let mut seen = Seen::new(&[]);
    seen.up(garbled).takes(&issued("a", 7)).takes(&uploading("a", 0)).owes(&[2]);
    seen.finds(UnsolicitedResponse, &issued("a", 8));
    Seen::new(&[]).up(garbled).finds(ProgressBeforeUrl, &uploading("a", 0));
    Seen::new(&[]).up(garbled).finds(UnsolicitedResponse, &issued("b", 1));
    // The answer to an older create also issues the URL.
    let mut seen = Seen::new(&[create("a", 1)]);
    seen.up(garbled).takes(&issued("a", 1)).takes(&uploading("a", 0)).takes(&issued("a", 7));
    // After a newer create, this answer does not issue the URL.
    let mut seen = Seen::new(&[]);
    seen.up(garbled).takes(&create("a", 1)).takes(&issued("a", 7));
    seen.finds(ProgressBeforeUrl, &uploading("a", 0));
    // The task begins again.
    let mut seen = Seen::new(&[create("a", 1), issued("a", 1), failed("a")]);
    seen.up(garbled).takes(&issued("a", 1)).takes(&uploading("a", 0));
}

#[test]
fn a_query_or_report_that_does_not_decode() {
    Seen::new(&[])
        .up(r#"{"type":"get_download_task",}"#)
        .takes(&delivered("a"))
        .takes(&downloading("a", 0))
        .finds(UnsolicitedResponse, &delivered("b"));
    for (transfer, payload) in [
        (Upload, r#"{"type":"report_upload_progress","name":"a"}"#),
        (Download, r#"{"type":"report_download_progress""#),
    ] {
        let mut seen = Seen::new(&[create("a", 1), issued("a", 1)]);
        seen.up(payload).takes(&answer(transfer, 0)).takes(&uploading("a", 0)).owes(&[4]);
        Seen::new(&[]).up(payload).finds(NoSuchTask, &uploading("a", 0));
    }
}

#[test]
fn an_answer_to_a_create_that_is_at_fault() {
    let garbled = r#"{"type":"create_upload_task_rsp","name":"a"}"#;
    let nameless = r#"{"type":"create_upload_task_rsp"}"#;
    // The task has no URL. The URL counts as issued, and the right answer may still come.
    let mut seen = Seen::new(&[create("a", 1)]);
    seen.down(garbled).takes(&uploading("a", 0)).takes(&issued("a", 1)).owes(&[2]);
    let mut seen = Seen::new(&[create("a", 1)]);
    seen.finds(EchoMismatch, &issued("a", 2)).takes(&uploading("a", 0));
    seen.takes(&issued("a", 1)).owes(&[2]);
    // The message may have answered only the newest create.
    Seen::new(&[create("a", 1), create("a", 2)]).down(garbled).owes(&[0]);
    // The task has ended, so it begins again.
    let mut seen = Seen::new(&[create("a", 1), issued("a", 1), failed("a")]);
    seen.finds(UnsolicitedResponse, &issued("a", 2)).takes(&uploading("a", 0));
    // The task has its URL, so nothing changes.
    let mut seen = Seen::new(&[create("a", 2), create("a", 1), issued("a", 1)]);
    seen.finds(EchoMismatch, &issued("a", 3)).finds(EchoMismatch, &issued("a", 3)).owes(&[0]);
    // No create has this name. The answer may have been intended for the task with the oldest
    // unanswered create.
    let mut seen = Seen::new(&[create("b", 1), create("c", 1), create("b", 2)]);
    seen.finds(UnsolicitedResponse, &issued("a", 1)).owes(&[0, 1]);
    seen.takes(&uploading("a", 0)).takes(&uploading("b", 0));
    seen.finds(ProgressBeforeUrl, &uploading("c", 0));
    Seen::new(&[create("b", 1), create("c", 1)]).down(nameless).owes(&[1]);
    // A create that did not decode counts only if no other create is unanswered.
    let undecodable = r#"{"type":"create_upload_task","name":"b","#;
    let mut seen = Seen::new(&[]);
    seen.up(undecodable).takes(&create("c", 1)).down(nameless).takes(&uploading("c", 0));
    seen.down(nameless).takes(&uploading("b", 0)).finds(NoSuchTask, &uploading("d", 0));
    // There is no task at all, so one report is excused.
    let mut seen = Seen::new(&[]);
    seen.down(nameless).takes(&uploading("d", 0)).finds(NoSuchTask, &uploading("e", 0));
    Seen::new(&[]).down(garbled).takes(&uploading("a", 0)).finds(NoSuchTask, &uploading("d", 0));
}

#[test]
fn a_delivery_that_is_at_fault() {
    for kind in ["get_download_task_rsp", "download"] {
        let garbled = format!(r#"{{"type":"{kind}","name":"a"}}"#);
        let nameless = format!(r#"{{"type":"{kind}"}}"#);
        Seen::new(&[]).down(&garbled).takes(&downloading("a", 0));
        let mut seen = Seen::new(&[]);
        seen.down(&nameless).takes(&downloading("a", 0)).finds(NoSuchTask, &downloading("b", 0));
        // A second delivery begins the download again.
        let ended = report(Download, "a", running(0), -1);
        let mut seen = Seen::new(&[Message::Download(task("a", 0)), ended]);
        seen.down(&garbled).takes(&downloading("a", 0));
    }
    Seen::new(&[]).finds(UnsolicitedResponse, &delivered("a")).takes(&downloading("a", 0));
    // The delivery may have answered the query, so exactly one other answer may come.
    let mut seen = Seen::new(&[QUERY]);
    seen.down(r#"{"type":"get_download_task_rsp"}"#).takes(&delivered("b"));
    seen.finds(UnsolicitedResponse, &delivered("c"));
}

#[test]
fn a_progress_response_that_is_at_fault() {
    let garbled = r#"{"type":"report_upload_progress_rsp","result_code":"0"}"#;
    let mut seen = Seen::new(&uploading_after("a"));
    seen.takes(&uploading("a", 1)).down(garbled).owes(&[3]);
    seen.takes(&answer(Upload, 0)).takes(&answer(Upload, 0));
    seen.finds(UnsolicitedResponse, &answer(Upload, 0));
    seen.finds(UnsolicitedResponse, &answer(Upload, 0));
    let mut seen = Seen::new(&uploading_after("a"));
    seen.down(r#"{"type":"report_download_progress_rsp"}"#).owes(&[2]);
}

#[test]
fn a_report_that_is_at_fault() {
    // The task exists from this message on, and its URL counts as issued. The report counts and is
    // owed an answer.
    let mut seen = Seen::new(&[]);
    seen.finds(NoSuchTask, &uploading("a", 50)).takes(&uploading("a", 60)).owes(&[0, 1]);
    seen.judges(&uploading("a", 10), Ok(Some(TraceAdviceKind::PercentDecreased)));
    seen.takes(&answer(Upload, -2));
    Seen::new(&[]).finds(NoSuchTask, &downloading("a", 0)).takes(&downloading("a", 0));
    // The answer to the create is still owed.
    let mut seen = Seen::new(&[create("a", 1)]);
    seen.finds(ProgressBeforeUrl, &uploading("a", 0)).takes(&uploading("a", 0)).owes(&[0, 1, 2]);
    seen.takes(&issued("a", 1)).owes(&[1, 2]);
    // The report may end the task. In that case, the task has ended with this report.
    let mut seen = Seen::new(&[]);
    seen.finds(NoSuchTask, &failed("a")).judges(&failed("a"), REPEATED);
    seen.finds(AfterEnd, &uploading("a", 0)).takes(&uploading("a", 0)).takes(&failed("a"));
}

#[test]
fn an_unsolicited_progress_response() {
    let mut seen = Seen::new(&[Message::Download(task("a", 0)), downloading("a", 0)]);
    seen.finds(UnsolicitedResponse, &answer(Upload, 0)).owes(&[1]);
    seen.finds(UnsolicitedResponse, &answer(Upload, 0)).takes(&answer(Download, 0));
}

/// A faulty response also counts as the last response of its type for its name (SES-11).
#[test]
fn a_fault_once_more() {
    let mut seen = Seen::new(&[create("a", 1)]);
    seen.takes(&issued("a", 1)).finds(UnsolicitedResponse, &issued("a", 2));
    seen.judges(&issued("a", 2), REPEATED).finds(UnsolicitedResponse, &issued("a", 1));
    let mut seen = Seen::new(&[QUERY, delivered("a")]);
    let other = Message::GetDownloadTaskRsp(task("a", 9));
    seen.finds(UnsolicitedResponse, &other).judges(&other, REPEATED);
    seen.finds(UnsolicitedResponse, &delivered("a"));
    // A payload that does not decode is not equal to any other payload and is not the last
    // response.
    let mut seen = Seen::new(&[create("a", 1), issued("a", 1)]);
    seen.down(r#"{"type":"create_upload_task_rsp","name":"a"}"#);
    seen.judges(&issued("a", 1), REPEATED);
}

/// A fault does not use up an answer that may come (SES-12).
#[test]
fn a_fault_is_no_second_answer() {
    let mut seen = Seen::new(&[create("a", 1), issued("a", 1)]);
    assert_eq!(seen.0.observe(2, true, &create("a", 1)), Ok(None));
    seen.finds(UnsolicitedResponse, &issued("a", 2)).takes(&issued("a", 1));
    seen.judges(&issued("a", 1), REPEATED);
}

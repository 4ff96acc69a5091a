//! The session rules in the form of the specification. The model keeps lists of all events and
//! searches a whole list for every question.

use iothub_resource::{
    Direction, Message, MessageType, Percent, Profile, ProgressReport, Resource, ResourceTask,
    State, Transfer,
    session::{FindingKind, TraceAdviceKind},
};

/// The verdict of the rules on a message.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Verdict {
    /// The message is sent again with DUP (SES-11).
    Again,
    Fine,
    Advice(TraceAdviceKind),
    Wrong(FindingKind),
}

use FindingKind::{AfterEnd, EchoMismatch, NoSuchTask, ProgressBeforeUrl, UnsolicitedResponse};
use Verdict::{Advice, Again, Fine, Wrong};

pub(crate) const REPEATED: Verdict = Advice(TraceAdviceKind::Repeated);
const DECREASED: Verdict = Advice(TraceAdviceKind::PercentDecreased);

/// An upload or a download in the trace. Of several tasks with the same kind and name, the last one
/// is the current task.
#[derive(Clone)]
struct Task {
    transfer: Transfer,
    name: Vec<u8>,
    /// Whether the URL is issued or delivered, or counts as issued or delivered.
    issued: bool,
    /// The place of the first create that did not decode after the last create that decoded, or
    /// `None` if the newest create decoded.
    undecoded: Option<usize>,
    /// The reports that count.
    reports: Vec<ProgressReport<'static>>,
}

/// A message that requests an answer.
#[derive(Clone, PartialEq)]
enum Request {
    /// A create, with the index of the task that it began. If there is no resource, the create did
    /// not decode.
    Create {
        task: usize,
        name: Vec<u8>,
        resource: Option<Resource<'static>>,
    },
    Query,
    Report(Transfer),
}

/// An answer that is or was expected.
#[derive(Clone)]
struct Answer {
    to: Request,
    at: usize,
    standing: Standing,
}

#[derive(Clone, Copy, PartialEq)]
enum Standing {
    Owed,
    MayCome,
    Came,
}

use Standing::{Came, MayCome, Owed};

/// A trace, with the tasks and answers that follow from it.
#[derive(Clone)]
pub(crate) struct Trace {
    profile: Profile,
    /// The number of messages, including those that did not decode.
    count: usize,
    decoded: Vec<Message<'static>>,
    tasks: Vec<Task>,
    answers: Vec<Answer>,
    /// The earlier task responses, with which the next task response is compared.
    responses: Vec<Message<'static>>,
    /// The number of responses that the rules excuse (SES-12).
    free_responses: usize,
    /// The number of reports that the rules excuse (SES-12).
    free_reports: usize,
}

impl Trace {
    pub(crate) const fn new(profile: Profile) -> Self {
        Self {
            profile,
            count: 0,
            decoded: Vec::new(),
            tasks: Vec::new(),
            answers: Vec::new(),
            responses: Vec::new(),
            free_responses: 0,
            free_reports: 0,
        }
    }

    /// Adds the next message to the trace and returns the verdict on it.
    pub(crate) fn observe(&mut self, dup: bool, message: Message<'static>) -> Verdict {
        let again = dup && self.decoded.contains(&message);
        let verdict = if again { self.again(&message) } else { self.judge(&message) };
        self.decoded.push(message);
        self.count += 1;
        verdict
    }

    /// Returns the unanswered messages (SES-9), in the order of the requests.
    pub(crate) fn unanswered(&self) -> Vec<usize> {
        let owed = self.answers.iter().filter(|it| it.standing == Owed && it.to != Request::Query);
        owed.map(|answer| answer.at).collect()
    }

    /// Returns whether a query is unanswered.
    pub(crate) fn owes_a_download(&self) -> bool {
        !self.waiting(Owed, |it| *it == Request::Query).is_empty()
    }

    // These functions read and extend the trace.

    /// Returns the current task with that name, or `None` if there is no such task.
    fn task(&self, transfer: Transfer, name: &[u8]) -> Option<usize> {
        self.tasks.iter().rposition(|it| it.transfer == transfer && it.name == name)
    }

    fn begin(&mut self, transfer: Transfer, name: &[u8], issued: bool) -> usize {
        let name = name.to_owned();
        self.tasks.push(Task { transfer, name, issued, undecoded: None, reports: Vec::new() });
        self.tasks.len() - 1
    }

    fn wait(&mut self, standing: Standing, to: Request) {
        self.answers.push(Answer { to, at: self.count, standing });
    }

    /// Returns the answers with that standing, oldest first.
    fn waiting(&self, standing: Standing, to: impl Fn(&Request) -> bool) -> Vec<usize> {
        let is_one = |at: &usize| {
            let answer = &self.answers[*at];
            answer.standing == standing && to(&answer.to)
        };
        (0..self.answers.len()).filter(is_one).collect()
    }

    fn has_ended(&self, task: usize) -> bool {
        self.tasks[task].reports.iter().any(|report| self.ends(report))
    }

    /// Returns whether a report ends its task (SES-7).
    fn ends(&self, report: &ProgressReport<'_>) -> bool {
        let progress = &report.progress;
        progress.result_code.0 != 0
            || match self.profile {
                Profile::Documented => progress.state.percent() == Some(Percent::FULL),
                Profile::Deployed => !matches!(progress.state, State::Running(_)),
            }
    }

    // These functions take messages that decode.

    /// Takes a repetition, which changes nothing. A second answer may come (SES-11).
    fn again(&mut self, message: &Message<'static>) -> Verdict {
        if let Some(request) = self.request_of(message) {
            self.wait(MayCome, request);
        }
        Again
    }

    /// Returns the request in a message that is sent again, or `None` if the message is not a
    /// request.
    fn request_of(&self, message: &Message<'static>) -> Option<Request> {
        match message {
            Message::CreateUploadTask(resource) => {
                let first = self.answers.iter().rev().find_map(|answer| match &answer.to {
                    create @ Request::Create { resource: Some(it), .. } if it == resource => {
                        Some(create.clone())
                    }
                    _ => None,
                });
                Some(first.expect("it is sent again"))
            }
            Message::GetDownloadTask => Some(Request::Query),
            Message::ReportUploadProgress(_) => Some(Request::Report(Transfer::Upload)),
            Message::ReportDownloadProgress(_) => Some(Request::Report(Transfer::Download)),
            _ => None,
        }
    }

    fn judge(&mut self, message: &Message<'static>) -> Verdict {
        match message {
            Message::CreateUploadTask(resource) => {
                let name = resource.name.as_str().as_bytes().to_owned();
                let task = self.begin(Transfer::Upload, &name, false);
                self.wait(Owed, Request::Create { task, name, resource: Some(resource.clone()) });
                Fine
            }
            Message::GetDownloadTask => {
                self.wait(Owed, Request::Query);
                Fine
            }
            Message::Download(task) => {
                self.begin(Transfer::Download, task.name.as_str().as_bytes(), true);
                Fine
            }
            Message::ReportUploadProgress(report) => self.report(Transfer::Upload, report),
            Message::ReportDownloadProgress(report) => self.report(Transfer::Download, report),
            response => self.response(response),
        }
    }

    /// Assigns a response to the first expected answer that it fits, in the order of the
    /// specification. Returns the verdict on the response.
    fn response(&mut self, response: &Message<'static>) -> Verdict {
        let wanted = self.wanted(response);
        if let Some(answer) = wanted {
            self.answers[answer].standing = Came;
            self.take_response(Some(answer), response);
            return Fine;
        }
        let owed_other_values = match response {
            Message::CreateUploadTaskRsp(task) => {
                let name = task.name.as_str().as_bytes();
                let of_name =
                    |it: &Request| matches!(it, Request::Create { name: it, .. } if it == name);
                !self.waiting(Owed, of_name).is_empty()
            }
            _ => false,
        };
        let same_kind = |it: &&Message<'_>| {
            it.message_type() == response.message_type() && it.name() == response.name()
        };
        if !owed_other_values && self.responses.iter().rev().find(same_kind) == Some(response) {
            return REPEATED;
        }
        if self.free_responses > 0 {
            self.free_responses -= 1;
            self.take_response(None, response);
            return Fine;
        }
        self.misplaced_response(response);
        Wrong(if owed_other_values { EchoMismatch } else { UnsolicitedResponse })
    }

    /// Returns the expected answer that a response counts as, or `None` if the response fits none.
    fn wanted(&self, response: &Message<'static>) -> Option<usize> {
        let one = |to: Request| {
            let owed = self.waiting(Owed, |it| *it == to);
            let may_come = self.waiting(MayCome, |it| *it == to);
            owed.into_iter().chain(may_come).next()
        };
        match response {
            Message::CreateUploadTaskRsp(task) => {
                let wanted = |standing, values: Option<Resource<'static>>| {
                    let fits = |it: &Request| match it {
                        Request::Create { name, resource, .. } => {
                            name == task.name.as_str().as_bytes() && *resource == values
                        }
                        _ => false,
                    };
                    self.waiting(standing, fits).pop()
                };
                let values = Some(task.resource());
                wanted(Owed, values.clone())
                    .or_else(|| wanted(MayCome, values))
                    .or_else(|| wanted(MayCome, None))
            }
            Message::GetDownloadTaskRsp(_) => one(Request::Query),
            Message::ReportUploadProgressRsp(_) => one(Request::Report(Transfer::Upload)),
            Message::ReportDownloadProgressRsp(_) => one(Request::Report(Transfer::Download)),
            other => panic!("{other:?} is no response"),
        }
    }

    /// Takes a response without a fault. If a task response answers nothing, it begins its task
    /// again.
    fn take_response(&mut self, answer: Option<usize>, response: &Message<'static>) {
        match response {
            Message::CreateUploadTaskRsp(task) => {
                self.issue(answer, task);
                self.responses.push(response.clone());
            }
            Message::GetDownloadTaskRsp(task) => {
                self.begin(Transfer::Download, task.name.as_str().as_bytes(), true);
                self.responses.push(response.clone());
            }
            _ => {}
        }
    }

    fn issue(&mut self, answer: Option<usize>, task: &ResourceTask<'static>) {
        let name = task.name.as_str().as_bytes();
        let Some(answer) = answer else {
            self.begin(Transfer::Upload, name, true);
            return;
        };
        if let Request::Create { task, .. } = self.answers[answer].to {
            self.tasks[task].issued = true;
        }
        // If the newest create did not decode, any answer that is accepted issues the URL.
        if let Some(current) = self.task(Transfer::Upload, name)
            && self.tasks[current].undecoded.is_some()
        {
            self.tasks[current].issued = true;
        }
    }

    fn report(&mut self, transfer: Transfer, report: &ProgressReport<'static>) -> Verdict {
        let name = report.name.as_str().as_bytes();
        let task = self.task(transfer, name);
        let verdict = match task {
            None => Wrong(NoSuchTask),
            Some(task) if !self.tasks[task].issued => Wrong(ProgressBeforeUrl),
            Some(task) => self.judge_course(&self.tasks[task], report),
        };
        if verdict == REPEATED {
            self.wait(MayCome, Request::Report(transfer));
            return verdict;
        }
        let task = match task {
            Some(task) if verdict != Wrong(AfterEnd) => task,
            _ => self.begin(transfer, name, true),
        };
        let is_free =
            matches!(verdict, Wrong(NoSuchTask | ProgressBeforeUrl)) && self.free_reports > 0;
        if is_free {
            self.free_reports -= 1;
            if transfer == Transfer::Upload {
                self.loosen(name);
            }
        }
        self.tasks[task].issued = true;
        self.tasks[task].reports.push(report.clone());
        self.wait(Owed, Request::Report(transfer));
        if is_free { Fine } else { verdict }
    }

    /// Returns the verdict on a report after the earlier reports of the same task (SES-7, SES-8).
    fn judge_course(&self, task: &Task, report: &ProgressReport<'static>) -> Verdict {
        if let Some(last) = task.reports.iter().find(|before| self.ends(before)) {
            return if last == report { REPEATED } else { Wrong(AfterEnd) };
        }
        let percent = task.reports.iter().rev().find_map(|before| before.progress.state.percent());
        match (percent, report.progress.state.percent()) {
            (Some(before), Some(now)) if now < before => DECREASED,
            _ => Fine,
        }
    }

    // These functions apply the rules after a fault (SES-12).

    fn misplaced_response(&mut self, response: &Message<'static>) {
        if let Message::CreateUploadTaskRsp(task) | Message::GetDownloadTaskRsp(task) = response {
            let name = task.name.as_str().as_bytes();
            self.task_response_at_fault(response.message_type(), Some(name));
            self.responses.push(response.clone());
        }
    }

    /// Takes a payload that does not decode, with its readable type and name.
    pub(crate) fn observe_undecodable(
        &mut self,
        direction: Direction,
        kind: Option<MessageType>,
        name: Option<&[u8]>,
    ) {
        if kind.is_none_or(|kind| kind.direction() == direction) {
            match (direction, kind) {
                (Direction::Up, kind) => self.undecodable_request(kind, name),
                (Direction::Down, Some(kind)) => self.undecodable_response(kind, name),
                (Direction::Down, None) => self.anything_down(),
            }
        }
        self.count += 1;
    }

    fn undecodable_request(&mut self, kind: Option<MessageType>, name: Option<&[u8]>) {
        match (kind, name) {
            (None, _) | (Some(MessageType::CreateUploadTask), None) => self.free_responses += 1,
            (Some(MessageType::CreateUploadTask), Some(name)) => {
                let before = self.task(Transfer::Upload, name).map(|task| &self.tasks[task]);
                let since = match before {
                    Some(Task { issued: false, undecoded: Some(since), .. }) => *since,
                    _ => self.count,
                };
                let task = self.begin(Transfer::Upload, name, false);
                self.tasks[task].undecoded = Some(since);
                let name = name.to_owned();
                self.wait(MayCome, Request::Create { task, name, resource: None });
            }
            (Some(MessageType::GetDownloadTask), _) => self.wait(MayCome, Request::Query),
            (Some(MessageType::ReportUploadProgress), _) => {
                self.wait(MayCome, Request::Report(Transfer::Upload));
            }
            (Some(_), _) => self.wait(MayCome, Request::Report(Transfer::Download)),
        }
    }

    fn undecodable_response(&mut self, kind: MessageType, name: Option<&[u8]>) {
        let answered = match kind {
            MessageType::GetDownloadTaskRsp => Request::Query,
            MessageType::ReportUploadProgressRsp => Request::Report(Transfer::Upload),
            MessageType::ReportDownloadProgressRsp => Request::Report(Transfer::Download),
            _ => return self.task_response_at_fault(kind, name),
        };
        if let Some(oldest) = self.waiting(Owed, |it| *it == answered).first() {
            self.answers[*oldest].standing = MayCome;
        }
        if answered == Request::Query {
            self.task_response_at_fault(kind, name);
        }
    }

    fn task_response_at_fault(&mut self, kind: MessageType, name: Option<&[u8]>) {
        let is_upload = kind == MessageType::CreateUploadTaskRsp;
        match name {
            Some(name) if is_upload => self.issue_at_fault(name),
            Some(name) => {
                self.begin(Transfer::Download, name, true);
            }
            None if is_upload && self.longest_may_have_answered() => {}
            None => self.free_reports += 1,
        }
    }

    fn issue_at_fault(&mut self, name: &[u8]) {
        match self.task(Transfer::Upload, name) {
            Some(task) if !self.tasks[task].issued => {
                self.loosen(name);
                self.tasks[task].issued = true;
            }
            Some(task) if self.has_ended(task) => {
                self.begin(Transfer::Upload, name, true);
            }
            Some(_) => {}
            None => {
                self.longest_may_have_answered();
                self.begin(Transfer::Upload, name, true);
            }
        }
    }

    /// Turns the newest owed answer to a create with that name into an answer that may come.
    fn loosen(&mut self, name: &[u8]) {
        let of_name = |it: &Request| matches!(it, Request::Create { name: it, .. } if it == name);
        if let Some(newest) = self.waiting(Owed, of_name).last() {
            self.answers[*newest].standing = MayCome;
        }
    }

    /// Returns the name of the task with the oldest unanswered create, or `None` if there is none.
    fn longest_owed(&self) -> Option<Vec<u8>> {
        let owed = self.waiting(Owed, |it| matches!(it, Request::Create { .. }));
        owed.first().map(|answer| match &self.answers[*answer].to {
            Request::Create { name, .. } => name.clone(),
            _ => unreachable!("only creates were asked for"),
        })
    }

    /// Records that the task with the oldest unanswered create may have been answered. Returns
    /// whether there is such a task.
    fn longest_may_have_answered(&mut self) -> bool {
        let undecoded = || {
            let tasks = (0..self.tasks.len()).filter(|at| {
                let Task { transfer, name, issued, undecoded, .. } = &self.tasks[*at];
                undecoded.is_some() && !issued && self.task(*transfer, name) == Some(*at)
            });
            let longest = tasks.min_by_key(|at| self.tasks[*at].undecoded);
            longest.map(|at| self.tasks[at].name.clone())
        };
        let Some(name) = self.longest_owed().or_else(undecoded) else { return false };
        self.loosen(&name);
        let task = self.task(Transfer::Upload, &name).expect("it was begun");
        self.tasks[task].issued = true;
        true
    }

    fn anything_down(&mut self) {
        if let Some(name) = self.longest_owed() {
            self.loosen(&name);
        } else {
            let reports = self.waiting(Owed, |it| matches!(it, Request::Report(_)));
            if let Some(oldest) = reports.first() {
                self.answers[*oldest].standing = MayCome;
            }
        }
        self.free_reports += 1;
    }
}

//! The session rules, asked anew about the whole trace at every message.

use iothub_resource::{
    Message, Percent, Profile, ProgressReport, ResourceTask, State, Transfer,
    session::{FindingKind, TraceAdviceKind},
};

/// What the rules say about a message.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Verdict {
    /// A repetition of MQTT's (SES-11).
    Ignored,
    Fine,
    Advice(TraceAdviceKind),
    Wrong(FindingKind),
}

use Verdict::{Advice, Fine, Ignored, Wrong};

pub(crate) const REPEATED: Verdict = Advice(TraceAdviceKind::Repeated);
const DECREASED: Verdict = Advice(TraceAdviceKind::PercentDecreased);

/// A trace, and what was said of each message in it.
pub(crate) struct Trace {
    profile: Profile,
    messages: Vec<Message<'static>>,
    verdicts: Vec<Verdict>,
}

impl Trace {
    pub(crate) const fn new(profile: Profile) -> Self {
        Self { profile, messages: Vec::new(), verdicts: Vec::new() }
    }

    /// Judges the next message.
    pub(crate) fn observe(&mut self, dup: bool, message: Message<'static>) -> Verdict {
        let repeats = dup && self.messages.contains(&message);
        let verdict = if repeats { Ignored } else { self.judge(&message) };
        self.messages.push(message);
        self.verdicts.push(verdict);
        verdict
    }

    fn judge(&self, message: &Message<'static>) -> Verdict {
        match message {
            Message::CreateUploadTask(_) | Message::GetDownloadTask | Message::Download(_) => Fine,
            Message::CreateUploadTaskRsp(task) => self.judge_issue(task),
            Message::GetDownloadTaskRsp(task) => self.judge_delivery(task),
            Message::ReportUploadProgressRsp(_) => self.judge_answer(Transfer::Upload),
            Message::ReportDownloadProgressRsp(_) => self.judge_answer(Transfer::Download),
            Message::ReportUploadProgress(report) => {
                let name = report.name.as_str();
                let creates = self.creates(name);
                match creates.last() {
                    None => Wrong(FindingKind::NoSuchTask),
                    Some(newest) if self.open_creates(name).contains(newest) => {
                        Wrong(FindingKind::ProgressBeforeUrl)
                    }
                    Some(newest) => self.judge_course(Transfer::Upload, *newest, report),
                }
            }
            Message::ReportDownloadProgress(report) => {
                let delivered = (0..self.verdicts.len()).rfind(|at| match self.took_effect(*at) {
                    Some(Message::Download(task) | Message::GetDownloadTaskRsp(task)) => {
                        task.name == report.name
                    }
                    _ => false,
                });
                match delivered {
                    None => Wrong(FindingKind::NoSuchTask),
                    Some(newest) => self.judge_course(Transfer::Download, newest, report),
                }
            }
            other => panic!("{other:?}"),
        }
    }

    /// The message, if it changed something.
    fn took_effect(&self, at: usize) -> Option<&Message<'static>> {
        let message = &self.messages[at];
        (self.verdicts[at] == Fine || self.verdicts[at] == DECREASED).then_some(message)
    }

    fn creates(&self, name: &str) -> Vec<usize> {
        let of_name = |at: &usize| {
            matches!(self.took_effect(*at), Some(Message::CreateUploadTask(resource))
                if resource.name.as_str() == name)
        };
        (0..self.verdicts.len()).filter(of_name).collect()
    }

    /// SES-1, SES-2: every answer that was taken answers the newest create that it can.
    fn open_creates(&self, name: &str) -> Vec<usize> {
        let mut open = self.creates(name);
        for at in 0..self.verdicts.len() {
            if let Some(Message::CreateUploadTaskRsp(task)) = self.took_effect(at)
                && task.name.as_str() == name
            {
                let answered = open
                    .iter()
                    .rposition(|create| *create < at && self.asks_for(*create, task))
                    .unwrap();
                open.remove(answered);
            }
        }
        open
    }

    fn asks_for(&self, create: usize, task: &ResourceTask<'static>) -> bool {
        matches!(&self.messages[create], Message::CreateUploadTask(resource)
            if *resource == task.resource())
    }

    fn judge_issue(&self, task: &ResourceTask<'static>) -> Verdict {
        let open = self.open_creates(task.name.as_str());
        if open.iter().any(|create| self.asks_for(*create, task)) {
            Fine
        } else if !open.is_empty() {
            Wrong(FindingKind::EchoMismatch)
        } else {
            self.judge_unasked(|message| match message {
                Message::CreateUploadTaskRsp(last) if last.name == task.name => Some(last == task),
                _ => None,
            })
        }
    }

    fn judge_delivery(&self, task: &ResourceTask<'static>) -> Verdict {
        let count = |wanted: fn(&Message<'_>) -> bool| {
            (0..self.verdicts.len()).filter(|at| self.took_effect(*at).is_some_and(wanted)).count()
        };
        let asked = count(|message| matches!(message, Message::GetDownloadTask));
        let answered = count(|message| matches!(message, Message::GetDownloadTaskRsp(_)));
        if asked > answered {
            return Fine;
        }
        self.judge_unasked(|message| match message {
            Message::GetDownloadTaskRsp(last) if last.name == task.name => Some(last == task),
            _ => None,
        })
    }

    /// SES-11: whether the last response of that name says the same.
    fn judge_unasked(&self, same: impl Fn(&Message<'static>) -> Option<bool>) -> Verdict {
        let last = (0..self.verdicts.len()).rev().find_map(|at| same(self.took_effect(at)?));
        if last == Some(true) { REPEATED } else { Wrong(FindingKind::UnsolicitedResponse) }
    }

    /// The reports that are owed an answer, misplaced ones too (SES-12), and the answers taken.
    fn reports_and_answers(&self, transfer: Transfer) -> (Vec<usize>, usize) {
        let reports = (0..self.verdicts.len()).filter(|at| {
            of(&self.messages[*at], transfer).is_some()
                && self.verdicts[*at] != Ignored
                && self.verdicts[*at] != REPEATED
        });
        let answers = (0..self.verdicts.len()).filter(|at| {
            matches!(
                (self.took_effect(*at), transfer),
                (Some(Message::ReportUploadProgressRsp(_)), Transfer::Upload)
                    | (Some(Message::ReportDownloadProgressRsp(_)), Transfer::Download)
            )
        });
        (reports.collect(), answers.count())
    }

    fn judge_answer(&self, transfer: Transfer) -> Verdict {
        let (reports, answers) = self.reports_and_answers(transfer);
        if reports.len() > answers { Fine } else { Wrong(FindingKind::UnsolicitedResponse) }
    }

    /// SES-7, SES-8: what was reported since the task began.
    fn judge_course(
        &self,
        transfer: Transfer,
        begin: usize,
        report: &ProgressReport<'static>,
    ) -> Verdict {
        let before: Vec<&ProgressReport<'static>> = (begin..self.verdicts.len())
            .filter_map(|at| of(self.took_effect(at)?, transfer))
            .filter(|before| before.name == report.name)
            .collect();
        if let Some(last) = before.iter().find(|before| self.ends(before)) {
            return if *last == report { REPEATED } else { Wrong(FindingKind::AfterEnd) };
        }
        let percent = before.iter().rev().find_map(|before| before.progress.state.percent());
        match (percent, report.progress.state.percent()) {
            (Some(before), Some(now)) if now < before => DECREASED,
            _ => Fine,
        }
    }

    fn ends(&self, report: &ProgressReport<'_>) -> bool {
        let progress = &report.progress;
        progress.result_code.0 != 0
            || match self.profile {
                Profile::Documented => progress.state.percent() == Some(Percent::FULL),
                Profile::Deployed => !matches!(progress.state, State::Running(_)),
            }
    }

    /// SES-9: reports are answered oldest first.
    pub(crate) fn unanswered(&self) -> Vec<usize> {
        let mut names: Vec<&str> =
            self.messages.iter().filter_map(|message| Some(message.name()?.as_str())).collect();
        names.sort_unstable();
        names.dedup();
        let mut all: Vec<usize> =
            names.into_iter().flat_map(|name| self.open_creates(name)).collect();
        for transfer in [Transfer::Upload, Transfer::Download] {
            let (reports, answers) = self.reports_and_answers(transfer);
            all.extend(&reports[answers..]);
        }
        all.sort_unstable();
        all
    }
}

fn of<'m>(
    message: &'m Message<'static>,
    transfer: Transfer,
) -> Option<&'m ProgressReport<'static>> {
    match (message, transfer) {
        (Message::ReportUploadProgress(report), Transfer::Upload)
        | (Message::ReportDownloadProgress(report), Transfer::Download) => Some(report),
        _ => None,
    }
}

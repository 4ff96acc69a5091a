//! The observer against the session rules, asked anew about the whole trace at every message.

use iothub_resource::{
    Message, Percent, Profile, ProgressReport, ResourceTask, State, Transfer,
    session::{FindingKind, Observer, TraceAdviceKind},
};
use proptest::{collection::vec, prelude::*};

use super::profile;
use crate::session::{answer, report, resource, running, task};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Verdict {
    /// A repetition of MQTT's (SES-11).
    Ignored,
    Fine,
    Advice(TraceAdviceKind),
    Wrong(FindingKind),
}

use Verdict::{Advice, Fine, Ignored, Wrong};

const REPEATED: Verdict = Advice(TraceAdviceKind::Repeated);
const DECREASED: Verdict = Advice(TraceAdviceKind::PercentDecreased);

type Event = (bool, Message<'static>);

/// A trace and what was said of its beginning.
struct Trace<'t> {
    profile: Profile,
    events: &'t [Event],
    verdicts: Vec<Verdict>,
}

impl Trace<'_> {
    fn judge(&self, dup: bool, message: &Message<'static>) -> Verdict {
        let now = self.verdicts.len();
        if dup && self.events[..now].iter().any(|(_, seen)| seen == message) {
            return Ignored;
        }
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
                let delivered = (0..now).rfind(|at| match self.took_effect(*at) {
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
        let (_, message) = &self.events[at];
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
        matches!(&self.events[create].1, Message::CreateUploadTask(resource)
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
            of(&self.events[*at].1, transfer).is_some()
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
    fn unanswered(&self) -> Vec<usize> {
        let mut names: Vec<&str> =
            self.events.iter().filter_map(|(_, message)| Some(message.name()?.as_str())).collect();
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

fn event() -> impl Strategy<Value = Event> {
    let name = || prop_oneof![3 => Just("a"), 1 => Just("b")];
    let body = || prop_oneof![3 => Just(&b"x"[..]), 1 => Just(&b"yy"[..])];
    let task = || {
        let url = prop_oneof![2 => Just("https://s/1"), 1 => Just("https://s/2")];
        (name(), body(), url).prop_map(|(name, body, url)| task(name, body, url))
    };
    let transfer = || prop_oneof![Just(Transfer::Upload), Just(Transfer::Download)];
    let state = prop_oneof![
        4 => prop_oneof![Just(0), Just(30), Just(50), Just(99), Just(100)].prop_map(running),
        1 => Just(State::Done(None)),
        1 => Just(State::Done(Some(Percent::FULL))),
        1 => Just(State::Fail(None)),
        1 => Just(State::Fail(Some(Percent::ZERO))),
    ];
    let code = || prop_oneof![6 => Just(0), 1 => Just(-1)];
    let message = prop_oneof![
        3 => (name(), body()).prop_map(|(name, body)| Message::CreateUploadTask(resource(name, body))),
        5 => task().prop_map(Message::CreateUploadTaskRsp),
        2 => Just(Message::GetDownloadTask),
        4 => task().prop_map(Message::GetDownloadTaskRsp),
        1 => task().prop_map(Message::Download),
        12 => (transfer(), name(), state, code())
            .prop_map(|(transfer, name, state, code)| report(transfer, name, state, code)),
        6 => (transfer(), code()).prop_map(|(transfer, code)| answer(transfer, code)),
    ];
    (prop::bool::weighted(0.1), message)
}

/// Some events come a second time, at once or later.
fn events() -> impl Strategy<Value = Vec<Event>> {
    let again = prop::option::weighted(0.3, (any::<bool>(), 0..6_usize));
    vec((event(), again), 0..40).prop_map(|events| {
        let mut all: Vec<Event> = Vec::new();
        for ((dup, message), again) in events {
            all.push((dup, message.clone()));
            if let Some((dup, back)) = again {
                let (_, old) = all[all.len().saturating_sub(1 + back)].clone();
                all.push((dup, old));
            }
        }
        all
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases.max(1_000)))]

    #[test]
    fn the_observer_is_the_specification(profile in profile(), events in events()) {
        let mut observer = Observer::new(profile);
        let mut trace = Trace { profile, events: &events, verdicts: Vec::new() };
        for (at, (dup, message)) in events.iter().enumerate() {
            let verdict = trace.judge(*dup, message);
            let judged = observer.observe(at, *dup, message);
            let place = match judged {
                Ok(None) => at,
                Ok(Some(advice)) => advice.at,
                Err(finding) => finding.at,
            };
            prop_assert_eq!(place, at);
            let expected = match verdict {
                Ignored | Fine => Ok(None),
                Advice(kind) => Ok(Some(kind)),
                Wrong(kind) => Err(kind),
            };
            let judged = judged.map(|advice| advice.map(|it| it.kind)).map_err(|it| it.kind);
            prop_assert_eq!(judged, expected, "{} {:?} in {:#?}", at, message, events);
            trace.verdicts.push(verdict);
        }
        let unanswered: Vec<usize> = observer.unanswered().iter().map(|advice| advice.at).collect();
        prop_assert_eq!(unanswered, trace.unanswered());
        prop_assert!(observer.unanswered().iter().all(|it| it.kind == TraceAdviceKind::Unanswered));
    }
}

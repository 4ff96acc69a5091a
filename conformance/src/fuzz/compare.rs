//! How an answer can differ from that of the built-in implementation.

use std::collections::BTreeSet;

use iothub_resource::{Code, Message, session::FindingKind};

use crate::{
    case::{Case, Expected, Judge, Level, Outcome, Verdict},
    implementation::{
        Accepted, Builtin, FailureKind, Implementation, NotAccepted, Observed, Op, Request,
        TraceAdvice, wire,
    },
};

/// The kind of a disagreement. What is shrunk stays of its kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Difference {
    /// The testee accepts what is to be refused, with this code.
    Accepts(String),
    /// It refuses what is valid, with this code if it says one.
    Refuses(Option<String>),
    /// It accepts, and makes something else of it.
    Answers,
    /// It refuses a trace, which is right, at another event.
    Misplaces(String),
    /// Its advice differs: what is missing, and what there should not be.
    Advises { missing: BTreeSet<String>, wrong: BTreeSet<String> },
    /// There is no proper answer.
    Fails(FailureKind),
}

impl Difference {
    /// Whether this is the other one, or a part of it.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Advises { missing, wrong },
                Self::Advises { missing: other_missing, wrong: other_wrong },
            ) => missing.is_subset(other_missing) && wrong.is_subset(other_wrong),
            _ => self == other,
        }
    }

    /// Whether a request with this verdict can lead to it.
    pub(super) fn is_possible(&self, verdict: &Verdict) -> bool {
        match (self, verdict) {
            (Self::Accepts(wanted) | Self::Misplaces(wanted), Verdict::Reject { code, .. }) => {
                wanted == code
            }
            (Self::Refuses(_) | Self::Answers | Self::Advises { .. }, Verdict::Accept(_))
            | (Self::Fails(_), _) => true,
            _ => false,
        }
    }

    pub(super) const fn is_failure(&self) -> bool {
        matches!(self, Self::Fails(_))
    }
}

/// The case that a request is: with what the built-in implementation answers.
pub(super) fn case_of(request: Request) -> Case {
    let (verdict, level) = match Builtin.answer(&request) {
        Ok(Accepted::Payload(payload)) => {
            let message = serde_json::from_slice(&payload).unwrap_or_default();
            (Verdict::Accept(Expected::PayloadOf(message)), Level::Must)
        }
        Ok(accepted) => {
            let level = match &accepted {
                Accepted::Trace(Some(advice)) if !advice.is_empty() => Level::Should,
                _ => Level::Must,
            };
            (Verdict::Accept(Expected::Exactly(accepted)), level)
        }
        Err(NotAccepted::Refused(refusal)) => {
            let code = refusal.code.unwrap_or_default();
            (Verdict::Reject { code, at: refusal.at }, Level::Must)
        }
        // It does everything.
        Err(NotAccepted::Unsupported) => {
            (Verdict::Reject { code: String::new(), at: None }, Level::Must)
        }
    };
    Case {
        id: String::new(),
        requirements: Vec::new(),
        level,
        title: String::new(),
        request,
        verdict,
        reason: String::new(),
        source: String::new(),
        since: String::new(),
        file: None,
    }
}

/// A disagreement: the case, and its kind.
#[derive(Clone, Debug)]
pub(super) struct Disagreement {
    pub(super) case: Case,
    pub(super) difference: Difference,
    /// What the testee answered.
    pub(super) answer: String,
}

/// Judges an answer as `run` does.
pub(super) fn disagreement(case: &Case, observed: Observed) -> Option<Disagreement> {
    let difference = kind_of(case, &observed);
    let answer = match &observed {
        Observed::Answered(Ok(accepted)) => format!("accepts it: {}", wire::ok(accepted)),
        Observed::Answered(Err(NotAccepted::Refused(refusal))) => {
            let place = refusal.at.map(|at| format!(" at event {at}")).unwrap_or_default();
            let said = [&refusal.code, &refusal.detail].into_iter().flatten();
            format!(
                "refuses it{place}{}",
                said.map(|words| format!(": {words}")).collect::<String>()
            )
        }
        Observed::Answered(Err(NotAccepted::Unsupported)) => String::new(),
        Observed::Failed(failure) => failure.detail.clone(),
    };
    let judged = Judge::default().judge(case, observed);
    match judged.outcome {
        Outcome::Pass | Outcome::Warn | Outcome::Unsupported => None,
        Outcome::Fail | Outcome::Crashed | Outcome::TimedOut | Outcome::BadAnswer => {
            Some(Disagreement { case: case.clone(), difference, answer })
        }
    }
}

fn kind_of(case: &Case, observed: &Observed) -> Difference {
    match (&case.verdict, observed) {
        (_, Observed::Failed(failure)) => Difference::Fails(failure.kind),
        (Verdict::Reject { code, .. }, Observed::Answered(Ok(_))) => {
            Difference::Accepts(code.clone())
        }
        (Verdict::Reject { code, .. }, Observed::Answered(Err(_))) => {
            Difference::Misplaces(code.clone())
        }
        (Verdict::Accept(_), Observed::Answered(Err(NotAccepted::Refused(refusal)))) => {
            Difference::Refuses(refusal.code.clone())
        }
        (
            Verdict::Accept(Expected::Exactly(Accepted::Trace(Some(expected)))),
            Observed::Answered(Ok(Accepted::Trace(Some(advice)))),
        ) => {
            let without = |some: &[TraceAdvice], others: &[TraceAdvice]| -> BTreeSet<String> {
                let missing = some.iter().filter(|advice| !others.contains(advice));
                missing.map(|advice| advice.code.clone()).collect()
            };
            Difference::Advises {
                missing: without(expected, advice),
                wrong: without(advice, expected),
            }
        }
        (Verdict::Accept(_), _) => Difference::Answers,
    }
}

/// The requirement that a case belongs to: that of the refusal, or else `otherwise`, which its
/// maker knows.
pub(super) fn requirement(
    case: &Case,
    difference: &Difference,
    otherwise: &'static str,
) -> &'static str {
    if let Difference::Advises { missing, wrong } = difference {
        let codes: Vec<&String> = missing.iter().chain(wrong).collect();
        let of = |code: &str| codes.iter().any(|own| *own == code);
        return match () {
            () if of("percent-decreased") => "SES-8",
            () if of("repeated") => "SES-11",
            () => "SES-9",
        };
    }
    match (&case.request, &case.verdict) {
        (Request::Decode { profile, direction, payload }, Verdict::Reject { .. }) => {
            Message::decode(*profile, *direction, payload)
                .map_or_else(|error| error.kind().requirement(), |_| otherwise)
        }
        (Request::Encode { profile, message }, Verdict::Reject { code, .. }) => {
            Message::from_json(*profile, message.get()).map_or_else(
                |error| error.kind().requirement(),
                |_| if code == Code::PayloadTooLarge.as_str() { "ENC-1" } else { otherwise },
            )
        }
        (Request::Trace { profile, events }, Verdict::Reject { code, at: Some(at) }) => {
            let Some(event) = events.get(*at) else { return otherwise };
            match Message::from_json(*profile, event.message.get()) {
                Err(error) => error.kind().requirement(),
                Ok(message) => of_finding(code, &message),
            }
        }
        (Request::ContentMd5Encode { .. }, Verdict::Reject { .. }) => "VAL-3",
        (Request::ContentMd5Decode { .. }, Verdict::Reject { .. }) => "HTTP-2",
        (Request::Trace { profile, events }, Verdict::Accept(_)) if events.len() > 1 => {
            of_session(*profile, events, difference)
        }
        _ => otherwise,
    }
}

/// The rule of a session that a message breaks.
fn of_finding(code: &str, message: &Message<'_>) -> &'static str {
    let finding = FindingKind::ALL.iter().find(|kind| kind.as_str() == code);
    match (finding, message) {
        (Some(FindingKind::UnsolicitedResponse), Message::CreateUploadTaskRsp(_)) => "SES-1",
        (Some(FindingKind::UnsolicitedResponse), Message::GetDownloadTaskRsp(_)) => "SES-4",
        (Some(FindingKind::UnsolicitedResponse), _) => "SES-6",
        (Some(FindingKind::EchoMismatch), _) => "SES-2",
        (Some(FindingKind::ProgressBeforeUrl), _) => "SES-3",
        (Some(FindingKind::NoSuchTask), Message::ReportDownloadProgress(_)) => "SES-5",
        (Some(FindingKind::NoSuchTask), _) => "SES-3",
        (Some(FindingKind::AfterEnd), _) => "SES-7",
        _ => "TOP-6",
    }
}

/// The rule of a session that a testee sees broken where it is not.
fn of_session(
    profile: iothub_resource::Profile,
    events: &[crate::implementation::Event],
    difference: &Difference,
) -> &'static str {
    let last = events.last().map(|event| event.message.get());
    let Some(Ok(message)) = last.map(|text| Message::from_json(profile, text)) else {
        return "SES-12";
    };
    if events.iter().any(|event| event.dup) {
        return "SES-11";
    }
    match difference {
        Difference::Refuses(Some(code)) => match of_finding(code, &message) {
            "TOP-6" => "SES-12",
            rule => rule,
        },
        _ => match message {
            Message::CreateUploadTask(_) => "SES-10",
            Message::CreateUploadTaskRsp(_) => "SES-1",
            Message::ReportUploadProgress(_) => "SES-3",
            Message::ReportDownloadProgress(_) => "SES-5",
            Message::GetDownloadTask | Message::GetDownloadTaskRsp(_) | Message::Download(_) => {
                "SES-4"
            }
            _ => "SES-6",
        },
    }
}

/// Operations whose disagreements can have the same cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Family {
    Messages,
    Sessions,
    Other(Op),
}

impl Family {
    pub(super) fn of(request: &Request) -> Self {
        match request {
            Request::Decode { .. } | Request::Encode { .. } => Self::Messages,
            Request::Trace { events, .. } if events.len() == 1 => Self::Messages,
            Request::Trace { .. } => Self::Sessions,
            other => Self::Other(other.op()),
        }
    }
}

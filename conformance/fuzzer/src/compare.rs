//! How an answer can differ from that of the built-in implementation.

use std::collections::BTreeSet;

use iothub_conformance_suite::{
    Accepted, Builtin, Case, Expected, FailureKind, Implementation, Judge, Level, NotAccepted,
    Observed, Op, Outcome, Request, TraceAdvice, Verdict, excerpt::shortened, implementation::wire,
};
use iothub_resource::Code;

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
    /// Whether this is the other one, a part of it, or what is behind it.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Advises { missing, wrong },
                Self::Advises { missing: other_missing, wrong: other_wrong },
            ) => missing.is_subset(other_missing) && wrong.is_subset(other_wrong),
            // Whoever misses what is wrong stumbles over something later, and whoever sees a fault
            // where there is none stops before what is wrong.
            (Self::Accepts(code), Self::Misplaces(other_code)) => code == other_code,
            (Self::Refuses(_), Self::Misplaces(_)) => true,
            (Self::Refuses(Some(code)), Self::Refuses(Some(other))) => {
                code == other || (is_structural(code) && is_structural(other))
            }
            _ => self == other,
        }
    }

    /// Whether a request with this verdict can lead to it, where one with the verdict `before` has.
    pub(super) fn is_possible(&self, verdict: &Verdict, before: &Verdict) -> bool {
        match (self, verdict) {
            (Self::Accepts(wanted) | Self::Misplaces(wanted), Verdict::Reject { code, .. }) => {
                wanted == code
            }
            (
                Self::Refuses(_) | Self::Answers | Self::Advises { .. } | Self::Misplaces(_),
                Verdict::Accept(_),
            ) => true,
            // Anything may fail to be answered. What is like it most likely does.
            (Self::Fails(_), _) => match (verdict, before) {
                (Verdict::Reject { code, .. }, Verdict::Reject { code: before, .. }) => {
                    code == before
                }
                (Verdict::Accept(_), Verdict::Accept(_)) => true,
                _ => false,
            },
            _ => false,
        }
    }

    pub(super) const fn is_failure(&self) -> bool {
        matches!(self, Self::Fails(_))
    }
}

/// Whether a code is about which keys there are: with a key less, one says that it is missing,
/// another that there is one too many.
fn is_structural(code: &str) -> bool {
    const CODES: [Code; 7] = [
        Code::InvalidJson,
        Code::NotAnObject,
        Code::DuplicateKey,
        Code::UnknownField,
        Code::MissingType,
        Code::MissingField,
        Code::UnknownType,
    ];
    CODES.iter().any(|own| own.as_str() == code)
}

/// The case that a request is: with what the built-in implementation answers.
pub(super) fn reference_case(request: Request) -> Case {
    let (verdict, level) = match Builtin::default().answer(&request) {
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
    Case::unnamed(request, verdict, level)
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
    /// How much of an answer is kept: a testee may say a megabyte, thousands of times.
    const LONGEST: usize = 8 << 10;
    let difference = difference_of(case, &observed);
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
        _ => {
            let answer = shortened(answer, LONGEST);
            Some(Disagreement { case: case.clone(), difference, answer })
        }
    }
}

/// How many kinds of advice make a difference; there are three.
const MOST_ADVICE: usize = 16;

/// A code that a testee says. Real ones are short.
fn word(code: String) -> String {
    const LONGEST: usize = 100;
    shortened(code, LONGEST)
}

fn difference_of(case: &Case, observed: &Observed) -> Difference {
    match (&case.verdict, observed) {
        (_, Observed::Failed(failure)) => Difference::Fails(failure.kind),
        (Verdict::Reject { code, .. }, Observed::Answered(Ok(_))) => {
            Difference::Accepts(code.clone())
        }
        (Verdict::Reject { code, .. }, Observed::Answered(Err(_))) => {
            Difference::Misplaces(code.clone())
        }
        (Verdict::Accept(_), Observed::Answered(Err(NotAccepted::Refused(refusal)))) => {
            Difference::Refuses(refusal.code.clone().map(word))
        }
        (
            Verdict::Accept(Expected::Exactly(Accepted::Trace(Some(expected)))),
            Observed::Answered(Ok(Accepted::Trace(Some(advice)))),
        ) => {
            let without = |some: &[TraceAdvice], others: &[TraceAdvice]| -> BTreeSet<String> {
                let missing = some.iter().filter(|advice| !others.contains(advice));
                missing.map(|advice| word(advice.code.clone())).take(MOST_ADVICE).collect()
            };
            Difference::Advises {
                missing: without(expected, advice),
                wrong: without(advice, expected),
            }
        }
        (Verdict::Accept(_), _) => Difference::Answers,
    }
}

/// Operations whose disagreements can have the same cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Family {
    MessageGenerator,
    Sessions,
    Other(Op),
}

impl Family {
    pub(super) fn of(request: &Request) -> Self {
        match request {
            Request::Decode { .. } | Request::Encode { .. } => Self::MessageGenerator,
            Request::Trace { events, .. } if events.len() == 1 => Self::MessageGenerator,
            Request::Trace { .. } => Self::Sessions,
            other => Self::Other(other.op()),
        }
    }
}

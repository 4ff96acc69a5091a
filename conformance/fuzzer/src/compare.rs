//! Classifies the differences between the answers of a testee and of the built-in implementation.

use std::collections::BTreeSet;

use iothub_conformance_suite::{
    Accepted, Builtin, Case, Expected, FailureKind, Implementation, Judge, Level, NotAccepted,
    Observed, Op, Outcome, Request, TraceAdvice, Verdict, excerpt::shortened, implementation::wire,
};
use iothub_resource::Code;

/// The kind of a disagreement. Shrinking keeps the kind or finds a related kind (see
/// [`Self::is_like`]).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Difference {
    /// The testee accepts a request that it must reject with this code.
    Accepts(String),
    /// The testee rejects a valid request, with this code if it reports one.
    Refuses(Option<String>),
    /// The testee accepts a valid request but returns a different value.
    Answers,
    /// The testee rightly rejects a trace, but at the wrong event.
    Misplaces(String),
    /// The advice differs. The two sets contain the codes of the missing advice and of the wrong
    /// advice.
    Advises { missing: BTreeSet<String>, wrong: BTreeSet<String> },
    /// The testee gives no valid answer.
    Fails(FailureKind),
}

impl Difference {
    /// Returns whether this difference equals `other`, is a part of `other`, or may be the cause of
    /// `other`.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Advises { missing, wrong },
                Self::Advises { missing: other_missing, wrong: other_wrong },
            ) => missing.is_subset(other_missing) && wrong.is_subset(other_wrong),
            // A testee that misses a fault may reject a later event, and a testee that reports a
            // false fault stops before the real fault.
            (Self::Accepts(code), Self::Misplaces(other_code)) => code == other_code,
            (Self::Refuses(_), Self::Misplaces(_)) => true,
            (Self::Refuses(Some(code)), Self::Refuses(Some(other))) => {
                code == other || (is_structural(code) && is_structural(other))
            }
            _ => self == other,
        }
    }

    /// Returns whether a request with this verdict can show the difference. `before` is the verdict
    /// of a request that has shown the difference.
    pub(super) fn is_possible(&self, verdict: &Verdict, before: &Verdict) -> bool {
        match (self, verdict) {
            (Self::Accepts(wanted) | Self::Misplaces(wanted), Verdict::Reject { code, .. }) => {
                wanted == code
            }
            (
                Self::Refuses(_) | Self::Answers | Self::Advises { .. } | Self::Misplaces(_),
                Verdict::Accept(_),
            ) => true,
            // Any request may remain unanswered. A request with a similar verdict is the most
            // likely to show the same failure.
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

/// Returns whether a code concerns the structure of a message, such as its set of keys. For a
/// smaller message, a testee may report an unknown key in place of a missing key.
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

/// Returns the case for a request, with the answer of the built-in implementation.
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
        // The built-in implementation supports all operations.
        Err(NotAccepted::Unsupported) => {
            (Verdict::Reject { code: String::new(), at: None }, Level::Must)
        }
    };
    Case::unnamed(request, verdict, level)
}

/// A disagreement between the testee and the built-in implementation about a case.
#[derive(Clone, Debug)]
pub(super) struct Disagreement {
    pub(super) case: Case,
    pub(super) difference: Difference,
    /// The answer of the testee, in words.
    pub(super) answer: String,
}

/// Returns the disagreement about a case, or `None` if the testee is right (with or without advice)
/// or does not support the operation. The command `run` compares answers in the same way.
pub(super) fn disagreement(case: &Case, observed: Observed) -> Option<Disagreement> {
    /// The maximum number of bytes of an answer that are kept. A testee may send thousands of
    /// answers of one megabyte each.
    const LONGEST: usize = 8 << 10;
    let difference = difference_of(case, &observed);
    let answer = match &observed {
        Observed::Answered(Ok(accepted)) => format!("accepts it: {}", wire::ok(accepted)),
        Observed::Answered(Err(NotAccepted::Refused(refusal))) => {
            let place = refusal.at.map(|at| format!(" at event {at}")).unwrap_or_default();
            let said = [&refusal.code, &refusal.detail].into_iter().flatten();
            format!(
                "rejects it{place}{}",
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

/// The maximum number of kinds of advice in a difference. The specification defines three kinds of
/// advice.
const MOST_ADVICE: usize = 16;

/// Returns a shortened copy of a code that a testee reports. Codes in the specification are short.
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

/// A group of operations whose disagreements may have the same cause.
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

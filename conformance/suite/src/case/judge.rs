//! Compares an observation with a verdict and determines the outcome.

use std::fmt;

use iothub_resource::{Direction, Message, Profile};
use serde_json::Value;

use super::{Case, Expected, Verdict};
use crate::{
    Outcome,
    excerpt::{LONGEST_SENTENCE, shortened},
    implementation::{Accepted, FailureKind, NotAccepted, Observed, Refusal, TraceAdvice, wire},
};

/// The maximum number of bytes of an explanation: enough for a sentence and the kept part of a
/// testee's standard error.
const LONGEST_DETAIL: usize = 2 * LONGEST_SENTENCE;

/// The outcome of a case, with an explanation unless the case passed or is unsupported.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Judged {
    /// The outcome of the case, for example [`Outcome::Pass`].
    pub outcome: Outcome,
    /// The explanation, or an empty string if the case passed or the operation is unsupported.
    pub detail: String,
    /// The answer of the implementation, or `None` if it gave no valid answer or does not support
    /// the operation.
    pub answered: Option<Answered>,
}

/// An answer in a form that can be compared with other answers without the request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "such an answer either accepts or rejects the request")]
pub enum Answered {
    /// The implementation accepted the request, with this result.
    Accept(String),
    /// The implementation rejected the request, for this reason.
    Reject(String),
}

impl fmt::Display for Answered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, more) = match self {
            Self::Accept(more) => ("accept", more),
            Self::Reject(more) => ("reject", more),
        };
        f.write_str(word)?;
        if more.is_empty() { Ok(()) } else { write!(f, ": {more}") }
    }
}

/// The settings for the comparison of answers with verdicts. Both settings are off by default.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Judge {
    /// Whether a violated SHOULD counts as a failure, like a violated MUST.
    pub strict: bool,
    /// Whether the codes of rejections are compared.
    pub codes: bool,
}

impl Judge {
    /// Sets whether the codes of rejections are compared.
    #[must_use]
    pub const fn codes(self, codes: bool) -> Self {
        Self { codes, ..self }
    }

    /// Sets whether a violated SHOULD counts as a failure, like a violated MUST.
    #[must_use]
    pub const fn strict(self, strict: bool) -> Self {
        Self { strict, ..self }
    }

    /// Compares the observation of a testee with the verdict of a case and returns the outcome.
    #[must_use]
    pub fn judge(self, case: &Case, observed: Observed) -> Judged {
        let answered = answered(&observed);
        let (outcome, detail) = match observed {
            Observed::Failed(failure) => {
                let outcome = match failure.kind {
                    FailureKind::Crashed => Outcome::Crashed,
                    FailureKind::BadAnswer => Outcome::BadAnswer,
                    FailureKind::TimedOut => Outcome::TimedOut,
                };
                (outcome, failure.detail)
            }
            Observed::Answered(Err(NotAccepted::Unsupported)) => {
                (Outcome::Unsupported, String::new())
            }
            Observed::Answered(Err(NotAccepted::Refused(refusal))) => {
                match self.refusal(&case.verdict, &refusal) {
                    Ok(()) => (Outcome::Pass, String::new()),
                    Err(why) => (Outcome::Fail, why),
                }
            }
            Observed::Answered(Ok(accepted)) => self.acceptance(case, accepted),
        };
        // A testee may send thousands of long explanations, so each one is shortened.
        Judged { outcome, detail: shortened(detail, LONGEST_DETAIL), answered }
    }

    fn refusal(self, verdict: &Verdict, refusal: &Refusal) -> Result<(), String> {
        let Verdict::Reject { code, at } = verdict else {
            return Err(format!("valid, but rejected{}", words(refusal)));
        };
        match (at, refusal.at) {
            (Some(expected), Some(at)) if *expected != at => {
                return Err(format!(
                    "the first offending event is {expected} ({code}), not {at}{}",
                    words(refusal)
                ));
            }
            (Some(expected), None) => {
                return Err(format!(
                    "rejected without `at`: the first offending event is {expected}"
                ));
            }
            _ => {}
        }
        match &refusal.code {
            Some(said) if self.codes && said != code => {
                Err(format!("rejected with {said}, not with {code}"))
            }
            _ => Ok(()),
        }
    }

    fn acceptance(self, case: &Case, accepted: Accepted) -> (Outcome, String) {
        let expected = match &case.verdict {
            Verdict::Reject { code, at } => {
                let place = at.map(|at| format!(" at event {at}")).unwrap_or_default();
                return (Outcome::Fail, format!("accepted, but must be rejected: {code}{place}"));
            }
            Verdict::Accept(expected) => expected,
        };
        match (expected, accepted) {
            (Expected::PayloadOf(message), Accepted::Payload(payload)) => {
                match payload_of(&payload, message, case.request.profile().unwrap_or_default()) {
                    Ok(()) => (Outcome::Pass, String::new()),
                    Err(why) => (Outcome::Fail, why),
                }
            }
            (Expected::Exactly(Accepted::Trace(Some(expected))), Accepted::Trace(advice)) => {
                self.advice(expected, advice)
            }
            (Expected::Exactly(expected), accepted) if *expected == accepted => {
                (Outcome::Pass, String::new())
            }
            (Expected::Exactly(expected), accepted) => (
                Outcome::Fail,
                format!("answered {}, not {}", wire::ok(&accepted), wire::ok(expected)),
            ),
            (Expected::PayloadOf(_), accepted) => {
                (Outcome::Fail, format!("answered {} instead of a payload", wire::ok(&accepted)))
            }
        }
    }

    /// Returns the outcome and the explanation for the advice in an answer. Missing advice violates
    /// a SHOULD. Advice that is present must be right.
    fn advice(
        self,
        expected: &[TraceAdvice],
        advice: Option<Vec<TraceAdvice>>,
    ) -> (Outcome, String) {
        match advice {
            Some(mut advice) => {
                advice.sort_unstable();
                if advice == expected {
                    (Outcome::Pass, String::new())
                } else {
                    (
                        Outcome::Fail,
                        format!("wrong advice: {}, expected {}", list(&advice), list(expected)),
                    )
                }
            }
            None if expected.is_empty() => (Outcome::Pass, String::new()),
            None => {
                let outcome = if self.strict { Outcome::Fail } else { Outcome::Warn };
                (outcome, format!("no advice, expected {}", list(expected)))
            }
        }
    }
}

/// Returns the answer as text, or `None` if there is no valid answer or the operation is
/// unsupported.
fn answered(observed: &Observed) -> Option<Answered> {
    const LONGEST: usize = 600;
    match observed {
        Observed::Answered(Ok(accepted)) => {
            Some(Answered::Accept(shortened(wire::ok(accepted).to_string(), LONGEST)))
        }
        Observed::Answered(Err(NotAccepted::Refused(refusal))) => {
            let Refusal { code, at, detail } = refusal;
            let mut words = Vec::new();
            words.extend(at.map(|at| format!("event {at}")));
            words.extend(code.clone());
            words.extend(detail.clone());
            Some(Answered::Reject(shortened(words.join(": "), LONGEST)))
        }
        Observed::Answered(Err(NotAccepted::Unsupported)) | Observed::Failed(_) => None,
    }
}

/// Returns an explanation if a payload does not encode the message, or if it contains something
/// that the `deployed` profile only tolerates.
fn payload_of(payload: &[u8], message: &Value, profile: Profile) -> Result<(), String> {
    let sender =
        |word: &str| word.parse::<iothub_resource::MessageType>().map(|kind| kind.direction()).ok();
    let direction =
        message.get("type").and_then(Value::as_str).and_then(sender).unwrap_or(Direction::Up);
    let mut flaws = Vec::new();
    let decoded = Message::decode_with_advice(profile, direction, payload, |advice| {
        if matches!(advice.kind.requirement(), "ENC-5" | "VAL-3") {
            flaws.push(advice.to_string());
        }
    })
    .map_err(|error| format!("the payload is not valid: {error}: {}", lossy(payload)))?;
    if let Some(flaw) = flaws.first() {
        return Err(format!("an encoder must not write this payload: {flaw}: {}", lossy(payload)));
    }
    if serde_json::to_value(decoded).ok().as_ref() != Some(message) {
        return Err(format!(
            "the payload encodes a different message: {}, not {message}",
            lossy(payload)
        ));
    }
    Ok(())
}

fn words(refusal: &Refusal) -> String {
    [&refusal.code, &refusal.detail]
        .into_iter()
        .flatten()
        .map(|words| format!(": {words}"))
        .collect()
}

fn list(advice: &[TraceAdvice]) -> String {
    if advice.is_empty() {
        return "none".to_owned();
    }
    let each: Vec<String> =
        advice.iter().map(|TraceAdvice { at, code }| format!("{code} at {at}")).collect();
    each.join(", ")
}

fn lossy(payload: &[u8]) -> String {
    const LONGEST: usize = 400;
    let text = String::from_utf8_lossy(payload.get(..LONGEST).unwrap_or(payload));
    if payload.len() > LONGEST { format!("{text}…") } else { text.into_owned() }
}

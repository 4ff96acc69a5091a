//! Creates a stored result from replayed cases, with everything that a report shows.

use iothub_resource::{Direction, Message, Profile};
use serde_json::Value;

use super::run::CaseResult;
use crate::{
    About, Accepted, Case, Event, Expected, Level, Outcome, Request, Verdict,
    excerpt::shortened,
    implementation::wire,
    result::{Marked, StoredCase, StoredEvent, StoredResult},
};

/// The maximum length of the expected answer, in bytes.
const LONGEST: usize = 600;

impl StoredResult {
    /// Creates the stored result of `run`.
    #[must_use]
    pub fn of_run(about: About, results: &[CaseResult<'_>]) -> Self {
        let cases = results.iter().map(StoredCase::from).collect();
        let mut result = Self { cases, ..Self::of_command("run", about) };
        result.count();
        result
    }
}

impl From<&CaseResult<'_>> for StoredCase {
    fn from(CaseResult { case, judged, took }: &CaseResult<'_>) -> Self {
        Self {
            id: case.id.clone(),
            requirements: case.requirements.clone(),
            level: case.level,
            outcome: judged.outcome,
            detail: judged.detail.clone(),
            title: case.title.clone(),
            request: request(&case.request),
            findings: Vec::new(),
            input: input(&case.request),
            events: events(case),
            expected: expected(&case.verdict),
            answered: match judged.outcome {
                Outcome::Pass => String::new(),
                _ => judged.answered.as_ref().map(ToString::to_string).unwrap_or_default(),
            },
            reason: case.reason.clone(),
            seconds: Some(took.as_secs_f64()),
        }
    }
}

/// Returns a description of the request, without its bytes.
fn request(request: &Request) -> String {
    let mut words = request.op().as_str().to_owned();
    if let Some(profile) = request.profile() {
        words += &format!(", profile {profile}");
    }
    match request {
        Request::Decode { direction, payload, .. } => {
            words += &format!(", {direction} topic, {} bytes", payload.len());
        }
        Request::Md5Digest { data } => words += &format!(", {} bytes", data.len()),
        Request::TopicFormat { direction, .. } => words += &format!(", {direction}"),
        Request::Trace { events, .. } => words += &format!(", {} messages", events.len()),
        _ => {}
    }
    words
}

fn input(request: &Request) -> Option<Marked> {
    let text = match request {
        Request::Decode { profile, direction, payload } => {
            return Some(match Message::decode(*profile, *direction, payload) {
                Ok(_) => Marked::none(payload),
                Err(error) => Marked::token(payload, error.position().offset),
            });
        }
        Request::Md5Digest { data } => return Some(Marked::none(data)),
        Request::Encode { message, .. } => message.get().to_owned(),
        Request::TopicFormat { product_id, device_name, .. } => {
            format!("product id {product_id:?}, device name {device_name:?}")
        }
        Request::TopicParse { topic } => topic.clone(),
        Request::ContentMd5Encode { md5sum } => md5sum.clone(),
        Request::ContentMd5Decode { content_md5 } => content_md5.clone(),
        Request::Trace { .. } => return None,
    };
    Some(Marked::none(text.as_bytes()))
}

/// Returns the messages of a trace and the transfers that follow from them. The verdict determines
/// which messages have a finding.
fn events(case: &Case) -> Vec<StoredEvent> {
    let Request::Trace { profile, events } = &case.request else { return Vec::new() };
    let mut stored = Vec::new();
    for (at, Event { direction, message, dup }) in events.iter().enumerate() {
        let text = message.get();
        let decoded = decode(*profile, *direction, text);
        let mut event = StoredEvent::of_message(at, *direction, *dup, decoded.as_ref());
        let mut offends = false;
        match &case.verdict {
            Verdict::Reject { code, at: Some(offending) } if *offending == at => {
                event.blame(code, Level::Must);
                offends = true;
            }
            Verdict::Accept(Expected::Exactly(Accepted::Trace(Some(advice)))) => {
                for advice in advice.iter().filter(|advice| advice.at == at) {
                    event.blame(&advice.code, Level::Should);
                }
            }
            _ => {}
        }
        stored.push(event);
        let transfer = decoded.filter(|_| !offends && !dup);
        stored.extend(transfer.and_then(|message| StoredEvent::inferred(at, &message)));
    }
    stored
}

fn decode(profile: Profile, direction: Direction, text: &str) -> Option<Message<'_>> {
    Message::decode(profile, direction, text.as_bytes()).ok()
}

fn expected(verdict: &Verdict) -> String {
    let accept = |value: Value| shortened(format!("accept: {value}"), LONGEST);
    match verdict {
        Verdict::Reject { code, at: None } => format!("reject: {code}"),
        Verdict::Reject { code, at: Some(at) } => format!("reject at event {at}: {code}"),
        Verdict::Accept(Expected::Exactly(accepted)) => accept(wire::ok(accepted)),
        Verdict::Accept(Expected::PayloadOf(message)) => {
            accept(serde_json::json!({ "payload of": message }))
        }
    }
}

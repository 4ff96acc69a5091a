//! A disagreement in its smallest form, as a fixture. The command `fuzz` calls a counterexample a
//! finding.

use iothub_conformance_suite::{Case, FailureKind, Request, Requirement, implementation::wire};
use iothub_resource::Md5Hasher;

use super::{
    compare::{Difference, Disagreement},
    requirement::requirement,
};

/// A disagreement between a testee and the built-in implementation, in its smallest form. A
/// campaign reports one counterexample for each cause that can be recognised.
#[derive(Clone, Debug)]
pub struct Counterexample {
    /// The request and the right answer, as a fixture with an id, a requirement and a reason.
    pub case: Case,
    /// The answer of the testee, in words.
    pub answer: String,
    pub(super) difference: Difference,
    /// The number of requests in the campaign that showed the disagreement. The number is complete
    /// when the campaign has ended.
    pub seen: usize,
}

impl Counterexample {
    pub(super) fn new(
        found: Disagreement,
        otherwise: &'static str,
        requirements: &[Requirement],
    ) -> Self {
        let Disagreement { mut case, difference, answer } = found;
        let rule = requirement(&case, &difference, otherwise);
        let known = requirements.iter().find(|requirement| requirement.id == rule);
        case.requirements = vec![rule.to_owned()];
        case.id = id(&case.request, rule);
        case.title = title(&case, &difference);
        case.reason = reason(known);
        case.source = known.map_or("ruling", |known| source(&known.source)).to_owned();
        case.since = env!("CARGO_PKG_VERSION").to_owned();
        case.file = file(&case);
        Self { case, answer, difference, seen: 1 }
    }
}

/// Returns text that identifies the message or session in a request, regardless of the operation.
/// Two disagreements of the same kind about the same message have the same cause.
pub(super) fn subject(request: &Request) -> String {
    match request {
        Request::Decode { payload, .. } => format!("message {}", lossless(payload)),
        Request::Encode { message, .. } => format!("message {}", message.get()),
        Request::Trace { events, .. } => match events.as_slice() {
            [event] => format!("message {}", event.message.get()),
            events => {
                let each = events.iter().map(|event| format!("{event:?}"));
                format!("session {}", each.collect::<String>())
            }
        },
        other => format!("{other:?}"),
    }
}

fn lossless(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => format!("{bytes:?}"),
    }
}

/// Returns a stable id, which depends only on the request and the requirement.
fn id(request: &Request, rule: &str) -> String {
    let mut hasher = Md5Hasher::new();
    hasher.update(&wire::write_request(0, request));
    let digest = hasher.finish().to_string();
    let slug = format!("{}-{}", rule.to_ascii_lowercase(), &digest[..12]);
    let op = request.op().as_str().replace('_', "-");
    match request.profile() {
        Some(profile) => format!("{op}/{GROUP}/{slug}/{profile}"),
        None => format!("{op}/{GROUP}/{slug}"),
    }
}

/// The group in the id of each counterexample.
pub(super) const GROUP: &str = "fuzz";

/// Returns the path of the file with the bytes of a case, or `None` if the bytes are in the
/// manifest.
fn file(case: &Case) -> Option<String> {
    let slug = case.id.split('/').nth(2).unwrap_or_default();
    Some(match &case.request {
        Request::Decode { .. } => format!("decode/{GROUP}/{slug}.payload"),
        Request::Trace { .. } => format!("trace/{GROUP}/{slug}.jsonl"),
        Request::Md5Digest { .. } => format!("digest/{GROUP}-{slug}.bin"),
        _ => return None,
    })
}

fn title(case: &Case, difference: &Difference) -> String {
    let op = case.request.op().as_str();
    match difference {
        Difference::Accepts(code) => format!("{op}: accepted, but must be rejected: {code}"),
        Difference::Refuses(_) => format!("{op}: valid, but rejected"),
        Difference::Answers => format!("{op}: answered with a different value"),
        Difference::Misplaces(code) => format!("{op}: {code}, but at the wrong event"),
        Difference::Advises { .. } => format!("{op}: missing or wrong advice"),
        Difference::Fails(FailureKind::Crashed) => format!("{op}: the testee ended"),
        Difference::Fails(FailureKind::TimedOut) => format!("{op}: no answer in time"),
        Difference::Fails(FailureKind::BadAnswer) => format!("{op}: no valid answer"),
    }
}

fn reason(requirement: Option<&Requirement>) -> String {
    let text = requirement.map_or("The requirement is unknown.", |requirement| &requirement.text);
    format!("Found by the fuzzer: {}", text.replace('\n', " "))
}

fn source(source: &str) -> &str {
    match source {
        "doc" => "doc-en",
        other => other,
    }
}

//! Small inputs to begin with, from the fixtures: one for each requirement and verdict.

use std::collections::{BTreeMap, BTreeSet};

use iothub_conformance::{Builtin, Case, Fixtures, Implementation, Op, Request, Verdict, lines};
use iothub_resource::{Direction, Message, MessageType};

/// A name and the bytes.
pub type Seed = (String, Vec<u8>);

/// The smallest inputs of each kind, so many of them.
fn smallest(
    each: usize,
    input: impl Fn(&Case) -> Option<Vec<u8>>,
    kind: impl Fn(&Case) -> String,
) -> Vec<Seed> {
    let cases = Fixtures::embedded().cases;
    let mut inputs: Vec<(Vec<u8>, &Case)> =
        cases.iter().filter_map(|case| Some((input(case)?, case))).collect();
    inputs.sort_by_key(|(bytes, case)| (bytes.len(), &case.id));
    let (mut kinds, mut seen) = (BTreeMap::<String, usize>::new(), BTreeSet::new());
    inputs
        .into_iter()
        .filter(|(bytes, case)| {
            let count = kinds.entry(kind(case)).or_default();
            // Long ones slow a fuzzer down.
            let most = if bytes.len() > 4_096 { 1 } else { each };
            let is_new = *count < most && seen.insert(bytes.clone());
            *count += usize::from(is_new);
            is_new
        })
        .map(|(bytes, case)| (file_name(&case.id), bytes))
        .collect()
}

fn file_name(id: &str) -> String {
    id.replace('/', "-")
}

/// The same, and which value of the payload it is about.
fn place(case: &Case) -> String {
    let path = match &case.request {
        Request::Decode { profile, direction, payload } => {
            Message::decode(*profile, *direction, payload).err().map(|error| error.path())
        }
        _ => None,
    };
    format!("{} {path:?}", verdict(case))
}

/// The main requirement and what the verdict is.
fn verdict(case: &Case) -> String {
    let code = match &case.verdict {
        Verdict::Accept(_) => "accept",
        Verdict::Reject { code, .. } => code,
    };
    format!("{} {code}", case.main_requirement())
}

fn payload(case: &Case, wanted: Option<Direction>) -> Option<Vec<u8>> {
    match &case.request {
        Request::Decode { direction, payload, .. } if wanted.is_none_or(|it| it == *direction) => {
            Some(payload.clone())
        }
        _ => None,
    }
}

/// Payloads of the up topic.
#[must_use]
pub fn up() -> Vec<Seed> {
    smallest(2, |case| payload(case, Some(Direction::Up)), place)
}

/// Payloads of the down topic.
#[must_use]
pub fn down() -> Vec<Seed> {
    smallest(2, |case| payload(case, Some(Direction::Down)), place)
}

/// Payloads of both.
#[must_use]
pub fn payloads() -> Vec<Seed> {
    smallest(2, |case| payload(case, None), place)
}

/// Bytes that are a message of each type, short and long. What is in them is whatever the bytes
/// of a fixture make.
#[must_use]
pub fn messages() -> Vec<Seed> {
    let filling: Vec<u8> = payloads().into_iter().flat_map(|(_, bytes)| bytes).collect();
    let seed = |(index, kind): (usize, &MessageType), length: usize| {
        let mut bytes = vec![index.to_le_bytes()[0]];
        bytes.extend(filling.iter().skip(97 * index).take(length));
        (format!("{kind}-{length}"), bytes)
    };
    let kinds = || MessageType::ALL.iter().enumerate();
    [40, 400]
        .into_iter()
        .flat_map(|length| kinds().map(move |kind| (kind, length)))
        .map(|(kind, length)| seed(kind, length))
        .collect()
}

/// Topics and their parts.
#[must_use]
pub fn topics() -> Vec<Seed> {
    smallest(
        4,
        |case| match &case.request {
            Request::TopicParse { topic } => Some(topic.clone().into_bytes()),
            Request::TopicFormat { product_id, .. } if case.is_about("TOP-3") => {
                Some(product_id.clone().into_bytes())
            }
            Request::TopicFormat { device_name, .. } => Some(device_name.clone().into_bytes()),
            _ => None,
        },
        |case| format!("{} {:?}", verdict(case), case.request.op()),
    )
}

/// Digests and data.
#[must_use]
pub fn digests() -> Vec<Seed> {
    smallest(
        4,
        |case| match &case.request {
            Request::ContentMd5Decode { content_md5 } => Some(content_md5.clone().into_bytes()),
            Request::ContentMd5Encode { md5sum } => Some(md5sum.clone().into_bytes()),
            Request::Md5Digest { data } => Some(data.clone()),
            _ => None,
        },
        |case| format!("{} {:?}", verdict(case), case.request.op()),
    )
}

/// A few edits of every kind, each of another fixture.
#[must_use]
pub fn edits() -> Vec<Seed> {
    let seed = |edit: u8, turn: u8| {
        let fixture = u16::from(edit) * 131 + u16::from(turn) * 977;
        let [low, high] = fixture.to_le_bytes();
        let keeps = [turn % 4, turn, edit, turn ^ edit, turn + 1];
        let mut bytes = vec![low, high];
        bytes.extend_from_slice(if turn == 0 { &[0] } else { &keeps });
        bytes.extend([edit, turn, turn + 1, edit, 100 + turn, turn, edit]);
        (format!("edit-{edit}-{turn}"), bytes)
    };
    (0..16)
        .flat_map(|edit| (0..4).map(move |turn| (edit, turn)))
        .map(|(edit, turn)| seed(edit, turn))
        .collect()
}

fn kind_of_request(case: &Case) -> String {
    let is_accepted = matches!(case.verdict, Verdict::Accept(_));
    format!("{:?} {is_accepted}", case.request.op())
}

/// What an adapter answers to a request of every operation, with the operation before it.
#[must_use]
pub fn answers() -> Vec<Seed> {
    let answer = |case: &Case| {
        let op = Op::ALL.iter().position(|op| *op == case.request.op())?;
        let reply = Builtin::default().answer(&case.request);
        let mut bytes = vec![op.to_le_bytes()[0]];
        bytes.extend(lines::write_reply("7", &reply));
        bytes.pop();
        Some(bytes)
    };
    let mut seeds = smallest(2, answer, kind_of_request);
    let odd: [(&str, &[u8]); 6] = [
        ("unsupported", b"\0{\"id\":7,\"unsupported\":true}"),
        ("no-code", b"\x07{\"id\":7,\"err\":{}}"),
        ("no-advice", b"\x07{\"id\":7,\"ok\":{}}"),
        ("advice", b"\x07{\"id\":7,\"ok\":{\"advice\":[{\"at\":1,\"code\":\"repeated\"}]}}"),
        ("other-id", b"\0{\"id\":8,\"ok\":{\"message\":{}}}"),
        ("both", b"\0{\"id\":7,\"ok\":{\"message\":{}},\"err\":{}}"),
    ];
    seeds.extend(odd.map(|(name, bytes)| (name.to_owned(), bytes.to_vec())));
    seeds
}

/// A request of every operation.
#[must_use]
pub fn requests() -> Vec<Seed> {
    let mut seeds =
        smallest(2, |case| Some(lines::write_request(7, &case.request)), kind_of_request);
    seeds.push(("hello".to_owned(), b"{\"id\":1,\"op\":\"hello\",\"version\":1}\n".to_vec()));
    seeds
}

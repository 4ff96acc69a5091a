//! Seeds: small inputs from the fixtures, for each requirement and verdict.

use std::collections::{BTreeMap, BTreeSet};

use iothub_conformance_suite::{
    Builtin, Case, Event, Fixtures, Implementation, Op, Request, Verdict, implementation::wire,
};
use iothub_resource::{Direction, ErrorKind, Message, MessageType};
use serde_json::Value;

/// The name of a seed, and its bytes.
pub type Seed = (String, Vec<u8>);

/// Returns the smallest inputs, up to `each` of every kind.
pub(crate) fn smallest(
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
            // Long inputs slow down a fuzzer.
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

/// Returns the kind of a case: its requirement and verdict. For an accepted payload, the kind also
/// has the numbers that are at a bound, and for a rejected payload, the value and its fault.
fn place(case: &Case) -> String {
    let (verdict, level) = (verdict(case), case.level);
    let Request::Decode { profile, direction, payload } = &case.request else { return verdict };
    match Message::decode(*profile, *direction, payload) {
        Ok(_) => format!("{verdict} {level} {:?}", bounds(payload)),
        Err(error) => {
            let way = match error.kind() {
                ErrorKind::InvalidJson(fault) => format!("{fault:?}"),
                ErrorKind::InvalidUrl(why) => format!("{why:?}"),
                _ => String::new(),
            };
            format!("{verdict} {} {way}", error.path())
        }
    }
}

/// Returns the members of a payload whose numbers are at a bound. Coverage cannot lead a fuzzer to
/// a bound, so each bound has its own seeds.
fn bounds(payload: &[u8]) -> Vec<(&'static str, i64)> {
    const BOUNDS: [(&str, i64); 6] = [
        ("percent", 0),
        ("percent", 100),
        ("size", 0),
        ("size", (1 << 53) - 1),
        ("result_code", i32::MIN as i64),
        ("result_code", i32::MAX as i64),
    ];
    let message: Value = serde_json::from_slice(payload).unwrap_or_default();
    let objects = [&message, &message["progress"]];
    let is_in = |(key, bound): &(&str, i64)| objects.iter().any(|object| object[*key] == *bound);
    BOUNDS.into_iter().filter(is_in).collect()
}

/// Returns the kind of a case: its main requirement and verdict.
pub(crate) fn verdict(case: &Case) -> String {
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

/// Returns payloads of the up topic.
#[must_use]
pub fn up() -> Vec<Seed> {
    smallest(2, |case| payload(case, Some(Direction::Up)), place)
}

/// Returns payloads of the down topic.
#[must_use]
pub fn down() -> Vec<Seed> {
    smallest(2, |case| payload(case, Some(Direction::Down)), place)
}

/// Returns payloads of both topics.
#[must_use]
pub fn payloads() -> Vec<Seed> {
    smallest(2, |case| payload(case, None), place)
}

/// Returns bytes that the `message` target reads as a message of each type, short and long. The
/// bytes of fixtures determine the values.
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

/// Returns topics and their parts.
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

/// Returns digests in both spellings, and data.
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

/// Returns values of HTTP headers, and URLs.
#[must_use]
pub fn headers() -> Vec<Seed> {
    let texts = [
        ("range", "bytes=7000-11999"),
        ("range-of-one", "bytes=0-0"),
        ("range-to-the-largest", "bytes=0-9007199254740991"),
        ("range-beyond-the-largest", "bytes=0-9007199254740992"),
        ("range-backwards", "bytes=5-4"),
        ("range-open", "bytes=5-"),
        ("range-with-a-zero-before", "bytes=0-01"),
        ("part", "bytes 0-4/5"),
        ("part-beyond-the-end", "bytes 0-5/5"),
        ("part-of-an-unknown-size", "bytes 0-4/*"),
        ("digest", "1B2M2Y8AsgTpgAmY7PhCfg=="),
        ("digest-not-canonical", "1B2M2Y8AsgTpgAmY7PhCfh=="),
        ("url", "https://user:word@host:443/path?query#fragment"),
        ("url-without-a-host", "http://@:80/"),
        ("nothing", ""),
    ];
    texts.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).to_vec()
}

/// Returns a few edits of every kind, each for a different fixture.
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

/// Returns the answers of an adapter to requests for every operation. The first byte of each seed
/// stands for the operation.
#[must_use]
pub fn answers() -> Vec<Seed> {
    let answer = |case: &Case| {
        let op = Op::ALL.iter().position(|op| *op == case.request.op())?;
        let reply = Builtin::default().answer(&case.request);
        let mut bytes = vec![op.to_le_bytes()[0]];
        bytes.extend(wire::write_reply("7", &reply));
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

/// Returns requests for every operation.
#[must_use]
pub fn requests() -> Vec<Seed> {
    let mut seeds =
        smallest(2, |case| Some(wire::write_request(7, &case.request)), kind_of_request);
    seeds.push(("hello".to_owned(), b"{\"id\":1,\"op\":\"hello\",\"version\":1}\n".to_vec()));
    seeds
}

/// Returns traces of the fixtures, with the names of their seeds.
fn traces() -> Vec<(String, Vec<Event>)> {
    let trace = |case: &Case| match &case.request {
        Request::Trace { events, .. } => Some(events.clone()),
        _ => None,
    };
    let text = |case: &Case| {
        let events = trace(case)?;
        let text: Vec<u8> = events.iter().flat_map(|event| event.message.get().bytes()).collect();
        (text.len() <= 1_000).then_some(text)
    };
    let chosen = smallest(1, text, verdict);
    let cases = Fixtures::embedded().cases;
    let named = |name: &String| cases.iter().find(|case| file_name(&case.id) == *name);
    chosen.into_iter().filter_map(|(name, _)| Some((name.clone(), trace(named(&name)?)?))).collect()
}

/// Returns the message of an event. A URL in the message contains the secret that the oracle
/// searches for in findings.
fn message(event: &Event) -> String {
    event.message.get().replace("iothub.cos.ap-guangzhou.myqcloud.com/", "h/SeCrEt")
}

fn topic(event: &Event) -> String {
    format!("$resource/{}/service/P/d", event.direction)
}

/// Returns the traces as text captures, each in one of the formats.
#[must_use]
pub fn capture_lines() -> Vec<Seed> {
    let line = |format: usize, event: &Event| {
        let (topic, message) = (topic(event), message(event));
        let text = || serde_json::to_string(&message).unwrap_or_default();
        match format % 5 {
            0 => format!(r#"{{"topic":"{topic}","payload":{},"dup":{}}}"#, text(), event.dup),
            1 => {
                let hex: String = message.bytes().map(|byte| format!("{byte:02x}")).collect();
                format!("{topic} {hex}")
            }
            2 => {
                let length = message.len();
                format!(
                    r#"{{"tst":"2026-01-01T00:00:00Z","topic":"{topic}","qos":1,"retain":0,"payloadlen":{length},"payload":{}}}"#,
                    text()
                )
            }
            3 => format!(r#"{{"topic":"{topic}","qos":1,"retain":0,"payload":{message}}}"#),
            _ => format!("{topic} {message}"),
        }
    };
    traces()
        .into_iter()
        .enumerate()
        .map(|(format, (name, events))| {
            let lines = events.iter().map(|event| line(format, event) + "\n");
            (name, lines.collect::<String>().into_bytes())
        })
        .collect()
}

/// Returns the traces as pcap files. Each file has the packets of one connection: MQTT over TCP
/// over raw IP.
#[must_use]
pub fn capture_packets() -> Vec<Seed> {
    let seed = |(index, (name, events)): (usize, (String, Vec<Event>))| {
        let mut file =
            b"\xd4\xc3\xb2\xa1\x02\0\x04\0\0\0\0\0\0\0\0\0\xff\xff\0\0\x65\0\0\0".to_vec();
        let connects: [&[u8]; 3] = [
            b"\x10\x0f\0\x06MQIsdp\x03\x02\0\x3c\0\x01d",
            b"\x10\x0d\0\x04MQTT\x04\x02\0\x3c\0\x01d",
            b"\x10\x0e\0\x04MQTT\x05\x02\0\x3c\0\0\x01d",
        ];
        let version = index % connects.len();
        let mut sequences = [1_u32, 1];
        packet(&mut file, Direction::Up, &mut sequences, connects[version]);
        for event in &events {
            let publish = publish(event, version == 2);
            packet(&mut file, event.direction, &mut sequences, &publish);
        }
        (name, file)
    };
    traces().into_iter().enumerate().map(seed).collect()
}

/// Returns a PUBLISH with QoS 0, which has no packet identifier.
fn publish(event: &Event, has_properties: bool) -> Vec<u8> {
    let (topic, message) = (topic(event), message(event));
    let mut body = u16::try_from(topic.len()).unwrap_or_default().to_be_bytes().to_vec();
    body.extend(topic.bytes());
    body.extend(has_properties.then_some(0));
    body.extend(message.bytes());
    let mut packet = vec![0x30];
    let mut left = body.len();
    loop {
        let [low, ..] = (left % 128).to_le_bytes();
        left /= 128;
        packet.push(if left > 0 { low | 0x80 } else { low });
        if left == 0 {
            break;
        }
    }
    packet.extend(body);
    packet
}

/// Appends a packet from port 50000 to port 1883, or in the reverse direction.
fn packet(file: &mut Vec<u8>, direction: Direction, sequences: &mut [u32; 2], data: &[u8]) {
    let (from, to, own) = match direction {
        Direction::Up => {
            ([1, 50_000_u16.to_be_bytes()[0], 50_000_u16.to_be_bytes()[1]], [2, 0x07, 0x5b], 0)
        }
        Direction::Down => {
            ([2, 0x07, 0x5b], [1, 50_000_u16.to_be_bytes()[0], 50_000_u16.to_be_bytes()[1]], 1)
        }
    };
    let length = u32::try_from(40 + data.len()).unwrap_or_default();
    file.extend([0; 8]);
    file.extend(length.to_le_bytes());
    file.extend(length.to_le_bytes());
    file.extend([0x45, 0]);
    file.extend(&length.to_be_bytes()[2..]);
    file.extend([0, 0, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, from[0], 10, 0, 0, to[0]]);
    file.extend([from[1], from[2], to[1], to[2]]);
    file.extend(sequences[own].to_be_bytes());
    file.extend(sequences[1 - own].to_be_bytes());
    file.extend([0x50, 0x18, 0xff, 0xff, 0, 0, 0, 0]);
    file.extend(data);
    sequences[own] += length - 40;
}

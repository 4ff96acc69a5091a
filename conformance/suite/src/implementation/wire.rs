//! Reads and writes the lines of the adapter protocol.

use std::{borrow::Cow, collections::BTreeMap};

use base64ct::{Base64, Encoding};
use iothub_resource::{Direction, Profile};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json, value::RawValue};

use super::{
    ADAPTER_VERSION, Accepted, Event, NotAccepted, Op, Refusal, Reply, Request, TopicParts,
    TraceAdvice,
};
use crate::{
    About,
    excerpt::{quoted, shortened},
};

/// The operation that a request line asks for, or the reason why there is none.
pub(super) enum Asked {
    Hello,
    Request(Request),
    Unsupported,
    /// The request is invalid. The text explains the reason.
    Senseless(String),
}

/// Parses a request. Returns the id as JSON text, which the answer must repeat, and the content of
/// the request. The id is `null` if it is missing or invalid.
pub(super) fn read_request(line: &str) -> (&str, Asked) {
    let Ok(arguments) = serde_json::from_str::<Arguments<'_>>(line) else {
        return ("null", Asked::Senseless("the line is not a JSON object".to_owned()));
    };
    match arguments.id() {
        Ok(id) => (id, arguments.asked().unwrap_or_else(Asked::Senseless)),
        Err(why) => ("null", Asked::Senseless(why)),
    }
}

/// The members of a request. If a key is repeated, its last value counts.
#[derive(Deserialize)]
#[serde(transparent)]
struct Arguments<'a>(#[serde(borrow)] BTreeMap<Cow<'a, str>, &'a RawValue>);

impl<'a> Arguments<'a> {
    fn id(&self) -> Result<&'a str, String> {
        let id = self.raw("id")?;
        match serde_json::from_str(id.get()) {
            Ok(Value::Number(_)) => Ok(id.get()),
            _ => Err("`id` is not a number".to_owned()),
        }
    }

    fn asked(&self) -> Result<Asked, String> {
        let op: String = self.get("op")?;
        if op == "hello" {
            let version: Option<u32> = self.get("version").ok();
            let known = version == Some(ADAPTER_VERSION);
            return Ok(if known { Asked::Hello } else { Asked::Unsupported });
        }
        let Some(op) = Op::ALL.into_iter().find(|known| known.as_str() == op) else {
            return Ok(Asked::Unsupported);
        };
        let Some(profile) = self.profile() else { return Ok(Asked::Unsupported) };
        Ok(Asked::Request(match op {
            Op::Decode => Request::Decode {
                profile,
                direction: self.direction()?,
                payload: self.bytes("payload")?,
            },
            Op::Encode => Request::Encode { profile, message: self.raw("message")?.to_owned() },
            Op::TopicFormat => Request::TopicFormat {
                direction: self.direction()?,
                product_id: self.get("product_id")?,
                device_name: self.get("device_name")?,
            },
            Op::TopicParse => Request::TopicParse { topic: self.get("topic")? },
            Op::Md5Digest => Request::Md5Digest { data: self.bytes("data")? },
            Op::ContentMd5Encode => Request::ContentMd5Encode { md5sum: self.get("md5sum")? },
            Op::ContentMd5Decode => {
                Request::ContentMd5Decode { content_md5: self.get("content_md5")? }
            }
            Op::Trace => Request::Trace { profile, events: self.events()? },
        }))
    }

    /// Returns the profile: `documented` if the key is missing, and `None` if its value is not a
    /// known profile.
    fn profile(&self) -> Option<Profile> {
        match self.0.get("profile") {
            None => Some(Profile::Documented),
            Some(_) => self.get::<String>("profile").ok()?.parse().ok(),
        }
    }

    fn direction(&self) -> Result<Direction, String> {
        read_direction(&self.get::<String>("direction")?)
    }

    fn bytes(&self, key: &str) -> Result<Vec<u8>, String> {
        Base64::decode_vec(&self.get::<String>(key)?).map_err(|_| format!("`{key}` is not Base64"))
    }

    fn events(&self) -> Result<Vec<Event>, String> {
        let events = self.get::<Vec<&RawValue>>("events")?;
        events.into_iter().map(|event| EventLine::read(event.get())).collect()
    }

    fn get<T: Deserialize<'a>>(&self, key: &str) -> Result<T, String> {
        serde_json::from_str(self.raw(key)?.get())
            .map_err(|error| format!("`{key}`: {}", brief(error)))
    }

    fn raw(&self, key: &str) -> Result<&'a RawValue, String> {
        self.0.get(key).copied().ok_or_else(|| format!("`{key}` is missing"))
    }
}

/// An event of a trace, in the JSON form of requests and of the trace files in the fixtures.
#[derive(Deserialize)]
pub struct EventLine {
    direction: String,
    message: Box<RawValue>,
    #[serde(default)]
    dup: bool,
}

impl EventLine {
    /// Parses an event. Rejects an array, which the derived implementation of `Deserialize` would
    /// accept.
    pub fn read(text: &str) -> Result<Event, String> {
        if !text.trim_ascii_start().starts_with('{') {
            return Err("an event is not an object".to_owned());
        }
        let Self { direction, message, dup } = serde_json::from_str(text).map_err(brief)?;
        Ok(Event { direction: read_direction(&direction)?, message, dup })
    }
}

/// Returns the line that represents an event in a trace file.
pub fn event_line(event: &Event) -> Vec<u8> {
    line(&EventOf::from(event))
}

/// Parses `up` or `down`.
///
/// # Errors
///
/// Returns an explanation for any other word.
pub fn read_direction(word: &str) -> Result<Direction, String> {
    Direction::ALL
        .into_iter()
        .find(|direction| direction.as_str() == word)
        .ok_or_else(|| format!("a direction must be \"up\" or \"down\", not \"{word}\""))
}

/// Returns the line for a request with the id `id`.
#[must_use]
pub fn write_request(id: u64, request: &Request) -> Vec<u8> {
    line(&RequestLine { id, op: request.op().as_str(), arguments: ArgumentsOf::from(request) })
}

#[derive(Serialize)]
struct RequestLine<'a> {
    id: u64,
    op: &'static str,
    #[serde(flatten)]
    arguments: ArgumentsOf<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum ArgumentsOf<'a> {
    Decode { profile: &'static str, direction: &'static str, payload: String },
    Encode { profile: &'static str, message: &'a RawValue },
    TopicFormat { direction: &'static str, product_id: &'a str, device_name: &'a str },
    TopicParse { topic: &'a str },
    Md5Digest { data: String },
    ContentMd5Encode { md5sum: &'a str },
    ContentMd5Decode { content_md5: &'a str },
    Trace { profile: &'static str, events: Vec<EventOf<'a>> },
}

#[derive(Serialize)]
struct EventOf<'a> {
    direction: &'static str,
    message: &'a RawValue,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    dup: bool,
}

impl<'a> From<&'a Event> for EventOf<'a> {
    fn from(Event { direction, message, dup }: &'a Event) -> Self {
        Self { direction: direction.as_str(), message, dup: *dup }
    }
}

impl<'a> From<&'a Request> for ArgumentsOf<'a> {
    fn from(request: &'a Request) -> Self {
        match request {
            Request::Decode { profile, direction, payload } => Self::Decode {
                profile: profile.as_str(),
                direction: direction.as_str(),
                payload: Base64::encode_string(payload),
            },
            Request::Encode { profile, message } => {
                Self::Encode { profile: profile.as_str(), message }
            }
            Request::TopicFormat { direction, product_id, device_name } => {
                Self::TopicFormat { direction: direction.as_str(), product_id, device_name }
            }
            Request::TopicParse { topic } => Self::TopicParse { topic },
            Request::Md5Digest { data } => Self::Md5Digest { data: Base64::encode_string(data) },
            Request::ContentMd5Encode { md5sum } => Self::ContentMd5Encode { md5sum },
            Request::ContentMd5Decode { content_md5 } => Self::ContentMd5Decode { content_md5 },
            Request::Trace { profile, events } => Self::Trace {
                profile: profile.as_str(),
                events: events.iter().map(EventOf::from).collect(),
            },
        }
    }
}

pub(super) fn write_hello_answer(id: &str, about: &About) -> Vec<u8> {
    let ok = json!({
        "name": about.name,
        "version": about.version,
        "ops": Op::ALL.map(Op::as_str),
        "profiles": Profile::ALL.map(Profile::as_str),
    });
    answer_line(id, "ok", &ok)
}

/// Returns the line that answers a request. `id` is the id of the request as JSON text.
#[must_use]
pub fn write_reply(id: &str, reply: &Reply) -> Vec<u8> {
    match reply {
        Ok(accepted) => answer_line(id, "ok", &ok(accepted)),
        Err(NotAccepted::Unsupported) => answer_line(id, "unsupported", &Value::Bool(true)),
        Err(NotAccepted::Refused(Refusal { code, at, detail })) => {
            let mut err = serde_json::Map::new();
            err.extend(code.as_ref().map(|code| ("code".to_owned(), json!(code))));
            err.extend(at.map(|at| ("at".to_owned(), json!(at))));
            err.extend(detail.as_ref().map(|detail| ("detail".to_owned(), json!(detail))));
            answer_line(id, "err", &Value::Object(err))
        }
    }
}

pub(super) fn write_senseless(id: &str, why: &str) -> Vec<u8> {
    answer_line(id, "err", &json!({ "detail": why }))
}

/// Returns the value of the key `ok` in the answer for an accepted input.
pub fn ok(accepted: &Accepted) -> Value {
    match accepted {
        Accepted::Message(message) => json!({ "message": message }),
        Accepted::Payload(payload) => json!({ "payload": Base64::encode_string(payload) }),
        Accepted::Topic(topic) => json!({ "topic": topic }),
        Accepted::TopicParts(parts) => json!(parts),
        Accepted::Md5sum(md5sum) => json!({ "md5sum": md5sum }),
        Accepted::ContentMd5(content_md5) => json!({ "content_md5": content_md5 }),
        Accepted::Trace(None) => json!({}),
        Accepted::Trace(Some(advice)) => json!({ "advice": advice }),
    }
}

/// Returns the line of an answer. The answer repeats the id literally because conversion to a
/// number could change it.
fn answer_line(id: &str, key: &str, value: &Value) -> Vec<u8> {
    format!("{{\"id\":{id},\"{key}\":{value}}}\n").into_bytes()
}

pub(super) fn line(value: &impl Serialize) -> Vec<u8> {
    let mut line = serde_json::to_vec(value).unwrap_or_default();
    line.push(b'\n');
    line
}

/// Returns the text of an error from `serde`, shortened because it may quote its input.
pub(super) fn brief(error: impl std::fmt::Display) -> String {
    shortened(error.to_string(), 200)
}

/// The reason why a line is not a valid answer, as a sentence.
pub(super) type BadAnswer = String;

/// Parses the answer to the request with this id.
///
/// # Errors
///
/// Returns an explanation if the line is not a valid answer.
pub fn read_answer(line: &[u8], id: u64, op: Op) -> Result<Reply, BadAnswer> {
    match read_line(line, id)? {
        Line::Ok(ok) => accepted(ok, op).map(Ok),
        Line::Refused(refusal) => Ok(Err(NotAccepted::Refused(refusal))),
        Line::Unsupported => Ok(Err(NotAccepted::Unsupported)),
    }
}

/// The content of an answer line, independent of the operation.
pub(super) enum Line {
    Ok(Value),
    Refused(Refusal),
    Unsupported,
}

pub(super) fn read_line(line: &[u8], id: u64) -> Result<Line, BadAnswer> {
    if line.trim_ascii().is_empty() {
        return Err(
            "an empty line: print exactly one line for each request, and nothing else".to_owned()
        );
    }
    let answer: Value = serde_json::from_slice(line).map_err(|error| {
        format!("not valid JSON: {error}: {} (print logs to standard error)", quoted(line))
    })?;
    let Value::Object(mut answer) = answer else {
        return Err(format!("not an object: {}", quoted(line)));
    };
    if answer.contains_key("op") && !answer.contains_key("ok") && !answer.contains_key("err") {
        return Err(format!(
            "the line is the request itself: print an answer instead, such as \
             {{\"id\":{id},\"unsupported\":true}}"
        ));
    }
    match answer.get("id") {
        Some(Value::Number(number)) if number.as_u64() == Some(id) => {}
        Some(Value::Number(number))
            if number.as_f64().is_some_and(|number| is_same(number, id)) =>
        {
            return Err(format!(
                "the id is {number}, not {id}: print the same integer as in the request, \
                 without a fraction"
            ));
        }
        Some(other) => {
            return Err(format!("the id is {}, not {id}", shortened(other.to_string(), 60)));
        }
        None => return Err(format!("no id: expected {id}")),
    }
    match (answer.remove("ok"), answer.remove("err"), answer.remove("unsupported")) {
        (Some(ok @ Value::Object(_)), None, None) => Ok(Line::Ok(ok)),
        (None, Some(Value::Object(err)), None) => {
            #[derive(Deserialize)]
            struct Err {
                code: Option<String>,
                at: Option<usize>,
                detail: Option<Value>,
            }
            let Err { code, at, detail } = serde_json::from_value(Value::Object(err))
                .map_err(|error| format!("`err`: {}", brief(error)))?;
            let detail = detail.map(|detail| match detail {
                Value::String(text) => text,
                other => other.to_string(),
            });
            Ok(Line::Refused(Refusal { code, at, detail }))
        }
        (None, None, Some(Value::Bool(true))) => Ok(Line::Unsupported),
        _ => Err(format!(
            "expected exactly one of `ok` with an object, `err` with an object, and \
             `\"unsupported\":true`: {}",
            quoted(line)
        )),
    }
}

/// Returns whether a number with a fraction or an exponent equals an id. The comparison is exact
/// because ids are far below 2^53.
#[allow(clippy::cast_precision_loss, reason = "ids are far below 2^53")]
fn is_same(number: f64, id: u64) -> bool {
    (number - id as f64).abs() < f64::EPSILON
}

fn accepted(ok: Value, op: Op) -> Result<Accepted, BadAnswer> {
    let text = |key: &str| match ok.get(key) {
        Some(Value::String(text)) => Ok(text.clone()),
        _ => Err(format!("`ok` of {} has no string `{key}`", op.as_str())),
    };
    Ok(match op {
        Op::Decode => match ok.get("message") {
            Some(message @ Value::Object(_)) => Accepted::Message(message.clone()),
            _ => return Err("`ok` of decode has no object `message`".to_owned()),
        },
        Op::Encode => Accepted::Payload(
            Base64::decode_vec(&text("payload")?)
                .map_err(|_| "`payload` is not Base64".to_owned())?,
        ),
        Op::TopicFormat => Accepted::Topic(text("topic")?),
        Op::TopicParse => Accepted::TopicParts(TopicParts {
            direction: text("direction")?,
            product_id: text("product_id")?,
            device_name: text("device_name")?,
        }),
        Op::Md5Digest | Op::ContentMd5Decode => Accepted::Md5sum(text("md5sum")?),
        Op::ContentMd5Encode => Accepted::ContentMd5(text("content_md5")?),
        Op::Trace => Accepted::Trace(match ok.get("advice") {
            None | Some(Value::Null) => None,
            Some(Value::Array(advice)) => {
                Some(advice.iter().map(trace_advice).collect::<Result<_, _>>()?)
            }
            Some(_) => return Err("`advice` is not a list".to_owned()),
        }),
    })
}

/// Parses one entry of `advice`. Rejects an array, which the derived implementation of
/// `Deserialize` would accept.
fn trace_advice(advice: &Value) -> Result<TraceAdvice, BadAnswer> {
    if !advice.is_object() {
        return Err("`advice` contains a value that is not an object".to_owned());
    }
    TraceAdvice::deserialize(advice).map_err(|error| format!("`advice`: {}", brief(error)))
}

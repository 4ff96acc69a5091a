//! Smaller sessions: with fewer or plainer messages.

use iothub_conformance_suite::{Event, Request};
use iothub_resource::{Key, MessageType, Profile};
use serde_json::{Map, Value, json};

use super::{
    payload::{self, raw},
    transplant,
};
use crate::message_tree::opposite;

/// Returns the profile and the events of a trace, or `None` for any other request.
fn parts(request: &Request) -> Option<(Profile, &[Event])> {
    match request {
        Request::Trace { profile, events } => Some((*profile, events)),
        _ => None,
    }
}

fn trace(profile: Profile, events: Vec<Event>) -> Request {
    Request::Trace { profile, events }
}

/// Returns sessions without some consecutive messages, and requests with a single message. In short
/// sessions, any two or three messages are also removed.
pub(super) fn deletions(request: &Request) -> Vec<Request> {
    /// The number of messages above which only consecutive messages are removed.
    const FEW: usize = 16;
    let Some((profile, events)) = parts(request) else { return Vec::new() };
    let mut all = Vec::new();
    let without = |left_out: &[usize]| {
        let kept = events.iter().enumerate().filter(|(at, _)| !left_out.contains(at));
        trace(profile, kept.map(|(_, event)| event.clone()).collect())
    };
    for range in payload::ranges(events.len(), 40) {
        all.push(without(&range.collect::<Vec<_>>()));
    }
    if events.len() <= FEW {
        for one in 0..events.len() {
            for other in one + 1..events.len() {
                all.push(without(&[one, other]));
                for third in other + 1..events.len() {
                    all.push(without(&[one, other, third]));
                }
            }
        }
    }
    // Each message is also tried alone, as a session and as a payload.
    all.extend(events.iter().map(|event| trace(profile, vec![event.clone()])));
    all.extend(events.iter().map(|event| Request::Decode {
        profile,
        direction: event.direction,
        payload: event.message.get().as_bytes().to_vec(),
    }));
    all
}

/// Returns variants of the session in each profile: with uploads changed to downloads or the
/// reverse, with pushes in place of answered queries, and with fewer messages.
pub(super) fn conversions(request: &Request) -> Vec<Request> {
    let Some((profile, events)) = parts(request) else { return Vec::new() };
    let mut all = Vec::new();
    for other in Profile::ALL {
        let mut variants = vec![events.to_vec()];
        variants.push(converted(events, as_download));
        variants.push(converted(events, as_upload));
        if other == Profile::Deployed {
            for events in variants.clone() {
                variants.push(pushed(&events));
                variants.push(pushed(&converted(&events, as_download)));
                variants.push(converted(&events, without_percent));
            }
        } else {
            for events in variants.clone() {
                variants.push(converted(&events, as_documented));
            }
        }
        for events in variants {
            // The changed session is also tried without one or two of its messages because the
            // other kind of transfer may need fewer messages.
            for one in 0..events.len().min(12) {
                let mut less = events.clone();
                less.remove(one);
                for other_one in one..less.len().min(12) {
                    let mut less = less.clone();
                    less.remove(other_one);
                    all.push(trace(other, less));
                }
                all.push(trace(other, less));
            }
            all.push(trace(other, events));
        }
    }
    if profile == Profile::Deployed {
        // A push also replaces a single delivery.
        for (at, event) in events.iter().enumerate() {
            if let Some(push) = as_push(event) {
                let mut events = events.to_vec();
                events[at] = push;
                all.push(trace(profile, events));
            }
        }
    }
    all
}

type Change = fn(&mut Map<String, Value>);

fn converted(events: &[Event], change: Change) -> Vec<Event> {
    events
        .iter()
        .map(|event| {
            let Some(mut members) = members_of(event) else { return event.clone() };
            change(&mut members);
            written(event, members)
        })
        .collect()
}

fn members_of(event: &Event) -> Option<Map<String, Value>> {
    serde_json::from_str(event.message.get()).ok()
}

fn kind_of(members: &Map<String, Value>) -> Option<MessageType> {
    members.get("type")?.as_str()?.parse().ok()
}

/// Returns an event with these members, in the documented key order. If the type now belongs to the
/// opposite direction, the direction of the event changes too.
fn written(event: &Event, members: Map<String, Value>) -> Event {
    let old = members_of(event).as_ref().and_then(kind_of);
    let new = kind_of(&members);
    let text = in_order(members);
    let direction = match (old, new) {
        (Some(old), Some(new)) if old.direction() != new.direction() => opposite(event.direction),
        _ => event.direction,
    };
    let message = raw(text.into_bytes());
    Event::new(direction, message.unwrap_or_else(|| event.message.clone()), event.dup)
}

/// Returns the message as JSON text: the documented keys in the documented order, then all other
/// keys.
fn in_order(members: Map<String, Value>) -> String {
    let Some(kind) = kind_of(&members) else { return Value::Object(members).to_string() };
    let mut rest = members;
    let mut parts = Vec::new();
    let take = |level: &mut Map<String, Value>, keys: &[Key]| -> Vec<String> {
        let known = keys.iter().map(|key| key.as_str());
        let known: Vec<String> =
            known.filter_map(|key| Some(format!("\"{key}\":{}", level.remove(key)?))).collect();
        let others = std::mem::take(level);
        let others = others.into_iter().map(|(key, value)| format!("{}:{value}", json!(key)));
        known.into_iter().chain(others).collect()
    };
    let inside = rest.get_mut(Key::Progress.as_str()).and_then(Value::as_object_mut);
    let inside = inside.map(|inside| take(inside, Key::IN_PROGRESS));
    let keys: Vec<Key> = [&[Key::Type], kind.keys()].concat();
    for part in take(&mut rest, &keys) {
        parts.push(match (&inside, part.strip_prefix("\"progress\":")) {
            (Some(inside), Some("{}")) => format!("\"progress\":{{{}}}", inside.join(",")),
            _ => part,
        });
    }
    format!("{{{}}}", parts.join(","))
}

fn as_download(members: &mut Map<String, Value>) {
    let kind = match kind_of(members) {
        Some(MessageType::CreateUploadTask) => {
            members.clear();
            MessageType::GetDownloadTask
        }
        Some(MessageType::CreateUploadTaskRsp) => MessageType::GetDownloadTaskRsp,
        Some(MessageType::ReportUploadProgress) => MessageType::ReportDownloadProgress,
        Some(MessageType::ReportUploadProgressRsp) => MessageType::ReportDownloadProgressRsp,
        _ => return,
    };
    members.insert("type".to_owned(), json!(kind));
    in_state(members, "uploading", "downloading");
}

fn as_upload(members: &mut Map<String, Value>) {
    let kind = match kind_of(members) {
        Some(MessageType::ReportDownloadProgress) => MessageType::ReportUploadProgress,
        Some(MessageType::ReportDownloadProgressRsp) => MessageType::ReportUploadProgressRsp,
        Some(MessageType::GetDownloadTaskRsp | MessageType::Download) => {
            MessageType::CreateUploadTaskRsp
        }
        _ => return,
    };
    members.insert("type".to_owned(), json!(kind));
    in_state(members, "downloading", "uploading");
}

fn in_state(members: &mut Map<String, Value>, from: &str, to: &str) {
    if let Some(progress) = members.get_mut("progress").and_then(Value::as_object_mut)
        && progress.get("state").and_then(Value::as_str) == Some(from)
    {
        progress.insert("state".to_owned(), json!(to));
    }
}

/// Changes a final report of the deployed profile to a report of the documented profile with a
/// `percent` of 100.
fn as_documented(members: &mut Map<String, Value>) {
    let running = match kind_of(members) {
        Some(MessageType::ReportUploadProgress) => "uploading",
        Some(MessageType::ReportDownloadProgress) => "downloading",
        _ => return,
    };
    if let Some(progress) = members.get_mut("progress").and_then(Value::as_object_mut)
        && progress.get("state").and_then(Value::as_str) != Some(running)
    {
        progress.insert("state".to_owned(), json!(running));
        progress.insert("percent".to_owned(), json!(100));
    }
}

fn without_percent(members: &mut Map<String, Value>) {
    if let Some(progress) = members.get_mut("progress").and_then(Value::as_object_mut)
        && matches!(progress.get("state").and_then(Value::as_str), Some("done" | "fail"))
    {
        progress.remove("percent");
    }
}

/// Returns the session with pushes in place of the answers to queries, and without the queries.
fn pushed(events: &[Event]) -> Vec<Event> {
    let is_query = |event: &&Event| {
        members_of(event).as_ref().and_then(kind_of) != Some(MessageType::GetDownloadTask)
    };
    let events = events.iter().filter(is_query);
    events.map(|event| as_push(event).unwrap_or_else(|| event.clone())).collect()
}

fn as_push(event: &Event) -> Option<Event> {
    let mut members = members_of(event)?;
    if kind_of(&members) != Some(MessageType::GetDownloadTaskRsp) {
        return None;
    }
    members.insert("type".to_owned(), json!(MessageType::Download));
    Some(written(event, members))
}

/// Returns the plain values that replace other values of a key.
fn plain_values(key: &str) -> Vec<Value> {
    match key {
        "name" => vec![json!("a"), json!("b")],
        "size" => vec![json!(0), json!(1)],
        "md5sum" => vec![json!("0".repeat(32)), json!(format!("1{}", "0".repeat(31)))],
        "url" => vec![json!("http://a"), json!("http://b")],
        "percent" => vec![json!(0), json!(1), json!(2), json!(100)],
        "result_code" => vec![json!(0), json!(1), json!(-1)],
        "result_msg" => vec![json!(""), json!("a")],
        "state" => vec![json!("done"), json!("fail")],
        _ => Vec::new(),
    }
}

const KEYS: [&str; 8] =
    ["name", "size", "md5sum", "url", "percent", "result_code", "result_msg", "state"];

/// Returns sessions with plainer messages: a single changed message, or all messages changed in the
/// same way.
pub(super) fn simplifications(request: &Request) -> Vec<Request> {
    /// The number of messages that are made plainer individually, from the beginning of the
    /// session.
    const LONG: usize = 40;
    let Some((profile, events)) = parts(request) else { return Vec::new() };
    let mut sessions = vec![converted(events, |_| {}), converted(events, only_known)];
    sessions.extend(consistently(events));
    for (at, event) in events.iter().enumerate().take(LONG) {
        sessions.extend(plainer(event).into_iter().map(|event| replaced(events, at, event)));
    }
    if let [event] = events {
        let sessions = sessions.into_iter().map(|events| trace(profile, events));
        return sessions.chain(alone(profile, event)).collect();
    }
    if events.len() < FEW {
        for (at, event) in events.iter().enumerate() {
            let spelled = spelled_plainer(profile, event).into_iter();
            sessions.extend(spelled.map(|event| replaced(events, at, event)));
        }
    }
    sessions.into_iter().map(|events| trace(profile, events)).collect()
}

/// The number of messages at and above which tokens are not simplified.
const FEW: usize = 8;

fn replaced(events: &[Event], at: usize, event: Event) -> Vec<Event> {
    let mut events = events.to_vec();
    events[at] = event;
    events
}

/// Returns variants of the event: without the DUP flag, with one plain value, or without an
/// optional key.
fn plainer(event: &Event) -> Vec<Event> {
    let mut all = Vec::new();
    if event.dup {
        all.push(event.with_dup(false));
    }
    let Some(members) = members_of(event) else { return all };
    all.push(written(event, members.clone()));
    for key in KEYS {
        for value in plain_values(key) {
            let mut changed = members.clone();
            if set(&mut changed, key, &value) {
                all.push(written(event, changed));
            }
        }
    }
    for key in ["percent", "x"] {
        let mut changed = members.clone();
        changed.remove(key);
        if let Some(progress) = changed.get_mut("progress").and_then(Value::as_object_mut) {
            progress.remove(key);
        }
        all.push(written(event, changed));
    }
    all
}

/// Returns sessions of a single event that is smaller than `event`, in both profiles.
fn alone(profile: Profile, event: &Event) -> Vec<Request> {
    const STAGES: [fn(&Request) -> Vec<Request>; 5] = [
        transplant::with_own_values,
        transplant::with_values_anywhere,
        payload::plain_tokens,
        payload::deletions,
        payload::simplifications,
    ];
    let payload = event.message.get().as_bytes().to_vec();
    let alone = Request::Decode { profile, direction: event.direction, payload };
    let as_trace = |candidate| match candidate {
        Request::Decode { profile, direction, payload } => {
            Some(trace(profile, vec![Event::new(direction, raw(payload)?, false)]))
        }
        _ => None,
    };
    STAGES.into_iter().flat_map(|stage| stage(&alone)).filter_map(as_trace).collect()
}

/// Returns variants of an event with plainer tokens.
fn spelled_plainer(profile: Profile, event: &Event) -> Vec<Event> {
    let alone = Request::Encode { profile, message: event.message.clone() };
    let candidates = payload::plain_tokens(&alone).into_iter();
    let event_of = |candidate| match candidate {
        Request::Encode { message, .. } => Some(Event::new(event.direction, message, event.dup)),
        _ => None,
    };
    candidates.chain(payload::simplifications(&alone)).filter_map(event_of).collect()
}

/// Sets the value of a key wherever the key occurs. Returns whether a value changed.
fn set(members: &mut Map<String, Value>, key: &str, value: &Value) -> bool {
    let mut is_changed = false;
    let mut put = |level: &mut Map<String, Value>| {
        if let Some(own) = level.get_mut(key)
            && own != value
        {
            own.clone_from(value);
            is_changed = true;
        }
    };
    put(members);
    if let Some(progress) = members.get_mut("progress").and_then(Value::as_object_mut) {
        put(progress);
    }
    is_changed
}

fn get<'m>(members: &'m Map<String, Value>, key: &str) -> Option<&'m Value> {
    members.get(key).or_else(|| members.get("progress")?.get(key))
}

fn only_known(members: &mut Map<String, Value>) {
    let Some(kind) = kind_of(members) else { return };
    let known = |key: &str| key == "type" || kind.keys().iter().any(|own| own.as_str() == key);
    let others: Vec<String> = members.keys().filter(|key| !known(key)).cloned().collect();
    for key in others {
        members.remove(&key);
    }
}

/// Returns sessions in which plain values replace the values of keys. Equal values remain equal.
/// Each session differs from `events` in all values of one key, in all values of all keys, or in
/// one value of a key.
fn consistently(events: &[Event]) -> Vec<Vec<Event>> {
    let mut all = Vec::new();
    let mut whole = events.to_vec();
    for key in KEYS {
        let mut values: Vec<Value> = Vec::new();
        for event in events {
            let members = members_of(event);
            if let Some(value) = members.as_ref().and_then(|members| get(members, key))
                && !values.contains(value)
            {
                values.push(value.clone());
            }
        }
        if key == "percent" {
            values.sort_by_key(Value::as_i64);
        }
        let plain = plain_values(key);
        let renamed = |events: &[Event], pairs: &[(Value, Value)]| -> Vec<Event> {
            events
                .iter()
                .map(|event| {
                    let Some(mut members) = members_of(event) else { return event.clone() };
                    let own = get(&members, key).cloned();
                    match pairs.iter().find(|(from, _)| Some(from) == own.as_ref()) {
                        Some((_, to)) if set(&mut members, key, to) => written(event, members),
                        _ => event.clone(),
                    }
                })
                .collect()
        };
        if key != "state" && values.len() <= plain.len() {
            let pairs: Vec<_> = values.iter().cloned().zip(plain.iter().cloned()).collect();
            all.push(renamed(events, &pairs));
            whole = renamed(&whole, &pairs);
        }
        for from in &values {
            for to in plain.iter().chain(&values) {
                all.push(renamed(events, &[(from.clone(), to.clone())]));
            }
        }
        if let Some(first) = plain.first()
            && key != "state"
        {
            let pairs: Vec<_> = values.iter().map(|from| (from.clone(), first.clone())).collect();
            all.push(renamed(events, &pairs));
        }
    }
    all.push(whole);
    all
}

//! The decoder against the rules of the specification, written out as slowly as they read.

use std::collections::BTreeSet;

use iothub_resource::{Code, Direction, Message, Profile};
use proptest::{
    prelude::*,
    sample::{Index, select},
};
use serde_json::{Map, Value};

use super::profile;

/// JSON as it is spelt: keys may come twice, numbers keep their digits.
#[derive(Clone, Debug, PartialEq)]
enum Json {
    /// Anything but strings and objects, as its text.
    Literal(&'static str),
    Text(&'static str),
    Object(Vec<(&'static str, Json)>),
}

const DIGEST: &str = "5d41402abc4b2a76b9719d911017c592";
const KEYS: [&str; 8] =
    ["type", "size", "name", "md5sum", "url", "progress", "result_code", "result_msg"];
const PROGRESS_KEYS: [&str; 4] = ["state", "percent", "result_code", "result_msg"];

/// `type`, direction, its other keys.
const MESSAGES: [(&str, Direction, &[&str]); 9] = [
    ("create_upload_task", Direction::Up, &["size", "name", "md5sum"]),
    ("create_upload_task_rsp", Direction::Down, &["size", "name", "md5sum", "url"]),
    ("report_upload_progress", Direction::Up, &["name", "progress"]),
    ("report_upload_progress_rsp", Direction::Down, &["result_code", "result_msg"]),
    ("get_download_task", Direction::Up, &[]),
    ("get_download_task_rsp", Direction::Down, &["size", "name", "md5sum", "url"]),
    ("report_download_progress", Direction::Up, &["name", "progress"]),
    ("report_download_progress_rsp", Direction::Down, &["result_code", "result_msg"]),
    ("download", Direction::Down, &["size", "name", "md5sum", "url"]),
];

/// Good, bad and borderline ones of every kind, for any place.
const LITERALS: [&str; 28] = [
    "null",
    "true",
    "false",
    "[]",
    "[{\"type\":1}]",
    "0",
    "-0",
    "1",
    "-1",
    "50",
    "100",
    "101",
    "255",
    "256",
    "1.0",
    "1e2",
    "1E2",
    "0.5",
    "2147483647",
    "2147483648",
    "-2147483648",
    "-2147483649",
    "9007199254740991",
    "9007199254740992",
    "18446744073709551616",
    "-9007199254740991",
    "100000000000000000000000000000000000000000",
    "1e-7",
];
const TEXTS: [&str; 27] = [
    "",
    "a",
    "5",
    " ",
    "a\u{1}b",
    "a\u{7f}",
    "größe 🦀",
    "../a",
    "uploading",
    "downloading",
    "done",
    "fail",
    "Done",
    "ok",
    "https://h",
    "HTTP://h:80/?a=b",
    "https:///h",
    "https://u@:80/",
    "ftp://h/",
    "https://h/ ",
    "https://hé/",
    "https:/h",
    DIGEST,
    "5D41402abc4b2a76b9719d911017c592",
    "5d41402abc4b2a76b9719d911017c59",
    "********************************",
    "null",
];
const UNKNOWN_KEYS: [&str; 7] = ["", "extra", "Type", "types", "typ", "größe", "state "];

fn valid(index: usize) -> Vec<(&'static str, Json)> {
    let (message_type, _, keys) = MESSAGES[index];
    let progress = || {
        let running = if index == 2 { "uploading" } else { "downloading" };
        Json::Object(vec![
            ("state", Json::Text(running)),
            ("percent", Json::Literal("50")),
            ("result_code", Json::Literal("0")),
            ("result_msg", Json::Text("")),
        ])
    };
    let value = |key: &'static str| match key {
        "size" => Json::Literal("5"),
        "name" => Json::Text("zxc"),
        "md5sum" => Json::Text(DIGEST),
        "url" => Json::Text("https://store/zxc"),
        "progress" => progress(),
        "result_code" => Json::Literal("-1"),
        _ => Json::Text("ok"),
    };
    let mut members = vec![("type", Json::Text(message_type))];
    members.extend(keys.iter().map(|key| (*key, value(key))));
    members
}

/// The codes of all defects there are, whichever is found first. Empty: it is valid.
fn defects(
    profile: Profile,
    direction: Direction,
    members: &[(&'static str, Json)],
) -> BTreeSet<Code> {
    let mut found = BTreeSet::new();
    if has_duplicate(members, &KEYS) {
        found.insert(Code::DuplicateKey);
    }
    let Some(word) = get(members, "type") else {
        found.insert(Code::MissingType);
        return found;
    };
    let Json::Text(word) = word else {
        found.insert(Code::WrongType);
        return found;
    };
    let Some((_, its_direction, keys)) = MESSAGES.iter().find(|(name, _, _)| name == word) else {
        found.insert(Code::UnknownType);
        return found;
    };
    if profile == Profile::Documented && *word == "download" {
        found.insert(Code::UnknownType);
    }
    if direction != *its_direction {
        found.insert(Code::WrongDirection);
    }
    let strict = profile == Profile::Documented;
    if strict && members.iter().any(|(key, _)| *key != "type" && !keys.contains(key)) {
        found.insert(Code::UnknownField);
    }
    for key in *keys {
        match get(members, key) {
            None => drop(found.insert(Code::MissingField)),
            Some(Json::Object(inner)) if *key == "progress" => {
                found.extend(progress_defects(profile, word, inner));
            }
            Some(value) => found.extend(value_defect(profile, key, value)),
        }
    }
    found
}

fn progress_defects(profile: Profile, word: &str, inner: &[(&str, Json)]) -> BTreeSet<Code> {
    let mut found = BTreeSet::new();
    if has_duplicate(inner, &PROGRESS_KEYS) {
        found.insert(Code::DuplicateKey);
    }
    if profile == Profile::Documented && inner.iter().any(|(key, _)| !PROGRESS_KEYS.contains(key)) {
        found.insert(Code::UnknownField);
    }
    let running = if word.contains("upload") { "uploading" } else { "downloading" };
    let mut percent_may_be_absent = false;
    match get(inner, "state") {
        Some(Json::Text(state)) if *state == running => {}
        Some(Json::Text("done" | "fail")) if profile == Profile::Deployed => {
            percent_may_be_absent = true;
        }
        // Then nobody can tell whether `percent` is missing.
        Some(Json::Text(_)) => {
            percent_may_be_absent = true;
            found.insert(Code::InvalidState);
        }
        Some(_) => drop(found.insert(Code::WrongType)),
        None => drop(found.insert(Code::MissingField)),
    }
    for key in ["percent", "result_code", "result_msg"] {
        match get(inner, key) {
            None if key == "percent" && percent_may_be_absent => {}
            None => drop(found.insert(Code::MissingField)),
            Some(value) => found.extend(value_defect(profile, key, value)),
        }
    }
    found
}

fn value_defect(profile: Profile, key: &str, value: &Json) -> Option<Code> {
    let integer = |low: i128, high: i128| match value {
        Json::Literal(digits) => {
            let plain = digits.strip_prefix('-').unwrap_or(digits);
            if !plain.chars().all(|digit| digit.is_ascii_digit()) || *digits == "-0" {
                return Some(Code::WrongType);
            }
            let bounds = low..=high;
            let inside = digits.parse().is_ok_and(|number: i128| bounds.contains(&number));
            (!inside).then_some(Code::OutOfRange)
        }
        _ => Some(Code::WrongType),
    };
    let text = |good: &dyn Fn(&str) -> bool, code| match value {
        Json::Text(text) => (!good(text)).then_some(code),
        _ => Some(Code::WrongType),
    };
    match key {
        "size" => integer(0, 9_007_199_254_740_991),
        "percent" => integer(0, 100),
        "result_code" => integer(-2_147_483_648, 2_147_483_647),
        "name" => {
            text(&|name| !name.is_empty() && !name.contains(['\u{1}', '\u{7f}']), Code::InvalidName)
        }
        "md5sum" => {
            let upper_too = profile == Profile::Deployed;
            text(&|digits| super::is_digest(digits, upper_too), Code::InvalidMd5sum)
        }
        // Of `TEXTS`.
        "url" => text(
            &|url| ["https://store/zxc", "https://h", "HTTP://h:80/?a=b"].contains(&url),
            Code::InvalidUrl,
        ),
        "progress" => Some(Code::WrongType),
        _ => text(&|_| true, Code::WrongType),
    }
}

fn get<'j>(members: &'j [(&str, Json)], key: &str) -> Option<&'j Json> {
    members.iter().find(|(name, _)| *name == key).map(|(_, value)| value)
}

fn has_duplicate(members: &[(&str, Json)], vocabulary: &[&str]) -> bool {
    vocabulary.iter().any(|key| members.iter().filter(|(name, _)| name == key).count() > 1)
}

/// What a valid message says, as JSON: its own keys, the digest in lower case.
fn meaning(members: &[(&str, Json)], keys: &[&str]) -> Value {
    let mut map = Map::new();
    for key in keys {
        let value = match get(members, key) {
            None => continue,
            Some(Json::Literal(number)) => serde_json::from_str(number).unwrap(),
            Some(Json::Text(digits)) if *key == "md5sum" => digits.to_lowercase().into(),
            Some(Json::Text(text)) => (*text).into(),
            Some(Json::Object(inner)) => meaning(inner, &PROGRESS_KEYS),
        };
        map.insert((*key).to_owned(), value);
    }
    map.into()
}

/// As text, with some white space, and with escapes where none are needed.
fn write(members: &[(&str, Json)], style: u8, out: &mut String) {
    let space = ["", " ", "\n\t", "\r\n"][usize::from(style & 3)];
    let text = |text: &str, out: &mut String| {
        let escape_all = style & 4 != 0;
        out.push('"');
        for unit in text.encode_utf16() {
            match char::from_u32(unit.into()) {
                Some(plain) if !escape_all && plain >= ' ' => out.push(plain),
                _ => *out += &format!("\\u{unit:04x}"),
            }
        }
        out.push('"');
    };
    *out += "{";
    for (index, (key, value)) in members.iter().enumerate() {
        *out += if index == 0 { "" } else { "," };
        *out += space;
        text(key, out);
        *out += space;
        *out += ":";
        *out += space;
        match value {
            Json::Literal(literal) => *out += literal,
            Json::Text(value) => text(value, out),
            Json::Object(inner) => write(inner, style, out),
        }
    }
    *out += space;
    *out += "}";
}

#[derive(Clone, Debug)]
enum Edit {
    Remove,
    Repeat,
    Replace(Json),
    Rename(&'static str),
    Insert(&'static str, Json),
}

fn json() -> impl Strategy<Value = Json> {
    let progress = || valid(2).swap_remove(2).1;
    prop_oneof![
        4 => select(&LITERALS[..]).prop_map(Json::Literal),
        5 => select(&TEXTS[..]).prop_map(Json::Text),
        1 => select(&MESSAGES[..]).prop_map(|(word, _, _)| Json::Text(word)),
        1 => Just(Json::Object(Vec::new())),
        1 => Just(progress()),
    ]
}

fn edit() -> impl Strategy<Value = Edit> {
    let key =
        || prop_oneof![select(&KEYS[..]), select(&PROGRESS_KEYS[..]), select(&UNKNOWN_KEYS[..])];
    prop_oneof![
        2 => Just(Edit::Remove),
        1 => Just(Edit::Repeat),
        6 => json().prop_map(Edit::Replace),
        2 => key().prop_map(Edit::Rename),
        3 => (key(), json()).prop_map(|(key, value)| Edit::Insert(key, value)),
    ]
}

fn apply(members: &mut Vec<(&'static str, Json)>, at: &Index, inside: bool, edit: &Edit) {
    if members.is_empty() {
        return;
    }
    let index = at.index(members.len());
    if inside && let Some((_, Json::Object(inner))) = members.last_mut() {
        return apply(inner, at, false, edit);
    }
    match edit {
        Edit::Remove => drop(members.remove(index)),
        Edit::Repeat => members.push(members[index].clone()),
        Edit::Replace(value) => members[index].1 = value.clone(),
        Edit::Rename(key) => members[index].0 = key,
        Edit::Insert(key, value) => members.insert(index, (key, value.clone())),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases.max(1_500)))]

    #[test]
    fn the_decoder_is_the_specification(
        index in 0..MESSAGES.len(),
        edits in prop::collection::vec((edit(), any::<Index>(), any::<bool>()), 0..3),
        profile in profile(),
        turned in prop::bool::weighted(0.1),
        shift in 0..8_usize,
        style in 0..8_u8,
    ) {
        let mut members = valid(index);
        for (edit, at, inside) in &edits {
            apply(&mut members, at, *inside, edit);
        }
        let first = shift % members.len().max(1);
        members.rotate_left(first);
        let direction = MESSAGES.iter()
            .find(|(word, _, _)| get(&members, "type") == Some(&Json::Text(word)))
            .map_or(MESSAGES[index].1, |(_, direction, _)| *direction);
        let direction = match (direction, turned) {
            (Direction::Up, false) | (Direction::Down, true) => Direction::Up,
            _ => Direction::Down,
        };
        let mut payload = String::new();
        write(&members, style, &mut payload);

        let defects = defects(profile, direction, &members);
        match Message::decode(profile, direction, payload.as_bytes()) {
            Ok(message) => {
                prop_assert_eq!(defects, BTreeSet::new(), "{}", payload);
                let mut keys = vec!["type"];
                keys.extend(message.message_type().keys().iter().map(|key| key.as_str()));
                prop_assert_eq!(serde_json::to_value(&message).unwrap(), meaning(&members, &keys));
            }
            Err(error) => {
                prop_assert!(defects.contains(&error.code()), "{} {:?} {}", error, defects, payload);
            }
        }
    }
}

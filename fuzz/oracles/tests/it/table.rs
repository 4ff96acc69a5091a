//! Messages with changed members, compared with the table of rules.

use iothub_oracles::{
    lenient,
    reference::{KEYS, MESSAGES, PROGRESS_KEYS},
};
use iothub_resource::{Direction, Profile};
use proptest::{
    prelude::*,
    sample::{Index, select},
};

/// A JSON value that can have repeated keys and any spelling of numbers.
#[derive(Clone, Debug, PartialEq)]
enum Json {
    /// The text of a value other than a string or an object.
    Literal(&'static str),
    Text(&'static str),
    Object(Vec<(&'static str, Json)>),
}

const DIGEST: &str = "5d41402abc4b2a76b9719d911017c592";

/// Valid, invalid and borderline values of every kind, for any key.
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

/// Returns a valid payload of every type of message.
pub(crate) fn payloads() -> Vec<Vec<u8>> {
    let payload = |index| {
        let mut payload = String::new();
        write(&valid(index), 0, &mut payload);
        payload.into_bytes()
    };
    (0..MESSAGES.len()).map(payload).collect()
}

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

/// Writes the members, with white space and unnecessary escapes that depend on `style`.
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
        profile in select(&Profile::ALL[..]),
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
            .find(|(word, _, _)| members.contains(&("type", Json::Text(word))))
            .map_or(MESSAGES[index].1, |(_, direction, _)| *direction);
        let direction = match (direction, turned) {
            (Direction::Up, false) | (Direction::Down, true) => Direction::Up,
            _ => Direction::Down,
        };
        let mut payload = String::new();
        write(&members, style, &mut payload);

        lenient::compare(profile, direction, payload.as_bytes());
    }
}

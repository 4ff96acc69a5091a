//! Encodes the answer with a task in each valid spelling.

use std::fmt::Write as _;

use iothub_resource::{MessageType, ResourceTask};

use super::{
    members::replaced,
    scenario::{MalformedMessage, Spelling},
    table::malformed::{MD5SUM, NAME, SIZE, URL},
};

/// Returns a message that delivers a task, in a valid spelling.
pub(super) fn spelt(spelling: Spelling, kind: MessageType, task: &ResourceTask<'_>) -> Vec<u8> {
    let is = |other| spelling == other;
    let text = |value: &str| string(value, spelling);
    let mut members = vec![
        ("type", text(kind.as_str())),
        ("size", task.size.to_string()),
        ("name", text(task.name.as_str())),
        ("md5sum", text(&task.md5sum.to_string())),
        ("url", text(task.url.as_str())),
    ];
    match spelling {
        Spelling::KeysReversed => members.reverse(),
        Spelling::TypeLast => members.rotate_left(1),
        Spelling::UnknownKey => {
            members.insert(1, ("version", r#"{"a":[1,null,"x"]}"#.to_owned()));
        }
        Spelling::UnknownKeyWithBraces => {
            members.insert(1, ("version", r#"{"a":"}"}"#.to_owned()));
        }
        Spelling::CapitalDigest => members[3].1.make_ascii_uppercase(),
        _ => {}
    }
    let wide = ",".to_owned() + &" ".repeat(600);
    let (comma, colon) = match spelling {
        Spelling::SpaceInside => (" ,\n\t", " : "),
        Spelling::Long => (&*wide, ":"),
        _ => (",", ":"),
    };
    let members: Vec<_> = members
        .into_iter()
        .map(|(key, value)| {
            let key = if is(Spelling::EscapedKeys) { escaped(key) } else { format!("\"{key}\"") };
            format!("{key}{colon}{value}")
        })
        .collect();
    let mut json = format!("{{{}}}", members.join(comma));
    if is(Spelling::SpaceInside) {
        json = json.replacen('{', "{\r\n ", 1);
        json.insert(json.len() - 1, '\n');
    }
    if is(Spelling::SpaceAround) {
        json = format!(" \r\n\t{json}\n ");
    }
    json.into_bytes()
}

fn string(value: &str, spelling: Spelling) -> String {
    if spelling == Spelling::EscapedLetters {
        return escaped(value);
    }
    // Encoding a string cannot fail.
    let plain = serde_json::to_string(value).unwrap_or_default();
    if spelling == Spelling::EscapedSlashes { plain.replace('/', "\\/") } else { plain }
}

/// Returns `text` as a JSON string, in which every letter and every character outside printable
/// ASCII is a `\u` escape.
fn escaped(text: &str) -> String {
    let mut json = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => json.extend(['\\', c]),
            ' '..='~' if !c.is_ascii_alphabetic() => json.push(c),
            c => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(json, "\\u{unit:04x}");
                }
            }
        }
    }
    json.push('"');
    json
}

/// Returns a malformed message from the fixtures with the values of a task.
pub(super) fn disguised(malformed: &MalformedMessage, task: &ResourceTask<'_>) -> Vec<u8> {
    let name = serde_json::to_string(task.name.as_str()).unwrap_or_default();
    let md5sum = task.md5sum.to_string();
    let size = format!("\"size\":{},", task.size);
    let mut payload = malformed.payload.clone();
    for (from, to) in [(URL, task.url.as_str()), (NAME, &name), (MD5SUM, &md5sum), (SIZE, &size)] {
        payload = replaced(&payload, from.as_bytes(), to.as_bytes());
    }
    // A payload that is too long because of white space alone is equally invalid.
    if malformed.code == "payload-too-large" {
        payload.resize(payload.len().max(16_385), b' ');
    }
    payload
}

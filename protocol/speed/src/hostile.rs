//! Inputs that are designed to be slow to decode, each about as long as a payload can be.

use std::hint::black_box;

use iothub_resource::{Direction, MAX_PAYLOAD, Message, Profile};

/// Returns a payload that repeats `part` between `head` and `tail` up to the maximum length.
fn filled(head: &str, part: &str, tail: &str) -> Vec<u8> {
    let room = MAX_PAYLOAD - head.len() - tail.len();
    format!("{head}{}{tail}", part.repeat(room / part.len())).into_bytes()
}

/// Returns all inputs with their names.
pub(crate) fn all() -> Vec<(&'static str, Vec<u8>)> {
    const CREATE: &str = r#"{"type":"create_upload_task","size":5,"md5sum":"5d41402abc4b2a76b9719d911017c592","name":""#;
    vec![
        ("white space", filled("", " ", r#"{"type":"get_download_task"}"#)),
        ("a long name", filled(CREATE, "n", "\"}")),
        ("a name of escapes", filled(CREATE, "\\u006e", "\"}")),
        ("a name of short escapes", filled(CREATE, "\\\"", "\"}")),
        ("a name of surrogate pairs", filled(CREATE, "\\ud83d\\ude00", "\"}")),
        ("a name that ends in half of a surrogate pair", filled(CREATE, "\\\\", "\\ud83d\"}")),
        ("a name of four-byte characters", filled(CREATE, "🦀", "\"}")),
        ("a name that ends in a control character", filled(CREATE, "n", "\\u0001\"}")),
        ("a text without end", filled(CREATE, "n", "")),
        ("brackets", filled(r#"{"a":"#, "[", "")),
        ("braces", filled("", r#"{"":"#, "")),
        ("brackets that close", {
            let half = MAX_PAYLOAD / 2 - 20;
            let (open, close) = ("[".repeat(half), "]".repeat(half));
            format!(r#"{{"a":{open}{close},"type":"get_download_task"}}"#).into_bytes()
        }),
        ("unknown keys", filled(r#"{"type":"get_download_task""#, r#","a":1"#, "}")),
        ("unknown escaped keys", filled(r#"{"type":"get_download_task""#, r#","\u0061":1"#, "}")),
        ("repeated known keys", filled(r#"{"type":"get_download_task""#, r#","url":1"#, "}")),
        ("a key of backslashes", filled("{\"", "\\\\", r#"":1,"type":"get_download_task"}"#)),
        ("a long number", filled(r#"{"type":"get_download_task","a":"#, "1", "}")),
        ("a list of numbers", filled(r#"{"type":"get_download_task","a":[0"#, ",-1.5e+9", "]}")),
        ("line feeds before the error", filled("{\n", "\n", "x")),
        ("a URL of dots", {
            let head = r#"{"type":"download","size":5,"name":"a","md5sum":"5d41402abc4b2a76b9719d911017c592","url":"https://"#;
            filled(head, "@:1", "\"}")
        }),
        ("not UTF-8 at the end", {
            let mut payload = filled(CREATE, "n", "\"}");
            payload.push(0xFF);
            payload.truncate(MAX_PAYLOAD);
            payload[MAX_PAYLOAD - 1] = 0xFF;
            payload
        }),
    ]
}

/// Reads the payload `times` times for each direction in each profile.
pub(crate) fn read(payload: &[u8], times: usize) {
    for _ in 0..times {
        for profile in Profile::ALL {
            for direction in Direction::ALL {
                let _read = black_box(Message::decode(profile, direction, black_box(payload)));
            }
        }
    }
}

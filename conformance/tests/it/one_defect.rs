//! Each rejected payload has exactly one defect, according to a reader that, unlike a decoder, does
//! not stop at the first defect.
//!
//! This reader follows the specification and uses only a JSON parser. It shares no code with
//! `iothub-resource`. Comments mark the places where it is less exact.

use std::{collections::BTreeSet, fmt, fs};

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::fixtures::{cases, file, folder, word};

/// A JSON value that keeps repeated keys and the spelling of numbers.
enum Json {
    Object(Vec<(String, Json)>),
    Integer(i128),
    Text(String),
    /// `null`, a boolean, an array, or a number that is not written as an integer.
    Other,
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Json;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }
            fn visit_unit<E>(self) -> Result<Json, E> {
                Ok(Json::Other)
            }
            fn visit_bool<E>(self, _: bool) -> Result<Json, E> {
                Ok(Json::Other)
            }
            fn visit_f64<E>(self, _: f64) -> Result<Json, E> {
                Ok(Json::Other)
            }
            fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
                Ok(Json::Integer(number.into()))
            }
            fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
                Ok(Json::Integer(number.into()))
            }
            fn visit_str<E>(self, text: &str) -> Result<Json, E> {
                Ok(Json::Text(text.to_owned()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Json, A::Error> {
                while all.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Json::Other)
            }
            fn visit_map<A: MapAccess<'de>>(self, mut all: A) -> Result<Json, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = all.next_entry()? {
                    members.push(member);
                }
                Ok(Json::Object(members))
            }
        }
        from.deserialize_any(Any)
    }
}

/// The documented messages: type, direction, and keys other than `type`.
const MESSAGES: [(&str, &str, &[&str]); 9] = [
    ("create_upload_task", "up", &["size", "name", "md5sum"]),
    ("create_upload_task_rsp", "down", &["size", "name", "md5sum", "url"]),
    ("report_upload_progress", "up", &["name", "progress"]),
    ("report_upload_progress_rsp", "down", &["result_code", "result_msg"]),
    ("get_download_task", "up", &[]),
    ("get_download_task_rsp", "down", &["size", "name", "md5sum", "url"]),
    ("report_download_progress", "up", &["name", "progress"]),
    ("report_download_progress_rsp", "down", &["result_code", "result_msg"]),
    ("download", "down", &["size", "name", "md5sum", "url"]),
];
const VOCABULARY: [&str; 8] =
    ["type", "size", "name", "md5sum", "url", "progress", "result_code", "result_msg"];
const PROGRESS: [&str; 4] = ["state", "percent", "result_code", "result_msg"];

type Defects = Vec<&'static str>;

/// Returns all defects of a payload. If a layer is invalid, the next one is not judged.
fn defects(deployed: bool, direction: &str, payload: &[u8]) -> Defects {
    if payload.len() > 16_384 {
        return vec!["payload-too-large"];
    }
    let Ok(text) = std::str::from_utf8(payload) else { return vec!["not-utf8"] };
    match serde_json::from_str::<Json>(text) {
        Err(error) if is_beyond(&error) => vec!["beyond"],
        Err(_) => vec!["invalid-json"],
        Ok(Json::Object(members)) => {
            Reader { deployed, direction, found: Vec::new() }.message(&members)
        }
        Ok(_) => vec!["not-an-object"],
    }
}

/// Returns whether the parser cannot represent a value that may be skipped: too deep, too large, or
/// with an unpaired surrogate.
fn is_beyond(error: &serde_json::Error) -> bool {
    let words = error.to_string();
    ["recursion limit", "number out of range", "surrogate", "hex escape"]
        .iter()
        .any(|beyond| words.contains(beyond))
}

struct Reader<'r> {
    deployed: bool,
    direction: &'r str,
    found: Defects,
}

impl Reader<'_> {
    fn message(mut self, members: &[(String, Json)]) -> Defects {
        self.repeated(members, &VOCABULARY);
        let first =
            |key: &str| members.iter().find(|(other, _)| other == key).map(|(_, value)| value);
        let known = match first("type") {
            None => return self.with("missing-type"),
            Some(Json::Text(kind)) => MESSAGES
                .iter()
                .find(|(name, ..)| name == kind && (self.deployed || name != &"download")),
            Some(_) => return self.with("wrong-type"),
        };
        let Some((kind, direction, keys)) = known else { return self.with("unknown-type") };
        if *direction != self.direction {
            self.found.push("wrong-direction");
        }
        self.keys(members, keys, &["type"]);
        for key in *keys {
            let Some(value) = first(key) else { continue };
            match (*key, value) {
                ("progress", Json::Object(progress)) => self.progress(progress, kind),
                ("progress", _) => self.found.push("wrong-type"),
                (key, value) => self.value(key, value),
            }
        }
        self.found
    }

    fn with(mut self, defect: &'static str) -> Defects {
        self.found.push(defect);
        self.found
    }

    fn progress(&mut self, members: &[(String, Json)], kind: &str) {
        self.repeated(members, &PROGRESS);
        let first =
            |key: &str| members.iter().find(|(other, _)| other == key).map(|(_, value)| value);
        let running = if kind.contains("upload") { "uploading" } else { "downloading" };
        let (mut unclear, mut ended) = (false, false);
        match first("state") {
            Some(Json::Text(state)) if state == running => {}
            Some(Json::Text(state)) => {
                ended = self.deployed && (state == "done" || state == "fail");
                unclear = !ended;
                if !ended {
                    self.found.push("invalid-state");
                }
            }
            Some(_) => {
                unclear = true;
                self.found.push("wrong-type");
            }
            None => unclear = true,
        }
        // For an invalid state, it is open whether `percent` may be absent.
        let optional: &[&str] = if ended || unclear { &["percent"] } else { &[] };
        self.keys(members, &PROGRESS, optional);
        for key in &PROGRESS[1..] {
            if let Some(value) = first(key) {
                self.value(key, value);
            }
        }
    }

    fn repeated(&mut self, members: &[(String, Json)], vocabulary: &[&str]) {
        let mut seen = BTreeSet::new();
        let mut again = |key: &String| vocabulary.contains(&&**key) && !seen.insert(key.clone());
        if members.iter().any(|(key, _)| again(key)) {
            self.found.push("duplicate-key");
        }
    }

    fn keys(&mut self, members: &[(String, Json)], wanted: &[&str], optional: &[&str]) {
        let is_known =
            |key: &str| wanted.contains(&key) || key == "type" && optional.contains(&key);
        let unknown: BTreeSet<&String> =
            members.iter().map(|(key, _)| key).filter(|key| !is_known(key)).collect();
        // A repeated key may also be unknown. In that case, the repetition counts (ENC-4).
        if !self.deployed && !self.found.contains(&"duplicate-key") {
            self.found.extend(unknown.iter().map(|_| "unknown-field"));
        }
        for key in wanted {
            if !optional.contains(key) && !members.iter().any(|(other, _)| other == key) {
                self.found.push("missing-field");
            }
        }
    }

    fn value(&mut self, key: &str, value: &Json) {
        let within = |number: i128, low: i128, high: i128| (low..=high).contains(&number);
        let defect = match (key, value) {
            ("size", Json::Integer(number)) => {
                (!within(*number, 0, (1 << 53) - 1)).then_some("out-of-range")
            }
            ("percent", Json::Integer(number)) => {
                (!within(*number, 0, 100)).then_some("out-of-range")
            }
            ("result_code", Json::Integer(number)) => {
                (!within(*number, i32::MIN.into(), i32::MAX.into())).then_some("out-of-range")
            }
            ("name", Json::Text(name)) => (name.is_empty()
                || name.bytes().any(|byte| byte.is_ascii_control()))
            .then_some("invalid-name"),
            ("md5sum", Json::Text(digest)) => {
                let digit = |byte: u8| {
                    byte.is_ascii_digit()
                        || (b'a'..=b'f').contains(&byte)
                        || self.deployed && (b'A'..=b'F').contains(&byte)
                };
                (digest.len() != 32 || !digest.bytes().all(digit)).then_some("invalid-md5sum")
            }
            ("url", Json::Text(url)) => (!is_url(url)).then_some("invalid-url"),
            ("result_msg", Json::Text(_)) => None,
            _ => Some("wrong-type"),
        };
        self.found.extend(defect);
    }
}

fn is_url(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = match host.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => host,
    };
    ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known))
        && !host.is_empty()
        && url.bytes().all(|byte| byte.is_ascii_graphic())
}

/// For large numbers, the parser does not show whether they are spelled as an integer.
fn is_spelling(found: &[&str], expected: &[&str]) -> bool {
    matches!((found, expected), (["wrong-type"], ["out-of-range"]))
}

#[test]
fn a_rejected_payload_has_one_and_an_accepted_one_has_none() {
    let (mut agreed, mut beyond, mut flaws) = (0, 0, Vec::new());
    for case in cases() {
        let (Some(file), "decode") = (file(&case), word(&case, "op")) else { continue };
        let payload = fs::read(folder().join(file)).expect("another test looks for missing files");
        let found = defects(
            word(&case, "profile") == "deployed",
            word(&case["input"], "direction"),
            &payload,
        );
        let expected: Vec<&str> = case["code"].as_str().into_iter().collect();
        if found == expected {
            agreed += 1;
        } else if found == ["beyond"] || is_spelling(&found, &expected) {
            beyond += 1;
        } else {
            flaws.push(format!("{}: {expected:?}, found {found:?}", word(&case, "id")));
        }
    }
    println!("{agreed} payloads as expected, {beyond} beyond a stock parser");
    assert!(flaws.is_empty(), "{} flaws:\n{}", flaws.len(), flaws.join("\n"));
    assert!(beyond * 20 < agreed, "{beyond} of {agreed}");
}

//! The specification as rules over JSON text. The rules are slow, but easy to compare with the
//! document.

use std::collections::BTreeSet;

use iothub_resource::{Code, Direction, Profile};
use serde_json::{Map, Value};

use crate::{
    digest,
    json::{self, Members},
};

/// The vocabulary of the top level (ENC-4).
pub const KEYS: [&str; 8] =
    ["type", "size", "name", "md5sum", "url", "progress", "result_code", "result_msg"];
/// The vocabulary of `progress` (ENC-4).
pub const PROGRESS_KEYS: [&str; 4] = ["state", "percent", "result_code", "result_msg"];

/// The messages: `type`, direction, and the other keys (MSG-1 to MSG-9).
pub const MESSAGES: [(&str, Direction, &[&str]); 9] = [
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

/// The maximum length of a payload in bytes (ENC-1).
pub const LONGEST_PAYLOAD: usize = 16_384;

/// The verdict of the specification on a payload.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::exhaustive_enums, reason = "a payload is valid or not")]
pub enum Verdict {
    /// The payload is valid and has this meaning.
    Accept(Value),
    /// The payload has these defects. An implementation may report any of them.
    Reject(BTreeSet<Code>),
}

/// Returns the verdict of the specification on a payload.
#[must_use]
pub fn judge(profile: Profile, direction: Direction, payload: &[u8]) -> Verdict {
    let mut defects = BTreeSet::new();
    if payload.len() > LONGEST_PAYLOAD {
        defects.insert(Code::PayloadTooLarge);
        return Verdict::Reject(defects);
    }
    let Ok(text) = std::str::from_utf8(payload) else {
        defects.insert(Code::NotUtf8);
        return Verdict::Reject(defects);
    };
    let Ok(value) = json::value_of(text) else {
        defects.insert(Code::InvalidJson);
        return Verdict::Reject(defects);
    };
    let Ok(members) = json::members(value) else {
        defects.insert(Code::NotAnObject);
        return Verdict::Reject(defects);
    };
    let mut judge = Judge { profile, defects };
    let meaning = judge.message(direction, &members);
    if judge.defects.is_empty() {
        Verdict::Accept(meaning.unwrap_or_default())
    } else {
        Verdict::Reject(judge.defects)
    }
}

struct Judge {
    profile: Profile,
    defects: BTreeSet<Code>,
}

impl Judge {
    fn wrong(&mut self, code: Code) {
        self.defects.insert(code);
    }

    fn message(&mut self, direction: Direction, members: &Members<'_>) -> Option<Value> {
        self.keys(members, &KEYS);
        let word = match get(members, "type") {
            None => {
                self.wrong(Code::MissingType);
                return None;
            }
            Some(value) => self.text(value)?,
        };
        let known = MESSAGES.iter().find(|(name, ..)| *name == word);
        let Some((_, its_direction, keys)) =
            known.filter(|_| word != "download" || self.profile == Profile::Deployed)
        else {
            self.wrong(Code::UnknownType);
            return None;
        };
        if direction != *its_direction {
            self.wrong(Code::WrongDirection);
        }
        let has = |key: &str| key == "type" || keys.contains(&key);
        self.skipped(members, &has);
        let mut meaning = Map::from_iter([("type".to_owned(), word.clone().into())]);
        for key in *keys {
            let value = match get(members, key) {
                None => {
                    self.wrong(Code::MissingField);
                    continue;
                }
                Some(value) if *key == "progress" => self.progress(&word, value),
                Some(value) => self.value(key, value),
            };
            meaning.insert((*key).to_owned(), value.unwrap_or_default());
        }
        Some(meaning.into())
    }

    /// Judges `progress` (VAL-6, MSG-3, MSG-7). Returns its meaning, or `None` if it is invalid.
    fn progress(&mut self, word: &str, value: &str) -> Option<Value> {
        let Ok(members) = json::members(value) else {
            self.wrong(Code::WrongType);
            return None;
        };
        self.keys(&members, &PROGRESS_KEYS);
        self.skipped(&members, &|key| PROGRESS_KEYS.contains(&key));
        let running = if word == "report_upload_progress" { "uploading" } else { "downloading" };
        let state = match get(&members, "state") {
            None => {
                self.wrong(Code::MissingField);
                None
            }
            Some(state) => self.text(state),
        };
        let is_final = matches!(state.as_deref(), Some("done" | "fail"));
        match state.as_deref() {
            None => {}
            Some(state) if state == running => {}
            Some(_) if is_final && self.profile == Profile::Deployed => {}
            Some(_) => self.wrong(Code::InvalidState),
        }
        let mut meaning = Map::new();
        meaning.insert("state".to_owned(), state.clone().unwrap_or_default().into());
        for key in ["percent", "result_code", "result_msg"] {
            match get(&members, key) {
                Some(value) => {
                    let value = self.value(key, value);
                    meaning.insert(key.to_owned(), value.unwrap_or_default());
                }
                // An invalid state does not determine whether `percent` is required.
                None if key == "percent"
                    && state.as_ref().is_some_and(|state| state != running) => {}
                None => self.wrong(Code::MissingField),
            }
        }
        Some(meaning.into())
    }

    /// Judges the keys of an object (ENC-4, and ENC-8 for keys).
    fn keys(&mut self, members: &Members<'_>, vocabulary: &[&str]) {
        for (index, (key, _)) in members.iter().enumerate() {
            match key {
                None => self.wrong(Code::InvalidJson),
                Some(key) if vocabulary.contains(&key.as_str()) => {
                    let before = &members[..index];
                    if before.iter().any(|(earlier, _)| earlier.as_ref() == Some(key)) {
                        self.wrong(Code::DuplicateKey);
                    }
                }
                Some(_) => {}
            }
        }
    }

    /// Judges skipped members (ENC-5). A skipped value may be any JSON value. In such values, the
    /// specification neither permits nor prohibits lone surrogates and repeated keys. The crate
    /// accepts both.
    fn skipped(&mut self, members: &Members<'_>, has: &dyn Fn(&str) -> bool) {
        let known = |(key, _): &(Option<String>, &str)| key.as_deref().is_some_and(has);
        if self.profile == Profile::Documented && !members.iter().all(known) {
            self.wrong(Code::UnknownField);
        }
    }

    fn value(&mut self, key: &str, value: &str) -> Option<Value> {
        match key {
            "size" => self.integer(value, 0, (1 << 53) - 1),
            "percent" => self.integer(value, 0, 100),
            "result_code" => self.integer(value, -(1 << 31), (1 << 31) - 1),
            "name" => {
                let name = self.text(value)?;
                let control = |c: char| c <= '\u{1F}' || c == '\u{7F}';
                if name.is_empty() || name.contains(control) {
                    self.wrong(Code::InvalidName);
                }
                Some(name.into())
            }
            "md5sum" => {
                let digits = self.text(value)?;
                if !digest::is_hex(&digits, self.profile == Profile::Deployed) {
                    self.wrong(Code::InvalidMd5sum);
                }
                Some(digits.to_lowercase().into())
            }
            "url" => {
                let url = self.text(value)?;
                if !is_url(&url) {
                    self.wrong(Code::InvalidUrl);
                }
                Some(url.into())
            }
            _ => self.text(value).map(Value::from),
        }
    }

    /// Judges an integer (ENC-9, VAL-1, VAL-5, VAL-7). Returns its meaning, or `None` if it is
    /// invalid.
    fn integer(&mut self, value: &str, low: i64, high: i64) -> Option<Value> {
        let is_number = value.starts_with(|first: char| first == '-' || first.is_ascii_digit());
        if !is_number || value.contains(['.', 'e', 'E']) || value == "-0" {
            self.wrong(Code::WrongType);
            return None;
        }
        match value.parse::<i64>() {
            Ok(number) if (low..=high).contains(&number) => Some(number.into()),
            _ => {
                self.wrong(Code::OutOfRange);
                None
            }
        }
    }

    /// Judges a string (ENC-6, and ENC-8 for values). Returns its text, or `None` if it is invalid.
    fn text(&mut self, value: &str) -> Option<String> {
        if !value.starts_with('"') {
            self.wrong(Code::WrongType);
            return None;
        }
        let text = json::unescaped(value);
        if text.is_none() {
            self.wrong(Code::InvalidJson);
        }
        text
    }
}

/// Returns whether a text is the URL of a transfer (VAL-4).
pub(crate) fn is_url(url: &str) -> bool {
    if !url.chars().all(|character| ('\u{21}'..='\u{7E}').contains(&character)) {
        return false;
    }
    let lower = url.to_ascii_lowercase();
    let Some(rest) = ["http://", "https://"]
        .iter()
        .find_map(|scheme| lower.starts_with(scheme).then(|| &url[scheme.len()..]))
    else {
        return false;
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = &rest[..end];
    let after_user = match authority.rfind('@') {
        Some(at) => &authority[at + 1..],
        None => authority,
    };
    let host = match after_user.rfind(':') {
        Some(colon) if after_user[colon + 1..].chars().all(|digit| digit.is_ascii_digit()) => {
            &after_user[..colon]
        }
        _ => after_user,
    };
    !host.is_empty()
}

fn get<'t>(members: &Members<'t>, key: &str) -> Option<&'t str> {
    members.iter().find(|(name, _)| name.as_deref() == Some(key)).map(|(_, value)| *value)
}

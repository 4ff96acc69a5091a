//! Variations of keys: missing, spelled differently, repeated or unknown.

use iothub_resource::{Key, MessageType, Profile};

use super::variation::{Variation, named};
use crate::{
    generate::{
        edit::{AddedValue, Edit},
        tables::{
            keys::{
                ARRAY_DEPTHS, ARRAY_LENGTHS, DEPTHS, DIGIT_COUNTS, KEY_COUNTS, KEY_LENGTHS,
                PERCENT_MEMBERS, SKIPPED_VALUES, UNKNOWN_KEYS,
            },
            values::{INTEGERS, NOT_INTEGERS, NOT_NUMBERS, NOT_VALUES, OTHER_TYPES},
        },
    },
    message_tree::{Object, Slot, quoted},
    rng::Rng,
};

pub(super) fn enumerate(variations: &mut Vec<Variation>, rng: &mut Rng) {
    keys_of_types(variations);
    replaced_keys(variations);
    percents(variations);
    repeated_keys(variations, rng);
    unknown_keys(variations, rng);
}

/// For each type of message, adds variations in which a key is missing, has the value `null`, or is
/// spelled with escapes.
fn keys_of_types(variations: &mut Vec<Variation>) {
    for &kind in MessageType::ALL {
        for slot in Slot::all().filter(|slot| slot.is_in(kind)) {
            let at = named(slot);
            let is_percent = slot == Slot::InProgress(Key::Percent);
            for profile in Profile::ALL {
                let missing = Variation::new(Edit::Missing(slot), format!("missing/{at}"), "VAL-6");
                let missing = missing.host(kind).profile(profile);
                let count = if is_percent { 4 } else { 2 };
                variations
                    .extend(vec![if is_percent { missing } else { missing.valid(false) }; count]);
                let null = Edit::Value(slot, b"null".to_vec());
                let null = Variation::new(null, format!("null/{at}"), "ENC-6").valid(false);
                variations.push(null.host(kind).profile(profile));
            }
            for spelled in escaped_keys(slot.key().as_str()) {
                let edit = Edit::Key(slot, quoted(spelled));
                variations
                    .push(Variation::new(edit, format!("escaped-key/{at}"), "ENC-8").host(kind));
            }
        }
    }
}

/// Adds variations in which a different key or some other token replaces a key.
fn replaced_keys(variations: &mut Vec<Variation>) {
    for slot in Slot::all() {
        let key = slot.key();
        for other in like_a_key(key.as_str()) {
            let edit = Edit::Key(slot, quoted(other));
            let variation = Variation::new(edit, format!("other-key/{}", named(slot)), "ENC-6");
            // `percent` may be missing in a final report.
            let may_be_missing = slot == Slot::InProgress(Key::Percent);
            variations.push(if may_be_missing { variation } else { variation.valid(false) });
        }
        for token in [
            key.as_str().to_owned(),
            format!("'{key}'"),
            format!("\"{key}"),
            format!("{key}\""),
            "1".to_owned(),
            "null".to_owned(),
            format!("\"{key}\"\"\""),
            String::new(),
        ] {
            let edit = Edit::Key(slot, token.into_bytes());
            variations.push(Variation::new(edit, "no-key", "ENC-3").valid(false));
        }
    }
}

/// Adds variations with and without `percent` in every state. In a final state, `percent` may be
/// missing.
fn percents(variations: &mut Vec<Variation>) {
    for state in ["done", "fail", "uploading", "downloading"] {
        for kind in [MessageType::ReportUploadProgress, MessageType::ReportDownloadProgress] {
            for percent in PERCENT_MEMBERS {
                for code in ["0", "-1"] {
                    let value = format!(
                        r#"{{"state":"{state}",{percent}"result_code":{code},"result_msg":""}}"#
                    );
                    let edit = Edit::Value(Slot::Top(Key::Progress), value.into_bytes());
                    let class = format!("progress/{state}");
                    variations.push(Variation::new(edit, class, "VAL-6").host(kind));
                }
            }
        }
    }
}

fn escaped_keys(word: &str) -> Vec<String> {
    let escaped = |c: char| format!("\\u{:04x}", u32::from(c));
    let last = word.chars().last().map(escaped).unwrap_or_default();
    vec![
        word.chars().take(1).map(escaped).collect::<String>() + &word[1..],
        word[..word.len() - 1].to_owned()
            + &last.replace("\\u", "\\U").to_uppercase().replace("\\U", "\\u"),
        word.chars().map(escaped).collect(),
    ]
}

fn like_a_key(word: &str) -> Vec<String> {
    let capital = word[..1].to_uppercase() + &word[1..];
    let mut keys = vec![
        word.to_uppercase(),
        capital,
        format!("{word} "),
        format!(" {word}"),
        format!("{word}\\u0000"),
        format!("{word}s"),
        word[..word.len() - 1].to_owned(),
        word.replace('_', ""),
        word.replace('_', "-"),
        word.replace("_c", "C").replace("_m", "M"),
        format!("_{word}"),
        format!("{word}_"),
        word.replace('s', "ſ"),
        format!("\u{feff}{word}"),
        match word {
            "md5sum" => "md5".to_owned(),
            "url" => "uri".to_owned(),
            "size" => "file_size".to_owned(),
            "name" => "resource_name".to_owned(),
            _ => "x".to_owned(),
        },
    ];
    keys.retain(|key| key != word);
    keys.dedup();
    keys
}

fn repeated_keys(variations: &mut Vec<Variation>, rng: &mut Rng) {
    let mut add = |slot: Slot, object: Object, times: usize| {
        let word = slot.key().as_str();
        let class = format!(
            "repeated/{}{}",
            if object == Object::Progress { "progress." } else { "" },
            slot.key()
        );
        let mut push = |key: &str, value: &AddedValue| {
            let edit = Edit::Add { object, key: quoted(key), value: value.clone(), times };
            variations.push(Variation::new(edit, class.clone(), "ENC-5"));
        };
        let like = AddedValue::SameAs(slot);
        for _ in 0..3 {
            push(word, &like);
        }
        for value in ["null", "0", "\"\"", "1", "\"a\"", "true", "[]", "{}"] {
            if rng.one_in(2) {
                push(word, &AddedValue::Token(value.as_bytes().to_vec()));
            }
        }
        for spelled in escaped_keys(word) {
            push(&spelled, &like);
            push(&spelled, &AddedValue::Token(b"null".to_vec()));
        }
    };
    for &key in Key::TOP {
        for times in [1, 1, 2] {
            add(Slot::Top(key), Object::Message, times);
        }
    }
    for &key in Key::IN_PROGRESS {
        add(Slot::InProgress(key), Object::Progress, 1);
        // The key is known in `progress` but unknown at the top level.
        add(Slot::InProgress(key), Object::Message, 2);
    }
    for key in [Key::Type, Key::Name, Key::Size, Key::Md5sum, Key::Url, Key::Progress] {
        add(Slot::Top(key), Object::Progress, 1);
        add(Slot::Top(key), Object::Progress, 2);
    }
}

/// A builder that adds variations with unknown keys in one of the two objects of a message.
struct UnknownKeys<'v> {
    variations: &'v mut Vec<Variation>,
    object: Object,
}

fn unknown_keys(variations: &mut Vec<Variation>, rng: &mut Rng) {
    for object in [Object::Message, Object::Progress] {
        let mut unknown = UnknownKeys { variations, object };
        unknown.names();
        unknown.numbers(rng);
        unknown.values();
        unknown.long_numbers();
        unknown.deep_values();
        unknown.many_of_something();
    }
}

impl UnknownKeys<'_> {
    /// Adds variations in which the object has `times` additional keys with this value. If there
    /// are many such keys, they have different names.
    fn add(&mut self, class: &str, key: &str, value: &str, times: usize) {
        let place = match self.object {
            Object::Message => "at-the-top",
            Object::Progress => "in-progress",
        };
        let value = AddedValue::Token(value.as_bytes().to_vec());
        let edit = Edit::Add { object: self.object, key: quoted(key), value, times };
        let variation = Variation::new(edit, format!("{class}/{place}"), "ENC-5");
        // Variations of these two classes are also tried in the documented profile.
        if matches!(class, "unknown-key" | "unknown-value") {
            self.variations.push(variation.clone().profile(Profile::Documented));
        }
        self.variations.push(variation.profile(Profile::Deployed));
    }

    fn names(&mut self) {
        const VALUES: [(&str, usize); 3] = [("0", 1), ("null", 1), ("\"a\"", 2)];
        for (key, (value, times)) in UNKNOWN_KEYS.iter().zip(VALUES.into_iter().cycle()) {
            self.add("unknown-key", key, value, times);
        }
    }

    fn numbers(&mut self, rng: &mut Rng) {
        for value in INTEGERS.iter().chain(NOT_INTEGERS).filter(|_| rng.one_in(2)) {
            self.add("unknown-number", "x", value, 1);
        }
        for value in NOT_NUMBERS {
            self.add("unknown-no-number", "x", value, 1);
        }
    }

    fn values(&mut self) {
        for value in NOT_VALUES {
            self.add("unknown-no-value", "x", value, 1);
        }
        for value in OTHER_TYPES.iter().chain(SKIPPED_VALUES) {
            self.add("unknown-value", "x", value, 1);
        }
    }

    fn long_numbers(&mut self) {
        for digit in ["1", "0"] {
            for &count in DIGIT_COUNTS {
                let digits = digit.repeat(count);
                let integer = digits.replace("00", "10");
                for number in [integer, format!("0.{digits}"), format!("1e{digits}")] {
                    self.add("unknown-long-number", "x", &number, 1);
                }
            }
        }
    }

    fn deep_values(&mut self) {
        let array = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        for &depth in DEPTHS {
            let object = format!("{}0{}", "{\"a\":".repeat(depth), "}".repeat(depth));
            self.add("deep", "x", &array(depth), 1);
            self.add("deep", "x", &object, 1);
        }
        for &depth in ARRAY_DEPTHS {
            self.add("deep", "x", &array(depth), 1);
        }
    }

    /// Adds unknown keys with long arrays, many unknown keys, and long unknown keys.
    fn many_of_something(&mut self) {
        for &count in ARRAY_LENGTHS {
            self.add("unknown-long-array", "x", &format!("[{}0]", "0,".repeat(count)), 1);
        }
        for &count in KEY_COUNTS {
            self.add("many-unknown-keys", "x", "0", count);
        }
        for &length in KEY_LENGTHS {
            self.add("long-unknown-key", &"a".repeat(length), "0", 1);
        }
    }
}

//! Variations of values: at every bound, of every wrong type, and from the vocabulary.

use iothub_resource::{Key, MessageType, Profile};

use super::variation::{INTEGER_SLOTS, Variation};
use crate::{
    generate::{
        digests,
        edit::Edit,
        tables::{
            urls::{LONG_HEADS, LONG_LENGTHS, URLS},
            values::{
                INTEGERS, NOT_INTEGERS, NOT_NUMBERS, NOT_PROGRESS, NOT_VALUES, OTHER_TYPES,
                PLAIN_NUMBERS, WRAPPED_TEXTS,
            },
            words::{STATES, TYPES},
        },
    },
    message_tree::{Slot, quoted, requirement_of},
    rng::Rng,
};

pub(super) fn integers(variations: &mut Vec<Variation>, rng: &mut Rng) {
    let long = [
        "1".repeat(25),
        "9".repeat(40),
        "1".repeat(400),
        format!("-{}", "9".repeat(400)),
        "1".repeat(5000),
    ];
    for slot in INTEGER_SLOTS {
        let value =
            |class, token: &str, requirement| Variation::value(slot, token, class, requirement);
        for token in INTEGERS {
            // A small number can be valid for one key and invalid for another.
            variations.push(value("integer", token, requirement_of(slot)));
        }
        for token in &long {
            variations.push(value("integer-long", token, requirement_of(slot)).valid(false));
        }
        for token in NOT_INTEGERS {
            variations.push(value("no-integer", token, "ENC-9").valid(false));
        }
        for token in NOT_NUMBERS.iter().filter(|_| rng.one_in(2)) {
            variations.push(value("no-number", token, "ENC-3").valid(false));
        }
    }
}

pub(super) fn words(variations: &mut Vec<Variation>, rng: &mut Rng) {
    let word =
        |slot, word: String| Variation::value(slot, quoted(word), "word", requirement_of(slot));
    let digests = digests::spellings();
    let (md5sum, url) = (Slot::Top(Key::Md5sum), Slot::Top(Key::Url));
    variations.extend(digests.iter().map(|digest| word(md5sum, digest.clone())));
    variations.extend(URLS.iter().map(|&text| word(url, text.to_owned())));
    for length in LONG_LENGTHS {
        let filled = |head: &&str| format!("{head}{}", "a".repeat(length - head.len()));
        variations.extend(LONG_HEADS.iter().map(filled).map(|text| word(url, text)));
    }
    variations.extend(TYPES.iter().map(|&text| word(Slot::Top(Key::Type), text.to_owned())));
    // The deployed profile accepts uppercase digits.
    let is_upper = |digest: &String| digest.chars().any(|c| c.is_ascii_uppercase());
    let upper = digests.into_iter().filter(is_upper);
    variations.extend(upper.map(|digest| word(md5sum, digest).profile(Profile::Deployed)));
    states(variations, rng);
    types(variations, rng);
}

fn states(variations: &mut Vec<Variation>, rng: &mut Rng) {
    let slot = Slot::InProgress(Key::State);
    for kind in [MessageType::ReportUploadProgress, MessageType::ReportDownloadProgress] {
        for word in STATES {
            let variation = Variation::value(slot, quoted(word), "word", "VAL-6").host(kind);
            if rng.one_in(2) {
                variations.push(variation.clone().profile(Profile::Documented));
            }
            variations.push(variation.profile(Profile::Deployed));
        }
    }
}

/// Adds values of `type`: texts that resemble each valid type, and each valid type with escapes.
fn types(variations: &mut Vec<Variation>, rng: &mut Rng) {
    let slot = Slot::Top(Key::Type);
    for &kind in MessageType::ALL {
        let word = kind.as_str();
        for other in resembling(word).into_iter().filter(|_| rng.one_in(2)) {
            let class = format!("word/type/{kind}");
            let edit = Edit::Value(slot, quoted(other));
            variations.push(Variation::new(edit, class, "MSG-1").host(kind));
        }
        let escaped = |text: &str| -> String {
            text.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect()
        };
        for spelled in [escaped(word), escaped(&word[..1]) + &word[1..]] {
            let variation = Variation::value(slot, quoted(spelled), "escape", "ENC-8");
            variations.push(variation.host(kind));
        }
    }
}

/// Returns texts that an implementation may mistake for `word`.
fn resembling(word: &str) -> Vec<String> {
    let capital = |part: &str| part[..1].to_uppercase() + &part[1..];
    let camel: String = word.split('_').map(capital).collect();
    let mut words = vec![
        word.to_uppercase(),
        capital(word),
        camel.clone(),
        camel[..1].to_lowercase() + &camel[1..],
        word.replace('_', "-"),
        word.replace('_', " "),
        word.replace('_', ""),
        word.replace('_', "."),
        word.replace('_', "__"),
        format!(" {word}"),
        format!("{word} "),
        format!("{word}\\u0000"),
        format!("{word}\\u0000x"),
        format!("{word}\\n"),
        format!("{word}\\t"),
        format!("\\u0000{word}"),
        format!("{word}s"),
        format!("{word}x"),
        format!("{word}_"),
        format!("_{word}"),
        format!("x{word}"),
        format!("{word}1"),
        format!("{word}_rsp"),
        format!("{word}_resp"),
        format!("{word}_response"),
        format!("{word}_ack"),
        format!("$resource/{word}"),
        word[1..].to_owned(),
        word[..word.len() - 1].to_owned(),
        word.replace("rsp", "RSP"),
        word.replace("_task", ""),
        word.replace("upload", "download"),
        word.replace("download", "upload"),
        word.replace("_rsp", ""),
        word.replace("create", "get"),
        word.replace("get", "create"),
        word.replace('o', "0"),
        word.replace('o', "\u{3bf}"),
        word.replace('s', "ſ"),
        word.replace('k', "\u{212a}"),
        word.replace('l', "I"),
        format!("\u{feff}{word}"),
        format!("{word}\u{200b}"),
        format!("{word}\u{a0}"),
    ];
    words.retain(|other| other != word);
    words.dedup();
    words
}

pub(super) fn wrong_types(variations: &mut Vec<Variation>, rng: &mut Rng) {
    for slot in Slot::all() {
        let is_text = !INTEGER_SLOTS.contains(&slot) && slot != Slot::Top(Key::Progress);
        for token in OTHER_TYPES.iter().chain(PLAIN_NUMBERS) {
            let is_right_type = is_text && token.starts_with('"');
            if !is_right_type {
                let rule = requirement_of(slot);
                variations.push(Variation::value(slot, *token, "wrong-type", rule));
            }
        }
        for token in NOT_VALUES.iter().filter(|_| rng.one_in(4)) {
            variations.push(Variation::value(slot, *token, "no-value", "ENC-3").valid(false));
        }
        let wrapped = if is_text { WRAPPED_TEXTS } else { &[] };
        for token in wrapped {
            variations.push(Variation::value(slot, *token, "wrong-type", "ENC-6").valid(false));
        }
    }
    for token in NOT_PROGRESS {
        let slot = Slot::Top(Key::Progress);
        let variation = Variation::value(slot, *token, "wrong-type", "ENC-6").valid(false);
        variations.extend([variation.clone(), variation]);
    }
}

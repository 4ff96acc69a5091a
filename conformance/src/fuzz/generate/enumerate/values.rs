//! Values: at every bound, of every letter, of every other type.

use iothub_resource::{Key, MessageType, Profile};

use super::variation::{INTEGER_SLOTS, TEXT_SLOTS, Variation, named};
use crate::fuzz::{
    generate::{
        digests,
        edit::{AddedValue, Edit},
        strings::{Piece, PieceClass, characters, lengths},
        tables::{
            integers::{INTEGERS, NO_INTEGERS, NO_NUMBERS, NO_VALUES, OTHER_TYPES},
            strings::TEXTS,
            urls::URLS,
            words::{STATES, TYPES},
        },
    },
    message_tree::{Object, Slot, quoted, requirement_of},
    rng::Rng,
};

pub(super) fn enumerate(variations: &mut Vec<Variation>, rng: &mut Rng) {
    integers(variations, rng);
    strings(variations, rng);
    words(variations, rng);
    wrong_types(variations, rng);
}

fn integers(variations: &mut Vec<Variation>, rng: &mut Rng) {
    let long = [
        "1".repeat(25),
        "9".repeat(40),
        "1".repeat(400),
        format!("-{}", "9".repeat(400)),
        "1".repeat(5000),
    ];
    for slot in INTEGER_SLOTS {
        let at = named(slot);
        let mut add = |class: &str, token: &str, requirement, valid: Option<bool>| {
            let edit = Edit::Value(slot, token.as_bytes().to_vec());
            let variation = Variation::new(edit, format!("{class}/{at}"), requirement);
            variations.push(Variation { valid, ..variation });
        };
        for token in INTEGERS {
            // A small number can be right for one key and wrong for another.
            add("integer", token, requirement_of(slot), None);
        }
        for token in &long {
            add("integer-long", token, requirement_of(slot), Some(false));
        }
        for token in NO_INTEGERS {
            add("no-integer", token, "ENC-9", Some(false));
        }
        for token in NO_NUMBERS.iter().filter(|_| rng.one_in(2)) {
            add("no-number", token, "ENC-3", Some(false));
        }
    }
}

/// Each special character in several of the places where there are strings: other campaigns take
/// other places.
fn strings(variations: &mut Vec<Variation>, rng: &mut Rng) {
    for piece in characters() {
        let of = |place: &str| format!("{}/{place}", piece.class.as_str());
        let mut texts: Vec<Variation> = TEXT_SLOTS
            .into_iter()
            .map(|slot| {
                let inside = rng.pick(&around(&piece.inside, "a", "a")).clone();
                let edit = Edit::Value(slot, quoted(inside));
                Variation::new(edit, of(&named(slot)), string_rule(piece.class, slot))
            })
            .collect();
        let mut others = elsewhere(&piece, rng);
        // What a JSON parser decides is decided everywhere alike, mostly.
        let (kept, others_kept) = if piece.class.is_of_json() { (1, 3) } else { (3, 4) };
        rng.shuffle(&mut texts);
        rng.shuffle(&mut others);
        variations.extend(texts.into_iter().take(kept));
        variations.extend(others.into_iter().take(others_kept));
    }
    for slot in TEXT_SLOTS {
        let at = named(slot);
        for piece in lengths() {
            let is_kept = match slot {
                Slot::Top(Key::Name) => piece.class == PieceClass::Length || rng.one_in(2),
                _ => rng.one_in(4),
            };
            if !is_kept {
                continue;
            }
            let edit = Edit::Value(slot, quoted(piece.inside));
            variations.push(Variation::new(
                edit,
                format!("{}/{at}", piece.class.as_str()),
                requirement_of(slot),
            ));
        }
        for text in TEXTS {
            if slot != Slot::Top(Key::Name) && rng.one_in(2) {
                continue;
            }
            let edit = Edit::Value(slot, quoted(text));
            variations.push(Variation::new(edit, format!("text/{at}"), requirement_of(slot)));
        }
    }
}

/// In strings of which only some are valid, in keys, and where it is skipped.
fn elsewhere(piece: &Piece, rng: &mut Rng) -> Vec<Variation> {
    let of = |place: &str| format!("{}/{place}", piece.class.as_str());
    let mut variations = Vec::new();
    for (place, before, after) in [
        ("host", "http://", ""),
        ("host", "http://a", "a"),
        ("path", "http://a/", ""),
        ("query", "http://a?", "a"),
        ("fragment", "http://a#", "a"),
        ("user", "http://", "@a"),
        ("port", "http://a:", ""),
    ] {
        let inside = [before.as_bytes(), &piece.inside, after.as_bytes()].concat();
        let url = Slot::Top(Key::Url);
        let edit = Edit::Value(url, quoted(inside));
        let rule = string_rule(piece.class, url);
        variations.push(Variation::new(edit, of(&format!("url-{place}")), rule));
    }
    // Three of the places in a URL, as they are many.
    rng.shuffle(&mut variations);
    variations.truncate(if piece.class.is_of_json() { 1 } else { 3 });
    for (slot, before) in [
        (Slot::Top(Key::Md5sum), "0000000000000000000000000000000"),
        (Slot::Top(Key::Type), "get_download_task"),
        (Slot::InProgress(Key::State), "uploading"),
    ] {
        let inside = [before.as_bytes(), &piece.inside].concat();
        let edit = Edit::Value(slot, quoted(inside));
        variations.push(Variation::new(edit, of(&named(slot)), string_rule(piece.class, slot)));
    }
    let key = [if rng.one_in(2) { &b"x"[..] } else { b"" }, &piece.inside].concat();
    let value = AddedValue::Token(b"0".to_vec());
    let object = if rng.one_in(3) { Object::Progress } else { Object::Message };
    let edit = Edit::Add { object, key: quoted(key), value, times: 1 };
    variations.push(Variation::new(edit, of("key"), "ENC-5"));
    let value = AddedValue::Token(quoted(&piece.inside));
    let edit = Edit::Add { object: Object::Message, key: quoted("x"), value, times: 1 };
    variations.push(Variation::new(edit, of("skipped"), "ENC-5"));
    variations
}

fn around(inside: &[u8], before: &str, after: &str) -> [Vec<u8>; 4] {
    let (before, after) = (before.as_bytes(), after.as_bytes());
    [
        inside.to_vec(),
        [before, inside].concat(),
        [inside, after].concat(),
        [before, inside, after].concat(),
    ]
}

fn string_rule(class: PieceClass, slot: Slot) -> &'static str {
    match class {
        PieceClass::Escape
        | PieceClass::SurrogatePair
        | PieceClass::LoneSurrogate
        | PieceClass::BadEscape => "ENC-8",
        PieceClass::NotUtf8 => "ENC-2",
        PieceClass::RawControl => "ENC-3",
        _ => requirement_of(slot),
    }
}

fn words(variations: &mut Vec<Variation>, rng: &mut Rng) {
    let mut add = |slot, words: &mut dyn Iterator<Item = String>| {
        for word in words {
            let edit = Edit::Value(slot, quoted(word));
            variations.push(Variation::new(
                edit,
                format!("word/{}", named(slot)),
                requirement_of(slot),
            ));
        }
    };
    add(Slot::Top(Key::Md5sum), &mut digests::spellings().into_iter());
    add(Slot::Top(Key::Url), &mut URLS.iter().map(|&word| word.to_owned()));
    for length in [
        255, 256, 257, 512, 819, 820, 821, 1022, 1023, 1024, 1025, 2047, 2048, 2049, 4096, 8192,
        16000,
    ] {
        let filled = |head: &str| format!("{head}{}", "a".repeat(length - head.len()));
        let heads = ["http://", "https://", "http://a/", "https://a/?", "http://a:", "http://a@"];
        add(Slot::Top(Key::Url), &mut heads.map(filled).into_iter());
    }
    add(Slot::Top(Key::Type), &mut TYPES.iter().map(|&word| word.to_owned()));
    // Their case does not matter in one profile.
    for word in
        digests::spellings().into_iter().filter(|word| word.chars().any(|c| c.is_ascii_uppercase()))
    {
        let edit = Edit::Value(Slot::Top(Key::Md5sum), quoted(word));
        variations.push(Variation::new(edit, "word/md5sum", "VAL-3").profile(Profile::Deployed));
    }
    for kind in [MessageType::ReportUploadProgress, MessageType::ReportDownloadProgress] {
        for word in STATES {
            let edit = Edit::Value(Slot::InProgress(Key::State), quoted(word));
            let variation = Variation::new(edit, "word/progress.state", "VAL-6").host(kind);
            if rng.one_in(2) {
                variations.push(variation.clone().profile(Profile::Documented));
            }
            variations.push(variation.profile(Profile::Deployed));
        }
    }
    for &kind in MessageType::ALL {
        for word in resembling(kind.as_str()).into_iter().filter(|_| rng.one_in(2)) {
            let edit = Edit::Value(Slot::Top(Key::Type), quoted(word));
            let variation = Variation::new(edit, format!("word/type/{kind}"), "MSG-1").host(kind);
            variations.push(variation);
        }
        let escaped = kind.as_str().chars().map(|c| format!("\\u{:04x}", u32::from(c)));
        let mut all: Vec<String> = escaped.collect();
        let whole = all.concat();
        all.truncate(1);
        for word in [whole, all.concat() + &kind.as_str()[1..]] {
            let edit = Edit::Value(Slot::Top(Key::Type), quoted(word));
            variations.push(Variation::new(edit, "escape/type", "ENC-8").host(kind));
        }
    }
}

/// What somebody may take for a word.
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

fn wrong_types(variations: &mut Vec<Variation>, rng: &mut Rng) {
    for slot in Slot::all() {
        let at = named(slot);
        let is_text = !INTEGER_SLOTS.contains(&slot) && slot != Slot::Top(Key::Progress);
        for token in
            OTHER_TYPES.iter().chain(&["0", "1", "-1", "1.5", "12345678901234567890123456789012"])
        {
            if is_text && token.starts_with('"') {
                continue;
            }
            let edit = Edit::Value(slot, token.as_bytes().to_vec());
            variations.push(Variation::new(edit, format!("wrong-type/{at}"), requirement_of(slot)));
        }
        for token in NO_VALUES {
            if !rng.one_in(4) {
                continue;
            }
            let edit = Edit::Value(slot, token.as_bytes().to_vec());
            variations.push(Variation::new(edit, format!("no-value/{at}"), "ENC-3").valid(false));
        }
        if is_text {
            for token in [
                r#"["a"]"#,
                r#"{"a":"b"}"#,
                r#"[""]"#,
                r#"["uploading"]"#,
                r#"["http://a"]"#,
                r#"["00000000000000000000000000000000"]"#,
                r#"["get_download_task"]"#,
                "00000000000000000000000000000000",
            ] {
                let edit = Edit::Value(slot, token.as_bytes().to_vec());
                variations
                    .push(Variation::new(edit, format!("wrong-type/{at}"), "ENC-6").valid(false));
            }
        }
    }
    for token in [
        r#"["uploading",0,0,""]"#,
        r#"["downloading",0,0,""]"#,
        r#"[{"state":"uploading","percent":0,"result_code":0,"result_msg":""}]"#,
        r#"[{"state":"downloading","percent":0,"result_code":0,"result_msg":""}]"#,
        r#""{\"state\":\"uploading\",\"percent\":0,\"result_code\":0,\"result_msg\":\"\"}""#,
        r#""{\"state\":\"downloading\",\"percent\":0,\"result_code\":0,\"result_msg\":\"\"}""#,
        r#"[["state","uploading"],["percent",0],["result_code",0],["result_msg",""]]"#,
        r#"[["state","downloading"],["percent",0],["result_code",0],["result_msg",""]]"#,
        r#"{"uploading":{"percent":0,"result_code":0,"result_msg":""}}"#,
        r#"["state","percent","result_code","result_msg"]"#,
        "0",
        "50",
        "100",
        "\"uploading\"",
        "\"50\"",
        "\"\"",
        "[{}]",
        r#"{"state":"uploading"}"#,
        r#"{"percent":0}"#,
    ] {
        let edit = Edit::Value(Slot::Top(Key::Progress), token.as_bytes().to_vec());
        for _ in 0..2 {
            variations
                .push(Variation::new(edit.clone(), "wrong-type/progress", "ENC-6").valid(false));
        }
    }
}

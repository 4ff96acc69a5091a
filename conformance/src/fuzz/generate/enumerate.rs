//! Everything about messages that has a name, once: each bound, each letter, each spelling, each
//! key missing, twice and too many.

use iothub_resource::{Key, MessageType, Profile};

use super::{
    edit::{Added, Edit, Order},
    integers::{INTEGERS, NO_INTEGERS, NO_NUMBERS, NO_VALUES, OTHER_TYPES},
    layout::{Encoding, Filler, Gap, Layout, Mark, Mark16, Order as Bytes},
    strings::{TEXTS, characters, lengths},
    words::{STATES, TYPES, URLS, digests},
};
use crate::fuzz::{
    chance::Chance,
    draft::{Slot, quoted},
};

/// One special thing, and in which messages to look at it.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) edit: Edit,
    pub(super) class: String,
    /// What it is about, where the message is valid all the same.
    pub(super) requirement: &'static str,
    /// Whether the message is valid, where that is known.
    pub(super) valid: Option<bool>,
    /// In a message of this type only.
    pub(super) host: Option<MessageType>,
    /// In this profile only.
    pub(super) profile: Option<Profile>,
}

impl Item {
    fn new(edit: Edit, class: impl Into<String>, requirement: &'static str) -> Self {
        let class = class.into();
        Self { edit, class, requirement, valid: None, host: None, profile: None }
    }

    fn valid(self, valid: bool) -> Self {
        Self { valid: Some(valid), ..self }
    }

    fn host(self, host: MessageType) -> Self {
        Self { host: Some(host), ..self }
    }

    fn profile(self, profile: Profile) -> Self {
        Self { profile: Some(profile), ..self }
    }
}

pub(super) fn enumerated(chance: &mut Chance) -> Vec<Item> {
    let mut items = Vec::new();
    valid_ones(&mut items);
    integers(&mut items);
    strings(&mut items, chance);
    words(&mut items);
    wrong_types(&mut items);
    keys(&mut items);
    repeated_keys(&mut items);
    unknown_keys(&mut items);
    spaces(&mut items);
    syntax(&mut items);
    lengths_in_all(&mut items);
    items
}

fn named(slot: Slot) -> String {
    match slot {
        Slot::Top(key) => key.to_string(),
        Slot::InProgress(key) => format!("progress.{key}"),
    }
}

pub(super) const fn requirement_of(slot: Slot) -> &'static str {
    match slot.key() {
        Key::Size => "VAL-1",
        Key::Name => "VAL-2",
        Key::Md5sum => "VAL-3",
        Key::Url => "VAL-4",
        Key::Percent => "VAL-5",
        Key::State => "VAL-6",
        Key::ResultCode => "VAL-7",
        Key::ResultMsg => "VAL-8",
        Key::Progress => "MSG-3",
        _ => "MSG-1",
    }
}

fn valid_ones(items: &mut Vec<Item>) {
    for &kind in MessageType::ALL {
        for profile in Profile::ALL.iter().copied().filter(|&profile| kind.is_in(profile)) {
            let item = |edit, class: &str, requirement| {
                Item::new(edit, format!("{class}/{kind}"), requirement).host(kind).profile(profile)
            };
            for _ in 0..4 {
                items.push(item(Edit::None, "valid", kind.requirement()).valid(true));
            }
            for _ in 0..2 {
                items.push(item(Edit::Turned, "wrong-direction", "TOP-6").valid(false));
            }
            if !kind.keys().is_empty() {
                let orders = [
                    Order::Reversed,
                    Order::Rotated(1),
                    Order::Rotated(2),
                    Order::Last(0),
                    Order::Last(1),
                ];
                items.extend(orders.map(|order| {
                    item(Edit::Order { inside: false, order }, "order", "ENC-7").valid(true)
                }));
            }
            if kind.keys().contains(&Key::Progress) {
                let orders = [
                    Order::Reversed,
                    Order::Rotated(1),
                    Order::Rotated(2),
                    Order::Last(0),
                    Order::Last(1),
                    Order::Shuffled,
                ];
                items.extend(orders.map(|order| {
                    item(Edit::Order { inside: true, order }, "order-in-progress", "ENC-7")
                        .valid(true)
                }));
            }
        }
        let documented = kind.is_in(Profile::Documented);
        if !documented {
            for _ in 0..4 {
                items.push(
                    Item::new(Edit::None, "pushed-in-documented", "MSG-9")
                        .host(kind)
                        .profile(Profile::Documented)
                        .valid(false),
                );
            }
        }
    }
}

const INTEGER_SLOTS: [Slot; 4] = [
    Slot::Top(Key::Size),
    Slot::Top(Key::ResultCode),
    Slot::InProgress(Key::Percent),
    Slot::InProgress(Key::ResultCode),
];

const TEXT_SLOTS: [Slot; 3] =
    [Slot::Top(Key::Name), Slot::Top(Key::ResultMsg), Slot::InProgress(Key::ResultMsg)];

fn integers(items: &mut Vec<Item>) {
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
            let item = Item::new(edit, format!("{class}/{at}"), requirement);
            items.push(Item { valid, ..item });
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
        for token in NO_NUMBERS {
            add("no-number", token, "ENC-3", Some(false));
        }
    }
}

fn strings(items: &mut Vec<Item>, chance: &mut Chance) {
    for slot in TEXT_SLOTS {
        let at = named(slot);
        for piece in characters() {
            // One of the places. There are other slots, profiles and messages.
            let inside = chance.pick(&around(&piece.inside, "a", "a")).clone();
            let edit = Edit::Value(slot, quoted(inside));
            let class = format!("{}/{at}", piece.class);
            items.push(Item::new(edit, class, string_rule(piece.class, slot)));
        }
        for piece in lengths() {
            let edit = Edit::Value(slot, quoted(piece.inside));
            items.push(Item::new(edit, format!("{}/{at}", piece.class), requirement_of(slot)));
        }
        for text in TEXTS {
            let edit = Edit::Value(slot, quoted(text));
            items.push(Item::new(edit, format!("text/{at}"), requirement_of(slot)));
        }
    }
    // What is a string to a JSON parser, where only some strings are valid.
    for piece in characters() {
        let url = Slot::Top(Key::Url);
        let mut places = [
            ("host", "http://", ""),
            ("host", "http://a", "a"),
            ("path", "http://a/", ""),
            ("query", "http://a?", "a"),
            ("fragment", "http://a#", "a"),
            ("user", "http://", "@a"),
            ("port", "http://a:", ""),
        ];
        chance.shuffle(&mut places);
        for (place, before, after) in &places[..3] {
            let inside = [before.as_bytes(), &piece.inside, after.as_bytes()].concat();
            let edit = Edit::Value(url, quoted(inside));
            let rule = string_rule(piece.class, url);
            items.push(Item::new(edit, format!("{}/url-{place}", piece.class), rule));
        }
        for (slot, before) in [
            (Slot::Top(Key::Md5sum), "0000000000000000000000000000000"),
            (Slot::Top(Key::Type), "get_download_task"),
            (Slot::InProgress(Key::State), "uploading"),
        ] {
            let inside = [before.as_bytes(), &piece.inside].concat();
            let edit = Edit::Value(slot, quoted(inside));
            let class = format!("{}/{}", piece.class, named(slot));
            items.push(Item::new(edit, class, string_rule(piece.class, slot)));
        }
        // In a key.
        let key = [if chance.one_in(2) { &b"x"[..] } else { b"" }, &piece.inside].concat();
        let value = Added::Token(b"0".to_vec());
        let edit = Edit::Add { inside: chance.one_in(3), key: quoted(key), value, times: 1 };
        items.push(Item::new(edit, format!("{}/key", piece.class), "ENC-5"));
        // Where it is skipped.
        let value = Added::Token(quoted(piece.inside));
        let edit = Edit::Add { inside: false, key: quoted("x"), value, times: 1 };
        items.push(Item::new(edit, format!("{}/skipped", piece.class), "ENC-5"));
    }
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

fn string_rule(class: &str, slot: Slot) -> &'static str {
    match class {
        "escape" | "surrogate-pair" | "lone-surrogate" | "bad-escape" => "ENC-8",
        "not-utf8" => "ENC-2",
        "raw-control" => "ENC-3",
        _ => requirement_of(slot),
    }
}

fn words(items: &mut Vec<Item>) {
    let mut add = |slot, words: &mut dyn Iterator<Item = String>| {
        for word in words {
            let edit = Edit::Value(slot, quoted(word));
            items.push(Item::new(edit, format!("word/{}", named(slot)), requirement_of(slot)));
        }
    };
    add(Slot::Top(Key::Md5sum), &mut digests().into_iter());
    add(Slot::InProgress(Key::State), &mut STATES.iter().map(|&word| word.to_owned()));
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
    for &kind in MessageType::ALL {
        for word in resembling(kind.as_str()) {
            let edit = Edit::Value(Slot::Top(Key::Type), quoted(word));
            let item = Item::new(edit, format!("word/type/{kind}"), "MSG-1").host(kind);
            items.push(item);
        }
        let escaped = kind.as_str().chars().map(|c| format!("\\u{:04x}", u32::from(c)));
        let mut all: Vec<String> = escaped.collect();
        let whole = all.concat();
        all.truncate(1);
        for word in [whole, all.concat() + &kind.as_str()[1..]] {
            let edit = Edit::Value(Slot::Top(Key::Type), quoted(word));
            items.push(Item::new(edit, "escape/type", "ENC-8").host(kind));
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

fn wrong_types(items: &mut Vec<Item>) {
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
            items.push(Item::new(edit, format!("wrong-type/{at}"), requirement_of(slot)));
        }
        for token in NO_VALUES {
            let edit = Edit::Value(slot, token.as_bytes().to_vec());
            items.push(Item::new(edit, format!("no-value/{at}"), "ENC-3").valid(false));
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
                items.push(Item::new(edit, format!("wrong-type/{at}"), "ENC-6").valid(false));
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
            items.push(Item::new(edit.clone(), "wrong-type/progress", "ENC-6").valid(false));
        }
    }
}

/// Missing ones, and those that are spelled otherwise.
fn keys(items: &mut Vec<Item>) {
    for &kind in MessageType::ALL {
        for slot in Slot::all().filter(|slot| slot.is_in(kind)) {
            let at = named(slot);
            let is_percent = slot == Slot::InProgress(Key::Percent);
            for profile in Profile::ALL {
                let missing = Item::new(Edit::Missing(slot), format!("missing/{at}"), "VAL-6");
                let missing = missing.host(kind).profile(profile);
                let count = if is_percent { 4 } else { 2 };
                items.extend(vec![if is_percent { missing } else { missing.valid(false) }; count]);
                let null = Edit::Value(slot, b"null".to_vec());
                let null = Item::new(null, format!("null/{at}"), "ENC-6").valid(false);
                items.push(null.host(kind).profile(profile));
            }
            let word = slot.key().as_str();
            for spelled in escaped_keys(word) {
                let edit = Edit::Key(slot, quoted(spelled));
                items.push(Item::new(edit, format!("escaped-key/{at}"), "ENC-8").host(kind));
            }
        }
    }
    for slot in Slot::all() {
        for other in like_a_key(slot.key().as_str()) {
            let edit = Edit::Key(slot, quoted(other));
            items.push(Item::new(edit, format!("other-key/{}", named(slot)), "ENC-6").valid(false));
        }
        for token in [
            slot.key().as_str().to_owned(),
            format!("'{}'", slot.key()),
            format!("\"{}", slot.key()),
            format!("{}\"", slot.key()),
            "1".to_owned(),
            "null".to_owned(),
            format!("\"{}\"\"\"", slot.key()),
            String::new(),
        ] {
            let edit = Edit::Key(slot, token.into_bytes());
            items.push(Item::new(edit, "no-key", "ENC-3").valid(false));
        }
    }
    // In the states in which the percent may be missing.
    for state in ["done", "fail", "uploading", "downloading"] {
        for kind in [MessageType::ReportUploadProgress, MessageType::ReportDownloadProgress] {
            for rest in [
                "\"percent\":null,",
                "",
                "\"percent\":100,",
                "\"percent\":0,",
                "\"percent\":101,",
                "\"percent\":-1,",
                "\"percent\":\"\",",
                "\"percent\":1.0,",
                "\"percent\":50,",
            ] {
                for code in ["0", "-1"] {
                    let value = format!(
                        r#"{{"state":"{state}",{rest}"result_code":{code},"result_msg":""}}"#
                    );
                    let edit = Edit::Value(Slot::Top(Key::Progress), value.into_bytes());
                    items.push(Item::new(edit, format!("progress/{state}"), "VAL-6").host(kind));
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

fn repeated_keys(items: &mut Vec<Item>) {
    let mut add = |slot: Slot, inside: bool, times: usize| {
        let word = slot.key().as_str();
        let class = format!("repeated/{}{}", if inside { "progress." } else { "" }, slot.key());
        let mut push = |key: &str, value: &Added| {
            let edit = Edit::Add { inside, key: quoted(key), value: value.clone(), times };
            items.push(Item::new(edit, class.clone(), "ENC-5"));
        };
        let like = Added::LikeThatOf(slot);
        for _ in 0..4 {
            push(word, &like);
        }
        for value in ["null", "0", "\"\"", "1", "\"a\"", "true", "[]", "{}"] {
            push(word, &Added::Token(value.as_bytes().to_vec()));
        }
        for spelled in escaped_keys(word) {
            push(&spelled, &like);
            push(&spelled, &Added::Token(b"null".to_vec()));
        }
    };
    for &key in Key::TOP {
        for times in [1, 1, 2] {
            add(Slot::Top(key), false, times);
        }
    }
    for &key in Key::IN_PROGRESS {
        add(Slot::InProgress(key), true, 1);
        // Of the vocabulary elsewhere: unknown here.
        add(Slot::InProgress(key), false, 2);
    }
    for key in [Key::Type, Key::Name, Key::Size, Key::Md5sum, Key::Url, Key::Progress] {
        add(Slot::Top(key), true, 1);
        add(Slot::Top(key), true, 2);
    }
}

fn unknown_keys(items: &mut Vec<Item>) {
    const KEYS: &[&str] = &[
        "x",
        "",
        "_",
        "_id",
        "id",
        "clientToken",
        "client_token",
        "version",
        "timestamp",
        "time",
        "msgid",
        "method",
        "params",
        "Type",
        "TYPE",
        "tYpe",
        "Size",
        "SIZE",
        "Name",
        "NAME",
        "Md5sum",
        "MD5SUM",
        "md5",
        "md5Sum",
        "Url",
        "URL",
        "Progress",
        "resultCode",
        "result-code",
        "Result_Code",
        "resultMsg",
        "resultcode",
        "code",
        "msg",
        "message",
        "state",
        "State",
        "percent",
        "Percent",
        "status",
        "file_size",
        "fileSize",
        "type ",
        " type",
        "size ",
        r"type\u0000",
        r"\u0000",
        "__proto__",
        "constructor",
        "toString",
        "$schema",
        "@type",
        "0",
        "a.b",
        "progress.state",
        "typе",
        "ｔype",
        "名",
        r"\ud83d\ude00",
        r"\n",
        r"\\",
        r#"\""#,
        r"\/",
        "ſize",
        "x y",
        "null",
        "data",
        "payload",
        "user_data",
        "extra",
        "desc",
        "region",
        "product_id",
        "device_name",
    ];
    for inside in [false, true] {
        let place = if inside { "in-progress" } else { "at-the-top" };
        let mut add = |class: &str, key: &str, value: &str, times: usize| {
            let value = Added::Token(value.as_bytes().to_vec());
            let edit = Edit::Add { inside, key: quoted(key), value, times };
            items.push(Item::new(edit, format!("{class}/{place}"), "ENC-5"));
        };
        for key in KEYS {
            for (value, times) in [("0", 1), ("null", 1), ("\"a\"", 2)] {
                add("unknown-key", key, value, times);
            }
        }
        for value in INTEGERS.iter().chain(NO_INTEGERS) {
            add("unknown-number", "x", value, 1);
        }
        for value in NO_NUMBERS {
            add("unknown-no-number", "x", value, 1);
        }
        for value in NO_VALUES {
            add("unknown-no-value", "x", value, 1);
        }
        for value in OTHER_TYPES.iter().chain(&[
            "\"\"",
            "[{}]",
            "[[],[]]",
            "[1,2]",
            "[1,\"a\",null,true,{}]",
            r#"{"":{}}"#,
            r#"{"type":"x"}"#,
            r#"{"a":{"b":{"c":[1]}}}"#,
            "[ ]",
            "{ }",
            "[ 1 , 2 ]",
            "{\"a\" : 1}",
            "[\n]",
            "[[1]]",
            "[[[]]]",
            "[null]",
            "[true,false]",
            "[\"a\"]",
            "[0.5]",
            r#"{"a":null}"#,
            r#"{"a":"b","c":"d"}"#,
            r#"{"":0}"#,
            r#"["\u0000"]"#,
            r#"["\ud83d\ude00"]"#,
            r#"{"\u0061":0}"#,
        ]) {
            add("unknown-value", "x", value, 1);
        }
        for length in ["1", "0"]
            .iter()
            .flat_map(|digit| [30, 100, 310, 400, 4300, 4301, 5000].map(|n| (digit, n)))
        {
            let digits = length.0.repeat(length.1);
            add("unknown-long-number", "x", &digits.replace("00", "10"), 1);
            add("unknown-long-number", "x", &format!("0.{digits}"), 1);
            add("unknown-long-number", "x", &format!("1e{digits}"), 1);
        }
        for depth in [
            2, 3, 5, 8, 10, 16, 19, 20, 21, 30, 31, 32, 33, 50, 63, 64, 65, 99, 100, 101, 126, 127,
            128, 129, 150, 200, 255, 256, 257, 500, 511, 512, 513, 600, 900, 999, 1000, 1001, 1023,
            1024, 1025, 1500, 2000, 2500,
        ] {
            add("deep", "x", &format!("{}{}", "[".repeat(depth), "]".repeat(depth)), 1);
            add("deep", "x", &format!("{}0{}", "{\"a\":".repeat(depth), "}".repeat(depth)), 1);
        }
        for depth in [3000, 4000, 5000, 8000] {
            add("deep", "x", &format!("{}{}", "[".repeat(depth), "]".repeat(depth)), 1);
        }
        for count in [20, 100, 300, 1000, 3000] {
            add("unknown-long-array", "x", &format!("[{}0]", "0,".repeat(count)), 1);
        }
        for count in [10, 11, 12, 16, 17, 20, 32, 33, 64, 65, 100, 128, 129, 256, 500] {
            add("many-unknown-keys", "x", "0", count);
        }
        for length in [64, 65, 128, 256, 257, 1024, 4096] {
            add("long-unknown-key", &"a".repeat(length), "0", 1);
        }
    }
}

fn spaces(items: &mut Vec<Item>) {
    const VALID: [&str; 5] = [" ", "\t", "\n", "\r", " \r\n\t"];
    const WRONG: [&str; 42] = [
        "\u{b}", "\u{c}", "\0", "\u{1}", "\u{8}", "\u{1a}", "\u{1b}", "\u{1c}", "\u{1d}", "\u{1e}",
        "\u{1f}", "\u{7f}", "\u{85}", "\u{a0}", "\u{ad}", "\u{1680}", "\u{180e}", "\u{2000}",
        "\u{2003}", "\u{2009}", "\u{200a}", "\u{200b}", "\u{2028}", "\u{2029}", "\u{202f}",
        "\u{205f}", "\u{2060}", "\u{3000}", "\u{feff}", "/**/", "/* a */", "//\n", "//a\n", "#\n",
        "<!-- -->", "\\n", "\\", "/", "--\n", ";", "/*", "&nbsp;",
    ];
    for gap in Gap::ALL {
        for space in VALID {
            for _ in 0..2 {
                let edit = Edit::Layout(Layout::Gap(gap, space.as_bytes().to_vec()));
                items.push(Item::new(edit, format!("space/{gap:?}"), "ENC-3").valid(true));
            }
        }
        for space in WRONG {
            for _ in 0..2 {
                let edit = Edit::Layout(Layout::Gap(gap, space.as_bytes().to_vec()));
                items.push(Item::new(edit, format!("no-space/{space:?}"), "ENC-3").valid(false));
            }
        }
        for space in [&b"\x80"[..], b"\xa0", b"\xff", b"\xc2", b"\xef\xbb", b"\xfe\xff"] {
            let edit = Edit::Layout(Layout::Gap(gap, space.to_vec()));
            items.push(Item::new(edit, "not-utf8/gap", "ENC-2").valid(false));
        }
    }
    for fillings in
        [&VALID[..], &[" "], &["\n"], &["\t"], &["\r\n"], &["", " ", "  "], &["\n    ", " "]]
    {
        for _ in 0..4 {
            let edit = Edit::Layout(Layout::Gaps(leak(fillings)));
            items.push(Item::new(edit, "spaces", "ENC-3").valid(true));
        }
    }
}

/// The few lists of white space that there are.
fn leak(fillings: &[&'static str]) -> &'static [&'static str] {
    match fillings {
        [" "] => &[" "],
        ["\n"] => &["\n"],
        ["\t"] => &["\t"],
        ["\r\n"] => &["\r\n"],
        ["", " ", "  "] => &["", " ", "  "],
        ["\n    ", " "] => &["\n    ", " "],
        _ => &[" ", "\t", "\n", "\r", " \r\n\t"],
    }
}

fn syntax(items: &mut Vec<Item>) {
    let mut add = |class: String, layout: Layout| {
        for _ in 0..2 {
            let edit = Edit::Layout(layout.clone());
            items.push(Item::new(edit, class.clone(), "ENC-3").valid(false));
        }
    };
    for mark in Mark::ALL {
        let instead: &[&str] = match mark {
            Mark::Open => &[
                "",
                "{{",
                "[",
                "(",
                "{,",
                "{}",
                "{:",
                "{\"\"",
                "<was>\"x\",",
                "<was>[],",
                "{{}",
                "<",
                "{0,",
            ],
            Mark::Colon => &[
                "", "=", "=>", "::", ",", ";", ":,", " ", ":=", ":0,", "\u{ff1a}", ":\"\":", "->",
                ".", ": :",
            ],
            Mark::Comma => &[
                "", " ", ",,", ";", ":", ",{},", ", ,", "\u{ff0c}", "}{", ",0,", ",\"x\",", "|",
                "\n", ",:", "},{", ",\"\":,", ",null,", ".", "],[",
            ],
            Mark::Close => &[
                "", "]", ")", ",}", "}}", ":}", ";}", ",,}", "}]", " ,}", "]}", "}\"", ", }",
                ",\n}", "\u{0}", ",\"\"}", ",\"x\":}", ",null}", ",\"x\"}", ",0}", ",:}", ",{}}",
                ",[]}", "}}}", "\n,\n}", ">",
            ],
            Mark::Key => &[
                "",
                "'<inside>'",
                "<inside>",
                "`<inside>`",
                "\"<inside>",
                "<inside>\"",
                "\u{201c}<inside>\u{201d}",
                "\\\"<inside>\\\"",
                "\"\"<inside>\"\"",
                "[<was>]",
                "(<was>)",
                "<was><was>",
                "<was> <was>",
                "<was>:<was>",
                "0",
                "null",
                "{}",
                "\"<inside>'",
                "+<was>",
                "\"<inside>\\\"",
                "<was>\"\"",
            ],
            Mark::Value => &[
                "",
                "(<was>)",
                "<was> <was>",
                "<was>,<was>",
                "<was>:<was>",
                "<was>x",
                "x<was>",
                "<was>;",
                "+<was>",
                "<was>]",
                "[<was>",
                "{<was>}",
                "<was>}",
                "{<was>",
                "<was>\"\"",
                "\"\"<was>",
                "\\<was>",
                "<was>0 0",
                "@<was>",
                "<was><was>,",
            ],
        };
        for instead in instead {
            add(format!("punctuation/{mark:?}/{instead}"), Layout::Token(mark, instead));
        }
    }
    for (before, after) in [
        ("", "{}"),
        ("", " {}"),
        ("", "\n{}"),
        ("{}", ""),
        ("{} ", ""),
        ("", "0"),
        ("", " 0"),
        ("", "\"\""),
        (" \"\"", ""),
        ("", "null"),
        ("", " null"),
        ("null ", ""),
        ("", "[]"),
        ("[]", ""),
        ("", "true"),
        ("", "x"),
        ("", " x"),
        ("x", ""),
        ("", ","),
        (",", ""),
        ("", ";"),
        ("", ",{}"),
        ("{},", ""),
        ("", "]"),
        ("[", ""),
        ("", "}"),
        ("{", ""),
        ("", ":"),
        ("", "\""),
        ("\"", ""),
        ("'", "'"),
        ("", "'"),
        ("(", ")"),
        ("\"", "\""),
        ("", "."),
        ("", "\\"),
        ("", "%"),
        ("[", "]"),
        ("[", ",{}]"),
        ("{\"a\":", "}"),
        ("{\"\":", "}"),
        ("{", "}"),
        ("[[", "]]"),
        ("callback(", ")"),
        ("callback(", ");"),
        (")]}',\n", ""),
        ("while(1);", ""),
        ("var a=", ""),
        ("a=", ""),
        ("data: ", ""),
        ("json:", ""),
        ("```json\n", "\n```"),
        ("<json>", "</json>"),
        ("\u{1e}", "\n"),
        ("\0", ""),
        ("", "\0"),
        ("", "\0\0\0\0"),
        ("", "\0x"),
        ("", "\0{}"),
        ("\u{feff}", ""),
        (" \u{feff}", ""),
        ("", "\u{feff}"),
        ("\u{feff}\u{feff}", ""),
        ("", "\u{1a}"),
        ("", "\u{4}"),
        ("\u{b}", ""),
        ("", "\u{c}"),
        ("//a\n", ""),
        ("/**/", ""),
        ("", "//a"),
        ("", "//a\n"),
        ("", "/**/"),
        ("", "/*"),
        ("#a\n", ""),
        ("", "#a"),
        ("", "#a\n"),
        ("---\n", ""),
        ("", "\n...\n"),
        ("%YAML 1.2\n---\n", ""),
        ("<!--a-->", ""),
        ("", "\r\n0"),
        ("", "\n\n\nx"),
        ("0", ""),
        ("0 ", ""),
        ("1{}", ""),
        ("\u{a0}", ""),
        ("", "\u{a0}"),
        ("", "\u{2028}"),
        ("\u{3000}", ""),
        ("", "\u{3000}"),
        ("", "\u{85}"),
        ("\u{7f}", ""),
        ("", "\u{7f}"),
        ("", "}{"),
        ("", "]]"),
        ("", "}}}}"),
        ("\u{200b}", ""),
        ("", "\u{200b}"),
        ("", "e"),
        ("", "E0"),
        ("-", ""),
        ("+", ""),
    ] {
        let layout = Layout::Around(before.as_bytes().to_vec(), after.as_bytes().to_vec());
        add(format!("around/{before}<was>{after}"), layout);
    }
    for (before, after) in [
        (&b"\xff\xfe"[..], &b""[..]),
        (b"\xfe\xff", b""),
        (b"\xff", b""),
        (b"", b"\xff"),
        (b"", b"\xc2"),
        (b"\xef\xbb", b""),
        (b"\x80", b""),
        (b"", b"\x80"),
        (b"\x1f\x8b", b""),
    ] {
        let layout = Layout::Around(before.to_vec(), after.to_vec());
        add("not-utf8/around".to_owned(), layout);
    }
    for whole in [
        "",
        " ",
        "\n",
        "\t",
        "\r\n",
        "{",
        "}",
        "{}",
        " {} ",
        "[]",
        "[{}]",
        "[",
        "]",
        "null",
        "true",
        "false",
        "0",
        "1",
        "-1",
        "1.5",
        "\"\"",
        "\"a\"",
        "\"",
        "'",
        "a",
        "type",
        "\"type\"",
        "get_download_task",
        "\"get_download_task\"",
        "{]",
        "[}",
        "{,}",
        "{:}",
        "{\"\"}",
        "{\"type\"}",
        "{\"type\":}",
        "{\"type\":\"",
        "{null}",
        "{1}",
        "{[]}",
        "{{}}",
        "\0",
        "\u{feff}",
        "\u{feff}{}",
        "nul",
        "NaN",
        "undefined",
        "//",
        "/**/",
        "#",
        "[1,2,3]",
        "[\"type\",\"get_download_task\"]",
        r#"[["type","get_download_task"]]"#,
        r#"["get_download_task"]"#,
        r#"[{"type":"get_download_task"}]"#,
        r#""{\"type\":\"get_download_task\"}""#,
        r#"{'type':'get_download_task'}"#,
        r#"{type:"get_download_task"}"#,
        r#"{type:get_download_task}"#,
        r#"{"type":get_download_task}"#,
        "type=get_download_task",
        "type: get_download_task",
        "<type>get_download_task</type>",
        r#"{"type":["get_download_task"]}"#,
        r#"{"type":{"get_download_task":{}}}"#,
        r#"{"get_download_task":{}}"#,
        r#"{"get_download_task":null}"#,
        r#"["create_upload_task",0,"a","00000000000000000000000000000000"]"#,
        r#"["report_upload_progress_rsp",0,""]"#,
        r#"[["type","report_upload_progress_rsp"],["result_code",0],["result_msg",""]]"#,
        r#"{"result_code":0,"result_msg":""}"#,
        r#"{"type":"get_download_task"} {"type":"get_download_task"}"#,
        "{\"type\":\"get_download_task\"}\n{\"type\":\"get_download_task\"}\n",
        r#"{"type":"get_download_task"}{"type":"get_download_task"}"#,
        r#"{"method":"get_download_task"}"#,
        r#"{"Type":"get_download_task"}"#,
        r#"{"type":null}"#,
        r#"{"x":0}"#,
        r#"{"":""}"#,
    ] {
        add(format!("whole/{whole}"), Layout::Whole(whole.as_bytes().to_vec()));
    }
    for depth in [1, 2, 10, 64, 100, 127, 128, 129, 200, 500, 1000, 1001, 2000, 8000, 16384] {
        add("whole-deep".to_owned(), Layout::Whole("[".repeat(depth).into_bytes()));
        add(
            "whole-deep".to_owned(),
            Layout::Whole(
                format!("{}{}", "[".repeat(depth / 2), "]".repeat(depth / 2)).into_bytes(),
            ),
        );
        add("whole-deep".to_owned(), Layout::Whole("{\"a\":".repeat(depth / 5).into_bytes()));
    }
    for encoding in [
        Encoding::Utf16(Bytes::Little, Mark16::There),
        Encoding::Utf16(Bytes::Big, Mark16::There),
        Encoding::Utf16(Bytes::Little, Mark16::Missing),
        Encoding::Utf16(Bytes::Big, Mark16::Missing),
        Encoding::Utf32(Bytes::Little, Mark16::There),
        Encoding::Utf32(Bytes::Big, Mark16::There),
        Encoding::Utf32(Bytes::Little, Mark16::Missing),
        Encoding::Utf32(Bytes::Big, Mark16::Missing),
        Encoding::Latin1,
        Encoding::Latin1,
    ] {
        for _ in 0..2 {
            add("encoding".to_owned(), Layout::Encoded(encoding));
        }
    }
    for count in 1..24 {
        add("cut".to_owned(), Layout::Cut(count));
    }
}

fn lengths_in_all(items: &mut Vec<Item>) {
    const LENGTHS: [usize; 30] = [
        256, 512, 1000, 1023, 1024, 1025, 2000, 2047, 2048, 2049, 4095, 4096, 4097, 8000, 8191,
        8192, 8193, 16000, 16382, 16383, 16384, 16385, 16386, 16400, 17000, 20000, 32768, 65535,
        65536, 65537,
    ];
    let fillers = [
        Filler::SpaceBefore,
        Filler::SpaceAfter,
        Filler::SpaceWithin,
        Filler::Unknown,
        Filler::Letters(Slot::Top(Key::Name)),
        Filler::Letters(Slot::Top(Key::ResultMsg)),
        Filler::Letters(Slot::Top(Key::Url)),
        Filler::Letters(Slot::InProgress(Key::ResultMsg)),
        Filler::Wide(Slot::Top(Key::Name), "é"),
        Filler::Wide(Slot::Top(Key::Name), "中"),
        Filler::Wide(Slot::Top(Key::ResultMsg), "\u{1f600}"),
        Filler::Wide(Slot::Top(Key::ResultMsg), "\\u0061"),
        Filler::Wide(Slot::Top(Key::ResultMsg), "\\n"),
        Filler::Wide(Slot::Top(Key::ResultMsg), "é"),
        Filler::Wide(Slot::Top(Key::ResultMsg), "\\\""),
    ];
    for length in LENGTHS {
        for filler in fillers {
            let edit = Edit::Layout(Layout::Length(length, filler));
            let count = if (16_383..=16_386).contains(&length) { 2 } else { 1 };
            let item = Item::new(edit, "payload-length", "ENC-1");
            items.extend(vec![if length > 16_384 { item.valid(false) } else { item }; count]);
        }
    }
}

//! Keys: missing, spelled otherwise, repeated, unknown.

use iothub_resource::{Key, MessageType, Profile};

use super::variation::{Variation, named};
use crate::{
    generate::{
        edit::{AddedValue, Edit},
        tables::integers::{INTEGERS, NO_INTEGERS, NO_NUMBERS, NO_VALUES, OTHER_TYPES},
    },
    message_tree::{Slot, quoted},
    rng::Rng,
};

pub(super) fn enumerate(variations: &mut Vec<Variation>, rng: &mut Rng) {
    keys(variations);
    repeated_keys(variations, rng);
    unknown_keys(variations, rng);
}

/// Missing ones, and those that are spelled otherwise.
fn keys(variations: &mut Vec<Variation>) {
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
            let word = slot.key().as_str();
            for spelled in escaped_keys(word) {
                let edit = Edit::Key(slot, quoted(spelled));
                variations
                    .push(Variation::new(edit, format!("escaped-key/{at}"), "ENC-8").host(kind));
            }
        }
    }
    for slot in Slot::all() {
        for other in like_a_key(slot.key().as_str()) {
            let edit = Edit::Key(slot, quoted(other));
            let variation = Variation::new(edit, format!("other-key/{}", named(slot)), "ENC-6");
            // After the end, it may be missing.
            let may_be_missing = slot == Slot::InProgress(Key::Percent);
            variations.push(if may_be_missing { variation } else { variation.valid(false) });
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
            variations.push(Variation::new(edit, "no-key", "ENC-3").valid(false));
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
                    variations.push(
                        Variation::new(edit, format!("progress/{state}"), "VAL-6").host(kind),
                    );
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
    let mut add = |slot: Slot, inside: bool, times: usize| {
        let word = slot.key().as_str();
        let class = format!("repeated/{}{}", if inside { "progress." } else { "" }, slot.key());
        let mut push = |key: &str, value: &AddedValue| {
            let edit = Edit::Add { inside, key: quoted(key), value: value.clone(), times };
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

fn unknown_keys(variations: &mut Vec<Variation>, rng: &mut Rng) {
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
            let value = AddedValue::Token(value.as_bytes().to_vec());
            let edit = Edit::Add { inside, key: quoted(key), value, times };
            let variation = Variation::new(edit, format!("{class}/{place}"), "ENC-5");
            // Where it is skipped, it matters what it is.
            if matches!(class, "unknown-key" | "unknown-value") {
                variations.push(variation.clone().profile(Profile::Documented));
            }
            variations.push(variation.profile(Profile::Deployed));
        };
        for (at, key) in KEYS.iter().enumerate() {
            let (value, times) = [("0", 1), ("null", 1), ("\"a\"", 2)][at % 3];
            add("unknown-key", key, value, times);
        }
        for value in INTEGERS.iter().chain(NO_INTEGERS).filter(|_| rng.one_in(2)) {
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

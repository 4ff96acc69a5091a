//! Values for each key, with their verdicts.

use iothub_resource::{Code, Profile};

/// A value that replaces a valid one, and its verdict.
#[derive(Clone, Copy)]
pub(super) struct Replacement {
    pub(super) value: &'static str,
    /// The code of the rejection, or `None` if the message stays valid.
    pub(super) code: Option<Code>,
}

/// Values for a key, all of the JSON type that the key requires.
struct Values {
    key: &'static str,
    good: &'static [&'static str],
    bad: &'static [&'static str],
    code: Code,
    /// The values that are valid only in the deployed profile. The documented profile rejects them
    /// with `code`.
    deployed: &'static [&'static str],
}

/// Texts that are not JSON (ENC-3).
pub(super) const NOT_JSON: [&str; 16] = [
    "01",
    "+1",
    "-",
    ".5",
    "1.",
    "1e",
    "1e+",
    "0x10",
    "NaN",
    "Infinity",
    "-01",
    "'a'",
    "nul",
    "\"\\x\"",
    "\"\\u12g4\"",
    "",
];

/// JSON of every type, for values that are skipped (ENC-5).
pub(super) const ANYTHING: [&str; 12] = [
    "null",
    "true",
    "-0",
    "1e999",
    "123456789012345678901234567890.5",
    "\"\"",
    "\"\\ud83e\\udd80\"",
    "[]",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
    "{}",
    "{\"type\":\"download\",\"size\":[1,{\"a\":null}]}",
    "[1,\"]\",{\"}\":2}]",
];

/// Returns values whose JSON type is not that of the key (ENC-6, ENC-9).
pub(super) fn of_another_type(key: &str) -> &'static [&'static str] {
    match key {
        "size" | "percent" | "result_code" => {
            &["null", "true", "[]", "{}", "\"5\"", "1.0", "1e2", "-0", "0.5", "5E0", "-0.0"]
        }
        "progress" => &["null", "false", "[]", "5", "\"{}\"", "[{}]"],
        _ => &["null", "false", "[]", "{}", "5", "-0", "[\"zxc\"]"],
    }
}

/// The keys whose values must be within bounds or have a specific form.
const VALUES: [Values; 9] = [
    Values {
        key: "size",
        good: &["0", "1", "4294967296", "9007199254740991"],
        bad: &["-1", "9007199254740992", "9223372036854775808", "18446744073709551616"],
        code: Code::OutOfRange,
        deployed: &[],
    },
    Values {
        key: "percent",
        good: &["0", "1", "99", "100"],
        bad: &["-1", "101", "255", "256", "356", "4294967296", "18446744073709551666"],
        code: Code::OutOfRange,
        deployed: &[],
    },
    Values {
        key: "result_code",
        good: &["0", "-1", "2147483647", "-2147483648"],
        bad: &["2147483648", "-2147483649", "4294967296", "-18446744073709551616"],
        code: Code::OutOfRange,
        deployed: &[],
    },
    Values {
        key: "name",
        good: &["\"a\"", "\"../..\"", "\"größe 🦀\"", "\"\\ud83e\\udd80\"", "\" \"", "\"\u{80}\""],
        bad: &["\"\"", "\"\\u0000\"", "\"a\\n\"", "\"\\u001f\"", "\"\u{7f}\"", "\"\\u007F\""],
        code: Code::InvalidName,
        deployed: &[],
    },
    Values {
        key: "md5sum",
        good: &["\"d41d8cd98f00b204e9800998ecf8427e\"", "\"00000000000000000000000000000000\""],
        bad: &[
            "\"\"",
            "\"d41d8cd98f00b204e9800998ecf8427\"",
            "\"d41d8cd98f00b204e9800998ecf8427e0\"",
            "\"d41d8cd98f00b204e9800998ecf8427g\"",
            "\"d41d8cd98f00b204 9800998ecf8427e\"",
            "\"************\"",
            "\"1B2M2Y8AsgTpgAmY7PhCfg==\"",
        ],
        code: Code::InvalidMd5sum,
        deployed: &["\"D41D8CD98F00B204E9800998ECF8427E\""],
    },
    Values {
        key: "url",
        good: &[
            "\"http://h\"",
            "\"HTTPS://h:443/?a=b#c\"",
            "\"https:\\/\\/u:p@h\\/\"",
            "\"https://h:/\"",
            "\"https://:x/\"",
        ],
        bad: &[
            "\"\"",
            "\"h/a\"",
            "\"ftp://h/\"",
            "\"https:/h\"",
            "\"https:///h\"",
            "\"https://:443/\"",
            "\"https://u@/\"",
            "\"https://h/ \"",
            "\"https://h/é\"",
            "\"https://h/\u{7f}\"",
            "\" https://h/\"",
        ],
        code: Code::InvalidUrl,
        deployed: &[],
    },
    Values {
        key: "result_msg",
        good: &["\"\"", "\"ok\"", "\"\\u0000\"", "\"🦀\"", "\"\u{7f}\""],
        bad: &[],
        code: Code::WrongType,
        deployed: &[],
    },
    Values {
        key: "type",
        good: &[],
        bad: &["\"\"", "\"Download\"", "\"download \"", "\"create_upload_task\\u0000\"", "\"get\""],
        code: Code::UnknownType,
        deployed: &[],
    },
    // The table omits `done` and `fail`, because they change whether `percent` is required.
    Values {
        key: "state",
        good: &[],
        bad: &["\"\"", "\"Uploading\"", "\"uploading \"", "\"finished\"", "\"DONE\""],
        code: Code::InvalidState,
        deployed: &[],
    },
];

/// Returns values of the JSON type of the key, valid or not.
pub(super) fn values(key: &str, profile: Profile) -> Vec<Replacement> {
    let Some(values) = VALUES.iter().find(|values| values.key == key) else { return Vec::new() };
    let bad = Some(values.code);
    let in_deployed = if profile == Profile::Deployed { None } else { bad };
    [(values.good, None), (values.bad, bad), (values.deployed, in_deployed)]
        .into_iter()
        .flat_map(|(values, code)| values.iter().map(move |value| Replacement { value, code }))
        .collect()
}

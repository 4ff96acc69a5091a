//! Values for each key, with what the specification says of them.

use iothub_resource::{Code, Profile};

/// A value that takes the place of a good one, and the code it is refused with, if it is.
pub(super) type Row = (&'static str, Option<Code>);

/// Not JSON in the place of a value (ENC-3).
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

/// JSON of every type, for what is skipped, too (ENC-5).
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

/// Of another type than the key has (ENC-6, ENC-9).
pub(super) fn of_another_type(key: &str) -> &'static [&'static str] {
    match key {
        "size" | "percent" | "result_code" => {
            &["null", "true", "[]", "{}", "\"5\"", "1.0", "1e2", "-0", "0.5", "5E0", "-0.0"]
        }
        "progress" => &["null", "false", "[]", "5", "\"{}\"", "[{}]"],
        _ => &["null", "false", "[]", "{}", "5", "-0", "[\"zxc\"]"],
    }
}

/// Of the right type, good or bad.
pub(super) fn values(key: &str, profile: Profile) -> Vec<Row> {
    let of = |code| move |value: &'static str| (value, Some(code));
    let good = |value: &'static str| (value, None);
    let rows = |good_ones: &[&'static str], code, bad: &[&'static str]| -> Vec<Row> {
        good_ones.iter().copied().map(good).chain(bad.iter().copied().map(of(code))).collect()
    };
    let deployed = profile == Profile::Deployed;
    match key {
        "size" => rows(
            &["0", "1", "4294967296", "9007199254740991"],
            Code::OutOfRange,
            &["-1", "9007199254740992", "9223372036854775808", "18446744073709551616"],
        ),
        "percent" => rows(
            &["0", "1", "99", "100"],
            Code::OutOfRange,
            &["-1", "101", "255", "256", "356", "4294967296", "18446744073709551666"],
        ),
        "result_code" => rows(
            &["0", "-1", "2147483647", "-2147483648"],
            Code::OutOfRange,
            &["2147483648", "-2147483649", "4294967296", "-18446744073709551616"],
        ),
        "name" => rows(
            &["\"a\"", "\"../..\"", "\"größe 🦀\"", "\"\\ud83e\\udd80\"", "\" \"", "\"\u{80}\""],
            Code::InvalidName,
            &["\"\"", "\"\\u0000\"", "\"a\\n\"", "\"\\u001f\"", "\"\u{7f}\"", "\"\\u007F\""],
        ),
        "md5sum" => {
            let upper = "\"D41D8CD98F00B204E9800998ECF8427E\"";
            let mut rows = rows(
                &["\"d41d8cd98f00b204e9800998ecf8427e\"", "\"00000000000000000000000000000000\""],
                Code::InvalidMd5sum,
                &[
                    "\"\"",
                    "\"d41d8cd98f00b204e9800998ecf8427\"",
                    "\"d41d8cd98f00b204e9800998ecf8427e0\"",
                    "\"d41d8cd98f00b204e9800998ecf8427g\"",
                    "\"d41d8cd98f00b204 9800998ecf8427e\"",
                    "\"************\"",
                    "\"1B2M2Y8AsgTpgAmY7PhCfg==\"",
                ],
            );
            rows.push((upper, (!deployed).then_some(Code::InvalidMd5sum)));
            rows
        }
        "url" => rows(
            &[
                "\"http://h\"",
                "\"HTTPS://h:443/?a=b#c\"",
                "\"https:\\/\\/u:p@h\\/\"",
                "\"https://h:/\"",
                "\"https://:x/\"",
            ],
            Code::InvalidUrl,
            &[
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
        ),
        "result_msg" => {
            rows(&["\"\"", "\"ok\"", "\"\\u0000\"", "\"🦀\"", "\"\u{7f}\""], Code::WrongType, &[])
        }
        "type" => rows(
            &[],
            Code::UnknownType,
            &["\"\"", "\"Download\"", "\"download \"", "\"create_upload_task\\u0000\"", "\"get\""],
        ),
        // `done` and `fail` are judged by the caller: they may lack a percentage.
        "state" => rows(
            &[],
            Code::InvalidState,
            &["\"\"", "\"Uploading\"", "\"uploading \"", "\"finished\"", "\"DONE\""],
        ),
        _ => Vec::new(),
    }
}

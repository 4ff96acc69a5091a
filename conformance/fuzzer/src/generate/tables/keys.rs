//! Unknown keys and their values.

/// Unknown keys, each as the content of a JSON string: keys of other protocols, misspelled keys,
/// and words with a meaning in a programming language.
pub(crate) const UNKNOWN_KEYS: &[&str] = &[
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

/// Values of unknown keys, in addition to [`super::values::OTHER_TYPES`].
pub(crate) const SKIPPED_VALUES: &[&str] = &[
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
];

/// The depths of arrays and objects under an unknown key: around the limits of common JSON parsers.
pub(crate) const DEPTHS: &[usize] = &[
    2, 3, 5, 8, 10, 16, 19, 20, 21, 30, 31, 32, 33, 50, 63, 64, 65, 99, 100, 101, 126, 127, 128,
    129, 150, 200, 255, 256, 257, 500, 511, 512, 513, 600, 900, 999, 1000, 1001, 1023, 1024, 1025,
    1500, 2000, 2500,
];

/// Additional depths that are used only for arrays. Objects of these depths would exceed the
/// maximum length of a payload.
pub(crate) const ARRAY_DEPTHS: &[usize] = &[3000, 4000, 5000, 8000];

/// The digit counts of numbers under an unknown key.
pub(crate) const DIGIT_COUNTS: &[usize] = &[30, 100, 310, 400, 4300, 4301, 5000];

/// The numbers of elements in an array under an unknown key, not counting the last element.
pub(crate) const ARRAY_LENGTHS: &[usize] = &[20, 100, 300, 1000, 3000];

/// The numbers of unknown keys in one message.
pub(crate) const KEY_COUNTS: &[usize] =
    &[10, 11, 12, 16, 17, 20, 32, 33, 64, 65, 100, 128, 129, 256, 500];

/// The lengths of a single unknown key, in bytes.
pub(crate) const KEY_LENGTHS: &[usize] = &[64, 65, 128, 256, 257, 1024, 4096];

/// Members of `progress` that replace `percent`.
pub(crate) const PERCENT_MEMBERS: &[&str] = &[
    "\"percent\":null,",
    "",
    "\"percent\":100,",
    "\"percent\":0,",
    "\"percent\":101,",
    "\"percent\":-1,",
    "\"percent\":\"\",",
    "\"percent\":1.0,",
    "\"percent\":50,",
];

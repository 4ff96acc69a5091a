//! The defects of messages in the scenarios with malformed messages.

use crate::test_device::defect::{Defect, Edit};

const fn defect(
    id: &'static str,
    code: &'static str,
    requirement: &'static str,
    title: &'static str,
    edit: Edit,
) -> Defect {
    Defect { id, code, requirement, title, edit }
}

const JSON: &str = "invalid-json";
const TWICE: &str = "duplicate-key";
const MISSING: &str = "missing-field";
const TYPE: &str = "wrong-type";
const UNKNOWN: &str = "unknown-type";
const RANGE: &str = "out-of-range";
const DIGEST: &str = "invalid-md5sum";
const URL: &str = "invalid-url";

/// The defects that any message can have.
pub(super) const OF_ANY: &[Defect] = &[
    // The example in the vendor's documentation has this defect.
    defect("trailing-comma", JSON, "ENC-3", "a comma after the last value", Edit::BeforeEnd(",")),
    defect("cut", JSON, "ENC-3", "the last brace is missing", Edit::Cut(1)),
    defect("cut-short", JSON, "ENC-3", "the message ends within a value", Edit::Cut(6)),
    defect(
        "second-value",
        JSON,
        "ENC-3",
        "a second object after the message",
        Edit::Around(b"", b"{}"),
    ),
    defect(
        "zero-byte",
        JSON,
        "ENC-3",
        "a zero byte after the message, as at the end of a C string",
        Edit::Around(b"", b"\0"),
    ),
    defect(
        "bom",
        JSON,
        "ENC-3",
        "a byte-order mark before the message",
        Edit::Around(b"\xEF\xBB\xBF", b""),
    ),
    defect(
        "text-before",
        JSON,
        "ENC-3",
        "text before the message",
        Edit::Around(b"payload: ", b""),
    ),
    defect("comment", JSON, "ENC-3", "a comment in the message", Edit::BeforeEnd("/* ok */")),
    defect("single-quotes", JSON, "ENC-3", "single quotes", Edit::Each("\"", "'")),
    defect("bare-key", JSON, "ENC-3", "`type` without quotes", Edit::Key("type", "type")),
    defect(
        "missing-comma",
        JSON,
        "ENC-3",
        "no comma after `type`",
        Edit::Value("type", b"\"{}\" \"\""),
    ),
    defect(
        "missing-colon",
        JSON,
        "ENC-3",
        "no colon after `type`",
        Edit::Each("\"type\":", "\"type\" "),
    ),
    defect(
        "in-array",
        "not-an-object",
        "ENC-3",
        "the object is in an array",
        Edit::Around(b"[", b"]"),
    ),
    defect(
        "too-long",
        "payload-too-large",
        "ENC-1",
        "16,385 bytes, most of them white space",
        Edit::TooLong,
    ),
    defect("no-type", "missing-type", "ENC-6", "`type` is missing", Edit::Without("type")),
    defect(
        "capital-key",
        "missing-type",
        "ENC-6",
        "`Type` instead of `type`",
        Edit::Key("type", "\"Type\""),
    ),
    defect(
        "type-twice",
        TWICE,
        "ENC-4",
        "`type` twice",
        Edit::Again("type", "\"type\"", b"\"{}\""),
    ),
    defect("type-null", TYPE, "ENC-6", "`type` is null", Edit::Value("type", b"null")),
    defect("type-in-array", TYPE, "ENC-6", "`type` is an array", Edit::Value("type", b"[\"{}\"]")),
    defect("type-capital", UNKNOWN, "", "`type` in uppercase letters", Edit::Upper("type")),
    defect(
        "type-longer",
        UNKNOWN,
        "",
        "`type` with an additional letter",
        Edit::Value("type", b"\"{}x\""),
    ),
    defect(
        "type-space",
        UNKNOWN,
        "",
        "a space at the end of the value of `type`",
        Edit::Value("type", b"\"{} \""),
    ),
];

/// The defects of answers with a task.
pub(super) const OF_TASKS: &[Defect] = &[
    defect(
        "url-line-end",
        JSON,
        "ENC-8",
        "an unescaped line feed in the URL",
        Edit::Value("url", b"\"{}\n\""),
    ),
    defect("url-escape", JSON, "ENC-8", "`\\x41` in the URL", Edit::Value("url", b"\"{}\\x41\"")),
    defect(
        "url-surrogate",
        JSON,
        "ENC-8",
        "half of a surrogate pair in the URL",
        Edit::Value("url", b"\"{}\\ud800\""),
    ),
    defect(
        "url-latin-1",
        "not-utf8",
        "ENC-2",
        "a letter encoded in Latin-1 in the URL",
        Edit::Value("url", b"\"{}\xE9\""),
    ),
    defect("url-twice", TWICE, "ENC-4", "`url` twice", Edit::Again("url", "\"url\"", b"\"{}\"")),
    defect(
        "url-escaped-twice",
        TWICE,
        "ENC-4",
        "`url` again, as \"u\\u0072l\"",
        Edit::Again("url", "\"u\\u0072l\"", b"\"{}\""),
    ),
    defect("no-url", MISSING, "ENC-6", "`url` is missing", Edit::Without("url")),
    defect("url-capital", MISSING, "ENC-6", "`URL` instead of `url`", Edit::Key("url", "\"URL\"")),
    defect("url-null", TYPE, "ENC-6", "`url` is null", Edit::Value("url", b"null")),
    defect("url-in-array", TYPE, "ENC-6", "`url` is an array", Edit::Value("url", b"[\"{}\"]")),
    defect("url-empty", URL, "VAL-4", "`url` is empty", Edit::Value("url", b"\"\"")),
    defect(
        "url-ftp",
        URL,
        "VAL-4",
        "a URL with `ftp` instead of `http`",
        Edit::Each("\"http", "\"ftp"),
    ),
    defect(
        "url-one-slash",
        URL,
        "VAL-4",
        "a URL with one slash after its scheme",
        Edit::Each("://", ":/"),
    ),
    defect(
        "url-space-before",
        URL,
        "VAL-4",
        "a space before the URL",
        Edit::Value("url", b"\" {}\""),
    ),
    defect(
        "url-space-behind",
        URL,
        "VAL-4",
        "a space after the URL",
        Edit::Value("url", b"\"{} \""),
    ),
    defect("no-size", MISSING, "ENC-6", "`size` is missing", Edit::Without("size")),
    defect(
        "size-zero-before",
        JSON,
        "ENC-3",
        "a zero before the digits of `size`",
        Edit::Value("size", b"0{}"),
    ),
    defect("size-nan", JSON, "ENC-3", "`size` is NaN", Edit::Value("size", b"NaN")),
    defect(
        "size-text",
        TYPE,
        "ENC-9",
        "`size` is a string of digits",
        Edit::Value("size", b"\"{}\""),
    ),
    defect("size-fraction", TYPE, "ENC-9", "`size` has a fraction", Edit::Value("size", b"{}.0")),
    defect("size-exponent", TYPE, "ENC-9", "`size` has an exponent", Edit::Value("size", b"{}e0")),
    defect("size-negative", RANGE, "VAL-1", "`size` is negative", Edit::Value("size", b"-{}")),
    defect("size-2-53", RANGE, "VAL-1", "`size` is 2^53", Edit::Value("size", b"9007199254740992")),
    defect(
        "size-2-64",
        RANGE,
        "VAL-1",
        "`size` is 2^64 plus the size of the resource",
        Edit::Value("size", b"18446744073709563616"),
    ),
    defect("no-name", MISSING, "ENC-6", "`name` is missing", Edit::Without("name")),
    defect("name-empty", "invalid-name", "VAL-2", "`name` is empty", Edit::Value("name", b"\"\"")),
    defect(
        "name-control",
        "invalid-name",
        "VAL-2",
        "a tab in `name`",
        Edit::Value("name", b"\"{}\\t\""),
    ),
    // This defect is only a wrong encoding. In a URL, such a letter would be a second defect.
    defect(
        "name-latin-1",
        "not-utf8",
        "ENC-2",
        "a letter encoded in Latin-1 in `name`",
        Edit::Value("name", b"\"{}\xE9\""),
    ),
    defect("name-number", TYPE, "ENC-6", "`name` is a number", Edit::Value("name", b"5")),
    defect(
        "name-twice",
        TWICE,
        "ENC-4",
        "`name` twice",
        Edit::Again("name", "\"name\"", b"\"{}\""),
    ),
    defect("no-md5sum", MISSING, "ENC-6", "`md5sum` is missing", Edit::Without("md5sum")),
    defect(
        "md5sum-masked",
        DIGEST,
        "VAL-3",
        "a masked `md5sum`, as in the vendor's documentation",
        Edit::Value("md5sum", b"\"************\""),
    ),
    defect(
        "md5sum-short",
        DIGEST,
        "VAL-3",
        "only 31 digits in `md5sum`",
        Edit::Shortened("md5sum", b"\"{}\""),
    ),
    defect(
        "md5sum-long",
        DIGEST,
        "VAL-3",
        "33 digits in `md5sum`",
        Edit::Value("md5sum", b"\"{}0\""),
    ),
    defect(
        "md5sum-letter",
        DIGEST,
        "VAL-3",
        "a letter in `md5sum` that is not a hexadecimal digit",
        Edit::Shortened("md5sum", b"\"{}g\""),
    ),
    defect("md5sum-empty", DIGEST, "VAL-3", "`md5sum` is empty", Edit::Value("md5sum", b"\"\"")),
    defect(
        "md5sum-capital",
        DIGEST,
        "VAL-3",
        "`md5sum` in uppercase letters",
        Edit::Upper("md5sum"),
    ),
];

/// The defects of answers to reports.
pub(super) const OF_REPORT_ANSWERS: &[Defect] = &[
    defect("no-code", MISSING, "ENC-6", "`result_code` is missing", Edit::Without("result_code")),
    defect(
        "code-twice",
        TWICE,
        "ENC-4",
        "`result_code` twice",
        Edit::Again("result_code", "\"result_code\"", b"0"),
    ),
    defect(
        "code-text",
        TYPE,
        "ENC-9",
        "`result_code` is a string of digits",
        Edit::Value("result_code", b"\"{}\""),
    ),
    defect(
        "code-fraction",
        TYPE,
        "ENC-9",
        "`result_code` has a fraction",
        Edit::Value("result_code", b"{}.0"),
    ),
    defect(
        "code-exponent",
        TYPE,
        "ENC-9",
        "`result_code` has an exponent",
        Edit::Value("result_code", b"{}e0"),
    ),
    defect(
        "code-null",
        TYPE,
        "ENC-6",
        "`result_code` is null",
        Edit::Value("result_code", b"null"),
    ),
    defect(
        "code-2-31",
        RANGE,
        "VAL-7",
        "`result_code` is 2^31",
        Edit::Value("result_code", b"2147483648"),
    ),
    defect("no-message", MISSING, "ENC-6", "`result_msg` is missing", Edit::Without("result_msg")),
    defect(
        "message-null",
        TYPE,
        "ENC-6",
        "`result_msg` is null",
        Edit::Value("result_msg", b"null"),
    ),
    defect(
        "message-number",
        TYPE,
        "ENC-6",
        "`result_msg` is a number",
        Edit::Value("result_msg", b"5"),
    ),
    defect(
        "message-line-end",
        JSON,
        "ENC-8",
        "an unescaped line feed in `result_msg`",
        Edit::Value("result_msg", b"\"{}\n\""),
    ),
    defect(
        "message-surrogate",
        JSON,
        "ENC-8",
        "half of a surrogate pair in `result_msg`",
        Edit::Value("result_msg", b"\"{}\\ud800\""),
    ),
    defect(
        "message-latin-1",
        "not-utf8",
        "ENC-2",
        "a letter encoded in Latin-1 in `result_msg`",
        Edit::Value("result_msg", b"\"{}\xE9\""),
    ),
];

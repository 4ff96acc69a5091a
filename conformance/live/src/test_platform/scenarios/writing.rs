//! Scenarios that report advice about how the messages of the whole run are written.

use crate::test_platform::scenario::{Row, Script};
use iothub_conformance_suite::Level;

pub(super) const HOW_MESSAGES_ARE_WRITTEN: &[Row] = &[
    Row {
        id: "writing/too-long-for-devices",
        requirements: &["ADV-1"],
        level: Level::Should,
        script: Script::Writing("too-long-for-devices"),
        title: "messages from the platform: at most 2,047 bytes",
        expected: "Each message in the run is at most 2,047 bytes long.",
        reason: "Some deployed devices do not receive longer messages.",
    },
    Row {
        id: "writing/leading-space",
        requirements: &["ADV-2"],
        level: Level::Should,
        script: Script::Writing("leading-space"),
        title: "messages from the platform: `{` as the first byte",
        expected: "The first byte of each message in the run is `{`.",
        reason: "Some deployed devices do not skip all white space at the beginning of a message.",
    },
    Row {
        id: "writing/escaped",
        requirements: &["ADV-3"],
        level: Level::Should,
        script: Script::Writing("escaped"),
        title: "messages from the platform: no `\\/` and no `\\u` in strings",
        expected: "No string in the messages of the run contains `\\/` or `\\u`.",
        reason: "Some deployed devices do not decode these escapes.",
    },
    Row {
        id: "writing/zero-size",
        requirements: &["ADV-4"],
        level: Level::Should,
        script: Script::Writing("zero-size"),
        title: "messages from the platform: downloads that are not empty",
        expected: "No download in the run is empty.",
        reason: "Deployed devices cannot process a size of 0. This rule does not apply to the \
                 answer to a create, which must repeat the size.",
    },
    Row {
        id: "writing/url-for-devices",
        requirements: &["ADV-5"],
        level: Level::Should,
        script: Script::Writing("url-for-devices"),
        title: "messages from the platform: URLs of at most 820 bytes, without a port",
        expected: "Each URL in the run is at most 820 bytes long and contains no port.",
        reason: "Some deployed devices cannot use longer URLs, or URLs with a port.",
    },
    Row {
        id: "writing/odd-response",
        requirements: &["ADV-6"],
        level: Level::Should,
        script: Script::Writing("odd-response"),
        title: "messages from the platform: exactly `ok` with the code 0, and never the code -1",
        expected: "In the run, each response with the code 0 has the text `ok`. No response has \
                   the code -1.",
        reason: "Some deployed devices continue only after `ok`. Others treat -1 as a missing \
                 answer.",
    },
    Row {
        id: "writing/plain-http",
        requirements: &["VAL-4"],
        level: Level::Should,
        script: Script::Writing("plain-http"),
        title: "messages from the platform: `https` URLs",
        expected: "Each URL in the run begins with `https`.",
        reason: "A URL contains a signature. Without TLS, others can read this signature.",
    },
    Row {
        id: "writing/long-url",
        requirements: &["VAL-4"],
        level: Level::Should,
        script: Script::Writing("long-url"),
        title: "messages from the platform: URLs of at most 1,023 bytes",
        expected: "Each URL in the run is at most 1,023 bytes long.",
        reason: "Some deployed devices store a URL in a buffer of 1,024 bytes, including the \
                 terminator.",
    },
    Row {
        id: "writing/unknown-field",
        requirements: &["ENC-5"],
        level: Level::Should,
        script: Script::Writing("unknown-field"),
        title: "messages from the platform: only documented keys",
        expected: "Each message in the run has only documented keys.",
        reason: "Strict implementations reject other keys.",
    },
    Row {
        id: "writing/uppercase-md5sum",
        requirements: &["VAL-3"],
        level: Level::Should,
        script: Script::Writing("uppercase-md5sum"),
        title: "messages from the platform: lowercase digests",
        expected: "Each digest in the run is in lowercase.",
        reason: "According to the documentation of the vendor's C SDK, digests are in lowercase.",
    },
    Row {
        id: "writing/long-name",
        requirements: &["VAL-2"],
        level: Level::Should,
        script: Script::Writing("long-name"),
        title: "messages from the platform: downloads whose name is at most 63 bytes long",
        expected: "The name of each download in the run is at most 63 bytes long.",
        reason: "Some deployed devices store a name in a buffer of 64 bytes, including the \
                 terminator.",
    },
    Row {
        id: "writing/unsafe-name",
        requirements: &["VAL-2"],
        level: Level::Should,
        script: Script::Writing("unsafe-name"),
        title: "messages from the platform: downloads whose name is a valid file name",
        expected: "The name of each download in the run is a valid file name.",
        reason: "Devices may use the name as a file name.",
    },
];

//! Scenarios with payloads that are not valid messages, and with messages on topics other than the
//! up topic of the device.

use crate::test_platform::scenario::{Row, Script};
use iothub_conformance_suite::Level;

/// Returns a scenario with invalid payloads. The part of `id` after `malformed/` is the code of
/// their fault.
const fn malformed(
    id: &'static str,
    requirements: &'static [&'static str],
    title: &'static str,
) -> Row {
    let (_, code) = id.split_at("malformed/".len());
    Row {
        id,
        requirements,
        level: Level::Must,
        script: Script::Malformed(code),
        title,
        expected: "The platform does not answer these payloads. An open upload continues, and a \
                   later upload succeeds.",
        reason: "These payloads come from the fixtures. They are not valid messages, so the \
                 platform must not answer. The published pages describe no rejection except \
                 silence.",
    }
}

pub(super) const ABUSE: &[Row] = &[
    malformed("malformed/payload-too-large", &["ENC-1"], "payloads of more than 16,384 bytes"),
    malformed("malformed/not-utf8", &["ENC-2"], "payloads that are not UTF-8"),
    malformed("malformed/invalid-json", &["ENC-3", "ENC-8"], "payloads that are not JSON"),
    malformed("malformed/not-an-object", &["ENC-3"], "JSON that is not an object"),
    malformed("malformed/duplicate-key", &["ENC-4"], "messages that contain a key twice"),
    malformed("malformed/unknown-field", &["ENC-5"], "messages with a key that is not documented"),
    malformed("malformed/missing-type", &["ENC-6"], "messages without `type`"),
    malformed("malformed/missing-field", &["ENC-6"], "messages that lack a documented key"),
    malformed(
        "malformed/wrong-type",
        &["ENC-6", "ENC-9"],
        "messages with a value of the wrong type",
    ),
    malformed("malformed/unknown-type", &["MSG-1"], "messages of an unknown type"),
    malformed("malformed/wrong-direction", &["TOP-6"], "messages that only the platform may send"),
    malformed(
        "malformed/out-of-range",
        &["VAL-1", "VAL-5", "VAL-7"],
        "messages with a number out of range",
    ),
    malformed("malformed/invalid-name", &["VAL-2"], "messages with an invalid name"),
    malformed("malformed/invalid-md5sum", &["VAL-3"], "messages with an invalid digest"),
    malformed("malformed/invalid-state", &["VAL-6"], "messages with an unknown state"),
    Row {
        id: "topic/malformed",
        requirements: &["TOP-5", "TOP-3", "TOP-4"],
        level: Level::Must,
        script: Script::MalformedTopics,
        title: "creates on topics that resemble the topic of the device",
        expected: "The platform does not answer. A later upload succeeds.",
        reason: "A topic must match the documented form exactly. A broker may end the connection \
                 after a message on an invalid topic.",
    },
    Row {
        id: "topic/other-device",
        requirements: &["TOP-2", "TOP-1"],
        level: Level::Must,
        script: Script::OtherDevice,
        title: "a create on the topic of a different device",
        expected: "No answer arrives on the device's own down topic. A later upload succeeds.",
        reason: "If the platform answers, it must use the down topic of that other device. A \
                 broker may end the connection after such a create.",
    },
    Row {
        id: "topic/own-down",
        requirements: &["TOP-2"],
        level: Level::Should,
        script: Script::OwnDownTopic,
        title: "a progress response on the device's own down topic",
        expected: "The broker does not deliver the message to the device. A later upload succeeds.",
        reason: "Only the platform publishes on the down topic. A device that may publish there \
                 can forge answers. A broker may end the connection of a device that publishes \
                 there.",
    },
];

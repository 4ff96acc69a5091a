//! Scenarios with payloads that are not messages, and with topics of other devices.

use crate::test_platform::scenario::{Row, Script};
use iothub_conformance_suite::Level;

pub(super) const ABUSE: &[Row] = &[
    Row {
        id: "malformed/payload-too-large",
        requirements: &["ENC-1"],
        level: Level::Must,
        script: Script::Malformed("payload-too-large"),
        title: "payloads of more than 16,384 bytes",
        expected: "no answer to any of them; an open upload continues, and another one works \
        afterwards",
        reason: "These are all such payloads of the fixtures. None of them is a message, so the \
        platform owes no answer; the pages show no refusal except silence.",
    },
    Row {
        id: "malformed/not-utf8",
        requirements: &["ENC-2"],
        level: Level::Must,
        script: Script::Malformed("not-utf8"),
        title: "payloads that are not UTF-8",
        expected: "no answer to any of them; an open upload continues, and another one works \
        afterwards",
        reason: "These are all such payloads of the fixtures. None of them is a message, so the \
        platform owes no answer; the pages show no refusal except silence.",
    },
    Row {
        id: "malformed/invalid-json",
        requirements: &["ENC-3", "ENC-8"],
        level: Level::Must,
        script: Script::Malformed("invalid-json"),
        title: "payloads that are not JSON",
        expected: "no answer to any of them; an open upload continues, and another one works \
        afterwards",
        reason: "These are all such payloads of the fixtures. None of them is a message, so the \
        platform owes no answer; the pages show no refusal except silence.",
    },
    Row {
        id: "malformed/not-an-object",
        requirements: &["ENC-3"],
        level: Level::Must,
        script: Script::Malformed("not-an-object"),
        title: "JSON that is not an object",
        expected: "no answer to any of them; an open upload continues, and another one works \
        afterwards",
        reason: "These are all such payloads of the fixtures. None of them is a message, so the \
        platform owes no answer; the pages show no refusal except silence.",
    },
    Row {
        id: "malformed/duplicate-key",
        requirements: &["ENC-4"],
        level: Level::Must,
        script: Script::Malformed("duplicate-key"),
        title: "messages with a key twice",
        expected: "no answer to any of them; an open upload continues, and another one works \
        afterwards",
        reason: "These are all such payloads of the fixtures. None of them is a message, so the \
        platform owes no answer; the pages show no refusal except silence.",
    },
    Row {
        id: "malformed/unknown-field",
        requirements: &["ENC-5"],
        level: Level::Must,
        script: Script::Malformed("unknown-field"),
        title: "messages with a key that is not documented",
        expected: "no answer to any of them; an open upload continues, and another one works \
        afterwards",
        reason: "These are all such payloads of the fixtures. None of them is a message, so the \
        platform owes no answer; the pages show no refusal except silence.",
    },
    Row {
        id: "malformed/missing-type",
        requirements: &["ENC-6"],
        level: Level::Must,
        script: Script::Malformed("missing-type"),
        title: "messages without `type`",
        expected: "no answer to any of them; an open upload continues, and another one works \
        afterwards",
        reason: "These are all such payloads of the fixtures. None of them is a message, so the \
        platform owes no answer; the pages show no refusal except silence.",
    },
    Row {
        id: "malformed/missing-field",
        requirements: &["ENC-6"],
        level: Level::Must,
        script: Script::Malformed("missing-field"),
        title: "messages without a documented key",
        expected: "no answer to any of them; an open upload continues, and another one works \
        afterwards",
        reason: "These are all such payloads of the fixtures. None of them is a message, so the \
        platform owes no answer; the pages show no refusal except silence.",
    },
    Row {
        id: "malformed/wrong-type",
        requirements: &["ENC-6", "ENC-9"],
        level: Level::Must,
        script: Script::Malformed("wrong-type"),
        title: "messages with a value of another type",
        expected: "no answer to any of them; an open upload continues, and another one works \
        afterwards",
        reason: "These are all such payloads of the fixtures. None of them is a message, so the \
        platform owes no answer; the pages show no refusal except silence.",
    },
    Row {
        id: "malformed/unknown-type",
        requirements: &["MSG-1"],
        level: Level::Must,
        script: Script::Malformed("unknown-type"),
        title: "messages of an unknown type",
        expected: "no answer to any of them; an open upload continues, and another one works \
        afterwards",
        reason: "These are all such payloads of the fixtures. None of them is a message, so the \
        platform owes no answer; the pages show no refusal except silence.",
    },
    Row {
        id: "malformed/wrong-direction",
        requirements: &["TOP-6"],
        level: Level::Must,
        script: Script::Malformed("wrong-direction"),
        title: "messages that only the platform sends",
        expected: "no answer to any of them; an open upload continues, and another one works \
        afterwards",
        reason: "These are all such payloads of the fixtures. None of them is a message, so the \
        platform owes no answer; the pages show no refusal except silence.",
    },
    Row {
        id: "malformed/out-of-range",
        requirements: &["VAL-1", "VAL-5", "VAL-7"],
        level: Level::Must,
        script: Script::Malformed("out-of-range"),
        title: "messages with a number out of range",
        expected: "no answer to any of them; an open upload continues, and another one works \
        afterwards",
        reason: "These are all such payloads of the fixtures. None of them is a message, so the \
        platform owes no answer; the pages show no refusal except silence.",
    },
    Row {
        id: "malformed/invalid-name",
        requirements: &["VAL-2"],
        level: Level::Must,
        script: Script::Malformed("invalid-name"),
        title: "messages with an invalid name",
        expected: "no answer to any of them; an open upload continues, and another one works \
        afterwards",
        reason: "These are all such payloads of the fixtures. None of them is a message, so the \
        platform owes no answer; the pages show no refusal except silence.",
    },
    Row {
        id: "malformed/invalid-md5sum",
        requirements: &["VAL-3"],
        level: Level::Must,
        script: Script::Malformed("invalid-md5sum"),
        title: "messages with an invalid digest",
        expected: "no answer to any of them; an open upload continues, and another one works \
        afterwards",
        reason: "These are all such payloads of the fixtures. None of them is a message, so the \
        platform owes no answer; the pages show no refusal except silence.",
    },
    Row {
        id: "malformed/invalid-state",
        requirements: &["VAL-6"],
        level: Level::Must,
        script: Script::Malformed("invalid-state"),
        title: "messages with an unknown state",
        expected: "no answer to any of them; an open upload continues, and another one works \
        afterwards",
        reason: "These are all such payloads of the fixtures. None of them is a message, so the \
        platform owes no answer; the pages show no refusal except silence.",
    },
    Row {
        id: "topic/malformed",
        requirements: &["TOP-5", "TOP-3", "TOP-4"],
        level: Level::Must,
        script: Script::MalformedTopics,
        title: "creates on topics that resemble that of the device",
        expected: "no answer; and an upload works afterwards",
        reason: "A topic that only resembles a resource topic is another topic. A broker may end \
        the connection for it.",
    },
    Row {
        id: "topic/other-device",
        requirements: &["TOP-2", "TOP-1"],
        level: Level::Must,
        script: Script::OtherDevice,
        title: "a create on the topic of another device",
        expected: "no answer on the topic of this device; and an upload works afterwards",
        reason: "The answer to a device goes to its own topic. A broker may end the connection for it.",
    },
    Row {
        id: "topic/own-down",
        requirements: &["TOP-2"],
        level: Level::Should,
        script: Script::OwnDownTopic,
        title: "a progress response on the device's own down topic",
        expected: "the message does not come back; and an upload works afterwards",
        reason: "Only the platform publishes on the down topic. A device that may publish there can forge answers. A broker may end the connection for it.",
    },
];

//! Operations other than reading payloads.

use std::{
    fmt::{Display, Write as _},
    hint::black_box,
};

use iothub_resource::{
    ContentMd5, Md5Sum, Message, Profile, Topic,
    session::{Limits, Observer},
};

use crate::{derived::Tagged, samples::Sample};

const TOPIC: &str = "$resource/down/service/ABCDE12345/building-7_floor-3:camera-12";
const HEX: &str = "5d41402abc4b2a76b9719d911017c592";
const BASE64: &str = "XUFAKrxLKna5cZ2REBfFkg==";

/// An operation to measure, with its name in the output.
pub(crate) struct Other {
    pub(crate) name: &'static str,
    /// Whether the cost of the operation depends on the message.
    pub(crate) of_messages: bool,
    pub(crate) run: fn(&Sample, usize),
}

pub(crate) const ALL: [Other; 9] = [
    Other { name: "encode", of_messages: true, run: encode },
    Other { name: "serde_json::to_vec", of_messages: true, run: to_vec },
    Other { name: "observe", of_messages: true, run: observe },
    Other { name: "topic parse", of_messages: false, run: topic_parse },
    Other { name: "topic format", of_messages: false, run: topic_format },
    Other { name: "digest from hex", of_messages: false, run: from_hex },
    Other { name: "digest to hex", of_messages: false, run: to_hex },
    Other { name: "digest from Base64", of_messages: false, run: from_base64 },
    Other { name: "digest to Base64", of_messages: false, run: to_base64 },
];

fn encode(sample: &Sample, times: usize) {
    let message = sample.message();
    for _ in 0..times {
        black_box(black_box(&message).encode(Profile::Deployed)).expect("it is valid");
    }
}

/// Writes the same message repeatedly, with `serde_json` and the derived enum.
fn to_vec(sample: &Sample, times: usize) {
    let message: Tagged<'_> = serde_json::from_str(&sample.payload).expect("it is valid");
    for _ in 0..times {
        black_box(serde_json::to_vec(black_box(&message))).expect("it can be written");
    }
}

/// Observes the same message repeatedly, with bounded memory.
fn observe(sample: &Sample, times: usize) {
    let message: Message<'_> = sample.message();
    let mut observer = Observer::with_limits(Profile::Deployed, Limits::LONG);
    for at in 0..times {
        let _judged = black_box(observer.observe(at, false, black_box(&message)));
    }
}

fn topic_parse(_: &Sample, times: usize) {
    for _ in 0..times {
        black_box(black_box(TOPIC).parse::<Topic>()).expect("it is ours");
    }
}

fn topic_format(_: &Sample, times: usize) {
    let topic: Topic = TOPIC.parse().expect("it is ours");
    display(topic, times);
}

fn from_hex(_: &Sample, times: usize) {
    for _ in 0..times {
        black_box(Md5Sum::from_hex(black_box(HEX))).expect("it is valid");
    }
}

fn to_hex(_: &Sample, times: usize) {
    let digest = Md5Sum::from_hex(HEX).expect("it is valid");
    display(digest, times);
}

fn from_base64(_: &Sample, times: usize) {
    for _ in 0..times {
        black_box(ContentMd5::from_base64(black_box(BASE64))).expect("it is valid");
    }
}

fn to_base64(_: &Sample, times: usize) {
    let digest = ContentMd5::from(Md5Sum::from_hex(HEX).expect("it is valid"));
    display(digest, times);
}

/// Writes the same value repeatedly into a buffer that is already allocated.
fn display(value: impl Display, times: usize) {
    let mut text = String::with_capacity(100);
    for _ in 0..times {
        text.clear();
        write!(text, "{}", black_box(&value)).expect("there is room");
        black_box(&text);
    }
}

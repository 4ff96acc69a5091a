//! Oracles: functions that take any bytes and panic if a property does not hold.
//!
//! The targets of libFuzzer and AFL++, the property tests and the replay of seeds and regressions
//! only call the oracles. Each oracle is therefore written only once. Stable Rust compiles the
//! oracles.

pub mod adapter;
pub mod capture;
pub mod data;
pub mod decode;
pub mod dictionary;
pub mod digest;
pub mod http;
mod json;
pub mod lenient;
pub mod message;
pub mod mutate;
pub mod random;
pub mod reference;
pub mod seeds;
pub mod server;
pub mod session;
pub mod topic;

/// A fuzz target: an oracle with its seeds and words.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Target {
    /// The name of the binary, the folder of seeds and the dictionary, for example `decode_up`.
    pub name: &'static str,
    /// The property that must hold, in one line.
    pub about: &'static str,
    /// The oracle, which panics if the property does not hold.
    pub run: fn(&[u8]),
    /// The path of the oracle in this crate, for example `decode::up`.
    pub path: &'static str,
    /// The length of the longest input that is worth trying, in bytes.
    pub max_len: usize,
    /// The inputs that a fuzzer starts with.
    pub seeds: fn() -> Vec<seeds::Seed>,
    /// The kinds of words that a fuzzer inserts.
    pub words: &'static [dictionary::Words],
}

macro_rules! targets {
    ($($name:literal: $about:literal;
        $run:path, $max_len:literal, $seeds:path, $words:expr;)*) => {
        &[$(Target {
            name: $name,
            about: $about,
            run: $run,
            path: stringify!($run),
            max_len: $max_len,
            seeds: $seeds,
            words: $words,
        },)*]
    };
}

/// The kinds of words in payloads.
const OF_PAYLOADS: &[dictionary::Words] =
    &[dictionary::vocabulary, dictionary::numbers, dictionary::json];

/// All targets, each with its name, property, oracle, longest input, seeds and words.
pub const TARGETS: &[Target] = targets![
    "decode_up": "no payload of the up topic causes a panic, and a message is the same after encoding and decoding";
    decode::up, 16_400, seeds::up, OF_PAYLOADS;
    "decode_down": "no payload of the down topic causes a panic, and a message is the same after encoding and decoding";
    decode::down, 16_400, seeds::down, OF_PAYLOADS;
    "message": "any message that can be built is the same after encoding and decoding, within the limits";
    message::bytes, 17_000, seeds::messages, &[];
    "lenient": "the decoder and a table of rules over plain JSON agree on every payload";
    lenient::payload, 16_400, seeds::payloads, OF_PAYLOADS;
    "topic": "a naive reader accepts the same topics, and a topic is written as it was read";
    topic::text, 100, seeds::topics, &[dictionary::topics];
    "digest": "naive readers accept the same digests, and data in pieces has the digest of the whole";
    digest::bytes, 1_000, seeds::digests, &[dictionary::digests];
    "http": "naive readers accept the same URLs, byte ranges and values of Content-MD5";
    http::header, 100, seeds::headers, &[dictionary::headers, dictionary::digests];
    "mutate": "fixtures with structured edits have the verdict that follows from the edits";
    mutate::bytes, 64, seeds::edits, &[];
    "adapter_answer": "any line of a testee is read or rejected, as the adapter protocol specifies";
    adapter::answer, 4_096, seeds::answers, &[dictionary::adapter, dictionary::json];
    "adapter_requests": "our own adapter answers every line of any input with one line";
    adapter::requests, 4_096, seeds::requests, &[dictionary::adapter, dictionary::json];
    "capture_lines": "a text capture is read in the same way in any pieces, and no finding shows a URL";
    capture::lines, 4_096, seeds::capture_lines, &[dictionary::captures, dictionary::vocabulary, dictionary::json];
    "capture_packets": "a packet capture is read in the same way in any pieces, and no finding shows a URL";
    capture::packets, 4_096, seeds::capture_packets, &[dictionary::packets, dictionary::vocabulary];
    "observer": "the observer gives each message the verdict of a slow model of the session rules";
    session::observer::bytes, 300, session::observer::seeds, &[];
    "device": "an upload or a download agrees with a model after any events in any order";
    session::device::bytes, 300, session::device::seeds, &[];
    "platform": "the platform agrees with a model after any events and calls in any order";
    session::platform::bytes, 300, session::platform::seeds, &[];
    "channel": "both sides keep the rules and end their tasks, whatever the channel and the store do";
    session::channel::bytes, 300, session::channel::seeds, &[];
    "mqtt_server": "the MQTT endpoint keeps its memory bound and serves others, whatever clients send";
    server::mqtt, 2_048, server::mqtt_seeds, &[dictionary::topics];
    "http_server": "the object store keeps its memory bound and serves others, whatever clients send";
    server::http, 2_048, server::http_seeds, &[dictionary::requests, dictionary::headers];
];

/// Returns the target with this name, or `None` if there is no such target.
#[must_use]
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

//! What must hold for any input, as functions from bytes that panic where it does not.
//!
//! libFuzzer's targets, AFL++'s, the property tests and the replay of seeds and regressions are
//! thin callers of these: an oracle is written once, and compiled by stable Rust.

pub mod decode;
pub mod digest;
mod json;
pub mod lenient;
pub mod message;
pub mod reference;
pub mod topic;

/// One fuzz target: a name and the function that it calls.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Target {
    /// Its name, such as `decode_up`: of the binary, of its seeds, of its dictionary.
    pub name: &'static str,
    /// What must hold, in a line.
    pub about: &'static str,
    /// The oracle.
    pub run: fn(&[u8]),
    /// The longest input that is worth trying, in bytes.
    pub max_len: usize,
}

/// All targets.
pub const TARGETS: &[Target] = &[
    Target {
        name: "decode_up",
        about: "a payload of the up topic: no panic, and what is accepted survives being written",
        run: decode::up,
        max_len: 16_400,
    },
    Target {
        name: "decode_down",
        about: "a payload of the down topic: no panic, and what is accepted survives being written",
        run: decode::down,
        max_len: 16_400,
    },
    Target {
        name: "message",
        about: "any message that can be built is written so that it is read again, within the limits",
        run: message::bytes,
        max_len: 17_000,
    },
    Target {
        name: "lenient",
        about: "the decoder and a table of rules over plain JSON agree on every payload",
        run: lenient::payload,
        max_len: 16_400,
    },
    Target {
        name: "topic",
        about: "topics are those of a naive matcher, and survive being written",
        run: topic::text,
        max_len: 100,
    },
    Target {
        name: "digest",
        about: "hex and Base64 are those of naive readers, and pieces have the digest of the whole",
        run: digest::bytes,
        max_len: 1_000,
    },
];

/// The target of a name.
#[must_use]
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

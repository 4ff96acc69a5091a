//! What a capture shows to be wrong, or better done otherwise.

use std::ops::Range;

use crate::Level;

/// The code of a line that cannot be read.
pub const UNREADABLE: &str = "unreadable";

/// What stands for the requirement where it is not a rule of the protocol that is broken.
pub const NO_REQUIREMENT: &str = "";

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// The line of the capture, from 1; in a capture of packets, the packet.
    pub line: usize,
    /// The topic of the message; empty where there is none.
    pub topic: String,
    /// What is wrong, in a word.
    pub code: &'static str,
    /// MUST is an error, SHOULD a warning.
    pub level: Level,
    /// The rule that is not met.
    pub requirement: &'static str,
    /// What is wrong and what was expected, in a sentence.
    pub sentence: String,
    /// The message, without anything that may be a signature; empty where there is none.
    pub message: String,
    /// What in `message` is meant, where it is not the whole.
    pub mark: Option<Range<usize>>,
}

impl Finding {
    /// The sentence and, on a line of its own, the message.
    #[must_use]
    pub fn detail(&self) -> String {
        let Self { sentence, message, .. } = self;
        if message.is_empty() { sentence.clone() } else { format!("{sentence}\n{message}") }
    }
}

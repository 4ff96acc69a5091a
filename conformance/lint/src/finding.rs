//! The codes of findings that are about the recording.

/// The code of a line or packet that cannot be read.
pub const UNREADABLE: &str = "unreadable";

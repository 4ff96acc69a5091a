//! Captures of real traffic, to findings.
//!
//! [`capture`] reads what was recorded, a line or a packet at a time; a [`Judge`] is told the
//! messages and says what is wrong with them, each alone and all in their order. Neither opens a
//! file, and both stay in bounded memory however much there is.
//!
//! ```
//! use iothub_conformance_lint::{Judge, Options, capture::{Entry, Lines, read_line}};
//!
//! let capture: &[u8] = b"$resource/up/service/P/d {\"type\":\"get_download_tusk\"}\n";
//! let mut judge = Judge::new(Options::default());
//! let mut lines = Lines::new(capture);
//! while let Some(line) = lines.next()? {
//!     let Some(Ok(Entry::Message(record))) = line.bytes.map(read_line) else { continue };
//!     for finding in judge.message(line.number, &record).findings {
//!         assert_eq!((finding.line, &*finding.code, &*finding.requirement), (1, "unknown-type", "MSG-1"));
//!     }
//! }
//! assert_eq!(judge.end(), []);
//! # Ok::<(), std::io::Error>(())
//! ```

pub mod capture;
mod dedup;
mod deployed;
mod devices;
mod finding;
pub mod http;
mod judge;
pub mod mqtt;
mod sequence;
mod wording;

pub use iothub_conformance_suite::result::{Finding, NO_REQUIREMENT};

pub use self::{
    dedup::Heard,
    finding::UNREADABLE,
    judge::{Judge, Judged, Options, Tally},
    sequence::Sequences,
};

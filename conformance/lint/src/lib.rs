//! Finds faults in captures of real traffic.
//!
//! A [`Linter`] judges a whole capture, as the command `lint` does. Below this level, [`capture`]
//! reads one line or packet at a time, and a [`Judge`] checks each message alone and in its
//! session. These types do not open files. They use bounded memory for captures of any size.
//!
//! ```
//! use iothub_conformance_lint::{Linter, Options, capture::Capture};
//!
//! let capture: &[u8] = b"$resource/up/service/P/d {\"type\":\"get_download_tusk\"}\n";
//! let mut findings = Vec::new();
//! let mut linter = Linter::new(Options::default());
//! let capture = Capture::open(capture).expect("it is text");
//! linter.lint(capture, &mut findings).expect("a slice can be read");
//! let [finding] = &*findings else { panic!("{findings:?}") };
//! assert_eq!((finding.line, &*finding.code, &*finding.requirement), (1, "unknown-type", "MSG-1"));
//! ```

pub mod capture;
pub mod check;
mod coverage;
mod dedup;
mod deployed;
mod devices;
mod finding;
pub mod http;
mod issue;
mod judge;
mod linter;
pub mod mqtt;
mod sequence;
mod wording;

pub use iothub_conformance_suite::result::{Finding, NO_REQUIREMENT};

pub use self::{
    dedup::Heard,
    finding::{MQTT, UNREADABLE},
    judge::{Judge, Judged, Options, Tally},
    linter::{Linter, Sink, Stopped},
    sequence::Sequences,
};

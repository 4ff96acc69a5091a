//! Judges one payload by itself and reports every distinguishable fault with its place.
//!
//! Your own tests can check payloads in the same way as the command `check`:
//!
//! ```
//! use iothub_conformance_lint::check::{Checked, Profile};
//!
//! let payload = br#"{"type":"get_download_task"}"#;
//! let checked = Checked::payload(payload);
//! assert!(checked.is_valid(Profile::Deployed), "{checked}");
//!
//! let checked = Checked::payload(br#"{"type":"create_upload_task","size":-1,"name":"a"}"#);
//! let codes: Vec<_> = checked.faults.iter().map(|fault| fault.code).collect();
//! assert_eq!(codes, ["out-of-range", "missing-field"]);
//! ```

mod advice;
mod checked;
mod collect;
mod content_md5;
mod example;
mod expected;
mod fault;
mod form;
mod repaired;
mod show;
mod split;
mod syntax;
mod token;
mod topic;
mod values;

pub use iothub_conformance_suite::{Direction, Level, Profile};

pub use self::{
    checked::Checked,
    content_md5::{CheckedHeader, Digest},
    fault::Fault,
    form::Form,
    show::{Palette, View, show, show_fault, shown_values},
    split::{Found, payloads},
    topic::topic,
};

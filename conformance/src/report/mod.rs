//! One stored result, and what is shown of it.

mod badge;
mod case;
mod compare;
mod console;
mod file;
mod findings;
mod format;
mod groups;
mod html;
mod junit;
mod markdown;
mod marked;
mod matrix;
mod result;
mod sequence;
mod stream;

pub use self::{
    compare::{Change, Comparison, show_comparison},
    console::show_run,
    file::ReportFile,
    findings::{show_finding, show_finding_totals, show_note},
    format::{Format, render},
    marked::Marked,
    result::{StoredCase, StoredFinding, StoredResult, Subject, Tool},
    sequence::{Lane, Sequences, StoredEvent, StoredSession},
    stream::ResultStream,
};

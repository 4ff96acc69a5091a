//! One stored result, and what is shown of it.

mod console;
mod file;
mod findings;
mod result;
mod stream;

pub use self::{
    console::show_run,
    file::ReportFile,
    findings::{show_finding, show_finding_totals, show_note},
    result::{StoredCase, StoredFinding, StoredResult, Subject, Tool},
    stream::ResultStream,
};

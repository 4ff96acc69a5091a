//! Renders stored results as reports.

mod again;
mod badge;
mod compare;
mod console;
mod file;
mod findings;
mod fold;
mod format;
mod github;
mod groups;
mod html;
mod junit;
mod mark;
mod markdown;
mod matrix;
mod sarif;
mod stream;
mod summary;

pub use self::{
    again::show_again,
    compare::{Change, Comparison, show_comparison},
    console::show_run,
    file::ReportFile,
    findings::{show_finding, show_finding_totals, show_note},
    fold::{Fold, Folded, Folds},
    format::{Format, render},
    stream::ResultStream,
};
pub(crate) use self::{github::annotate, mark::Mark, sarif::Sarif};
pub use crate::result::{
    Exercised, Finding, FindingCounts, Invocation, Lane, Marked, Side, StoredCase, StoredEvent,
    StoredResult, StoredSession, Tool,
};
